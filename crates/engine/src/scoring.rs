//! How a metric's value becomes a score, which is 100 where the aim is met.
//!
//! Pure arithmetic on exact decimals (28 digits); a score is never rounded here. Whatever cannot be scored gives a [`NoScore`]
//! that says why, and never a silent 0.

use manifest::Direction;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// As it stands in the database and, in other letters, in GraphQL: `{"minmax": {"worst": "0.4", "best": "0.8"}}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Scoring {
    /// 100 at the target, more or less by as much of the target as the value is beyond or short of it, from 0 to `cap`.
    /// Without a `value`, the target is the one kept for the metric, the subject and the period (kind METRIC, nothing else).
    Target {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        value: Option<Decimal>,
        #[serde(default = "cap")]
        cap: Decimal,
    },
    /// 0 at `worst`, 100 at `best`, in proportion between them. Which of the two is larger says the direction.
    Minmax { worst: Decimal, best: Decimal },
    /// 100 from `low` to `high`, falling to 0 at the distance `tolerance` outside.
    Range { low: Decimal, high: Decimal, tolerance: Decimal },
    /// Straight lines between points; before the first and after the last, their scores.
    Points(Vec<Point>),
    /// The score of the last band that begins at or below the value; 0 below the first.
    Bands(Vec<Band>),
    /// 100 for the best among all subjects of the scorecard's kind that have a value, 0 for the worst.
    Percentile,
    /// A rating on a scale: 0 at `min`, 100 at `max`.
    Scale { min: Decimal, max: Decimal },
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Point {
    pub at: Decimal,
    pub score: Decimal,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Band {
    pub from: Decimal,
    pub score: Decimal,
}

/// The most that `Target` gives where a scorecard says nothing.
pub const CAP: Decimal = Decimal::from_parts(120, 0, 0, false, 0);

fn cap() -> Decimal {
    CAP
}

/// What a value is held against, beside the scoring itself.
#[derive(Clone, Copy, Debug)]
pub struct Against<'a> {
    /// Of the metric. Only `Target` and `Percentile` ask for it.
    pub direction: Direction,
    /// The target kept, or assumed; it goes before the scoring's own.
    pub target: Option<Decimal>,
    /// The values of the other subjects, for `Percentile`.
    pub others: &'a [Decimal],
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoScore {
    #[error("the metric has no value")]
    NoValue,
    #[error("no target of kind METRIC is kept for this metric, subject and period")]
    NoTarget,
    #[error("the target is zero, and higher is better: no value is a share of it")]
    ZeroTarget,
    #[error("the metric says neither that higher nor that lower is better")]
    NoDirection,
    #[error("there are fewer than two subjects with a value to compare")]
    NoPeers,
    #[error("worst and best are the same, or points or a scale have no extent: there is nothing to compare with")]
    NoExtent,
    #[error("the score is beyond 28 digits")]
    Overflow,
}

const HUNDRED: Decimal = Decimal::ONE_HUNDRED;

impl Scoring {
    pub fn score(&self, value: Decimal, against: Against<'_>) -> Result<Decimal, NoScore> {
        match self {
            Scoring::Target { value: own, cap } => {
                let target = against.target.or(*own).ok_or(NoScore::NoTarget)?;
                of_target(value, target, upwards(against.direction)?, *cap)
            }
            Scoring::Minmax { worst, best } => share(value, *worst, *best).map(clamped),
            Scoring::Range { low, high, tolerance } => in_range(value, *low, *high, *tolerance),
            Scoring::Points(points) => on_points(value, points),
            Scoring::Bands(bands) => Ok(bands.iter().rev().find(|band| band.from <= value).map_or(Decimal::ZERO, |band| band.score)),
            Scoring::Percentile => of_peers(value, upwards(against.direction)?, against.others),
            Scoring::Scale { min, max } => share(value, *min, *max).map(clamped),
        }
    }

    /// Whether the target kept in the store is asked for.
    pub(crate) fn asks_target(&self) -> bool {
        matches!(self, Scoring::Target { value: None, .. })
    }

    /// Whether it can only be used with a metric that says which direction is better.
    pub(crate) fn asks_direction(&self) -> bool {
        matches!(self, Scoring::Target { .. } | Scoring::Percentile)
    }
}

pub(crate) fn upwards(direction: Direction) -> Result<bool, NoScore> {
    match direction {
        Direction::Up => Ok(true),
        Direction::Down => Ok(false),
        Direction::Range | Direction::None => Err(NoScore::NoDirection),
    }
}

fn of_target(value: Decimal, target: Decimal, upwards: bool, cap: Decimal) -> Result<Decimal, NoScore> {
    let score = attained(value, target, upwards)?.checked_mul(HUNDRED).ok_or(NoScore::Overflow)?;
    Ok(score.clamp(Decimal::ZERO, cap))
}

/// How much of a target is attained: 1 at the target. Measured by the target's size and not its sign, so that a loss smaller
/// than planned is better than planned.
pub(crate) fn attained(value: Decimal, target: Decimal, upwards: bool) -> Result<Decimal, NoScore> {
    if target.is_zero() {
        return match upwards {
            true => Err(NoScore::ZeroTarget),
            false if value <= Decimal::ZERO => Ok(Decimal::ONE),
            false => Ok(Decimal::ZERO),
        };
    }
    let ahead = if upwards { value.checked_sub(target) } else { target.checked_sub(value) };
    ahead.and_then(|ahead| ahead.checked_div(target.abs())?.checked_add(Decimal::ONE)).ok_or(NoScore::Overflow)
}

/// 0 at one end, 100 at the other, and on beyond them.
fn share(value: Decimal, zero: Decimal, hundred: Decimal) -> Result<Decimal, NoScore> {
    if zero == hundred {
        return Err(NoScore::NoExtent);
    }
    let along = || value.checked_sub(zero)?.checked_mul(HUNDRED)?.checked_div(hundred.checked_sub(zero)?);
    along().ok_or(NoScore::Overflow)
}

fn clamped(score: Decimal) -> Decimal {
    score.clamp(Decimal::ZERO, HUNDRED)
}

fn in_range(value: Decimal, low: Decimal, high: Decimal, tolerance: Decimal) -> Result<Decimal, NoScore> {
    let outside = if value < low { low.checked_sub(value) } else { value.checked_sub(high) }.ok_or(NoScore::Overflow)?;
    if outside <= Decimal::ZERO {
        return Ok(HUNDRED);
    }
    if tolerance.is_zero() {
        return Ok(Decimal::ZERO);
    }
    share(outside, tolerance, Decimal::ZERO).map(clamped)
}

fn on_points(value: Decimal, points: &[Point]) -> Result<Decimal, NoScore> {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return Err(NoScore::NoExtent) };
    if value <= first.at {
        return Ok(first.score);
    }
    let Some(after) = points.iter().position(|point| point.at >= value) else { return Ok(last.score) };
    let (from, to) = (points[after - 1], points[after]);
    let between = || {
        let rise = to.score.checked_sub(from.score)?.checked_mul(value.checked_sub(from.at)?)?;
        from.score.checked_add(rise.checked_div(to.at.checked_sub(from.at)?)?)
    };
    between().ok_or(NoScore::Overflow)
}

fn of_peers(value: Decimal, upwards: bool, others: &[Decimal]) -> Result<Decimal, NoScore> {
    if others.is_empty() {
        return Err(NoScore::NoPeers);
    }
    let better = others.iter().filter(|&&other| if upwards { other > value } else { other < value }).count();
    Ok(HUNDRED - HUNDRED * Decimal::from(better) / Decimal::from(others.len()))
}
