//! How values lie in the tables, and what they are outside them.
//!
//! Money and numbers are integers of ten-thousandths, spans of time integers of microseconds, instants microseconds since 1970 in
//! UTC. So sums are exact and equal on both databases. What does not fit exactly is refused, never rounded.

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// The decimal's ten-thousandths, if it has no finer part and is not too large.
pub fn ten_thousandths(decimal: Decimal) -> Option<i64> {
    scaled(decimal, 4)
}

/// The microseconds in so many seconds, if it has no finer part and is not too large.
pub fn micros(seconds: Decimal) -> Option<i64> {
    scaled(seconds, 6)
}

fn scaled(decimal: Decimal, scale: u32) -> Option<i64> {
    let decimal = decimal.normalize();
    let shift = scale.checked_sub(decimal.scale())?;
    i64::try_from(decimal.mantissa().checked_mul(10_i128.pow(shift))?).ok()
}

/// A value on its way into a column or a comparison. A reference is its external key in a load, and its id elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    Null,
    Text(String),
    /// Also money and numbers (ten-thousandths), instants and durations (microseconds).
    Integer(i64),
    Day(NaiveDate),
    Bool(bool),
}

impl Value {
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// Money or a number; none if it has more than four decimal places or is too large.
    pub fn decimal(decimal: Decimal) -> Option<Value> {
        ten_thousandths(decimal).map(Value::Integer)
    }

    pub fn instant(instant: DateTime<Utc>) -> Value {
        Value::Integer(instant.timestamp_micros())
    }

    /// A span of time; none if it is finer than a microsecond or too large.
    pub fn seconds(seconds: Decimal) -> Option<Value> {
        micros(seconds).map(Value::Integer)
    }

    pub fn text(text: impl Into<String>) -> Value {
        Value::Text(text.into())
    }
}

impl std::fmt::Display for Value {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Value::Null => to.write_str("nothing"),
            Value::Text(text) => to.write_str(text),
            Value::Integer(integer) => integer.fmt(to),
            Value::Day(day) => day.fmt(to),
            Value::Bool(truth) => truth.fmt(to),
        }
    }
}
