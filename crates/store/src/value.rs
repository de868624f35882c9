//! How values lie in the tables, and what they are outside them.
//!
//! Money and numbers are integers of ten-thousandths, spans of time integers of microseconds, instants microseconds since 1970 in
//! UTC. So sums are exact and equal on both databases. What does not fit exactly is refused, never rounded.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql};
use diesel::sql_types::BigInt;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A point in time, to the microsecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, diesel::deserialize::FromSqlRow)]
pub struct Instant(pub DateTime<Utc>);

/// An amount in the organisation's currency, to the ten-thousandth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, diesel::deserialize::FromSqlRow)]
pub struct Money(pub Decimal);

/// A number without a currency, to the ten-thousandth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, diesel::deserialize::FromSqlRow)]
pub struct Number(pub Decimal);

/// A span of time, to the microsecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, diesel::deserialize::FromSqlRow)]
pub struct Seconds(pub Decimal);

impl Instant {
    pub fn from_micros(micros: i64) -> Option<Instant> {
        DateTime::from_timestamp_micros(micros).map(Instant)
    }

    pub fn micros(self) -> i64 {
        self.0.timestamp_micros()
    }
}

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

impl<DB: Backend> FromSql<BigInt, DB> for Instant
where
    i64: FromSql<BigInt, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let micros = i64::from_sql(bytes)?;
        Instant::from_micros(micros).ok_or_else(|| format!("{micros} µs is an instant beyond the calendar").into())
    }
}

macro_rules! scaled_from_sql {
    ($($kind:ident at $scale:literal),*) => {$(
        impl<DB: Backend> FromSql<BigInt, DB> for $kind
        where
            i64: FromSql<BigInt, DB>,
        {
            fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
                Ok($kind(Decimal::new(i64::from_sql(bytes)?, $scale)))
            }
        }

        impl From<$kind> for Decimal {
            fn from(value: $kind) -> Decimal {
                value.0
            }
        }
    )*};
}

scaled_from_sql!(Money at 4, Number at 4, Seconds at 6);

impl From<Instant> for DateTime<Utc> {
    fn from(instant: Instant) -> DateTime<Utc> {
        instant.0
    }
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
