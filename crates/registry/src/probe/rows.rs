//! The rows that a pack is tried with: usual ones, which are the same in every probe, and the edges of what may come.

use std::ops::Range;

use manifest::{Input, Metric, NumberType, Parameter};
use rust_decimal::Decimal;

use crate::Column;
use crate::numbers::Numbers;
use crate::runtime::Argument;

/// Mostly counts and amounts as they come; some nothing, some zero, some negative.
fn value(numbers: &mut Numbers, scale: u32) -> Option<Decimal> {
    let mantissa = match numbers.next() % 16 {
        0 => return None,
        1 => 0,
        2 => -((numbers.next() % 1000) as i64),
        3..=8 => (numbers.next() % 100) as i64,
        _ => (numbers.next() % 10_000_000) as i64,
    };
    Some(Decimal::new(mantissa, scale.min(6)))
}

/// What a metric is called with.
#[derive(Clone, Debug)]
pub(super) struct Rows {
    pub columns: Vec<Column>,
    pub parameters: Vec<Argument>,
    /// What comes in columns of floats instead, if no decimal is so small.
    pub floats: Vec<f64>,
}

impl Rows {
    pub fn count(&self) -> usize {
        self.columns.first().map_or(1, |column| column.values.len())
    }

    pub fn part(&self, range: Range<usize>) -> Rows {
        let part = |column: &Column| Column { scale: column.scale, values: column.values[range.clone()].to_vec() };
        Rows { columns: self.columns.iter().map(part).collect(), parameters: self.parameters.clone(), floats: Vec::new() }
    }
}

fn parameters(metric: &Metric, choose: impl Fn(&Parameter) -> Option<Decimal>) -> Vec<Argument> {
    metric.parameters.iter().map(|parameter| Argument::of(parameter, choose(parameter).unwrap_or(parameter.default))).collect()
}

pub(super) fn usual(metric: &Metric, rows: usize) -> Rows {
    let mut numbers = Numbers::from(rows as u64);
    let mut column = |scale: u32| Column { scale, values: (0..rows).map(|_| value(&mut numbers, scale)).collect() };
    let columns = metric.inputs.iter().map(|input| column(input.scale())).collect();
    Rows { columns, parameters: parameters(metric, |_| None), floats: Vec::new() }
}

/// Doubles so small that the processor keeps them in another form, which some builds take for zero, and the smallest that are not.
const SMALLEST: [f64; 6] = [5e-324, -5e-324, f64::MIN_POSITIVE - 5e-324, 5e-324 - f64::MIN_POSITIVE, f64::MIN_POSITIVE, -f64::MIN_POSITIVE];

/// None where the metric has no floats.
pub(super) fn smallest(metric: &Metric, rows: usize) -> Option<Rows> {
    let has_floats = metric.inputs.iter().any(|input| input.number == NumberType::Float);
    let ones = |input: &Input| Column { scale: input.scale(), values: vec![Some(Decimal::ONE); rows] };
    has_floats.then(|| Rows {
        columns: metric.inputs.iter().map(ones).collect(),
        parameters: parameters(metric, |_| None),
        floats: (0..rows).map(|row| SMALLEST[row % SMALLEST.len()]).collect(),
    })
}

/// Whole columns of nothing, of zeros, of the largest and smallest there are, of the finest scale, and mixed; with the least and
/// the most that parameters may be.
pub(super) fn edges(metric: &Metric, rows: usize) -> Vec<Rows> {
    let whole = |value: i64| Some(Decimal::from(value));
    let kinds: [(u32, [Option<Decimal>; 4]); 6] = [
        (0, [None; 4]),
        (0, [whole(0); 4]),
        (0, [whole(i64::MAX), whole(i64::MIN), whole(i64::MAX), whole(-1)]),
        (0, [Some(Decimal::MAX), Some(Decimal::MIN), None, whole(1)]),
        (28, [Some(Decimal::new(1, 28)), Some(Decimal::new(-1, 28)), Some(Decimal::new(i64::MAX, 28)), whole(0)]),
        (4, [None, whole(0), Some(Decimal::new(i64::MIN, 4)), Some(Decimal::new(1, 4))]),
    ];
    let settings = [parameters(metric, |parameter| parameter.min), parameters(metric, |parameter| parameter.max)];
    let column = |scale: u32, values: [Option<Decimal>; 4], shift: usize| Column {
        scale,
        values: (0..rows).map(|row| values[(row + shift) % 4].map(|value| within(value, metric.inputs[shift].number))).collect(),
    };
    let batch = |(index, (scale, values)): (usize, (u32, [Option<Decimal>; 4]))| Rows {
        columns: (0..metric.inputs.len()).map(|shift| column(scale, values, shift)).collect(),
        parameters: settings[index % 2].clone(),
        floats: Vec::new(),
    };
    kinds.into_iter().enumerate().map(batch).collect()
}

/// The value, or the one next to it that such numbers have.
fn within(value: Decimal, number: NumberType) -> Decimal {
    let most = Decimal::from(i64::MAX);
    if number == NumberType::Integer { value.clamp(-most, most) } else { value }
}
