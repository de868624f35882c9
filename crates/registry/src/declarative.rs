//! Packs without code: each metric is its formula, compiled once, over the same columns and with the same limits as native packs have.

use std::borrow::Cow;

use manifest::{Answer, Formula, NumberType, Pack, Program};
use rust_decimal::Decimal;

use crate::Column;
use crate::column::{Form, OUTPUT_SCALE, mantissa};
use crate::evaluate::misfit;
use crate::outcome::Fault;
use crate::runtime::{Batch, Runtime, Tier};

/// The metrics of a pack in the order of its manifest.
#[derive(Debug)]
pub(crate) struct Declarative {
    programs: Vec<Program>,
}

impl Declarative {
    pub fn new(pack: &Pack, formulas: &[Formula]) -> Declarative {
        let program = |(metric, formula): (&manifest::Metric, &Formula)| {
            let inputs = metric.inputs.iter().map(|input| input.name.as_str());
            Program::new(formula, inputs, metric.parameters.iter().map(|parameter| parameter.name.as_str()))
        };
        Declarative { programs: pack.metrics.iter().zip(formulas).map(program).collect() }
    }
}

impl Runtime for Declarative {
    fn tier(&self) -> Tier {
        Tier::Declarative
    }

    fn evaluate(&self, batch: &Batch<'_>) -> Result<Vec<Option<Decimal>>, Fault> {
        let columns = batch.inputs.iter().map(rounded).collect::<Result<Vec<_>, _>>()?;
        let columns: Vec<&[Option<Decimal>]> = columns.iter().map(|column| &**column).collect();
        let constants: Vec<Decimal> = batch.parameters.iter().map(|argument| argument.value()).collect();
        let answers = self.programs[batch.metric as usize].evaluate(&columns, &constants, batch.rows);
        answers.into_iter().enumerate().map(|(row, answer)| value(answer).map_err(|fault| fault.at(row as u64))).collect()
    }
}

/// Ten to the power of 9 times the largest decimal has fewer than 38 digits: up to this scale, every value fits.
const ALWAYS_FITS: u32 = 9;

/// The values as a native pack would get them.
fn rounded(column: &Column) -> Result<Cow<'_, [Option<Decimal>]>, Fault> {
    let beyond = |value: &Option<Decimal>| value.is_some_and(|value| mantissa(value, column.scale).is_none());
    if column.scale > ALWAYS_FITS
        && let Some(row) = column.values.iter().position(beyond)
    {
        return Err(misfit(Form::of(NumberType::Decimal, column.scale)).at(row as u64));
    }
    if column.values.iter().flatten().all(|value| value.scale() <= column.scale) {
        return Ok(Cow::Borrowed(&column.values));
    }
    Ok(column.values.iter().map(|value| value.map(|value| value.round_dp(column.scale))).collect())
}

/// The value as a native pack could have written it.
fn value(answer: Answer) -> Result<Option<Decimal>, Fault> {
    match answer {
        Answer::Null => Ok(None),
        Answer::Value(value) if mantissa(value, OUTPUT_SCALE).is_some() => Ok(Some(value.round_dp(OUTPUT_SCALE).normalize())),
        Answer::Value(_) | Answer::Overflow => Err(Fault::new("E_OVERFLOW", "the result is too large for an exact decimal")),
    }
}
