//! The parts of a period: its quarters, months, weeks or days.
//!
//! The parts cover the period exactly. Where one of them would reach over an end (weeks rarely end with a month), it is cut
//! there and named as the range of days it is, so that parts always add up to the whole.

use chrono::{Datelike, NaiveDate};

use super::{Form, Period, PeriodError};
use crate::calendar::Context;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Grain {
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

/// Ten years of days.
const MOST_PARTS: usize = 3_700;

impl Grain {
    fn name(self) -> &'static str {
        match self {
            Grain::Day => "day",
            Grain::Week => "week",
            Grain::Month => "month",
            Grain::Quarter => "quarter",
            Grain::Year => "year",
        }
    }
}

impl Period {
    /// Fiscal periods are split into fiscal quarters and years, all others into those of the calendar.
    pub fn split(&self, grain: Grain, context: &Context) -> Result<Vec<Period>, PeriodError> {
        let (from, to) = self.days(context);
        let mut parts = Vec::new();
        let mut next = from;
        while next < to {
            if parts.len() == MOST_PARTS {
                return Err(PeriodError::TooManyParts { period: self.to_string(), grain: grain.name(), most: MOST_PARTS });
            }
            let part = self.part_with(grain, next, context);
            let (first, end) = part.days(context);
            parts.push(if first < next || end > to { Period(Form::Range(next, end.min(to))) } else { part });
            next = end;
        }
        Ok(parts)
    }

    fn part_with(&self, grain: Grain, day: NaiveDate, context: &Context) -> Period {
        let calendar = &context.calendar;
        let fiscal = matches!(self.0, Form::FiscalYear(_) | Form::FiscalQuarter(..));
        Period(match grain {
            Grain::Day => Form::Day(day),
            Grain::Week => {
                let (year, week) = calendar.week_of(day);
                Form::Week(year, week)
            }
            Grain::Month => Form::Month(day.year(), day.month()),
            Grain::Quarter if fiscal => {
                let year = calendar.fiscal_year_of(day);
                let into = (day.month() + 12 - calendar.fiscal_year_start) % 12;
                Form::FiscalQuarter(year, into / 3 + 1)
            }
            Grain::Quarter => Form::Quarter(day.year(), day.month0() / 3 + 1),
            Grain::Year if fiscal => Form::FiscalYear(calendar.fiscal_year_of(day)),
            Grain::Year => Form::Year(day.year()),
        })
    }
}
