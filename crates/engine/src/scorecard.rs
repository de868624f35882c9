//! Scorecards: a weighted tree whose leaves score metrics, and what it gives for one subject and period.
//!
//! A [`Scorecard`] is checked once when it is made and holds from then on; results are made from it by `total`, without
//! I/O. Weights are relative to their siblings.

mod check;
mod run;
mod sensitivity;
#[cfg(test)]
mod tests;
mod total;
mod weights;

use std::sync::Arc;

use chrono::NaiveDate;
use manifest::SubjectKind;
pub use run::AllAnswers;
use rust_decimal::Decimal;
pub use sensitivity::{Sensitivity, WeightChange};
pub use store::scorecard::{Grade, Method, Missing};
pub use total::Total;

use crate::cell::Subject;
use crate::outcome::Evaluation;
use crate::parameter::Parameters;
use crate::period::Period;
use crate::scoring::{NoScore, Scoring};

/// A scorecard that passed every check, with the weights that hold on one day.
#[derive(Clone, Debug, PartialEq)]
pub struct Scorecard {
    pub key: Arc<str>,
    pub title: String,
    pub subject_kind: SubjectKind,
    pub missing: Missing,
    /// For `Missing::CarryForward`: how many periods back a score may come from.
    pub carry_periods: u32,
    pub min_coverage: Decimal,
    /// Best first. A grade is earned from its `from` on, unrounded.
    pub grades: Vec<Grade>,
    pub version: u32,
    /// Where the weights come from, and the day from which they hold; none: from the beginning.
    pub method: Method,
    pub weights_from: Option<NaiveDate>,
    /// Each parent directly before its children and theirs, siblings in their order.
    pub nodes: Vec<Node>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    pub key: Arc<str>,
    pub title: String,
    /// Index of the parent; none at the top.
    pub parent: Option<usize>,
    pub weight: Decimal,
    /// None for a node that only holds others.
    pub leaf: Option<Leaf>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Leaf {
    /// Whole key of the metric.
    pub metric: Arc<str>,
    /// Its parameters, where they are not those of the manifest.
    pub parameters: Parameters,
    pub scoring: Scoring,
}

/// What is wrong with a scorecard: a code for programs, where, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {message}", path.join("."))]
pub struct ScorecardFault {
    pub code: ScorecardFaultCode,
    /// From the scorecard down: `["nodes", "0", "scoring", "minmax"]`.
    pub path: Vec<String>,
    pub message: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScorecardFaultCode {
    Empty,
    BadKey,
    BadTitle,
    TooLarge,
    DuplicateKey,
    UnknownParent,
    Cycle,
    UnknownMetric,
    NotApplicable,
    BadParameter,
    LeafWithChildren,
    NeitherLeafNorParent,
    NegativeWeight,
    BadWeight,
    ZeroWeights,
    NoDirection,
    WorstIsBest,
    BadRange,
    NotAscending,
    BadCap,
    BadScoring,
    BadCoverage,
    BadCarryPeriods,
    BadGrades,
    UnknownNode,
    MissingNode,
    AssumptionUnused,
}

/// One scorecard for one subject over one period.
#[derive(Clone, Debug)]
pub struct ScoreRequest {
    pub scorecard: Arc<Scorecard>,
    pub subject: Subject,
    pub period: Period,
    pub what_if: Option<WhatIf>,
}

/// Assumptions by node key, in place of what is kept. Nothing is written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WhatIf {
    pub weights: Vec<(String, Decimal)>,
    pub targets: Vec<(String, Decimal)>,
    pub values: Vec<(String, Decimal)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScoreOutcome {
    Scored,
    /// Less weight has a score than the scorecard asks for: the score is only provisional.
    LowCoverage,
    /// A metric has no value, and the scorecard says that it then has no score.
    Blocked,
    /// Nothing in it has a score.
    NoData,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ScorecardResult {
    pub outcome: ScoreOutcome,
    /// In words, where there is no score.
    pub reason: Option<String>,
    /// At most [`SCALE`] decimals, not rounded for display.
    pub score: Option<Decimal>,
    /// The score as far as it goes, where coverage is too low.
    pub provisional: Option<Decimal>,
    pub grade: Option<String>,
    /// The share of the weight that has a score, 0 to 1.
    pub coverage: Decimal,
    /// As the nodes of the scorecard, in the same order.
    pub nodes: Vec<NodeResult>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct NodeResult {
    /// As given (or assumed), relative to its siblings.
    pub weight: Decimal,
    /// Its share of the whole score, after the missing policy; 0 where it has no part in it.
    pub effective_weight: Decimal,
    pub score: Option<Decimal>,
    /// Its part of the whole score. Those of the top nodes, and those of the leaves, add up to the score exactly.
    pub contribution: Option<Decimal>,
    /// Leaves only. None where a value was assumed.
    pub evaluation: Option<Arc<Evaluation>>,
    /// Leaves only: the value that was scored, read or assumed.
    pub value: Option<Decimal>,
    /// Leaves scored against a target: the target.
    pub target: Option<Decimal>,
    pub no_score: Option<NoScore>,
    /// The earlier period that the score was carried forward from.
    pub carried_from: Option<Period>,
}

/// Decimals of scores and contributions: more than any weight or metric has a use for, few enough that sums are exact.
pub const SCALE: u32 = 20;
