//! A period: the span of days a figure is asked for, in every form people write it.
//!
//! A period is a label, not a pair of dates: `2017-Q1` stays a quarter, so that what came before it is a quarter and a year
//! ago is the same quarter. Its days are worked out against a [`Context`], which knows the calendar and what day it is. All
//! ranges are half-open: the first day is in, the last is not.

mod parse;
mod shift;
mod split;
#[cfg(test)]
mod tests;

use std::fmt;

use chrono::{Days, Months, NaiveDate};
use thiserror::Error;

pub use split::Grain;

use crate::calendar::{Context, date};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Period(pub(crate) Form);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Form {
    Year(i32),
    Quarter(i32, u32),
    Month(i32, u32),
    Week(i32, u32),
    Day(NaiveDate),
    FiscalYear(i32),
    FiscalQuarter(i32, u32),
    Range(NaiveDate, NaiveDate),
    /// So many units up to a day, which is not in it.
    Last(u32, Unit, NaiveDate),
    ToDate(Span),
    /// As far into an earlier month, quarter or year as a day is into its own: so many months before that day. What a to-date
    /// period is compared with, and what that is compared with in turn.
    Earlier(Span, NaiveDate, u32),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Unit {
    Days,
    Weeks,
    Months,
    Years,
}

/// What a to-date period starts with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Span {
    Month,
    Quarter,
    Year,
}

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PeriodError {
    #[error("`{0}` is no period. A period is one of: {FORMS}")]
    Form(String),
    #[error("`{text}` is no period: {fault}")]
    OutOfRange { text: String, fault: String },
    #[error("the period `{0}` ends before it begins; a range is written FROM/TO with the earlier day first, such as 2017-01-01/2017-02-15")]
    Reversed(String),
    #[error("the period `{0}` has no days: in FROM/TO the day TO is not included, so that 2017-01-01/2017-01-02 is one day")]
    Empty(String),
    #[error("{year} has {weeks} weeks in this organisation's calendar, so there is no {year}-W53")]
    NoSuchWeek { year: i32, weeks: u32 },
    #[error("`{period}` has more than {most} parts by {grain}; ask for a shorter period or a coarser grain")]
    TooManyParts { period: String, grain: &'static str, most: usize },
}

/// The forms a period can be written in, for messages and documentation.
pub const FORMS: &str = "2017 (year), 2017-Q1 (quarter), 2017-03 (month), 2017-W09 (week), 2017-03-14 (day), \
FY2017 (fiscal year), FY2017-Q1 (fiscal quarter), 2017-01-01/2017-02-15 (range, the last day not included), \
P90D/2017-04-01 (the 90 days before a day; also W, M and Y), MTD, QTD, YTD (month, quarter, year to date)";

impl Period {
    /// A half-open range of days; `None` where it would be empty or reversed.
    pub fn range(from: NaiveDate, to: NaiveDate) -> Option<Period> {
        (from < to).then_some(Period(Form::Range(from, to)))
    }

    pub fn day(day: NaiveDate) -> Period {
        Period(Form::Day(day))
    }

    /// What only the calendar can tell: whether a week 53 exists.
    pub fn check(&self, context: &Context) -> Result<(), PeriodError> {
        match self.0 {
            Form::Week(year, week) if week > context.calendar.weeks_in(year) => {
                Err(PeriodError::NoSuchWeek { year, weeks: context.calendar.weeks_in(year) })
            }
            _ => Ok(()),
        }
    }

    /// Its first day and the day after its last.
    pub fn days(&self, context: &Context) -> (NaiveDate, NaiveDate) {
        let calendar = &context.calendar;
        let from = |day: NaiveDate, months| (day, day + Months::new(months));
        match self.0 {
            Form::Year(year) => from(date(year, 1, 1), 12),
            Form::Quarter(year, quarter) => from(date(year, 3 * quarter - 2, 1), 3),
            Form::Month(year, month) => from(date(year, month, 1), 1),
            Form::Week(year, week) => {
                let first = calendar.week_starts(year, week);
                (first, first + Days::new(7))
            }
            Form::Day(day) => (day, day + Days::new(1)),
            Form::FiscalYear(year) => from(calendar.fiscal_year_starts(year), 12),
            Form::FiscalQuarter(year, quarter) => from(calendar.fiscal_year_starts(year) + Months::new(3 * (quarter - 1)), 3),
            Form::Range(from, to) => (from, to),
            Form::Last(count, unit, until) => (unit.before(until, count), until),
            Form::ToDate(span) => (span.first_day(context.today()), context.today() + Days::new(1)),
            Form::Earlier(span, day, months) => span.earlier(day, months),
        }
    }

    /// Its first instant and the first after it, in microseconds since 1970 UTC.
    pub fn instants(&self, context: &Context) -> (i64, i64) {
        let (from, to) = self.days(context);
        (context.calendar.day_starts(from), context.calendar.day_starts(to))
    }
}

impl Unit {
    fn before(self, day: NaiveDate, count: u32) -> NaiveDate {
        let before = match self {
            Unit::Days => day.checked_sub_days(Days::new(count.into())),
            Unit::Weeks => day.checked_sub_days(Days::new(7 * u64::from(count))),
            Unit::Months => day.checked_sub_months(Months::new(count)),
            Unit::Years => day.checked_sub_months(Months::new(12 * count)),
        };
        before.unwrap_or(NaiveDate::MIN)
    }

    fn letter(self) -> char {
        match self {
            Unit::Days => 'D',
            Unit::Weeks => 'W',
            Unit::Months => 'M',
            Unit::Years => 'Y',
        }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Form::Year(year) => write!(out, "{year:04}"),
            Form::Quarter(year, quarter) => write!(out, "{year:04}-Q{quarter}"),
            Form::Month(year, month) => write!(out, "{year:04}-{month:02}"),
            Form::Week(year, week) => write!(out, "{year:04}-W{week:02}"),
            Form::Day(day) => write!(out, "{day}"),
            Form::FiscalYear(year) => write!(out, "FY{year:04}"),
            Form::FiscalQuarter(year, quarter) => write!(out, "FY{year:04}-Q{quarter}"),
            Form::Range(from, to) => write!(out, "{from}/{to}"),
            Form::Earlier(span, day, months) => {
                let (from, to) = span.earlier(day, months);
                write!(out, "{from}/{to}")
            }
            Form::Last(count, unit, until) => write!(out, "P{count}{}/{until}", unit.letter()),
            Form::ToDate(Span::Month) => out.write_str("MTD"),
            Form::ToDate(Span::Quarter) => out.write_str("QTD"),
            Form::ToDate(Span::Year) => out.write_str("YTD"),
        }
    }
}
