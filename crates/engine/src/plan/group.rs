//! One question in the making: everything that is read from one source along one time column, one way to the subject and in
//! one shape, as columns of one grouped statement.

use std::collections::BTreeMap;

use chrono::Days;
use manifest::source::Shape as SourceShape;
use manifest::{Aggregate, Filter, Measure, Shift, Source};
use store::question::{Ask, Group as Subjects, Over, Percentile, Question, What};

use super::Scope;
use super::book::{Kinds, Reading};
use super::interval::Intervals;
use super::periods::Periods;
use super::span::SpanRule;
use crate::calendar::date;

/// What one statement can hold together; see [`store::question`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct GroupKey {
    pub(crate) source: Source,
    pub(crate) kinds: Kinds,
    pub(crate) shape: Shape,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Shape {
    Intervals { time: String },
    Distinct { time: String, of: String },
    Percentiles { time: String, of: String, filter: BTreeMap<String, Filter> },
    Instants,
    Spans,
}

pub(crate) struct Group {
    pub(crate) key: GroupKey,
    pub(crate) asks: Vec<Ask>,
    /// Scopes in it, by number.
    scopes: Vec<u32>,
    /// For each scope of the plan, its place in `scopes`.
    local: Vec<u32>,
    /// Periods wanted; for instants, those whose start and those whose end.
    wanted: [Vec<bool>; 2],
    /// Whether a span may hold a period that is shorter than it.
    holds: bool,
    /// For each period of the plan, the slots that it is made of.
    slots: [Vec<(u32, u32)>; 2],
    pub(crate) slot_count: u32,
}

/// How the value of a reading is put together from the columns and slots of a group.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Binding {
    pub(crate) group: u32,
    pub(crate) side: usize,
    pub(crate) column: u32,
    /// For means, the column with the number of known values.
    pub(crate) known: u32,
    /// The column with the number of records behind the value, where that is counted. Spans are no records of anybody.
    pub(crate) records: Option<u32>,
    pub(crate) merge: Merge,
    pub(crate) scale: u32,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Merge {
    /// Counts and sums: nothing there is 0.
    Add,
    Min,
    Max,
    Mean,
    /// One slot as it is; nothing there is null.
    Plain,
    Spans(SpanRule),
}

const NONE: u32 = u32::MAX;

impl GroupKey {
    pub(crate) fn of(measure: &Measure, shift: Shift, kinds: Kinds) -> GroupKey {
        let time = || measure.time().unwrap_or_default().to_owned();
        let of = || measure.of.clone().unwrap_or_default();
        let shape = match (measure.source.description().shape, shift, measure.agg) {
            (SourceShape::Span, ..) => Shape::Spans,
            (_, Shift::Start | Shift::End, _) => Shape::Instants,
            (_, _, Aggregate::Distinct) => Shape::Distinct { time: time(), of: of() },
            (_, _, Aggregate::Median | Aggregate::P75 | Aggregate::P90) => {
                Shape::Percentiles { time: time(), of: of(), filter: measure.filter.clone() }
            }
            _ => Shape::Intervals { time: time() },
        };
        GroupKey { source: measure.source, kinds, shape }
    }
}

impl Group {
    pub(crate) fn new(key: GroupKey) -> Group {
        Group {
            key,
            asks: Vec::new(),
            scopes: Vec::new(),
            local: Vec::new(),
            wanted: Default::default(),
            holds: false,
            slots: Default::default(),
            slot_count: 0,
        }
    }

    /// Adds the columns of a reading, or finds them: with the number of records behind it, where that is counted.
    pub(crate) fn bind(&mut self, group: u32, reading: &Reading, shift: Shift, counted: bool) -> Binding {
        let measure = &reading.measure;
        let of = || measure.of.clone().unwrap_or_default();
        let percentile = |p| (What::Percentile { of: of(), p }, Merge::Plain);
        let (what, merge) = match measure.agg {
            Aggregate::Count => (What::Count, Merge::Add),
            Aggregate::Sum if self.key.shape == Shape::Spans => (What::Sum(of()), Merge::Spans(reading.spans)),
            Aggregate::Sum => (What::Sum(of()), Merge::Add),
            Aggregate::Avg => (What::Sum(of()), Merge::Mean),
            Aggregate::Min => (What::Min(of()), Merge::Min),
            Aggregate::Max => (What::Max(of()), Merge::Max),
            Aggregate::Distinct => (What::Distinct { of: of(), at_least: measure.at_least.unwrap_or(1) }, Merge::Add),
            Aggregate::Median => percentile(Percentile::Median),
            Aggregate::P75 => percentile(Percentile::P75),
            Aggregate::P90 => percentile(Percentile::P90),
        };
        self.holds |= reading.spans == SpanRule::Hold;
        let column = self.column(what, measure);
        let known = if merge == Merge::Mean { self.column(What::Known(of()), measure) } else { column };
        let records = if counted { self.records(measure, column) } else { None };
        Binding { group, side: usize::from(shift == Shift::End), column, known, records, merge, scale: measure.scale() }
    }

    fn records(&mut self, measure: &Measure, column: u32) -> Option<u32> {
        match (&self.key.shape, measure.agg, &measure.of) {
            (Shape::Spans, ..) => None,
            (_, Aggregate::Count | Aggregate::Distinct, _) | (_, _, None) => Some(column),
            (_, _, Some(of)) => Some(self.column(What::Known(of.clone()), measure)),
        }
    }

    fn column(&mut self, what: What, measure: &Measure) -> u32 {
        let same = |ask: &Ask| ask.what == what && ask.filter == measure.filter;
        let at = self.asks.iter().position(same).unwrap_or_else(|| {
            self.asks.push(Ask { what: what.clone(), filter: measure.filter.clone() });
            self.asks.len() - 1
        });
        at as u32
    }

    pub(crate) fn want(&mut self, side: usize, scope: u32, period: u32) {
        let (scope, period) = (scope as usize, period as usize);
        if self.local.len() <= scope {
            self.local.resize(scope + 1, NONE);
        }
        if self.local[scope] == NONE {
            self.local[scope] = self.scopes.len() as u32;
            self.scopes.push(scope as u32);
        }
        if self.wanted[side].len() <= period {
            self.wanted[side].resize(period + 1, false);
        }
        self.wanted[side][period] = true;
    }

    pub(crate) fn scopes(&self) -> &[u32] {
        &self.scopes
    }

    pub(crate) fn local(&self, scope: u32) -> usize {
        self.local[scope as usize] as usize
    }

    pub(crate) fn slots(&self, side: usize, period: u32) -> (u32, u32) {
        self.slots[side][period as usize]
    }

    /// The question, once everything that is wanted is known.
    pub(crate) fn close(&mut self, scopes: &[Scope], periods: &Periods) -> Question {
        let over = match &self.key.shape {
            Shape::Intervals { time } => self.intervals(time.clone(), periods),
            Shape::Distinct { time, .. } | Shape::Percentiles { time, .. } => self.periods(time.clone(), periods),
            Shape::Instants => self.instants(periods),
            Shape::Spans => self.spans(periods),
        };
        let (kind, within) = self.key.kinds;
        let subject = Subjects { kind, ids: self.ids(kind, |at| Some(scopes[at as usize].subject.id)) };
        let within = within.map(|kind| Subjects { kind, ids: self.ids(kind, |at| scopes[at as usize].within.map(|within| within.id)) });
        Question { source: self.key.source, subject, within, over, columns: self.asks.clone() }
    }

    fn ids(&self, kind: manifest::SubjectKind, id: impl Fn(u32) -> Option<i64>) -> Option<Vec<i64>> {
        if kind == manifest::SubjectKind::Organisation {
            return None;
        }
        let mut ids: Vec<i64> = self.scopes.iter().filter_map(|&at| id(at)).collect();
        ids.sort_unstable();
        ids.dedup();
        Some(ids)
    }

    fn wanted(&self, side: usize) -> Vec<u32> {
        self.wanted[side].iter().enumerate().filter(|(_, wanted)| **wanted).map(|(at, _)| at as u32).collect()
    }

    fn place(&mut self, side: usize, periods: &Periods, wanted: &[u32], slots: impl Iterator<Item = (u32, u32)>) {
        self.slots[side] = vec![(0, 0); periods.len()];
        wanted.iter().zip(slots).for_each(|(&at, slots)| self.slots[side][at as usize] = slots);
    }

    fn intervals(&mut self, time: String, periods: &Periods) -> Over {
        let wanted = self.wanted(0);
        let (intervals, ranges) = Intervals::of(&wanted.iter().map(|&at| periods.instants(at)).collect::<Vec<_>>());
        self.place(0, periods, &wanted, ranges.into_iter());
        self.slot_count = intervals.bounds.len() as u32;
        Over::Intervals { time, bounds: intervals.bounds }
    }

    /// Periods of different names and the same bounds are asked once.
    fn periods(&mut self, time: String, periods: &Periods) -> Over {
        let wanted = self.wanted(0);
        let mut bounds: Vec<(i64, i64)> = wanted.iter().map(|&at| periods.instants(at)).filter(|(from, to)| from < to).collect();
        bounds.sort_unstable();
        bounds.dedup();
        let slot = |at: u32| bounds.binary_search(&periods.instants(at)).map_or((0, 0), |slot| (slot as u32, slot as u32 + 1));
        self.place(0, periods, &wanted, wanted.iter().map(|&at| slot(at)));
        self.slot_count = bounds.len() as u32;
        Over::Periods { time, bounds }
    }

    fn instants(&mut self, periods: &Periods) -> Over {
        let as_of = periods.context.as_of.timestamp_micros();
        let instant = |side: usize, at: u32| if side == 0 { periods.instants(at).0 } else { periods.instants(at).1.min(as_of) };
        let wanted = [self.wanted(0), self.wanted(1)];
        let mut instants: Vec<i64> = (0..2).flat_map(|side| wanted[side].iter().map(move |&at| instant(side, at))).collect();
        instants.sort_unstable();
        instants.dedup();
        let slot = |instant| instants.binary_search(&instant).map_or((0, 0), |slot| (slot as u32, slot as u32 + 1));
        for (side, wanted) in wanted.iter().enumerate() {
            self.place(side, periods, wanted, wanted.iter().map(|&at| slot(instant(side, at))));
        }
        self.slot_count = instants.len() as u32;
        Over::Instants(instants)
    }

    /// The days of all periods. A span that may hold a shorter period can reach as far around it as it likes.
    fn spans(&mut self, periods: &Periods) -> Over {
        if self.holds {
            return Over::Spans { from: date(1, 1, 1), to: date(9999, 12, 31) };
        }
        let wanted = self.wanted(0);
        let days = || wanted.iter().map(|&at| periods.days(at));
        let today = periods.context.today();
        let from = days().map(|(from, _)| from).min().unwrap_or(today);
        let to = days().map(|(_, to)| to).max().unwrap_or(today + Days::new(1));
        Over::Spans { from, to }
    }
}
