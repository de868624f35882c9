//! A pack and its metrics, as they stand in the manifest.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::json;
use crate::meaning::{Accumulation, Band, Visibility};
use crate::measure::{DIVIDED, Measure, Shift};
use crate::source::SubjectKind;

/// A text in several languages, by language tag. English is always there.
pub type Texts = BTreeMap<String, String>;

/// What kind of value a metric has; it decides the GraphQL type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A share or a quotient of like things; 0.63 is 63 %.
    Ratio,
    /// An amount in the currency of the organisation.
    Money,
    /// A number of things.
    Count,
    /// Seconds.
    Duration,
    /// A value on a scale: survey means, points.
    Score,
    /// Any other number.
    Number,
}

impl Kind {
    pub const ALL: [Kind; 6] = [Kind::Ratio, Kind::Money, Kind::Count, Kind::Duration, Kind::Score, Kind::Number];
}

/// Which values are better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Higher is better.
    Up,
    /// Lower is better.
    Down,
    /// Best inside a range.
    Range,
    /// Informational: never scored unless a scorecard says how.
    None,
}

/// A metric pack, as its manifest tells of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pack {
    /// Version of the manifest format; 1.
    #[schemars(range(min = 1, max = 1))]
    pub cp_manifest: u32,
    /// Snake case; the GraphQL field of the pack is its camel case.
    #[schemars(regex(pattern = r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$"), length(max = 64))]
    pub id: String,
    /// Semantic version.
    #[schemars(regex(pattern = r"^[0-9]+\.[0-9]+\.[0-9]+([-+].*)?$"))]
    pub version: String,
    /// What people call it, by language.
    #[schemars(schema_with = "json::texts")]
    pub title: Texts,
    /// Who makes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor: Option<String>,
    /// Where more is said of it: an address that begins with `https://`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^https://."))]
    pub homepage: Option<String>,
    /// On what terms it may be used, such as `MIT`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licence: Option<String>,
    /// Its metrics.
    #[schemars(length(min = 1, max = 200))]
    pub metrics: Vec<Metric>,
}

/// A metric: what it is, what it is computed from, and how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Metric {
    /// Snake case, unique in the pack; the whole key is `pack.key`.
    #[schemars(regex(pattern = r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$"), length(max = 64))]
    pub key: String,
    /// What people call it, by language.
    #[schemars(schema_with = "json::texts")]
    pub title: Texts,
    /// What it tells and over which facts, by language.
    #[schemars(schema_with = "json::texts")]
    pub description: Texts,
    /// What kind of value it has.
    pub kind: Kind,
    /// The unit, from those of its kind: ratio, money, count, seconds, minutes, hours, days, points, score, percentage_points, index.
    #[schemars(schema_with = "json::units")]
    pub unit: String,
    /// Which values are better.
    pub direction: Direction,
    /// Class code by the eight principles and the perspective of the balanced scorecard, such as `NQSR-T/CUS`.
    #[schemars(regex(pattern = r"^[FN][QL][SL][RP][CEB-][ST]/(FIN|CUS|INT|LNG)$"))]
    pub class: String,
    /// Where the definition comes from.
    pub source: String,
    /// Kinds of subject it may be asked of; where empty, all that its inputs reach. The organisation always.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subjects: Vec<SubjectKind>,
    /// What it is computed from.
    #[schemars(length(min = 1, max = 16))]
    pub inputs: Vec<Input>,
    /// How its values come out of the pack's code.
    #[serde(default, skip_serializing_if = "is_default")]
    pub output: Output,
    /// Numbers that whoever asks for the metric may set; each becomes an optional argument of its field.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub parameters: Vec<Parameter>,
    /// The definition, over the names of the inputs and the parameters, in the formula language.
    #[schemars(length(max = 4096))]
    pub formula: String,
    /// Fewer facts than this in the named input, and the value is withheld.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum_sample: Option<MinimumSample>,
    /// Other names that people look for it by, by language. In a pack, a name stands for one metric.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub synonyms: BTreeMap<String, Vec<String>>,
    /// How the value over a period relates to the values over its parts. A flow or a stock is a sum of its inputs.
    #[serde(default, skip_serializing_if = "is_default")]
    pub accumulation: Accumulation,
    /// Who may see a value.
    #[serde(default, skip_serializing_if = "is_default")]
    pub visibility: Visibility,
    /// How values stand where no target was set, from the least value to the greatest, without gaps and by the direction.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 5))]
    pub bands: Vec<Band>,
    /// What the metric is meant to make people do.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    #[schemars(schema_with = "json::texts")]
    pub intended_behaviour: Texts,
    /// What it may make them do instead, and what to watch beside it.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    #[schemars(schema_with = "json::texts")]
    pub side_effect: Texts,
    /// Worked examples. The formula and the pack's code must both come to them when the pack is loaded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100))]
    pub examples: Vec<Example>,
}

/// What a metric comes to for some inputs. An input that is not named is not known; a parameter that is not named is at its
/// default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "json::Example", into = "json::Example")]
pub struct Example {
    pub inputs: BTreeMap<String, Decimal>,
    pub parameters: BTreeMap<String, Decimal>,
    /// None: the metric has no value.
    pub value: Option<Decimal>,
}

/// How many facts a value must rest on to be given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MinimumSample {
    /// The input that counts them.
    pub input: String,
    /// That many.
    #[serde(deserialize_with = "json::exact")]
    #[schemars(with = "json::Exact")]
    pub at_least: Decimal,
}

/// How the values of a metric come out of the code of a pack. A value of money is a decimal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Output {
    /// In which numbers; decimals where nothing is said.
    #[serde(rename = "type")]
    pub number: NumberType,
}

/// A named input of a metric, over the period asked for or one derived from it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "json::Input")]
pub struct Input {
    pub name: String,
    #[serde(flatten)]
    pub need: Need,
    #[serde(default)]
    pub shift: Shift,
    /// In which numbers its column comes to the code of a pack.
    #[serde(rename = "type", default, skip_serializing_if = "is_default")]
    pub number: NumberType,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    Measure(Measure),
    /// The whole key of another metric.
    Metric(String),
}

/// A number that whoever asks for the metric may set: a threshold, a prior, a number of days.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// Snake case, unique among the parameters and inputs of the metric; the argument of its field is its camel case.
    #[schemars(regex(pattern = r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$"), length(max = 64))]
    pub name: String,
    /// What people call it, by language.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    #[schemars(schema_with = "json::texts")]
    pub title: Texts,
    /// What it changes, by language.
    #[schemars(schema_with = "json::texts")]
    pub description: Texts,
    /// Which numbers it can be.
    #[serde(rename = "type")]
    pub number: NumberType,
    /// What it is counted in: a unit of metrics. A duration is compared with a parameter of seconds, minutes, hours or days, money with one of
    /// money. In the formula it is the number as it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "json::units")]
    pub unit: Option<String>,
    /// What it is where nobody sets it.
    #[serde(serialize_with = "rust_decimal::serde::str::serialize", deserialize_with = "json::exact")]
    #[schemars(with = "json::Exact")]
    pub default: Decimal,
    /// The least it may be.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "json::exact_option")]
    #[schemars(with = "json::Exact")]
    pub min: Option<Decimal>,
    /// The most it may be.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "json::exact_option")]
    #[schemars(with = "json::Exact")]
    pub max: Option<Decimal>,
}

/// Which numbers a parameter can be, and in which ones values cross the border to the code of a pack.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NumberType {
    /// Whole numbers: of 64 bits in a column, of 32 bits as a parameter, which is what GraphQL's `Int` holds.
    Integer,
    /// Exact decimals.
    #[default]
    Decimal,
    /// Exact decimals for people, and the nearest double for the code of a pack.
    Float,
}

impl NumberType {
    /// The word in a manifest.
    pub fn name(self) -> &'static str {
        match self {
            NumberType::Integer => "integer",
            NumberType::Decimal => "decimal",
            NumberType::Float => "float",
        }
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

fn unit_size(unit: &str) -> Decimal {
    match unit {
        "minutes" => Decimal::from(60),
        "hours" => Decimal::from(3_600),
        "days" => Decimal::from(86_400),
        _ => Decimal::ONE,
    }
}

impl Parameter {
    /// A value of it in the unit that fields are compared in: seconds for what is given in days. Beyond all numbers, the last of them.
    pub fn in_fields(&self, value: Decimal) -> Decimal {
        let last = if value.is_sign_negative() { Decimal::MIN } else { Decimal::MAX };
        value.checked_mul(self.unit.as_deref().map_or(Decimal::ONE, unit_size)).unwrap_or(last)
    }

    /// What is wrong with a value for it, if anything.
    pub fn fault_of(&self, value: Decimal) -> Option<String> {
        let shown = value.normalize();
        if self.number == NumberType::Integer && (!value.is_integer() || value.to_i32().is_none()) {
            return Some(format!("`{}` is a whole number of 32 bits, and {shown} is none", self.name));
        }
        match (self.min, self.max) {
            (Some(min), _) if value < min => Some(format!("`{}` is at least {}, and {shown} is less", self.name, min.normalize())),
            (_, Some(max)) if value > max => Some(format!("`{}` is at most {}, and {shown} is more", self.name, max.normalize())),
            _ => None,
        }
    }
}

impl Metric {
    /// The settings of an example, in the order of the parameters.
    pub fn settings(&self, example: &Example) -> Vec<Decimal> {
        let set = |parameter: &Parameter| example.parameters.get(&parameter.name).copied().unwrap_or(parameter.default);
        self.parameters.iter().map(set).collect()
    }

    /// Its parameters as they are where nobody sets them.
    pub fn defaults(&self) -> Vec<Decimal> {
        self.parameters.iter().map(|parameter| parameter.default).collect()
    }

    /// How many of what values are computed in make one of the metric's unit: 86,400 seconds a day. What people state about a metric
    /// (scorings, targets, assumptions) is in its unit.
    pub fn unit_size(&self) -> Decimal {
        unit_size(&self.unit)
    }

    /// A measure of one of its inputs, with the values of parameters, which come in their order, in the place of their names.
    pub fn measure(&self, measure: &Measure, values: &[Decimal]) -> Measure {
        measure.clone().set(&|name| {
            let (parameter, value) = self.parameters.iter().zip(values).find(|(parameter, _)| parameter.name == name)?;
            Some(parameter.in_fields(*value))
        })
    }
}

impl Input {
    /// Whether its filter compares with a parameter.
    pub fn is_filtered_by(&self, parameter: &str) -> bool {
        matches!(&self.need, Need::Measure(measure) if measure.parameters().any(|(_, name)| name == parameter))
    }

    /// How many decimal places a column of this input has: as many as its values can have, so that none is rounded but what
    /// was divided.
    pub fn scale(&self) -> u32 {
        match &self.need {
            Need::Metric(_) => DIVIDED,
            Need::Measure(measure) => measure.scale(),
        }
    }
}
