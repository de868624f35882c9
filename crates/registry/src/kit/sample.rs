//! The rows that a metric is tried with: edges of every input, numbers that look random, and numbers almost too large to compute.

use manifest::{Metric, NumberType, Pack, Parameter};
use rust_decimal::Decimal;

use crate::Column;
use crate::numbers::Numbers;

/// Numbers of so many digits before the point every pack must take, as long as its columns have few places: two of them multiplied
/// still fit the 128 bits that a pack in C computes with.
pub(super) const DIGITS: u32 = 12;
const DIGITS_AND_PLACES: u32 = 18;
const RANDOM_ROWS: usize = 96;
/// Columns hold more places than anybody has use for.
const PLACES: u32 = 6;

/// The rows of one metric, one after the other.
pub(super) struct Sample(Numbers);

impl Sample {
    /// Another one for each metric, the same at each load.
    pub fn of(pack: &Pack, metric: &Metric) -> Sample {
        let bytes = pack.id.bytes().chain([b'.']).chain(metric.key.bytes());
        Sample(Numbers::from(bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))))
    }

    /// One column for each input: every edge of every input among small numbers, all inputs at one edge, and random rows.
    pub fn columns(&mut self, metric: &Metric) -> Vec<Column> {
        let mut columns: Vec<Column> = metric.inputs.iter().map(|input| Column { scale: input.scale(), values: Vec::new() }).collect();
        for at in 0..columns.len() {
            for edge in edges(columns[at].scale) {
                self.push(&mut columns, |sample, input, _| if input == at { edge } else { Some(sample.small()) });
            }
        }
        for edge in 0..edges(0).len() {
            self.push(&mut columns, |_, _, scale| edges(scale)[edge]);
        }
        for _ in 0..RANDOM_ROWS {
            self.push(&mut columns, |sample, _, scale| sample.value(scale));
        }
        columns
    }

    /// Each input very large in turn, in either direction.
    pub fn extremes(&mut self, metric: &Metric) -> Vec<Column> {
        let mut columns: Vec<Column> = metric.inputs.iter().map(|input| Column { scale: input.scale(), values: Vec::new() }).collect();
        for at in 0..columns.len() {
            let most = if metric.inputs[at].number == NumberType::Integer { i64::MAX.into() } else { 10i128.pow(25) };
            for large in [10i128.pow(18), -(10i128.pow(18)), most, -most] {
                let large = Decimal::from_i128_with_scale(large, 0);
                self.push(&mut columns, |sample, input, _| Some(if input == at { large } else { sample.small() }));
            }
        }
        columns
    }

    fn push(&mut self, columns: &mut [Column], value: impl Fn(&mut Sample, usize, u32) -> Option<Decimal>) {
        for (input, column) in columns.iter_mut().enumerate() {
            column.values.push(value(self, input, column.scale));
        }
    }

    fn small(&mut self) -> Decimal {
        Decimal::from(self.0.next() % 9 + 1)
    }

    /// Nothing, zero, small, negative and large: what makes formulas take their turns.
    fn value(&mut self, scale: u32) -> Option<Decimal> {
        let mantissa = match self.0.next() % 8 {
            0 => return None,
            1 => 0,
            2 | 3 => return Some(Decimal::from(self.0.next() % 5)),
            4 => -(self.0.next() as i64),
            _ => self.0.next() as i64,
        };
        Some(Decimal::new(mantissa, scale.min(PLACES)))
    }

    /// Parameters as nobody set them, all at their least, all at their most, and each somewhere between.
    pub fn settings(&mut self, metric: &Metric) -> Vec<Vec<Decimal>> {
        let parameters = &metric.parameters;
        let mut settings = vec![metric.defaults()];
        settings.push(parameters.iter().map(|parameter| range(parameter).0).collect());
        settings.push(parameters.iter().map(|parameter| range(parameter).1).collect());
        settings.push(parameters.iter().map(|parameter| self.between(parameter)).collect());
        settings.dedup();
        settings
    }

    fn between(&mut self, parameter: &Parameter) -> Decimal {
        let ((low, high), share) = (range(parameter), Decimal::new((self.0.next() % 1000) as i64, 3));
        let value = high.checked_sub(low).and_then(|width| width.checked_mul(share)).and_then(|part| low.checked_add(part));
        let value = value.unwrap_or(parameter.default);
        if parameter.number == NumberType::Integer { value.floor().max(low) } else { value.round_dp(PLACES).clamp(low, high) }
    }
}

/// No value, zero, one, the smallest step, and much, in either direction.
fn edges(scale: u32) -> [Option<Decimal>; 8] {
    let step = Decimal::new(1, scale.min(PLACES));
    let (one, large) = (Decimal::ONE, large(DIGITS.min(DIGITS_AND_PLACES.saturating_sub(scale))));
    [None, Some(Decimal::ZERO), Some(one), Some(-one), Some(step), Some(-step), Some(large), Some(-large)]
}

/// The largest whole number of so many digits.
fn large(digits: u32) -> Decimal {
    Decimal::from(10i64.pow(digits) - 1)
}

/// From the least to the most that a parameter may be; where nothing bounds it, some way from its default.
fn range(parameter: &Parameter) -> (Decimal, Decimal) {
    let reach = parameter.default.abs().max(Decimal::ONE).min(large(DIGITS));
    let within = |value: Decimal| if parameter.fault_of(value).is_some() { parameter.default } else { value };
    let low = parameter.min.unwrap_or_else(|| within(parameter.default - reach));
    (low, parameter.max.unwrap_or_else(|| within(parameter.default + reach)))
}
