//! One call of the host's as slices, of whichever type each column is.

use std::slice;

use metric_abi::{Call, Col, D128, MANTISSA_LIMIT, Out, Value, status, value_type};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::Failure;
use crate::Num;

/// About where decimals end.
const LARGEST: f64 = 7.9e28;
/// How many rows pass between two looks at the cancel flag.
const ROWS_PER_POLL: usize = 4096;

pub struct Chunk<'a> {
    pub(super) rows: usize,
    pub(super) inputs: Vec<Input<'a>>,
    pub(super) parameters: Vec<Parameter>,
    output: Output<'a>,
    validity: &'a mut [u8],
    cancel: *const u32,
}

pub(super) struct Input<'a> {
    values: Values<'a>,
    validity: Option<&'a [u8]>,
}

enum Values<'a> {
    /// At a scale.
    Decimals(&'a [D128], u32),
    Integers(&'a [i64]),
    Floats(&'a [f64]),
}

enum Output<'a> {
    Decimals(&'a mut [D128], u32),
    Integers(&'a mut [i64]),
    Floats(&'a mut [f64]),
}

#[derive(Clone, Copy)]
pub(super) enum Parameter {
    Exact(Num),
    Float(f64),
}

impl Parameter {
    /// A float is only for metrics of floats.
    pub fn exact(self) -> Option<Num> {
        match self {
            Parameter::Exact(number) => Some(number),
            Parameter::Float(_) => None,
        }
    }

    pub fn float(self) -> f64 {
        match self {
            Parameter::Exact(number) => number.value().map_or(0.0, |value| float(value.mantissa(), value.scale())),
            Parameter::Float(value) => value,
        }
    }
}

impl Input<'_> {
    fn is_valid(&self, row: usize) -> bool {
        self.validity.is_none_or(|bits| bits[row / 8] >> (row % 8) & 1 == 1)
    }

    pub fn is_exact(&self) -> bool {
        !matches!(self.values, Values::Floats(_))
    }

    /// Of a column that is exact.
    pub fn exact(&self, row: usize) -> Num {
        if !self.is_valid(row) {
            return Num::Null;
        }
        match self.values {
            Values::Decimals(values, scale) => decimal(values[row].mantissa(), scale),
            Values::Integers(values) => values[row].into(),
            Values::Floats(_) => Num::Null,
        }
    }

    /// Of any column.
    pub fn float(&self, row: usize) -> Option<f64> {
        self.is_valid(row).then(|| match self.values {
            Values::Decimals(values, scale) => float(values[row].mantissa(), scale),
            Values::Integers(values) => values[row] as f64,
            Values::Floats(values) => values[row],
        })
    }
}

impl<'a> Chunk<'a> {
    pub fn of(call: &'a Call) -> Result<Chunk<'a>, Failure> {
        let rows = usize::try_from(call.n_rows).map_err(|_| Failure::new(status::E_INPUT, "more rows than memory can hold".into()))?;
        // SAFETY: the host passes `n_inputs` columns, `n_params` values, and one output column that nobody else uses during the call.
        let (columns, values, out) =
            unsafe { (listed(call.inputs.ptr, call.n_inputs), listed(call.params.ptr, call.n_params), call.out.ptr.as_ref()) };
        let out = out.ok_or_else(|| Failure::new(status::E_INPUT, "there is no output column".into()))?;
        let inputs = columns.iter().map(|column| input(column, rows)).collect::<Result<_, _>>()?;
        let parameters = values.iter().map(parameter).collect::<Result<_, _>>()?;
        // SAFETY: the host gives each call an output of its own with room for its rows, until the call returns.
        let (output, validity) = unsafe { output(*out, rows)? };
        // SAFETY: reading a pointer out of the union that holds it.
        let cancel = unsafe { call.cancel.ptr };
        Ok(Chunk { rows, inputs, parameters, output, validity, cancel })
    }

    /// Now and then an error, once the host has asked to stop.
    pub(super) fn go_on(&self, row: usize) -> Result<(), Failure> {
        if row.is_multiple_of(ROWS_PER_POLL) && self.cancelled() {
            return Err(Failure::new(status::E_CANCELLED, "the host asked to stop".into()));
        }
        Ok(())
    }

    fn cancelled(&self) -> bool {
        // SAFETY: the host keeps the flag readable for the length of the call; it may change at any time, hence volatile.
        !self.cancel.is_null() && unsafe { self.cancel.read_volatile() } != 0
    }

    pub(super) fn takes_floats(&self) -> bool {
        matches!(self.output, Output::Floats(_))
    }

    pub(super) fn put(&mut self, row: usize, result: Num) -> Result<(), Failure> {
        let value = match result {
            Num::Null => return Ok(()),
            Num::Value(value) => value,
            Num::Overflow => return Err(too_large().at(row)),
        };
        match &mut self.output {
            Output::Decimals(slots, scale) => slots[row] = D128::new(mantissa(value, *scale).ok_or_else(|| too_large().at(row))?),
            Output::Integers(slots) => slots[row] = whole(value).map_err(|failure| failure.at(row))?,
            Output::Floats(_) => return Err(Failure::new(status::E_UNSUPPORTED, "an exact metric has no output of type `float`".into())),
        }
        self.mark(row);
        Ok(())
    }

    pub(super) fn put_float(&mut self, row: usize, result: f64) -> Result<(), Failure> {
        if result.is_nan() {
            let text = "the result is no number (NaN): give `None` where there is no value";
            return Err(Failure::new(status::E_COMPUTE, text.into()).at(row));
        }
        if result.is_infinite() {
            return Err(Failure::new(status::E_OVERFLOW, "the result is infinite: give `None` where there is no value".into()).at(row));
        }
        if result.abs() > LARGEST {
            return Err(too_large().at(row));
        }
        if let Output::Floats(slots) = &mut self.output {
            slots[row] = result;
            self.mark(row);
        }
        Ok(())
    }

    fn mark(&mut self, row: usize) {
        self.validity[row / 8] |= 1 << (row % 8);
    }
}

fn too_large() -> Failure {
    Failure::new(status::E_OVERFLOW, "the result is too large for an exact decimal".into())
}

fn whole(value: Decimal) -> Result<i64, Failure> {
    if !value.is_integer() {
        let text = format!("the result is {value}, and the manifest says that the output is an `integer`");
        return Err(Failure::new(status::E_COMPUTE, text));
    }
    value.to_i64().filter(|whole| *whole != metric_abi::POISON_I64).ok_or_else(too_large)
}

/// A number of the host's. One with more digits than a decimal holds may still have zeros to spare at its end.
fn decimal(mut mantissa: i128, mut scale: u32) -> Num {
    loop {
        match Decimal::try_from_i128_with_scale(mantissa, scale) {
            Ok(value) => return Num::Value(value),
            Err(_) if scale > 0 && mantissa % 10 == 0 => (mantissa, scale) = (mantissa / 10, scale - 1),
            Err(_) => return Num::Overflow,
        }
    }
}

/// The nearest double, where the number has no more than 15 digits; else one of the nearest.
fn float(mantissa: i128, scale: u32) -> f64 {
    mantissa as f64 / 10u128.pow(scale) as f64
}

/// The mantissa at a scale, rounded half to even where there are more digits; none where it would not fit.
pub fn mantissa(value: Decimal, scale: u32) -> Option<i128> {
    let value = if value.scale() > scale { value.round_dp(scale) } else { value };
    if value.scale() == scale {
        // Whatever was divided: 96 bits, which always fit.
        return Some(value.mantissa());
    }
    let mantissa = value.mantissa().checked_mul(10i128.checked_pow(scale - value.scale())?)?;
    (mantissa.unsigned_abs() < MANTISSA_LIMIT.unsigned_abs()).then_some(mantissa)
}

/// # Safety
/// `first` points at `count` items that nobody changes for as long as the slice lives; where there are none it may be anything.
unsafe fn listed<'a, T>(first: *const T, count: u32) -> &'a [T] {
    if count == 0 {
        return &[];
    }
    // SAFETY: promised by the caller.
    unsafe { slice::from_raw_parts(first, count as usize) }
}

fn parameter(value: &Value) -> Result<Parameter, Failure> {
    match value.value_type {
        // SAFETY: the type says which of the union's fields the host wrote.
        value_type::I64 => Ok(Parameter::Exact(unsafe { value.any.i64 }.into())),
        // SAFETY: as above.
        value_type::F64 => Ok(Parameter::Float(unsafe { value.any.f64 })),
        value_type::D128 => {
            let scale = decimal_scale(value.scale, "a parameter")?;
            // SAFETY: as above.
            let mantissa = unsafe { value.any.d128 }.mantissa();
            Ok(Parameter::Exact(decimal(mantissa, scale)))
        }
        other => Err(Failure::new(status::E_UNSUPPORTED, format!("a parameter has type {other}; this pack takes numbers"))),
    }
}

fn input(column: &Col, rows: usize) -> Result<Input<'_>, Failure> {
    // SAFETY: a column of the call holds `rows` values of its type and, where there are nulls, a bit for each.
    unsafe {
        let values = match column.value_type {
            value_type::D128 => {
                Values::Decimals(slice::from_raw_parts(column.data.ptr.cast(), rows), decimal_scale(column.scale, "an input")?)
            }
            value_type::I64 => Values::Integers(slice::from_raw_parts(column.data.ptr.cast(), rows)),
            value_type::F64 => Values::Floats(slice::from_raw_parts(column.data.ptr.cast(), rows)),
            other => return Err(unknown(other, "an input")),
        };
        let validity = (!column.validity.ptr.is_null()).then(|| slice::from_raw_parts(column.validity.ptr as *const u8, rows.div_ceil(8)));
        Ok(Input { values, validity })
    }
}

/// # Safety
/// The column has room for `rows` values of its type and a bit for each, initialised, that nobody else uses for as long as the slices
/// live.
unsafe fn output<'a>(out: Out, rows: usize) -> Result<(Output<'a>, &'a mut [u8]), Failure> {
    // SAFETY: promised by the caller.
    unsafe {
        let values = match out.value_type {
            value_type::D128 => {
                Output::Decimals(slice::from_raw_parts_mut(out.data.ptr.cast(), rows), decimal_scale(out.scale, "the output")?)
            }
            value_type::I64 => Output::Integers(slice::from_raw_parts_mut(out.data.ptr.cast(), rows)),
            value_type::F64 => Output::Floats(slice::from_raw_parts_mut(out.data.ptr.cast(), rows)),
            other => return Err(unknown(other, "the output")),
        };
        Ok((values, slice::from_raw_parts_mut(out.validity.ptr, rows.div_ceil(8))))
    }
}

fn decimal_scale(scale: i32, what: &str) -> Result<u32, Failure> {
    u32::try_from(scale).ok().filter(|scale| *scale <= 28).ok_or_else(|| {
        Failure::new(status::E_UNSUPPORTED, format!("{what} has decimals of scale {scale}; this pack takes decimals of scale 0 to 28"))
    })
}

fn unknown(column_type: u32, what: &str) -> Failure {
    Failure::new(status::E_UNSUPPORTED, format!("{what} has type {column_type}; this pack takes decimals, integers and doubles"))
}
