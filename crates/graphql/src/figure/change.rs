//! A figure beside others: what it was before, what it should be, and where it stands among its like.

use std::sync::Arc;

use async_graphql::{Enum, SimpleObject};
use engine::{Cause, Cell, Evaluation, Outcome};
use manifest::Direction;
use rust_decimal::prelude::ToPrimitive;

use super::Figure;
use crate::error::Fail;
use crate::request::Requested;
use crate::scalar::{Decimal, PeriodScalar};
use crate::subject::OutcomeName;

/// What a figure is compared with.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// The preceding period of the same length and kind.
    PreviousPeriod,
    /// The same period a year earlier.
    YearAgo,
}

/// Why a metric has no value, more finely than the outcome says.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(name = "Cause", remote = "Cause")]
pub enum CauseName {
    /// No fact to take the value from.
    NoRecords,
    /// The value would be a division by zero.
    ZeroDenominator,
    /// Nothing in the period compared with.
    NoBaseline,
    /// Growth from a negative value says nothing; the absolute change does.
    NegativeBase,
    /// A root, a logarithm or a power that there is none of.
    Undefined,
    /// No target is kept.
    NoTarget,
    /// The target is zero.
    ZeroTarget,
    /// Fewer records than the metric asks for.
    Suppressed,
    /// Fewer records than a metric that is shown over groups only may be shown for.
    SmallGroup,
    /// Targets or figures that overlap in part, so that their sum would count days twice.
    OverlappingSpans,
    /// The facts have no way to this kind of subject, or the metric is not meant for it.
    NotApplicable,
    /// The metric is built on one that is not loaded.
    UnknownMetric,
    /// The metric is built on itself.
    Cycle,
    /// A parameter that the metric does not have, or not with this value.
    BadParameter,
    /// A number beyond 28 digits.
    Overflow,
    /// The pack failed.
    Fault,
}

/// How a figure has changed.
#[derive(SimpleObject, Clone, Debug)]
pub struct Change {
    /// What it is compared with.
    comparison: Comparison,
    /// The period it is compared with.
    period: PeriodScalar,
    /// Now less then, in the unit of the metric (money in units of the currency, durations in seconds); null where one of the two is.
    absolute: Option<Decimal>,
    /// The change as a fraction of the earlier value: 0.25 is 25 % more. Null where the earlier value is missing, zero or negative.
    ratio: Option<Decimal>,
    /// VALUE where there is a ratio; else why there is none.
    outcome: OutcomeName,
    /// The reason in words, where there is no ratio.
    reason: Option<String>,
}

/// A place among subjects.
#[derive(SimpleObject, Clone, Debug, PartialEq, Eq)]
pub struct Rank {
    /// 1 for the best. Equal values share a place.
    pub position: i32,
    /// How many subjects have a value.
    pub of: i32,
}

/// How a figure stands.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(name = "Status", remote = "manifest::Status")]
pub enum StatusName {
    /// As good as it should be: the target is reached, or the value lies in such a band.
    OnTrack,
    /// Not yet bad: within a tenth of the target, or in such a band.
    AtRisk,
    /// Bad: further off the target, or in such a band.
    OffTrack,
}

/// What a figure was held against to see how it stands.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(name = "StatusBasis", remote = "engine::Basis")]
pub enum BasisName {
    /// The target kept for this metric, subject and period.
    Target,
    /// The bands of the metric's definition, where no target is kept.
    Band,
}

/// A target of a metric for one subject and period.
#[derive(SimpleObject, Clone, Debug)]
pub struct Target {
    /// The value to reach, in the unit of the metric (money in units of the currency, durations in seconds).
    value: Decimal,
    /// How much of it is attained: 1 at the target, more where the value is better, by as much of the target as it is. Where lower is
    /// better, 10 % above the target is 0.9. Null where there is no value, no better direction, or a target of zero.
    attainment: Option<Decimal>,
    /// Null where there is no attainment, or where the metric says neither that higher nor that lower is better.
    status: Option<StatusName>,
}

pub async fn changes(figure: &Figure, requested: &Requested, comparisons: &[Comparison]) -> Result<Vec<Change>, Fail> {
    let context = requested.context().await?;
    let cell = |comparison: &Comparison| {
        let period = match comparison {
            Comparison::PreviousPeriod => figure.cell.period.previous(context),
            Comparison::YearAgo => figure.cell.period.year_ago(context),
        };
        Cell { period, ..figure.cell.clone() }
    };
    let mut cells: Vec<Cell> = comparisons.iter().map(cell).collect();
    cells.push(figure.cell.clone());
    let mut evaluations = requested.evaluate_all(&cells).await?;
    let Some(now) = evaluations.pop() else { return Ok(Vec::new()) };
    Ok(comparisons.iter().zip(cells).zip(evaluations).map(|((comparison, cell), then)| change(*comparison, cell, &now, &then)).collect())
}

fn change(comparison: Comparison, cell: Cell, now: &Evaluation, then: &Evaluation) -> Change {
    let absolute = now.value.zip(then.value).and_then(|(now, then)| now.checked_sub(then));
    let (outcome, reason) = match (now.value, then.value) {
        (None, _) => (now.outcome, now.reason.clone()),
        (_, None) => (
            then.outcome,
            Some(format!("{} has no value to compare with: {}", cell.period, then.reason.as_deref().unwrap_or("none is known"))),
        ),
        (_, Some(then)) if then.is_zero() => {
            (Outcome::ZeroDenominator, Some(format!("the value of {} is zero, and no change is a share of it", cell.period)))
        }
        (_, Some(then)) if then.is_sign_negative() => {
            (Outcome::NoData, Some(format!("the value of {} is negative: growth from it says nothing", cell.period)))
        }
        _ => (Outcome::Value, None),
    };
    let ratio = (outcome == Outcome::Value).then(|| absolute.zip(then.value).and_then(|(change, then)| change.checked_div(then))).flatten();
    Change {
        comparison,
        period: PeriodScalar(cell.period),
        absolute: absolute.map(Decimal),
        ratio: ratio.map(Decimal),
        outcome: outcome.into(),
        reason,
    }
}

pub async fn target(figure: &Figure, requested: &Requested) -> Result<Option<Target>, Fail> {
    let Some(target) = requested.target(&figure.cell).await? else { return Ok(None) };
    let evaluation = requested.evaluate(&figure.cell).await?;
    let direction = figure.metric.metric().direction;
    let attainment = evaluation.value.and_then(|value| engine::attainment(value, target, direction).ok());
    let status = evaluation.value.and_then(|value| engine::status(value, target, direction));
    Ok(Some(Target { value: Decimal(target), attainment: attainment.map(Decimal), status: status.map(StatusName::from) }))
}

/// How a figure stands and against what: its target, and where none is kept, the bands of its metric.
pub async fn standing(figure: &Figure, requested: &Requested) -> Result<Option<(StatusName, BasisName)>, Fail> {
    let target = requested.target(&figure.cell).await?;
    let Some(value) = requested.evaluate(&figure.cell).await?.value else { return Ok(None) };
    let standing = engine::standing(figure.metric.metric(), value, target);
    Ok(standing.map(|(status, basis)| (status.into(), basis.into())))
}

/// Where a metric has no better direction, larger values come first.
pub fn rank(own: &Cell, cells: &[Cell], evaluations: &[Arc<Evaluation>], direction: Direction) -> Option<Rank> {
    let values: Vec<_> = evaluations.iter().map(|evaluation| evaluation.value).collect();
    let ranks = engine::rank(&values, direction, engine::Ranking::Competition);
    let at = cells.iter().position(|cell| cell == own)?;
    Some(Rank { position: ranks.positions[at]?.to_i32()?, of: i32::try_from(ranks.of).ok()? })
}
