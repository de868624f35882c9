//! The gate: everything between the host's pointers and a metric's safe code.
//!
//! One `catch_unwind` for the whole pack. A panic becomes status `E_PANIC` with its place and words; the payload is forgotten
//! and not dropped, since a payload may panic when dropped.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::slice;
use std::sync::Once;

use metric_abi::{Call, Col, D128, ErrorText, MANTISSA_LIMIT, Out, POISON, Value, status, value_type};
use rust_decimal::Decimal;

use crate::{Metric, Num};

/// The manifest allows no more.
const MAX_INPUTS: usize = 16;
/// How many rows pass between two looks at the cancel flag.
const ROWS_PER_POLL: usize = 4096;

/// A metric over one chunk.
pub type Run = fn(&mut Chunk<'_>) -> Result<(), Failure>;

pub struct Failure {
    status: i32,
    row: Option<usize>,
    message: String,
}

impl Failure {
    fn new(status: i32, message: String) -> Failure {
        Failure { status, row: None, message }
    }
}

/// One call, as slices.
pub struct Chunk<'a> {
    rows: usize,
    inputs: Vec<Input<'a>>,
    parameters: Vec<Num>,
    output: &'a mut [D128],
    validity: &'a mut [u8],
    output_scale: u32,
    cancel: *const u32,
}

struct Input<'a> {
    values: &'a [D128],
    validity: Option<&'a [u8]>,
    scale: u32,
}

impl Input<'_> {
    fn get(&self, row: usize) -> Num {
        let valid = self.validity.is_none_or(|bits| bits[row / 8] >> (row % 8) & 1 == 1);
        if !valid {
            return Num::Null;
        }
        decimal(self.values[row].mantissa(), self.scale)
    }
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

/// Evaluates a metric for every row of a chunk.
pub fn run<M: Metric>(chunk: &mut Chunk<'_>) -> Result<(), Failure> {
    if chunk.inputs.len() != M::INPUTS || M::INPUTS > MAX_INPUTS {
        return Err(Failure::new(status::E_INPUT, format!("the metric has {} inputs, and {} columns came", M::INPUTS, chunk.inputs.len())));
    }
    if chunk.parameters.len() != M::PARAMETERS {
        let message = format!("the metric has {} parameters, and {} values came", M::PARAMETERS, chunk.parameters.len());
        return Err(Failure::new(status::E_INPUT, message));
    }
    let mut inputs = [Num::Null; MAX_INPUTS];
    for row in 0..chunk.rows {
        if row % ROWS_PER_POLL == 0 && chunk.cancelled() {
            return Err(Failure::new(status::E_CANCELLED, "the host asked to stop".into()));
        }
        for (slot, input) in inputs.iter_mut().zip(&chunk.inputs) {
            *slot = input.get(row);
        }
        chunk.put(row, M::row(&inputs[..M::INPUTS], &chunk.parameters))?;
    }
    Ok(())
}

impl Chunk<'_> {
    fn put(&mut self, row: usize, result: Num) -> Result<(), Failure> {
        let mantissa = match result {
            Num::Null => return Ok(()),
            Num::Value(value) => mantissa(value, self.output_scale),
            Num::Overflow => None,
        };
        let Some(mantissa) = mantissa else {
            return Err(Failure {
                row: Some(row),
                ..Failure::new(status::E_OVERFLOW, "the result is too large for an exact decimal".into())
            });
        };
        self.output[row] = D128::new(mantissa);
        self.validity[row / 8] |= 1 << (row % 8);
        Ok(())
    }

    fn cancelled(&self) -> bool {
        // SAFETY: the host keeps the flag readable for the length of the call; it may change at any time, hence volatile.
        !self.cancel.is_null() && unsafe { self.cancel.read_volatile() } != 0
    }
}

/// The mantissa at a scale, rounded half to even where there are more digits; none where it would not fit.
fn mantissa(value: Decimal, scale: u32) -> Option<i128> {
    let value = if value.scale() > scale { value.round_dp(scale) } else { value };
    if value.scale() == scale {
        // Whatever was divided: 96 bits, which always fit.
        return Some(value.mantissa());
    }
    let mantissa = value.mantissa().checked_mul(10i128.checked_pow(scale - value.scale())?)?;
    (mantissa != POISON && mantissa.unsigned_abs() < MANTISSA_LIMIT.unsigned_abs()).then_some(mantissa)
}

/// The whole of a pack's exported `evaluate`.
pub fn evaluate(call: *const Call, error: *mut ErrorText, metrics: &[Run]) -> i32 {
    remember_where_it_panics();
    let outcome = catch_unwind(AssertUnwindSafe(|| answer(call, metrics)));
    let failure = match outcome {
        Ok(Ok(())) => return status::OK,
        Ok(Err(failure)) => failure,
        Err(payload) => Failure::new(status::E_PANIC, panic_text(payload)),
    };
    report(&failure, error);
    failure.status
}

fn answer(call: *const Call, metrics: &[Run]) -> Result<(), Failure> {
    // SAFETY: the host passes null or a call that lives until we return; `struct_size` says that all fields we read are there.
    let call = match unsafe { call.as_ref() } {
        Some(call) if call.struct_size as usize >= size_of::<Call>() => call,
        _ => return Err(Failure::new(status::E_INPUT, "the call is missing or shorter than in ABI 1.0".into())),
    };
    let unknown = || Failure::new(status::E_UNSUPPORTED, format!("there is no metric {}; the pack has {}", call.metric, metrics.len()));
    let run = metrics.get(call.metric as usize).ok_or_else(unknown)?;
    run(&mut chunk(call)?)
}

fn chunk(call: &Call) -> Result<Chunk<'_>, Failure> {
    let rows = usize::try_from(call.n_rows).map_err(|_| Failure::new(status::E_INPUT, "more rows than memory can hold".into()))?;
    // SAFETY: the host passes `n_inputs` columns, `n_params` values, and one output column that nobody else uses during the call.
    let (columns, values, out) =
        unsafe { (listed(call.inputs.ptr, call.n_inputs), listed(call.params.ptr, call.n_params), call.out.ptr.as_ref()) };
    let out = out.ok_or_else(|| Failure::new(status::E_INPUT, "there is no output column".into()))?;
    let output_scale = decimal_scale(out.value_type, out.scale, "the output")?;
    let inputs = columns.iter().map(|column| input(column, rows)).collect::<Result<_, _>>()?;
    let parameters = values.iter().map(parameter).collect::<Result<_, _>>()?;
    // SAFETY: the host gives each call an output of its own with room for its rows, until the call returns.
    let (output, validity) = unsafe { output(*out, rows) };
    // SAFETY: reading a pointer out of the union that holds it.
    let cancel = unsafe { call.cancel.ptr };
    Ok(Chunk { rows, inputs, parameters, output, validity, output_scale, cancel })
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

fn parameter(value: &Value) -> Result<Num, Failure> {
    match value.value_type {
        // SAFETY: the type says which of the union's fields the host wrote.
        value_type::I64 => Ok(unsafe { value.any.i64 }.into()),
        value_type::D128 => {
            let scale = decimal_scale(value.value_type, value.scale, "a parameter")?;
            // SAFETY: as above.
            let mantissa = unsafe { value.any.d128 }.mantissa();
            Ok(decimal(mantissa, scale))
        }
        other => {
            Err(Failure::new(status::E_UNSUPPORTED, format!("a parameter has type {other}; this pack takes whole numbers and decimals")))
        }
    }
}

fn input(column: &Col, rows: usize) -> Result<Input<'_>, Failure> {
    let scale = decimal_scale(column.value_type, column.scale, "an input")?;
    // SAFETY: a column of the call holds `rows` decimals and, where there are nulls, a bit for each.
    unsafe {
        let values = slice::from_raw_parts(column.data.ptr as *const D128, rows);
        let validity = (!column.validity.ptr.is_null()).then(|| slice::from_raw_parts(column.validity.ptr as *const u8, rows.div_ceil(8)));
        Ok(Input { values, validity, scale })
    }
}

/// # Safety
/// The column has room for `rows` decimals and a bit for each, initialised, that nobody else uses for as long as the slices live.
unsafe fn output<'a>(out: Out, rows: usize) -> (&'a mut [D128], &'a mut [u8]) {
    // SAFETY: promised by the caller.
    unsafe { (slice::from_raw_parts_mut(out.data.ptr as *mut D128, rows), slice::from_raw_parts_mut(out.validity.ptr, rows.div_ceil(8))) }
}

fn decimal_scale(column_type: u32, scale: i32, what: &str) -> Result<u32, Failure> {
    match (column_type, u32::try_from(scale)) {
        (value_type::D128, Ok(scale @ 0..=28)) => Ok(scale),
        _ => Err(Failure::new(
            status::E_UNSUPPORTED,
            format!("{what} has type {column_type} and scale {scale}; this pack takes decimals of scale 0 to 28"),
        )),
    }
}

fn report(failure: &Failure, error: *mut ErrorText) {
    // SAFETY: the host passes null or an error of which nobody else reads or writes during the call, with `cap` bytes at `msg`.
    unsafe {
        let Some(error) = error.as_mut() else { return };
        error.row = failure.row.and_then(|row| i64::try_from(row).ok()).unwrap_or(-1);
        if error.msg.ptr.is_null() {
            return;
        }
        let text = &failure.message.as_bytes()[..failure.message.len().min(error.cap as usize)];
        text.as_ptr().copy_to_nonoverlapping(error.msg.ptr.cast(), text.len());
        error.len = text.len() as u32;
    }
}

thread_local! {
    static PLACE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// The pack has a standard library of its own, so this replaces the pack's panic hook and not the host's.
fn remember_where_it_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        std::panic::set_hook(Box::new(|panic| {
            let place = panic.location().map_or_else(String::new, |place| format!(" at {}:{}", place.file(), place.line()));
            PLACE.with(|remembered| remembered.replace(place));
        }));
    });
}

fn panic_text(payload: Box<dyn Any + Send>) -> String {
    let words = payload.downcast_ref::<&str>().map(|text| (*text).to_owned()).or_else(|| payload.downcast_ref::<String>().cloned());
    std::mem::forget(payload);
    format!("panic{}: {}", PLACE.with(RefCell::take), words.unwrap_or_else(|| "no text".into()))
}
