//! Scorecards: what one gives for a subject over a period, how it is defined, and how it is changed.
//!
//! Results of all subjects and periods of an operation are computed together. Weights are those that hold on the last day of the
//! period asked for.

mod definition;
mod mutation;
mod result;
mod weight;

use std::sync::Arc;

use async_graphql::{InputObject, SimpleObject};
use chrono::Days;
use engine::{Period, Scorecard, Subject, WhatIf};

use crate::error::Fail;
use crate::request::Requested;
use crate::scalar::Decimal;

pub use definition::{Definition, DefinitionNode};
pub use mutation::ScorecardMutation;
pub use result::Card;

/// An assumption about one node.
#[derive(InputObject, Clone, Debug)]
pub struct Assumption {
    /// Key of the node.
    node: String,
    /// What is assumed.
    value: Decimal,
}

/// Other weights, targets or values to reckon with, in place of those that are kept. Nothing is written.
#[derive(InputObject, Clone, Debug)]
#[graphql(name = "WhatIf")]
pub struct WhatIfInput {
    /// Weights of nodes, relative to their siblings.
    #[graphql(default)]
    weights: Vec<Assumption>,
    /// Targets of leaves that are scored against one.
    #[graphql(default)]
    targets: Vec<Assumption>,
    /// Values of leaves.
    #[graphql(default)]
    values: Vec<Assumption>,
}

impl From<WhatIfInput> for WhatIf {
    fn from(input: WhatIfInput) -> WhatIf {
        let pairs =
            |assumptions: Vec<Assumption>| assumptions.into_iter().map(|assumption| (assumption.node, assumption.value.0)).collect();
        WhatIf { weights: pairs(input.weights), targets: pairs(input.targets), values: pairs(input.values) }
    }
}

/// A range of scores with a name.
#[derive(SimpleObject, InputObject, Clone, Debug)]
#[graphql(name = "Grade", input_name = "GradeInput")]
pub struct Grade {
    /// The lowest score that earns it, not rounded.
    pub from: Decimal,
    /// Its name.
    pub grade: String,
}

/// Everything that decides a result.
#[derive(Clone, Debug)]
pub struct Asked {
    pub scorecard: Arc<Scorecard>,
    pub subject: Subject,
    pub period: Period,
    pub what_if: Option<Arc<WhatIf>>,
}

impl PartialEq for Asked {
    fn eq(&self, other: &Asked) -> bool {
        let same = |asked: &Asked| (asked.subject, asked.period, asked.what_if.clone());
        same(self) == same(other) && (Arc::ptr_eq(&self.scorecard, &other.scorecard) || self.scorecard == other.scorecard)
    }
}

impl Eq for Asked {}

impl std::hash::Hash for Asked {
    /// Decimals of assumptions and weights are left to equality.
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (&self.scorecard.key, self.subject, self.period).hash(state);
    }
}

/// What a scorecard gives for a subject. Nothing is computed until a field asks.
pub async fn card(requested: &Requested, subject: Subject, key: &str, period: Period, what_if: Option<WhatIfInput>) -> Result<Card, Fail> {
    let context = requested.context().await?;
    period.check(context).map_err(|error| Fail::input(error.to_string()))?;
    let (_, end) = period.days(context);
    let scorecard = requested.scorecard(key, end - Days::new(1)).await?;
    if scorecard.subject_kind != subject.kind {
        let (wanted, found) = (scorecard.subject_kind.name(), subject.kind.name());
        return Err(Fail::input(format!("the scorecard `{key}` is for subjects of kind {wanted}, and this one is of kind {found}")));
    }
    Ok(Card(Asked { scorecard, subject, period, what_if: what_if.map(|what_if| Arc::new(what_if.into())) }))
}
