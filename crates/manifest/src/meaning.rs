//! What a metric is for, beside how it is computed: how it adds up, who may see it, what is good, and what it does to people.

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::json;
use crate::pack::Metric;

/// The four perspectives of the balanced scorecard. A metric's stands in its class code and nowhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Perspective {
    Financial,
    Customer,
    InternalProcess,
    LearningAndGrowth,
}

impl Perspective {
    /// From the end of a class code.
    pub fn from_code(code: &str) -> Option<Perspective> {
        match code {
            "FIN" => Some(Perspective::Financial),
            "CUS" => Some(Perspective::Customer),
            "INT" => Some(Perspective::InternalProcess),
            "LNG" => Some(Perspective::LearningAndGrowth),
            _ => None,
        }
    }
}

/// How the value over a period relates to the values over its parts. It is more than a word: a pack whose metric says what its formula, its
/// inputs or its code do not do is refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Accumulation {
    /// The parts add up: the sales of a year are those of its quarters. It is a sum or difference of counts and sums over the period itself,
    /// or of other flows.
    Flow,
    /// A level at an instant: at the end of a year it is what it is at the end of its last quarter. It is a sum or difference of what is read
    /// at the start, or of what is read at the end, or of other stocks.
    Stock,
    /// Neither: it is computed anew from the inputs of the whole period, and never put together from parts.
    #[default]
    Rate,
}

/// Who may see a value. What is built on a metric that is shown over groups only has no value where that one is not shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Visibility {
    /// Whoever asks gets the value over the records that they may see.
    #[default]
    RowFiltered,
    /// Everybody gets the value over all records, where it is over so many people or customers that none can be told from it.
    OrganisationWide {
        /// The least number of records behind a value that is shown. The input with the most of them decides: a count has as many as it
        /// counts, a distinct count as many as it finds different, a sum, a mean and the like as many as have the field known, another
        /// metric as many as its own inputs; spans (targets, figures that arrive aggregated) have none. With fewer, the value is denied,
        /// with its inputs; and the records behind it are never shown.
        #[schemars(range(min = 3))]
        minimum_group: u32,
    },
}

/// How a value stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// As good as it should be.
    OnTrack,
    /// Not yet bad.
    AtRisk,
    /// Bad.
    OffTrack,
}

/// A range of values, in the metric's unit, and how a value in it stands where no target was set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// How such a value stands.
    pub status: Status,
    /// The least value of the band. The first band has none.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "json::exact_option")]
    #[schemars(with = "json::Exact")]
    pub from: Option<Decimal>,
    /// Where the next band begins, which has this value and the band does not. The last band has none.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "json::exact_option")]
    #[schemars(with = "json::Exact")]
    pub to: Option<Decimal>,
}

impl Metric {
    /// The perspective that its class code ends with.
    pub fn perspective(&self) -> Option<Perspective> {
        self.class.split_once('/').and_then(|(_, code)| Perspective::from_code(code))
    }

    /// How a value, in the metric's unit, stands by its bands; none where it has no bands.
    pub fn band(&self, value: Decimal) -> Option<Status> {
        self.bands.iter().find(|band| band.to.is_none_or(|to| value < to)).map(|band| band.status)
    }
}
