//! Columns on their way to a pack and back: aligned buffers of one chunk, reused for the next, and the checks of what came out.
//!
//! A buffer lies on the heap or in memory shared with a child process. In either case a pack may write to it when it should not,
//! also while it is read: so memory is words that are loaded and stored one by one, and what is checked is what was loaded.

mod slot;

use std::ops::Deref;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use manifest::NumberType;
use metric_abi::D128;
use rust_decimal::Decimal;

use self::slot::{Double, Slot};
pub(crate) use self::slot::{mantissa, nearest};
use crate::Column;
use crate::outcome::Fault;

/// Columns are aligned and padded to 64 bytes: four decimals, eight integers or doubles, or 512 validity bits.
#[derive(Debug, Default)]
#[repr(C, align(64))]
pub(crate) struct Line([AtomicU64; 8]);

/// The fewest values that a line has: room for decimals is room for all.
const VALUES: usize = 4;
const BITS: usize = 512;
/// The scale of every output of decimals.
pub(crate) const OUTPUT_SCALE: u32 = 12;
/// Rows whose validity bits are one word.
const BLOCK: usize = 64;

fn lines(count: usize) -> Vec<Line> {
    std::iter::repeat_with(Line::default).take(count).collect()
}

/// The last lines, because what lies behind a column is there to catch who goes past its end.
fn last(lines: &[Line], count: usize) -> &[Line] {
    &lines[lines.len() - count..]
}

impl Line {
    /// One of its words, to be waited for.
    pub fn at(&self, index: usize) -> &AtomicU64 {
        &self.0[index]
    }

    pub fn word(&self, index: usize) -> u64 {
        self.0[index].load(Relaxed)
    }

    pub fn put_word(&self, index: usize, word: u64) {
        self.0[index].store(word, Relaxed);
    }
}

fn slot<S: Slot>(values: &[Line], row: usize) -> S {
    S::get(&values[row / S::IN_LINE], row % S::IN_LINE)
}

fn put<S: Slot>(values: &[Line], row: usize, value: S) {
    value.put(&values[row / S::IN_LINE], row % S::IN_LINE);
}

/// Calls a function of the type that has a slot of such numbers.
macro_rules! by_number {
    ($number:expr, $($call:ident).+ ($($argument:expr),*)) => {
        match $number {
            NumberType::Decimal => $($call).+::<D128>($($argument),*),
            NumberType::Integer => $($call).+::<i64>($($argument),*),
            NumberType::Float => $($call).+::<Double>($($argument),*),
        }
    };
}

/// The validity of rows `64 * block` and the 63 after it, the first in the lowest bit.
fn bits(lines: &[Line], block: usize) -> u64 {
    u64::from_le(lines[block / 8].word(block % 8))
}

fn put_bits(lines: &[Line], block: usize, bits: u64) {
    lines[block / 8].put_word(block % 8, bits.to_le());
}

/// In which numbers a column crosses; only decimals have places.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Form {
    pub number: NumberType,
    pub scale: u32,
}

impl Form {
    pub fn of(number: NumberType, scale: u32) -> Form {
        Form { number, scale: if number == NumberType::Decimal { scale } else { 0 } }
    }

    /// Of the columns that come for the inputs of a metric.
    pub fn all<'a>(inputs: &'a [manifest::Input], columns: &'a [Column]) -> impl Iterator<Item = Form> + 'a {
        inputs.iter().zip(columns).map(|(input, column)| Form::of(input.number, column.scale))
    }

    fn in_line(self) -> usize {
        match self.number {
            NumberType::Decimal => D128::IN_LINE,
            NumberType::Integer => i64::IN_LINE,
            NumberType::Float => Double::IN_LINE,
        }
    }
}

/// One input over one chunk.
#[derive(Debug)]
pub(crate) struct InputBuffer<M> {
    values: M,
    validity: M,
    shape: Shape,
}

/// An input as a pack sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Input<'a> {
    values: &'a [Line],
    validity: Option<&'a [Line]>,
    nulls: u64,
    form: Form,
}

impl InputBuffer<Vec<Line>> {
    /// On the heap, with room for so many rows.
    pub fn new(rows: usize, form: Form) -> Self {
        InputBuffer::over(lines(rows.div_ceil(VALUES)), lines(rows.div_ceil(BITS)), form)
    }
}

impl<M: Deref<Target = [Line]>> InputBuffer<M> {
    /// Over memory that is there already. A chunk takes the end of it.
    pub fn over(values: M, validity: M, form: Form) -> Self {
        InputBuffer { values, validity, shape: Shape { rows: 0, nulls: 0, form } }
    }

    /// Of another column from now on.
    pub fn set_form(&mut self, form: Form) {
        self.shape = Shape { rows: 0, nulls: 0, form };
    }

    /// Takes the rows of a column. The error is the first row whose value does not fit, counted in the slice.
    pub fn fill(&mut self, rows: &[Option<Decimal>]) -> Result<(), usize> {
        by_number!(self.shape.form.number, self.fill_with(rows))
    }

    fn fill_with<S: Slot>(&mut self, rows: &[Option<Decimal>]) -> Result<(), usize> {
        let scale = self.shape.form.scale;
        let (values, validity) = (last(&self.values, rows.len().div_ceil(S::IN_LINE)), last(&self.validity, rows.len().div_ceil(BITS)));
        let mut nulls = 0;
        for (block, rows) in rows.chunks(BLOCK).enumerate() {
            let mut valid = 0u64;
            for (index, value) in rows.iter().enumerate() {
                let row = block * BLOCK + index;
                let value = match value {
                    Some(value) => {
                        valid |= 1 << index;
                        S::of(*value, scale).ok_or(row)?
                    }
                    None => S::NOTHING,
                };
                put(values, row, value);
            }
            nulls += rows.len() as u64 - u64::from(valid.count_ones());
            put_bits(validity, block, valid);
        }
        // The padding is nobody's rows.
        (rows.len().div_ceil(BLOCK)..validity.len() * BITS / BLOCK).for_each(|block| put_bits(validity, block, 0));
        (self.shape.rows, self.shape.nulls) = (rows.len(), nulls);
        Ok(())
    }

    pub fn input(&self) -> Input<'_> {
        Input::of(&self.values, &self.validity, self.shape)
    }

    /// Whether this is still what it was filled with.
    pub fn holds(&self, rows: &[Option<Decimal>]) -> bool {
        by_number!(self.shape.form.number, self.holds_all(rows))
    }

    fn holds_all<S: Slot>(&self, rows: &[Option<Decimal>]) -> bool {
        let input = self.input();
        let same = |(row, value): (usize, &Option<Decimal>)| {
            let valid = input.validity.is_none_or(|validity| bits(validity, row / BLOCK) >> (row % BLOCK) & 1 == 1);
            let expected = value.map_or(Some(S::NOTHING), |value| S::of(value, self.shape.form.scale));
            valid == value.is_some() && Some(slot(input.values, row)) == expected
        };
        rows.iter().enumerate().all(same)
    }

    /// Puts doubles in the place of what it was filled with, where it holds doubles and there are any.
    pub fn put_floats(&self, values: &[f64]) {
        if self.shape.form.number == NumberType::Float {
            let lines = self.input().values;
            values.iter().enumerate().for_each(|(row, value)| put(lines, row, Double(value.to_bits())));
        }
    }

    /// Whether it still holds those doubles; none where it never did.
    pub fn holds_floats(&self, values: &[f64]) -> Option<bool> {
        let lines = self.input().values;
        let holds = || values.iter().enumerate().all(|(row, value)| slot::<Double>(lines, row).0 == value.to_bits());
        (self.shape.form.number == NumberType::Float && !values.is_empty()).then(holds)
    }

    pub fn shape(&self) -> Shape {
        self.shape
    }
}

/// All of an input but where it lies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shape {
    pub rows: usize,
    pub nulls: u64,
    pub form: Form,
}

impl<'a> Input<'a> {
    /// At the end of such memory.
    pub fn of(values: &'a [Line], validity: &'a [Line], shape: Shape) -> Input<'a> {
        let Shape { rows, nulls, form } = shape;
        let validity = (nulls > 0).then(|| last(validity, rows.div_ceil(BITS)));
        Input { values: last(values, rows.div_ceil(form.in_line())), validity, nulls, form }
    }

    /// How many rows there is room for.
    pub fn room(&self) -> usize {
        self.values.len() * self.form.in_line()
    }

    pub fn values(&self) -> &'a [Line] {
        self.values
    }

    /// None where there are no nulls.
    pub fn validity(&self) -> Option<&'a [Line]> {
        self.validity
    }

    pub fn null_count(&self) -> u64 {
        self.nulls
    }

    pub fn form(&self) -> Form {
        self.form
    }
}

/// The output over one chunk.
#[derive(Debug)]
pub(crate) struct OutputBuffer<M> {
    values: M,
    validity: M,
    /// How many lines at the end of the memory are there to be found unwritten. None where the memory ends in a page that nobody may touch.
    guard: usize,
    rows: usize,
    form: Form,
}

/// An output as a pack sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output<'a> {
    values: &'a [Line],
    validity: &'a [Line],
    rows: usize,
    form: Form,
}

impl OutputBuffer<Vec<Line>> {
    /// On the heap, with a guard behind it.
    pub fn new(rows: usize, number: NumberType) -> Self {
        let (values, validity) = (lines(rows.div_ceil(VALUES) + 1), lines(rows.div_ceil(BITS) + 1));
        OutputBuffer { guard: 1, ..OutputBuffer::over(values, validity, number) }
    }
}

impl<M: Deref<Target = [Line]>> OutputBuffer<M> {
    /// Over memory that is there already, behind which lies a page that nobody may touch.
    pub fn over(values: M, validity: M, number: NumberType) -> Self {
        OutputBuffer { values, validity, guard: 0, rows: 0, form: Form::of(number, OUTPUT_SCALE) }
    }

    /// Of another column from now on.
    pub fn set_number(&mut self, number: NumberType) {
        (self.rows, self.form) = (0, Form::of(number, OUTPUT_SCALE));
    }

    /// Makes ready for so many rows: poison in every slot, no bit set.
    pub fn arm(&mut self, rows: usize) {
        self.rows = rows;
        by_number!(self.form.number, self.poison());
        self.validity().iter().for_each(|line| (0..8).for_each(|word| line.put_word(word, 0)));
    }

    fn poison<S: Slot>(&self) {
        self.values().iter().for_each(|line| (0..S::IN_LINE).for_each(|slot| S::UNWRITTEN.put(line, slot)));
    }

    pub fn output(&self) -> Output<'_> {
        Output { values: self.values(), validity: self.validity(), rows: self.rows, form: self.form }
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    fn values(&self) -> &[Line] {
        last(&self.values, self.rows.div_ceil(self.form.in_line()) + self.guard)
    }

    fn validity(&self) -> &[Line] {
        last(&self.validity, self.rows.div_ceil(BITS) + self.guard)
    }

    /// Checks what the pack wrote, and appends it. Rows in faults are counted from `row_base`.
    pub fn take(&self, row_base: u64, results: &mut Vec<Option<Decimal>>) -> Result<(), Fault> {
        by_number!(self.form.number, self.take_all(row_base, results))
    }

    fn take_all<S: Slot>(&self, row_base: u64, results: &mut Vec<Option<Decimal>>) -> Result<(), Fault> {
        let (values, validity) = (self.values(), self.validity());
        if let Some(row) = (self.rows..values.len() * S::IN_LINE).find(|row| slot::<S>(values, *row) != S::UNWRITTEN) {
            return Err(Fault::new("F_WROTE_PAST_END", "the pack wrote a value past the end of its output").at(row_base + row as u64));
        }
        if let Some(row) = marked(validity, self.rows) {
            return Err(
                Fault::new("F_VALIDITY_PAST_END", "the pack marked a row past the end of its output as valid").at(row_base + row as u64)
            );
        }
        for start in (0..self.rows).step_by(BLOCK) {
            let valid = bits(validity, start / BLOCK);
            for row in start..self.rows.min(start + BLOCK) {
                let value = valid >> (row - start) & 1 == 1;
                let value = value.then(|| checked::<S>(slot(values, row))).transpose();
                results.push(value.map_err(|fault| fault.at(row_base + row as u64))?);
            }
        }
        Ok(())
    }
}

/// The first row from this one on that is marked as valid.
fn marked(validity: &[Line], from: usize) -> Option<usize> {
    let among = |block: usize, bits: u64| (bits != 0).then(|| block * BLOCK + bits.trailing_zeros() as usize);
    let (first, end) = (from / BLOCK, validity.len() * BITS / BLOCK);
    let rest = || (first + 1..end).find_map(|block| among(block, bits(validity, block)));
    if first == end { None } else { among(first, bits(validity, first) & u64::MAX << (from % BLOCK)).or_else(rest) }
}

fn checked<S: Slot>(slot: S) -> Result<Decimal, Fault> {
    if slot == S::UNWRITTEN {
        return Err(Fault::new("F_VALID_BUT_UNWRITTEN", "the pack marked a row as valid and wrote no value"));
    }
    slot.decimal()
}

impl<'a> Output<'a> {
    /// At the end of such memory.
    pub fn of(values: &'a [Line], validity: &'a [Line], rows: usize, number: NumberType) -> Output<'a> {
        let form = Form::of(number, OUTPUT_SCALE);
        Output { values: last(values, rows.div_ceil(form.in_line())), validity: last(validity, rows.div_ceil(BITS)), rows, form }
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    pub fn values(&self) -> &'a [Line] {
        self.values
    }

    pub fn validity(&self) -> &'a [Line] {
        self.validity
    }

    pub fn form(&self) -> Form {
        self.form
    }
}

#[cfg(test)]
mod tests;
