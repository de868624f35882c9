//! Columns on their way to a pack and back: aligned buffers of one chunk, reused for the next, and the checks of what came out.

use std::ops::Range;

use metric_abi::{D128, MANTISSA_LIMIT, POISON};
use rust_decimal::Decimal;

use crate::outcome::Fault;

/// Four decimals, because columns are aligned and padded to 64 bytes.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(crate) struct Values([D128; 4]);

/// 512 validity bits.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(crate) struct Bits([u8; 64]);

const NULL: D128 = D128::new(0);
const UNWRITTEN: D128 = D128::new(POISON);
const VALUES: usize = 4;
const BITS: usize = 512;

/// One input over one chunk.
#[derive(Debug)]
pub(crate) struct InputBuffer {
    values: Vec<Values>,
    validity: Vec<Bits>,
    nulls: u64,
    scale: u32,
}

impl InputBuffer {
    pub fn new(rows: usize, scale: u32) -> InputBuffer {
        InputBuffer {
            values: vec![Values([NULL; 4]); rows.div_ceil(VALUES)],
            validity: vec![Bits([0; 64]); rows.div_ceil(BITS)],
            nulls: 0,
            scale,
        }
    }

    /// Takes the rows of a column. The error is the first row whose value does not fit, counted in the slice.
    pub fn fill(&mut self, rows: &[Option<Decimal>]) -> Result<(), usize> {
        self.nulls = 0;
        self.validity.fill(Bits([0; 64]));
        for (row, value) in rows.iter().enumerate() {
            let slot = &mut self.values[row / VALUES].0[row % VALUES];
            match value {
                Some(value) => {
                    *slot = D128::new(mantissa(*value, self.scale).ok_or(row)?);
                    self.validity[row / BITS].0[row % BITS / 8] |= 1 << (row % 8);
                }
                None => {
                    *slot = NULL;
                    self.nulls += 1;
                }
            }
        }
        Ok(())
    }

    /// How many rows there is room for.
    pub fn room(&self) -> usize {
        self.values.len() * VALUES
    }

    pub fn values(&self) -> &[Values] {
        &self.values
    }

    /// None where there are no nulls.
    pub fn validity(&self) -> Option<&[Bits]> {
        (self.nulls > 0).then_some(&self.validity)
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
    let mantissa = value.mantissa().checked_mul(10i128.checked_pow(scale - value.scale())?)?;
    (mantissa.unsigned_abs() < MANTISSA_LIMIT.unsigned_abs()).then_some(mantissa)
}

/// The output over one chunk, with a guard behind it.
#[derive(Debug)]
pub(crate) struct OutputBuffer {
    values: Vec<Values>,
    validity: Vec<Bits>,
    rows: usize,
}

impl OutputBuffer {
    pub const SCALE: u32 = 12;

    pub fn new(rows: usize) -> OutputBuffer {
        OutputBuffer {
            values: vec![Values([UNWRITTEN; 4]); rows.div_ceil(VALUES) + 1],
            validity: vec![Bits([0; 64]); rows.div_ceil(BITS) + 1],
            rows: 0,
        }
    }

    /// Makes ready for so many rows: poison in every slot, no bit set.
    pub fn arm(&mut self, rows: usize) {
        self.values.fill(Values([UNWRITTEN; 4]));
        self.validity.fill(Bits([0; 64]));
        self.rows = rows;
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    pub fn values_mut(&mut self) -> &mut [Values] {
        &mut self.values
    }

    pub fn validity_mut(&mut self) -> &mut [Bits] {
        &mut self.validity
    }

    fn slot(&self, row: usize) -> D128 {
        self.values[row / VALUES].0[row % VALUES]
    }

    fn valid(&self, row: usize) -> bool {
        self.validity[row / BITS].0[row % BITS / 8] >> (row % 8) & 1 == 1
    }

    /// The rows past the end that we can see.
    fn past(&self, slots: usize) -> Range<usize> {
        self.rows..slots
    }

    /// Checks what the pack wrote, and appends it. Rows in faults are counted from `row_base`.
    pub fn take(&self, row_base: u64, results: &mut Vec<Option<Decimal>>) -> Result<(), Fault> {
        if let Some(row) = self.past(self.values.len() * VALUES).find(|row| self.slot(*row) != UNWRITTEN) {
            return Err(Fault::new("F_WROTE_PAST_END", "the pack wrote a value past the end of its output").at(row_base + row as u64));
        }
        if let Some(row) = self.past(self.validity.len() * BITS).find(|row| self.valid(*row)) {
            return Err(
                Fault::new("F_VALIDITY_PAST_END", "the pack marked a row past the end of its output as valid").at(row_base + row as u64)
            );
        }
        for row in 0..self.rows {
            let value = if self.valid(row) { Some(self.value(row).map_err(|fault| fault.at(row_base + row as u64))?) } else { None };
            results.push(value);
        }
        Ok(())
    }

    fn value(&self, row: usize) -> Result<Decimal, Fault> {
        let slot = self.slot(row);
        if slot == UNWRITTEN {
            return Err(Fault::new("F_VALID_BUT_UNWRITTEN", "the pack marked a row as valid and wrote no value"));
        }
        decimal(slot.mantissa()).ok_or_else(|| Fault::new("F_DECIMAL_RANGE", "the pack wrote a value with more than 28 digits"))
    }
}

/// The decimal of an output slot, without trailing zeros.
fn decimal(mut mantissa: i128) -> Option<Decimal> {
    if mantissa.unsigned_abs() >= MANTISSA_LIMIT.unsigned_abs() {
        return None;
    }
    let mut scale = OutputBuffer::SCALE;
    while scale > 0 && mantissa % 10 == 0 {
        mantissa /= 10;
        scale -= 1;
    }
    Decimal::try_from_i128_with_scale(mantissa, scale).ok()
}

#[cfg(test)]
mod tests {
    use metric_abi::D128;

    use super::{InputBuffer, OutputBuffer, decimal, mantissa};

    fn output(rows: usize, write: impl FnOnce(&mut OutputBuffer)) -> Result<Vec<Option<rust_decimal::Decimal>>, (String, Option<u64>)> {
        let mut output = OutputBuffer::new(rows);
        output.arm(rows);
        write(&mut output);
        let mut results = Vec::new();
        output.take(100, &mut results).map(|()| results).map_err(|fault| (fault.code, fault.row))
    }

    const FIVE: D128 = D128::new(5_000_000_000_000);

    #[test]
    fn what_a_pack_writes_wrong_is_found_and_named() {
        assert_eq!(output(3, |_| ()), Ok(vec![None; 3]), "nothing written is all null");
        assert_eq!(output(3, |out| (out.values[0].0[1], out.validity[0].0[0]) = (FIVE, 2)), Ok(vec![None, Some(5.into()), None]));
        for (rows, write, code, row) in [
            (3, (|out| out.values[0].0[3] = FIVE) as fn(&mut OutputBuffer), "F_WROTE_PAST_END", 103),
            (4, |out| out.values[1].0[0] = D128::new(0), "F_WROTE_PAST_END", 104),
            (3, |out| out.validity[0].0[0] = 8, "F_VALIDITY_PAST_END", 103),
            (512, |out| out.validity[1].0[0] = 1, "F_VALIDITY_PAST_END", 612),
            (3, |out| out.validity[0].0[0] = 4, "F_VALID_BUT_UNWRITTEN", 102),
            (1, |out| (out.values[0].0[0], out.validity[0].0[0]) = (D128::new(10i128.pow(38)), 1), "F_DECIMAL_RANGE", 100),
            (1, |out| (out.values[0].0[0], out.validity[0].0[0]) = (D128::new(10i128.pow(38) - 1), 1), "F_DECIMAL_RANGE", 100),
        ] {
            assert_eq!(output(rows, write), Err((code.into(), Some(row))), "{code}");
        }
    }

    #[test]
    fn inputs_keep_nulls_apart_from_zeros() {
        let mut input = InputBuffer::new(3, 4);
        input.fill(&[Some("1.5".parse().unwrap()), None, Some(0.into())]).expect("they fit");
        assert_eq!((input.null_count(), input.validity().map(|bits| bits[0].0[0])), (1, Some(0b101)));
        assert_eq!(input.values[0].0[..3], [D128::new(15000), D128::new(0), D128::new(0)]);
        input.fill(&[Some(1.into())]).expect("it fits");
        assert!(input.validity().is_none());
        assert_eq!(InputBuffer::new(1, 28).fill(&[Some(rust_decimal::Decimal::MAX)]), Err(0));
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
