//! The gate: everything between the host's pointers and a metric's safe code.
//!
//! One `catch_unwind` for the whole pack. A panic becomes status `E_PANIC` with its place and words; the payload is forgotten
//! and not dropped, since a payload may panic when dropped.

mod chunk;

use std::any::Any;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use metric_abi::{Call, ErrorText, status};

pub use self::chunk::{Chunk, mantissa};
use crate::{Metric, Num, RowMetric};

/// The manifest allows no more.
const MAX_INPUTS: usize = 16;

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

    fn at(self, row: usize) -> Failure {
        Failure { row: Some(row), ..self }
    }
}

/// Evaluates an exact metric for every row of a chunk.
pub fn run<M: Metric>(chunk: &mut Chunk<'_>) -> Result<(), Failure> {
    check_counts(chunk, M::INPUTS, M::PARAMETERS)?;
    let parameters = chunk.parameters.iter().map(|parameter| parameter.exact()).collect::<Option<Vec<Num>>>();
    let parameters = parameters.filter(|_| chunk.inputs.iter().all(|input| input.is_exact()));
    let parameters = parameters.ok_or_else(|| {
        let text = "a column or a parameter of type `float` came for an exact metric: leave its type out, or compute the metric in floats";
        Failure::new(status::E_UNSUPPORTED, text.into())
    })?;
    let mut inputs = [Num::Null; MAX_INPUTS];
    for row in 0..chunk.rows {
        chunk.go_on(row)?;
        for (slot, input) in inputs.iter_mut().zip(&chunk.inputs) {
            *slot = input.exact(row);
        }
        chunk.put(row, M::row(&inputs[..M::INPUTS], &parameters))?;
    }
    Ok(())
}

/// The same of a metric that is computed in floats. What has no value in an input has none.
pub fn run_floats<M: RowMetric<N, P>, const N: usize, const P: usize>(chunk: &mut Chunk<'_>) -> Result<(), Failure> {
    check_counts(chunk, N, P)?;
    if !chunk.takes_floats() {
        let text = "a metric that is computed in floats has an output of type `float`, and nothing else";
        return Err(Failure::new(status::E_UNSUPPORTED, text.into()));
    }
    let parameters: [f64; P] = std::array::from_fn(|at| chunk.parameters[at].float());
    'rows: for row in 0..chunk.rows {
        chunk.go_on(row)?;
        let mut inputs = [0.0; N];
        for (slot, input) in inputs.iter_mut().zip(&chunk.inputs) {
            let Some(value) = input.float(row) else { continue 'rows };
            *slot = value;
        }
        if let Some(value) = M::row(inputs, parameters) {
            chunk.put_float(row, value)?;
        }
    }
    Ok(())
}

fn check_counts(chunk: &Chunk<'_>, inputs: usize, parameters: usize) -> Result<(), Failure> {
    if chunk.inputs.len() != inputs || inputs > MAX_INPUTS {
        return Err(Failure::new(status::E_INPUT, format!("the metric has {inputs} inputs, and {} columns came", chunk.inputs.len())));
    }
    if chunk.parameters.len() != parameters {
        let message = format!("the metric has {parameters} parameters, and {} values came", chunk.parameters.len());
        return Err(Failure::new(status::E_INPUT, message));
    }
    Ok(())
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
    run(&mut Chunk::of(call)?)
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
