//! Columns on their way to a pack and back: aligned buffers of one chunk, reused for the next, and the checks of what came out.
//!
//! A buffer lies on the heap or in memory shared with a child process. In either case a pack may write to it when it should not,
//! also while it is read: so memory is words that are loaded and stored one by one, and what is checked is what was loaded.

use std::ops::Deref;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use metric_abi::{D128, MANTISSA_LIMIT, POISON};
use rust_decimal::Decimal;

use crate::outcome::Fault;

/// Columns are aligned and padded to 64 bytes: four decimals, or 512 validity bits.
#[derive(Debug, Default)]
#[repr(C, align(64))]
pub(crate) struct Line([AtomicU64; 8]);

const UNWRITTEN: D128 = D128::new(POISON);
const VALUES: usize = 4;
const BITS: usize = 512;
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
    pub fn first(&self) -> &AtomicU64 {
        &self.0[0]
    }

    fn slot(&self, index: usize) -> D128 {
        D128 { lo: self.0[2 * index].load(Relaxed), hi: self.0[2 * index + 1].load(Relaxed) as i64 }
    }

    fn put(&self, index: usize, value: D128) {
        self.0[2 * index].store(value.lo, Relaxed);
        self.0[2 * index + 1].store(value.hi as u64, Relaxed);
    }
}

/// The validity of rows `64 * block` and the 63 after it, the first in the lowest bit.
fn bits(lines: &[Line], block: usize) -> u64 {
    u64::from_le(lines[block / 8].0[block % 8].load(Relaxed))
}

fn put_bits(lines: &[Line], block: usize, bits: u64) {
    lines[block / 8].0[block % 8].store(bits.to_le(), Relaxed);
}

/// One input over one chunk.
#[derive(Debug)]
pub(crate) struct InputBuffer<M> {
    values: M,
    validity: M,
    rows: usize,
    nulls: u64,
    scale: u32,
}

/// An input as a pack sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Input<'a> {
    values: &'a [Line],
    validity: Option<&'a [Line]>,
    nulls: u64,
    scale: u32,
}

impl InputBuffer<Vec<Line>> {
    /// On the heap, with room for so many rows.
    pub fn new(rows: usize, scale: u32) -> Self {
        InputBuffer::over(lines(rows.div_ceil(VALUES)), lines(rows.div_ceil(BITS)), scale)
    }
}

impl<M: Deref<Target = [Line]>> InputBuffer<M> {
    /// Over memory that is there already. A chunk takes the end of it.
    pub fn over(values: M, validity: M, scale: u32) -> Self {
        InputBuffer { values, validity, rows: 0, nulls: 0, scale }
    }

    /// Takes the rows of a column. The error is the first row whose value does not fit, counted in the slice.
    pub fn fill(&mut self, rows: &[Option<Decimal>]) -> Result<(), usize> {
        (self.rows, self.nulls) = (rows.len(), 0);
        let (values, validity) = (last(&self.values, rows.len().div_ceil(VALUES)), last(&self.validity, rows.len().div_ceil(BITS)));
        let mut nulls = 0;
        for (block, rows) in rows.chunks(BLOCK).enumerate() {
            let mut valid = 0u64;
            for (index, value) in rows.iter().enumerate() {
                let row = block * BLOCK + index;
                let mantissa = match value {
                    Some(value) => {
                        valid |= 1 << index;
                        mantissa(*value, self.scale).ok_or(row)?
                    }
                    None => 0,
                };
                values[row / VALUES].put(row % VALUES, D128::new(mantissa));
            }
            nulls += rows.len() as u64 - u64::from(valid.count_ones());
            put_bits(validity, block, valid);
        }
        // The padding is nobody's rows.
        (rows.len().div_ceil(BLOCK)..validity.len() * BITS / BLOCK).for_each(|block| put_bits(validity, block, 0));
        self.nulls = nulls;
        Ok(())
    }

    pub fn input(&self) -> Input<'_> {
        Input::of(&self.values, &self.validity, Shape { rows: self.rows, nulls: self.nulls, scale: self.scale })
    }

    /// Whether this is still what it was filled with.
    pub fn holds(&self, rows: &[Option<Decimal>]) -> bool {
        let input = self.input();
        let same = |(row, value): (usize, &Option<Decimal>)| {
            let valid = input.validity.is_none_or(|validity| bits(validity, row / BLOCK) >> (row % BLOCK) & 1 == 1);
            let expected = value.map_or(Some(0), |value| mantissa(value, self.scale));
            valid == value.is_some() && Some(input.values[row / VALUES].slot(row % VALUES).mantissa()) == expected
        };
        rows.iter().enumerate().all(same)
    }

    pub fn shape(&self) -> Shape {
        Shape { rows: self.rows, nulls: self.nulls, scale: self.scale }
    }
}

/// All of an input but where it lies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shape {
    pub rows: usize,
    pub nulls: u64,
    pub scale: u32,
}

impl<'a> Input<'a> {
    /// At the end of such memory.
    pub fn of(values: &'a [Line], validity: &'a [Line], shape: Shape) -> Input<'a> {
        let validity = (shape.nulls > 0).then(|| last(validity, shape.rows.div_ceil(BITS)));
        Input { values: last(values, shape.rows.div_ceil(VALUES)), validity, nulls: shape.nulls, scale: shape.scale }
    }

    /// How many rows there is room for.
    pub fn room(&self) -> usize {
        self.values.len() * VALUES
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

    pub fn scale(&self) -> u32 {
        self.scale
    }
}

/// The mantissa at a scale, rounded half to even where there are more digits; none where it would not fit.
pub(crate) fn mantissa(value: Decimal, scale: u32) -> Option<i128> {
    let value = if value.scale() > scale { value.round_dp(scale) } else { value };
    if value.scale() == scale {
        // Most columns: 96 bits, which always fit.
        return Some(value.mantissa());
    }
    let mantissa = value.mantissa().checked_mul(10i128.checked_pow(scale - value.scale())?)?;
    (mantissa.unsigned_abs() < MANTISSA_LIMIT.unsigned_abs()).then_some(mantissa)
}

/// The output over one chunk.
#[derive(Debug)]
pub(crate) struct OutputBuffer<M> {
    values: M,
    validity: M,
    /// How many lines at the end of the memory are there to be found unwritten. None where the memory ends in a page that nobody may touch.
    guard: usize,
    rows: usize,
}

/// An output as a pack sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output<'a> {
    values: &'a [Line],
    validity: &'a [Line],
    rows: usize,
}

impl OutputBuffer<Vec<Line>> {
    /// On the heap, with a guard behind it.
    pub fn new(rows: usize) -> Self {
        OutputBuffer { values: lines(rows.div_ceil(VALUES) + 1), validity: lines(rows.div_ceil(BITS) + 1), guard: 1, rows: 0 }
    }
}

impl<M: Deref<Target = [Line]>> OutputBuffer<M> {
    /// Over memory that is there already, behind which lies a page that nobody may touch.
    pub fn over(values: M, validity: M) -> Self {
        OutputBuffer { values, validity, guard: 0, rows: 0 }
    }

    /// Makes ready for so many rows: poison in every slot, no bit set.
    pub fn arm(&mut self, rows: usize) {
        self.rows = rows;
        self.values().iter().for_each(|line| (0..VALUES).for_each(|slot| line.put(slot, UNWRITTEN)));
        self.validity().iter().for_each(|line| line.0.iter().for_each(|word| word.store(0, Relaxed)));
    }

    pub fn output(&self) -> Output<'_> {
        Output { values: self.values(), validity: self.validity(), rows: self.rows }
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    fn values(&self) -> &[Line] {
        last(&self.values, self.rows.div_ceil(VALUES) + self.guard)
    }

    fn validity(&self) -> &[Line] {
        last(&self.validity, self.rows.div_ceil(BITS) + self.guard)
    }

    /// Checks what the pack wrote, and appends it. Rows in faults are counted from `row_base`.
    pub fn take(&self, row_base: u64, results: &mut Vec<Option<Decimal>>) -> Result<(), Fault> {
        let (values, validity) = (self.values(), self.validity());
        if let Some(row) = (self.rows..values.len() * VALUES).find(|row| values[row / VALUES].slot(row % VALUES) != UNWRITTEN) {
            return Err(Fault::new("F_WROTE_PAST_END", "the pack wrote a value past the end of its output").at(row_base + row as u64));
        }
        if let Some(row) = (self.rows..validity.len() * BITS).find(|row| bits(validity, row / BLOCK) >> (row % BLOCK) & 1 == 1) {
            return Err(
                Fault::new("F_VALIDITY_PAST_END", "the pack marked a row past the end of its output as valid").at(row_base + row as u64)
            );
        }
        for start in (0..self.rows).step_by(BLOCK) {
            let valid = bits(validity, start / BLOCK);
            for row in start..self.rows.min(start + BLOCK) {
                let value = valid >> (row - start) & 1 == 1;
                let value = value.then(|| checked(values[row / VALUES].slot(row % VALUES))).transpose();
                results.push(value.map_err(|fault| fault.at(row_base + row as u64))?);
            }
        }
        Ok(())
    }
}

impl<'a> Output<'a> {
    /// At the end of such memory.
    pub fn of(values: &'a [Line], validity: &'a [Line], rows: usize) -> Output<'a> {
        Output { values: last(values, rows.div_ceil(VALUES)), validity: last(validity, rows.div_ceil(BITS)), rows }
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
}

fn checked(slot: D128) -> Result<Decimal, Fault> {
    if slot == UNWRITTEN {
        return Err(Fault::new("F_VALID_BUT_UNWRITTEN", "the pack marked a row as valid and wrote no value"));
    }
    decimal(slot.mantissa()).ok_or_else(|| Fault::new("F_DECIMAL_RANGE", "the pack wrote a value with more than 28 digits"))
}

/// The scale of every output.
pub(crate) const OUTPUT_SCALE: u32 = 12;

/// The decimal of an output slot, without trailing zeros.
fn decimal(mut mantissa: i128) -> Option<Decimal> {
    if mantissa.unsigned_abs() >= MANTISSA_LIMIT.unsigned_abs() {
        return None;
    }
    let mut scale = OUTPUT_SCALE;
    // Nearly all are of one word, whose divisions take a tenth of the time.
    if let Ok(mut word) = i64::try_from(mantissa) {
        while scale > 0 && word % 10 == 0 {
            word /= 10;
            scale -= 1;
        }
        mantissa = word.into();
    } else {
        while scale > 0 && mantissa % 10 == 0 {
            mantissa /= 10;
            scale -= 1;
        }
    }
    Decimal::try_from_i128_with_scale(mantissa, scale).ok()
}

#[cfg(test)]
mod tests {
    use metric_abi::D128;

    use super::{InputBuffer, Line, OutputBuffer, VALUES, bits, decimal, mantissa, put_bits};

    type Heap = OutputBuffer<Vec<Line>>;

    fn output(rows: usize, write: impl FnOnce(&Heap)) -> Result<Vec<Option<rust_decimal::Decimal>>, (String, Option<u64>)> {
        let mut output = OutputBuffer::new(rows);
        output.arm(rows);
        write(&output);
        let mut results = Vec::new();
        output.take(100, &mut results).map(|()| results).map_err(|fault| (fault.code, fault.row))
    }

    /// Writes a row and marks a row, as a pack would.
    fn write(out: &Heap, row: usize, value: D128, valid: Option<usize>) {
        out.values()[row / VALUES].put(row % VALUES, value);
        valid.into_iter().for_each(|row| put_bits(out.validity(), row / 64, 1 << (row % 64)));
    }

    const FIVE: D128 = D128::new(5_000_000_000_000);

    #[test]
    fn what_a_pack_writes_wrong_is_found_and_named() {
        assert_eq!(output(3, |_| ()), Ok(vec![None; 3]), "nothing written is all null");
        assert_eq!(output(3, |out| write(out, 1, FIVE, Some(1))), Ok(vec![None, Some(5.into()), None]));
        for (rows, wrong, code, row) in [
            (3, (|out| write(out, 3, FIVE, None)) as fn(&Heap), "F_WROTE_PAST_END", 103),
            (4, |out| write(out, 4, D128::new(0), None), "F_WROTE_PAST_END", 104),
            (3, |out| put_bits(out.validity(), 0, 8), "F_VALIDITY_PAST_END", 103),
            (512, |out| put_bits(out.validity(), 8, 1), "F_VALIDITY_PAST_END", 612),
            (3, |out| put_bits(out.validity(), 0, 4), "F_VALID_BUT_UNWRITTEN", 102),
            (1, |out| write(out, 0, D128::new(10i128.pow(38)), Some(0)), "F_DECIMAL_RANGE", 100),
            (1, |out| write(out, 0, D128::new(10i128.pow(38) - 1), Some(0)), "F_DECIMAL_RANGE", 100),
        ] {
            assert_eq!(output(rows, wrong), Err((code.into(), Some(row))), "{code}");
        }
    }

    #[test]
    fn inputs_keep_nulls_apart_from_zeros() {
        let mut buffer = InputBuffer::new(3, 4);
        buffer.fill(&[Some("1.5".parse().unwrap()), None, Some(0.into())]).expect("they fit");
        let input = buffer.input();
        assert_eq!((input.null_count(), input.validity().map(|validity| bits(validity, 0))), (1, Some(0b101)));
        assert_eq!([0, 1, 2].map(|slot| input.values()[0].slot(slot)), [D128::new(15000), D128::new(0), D128::new(0)]);
        buffer.fill(&[Some(1.into())]).expect("it fits");
        assert!(buffer.input().validity().is_none());
        assert_eq!(InputBuffer::new(1, 28).fill(&[Some(rust_decimal::Decimal::MAX)]), Err(0));
    }

    #[test]
    fn a_short_chunk_lies_at_the_end_of_its_memory() {
        let mut buffer = InputBuffer::new(9, 0);
        buffer.fill(&[Some(1.into()); 9]).expect("they fit");
        buffer.fill(&[None, Some(7.into())]).expect("they fit");
        assert_eq!((buffer.values[2].slot(1), buffer.input().room()), (D128::new(7), 4));
        assert_eq!(buffer.input().validity().map(|validity| bits(validity, 0)), Some(0b10));
    }

    #[test]
    fn decimals_round_half_to_even_and_lose_trailing_zeros() {
        for (text, scale, expected) in [("0.00005", 4, 0), ("0.00015", 4, 2), ("-0.00015", 4, -2), ("7", 2, 700)] {
            assert_eq!(mantissa(text.parse().unwrap(), scale), Some(expected), "{text}");
        }
        assert_eq!(decimal(1_500_000_000_000).unwrap().to_string(), "1.5");
        assert_eq!(decimal(10i128.pow(37)).unwrap().to_string(), "10000000000000000000000000");
        assert_eq!(decimal(-1).unwrap().to_string(), "-0.000000000001");
    }
}
