//! The organisation's calendar: where its days begin, how its weeks are numbered, when its fiscal year starts.
//!
//! Days are the organisation's own; instants are UTC. This is the one place where one becomes the other, so that a day that
//! is 23 or 25 hours long because the clocks change is exactly that long everywhere.

use chrono::{DateTime, Datelike, Days, MappedLocalTime, NaiveDate, NaiveDateTime, TimeDelta, TimeZone, Utc, Weekday};
use chrono_tz::Tz;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Calendar {
    pub time_zone: Tz,
    /// Monday, with ISO 8601 weeks, or Sunday, with the same rule for the first week of a year.
    pub week_start: Weekday,
    /// The month, 1 to 12, in which the fiscal year starts.
    pub fiscal_year_start: u32,
}

impl Default for Calendar {
    fn default() -> Calendar {
        Calendar { time_zone: Tz::UTC, week_start: Weekday::Mon, fiscal_year_start: 1 }
    }
}

/// What an answer holds for: the instant it is given as of, the calendar, the currency. Nothing in this crate reads a clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    pub as_of: DateTime<Utc>,
    pub calendar: Calendar,
    pub currency: String,
}

impl Context {
    /// The day it is, for the organisation, at the as-of instant.
    pub fn today(&self) -> NaiveDate {
        self.as_of.with_timezone(&self.calendar.time_zone).date_naive()
    }
}

impl Calendar {
    /// The first instant of a day, in microseconds since 1970 UTC. Where clocks go forward over midnight, the day begins
    /// with the first time that exists; where they go back over it, with the first of the two midnights.
    pub fn day_starts(&self, day: NaiveDate) -> i64 {
        const STEP: TimeDelta = TimeDelta::minutes(15);
        // A whole day was skipped at most once in a zone (Samoa crossed the date line), so 25 hours find the next time that exists.
        let mut local = NaiveDateTime::from(day);
        for _ in 0..100 {
            match self.time_zone.from_local_datetime(&local) {
                MappedLocalTime::Single(at) | MappedLocalTime::Ambiguous(at, _) => return at.timestamp_micros(),
                MappedLocalTime::None => local += STEP,
            }
        }
        local.and_utc().timestamp_micros()
    }

    /// The day a week starts on. Week 1 is the one with 4 January in it, whichever day weeks start on: for Monday these are
    /// the weeks of ISO 8601.
    pub(crate) fn week_starts(&self, year: i32, week: u32) -> NaiveDate {
        let fourth = date(year, 1, 4);
        let into = u64::from(fourth.weekday().days_since(self.week_start));
        fourth - Days::new(into) + Days::new(7 * u64::from(week - 1))
    }

    pub(crate) fn weeks_in(&self, year: i32) -> u32 {
        if (self.week_starts(year + 1, 1) - self.week_starts(year, 1)).num_days() == 371 { 53 } else { 52 }
    }

    /// The year and number of the week that a day is in.
    pub(crate) fn week_of(&self, day: NaiveDate) -> (i32, u32) {
        let year = (day.year() - 1..=day.year() + 1).rev().find(|&year| self.week_starts(year, 1) <= day).unwrap_or(day.year());
        let weeks = (day - self.week_starts(year, 1)).num_days() / 7;
        (year, weeks as u32 + 1)
    }

    /// The first day of a fiscal year. It is named after the calendar year in which it ends.
    pub(crate) fn fiscal_year_starts(&self, year: i32) -> NaiveDate {
        let begins = if self.fiscal_year_start == 1 { year } else { year - 1 };
        date(begins, self.fiscal_year_start, 1)
    }

    pub(crate) fn fiscal_year_of(&self, day: NaiveDate) -> i32 {
        if self.fiscal_year_start > 1 && day.month() >= self.fiscal_year_start { day.year() + 1 } else { day.year() }
    }
}

/// A day of the calendar. Only called with months and days that exist, in years that `Period` lets in.
pub(crate) fn date(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap_or(NaiveDate::MAX)
}
