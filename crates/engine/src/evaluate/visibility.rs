//! Values that are shown over groups only: how many records are behind each, and what is said where they are too few.
//!
//! Whatever else there is to say of such a row (a division by zero, too small a sample, a fault of the pack) is not said: it would
//! tell of the inputs.

use rust_decimal::Decimal;

use super::{Computed, Results};
use crate::outcome::Cause;
use crate::plan::{self, Plan, Source, Standing, Table};

impl Results {
    /// By row, the number of records behind the input that has the most; nothing where nobody asks.
    pub(super) fn records(&self, plan: &Plan, tables: &[Table], definition: u32) -> Vec<Decimal> {
        if !plan.book.definitions[definition as usize].counted {
            return Vec::new();
        }
        let rows = &plan.rows[definition as usize];
        let behind = |source: &Source, row: usize| match source {
            Source::Metric { definition, rows } => self.computed[*definition as usize].records[rows[row] as usize],
            Source::Reading { bindings, shift } => {
                let (scope, period) = (rows.scope[row], plan.periods.shifted_before(rows.period[row], *shift));
                let binding = plan::find(bindings, plan.scopes[scope as usize].kinds());
                binding.map_or(Decimal::ZERO, |binding| {
                    let group = binding.group as usize;
                    tables[group].records(&binding, &plan.groups[group], scope, period)
                })
            }
        };
        let most = |row| rows.sources.iter().map(|source| behind(source, row)).max().unwrap_or_default();
        (0..rows.scope.len()).map(most).collect()
    }

    /// Takes away what too few records are behind, be it in the metric itself or in one that it is built on.
    pub(super) fn deny(&self, plan: &Plan, definition: u32, computed: &mut Computed) {
        if !plan.book.definitions[definition as usize].guarded {
            return;
        }
        for row in 0..computed.values.len() {
            let denied = too_few(plan, definition, computed, row).or_else(|| self.denied_input(plan, definition, row));
            if let Some(standing) = denied {
                computed.values[row] = None;
                computed.blanks.insert(row as u32, standing);
            }
        }
    }

    fn denied_input(&self, plan: &Plan, definition: u32, row: usize) -> Option<Standing> {
        let about = &plan.book.definitions[definition as usize];
        about.inputs.iter().zip(&plan.rows[definition as usize].sources).find_map(|(input, source)| {
            let Source::Metric { definition, rows } = source else { return None };
            let blank = self.computed[*definition as usize].blanks.get(&rows[row]).filter(|blank| blank.cause == Cause::SmallGroup)?;
            let key = &plan.book.definitions[*definition as usize].key;
            Some(Standing { cause: Cause::SmallGroup, reason: format!("input `{}` ({key}): {}", input.name, blank.reason) })
        })
    }
}

/// Not how many there are: that would be told of a group that is too small to be told of.
fn too_few(plan: &Plan, definition: u32, computed: &Computed, row: usize) -> Option<Standing> {
    let least = plan.book.definitions[definition as usize].minimum_group()?;
    (computed.records[row] < Decimal::from(least)).then(|| Standing {
        cause: Cause::SmallGroup,
        reason: format!("fewer than {least} records are behind it, and it is shown over groups of {least} or more only"),
    })
}

#[cfg(test)]
mod tests;
