//! Reading a period. Strict: a form is either one of those listed, digit for digit, or an error that lists them.

use std::str::FromStr;

use chrono::NaiveDate;

use super::{Form, Period, PeriodError, Span, Unit};

/// Far enough for any record, and near enough that no arithmetic on dates can leave the calendar.
const YEARS: std::ops::RangeInclusive<i32> = 1600..=3000;

impl FromStr for Period {
    type Err = PeriodError;

    fn from_str(text: &str) -> Result<Period, PeriodError> {
        match text {
            "MTD" => return Ok(Period(Form::ToDate(Span::Month))),
            "QTD" => return Ok(Period(Form::ToDate(Span::Quarter))),
            "YTD" => return Ok(Period(Form::ToDate(Span::Year))),
            _ => {}
        }
        if let Some((from, to)) = text.split_once('/') {
            return if from.starts_with('P') { last(text, from, to) } else { range(text, from, to) };
        }
        match text.strip_prefix("FY") {
            Some(rest) => fiscal(text, rest),
            None => calendar(text),
        }
        .map(Period)
    }
}

fn calendar(text: &str) -> Result<Form, PeriodError> {
    let (year, rest) = text.split_at_checked(4).ok_or_else(|| PeriodError::Form(text.into()))?;
    let year = self::year(text, year)?;
    let Some(rest) = rest.strip_prefix('-') else {
        return if rest.is_empty() { Ok(Form::Year(year)) } else { Err(PeriodError::Form(text.into())) };
    };
    if let Some(quarter) = rest.strip_prefix('Q') {
        return Ok(Form::Quarter(year, number(text, quarter, 1, 1..=4, "quarters are Q1 to Q4")?));
    }
    if let Some(week) = rest.strip_prefix('W') {
        return Ok(Form::Week(year, number(text, week, 2, 1..=53, "weeks are W01 to W53")?));
    }
    if rest.len() == 2 {
        return Ok(Form::Month(year, number(text, rest, 2, 1..=12, "months are 01 to 12")?));
    }
    day(text, text).map(Form::Day)
}

fn fiscal(text: &str, rest: &str) -> Result<Form, PeriodError> {
    let (year, quarter) = rest.split_at_checked(4).ok_or_else(|| PeriodError::Form(text.into()))?;
    let year = self::year(text, year)?;
    match quarter.strip_prefix("-Q") {
        Some(quarter) => Ok(Form::FiscalQuarter(year, number(text, quarter, 1, 1..=4, "quarters are Q1 to Q4")?)),
        None if quarter.is_empty() => Ok(Form::FiscalYear(year)),
        None => Err(PeriodError::Form(text.into())),
    }
}

fn range(text: &str, from: &str, to: &str) -> Result<Period, PeriodError> {
    let (from, to) = (day(text, from)?, day(text, to)?);
    match from.cmp(&to) {
        std::cmp::Ordering::Less => Ok(Period(Form::Range(from, to))),
        std::cmp::Ordering::Equal => Err(PeriodError::Empty(text.into())),
        std::cmp::Ordering::Greater => Err(PeriodError::Reversed(text.into())),
    }
}

fn last(text: &str, length: &str, until: &str) -> Result<Period, PeriodError> {
    let wrong = || PeriodError::Form(text.into());
    let (count, unit) = length[1..].split_at_checked(length.len().saturating_sub(2)).ok_or_else(wrong)?;
    let (unit, most) = match unit {
        "D" => (Unit::Days, 36_600),
        "W" => (Unit::Weeks, 5_300),
        "M" => (Unit::Months, 1_200),
        "Y" => (Unit::Years, 100),
        _ => return Err(wrong()),
    };
    if count.is_empty() || count.len() > 9 || !count.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong());
    }
    let count: u32 = count.parse().map_err(|_| wrong())?;
    if count == 0 || count > most {
        return Err(PeriodError::OutOfRange { text: text.into(), fault: format!("its length is 1 to {most} {}", unit.letter()) });
    }
    Ok(Period(Form::Last(count, unit, day(text, until)?)))
}

fn year(text: &str, year: &str) -> Result<i32, PeriodError> {
    let year = digits(year, 4).ok_or_else(|| PeriodError::Form(text.into()))? as i32;
    in_years(text, year)
}

fn in_years(text: &str, year: i32) -> Result<i32, PeriodError> {
    if YEARS.contains(&year) {
        return Ok(year);
    }
    Err(PeriodError::OutOfRange { text: text.into(), fault: format!("years are {} to {}", YEARS.start(), YEARS.end()) })
}

fn number(text: &str, part: &str, length: usize, within: std::ops::RangeInclusive<u32>, fault: &str) -> Result<u32, PeriodError> {
    let number = digits(part, length).ok_or_else(|| PeriodError::Form(text.into()))?;
    if within.contains(&number) {
        return Ok(number);
    }
    Err(PeriodError::OutOfRange { text: text.into(), fault: fault.into() })
}

fn day(text: &str, day: &str) -> Result<NaiveDate, PeriodError> {
    let shape = || {
        let (year, rest) = day.split_at_checked(4)?;
        let (month, day) = rest.strip_prefix('-')?.split_once('-')?;
        Some((digits(year, 4)? as i32, digits(month, 2)?, digits(day, 2)?))
    };
    let (year, month, number) = shape().ok_or_else(|| PeriodError::Form(text.into()))?;
    NaiveDate::from_ymd_opt(in_years(text, year)?, month, number)
        .ok_or_else(|| PeriodError::OutOfRange { text: text.into(), fault: format!("there is no day {day}") })
}

/// Exactly so many ASCII digits; a sign, a blank or a digit of another script is none.
fn digits(part: &str, length: usize) -> Option<u32> {
    (part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit())).then(|| part.parse().ok())?
}
