//! When two values are not the same, and the words for a row where they are not.

use std::fmt;

use manifest::{Answer, Metric, Pack};
use rust_decimal::Decimal;

use crate::Column;
use crate::column::OUTPUT_SCALE;

/// Whether a pack's value is not what the formula comes to. One unit in the last place is rounding, and so is a part in 10^20 of
/// a large number: a pack may divide before it multiplies.
pub(super) fn disagrees(expected: Answer, found: Option<Decimal>) -> bool {
    match (expected, found) {
        (Answer::Null, None) => false,
        (Answer::Value(expected), Some(found)) => {
            apart(expected.round_dp(OUTPUT_SCALE), found, Decimal::new(1, OUTPUT_SCALE), Decimal::new(1, 20))
        }
        _ => true,
    }
}

/// Whether one value is not the other but for what many roundings may do: a wrong scale or a fixed amount is more.
pub(super) fn far_apart(expected: Option<Decimal>, found: Option<Decimal>) -> bool {
    match (expected, found) {
        (Some(expected), Some(found)) => apart(expected, found, Decimal::new(1, 9), Decimal::new(1, 9)),
        (expected, found) => expected.is_some() != found.is_some(),
    }
}

pub(super) fn apart(expected: Decimal, found: Decimal, absolute: Decimal, relative: Decimal) -> bool {
    let allowed = absolute.max(expected.abs().checked_mul(relative).unwrap_or_default());
    expected.checked_sub(found).is_none_or(|difference| difference.abs() > allowed)
}

/// A metric and one row of its inputs and settings, in words.
pub(super) struct Differing<'a> {
    pack: &'a Pack,
    metric: &'a Metric,
    row: usize,
    inputs: Vec<Option<Decimal>>,
    settings: Vec<Decimal>,
}

impl<'a> Differing<'a> {
    pub fn new(pack: &'a Pack, metric: &'a Metric, columns: &[Column], row: usize, settings: &[Decimal]) -> Differing<'a> {
        let inputs = columns.iter().map(|column| column.values[row]).collect();
        Differing { pack, metric, row, inputs, settings: settings.to_vec() }
    }
}

impl fmt::Display for Differing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}.{}` = `{}` in row {} of the kit", self.pack.id, self.metric.key, self.metric.formula, self.row)?;
        for (at, (input, value)) in self.metric.inputs.iter().zip(&self.inputs).enumerate() {
            let value = value.map_or_else(|| "unknown".to_owned(), |value| value.normalize().to_string());
            write!(f, "{} {} = {value}", if at == 0 { ", where" } else { "," }, input.name)?;
        }
        for (parameter, value) in self.metric.parameters.iter().zip(&self.settings) {
            write!(f, ", {} = {}", parameter.name, value.normalize())?;
        }
        Ok(())
    }
}
