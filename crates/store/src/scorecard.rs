//! Scorecards as they are kept: the tree of nodes, its policies, and the sets of weights with the day each holds from.
//!
//! Whether a scorecard makes sense is the engine's business. This file keeps it whole: a change happens at once or not at all,
//! and never over someone else's change that was not seen.

use chrono::NaiveDate;
use manifest::SubjectKind;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// What happens to a node whose metric has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Missing {
    Renormalise,
    Zero,
    CarryForward,
    Block,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grade {
    /// Lowest score that earns it.
    pub from: Decimal,
    pub grade: String,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ScorecardRecord {
    pub key: String,
    pub title: String,
    pub subject_kind: SubjectKind,
    pub missing: Missing,
    /// For `CarryForward`, and only there: how many periods back a score may come from.
    pub carry_periods: Option<u32>,
    pub min_coverage: Decimal,
    /// Best first.
    pub grades: Vec<Grade>,
    /// Counts changes. 1 for a new one; a replacement states the version that it replaces.
    pub version: u32,
    /// Parents before their children.
    pub nodes: Vec<NodeRecord>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct NodeRecord {
    /// Unique in its scorecard.
    pub key: String,
    /// Key of the parent; none at the top.
    pub parent: Option<String>,
    /// Order among all nodes of the scorecard.
    pub position: u32,
    pub title: String,
    /// Relative to its siblings, in the weight set that holds on the day asked for.
    pub weight: Decimal,
    /// For leaves, the metric and how it is scored; a scorecard's scoring is read by the engine alone.
    pub metric: Option<String>,
    pub scoring: Option<serde_json::Value>,
}

/// Where a set of weights comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Method {
    Manual,
    Delphi,
    Ahp,
    Entropy,
    Combined,
}

/// The weights of a scorecard from a day on, until the next set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeightSet {
    pub method: Method,
    /// None: from the beginning. Every scorecard has such a set.
    pub starts_on: Option<NaiveDate>,
    /// Node key and weight, for every node.
    pub weights: Vec<(String, Decimal)>,
}
