//! The period before, and the same period a year earlier.

use chrono::{Datelike, Days, Months, NaiveDate};

use super::{Form, Period, Span};
use crate::calendar::{Context, date};

impl Period {
    /// The preceding period of the same length and kind. A to-date period is compared with the same days of the month,
    /// quarter or year before.
    pub fn previous(&self, context: &Context) -> Period {
        let calendar = &context.calendar;
        Period(match self.0 {
            Form::Year(year) => Form::Year(year - 1),
            Form::Quarter(year, 1) => Form::Quarter(year - 1, 4),
            Form::Quarter(year, quarter) => Form::Quarter(year, quarter - 1),
            Form::Month(year, 1) => Form::Month(year - 1, 12),
            Form::Month(year, month) => Form::Month(year, month - 1),
            Form::Week(year, 1) => Form::Week(year - 1, calendar.weeks_in(year - 1)),
            Form::Week(year, week) => Form::Week(year, week - 1),
            Form::Day(day) => Form::Day(day - Days::new(1)),
            Form::FiscalYear(year) => Form::FiscalYear(year - 1),
            Form::FiscalQuarter(year, 1) => Form::FiscalQuarter(year - 1, 4),
            Form::FiscalQuarter(year, quarter) => Form::FiscalQuarter(year, quarter - 1),
            Form::Range(from, to) => Form::Range(from - (to - from), from),
            Form::Last(count, unit, until) => Form::Last(count, unit, unit.before(until, count)),
            Form::ToDate(span) => Form::Earlier(span, context.today(), span.months()),
            Form::Earlier(span, day, months) => Form::Earlier(span, day, months + span.months()),
        })
    }

    /// The same period a year earlier: the week of the same number (or the last, where there is no week 53), the same days
    /// of the calendar (28 February for 29 February).
    pub fn year_ago(&self, context: &Context) -> Period {
        Period(match self.0 {
            Form::Year(year) => Form::Year(year - 1),
            Form::Quarter(year, quarter) => Form::Quarter(year - 1, quarter),
            Form::Month(year, month) => Form::Month(year - 1, month),
            Form::Week(year, week) => Form::Week(year - 1, week.min(context.calendar.weeks_in(year - 1))),
            Form::Day(day) => Form::Day(day - Months::new(12)),
            Form::FiscalYear(year) => Form::FiscalYear(year - 1),
            Form::FiscalQuarter(year, quarter) => Form::FiscalQuarter(year - 1, quarter),
            Form::Range(from, to) => range_year_ago(from, to),
            Form::Last(count, unit, until) => Form::Last(count, unit, until - Months::new(12)),
            Form::ToDate(span) => Form::Earlier(span, context.today(), 12),
            Form::Earlier(span, day, months) => Form::Earlier(span, day, months + 12),
        })
    }
}

/// Both ends a year earlier. Only 28 to 29 February would become empty, and stays one day.
fn range_year_ago(from: NaiveDate, to: NaiveDate) -> Form {
    let (from, to) = (from - Months::new(12), to - Months::new(12));
    Form::Range(from, to.max(from + Days::new(1)))
}

impl Span {
    fn months(self) -> u32 {
        match self {
            Span::Month => 1,
            Span::Quarter => 3,
            Span::Year => 12,
        }
    }

    /// The days to date, so many months earlier: as many days into that month, quarter or year, as far as it has them. Always
    /// counted from the day itself, so that the 31st does not wear down to the 28th on the way.
    pub(super) fn earlier(self, day: NaiveDate, months: u32) -> (NaiveDate, NaiveDate) {
        (self.first_day(day) - Months::new(months), day - Months::new(months) + Days::new(1))
    }

    /// The first day of the month, quarter or year that a day is in.
    pub(super) fn first_day(self, day: NaiveDate) -> NaiveDate {
        let month = match self {
            Span::Month => day.month(),
            Span::Quarter => day.month0() / 3 * 3 + 1,
            Span::Year => 1,
        };
        date(day.year(), month, 1)
    }
}
