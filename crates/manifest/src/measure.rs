//! One aggregate over one source: the only way a metric reaches facts.
//!
//! A measure is data, never SQL text. Two inputs of two packs that ask for the same thing compare equal here, and are then read once.

use std::collections::BTreeMap;
use std::fmt;

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::source::{FieldType, Shape, Source};
use crate::{formula, json};

/// Decimal places of what was divided: means, percentiles, and metrics that are inputs of others.
pub const DIVIDED: u32 = 12;

/// How facts become one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Aggregate {
    /// Number of facts. 0 where there are none.
    Count,
    /// Sum of a field over the facts where it is known. 0 where there are no facts; for spans, null where there is none.
    Sum,
    /// Mean of a field over the facts where it is known. Null where there are none.
    Avg,
    /// The least value. Null where there are none.
    Min,
    /// The greatest value. Null where there are none.
    Max,
    /// Number of different records behind a reference field, optionally only those with `at_least` facts. 0 where there are none.
    Distinct,
    /// The value in the middle. Null where there are none.
    Median,
    /// 75th percentile, linearly interpolated (type 7).
    P75,
    /// 90th percentile, linearly interpolated (type 7).
    P90,
}

impl Aggregate {
    /// Whether the value over a period can be put together from values over its parts.
    pub fn merges(self) -> bool {
        matches!(self, Aggregate::Count | Aggregate::Sum | Aggregate::Avg | Aggregate::Min | Aggregate::Max)
    }

    pub fn name(self) -> &'static str {
        match self {
            Aggregate::Count => "count",
            Aggregate::Sum => "sum",
            Aggregate::Avg => "avg",
            Aggregate::Min => "min",
            Aggregate::Max => "max",
            Aggregate::Distinct => "distinct",
            Aggregate::Median => "median",
            Aggregate::P75 => "p75",
            Aggregate::P90 => "p90",
        }
    }
}

/// Which period an input is read over, seen from the period asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Shift {
    /// The period asked for.
    #[default]
    This,
    /// The preceding period of the same length and kind.
    Prev,
    /// The same period a year earlier.
    Yoy,
    /// The stock at the first instant of the period.
    Start,
    /// The stock at the end of the period.
    End,
}

/// A value that a field is compared with. In JSON a number may also stand as a string, which keeps it exact; the type of the
/// field decides which of the two is meant.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(untagged)]
pub enum Literal {
    Bool(bool),
    Number(#[serde(serialize_with = "json::shortest")] Decimal),
    Text(String),
}

/// A condition on one field. A field that is unknown never meets a condition, except `known: false`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(untagged)]
pub enum Filter {
    Is(Literal),
    OneOf(Vec<Literal>),
    Compare(Comparison),
}

/// A number that a field is compared with: one that stands in the manifest, or the value of a parameter of the metric.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Bound {
    Number(Decimal),
    /// By the parameter's name. Whoever asks for the metric sets it, in the parameter's unit.
    Parameter(String),
}

/// Bounds of a number, or whether a field is known at all. All that are given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// More than this.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "json::some")]
    #[schemars(with = "Bound")]
    pub gt: Option<Bound>,
    /// This or more.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "json::some")]
    #[schemars(with = "Bound")]
    pub gte: Option<Bound>,
    /// Less than this.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "json::some")]
    #[schemars(with = "Bound")]
    pub lt: Option<Bound>,
    /// This or less.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "json::some")]
    #[schemars(with = "Bound")]
    pub lte: Option<Bound>,
    /// Whether the field has a value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known: Option<bool>,
}

/// One aggregate over one source, with a filter and a time column.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Measure {
    /// How the facts become one value.
    pub agg: Aggregate,
    /// The stream of facts.
    pub source: Source,
    /// The field aggregated; none for `count`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// The time column; the source's first where none is named. Not for spans and stocks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// Conditions that a fact must meet to count, by field.
    #[serde(default, rename = "where", skip_serializing_if = "BTreeMap::is_empty")]
    pub filter: BTreeMap<String, Filter>,
    /// For `distinct`: only records with at least so many facts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<u32>,
}

impl Comparison {
    fn bounds(&self) -> impl Iterator<Item = &Bound> {
        [&self.gt, &self.gte, &self.lt, &self.lte].into_iter().flatten()
    }

    fn bounds_mut(&mut self) -> impl Iterator<Item = &mut Bound> {
        [&mut self.gt, &mut self.gte, &mut self.lt, &mut self.lte].into_iter().flatten()
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Bound::Number(number) => write!(f, "{number}"),
            Bound::Parameter(name) => f.write_str(name),
        }
    }
}

impl Measure {
    /// The time column, named or by default. None for spans.
    pub fn time(&self) -> Option<&str> {
        self.time.as_deref().or_else(|| self.source.description().times.first().copied())
    }

    /// Numbers that stand as texts beside a field of numbers become numbers.
    pub(crate) fn settle(&mut self) {
        for (name, filter) in &mut self.filter {
            let numeric = matches!(
                self.source.field(name).map(|field| field.field_type),
                Some(FieldType::Money | FieldType::Number | FieldType::Duration)
            );
            let literals = match filter {
                Filter::Is(literal) => std::slice::from_mut(literal),
                Filter::OneOf(literals) => literals.as_mut_slice(),
                Filter::Compare(_) => continue,
            };
            for literal in literals.iter_mut().filter(|_| numeric) {
                if let Literal::Text(text) = literal
                    && let Some(number) = formula::exact(text)
                {
                    *literal = Literal::Number(number);
                }
            }
        }
    }

    /// The type of the value: that of the field for most aggregates, a plain number for counts.
    pub fn value_type(&self) -> FieldType {
        match (self.agg, &self.of) {
            (Aggregate::Count | Aggregate::Distinct, _) | (_, None) => FieldType::Number,
            (_, Some(of)) => self.source.field(of).map_or(FieldType::Number, |field| field.field_type),
        }
    }

    /// How many decimal places its values can have, so that none is rounded but what was divided (means, percentiles).
    pub fn scale(&self) -> u32 {
        match (self.agg, self.value_type()) {
            (Aggregate::Count | Aggregate::Distinct, _) => 0,
            (Aggregate::Avg | Aggregate::Median | Aggregate::P75 | Aggregate::P90, _) => DIVIDED,
            (_, FieldType::Duration) => 6,
            _ => 4,
        }
    }

    /// The fields that its filter compares with a parameter, each with the parameter's name.
    pub fn parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        self.filter.iter().flat_map(|(field, filter)| {
            let comparison = if let Filter::Compare(comparison) = filter { Some(comparison) } else { None };
            let bounds = comparison.into_iter().flat_map(Comparison::bounds);
            bounds.filter_map(|bound| if let Bound::Parameter(name) = bound { Some((field.as_str(), name.as_str())) } else { None })
        })
    }

    /// The measure with numbers in place of the parameters that `value` knows, in the units of the fields.
    pub fn set(mut self, value: &dyn Fn(&str) -> Option<Decimal>) -> Measure {
        let comparisons =
            self.filter.values_mut().filter_map(|filter| if let Filter::Compare(comparison) = filter { Some(comparison) } else { None });
        for bound in comparisons.flat_map(Comparison::bounds_mut) {
            if let Bound::Parameter(name) = bound
                && let Some(number) = value(name)
            {
                *bound = Bound::Number(number.normalize());
            }
        }
        self
    }

    /// What is wrong with it, if anything, in words that name the part at fault.
    pub fn fault(&self, shift: Shift) -> Option<String> {
        let about = self.source.description();
        if let Some(fault) = self.fault_of_field().or_else(|| self.fault_of_time(shift)) {
            return Some(fault);
        }
        if self.at_least.is_some() && self.agg != Aggregate::Distinct {
            return Some(format!("`at_least` is for `distinct`, not for `{}`", self.agg.name()));
        }
        if about.shape == Shape::Span && self.agg != Aggregate::Sum {
            return Some(format!("`{}` holds spans, of which only `sum` is taken, not `{}`", about.name, self.agg.name()));
        }
        if let (Aggregate::Median | Aggregate::P75 | Aggregate::P90, Some((_, parameter))) = (self.agg, self.parameters().next()) {
            return Some(format!(
                "the filter of a `{}` cannot name the parameter `{parameter}`: percentiles under different filters are not read together",
                self.agg.name()
            ));
        }
        self.filter.iter().find_map(|(name, filter)| self.fault_of_filter(name, filter))
    }

    fn fault_of_field(&self) -> Option<String> {
        let about = self.source.description();
        let names = || about.fields.iter().map(|field| field.name).collect::<Vec<_>>().join(", ");
        match (self.agg, &self.of) {
            (Aggregate::Count, None) => None,
            (Aggregate::Count, Some(of)) => Some(format!("`count` counts facts and takes no field, but `of` is `{of}`")),
            (agg, None) => Some(format!("`{}` needs a field in `of`; `{}` has {}", agg.name(), about.name, names())),
            (agg, Some(of)) => match self.source.field(of).map(|field| field.field_type) {
                None => Some(format!("`{}` has no field `{of}`; it has {}", about.name, names())),
                Some(FieldType::Reference) if agg != Aggregate::Distinct => {
                    Some(format!("`{of}` is a reference: it can be counted with `distinct`, not taken `{}`", agg.name()))
                }
                Some(FieldType::Reference) => None,
                Some(FieldType::Bool | FieldType::Text(_)) => Some(format!("`{of}` can only be filtered by, not taken `{}`", agg.name())),
                Some(_) if agg == Aggregate::Distinct => Some(format!("`distinct` needs a reference field, and `{of}` is none")),
                Some(_) => None,
            },
        }
    }

    fn fault_of_time(&self, shift: Shift) -> Option<String> {
        let about = self.source.description();
        let stock = matches!(shift, Shift::Start | Shift::End);
        if stock && about.shape != (Shape::Event { stock: true }) {
            return Some(format!("`{}` has no stock: `start` and `end` cannot be asked of it", about.name));
        }
        if stock && !matches!(self.agg, Aggregate::Count | Aggregate::Sum | Aggregate::Avg) {
            return Some(format!("a stock can be taken `count`, `sum` or `avg`, not `{}`", self.agg.name()));
        }
        if self.of.as_deref() == Some("age") && !stock {
            return Some("`age` is the age at an instant: ask for it at `start` or `end`".into());
        }
        match &self.time {
            Some(_) if stock => Some("a stock is read at an instant and takes no `time`".into()),
            Some(time) if !about.times.contains(&time.as_str()) => Some(match about.times {
                [] => format!("`{}` holds spans and takes no `time`", about.name),
                times => format!("`{}` has no time column `{time}`; it has {}", about.name, times.join(", ")),
            }),
            _ => None,
        }
    }

    fn fault_of_filter(&self, name: &str, filter: &Filter) -> Option<String> {
        let about = self.source.description();
        let Some(field) = self.source.field(name) else {
            return Some(format!("`{}` has no field `{name}` to filter by", about.name));
        };
        let literals = match filter {
            Filter::Is(literal) => std::slice::from_ref(literal),
            Filter::OneOf(literals) if literals.is_empty() => {
                return Some(format!("the list for `{name}` is empty, so nothing could meet it"));
            }
            Filter::OneOf(literals) => literals.as_slice(),
            Filter::Compare(Comparison { known: Some(_), gt: None, gte: None, lt: None, lte: None }) => return None,
            Filter::Compare(_) => {
                return match field.field_type {
                    FieldType::Money | FieldType::Number | FieldType::Duration => None,
                    _ => Some(format!("`{name}` has no order to compare by")),
                };
            }
        };
        literals.iter().find_map(|literal| match (field.field_type, literal) {
            (FieldType::Bool, Literal::Bool(_)) => None,
            (FieldType::Money | FieldType::Number | FieldType::Duration, Literal::Number(_)) => None,
            (FieldType::Text([]), Literal::Text(_)) => None,
            (FieldType::Text(values), Literal::Text(text)) if values.contains(&text.as_str()) => None,
            (FieldType::Text(values), Literal::Text(text)) => {
                Some(format!("`{name}` is never `{text}`; it is one of {}", values.join(", ")))
            }
            _ => Some(format!("`{name}` cannot be compared with {literal:?}")),
        })
    }
}

#[cfg(test)]
mod tests;
