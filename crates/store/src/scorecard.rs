//! Scorecards as they are kept: the tree of nodes, its policies, and the sets of weights with the day each holds from.
//!
//! Whether a scorecard makes sense is the engine's business. This file keeps it whole: a change happens at once or not at all,
//! and never over someone else's change that was not seen.

mod read;
mod write;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use manifest::SubjectKind;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::Error;

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
    /// Where the nodes' weights come from, and the day from which they hold; none: from the beginning.
    pub method: Method,
    pub weights_from: Option<NaiveDate>,
    /// In the order of their positions.
    pub nodes: Vec<NodeRecord>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct NodeRecord {
    /// Unique in its scorecard.
    pub key: String,
    /// Key of the parent; none at the top.
    pub parent: Option<String>,
    /// Order among its siblings at least; best among all nodes.
    pub position: u32,
    pub title: String,
    /// Relative to its siblings, in the weight set that holds on the day asked for.
    pub weight: Decimal,
    /// For leaves, the metric and how it is scored; a scorecard's scoring is read by the engine alone.
    pub metric: Option<String>,
    /// Values of the metric's parameters by name; what is not named stands at the metric's default.
    pub parameters: BTreeMap<String, Decimal>,
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

/// Why a change was not made. Nothing of it was.
#[derive(Debug, thiserror::Error)]
pub enum ScorecardError {
    #[error("there is a scorecard `{key}` already; replace it, or choose another key")]
    Exists { key: String },
    #[error("there is no scorecard `{key}`")]
    Unknown { key: String },
    #[error("the scorecard `{key}` was changed meanwhile: this change is of version {expected}, it is at {found}. Read it again")]
    Changed { key: String, expected: u32, found: u32 },
    #[error("the node `{node}` cannot be kept: {reason}")]
    Node { node: String, reason: String },
    #[error("the weights that hold {} cannot be kept: {reason}", from(.starts_on))]
    Weights { starts_on: Option<NaiveDate>, reason: String },
    #[error(transparent)]
    Store(#[from] Error),
}

fn from(starts_on: &Option<NaiveDate>) -> String {
    starts_on.map_or_else(|| "from the beginning".into(), |day| format!("from {day}"))
}

impl Missing {
    pub fn name(self) -> &'static str {
        match self {
            Missing::Renormalise => "RENORMALISE",
            Missing::Zero => "ZERO",
            Missing::CarryForward => "CARRY_FORWARD",
            Missing::Block => "BLOCK",
        }
    }

    pub fn from_name(name: &str) -> Option<Missing> {
        [Missing::Renormalise, Missing::Zero, Missing::CarryForward, Missing::Block].into_iter().find(|missing| missing.name() == name)
    }
}

impl Method {
    pub fn name(self) -> &'static str {
        match self {
            Method::Manual => "MANUAL",
            Method::Delphi => "DELPHI",
            Method::Ahp => "AHP",
            Method::Entropy => "ENTROPY",
            Method::Combined => "COMBINED",
        }
    }

    pub fn from_name(name: &str) -> Option<Method> {
        let all = [Method::Manual, Method::Delphi, Method::Ahp, Method::Entropy, Method::Combined];
        all.into_iter().find(|method| method.name() == name)
    }
}
