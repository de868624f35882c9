//! Scalars of the schema, and the values that carry a unit: money and durations.
//!
//! Nothing exact crosses as a float: decimals are strings both ways.

use std::sync::Arc;

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, SimpleObject, Value};
use chrono::{DateTime, Datelike, NaiveDate, SecondsFormat, Timelike, Utc};
use engine::Period;

/// An exact decimal number, written as a string such as `"0.6315"`. Whole numbers are also taken as they are; numbers with a point
/// are refused outside a string, because they would pass through a float.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Decimal(pub rust_decimal::Decimal);

/// An exact decimal number, written as a string such as `"0.6315"`. Whole numbers are also taken as they are; numbers with a point
/// are refused outside a string, because they would pass through a float.
#[Scalar]
impl ScalarType for Decimal {
    fn parse(value: Value) -> InputValueResult<Self> {
        let text = match &value {
            Value::String(text) => text.clone(),
            Value::Number(number) if !number.is_f64() => number.to_string(),
            _ => return Err(InputValueError::custom(format!("{value} is no exact decimal: write it as a string, such as \"0.5\""))),
        };
        match rust_decimal::Decimal::from_str_exact(&text) {
            Ok(decimal) => Ok(Decimal(decimal)),
            Err(_) => Err(InputValueError::custom(format!("\"{text}\" is not a decimal number of up to 28 digits"))),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(plain(self.0))
    }
}

/// A decimal without trailing zeros.
pub fn plain(decimal: rust_decimal::Decimal) -> String {
    decimal.normalize().to_string()
}

/// So many ten-thousandths as a decimal without trailing zeros.
pub fn ten_thousandths(number: i64) -> String {
    let (whole, part) = (number.unsigned_abs() / 10_000, number.unsigned_abs() % 10_000);
    let sign = if number < 0 { "-" } else { "" };
    match part {
        0 => format!("{sign}{whole}"),
        part => {
            let text = format!("{sign}{whole}.{part:04}");
            text.trim_end_matches('0').to_owned()
        }
    }
}

/// A calendar period in the organisation's calendar and time zone: `2017`, `2017-Q1`, `2017-03`, `2017-W09`, `2017-03-14`, `FY2017`,
/// `FY2017-Q1`, `2017-01-01/2017-02-15` (the second day is not part of it), `P90D/2017-04-01` (the 90 days before that day), or `MTD`,
/// `QTD`, `YTD` (up to now).
#[derive(Clone, Debug, PartialEq)]
pub struct PeriodScalar(pub Period);

/// A calendar period in the organisation's calendar and time zone: `2017`, `2017-Q1`, `2017-03`, `2017-W09`, `2017-03-14`, `FY2017`,
/// `FY2017-Q1`, `2017-01-01/2017-02-15` (the second day is not part of it), `P90D/2017-04-01` (the 90 days before that day), or `MTD`,
/// `QTD`, `YTD` (up to now).
#[Scalar(name = "Period")]
impl ScalarType for PeriodScalar {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else {
            return Err(InputValueError::custom(format!("{value} is not a period: write it as a string, such as \"2017-Q1\"")));
        };
        match text.parse::<Period>() {
            Ok(period) => Ok(PeriodScalar(period)),
            Err(fault) => Err(InputValueError::custom(fault)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// A day in the organisation's calendar, `2017-03-14`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Date(pub NaiveDate);

/// A day in the organisation's calendar, `2017-03-14`.
#[Scalar]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) => {
                text.parse().map(Date).map_err(|_| InputValueError::custom(format!("\"{text}\" is not a day such as \"2017-03-14\"")))
            }
            _ => Err(InputValueError::custom(format!("{value} is not a day: write it as a string, such as \"2017-03-14\""))),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// An instant in UTC by RFC 3339, `2017-03-14T09:30:00Z`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Instant(pub DateTime<Utc>);

/// An instant in UTC by RFC 3339, `2017-03-14T09:30:00Z`.
#[Scalar(specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339")]
impl ScalarType for Instant {
    fn parse(value: Value) -> InputValueResult<Self> {
        let refused = || InputValueError::custom(format!("{value} is not an instant such as \"2017-03-14T09:30:00Z\""));
        match &value {
            Value::String(text) => DateTime::parse_from_rfc3339(text).map(|at| Instant(at.to_utc())).map_err(|_| refused()),
            _ => Err(refused()),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(rfc3339(self.0))
    }
}

/// An instant by RFC 3339. Lists hold them by the hundred, so that the usual ones, to the second, are written digit by digit: chrono
/// takes ten times as long to interpret its format.
fn rfc3339(at: DateTime<Utc>) -> String {
    if at.timestamp_subsec_nanos() != 0 || !(0..=9999).contains(&at.year()) {
        return at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
    }
    let mut text = String::with_capacity(20);
    let mut push = |number: u32, digits: u32, after: char| {
        (0..digits).rev().for_each(|place| text.push(char::from(b'0' + (number / 10_u32.pow(place) % 10) as u8)));
        text.push(after);
    };
    push(at.year().unsigned_abs(), 4, '-');
    push(at.month(), 2, '-');
    push(at.day(), 2, 'T');
    push(at.hour(), 2, ':');
    push(at.minute(), 2, ':');
    push(at.second(), 2, 'Z');
    text
}

/// An amount of money.
#[derive(SimpleObject, Clone, Debug)]
pub struct Money {
    /// The amount in units of the currency.
    pub amount: Decimal,
    /// ISO 4217 code of the currency, `EUR`.
    pub currency: Arc<str>,
}

/// A length of time.
#[derive(SimpleObject, Clone, Debug)]
pub struct Duration {
    /// In seconds.
    pub seconds: Decimal,
    /// By ISO 8601 in days and smaller parts, `P3DT4H30M`. A day is 24 hours.
    pub iso: String,
}

impl Duration {
    pub fn of_seconds(seconds: rust_decimal::Decimal) -> Duration {
        Duration { seconds: Decimal(seconds), iso: iso(seconds) }
    }
}

/// A number of seconds by ISO 8601; the sign stands before the whole, as in its extension for negative durations.
fn iso(seconds: rust_decimal::Decimal) -> String {
    use rust_decimal::Decimal as D;
    let sign = if seconds.is_sign_negative() && !seconds.is_zero() { "-" } else { "" };
    let rest = seconds.abs();
    let part = |unit: i64, below: i64| (rest / D::from(unit)).floor() % D::from(below);
    let days = (rest / D::from(86_400)).floor();
    let time: String = [(part(3600, 24), "H"), (part(60, 60), "M"), (rest % D::from(60), "S")]
        .into_iter()
        .filter(|(number, _)| !number.is_zero())
        .map(|(number, unit)| format!("{}{unit}", number.normalize()))
        .collect();
    match (days.is_zero(), time.as_str()) {
        (true, "") => "PT0S".to_owned(),
        (true, time) => format!("{sign}PT{time}"),
        (false, "") => format!("{sign}P{}D", days.normalize()),
        (false, time) => format!("{sign}P{}DT{time}", days.normalize()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_written_by_iso_8601() {
        let iso = |text: &str| iso(text.parse().expect("a decimal"));
        assert_eq!([iso("0"), iso("90"), iso("86400"), iso("275400.5")], ["PT0S", "PT1M30S", "P1D", "P3DT4H30M0.5S"]);
        assert_eq!(iso("-3600"), "-PT1H");
    }

    #[test]
    fn instants_are_written_as_chrono_writes_them() {
        for text in
            ["2017-03-14T09:30:00Z", "1969-12-31T23:59:59Z", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2017-03-14T09:30:00.5Z"]
        {
            let at: DateTime<Utc> = text.parse().expect("an instant");
            assert_eq!(rfc3339(at), at.to_rfc3339_opts(SecondsFormat::AutoSi, true));
        }
        let beyond = DateTime::from_timestamp(300_000_000_000, 0).expect("an instant");
        assert_eq!(rfc3339(beyond), "+11476-08-15T05:20:00Z");
    }

    #[test]
    fn ten_thousandths_are_written_as_decimals_are() {
        for number in [0, 1, -1, 10, 12_345, -12_300, 120_000, i64::MAX, i64::MIN] {
            assert_eq!(ten_thousandths(number), plain(rust_decimal::Decimal::new(number, 4)));
        }
    }

    #[test]
    fn a_decimal_is_never_read_from_a_float() {
        assert!(<Decimal as ScalarType>::parse(Value::from(0.1)).is_err());
        assert_eq!(<Decimal as ScalarType>::parse(Value::from("0.10")).map(|d| plain(d.0)).ok().as_deref(), Some("0.1"));
        assert_eq!(<Decimal as ScalarType>::parse(Value::from(3)).map(|d| plain(d.0)).ok().as_deref(), Some("3"));
    }
}
