//! From answers to outcomes: columns are put together, each metric is computed once over all its rows, and every row without
//! a value gets its reason.
//!
//! Pure but for the packs, which are called through `compute`.

mod reason;
#[cfg(test)]
mod tests;
mod visibility;

use manifest::{DIVIDED, Shift};
use registry::{Column, Fault};
use rust_decimal::Decimal;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::outcome::{Cause, Evaluation, InputValue};
use crate::plan::group::Binding;
use crate::plan::{self, Kinds, Place, Plan, Rows, Source, Standing, Table};

/// Computes a definition over columns, one for each of its inputs, with so many rows.
pub(crate) type Compute<'a> = &'a dyn Fn(u32, &[Column], usize) -> Result<Vec<Option<Decimal>>, Fault>;

/// What every definition of a plan came to, by definition.
pub(crate) struct Results {
    computed: Vec<Computed>,
}

#[derive(Default)]
pub(crate) struct Computed {
    columns: Vec<Column>,
    values: Vec<Option<Decimal>>,
    /// Why there is no value, by row.
    blanks: FxHashMap<u32, Standing>,
    /// By row, how many records are behind the value, where they are counted.
    records: Vec<Decimal>,
    /// Inputs and rows whose spans cannot be added up.
    overlaps: FxHashSet<(usize, u32)>,
}

/// A pack that fails on a row is asked again without it, so often at most.
const MOST_FAULTY_ROWS: usize = 8;

impl Results {
    /// Needs come before what needs them.
    pub(crate) fn of(plan: &Plan, tables: &[Table], compute: Compute<'_>) -> Results {
        let mut results = Results { computed: Vec::new() };
        results.computed.resize_with(plan.book.definitions.len(), Computed::default);
        for &definition in plan.book.order.iter().rev() {
            if !plan.rows[definition as usize].scope.is_empty() {
                let computed = results.compute(plan, tables, definition, compute);
                results.computed[definition as usize] = computed;
            }
        }
        results
    }

    fn compute(&self, plan: &Plan, tables: &[Table], definition: u32, compute: Compute<'_>) -> Computed {
        let mut computed = Computed::default();
        for (input, source) in plan.rows[definition as usize].sources.iter().enumerate() {
            let column = match source {
                Source::Metric { definition, rows } => self.column_of_metric(*definition, rows),
                Source::Reading { bindings, shift } => {
                    computed.column(plan, tables, input, &plan.rows[definition as usize], (bindings, *shift))
                }
            };
            computed.columns.push(column);
        }
        computed.records = self.records(plan, tables, definition);
        match plan.book.definitions[definition as usize].about {
            None => computed.values = computed.columns[0].values.clone(),
            Some(_) => computed.run(definition, plan.rows[definition as usize].scope.len(), compute),
        }
        self.withhold(plan, definition, &mut computed);
        self.give_reasons(plan, definition, &mut computed);
        self.deny(plan, definition, &mut computed);
        computed
    }

    fn column_of_metric(&self, definition: u32, rows: &[u32]) -> Column {
        let values = &self.computed[definition as usize].values;
        Column { scale: DIVIDED, values: rows.iter().map(|&row| values[row as usize]).collect() }
    }

    pub(crate) fn value(&self, place: Place) -> Option<Decimal> {
        match place {
            Place::Row { definition, row } => self.computed[definition as usize].values[row as usize],
            Place::Blank(_) => None,
        }
    }

    pub(crate) fn evaluation(&self, plan: &Plan, place: Place) -> Evaluation {
        let (definition, row) = match place {
            Place::Row { definition, row } => (definition as usize, row),
            Place::Blank(at) => {
                let Standing { cause, reason } = plan.blanks[at as usize].clone();
                return Evaluation::without(cause, reason, Vec::new());
            }
        };
        let computed = &self.computed[definition];
        let value = |column: &Column| column.values[row as usize];
        let inputs = plan.book.definitions[definition].inputs.iter().zip(&computed.columns);
        let inputs = inputs.map(|(input, column)| InputValue { name: input.name.clone(), value: value(column) }).collect();
        match (computed.values[row as usize], computed.blanks.get(&row)) {
            (Some(value), _) => Evaluation::of(value, inputs),
            (None, Some(Standing { cause: Cause::SmallGroup, reason })) => {
                Evaluation::without(Cause::SmallGroup, reason.clone(), Vec::new())
            }
            (None, Some(Standing { cause, reason })) => Evaluation::without(*cause, reason.clone(), inputs),
            (None, None) => {
                Evaluation::without(Cause::Fault, "there is no value and no reason; this is a fault of the engine".into(), inputs)
            }
        }
    }
}

impl Computed {
    fn column(
        &mut self,
        plan: &Plan,
        tables: &[Table],
        input: usize,
        rows: &Rows,
        (bindings, shift): (&[(Kinds, Binding)], Shift),
    ) -> Column {
        let only = (bindings.len() == 1).then(|| bindings[0].1);
        let mut values = Vec::with_capacity(rows.scope.len());
        for (row, (&scope, &period)) in rows.scope.iter().zip(&rows.period).enumerate() {
            let binding = only.or_else(|| plan::find(bindings, plan.scopes[scope as usize].kinds()));
            let Some(binding) = binding else { continue };
            let period = plan.periods.shifted_before(period, shift);
            let group = binding.group as usize;
            let value = tables[group].value(&binding, &plan.groups[group], &plan.periods, scope, period);
            values.push(value.unwrap_or_else(|_overlap| {
                self.overlaps.insert((input, row as u32));
                None
            }));
        }
        Column { scale: bindings.first().map_or(0, |(_, binding)| binding.scale), values }
    }

    /// A fault that names a row is that row's alone: the others are computed again without it.
    fn run(&mut self, definition: u32, rows: usize, compute: Compute<'_>) {
        let mut without: Option<Vec<Column>> = None;
        for _ in 0..MOST_FAULTY_ROWS {
            let fault = match compute(definition, without.as_deref().unwrap_or(&self.columns), rows) {
                Ok(values) => {
                    self.values = values;
                    return;
                }
                Err(fault) => fault,
            };
            let row = fault.row.filter(|&row| row < rows as u64 && !self.blanks.contains_key(&(row as u32)));
            let Some(row) = row else {
                let all = standing(&fault);
                self.blanks.extend((0..rows as u32).map(|row| (row, all.clone())));
                break;
            };
            self.blanks.insert(row as u32, standing(&fault));
            let columns = without.get_or_insert_with(|| self.columns.clone());
            columns.iter_mut().for_each(|column| column.values[row as usize] = None);
        }
        self.values = vec![None; rows];
        let rest = Standing { cause: Cause::Fault, reason: "the pack failed on too many rows".into() };
        for row in 0..rows as u32 {
            self.blanks.entry(row).or_insert_with(|| rest.clone());
        }
    }
}

fn standing(fault: &Fault) -> Standing {
    let cause = if fault.code == "E_OVERFLOW" { Cause::Overflow } else { Cause::Fault };
    Standing { cause, reason: format!("{}: {}", fault.code, fault.message) }
}
