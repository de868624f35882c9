//! The conformance kit: whether a pack computes what its formulas say, before anybody sees a figure of it.
//!
//! Each metric is asked for the same rows as its formula: every kind of edge in every input, and numbers that look random and are
//! the same in every run, at several settings of its parameters. The answers must be those of the formula, the same when asked
//! again, and those of the rows whatever comes before or after them. Money times seven must come to what that is worth, what two
//! rows of a flow come to must be what their sum does, and the examples that the manifest gives must come true. The first difference
//! refuses the pack, with the row, so that its author can do the sum. Only what is computed in floats may differ from the formula, by
//! little ([`allowed`]), and never from itself.
//!
//! Numbers of more than [`sample::DIGITS`] digits are tried one row at a time: a pack may say that they are too large for it, but not that
//! there is no value where there is one, and nothing wrong.

use manifest::{Accumulation, Answer, Example, Formula, Metric, NumberType, Pack, Program};
use rust_decimal::Decimal;

use self::allowed::Allowed;
use self::difference::Differing;
use self::sample::Sample;
use crate::Column;
use crate::outcome::{Failed, Fault, failed};
use crate::runtime::{Argument, Batch, Runtime};

mod allowed;
mod difference;
mod sample;

/// What money is multiplied with to see whether the value follows.
const FACTOR: u64 = 7;

/// An output has 38 digits, 12 of them behind the point.
const MOST: i128 = 10i128.pow(26);

const SAY_THE_SAME: &str = "make the pack's code and the formula of its manifest say the same";
const ROW_BY_ROW: &str = "compute each row from its own inputs alone, with no state, clock or randomness";

type Values = Vec<Option<Decimal>>;

/// Tries every metric of a pack in its runtime. The formulas are those of the metrics, in their order.
pub(crate) fn check(pack: &Pack, formulas: &[Formula], runtime: &dyn Runtime) -> Result<(), Failed> {
    let metrics = (0..).zip(pack.metrics.iter().zip(formulas));
    metrics.into_iter().try_for_each(|(index, (metric, formula))| Trial::new(pack, metric, formula, index, runtime).run())
}

/// One metric under trial.
struct Trial<'a> {
    pack: &'a Pack,
    metric: &'a Metric,
    formula: &'a Formula,
    program: Program,
    index: u32,
    runtime: &'a dyn Runtime,
}

impl<'a> Trial<'a> {
    fn new(pack: &'a Pack, metric: &'a Metric, formula: &'a Formula, index: u32, runtime: &'a dyn Runtime) -> Trial<'a> {
        let parameters = metric.parameters.iter().map(|parameter| parameter.name.as_str());
        let program = Program::new(formula, metric.inputs.iter().map(|input| input.name.as_str()), parameters);
        Trial { pack, metric, formula, program, index, runtime }
    }

    fn run(&self) -> Result<(), Failed> {
        let mut sample = Sample::of(self.pack, self.metric);
        for settings in sample.settings(self.metric) {
            let columns = sample.columns(self.metric);
            let columns = only(&columns, &self.answerable(&columns, &settings));
            let values = self.compare(&columns, &self.allowed(&columns, &settings), &settings)?;
            self.ask_again(&columns, &values, &settings)?;
            self.ask_otherwise(&columns, &values, &settings)?;
            self.add_up(&columns, &values, &settings)?;
            self.scale(&columns, &values, &settings)?;
            self.try_extremes(&sample.extremes(self.metric), &settings)?;
        }
        self.metric.examples.iter().try_for_each(|example| self.try_example(example))
    }

    /// The rows where the formula does not run over, and where its value has room in an output.
    fn answerable(&self, columns: &[Column], settings: &[Decimal]) -> Vec<bool> {
        let most = match self.metric.output.number {
            NumberType::Decimal => Decimal::from_i128_with_scale(MOST, 0),
            NumberType::Integer => i64::MAX.into(),
            NumberType::Float => Decimal::MAX,
        };
        let fits = |answer: &Answer| match answer {
            Answer::Null => true,
            Answer::Value(value) => value.abs() < most,
            Answer::Overflow => false,
        };
        self.expected(columns, settings).iter().map(fits).collect()
    }

    fn expected(&self, columns: &[Column], settings: &[Decimal]) -> Vec<Answer> {
        let columns: Vec<&[Option<Decimal>]> = columns.iter().map(|column| column.values.as_slice()).collect();
        self.program.evaluate(&columns, settings, columns.first().map_or(0, |column| column.len()))
    }

    fn call(&self, columns: &[Column], settings: &[Decimal]) -> Result<Values, Fault> {
        let parameters: Vec<Argument> =
            self.metric.parameters.iter().zip(settings).map(|(parameter, value)| Argument::of(parameter, *value)).collect();
        let rows = columns.first().map_or(0, |column| column.values.len());
        self.runtime.evaluate(&Batch { metric: self.index, declared: self.metric, inputs: columns, parameters: &parameters, rows })
    }

    fn compare(&self, columns: &[Column], allowed: &[Allowed], settings: &[Decimal]) -> Result<Values, Failed> {
        if allowed.is_empty() {
            return Ok(Vec::new());
        }
        let values = self.call(columns, settings).map_err(|fault| {
            let row = fault.row.and_then(|row| usize::try_from(row).ok()).filter(|row| *row < allowed.len()).unwrap_or_default();
            self.differs(columns, row, settings, allowed[row].expected(), &fault.to_string())
        })?;
        match allowed.iter().zip(&values).position(|(allowed, value)| !allowed.admits(*value)) {
            Some(row) => Err(self.differs(columns, row, settings, allowed[row].expected(), &told(values[row]))),
            None => Ok(values),
        }
    }

    fn ask_again(&self, columns: &[Column], values: &Values, settings: &[Decimal]) -> Result<(), Failed> {
        self.same(columns, values, settings, "F_NOT_DETERMINISTIC", "when asked again", self.call(columns, settings))
    }

    /// The rows from the last to the first, and cut in two.
    fn ask_otherwise(&self, columns: &[Column], values: &Values, settings: &[Decimal]) -> Result<(), Failed> {
        if values.len() < 3 {
            return Ok(());
        }
        let turned: Vec<Column> = columns.iter().map(|column| part(column, column.values.iter().rev())).collect();
        let answers = self.call(&turned, settings).map(|values| values.into_iter().rev().collect());
        self.same(columns, values, settings, "F_NOT_ROW_WISE", "with the rows in another order", answers)?;
        let cut = values.len() / 3;
        let [first, second] = [0..cut, cut..values.len()].map(|rows| {
            let part: Vec<Column> = columns.iter().map(|column| part(column, column.values[rows.clone()].iter())).collect();
            self.call(&part, settings)
        });
        let answers = first.and_then(|first| Ok([first, second?].concat()));
        self.same(columns, values, settings, "F_NOT_ROW_WISE", "with the rows cut in two", answers)
    }

    fn same(
        &self,
        columns: &[Column],
        values: &Values,
        settings: &[Decimal],
        code: &'static str,
        when: &str,
        answers: Result<Values, Fault>,
    ) -> Result<(), Failed> {
        let (row, found) = match answers {
            Ok(answers) => match values.iter().zip(&answers).position(|(value, answer)| value != answer) {
                Some(row) => (row, told(answers[row])),
                None => return Ok(()),
            },
            Err(fault) => (fault.row.map_or(0, |row| row as usize).min(values.len().saturating_sub(1)), fault.to_string()),
        };
        let expected = format!("{} for {}", told(values[row]), self.described(columns, row, settings));
        Err(failed(code, expected, format!("{found} {when}"), ROW_BY_ROW))
    }

    /// A flow over a period is the sum of those over its parts: every two rows, as if they were the parts of one.
    fn add_up(&self, columns: &[Column], values: &Values, settings: &[Decimal]) -> Result<(), Failed> {
        if self.metric.accumulation != Accumulation::Flow {
            return Ok(());
        }
        let known: Vec<bool> = (0..values.len()).map(|row| columns.iter().all(|column| column.values[row].is_some())).collect();
        let parts: Values = values.iter().zip(&known).filter_map(|(value, known)| known.then_some(*value)).collect();
        let wholes: Vec<Column> =
            only(columns, &known).iter().map(|column| Column { scale: column.scale, values: pairs(&column.values) }).collect();
        let kept = self.answerable(&wholes, settings);
        let wholes = only(&wholes, &kept);
        if wholes[0].values.is_empty() {
            return Ok(());
        }
        if self.metric.output.number == NumberType::Float {
            // No two floats add up exactly: what they may come to is known for these inputs too.
            return self.compare(&wholes, &self.allowed(&wholes, settings), settings).map(drop);
        }
        let found = self.call(&wholes, settings).map_err(|fault| {
            let row = (fault.row.unwrap_or_default() as usize).min(wholes[0].values.len().saturating_sub(1));
            self.not_additive(&wholes, row, settings, "a value", &fault)
        })?;
        let expected = pairs(&parts).into_iter().zip(kept).filter_map(|(expected, kept)| kept.then_some(expected));
        match expected.zip(&found).enumerate().find(|(_, (expected, found))| difference::far_apart(*expected, **found)) {
            Some((row, (expected, found))) => Err(self.not_additive(&wholes, row, settings, &told(expected), &told(*found))),
            None => Ok(()),
        }
    }

    fn not_additive(&self, columns: &[Column], row: usize, settings: &[Decimal], expected: &str, found: &dyn std::fmt::Display) -> Failed {
        let expected = format!("{expected}, which its two parts come to together, for {}", self.described(columns, row, settings));
        failed("F_NOT_ADDITIVE", expected, found, "say `flow` of sums only: the value over a period is then what its parts add up to")
    }

    /// Where the formula says how its value grows with money, the pack's must grow so.
    fn scale(&self, columns: &[Column], values: &Values, settings: &[Decimal]) -> Result<(), Failed> {
        let money = |name: &str| self.metric.inputs.iter().any(|input| input.name == name && self.pack.is_money(input));
        let Some(degree) = self.formula.degree(&money).filter(|_| self.metric.inputs.iter().any(|input| money(&input.name))) else {
            return Ok(());
        };
        let Some(factor) = power(degree) else { return Ok(()) };
        let scaled: Vec<Column> = (self.metric.inputs.iter().zip(columns))
            .map(|(input, column)| if money(&input.name) { times(column, FACTOR.into()) } else { column.clone() })
            .collect();
        let kept = self.answerable(&scaled, settings);
        let (columns, scaled) = (only(columns, &kept), only(&scaled, &kept));
        if self.metric.output.number == NumberType::Float {
            // No two floats grow alike: what they may come to is known for these inputs too.
            return self.compare(&scaled, &self.allowed(&scaled, settings), settings).map(drop);
        }
        let expected =
            values.iter().zip(&kept).filter(|(_, kept)| **kept).map(|(value, _)| value.and_then(|value| value.checked_mul(factor)));
        let found = self.call(&scaled, settings);
        let found =
            found.map_err(|fault| self.not_scaled(&columns, fault.row.unwrap_or_default() as usize, settings, "a value", &fault))?;
        for (row, (expected, found)) in expected.zip(&found).enumerate() {
            if difference::far_apart(expected, *found) {
                return Err(self.not_scaled(&columns, row, settings, &told(expected), &told(*found)));
            }
        }
        Ok(())
    }

    fn not_scaled(&self, columns: &[Column], row: usize, settings: &[Decimal], expected: &str, found: &dyn std::fmt::Display) -> Failed {
        let row = row.min(columns.first().map_or(0, |column| column.values.len().saturating_sub(1)));
        let expected = format!("{expected} once its money is {FACTOR} times as much, for {}", self.described(columns, row, settings));
        failed("F_NOT_SCALED", expected, found, "read the scale of every input column, and add no fixed amounts of money")
    }

    fn try_extremes(&self, columns: &[Column], settings: &[Decimal]) -> Result<(), Failed> {
        for (row, allowed) in self.allowed(columns, settings).into_iter().enumerate() {
            let expected = allowed.expected();
            let only: Vec<Column> = columns.iter().map(|column| part(column, column.values[row..=row].iter())).collect();
            let found = match self.call(&only, settings) {
                Ok(values) if expected == Answer::Overflow && values[0].is_some() => continue,
                Ok(values) if allowed.admits(values[0]) => continue,
                Ok(values) => told(values[0]),
                Err(fault) if too_large(&fault) => continue,
                Err(fault) => fault.to_string(),
            };
            return Err(self.differs(columns, row, settings, expected, &found));
        }
        Ok(())
    }

    fn try_example(&self, example: &Example) -> Result<(), Failed> {
        let settings = self.metric.settings(example);
        let column = |input: &manifest::Input| Column { scale: input.scale(), values: vec![example.inputs.get(&input.name).copied()] };
        let columns: Vec<Column> = self.metric.inputs.iter().map(column).collect();
        self.compare(&columns, &self.allowed(&columns, &settings), &settings).map(drop)
    }

    fn differs(&self, columns: &[Column], row: usize, settings: &[Decimal], expected: Answer, found: &str) -> Failed {
        let expected = match expected {
            Answer::Null => "no value".to_owned(),
            Answer::Value(value) => told(Some(value.round_dp(12))),
            Answer::Overflow => "a failure, since the result is too large,".to_owned(),
        };
        failed("F_FORMULA_DIFFERS", format!("{expected} for {}", self.described(columns, row, settings)), found, SAY_THE_SAME)
    }

    fn described(&self, columns: &[Column], row: usize, settings: &[Decimal]) -> Differing<'_> {
        Differing::new(self.pack, self.metric, columns, row, settings)
    }
}

/// That a number is too large is the one thing a pack may say instead of an answer.
fn too_large(fault: &Fault) -> bool {
    ["E_OVERFLOW", "E_INPUT", "E_COMPUTE", "F_DECIMAL_RANGE"].contains(&fault.code.as_str())
}

/// The columns without the rows that are not kept.
fn only(columns: &[Column], kept: &[bool]) -> Vec<Column> {
    columns.iter().map(|column| part(column, column.values.iter().zip(kept).filter_map(|(value, kept)| kept.then_some(value)))).collect()
}

fn part<'a>(column: &Column, values: impl Iterator<Item = &'a Option<Decimal>>) -> Column {
    Column { scale: column.scale, values: values.copied().collect() }
}

/// What every two come to together.
fn pairs(values: &[Option<Decimal>]) -> Values {
    values.chunks_exact(2).map(|pair| pair[0]?.checked_add(pair[1]?)).collect()
}

fn times(column: &Column, factor: Decimal) -> Column {
    Column { scale: column.scale, values: column.values.iter().map(|value| value.map(|value| value * factor)).collect() }
}

/// The factor that a value of some degree grows by.
fn power(degree: i32) -> Option<Decimal> {
    let whole = Decimal::from(FACTOR.checked_pow(degree.unsigned_abs()).filter(|_| degree.abs() <= 4)?);
    if degree < 0 { Decimal::ONE.checked_div(whole) } else { Some(whole) }
}

fn told(value: Option<Decimal>) -> String {
    value.map_or_else(|| "no value".to_owned(), |value| value.normalize().to_string())
}

#[cfg(test)]
mod tests;
