//! Answers, laid out so that a value is found by counting and not by comparing.

use manifest::DIVIDED;
use rust_decimal::Decimal;
use rustc_hash::FxHashMap;
use store::question::{Answer, AnswerRow, Slot};

use super::Scope;
use super::group::{Binding, Group, Merge};
use super::periods::Periods;
use super::span::{Overlap, Span};

pub(crate) struct Table {
    rows: Vec<AnswerRow>,
    /// For each scope of the group and each of its slots, 1 + the row; 0 where there is none.
    at: Vec<u32>,
    /// For each scope, its rows of spans.
    spans: Vec<Vec<u32>>,
    slots: usize,
}

impl Table {
    /// Rows of subjects that were not asked for (a statement asks for all pairs of subject and within) are let go.
    pub(crate) fn of(group: &Group, scopes: &[Scope], answer: Answer) -> Table {
        let ids = |&at: &u32| (scopes[at as usize].subject.id, scopes[at as usize].within.map_or(0, |within| within.id));
        let local: FxHashMap<(i64, i64), usize> = group.scopes().iter().enumerate().map(|(local, at)| (ids(at), local)).collect();
        let slots = group.slot_count as usize;
        let mut table = Table { rows: answer.rows, at: vec![0; slots * local.len()], spans: vec![Vec::new(); local.len()], slots };
        for (row, found) in table.rows.iter().enumerate() {
            let Some(&local) = local.get(&(found.subject, found.within)) else { continue };
            match found.slot {
                Slot::At(slot) => table.at[local * slots + slot as usize] = row as u32 + 1,
                Slot::Span { .. } => table.spans[local].push(row as u32),
            }
        }
        table
    }

    pub(crate) fn value(
        &self,
        binding: &Binding,
        group: &Group,
        periods: &Periods,
        scope: u32,
        period: u32,
    ) -> Result<Option<Decimal>, Overlap> {
        let local = group.local(scope);
        if let Merge::Spans(rule) = binding.merge {
            let (from, to) = periods.days(period);
            return rule.value(&self.spans_of(local, binding.column), from, to);
        }
        let cells = |column: u32| self.cells(column, binding, group, local, period);
        let column = |column: u32| cells(column).flatten();
        let mut values = column(binding.column);
        Ok(match binding.merge {
            Merge::Add => sum(cells(binding.column)),
            Merge::Min => values.min(),
            Merge::Max => values.max(),
            Merge::Mean => mean(values.sum(), column(binding.known).sum()),
            Merge::Plain | Merge::Spans(_) => values.next(),
        })
    }

    /// How many records are behind a value, where they are counted.
    pub(crate) fn records(&self, binding: &Binding, group: &Group, scope: u32, period: u32) -> Decimal {
        let count = |column| self.cells(column, binding, group, group.local(scope), period).flatten().sum();
        binding.records.map_or(Decimal::ZERO, count)
    }

    /// What a column has in the slots of a period, as far as there are any facts.
    fn cells(&self, column: u32, binding: &Binding, group: &Group, local: usize, period: u32) -> impl Iterator<Item = Option<Decimal>> {
        let (first, end) = group.slots(binding.side, period);
        let rows = &self.at[local * self.slots..][first as usize..end as usize];
        rows.iter().filter(|&&row| row > 0).map(move |&row| self.rows[row as usize - 1].values[column as usize])
    }

    fn spans_of(&self, local: usize, column: u32) -> Vec<Span> {
        let span = |&row: &u32| {
            let row = &self.rows[row as usize];
            match (row.slot, row.values[column as usize]) {
                (Slot::Span { starts_on, ends_on, below }, Some(value)) => Some(Span { from: starts_on, to: ends_on, below, value }),
                _ => None,
            }
        };
        self.spans[local].iter().filter_map(span).collect()
    }
}

/// Where there are no facts, the sum is 0. Where there are some, but no part has anything known to add, it is not known.
fn sum(parts: impl Iterator<Item = Option<Decimal>>) -> Option<Decimal> {
    let mut sum = Decimal::ZERO;
    let (mut unknown, mut something) = (false, false);
    for part in parts {
        unknown |= part.is_none();
        something |= part.is_some_and(|part| !part.is_zero());
        sum += part.unwrap_or_default();
    }
    (something || !unknown).then_some(sum)
}

/// Exact sum over exact count, divided once.
fn mean(sum: Decimal, known: Decimal) -> Option<Decimal> {
    Some(sum.checked_div(known)?.round_dp(DIVIDED))
}
