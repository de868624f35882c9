//! What a scorecard gives: score, grade, and every node with its part in them.

use std::sync::Arc;

use async_graphql::{Context, Enum, Object};
use engine::{NodeResult, ScoreOutcome, Scorecard, ScorecardResult};

use super::Asked;
use super::weight::MethodName;
use crate::error::Fail;
use crate::figure::Figure;
use crate::request::Requested;
use crate::scalar::{Date, Decimal, PeriodScalar};
use crate::subject::{OutcomeName, SubjectRef};

/// Whether a scorecard has a score, and if not, why.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(name = "ScoreOutcome", remote = "ScoreOutcome")]
pub enum ScoreOutcomeName {
    /// There is a score.
    Scored,
    /// Less weight has a score than the scorecard asks for: there is only a provisional score.
    LowCoverage,
    /// A metric has no value, and the scorecard says that it then has no score.
    Blocked,
    /// Nothing in it has a score.
    NoData,
}

/// What a scorecard gives for one subject over one period.
pub struct Card(pub Asked);

impl Card {
    async fn result(&self, ctx: &Context<'_>) -> Result<Arc<ScorecardResult>, Fail> {
        Requested::of(ctx).score(&self.0).await
    }
}

/// What a scorecard gives for one subject over one period.
#[Object(name = "ScorecardResult")]
impl Card {
    /// Key of the scorecard.
    async fn key(&self) -> &str {
        &self.0.scorecard.key
    }

    /// Title of the scorecard.
    async fn title(&self) -> &str {
        &self.0.scorecard.title
    }

    /// The subject that is scored.
    async fn subject(&self) -> SubjectRef {
        SubjectRef(self.0.subject)
    }

    /// The period it is scored over.
    async fn period(&self) -> PeriodScalar {
        PeriodScalar(self.0.period)
    }

    /// Where its weights come from. Weights that `whatIf` assumes take the place of some of them.
    async fn method(&self) -> MethodName {
        self.0.scorecard.method.into()
    }

    /// The day from which its weights hold: they are those that hold on the last day of the period. Null: from the beginning.
    async fn weights_from(&self) -> Option<Date> {
        self.0.scorecard.weights_from.map(Date)
    }

    /// The score, 100 where every aim is met exactly; not rounded. Null where there is none.
    async fn score(&self, ctx: &Context<'_>) -> Result<Option<Decimal>, Fail> {
        Ok(self.result(ctx).await?.score.map(Decimal))
    }

    /// The score as far as it goes, where coverage is too low for a score.
    async fn provisional(&self, ctx: &Context<'_>) -> Result<Option<Decimal>, Fail> {
        Ok(self.result(ctx).await?.provisional.map(Decimal))
    }

    /// The grade that the score earns; null without a score, or where the scorecard has no grades.
    async fn grade(&self, ctx: &Context<'_>) -> Result<Option<String>, Fail> {
        Ok(self.result(ctx).await?.grade.clone())
    }

    /// The share of the weight that has a score, 0 to 1.
    async fn coverage(&self, ctx: &Context<'_>) -> Result<Decimal, Fail> {
        Ok(Decimal(self.result(ctx).await?.coverage))
    }

    /// Whether there is a score, and if not, why.
    async fn outcome(&self, ctx: &Context<'_>) -> Result<ScoreOutcomeName, Fail> {
        Ok(self.result(ctx).await?.outcome.into())
    }

    /// The reason in words, where there is no score.
    async fn reason(&self, ctx: &Context<'_>) -> Result<Option<String>, Fail> {
        Ok(self.result(ctx).await?.reason.clone())
    }

    /// The nodes at the top, in their order. Their contributions add up to the score exactly.
    async fn nodes(&self, ctx: &Context<'_>) -> Result<Vec<CardNode>, Fail> {
        Ok(CardNode::below(&self.0, &self.result(ctx).await?, None))
    }
}

/// A node of a scorecard in one result.
pub struct CardNode {
    asked: Asked,
    result: Arc<ScorecardResult>,
    index: usize,
}

impl CardNode {
    fn below(asked: &Asked, result: &Arc<ScorecardResult>, parent: Option<usize>) -> Vec<CardNode> {
        let nodes = asked.scorecard.nodes.iter().enumerate().filter(|(_, node)| node.parent == parent);
        nodes.map(|(index, _)| CardNode { asked: asked.clone(), result: result.clone(), index }).collect()
    }

    fn scorecard(&self) -> &Scorecard {
        &self.asked.scorecard
    }

    fn node(&self) -> &NodeResult {
        &self.result.nodes[self.index]
    }
}

/// A node of a scorecard in one result.
#[Object(name = "ScorecardNodeResult")]
impl CardNode {
    /// Its key, unique in the scorecard.
    async fn key(&self) -> &str {
        &self.scorecard().nodes[self.index].key
    }

    /// Its title.
    async fn title(&self) -> &str {
        &self.scorecard().nodes[self.index].title
    }

    /// Its weight as given (or assumed), relative to its siblings.
    async fn weight(&self) -> Decimal {
        Decimal(self.node().weight)
    }

    /// Its share of the whole score, 0 to 1, after the policy for missing values; 0 where it has no part in it.
    async fn effective_weight(&self) -> Decimal {
        Decimal(self.node().effective_weight)
    }

    /// Its own score; null where it has none.
    async fn score(&self) -> Option<Decimal> {
        self.node().score.map(Decimal)
    }

    /// Its part of the whole score; null where it has none.
    async fn contribution(&self) -> Option<Decimal> {
        self.node().contribution.map(Decimal)
    }

    /// The value that was scored, read or assumed; leaves only. In the metric's unit: money in units of the currency, a metric in days in days.
    async fn value(&self) -> Option<Decimal> {
        self.node().value.map(Decimal)
    }

    /// Whether its metric has a value, and if not, what kind of reason there is; leaves only, and null where a value was assumed.
    async fn outcome(&self) -> Option<OutcomeName> {
        self.node().evaluation.as_ref().map(|evaluation| evaluation.outcome.into())
    }

    /// The target it was scored against; only leaves that are scored against one.
    async fn target(&self) -> Option<Decimal> {
        self.node().target.map(Decimal)
    }

    /// Why it has no score, in words.
    async fn reason(&self) -> Option<String> {
        let node = self.node();
        let no_score = node.no_score.as_ref()?;
        let why = node.evaluation.as_ref().and_then(|evaluation| evaluation.reason.as_deref());
        Some(why.map_or_else(|| no_score.to_string(), |why| format!("{no_score}: {why}")))
    }

    /// The earlier period that its score was carried forward from.
    async fn carried_from(&self) -> Option<PeriodScalar> {
        self.node().carried_from.map(PeriodScalar)
    }

    /// The metric that is scored, for this subject and period; leaves only. Null where no loaded pack has it: `reason` says so.
    async fn metric(&self, ctx: &Context<'_>) -> Result<Option<Figure>, Fail> {
        let Some(leaf) = &self.scorecard().nodes[self.index].leaf else { return Ok(None) };
        let figure = |metric| Figure::new(metric, leaf.parameters.clone(), self.asked.subject, self.asked.period);
        Ok(Requested::of(ctx).packs.metric(&leaf.metric).map(figure))
    }

    /// The nodes below it, in their order.
    async fn children(&self) -> Vec<CardNode> {
        CardNode::below(&self.asked, &self.result, Some(self.index))
    }
}
