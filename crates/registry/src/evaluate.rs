//! Whole columns for native code, wherever it runs: cut into chunks, called, checked, and put together again or discarded.

use std::cell::Cell;
use std::ops::Deref;
use std::sync::atomic::Ordering::Relaxed;

use arrayvec::ArrayVec;
use manifest::NumberType;
use manifest::check::MAX_INPUTS;
use metric_abi::status;
use rust_decimal::Decimal;

use crate::column::{Form, Input, InputBuffer, Line, OutputBuffer};
use crate::native::{Chunk, Native, Reply};
use crate::outcome::Fault;
use crate::runtime::{Batch, Runtime, Tier};
use crate::watchdog;

/// A multiple of 512, so that bitmaps stay aligned.
pub(crate) const CHUNK: usize = 64 * 1024;

/// Batches of so many rows find their memory where the one before them left it: making it would cost more than computing them.
pub(crate) const SMALL: usize = 256;

thread_local! {
    /// What is kept for the next small batch of this thread. A call that never returns takes it along.
    static KEPT: Cell<Option<Buffers<Vec<Line>>>> = const { Cell::new(None) };
}

/// The memory of one chunk.
#[derive(Debug)]
pub(crate) struct Buffers<M> {
    /// One for each input of the metric, and perhaps more.
    pub inputs: Vec<InputBuffer<M>>,
    pub output: OutputBuffer<M>,
}

impl Buffers<Vec<Line>> {
    /// For a batch, on the heap.
    fn of(batch: &Batch<'_>) -> Self {
        let (number, small) = (batch.declared.output.number, batch.rows <= SMALL);
        let room = if small { SMALL } else { batch.rows.min(CHUNK) };
        let kept = if small { KEPT.take() } else { None };
        let mut buffers = kept.unwrap_or_else(|| Buffers { inputs: Vec::new(), output: OutputBuffer::new(room, number) });
        buffers.output.set_number(number);
        for (at, form) in Form::all(&batch.declared.inputs, batch.inputs).enumerate() {
            match buffers.inputs.get_mut(at) {
                Some(buffer) => buffer.set_form(form),
                None => buffers.inputs.push(InputBuffer::new(room, form)),
            }
        }
        buffers
    }

    fn keep(self, batch: &Batch<'_>) {
        if batch.rows <= SMALL {
            KEPT.set(Some(self));
        }
    }
}

impl Runtime for Native {
    fn tier(&self) -> Tier {
        Tier::InProcess
    }

    fn evaluate(&self, batch: &Batch<'_>) -> Result<Vec<Option<Decimal>>, Fault> {
        if self.lost.load(Relaxed) {
            return Err(Fault::new("F_DEADLINE", "an earlier call has not come to its end, nor stopped when it was asked to"));
        }
        let mut buffers = Buffers::of(batch);
        let results = watchdog::watching(batch.rows, &self.lost, |cancel| {
            in_chunks(batch, &mut buffers, |row_base, buffers| {
                // Filled where it is, since to move it is to copy its room.
                let mut inputs = ArrayVec::<Input<'_>, MAX_INPUTS>::new();
                inputs.extend(buffers.inputs.iter().take(batch.inputs.len()).map(InputBuffer::input));
                let (metric, parameters, output) = (batch.metric, batch.parameters, buffers.output.output());
                Ok(self.call(Chunk { metric, row_base, inputs: &inputs, parameters, output, cancel }))
            })
        });
        buffers.keep(batch);
        results
    }
}

/// Fills the buffers with one chunk of rows after the other, has each computed, and takes the values out. The fault of one
/// chunk is that of the batch.
pub(crate) fn in_chunks<M: Deref<Target = [Line]>>(
    batch: &Batch<'_>,
    buffers: &mut Buffers<M>,
    mut call: impl FnMut(u64, &Buffers<M>) -> Result<Reply, Fault>,
) -> Result<Vec<Option<Decimal>>, Fault> {
    let mut results = Vec::with_capacity(batch.rows);
    for start in (0..batch.rows).step_by(CHUNK) {
        let end = batch.rows.min(start + CHUNK);
        for (buffer, column) in buffers.inputs.iter_mut().zip(batch.inputs) {
            buffer.fill(&column.values[start..end]).map_err(|row| misfit(buffer.shape().form).at((start + row) as u64))?;
        }
        buffers.output.arm(end - start);
        check(call(start as u64, buffers)?, start as u64)?;
        buffers.output.take(start as u64, &mut results)?;
    }
    Ok(results)
}

pub(crate) fn misfit(form: Form) -> Fault {
    let room = match form.number {
        NumberType::Integer => "64 bits".to_owned(),
        _ => format!("38 digits at scale {}", form.scale),
    };
    Fault::new("E_INPUT", format!("an input has more than {room}"))
}

fn check(reply: Reply, row_base: u64) -> Result<(), Fault> {
    if reply.environment_changed {
        return Err(Fault::new("F_ENV", "the pack changed the floating-point mode, which was put back"));
    }
    if reply.error_too_long {
        return Err(Fault::new("F_ERR_LEN", "the pack claims a longer error text than there is room for"));
    }
    if reply.status == status::OK {
        return Ok(());
    }
    let name = usize::try_from(reply.status).ok().and_then(|status| status::NAMES.get(status.checked_sub(1)?));
    let Some(code) = name else {
        let said = if reply.message.is_empty() { String::new() } else { format!(": {}", reply.message) };
        return Err(Fault::new("F_UNKNOWN_STATUS", format!("the pack returned {}, which means nothing{said}", reply.status)));
    };
    Err(Fault { code: (*code).into(), message: reply.message, row: reply.row.map(|row| row_base.saturating_add(row)) })
}
