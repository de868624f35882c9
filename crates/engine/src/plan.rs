//! From cells to questions: what has to be read, each thing once, in the least number of statements.
//!
//! Pure. Metrics are opened down to their measures, with shifts composed on the way; equal measures of equal periods become
//! one reading; readings that one statement can hold become its columns. How many questions that gives depends on the sources,
//! the kinds of subject and the shapes of the measures, and not on how many subjects, periods or metrics are asked for.

pub(crate) mod book;
pub(crate) mod group;
mod interval;
pub(crate) mod periods;
mod span;
pub(crate) mod table;
#[cfg(test)]
pub(crate) mod tests;

use manifest::{Shift, SubjectKind};
use rustc_hash::FxHashMap;
use store::question::Question;

pub(crate) use self::book::{Book, Found, Kinds, Part, Standing};
use self::group::{Binding, Group, GroupKey};
use self::periods::Periods;
pub(crate) use self::table::Table;
use crate::calendar::Context;
use crate::cell::Subject;
use crate::period::Period;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Scope {
    pub(crate) subject: Subject,
    pub(crate) within: Option<Subject>,
}

/// Where the evaluation of something wanted is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Row {
        definition: u32,
        row: u32,
    },
    /// Index into `Plan::blanks`: known without any facts.
    Blank(u32),
}

/// The rows that a definition is evaluated for, each once.
#[derive(Default)]
pub(crate) struct Rows {
    pub(crate) scope: Vec<u32>,
    pub(crate) period: Vec<u32>,
    index: FxHashMap<(u32, u32), u32>,
    /// For each input, where its values come from.
    pub(crate) sources: Vec<Source>,
}

pub(crate) enum Source {
    /// For each row, the row of the metric that is its input.
    Metric { definition: u32, rows: Vec<u32> },
    /// For each kind of subject among the rows, how the value is put together.
    Reading { bindings: Vec<(Kinds, Binding)>, shift: Shift },
}

pub(crate) struct Plan {
    pub(crate) book: Book,
    pub(crate) scopes: Vec<Scope>,
    pub(crate) periods: Periods,
    pub(crate) groups: Vec<Group>,
    /// One for each group.
    pub(crate) questions: Vec<Question>,
    /// One for each definition.
    pub(crate) rows: Vec<Rows>,
    pub(crate) blanks: Vec<Standing>,
    by_scope: FxHashMap<Scope, u32>,
    by_key: FxHashMap<GroupKey, u32>,
    bound: FxHashMap<(u32, Shift, Kinds, bool), Binding>,
    last_scope: Option<(Scope, u32)>,
    last_period: Option<(Period, u32)>,
}

impl Plan {
    pub(crate) fn new(context: &Context, book: Book) -> Plan {
        Plan {
            book,
            scopes: Vec::new(),
            periods: Periods::new(context),
            groups: Vec::new(),
            questions: Vec::new(),
            rows: Vec::new(),
            blanks: Vec::new(),
            by_scope: FxHashMap::default(),
            by_key: FxHashMap::default(),
            bound: FxHashMap::default(),
            last_scope: None,
            last_period: None,
        }
    }

    /// Wants a definition for a subject over a period. Looking within the whole organisation is looking at everything.
    pub(crate) fn want(&mut self, definition: u32, subject: Subject, within: Option<Subject>, period: Period) -> Place {
        let scope = Scope { subject, within: within.filter(|within| within.kind != SubjectKind::Organisation) };
        if let Some(standing) = self.book.standing(definition, scope.kinds()) {
            return self.blank(standing);
        }
        let at = self.scope(scope);
        let period = match self.last_period {
            Some((last, at)) if last == period => at,
            _ => self.periods.of(period),
        };
        self.last_period = Some((self.periods.period(period), period));
        Place::Row { definition, row: self.row(definition, at, period) }
    }

    /// Wants come in runs of one subject or of one period, so that the last one is tried first.
    fn scope(&mut self, scope: Scope) -> u32 {
        if let Some((last, at)) = self.last_scope
            && last == scope
        {
            return at;
        }
        let next = self.scopes.len() as u32;
        let at = *self.by_scope.entry(scope).or_insert(next);
        if at == next {
            self.scopes.push(scope);
        }
        self.last_scope = Some((scope, at));
        at
    }

    /// Something wanted that no definition answers.
    pub(crate) fn blank(&mut self, standing: Standing) -> Place {
        self.blanks.push(standing);
        Place::Blank(self.blanks.len() as u32 - 1)
    }

    fn row(&mut self, definition: u32, scope: u32, period: u32) -> u32 {
        if self.rows.len() < self.book.definitions.len() {
            self.rows.resize_with(self.book.definitions.len(), Rows::default);
        }
        let rows = &mut self.rows[definition as usize];
        let next = rows.scope.len() as u32;
        let at = *rows.index.entry((scope, period)).or_insert(next);
        if at == next {
            rows.scope.push(scope);
            rows.period.push(period);
        }
        at
    }

    /// Works out the questions, once everything is wanted.
    pub(crate) fn close(&mut self) {
        self.rows.resize_with(self.book.definitions.len(), Rows::default);
        for at in 0..self.book.order.len() {
            let definition = self.book.order[at];
            for input in 0..self.book.definitions[definition as usize].inputs.len() {
                let source = self.source(definition, input);
                self.rows[definition as usize].sources.push(source);
            }
        }
        self.questions = self.groups.iter_mut().map(|group| group.close(&self.scopes, &self.periods)).collect();
    }

    fn source(&mut self, definition: u32, input: usize) -> Source {
        let input = &self.book.definitions[definition as usize].inputs[input];
        let shift = input.shift;
        match input.part {
            Part::Metric(needed) => Source::Metric { definition: needed, rows: self.rows_of_metric(definition, needed, shift) },
            Part::Reading(reading) => Source::Reading { bindings: self.bindings(definition, reading, shift), shift },
            // Such a metric has no rows: its standing says so first.
            Part::Missing(_) => Source::Metric { definition, rows: Vec::new() },
        }
    }

    fn rows_of_metric(&mut self, definition: u32, needed: u32, shift: Shift) -> Vec<u32> {
        let rows = &self.rows[definition as usize];
        let pairs: Vec<(u32, u32)> = rows.scope.iter().copied().zip(rows.period.iter().copied()).collect();
        let row = |(scope, period)| {
            let period = self.periods.shifted(period, shift);
            self.row(needed, scope, period)
        };
        pairs.into_iter().map(row).collect()
    }

    fn bindings(&mut self, definition: u32, reading: u32, shift: Shift) -> Vec<(Kinds, Binding)> {
        let counted = self.book.definitions[definition as usize].counted;
        let mut bindings: Vec<(Kinds, Binding)> = Vec::new();
        for row in 0..self.rows[definition as usize].scope.len() {
            let Rows { scope, period, .. } = &self.rows[definition as usize];
            let (scope, period) = (scope[row], period[row]);
            let kinds = self.scopes[scope as usize].kinds();
            let binding = find(&bindings, kinds).unwrap_or_else(|| {
                let binding = self.binding(reading, shift, kinds, counted);
                bindings.push((kinds, binding));
                binding
            });
            let period = self.periods.shifted(period, shift);
            self.groups[binding.group as usize].want(binding.side, scope, period);
        }
        bindings
    }

    fn binding(&mut self, reading: u32, shift: Shift, kinds: Kinds, counted: bool) -> Binding {
        if let Some(&binding) = self.bound.get(&(reading, shift, kinds, counted)) {
            return binding;
        }
        let about = &self.book.readings[reading as usize];
        let key = GroupKey::of(&about.measure, shift, kinds);
        let next = self.groups.len() as u32;
        let group = *self.by_key.entry(key.clone()).or_insert(next);
        if group == next {
            self.groups.push(Group::new(key));
        }
        let binding = self.groups[group as usize].bind(group, about, shift, counted);
        self.bound.insert((reading, shift, kinds, counted), binding);
        binding
    }
}

impl Scope {
    pub(crate) fn kinds(&self) -> Kinds {
        (self.subject.kind, self.within.map(|within| within.kind))
    }
}

/// Rows are of one kind of subject, or of very few.
pub(crate) fn find(bindings: &[(Kinds, Binding)], kinds: Kinds) -> Option<Binding> {
    bindings.iter().find(|(bound, _)| *bound == kinds).map(|&(_, binding)| binding)
}
