//! The periods of a plan, each known by a number, with the periods before them and their bounds worked out once.

use chrono::NaiveDate;
use manifest::Shift;
use rustc_hash::FxHashMap;

use crate::calendar::Context;
use crate::period::Period;

pub(crate) struct Periods {
    pub(crate) context: Context,
    known: Vec<Known>,
    index: FxHashMap<Period, u32>,
}

struct Known {
    period: Period,
    days: (NaiveDate, NaiveDate),
    instants: (i64, i64),
    previous: Option<u32>,
    year_ago: Option<u32>,
}

impl Periods {
    pub(crate) fn new(context: &Context) -> Periods {
        Periods { context: context.clone(), known: Vec::new(), index: FxHashMap::default() }
    }

    pub(crate) fn of(&mut self, period: Period) -> u32 {
        let next = self.known.len() as u32;
        let at = *self.index.entry(period).or_insert(next);
        if at == next {
            let days = period.days(&self.context);
            let instants = period.instants(&self.context);
            self.known.push(Known { period, days, instants, previous: None, year_ago: None });
        }
        at
    }

    /// The period that an input with a shift is read over. Stocks are read in the period itself.
    pub(crate) fn shifted(&mut self, at: u32, shift: Shift) -> u32 {
        let known = &self.known[at as usize];
        match (shift, known.previous, known.year_ago) {
            (Shift::This | Shift::Start | Shift::End, ..) => at,
            (Shift::Prev, Some(done), _) | (Shift::Yoy, _, Some(done)) => done,
            (Shift::Prev, None, _) => {
                let previous = self.of(known.period.previous(&self.context));
                *self.known[at as usize].previous.insert(previous)
            }
            (Shift::Yoy, _, None) => {
                let year_ago = self.of(known.period.year_ago(&self.context));
                *self.known[at as usize].year_ago.insert(year_ago)
            }
        }
    }

    /// As `shifted`, where planning has been there already.
    pub(crate) fn shifted_before(&self, at: u32, shift: Shift) -> u32 {
        let known = &self.known[at as usize];
        match shift {
            Shift::This | Shift::Start | Shift::End => at,
            Shift::Prev => known.previous.unwrap_or(at),
            Shift::Yoy => known.year_ago.unwrap_or(at),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.known.len()
    }

    pub(crate) fn period(&self, at: u32) -> Period {
        self.known[at as usize].period
    }

    pub(crate) fn days(&self, at: u32) -> (NaiveDate, NaiveDate) {
        self.known[at as usize].days
    }

    pub(crate) fn instants(&self, at: u32) -> (i64, i64) {
        self.known[at as usize].instants
    }
}
