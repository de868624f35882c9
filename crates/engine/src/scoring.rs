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
    #[error("the scoring is not usable: {0}")]
    Invalid(String),
    #[error("the score is beyond 28 digits")]
    Overflow,
}
