//! Reads what an expression gave as the type of its column. Nothing is rounded, cut or guessed unless the mapping says so.

use chrono::TimeDelta;
use rust_decimal::{Decimal, RoundingStrategy};
use store::entity::ColumnType;
use store::value::Value;

use crate::date::{Written, iso, read};
use crate::expression::{Bad, Expression, Raw, Row, decimal, written};
use crate::name::near;
use crate::profile::FilePlan;
use crate::profile::spec::Unit;

impl Expression {
    pub fn convert(&self, raw: Raw, column_type: ColumnType, row: &Row) -> Result<Value, Bad> {
        if let Raw::Unknown = raw {
            return Ok(Value::Null);
        }
        let file = row.file;
        match column_type {
            ColumnType::Money | ColumnType::Number => self.scaled(&raw, file),
            ColumnType::Duration => self.duration(&raw, file),
            ColumnType::Integer => integer(&raw, file),
            ColumnType::Bool => truth(&raw),
            ColumnType::OneOf(words) => one_of(&raw, words),
            ColumnType::Instant | ColumnType::Day => self.dated(&raw, column_type, row),
            ColumnType::Text | ColumnType::Reference(_) | ColumnType::Subject => Ok(Value::Text(match raw {
                Raw::Text(text) => text.into_owned(),
                other => written(&other).into_owned(),
            })),
        }
    }

    fn scaled(&self, raw: &Raw, file: &FilePlan) -> Result<Value, Bad> {
        let number = self.rounded(raw, number(raw, file)?, 4);
        Value::decimal(number).ok_or_else(|| too_fine(raw, number, 4))
    }

    fn duration(&self, raw: &Raw, file: &FilePlan) -> Result<Value, Bad> {
        let seconds = match self.unit {
            Unit::Clock => clock(&written(raw)).ok_or_else(|| Bad::new(written(raw), "not a duration of the form h:mm:ss or m:ss"))?,
            unit => {
                let number = number(raw, file)?;
                number.checked_mul(seconds_in(unit)).ok_or_else(|| Bad::new(written(raw), "too large for the store"))?
            }
        };
        let seconds = self.rounded(raw, seconds, 6);
        Value::seconds(seconds).ok_or_else(|| too_fine(raw, seconds, 6))
    }

    /// Results of a formula are rounded half away from zero; what stands in a file only on request.
    fn rounded(&self, raw: &Raw, number: Decimal, places: u32) -> Decimal {
        let rounds = self.round || matches!(raw, Raw::Number(_));
        if rounds { number.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero) } else { number }
    }

    fn dated(&self, raw: &Raw, column_type: ColumnType, row: &Row) -> Result<Value, Bad> {
        let text = written(raw);
        let bad = |reason: String| Bad::new(text.as_ref(), reason);
        let mut when = match (read(&self.formats, &text), &raw) {
            // A date in the mapping itself is written as TOML does, however the file writes its own.
            (Err(reason), Raw::Foreign(..)) => read(iso(), &text).map_err(|_| bad(reason))?,
            (when, _) => when.map_err(bad)?,
        };
        if !self.months.is_empty() || !self.days.is_empty() {
            when = match self.shifted(when, row)? {
                Some(when) => when,
                None => return Ok(Value::Null),
            };
        }
        if !self.times.is_empty() {
            let Some(by) = self.elapsed(row)? else { return Ok(Value::Null) };
            let instant = when.instant(self.zone).map_err(bad)?;
            let moved = instant.checked_add_signed(by).ok_or_else(|| bad("is moved out of the calendar".into()))?;
            when = Written::Instant(moved);
        }
        match column_type {
            ColumnType::Day => Ok(Value::Day(when.day(self.zone))),
            _ => when.instant(self.zone).map(Value::instant).map_err(bad),
        }
    }

    /// The hours, minutes and seconds to move an instant by; nothing where one of them is unknown.
    fn elapsed(&self, row: &Row) -> Result<Option<TimeDelta>, Bad> {
        let mut sum = Decimal::ZERO;
        for (seconds, by) in &self.times {
            let Some(text) = by.text(row) else { return Ok(None) };
            let bad = |reason| Bad::new(text.as_str(), reason);
            let number = row.file.decimal(text.trim()).ok_or_else(|| bad("not a number of hours, minutes or seconds to move by"))?;
            let by = number.checked_mul(Decimal::from(*seconds)).and_then(|by| sum.checked_add(by));
            sum = by.ok_or_else(|| bad("too large to move by"))?;
        }
        let micros = (sum * Decimal::from(1_000_000)).round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
        let micros = i64::try_from(micros).map_err(|_| Bad::new(sum.to_string(), "too large to move by"))?;
        Ok(Some(TimeDelta::microseconds(micros)))
    }

    /// Nothing where the number of months or days is unknown.
    fn shifted(&self, when: Written, row: &Row) -> Result<Option<Written>, Bad> {
        let mut sums = [0_i64; 2];
        for (sum, parts) in sums.iter_mut().zip([&self.months, &self.days]) {
            for (sign, by) in parts {
                let Some(text) = by.text(row) else { return Ok(None) };
                let by =
                    text.trim().parse::<i32>().map_err(|_| Bad::new(text.as_str(), "not a whole number of months or days to shift by"))?;
                *sum += sign * i64::from(by);
            }
        }
        let moved = when.shift(sums[0], sums[1]);
        moved
            .map(Some)
            .ok_or_else(|| Bad::new(format!("{} months, {} days", sums[0], sums[1]), "shifts the date out of the years 1 to 9999"))
    }
}

fn seconds_in(unit: Unit) -> Decimal {
    Decimal::from(match unit {
        Unit::Seconds | Unit::Clock => 1,
        Unit::Minutes => 60,
        Unit::Hours => 3_600,
        Unit::Days => 86_400,
    })
}

fn number(raw: &Raw, file: &FilePlan) -> Result<Decimal, Bad> {
    raw.number(file).ok_or_else(|| Bad::new(written(raw), "not a number"))
}

fn too_fine(raw: &Raw, number: Decimal, places: u32) -> Bad {
    let reason = match number.normalize().scale() > places {
        true => format!("has more than {places} decimals; say `round = true` if it may be rounded"),
        false => "too large for the store".to_owned(),
    };
    Bad::new(written(raw), reason)
}

fn integer(raw: &Raw, file: &FilePlan) -> Result<Value, Bad> {
    let whole = Some(number(raw, file)?).filter(|number| number.fract().is_zero()).and_then(|number| i64::try_from(number).ok());
    whole.map(Value::Integer).ok_or_else(|| Bad::new(written(raw), "not a whole number"))
}

fn truth(raw: &Raw) -> Result<Value, Bad> {
    let text = written(raw);
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "y" | "t" | "1" => Ok(Value::Bool(true)),
        "false" | "no" | "n" | "f" | "0" => Ok(Value::Bool(false)),
        _ => Err(Bad::new(text, "neither yes nor no; `map` the words of the file to \"true\" and \"false\"")),
    }
}

fn one_of(raw: &Raw, words: &'static [&'static str]) -> Result<Value, Bad> {
    let text = written(raw);
    if words.contains(&text.as_ref()) {
        return Ok(Value::Text(text.into_owned()));
    }
    let hint = near(&text, words.iter().copied());
    Err(Bad::new(text, format!("not a value of this column{hint}; `map` the words of the file to these")))
}

fn clock(text: &str) -> Option<Decimal> {
    let parts: Vec<&str> = text.split(':').collect();
    if !(2..=3).contains(&parts.len()) {
        return None;
    }
    let (last, before) = parts.split_last()?;
    let mut seconds = Decimal::ZERO;
    for part in before {
        seconds = seconds.checked_add(Decimal::from(part.parse::<u32>().ok()?))?.checked_mul(Decimal::from(60))?;
    }
    let last = decimal(last).filter(|last| !last.is_sign_negative() && *last < Decimal::from(60))?;
    seconds.checked_add(last)
}
