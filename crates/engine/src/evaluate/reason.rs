//! Why a row has no value: worked out from the definition and the row's inputs, and only for rows without one.

use manifest::formula::Null;
use manifest::{Shift, Source as Facts};
use rust_decimal::Decimal;

use super::{Computed, Results};
use crate::outcome::Cause;
use crate::plan::book::{Definition, Input};
use crate::plan::{Part, Plan, Source, Standing};

impl Results {
    /// Values from fewer records than the metric asks for are not given. None at all is no data, not too little.
    pub(super) fn withhold(&self, plan: &Plan, definition: u32, computed: &mut Computed) {
        let defined = &plan.book.definitions[definition as usize];
        let Some(sample) = defined.about.as_ref().and_then(|about| about.sample.as_ref()) else { return };
        let Some(input) = defined.inputs.iter().position(|input| *input.name == *sample.input) else { return };
        for row in 0..computed.values.len() {
            let count = computed.columns[input].values[row].unwrap_or_default();
            if count >= sample.at_least || computed.blanks.contains_key(&(row as u32)) {
                continue;
            }
            let (cause, reason) = if count.is_zero() {
                (Cause::NoRecords, format!("there are no records: `{}` is 0", sample.input))
            } else {
                (
                    Cause::Suppressed,
                    format!("`{}` is {}, and the metric asks for at least {}", sample.input, count.normalize(), sample.at_least),
                )
            };
            computed.values[row] = None;
            computed.blanks.insert(row as u32, Standing { cause, reason });
        }
    }

    pub(super) fn give_reasons(&self, plan: &Plan, definition: u32, computed: &mut Computed) {
        for row in 0..computed.values.len() as u32 {
            if computed.values[row as usize].is_none() && !computed.blanks.contains_key(&row) {
                let standing = Row { results: self, plan, definition, computed, row }.reason();
                computed.blanks.insert(row, standing);
            }
        }
    }
}

struct Row<'a> {
    results: &'a Results,
    plan: &'a Plan,
    definition: u32,
    computed: &'a Computed,
    row: u32,
}

impl Row<'_> {
    fn reason(&self) -> Standing {
        let Some(about) = &self.definition().about else { return self.unknown("target") };
        match about.formula.evaluate(&|name| self.value(name)) {
            Err(Null::Unknown { input }) => self.unknown(&input),
            Err(Null::NoBaseline { input }) => self.no_baseline(&input),
            Err(null @ Null::ZeroDenominator { .. }) => self.zero(null),
            Err(null @ Null::Undefined { .. }) => Standing { cause: Cause::Undefined, reason: null.to_string() },
            Err(null @ Null::NegativeBase) => Standing { cause: Cause::NegativeBase, reason: null.to_string() },
            Err(null @ Null::Overflow) => Standing { cause: Cause::Overflow, reason: null.to_string() },
            Ok(_) => Standing { cause: Cause::Fault, reason: "the pack gave no value, though its formula has one".into() },
        }
    }

    fn definition(&self) -> &Definition {
        &self.plan.book.definitions[self.definition as usize]
    }

    fn input(&self, name: &str) -> Option<(usize, &Input)> {
        self.definition().inputs.iter().enumerate().find(|(_, input)| *input.name == *name)
    }

    fn value(&self, name: &str) -> Option<Decimal> {
        match self.input(name) {
            Some((at, _)) => self.computed.columns[at].values[self.row as usize],
            None => self.definition().about.as_ref()?.parameter(name),
        }
    }

    fn facts(&self, name: &str) -> Option<Facts> {
        match self.input(name)?.1.part {
            Part::Reading(reading) => Some(self.plan.book.readings[reading as usize].measure.source),
            Part::Metric(_) | Part::Missing(_) => None,
        }
    }

    /// The period that an input is read over.
    fn period(&self, shift: Shift) -> String {
        let period = self.plan.rows[self.definition as usize].period[self.row as usize];
        self.plan.periods.period(self.plan.periods.shifted_before(period, shift)).to_string()
    }

    fn unknown(&self, name: &str) -> Standing {
        let Some((at, input)) = self.input(name) else {
            return Standing { cause: Cause::NoRecords, reason: format!("`{name}` is not known") };
        };
        let period = self.period(input.shift);
        if self.computed.overlaps.contains(&(at, self.row)) {
            let reason = format!("the spans of `{name}` inside {period} share days, so that their sum would count days twice");
            return Standing { cause: Cause::OverlappingSpans, reason };
        }
        match (&self.plan.rows[self.definition as usize].sources[at], self.facts(name)) {
            (Source::Metric { definition, rows }, _) => {
                let key = &self.plan.book.definitions[*definition as usize].key;
                let blank = self.results.computed[*definition as usize].blanks.get(&rows[self.row as usize]);
                let (cause, reason) = blank.map_or((Cause::NoRecords, "it has no value"), |blank| (blank.cause, blank.reason.as_str()));
                Standing { cause, reason: format!("input `{name}` ({key} over {period}): {reason}") }
            }
            (_, Some(Facts::Targets)) => {
                Standing { cause: Cause::NoTarget, reason: format!("`{name}` is not known: no target is kept for {period}") }
            }
            (_, facts) => {
                let facts = facts.map_or("facts", Facts::name);
                Standing { cause: Cause::NoRecords, reason: format!("`{name}` is not known: nothing in `{facts}` over {period} gives it") }
            }
        }
    }

    fn no_baseline(&self, name: &str) -> Standing {
        let over = self.input(name).map(|(_, input)| format!(" ({})", self.period(input.shift))).unwrap_or_default();
        let reason = format!("there is no earlier value of `{name}`{over} to compare with");
        Standing { cause: Cause::NoBaseline, reason }
    }

    fn zero(&self, null: Null) -> Standing {
        let is_target = matches!(&null, Null::ZeroDenominator { text } if self.facts(text) == Some(Facts::Targets));
        Standing { cause: if is_target { Cause::ZeroTarget } else { Cause::ZeroDenominator }, reason: null.to_string() }
    }
}
