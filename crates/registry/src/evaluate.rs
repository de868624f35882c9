//! Native code in this process: whole columns are cut into chunks, called, checked, and put together again or discarded.

use metric_abi::status;
use rust_decimal::Decimal;

use crate::column::{InputBuffer, OutputBuffer};
use crate::native::{Native, Reply};
use crate::outcome::Fault;
use crate::runtime::{Batch, Runtime, Tier};

/// A multiple of 512, so that bitmaps stay aligned.
const CHUNK: usize = 64 * 1024;

impl Runtime for Native {
    fn tier(&self) -> Tier {
        Tier::InProcess
    }

    fn evaluate(&self, batch: &Batch<'_>) -> Result<Vec<Option<Decimal>>, Fault> {
        let &Batch { metric, inputs, parameters, rows } = batch;
        let room = rows.min(CHUNK);
        let mut buffers: Vec<InputBuffer> = inputs.iter().map(|column| InputBuffer::new(room, column.scale)).collect();
        let mut output = OutputBuffer::new(room);
        let mut results = Vec::with_capacity(rows);
        for start in (0..rows).step_by(CHUNK) {
            let end = rows.min(start + CHUNK);
            for (buffer, column) in buffers.iter_mut().zip(inputs) {
                buffer.fill(&column.values[start..end]).map_err(|row| too_large(column.scale).at((start + row) as u64))?;
            }
            output.arm(end - start);
            check(self.call(metric, start as u64, &buffers, parameters, &mut output), start as u64)?;
            output.take(start as u64, &mut results)?;
        }
        Ok(results)
    }
}

pub(crate) fn too_large(scale: u32) -> Fault {
    Fault::new("E_INPUT", format!("an input has more than 38 digits at scale {scale}"))
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
        return Err(Fault::new("F_UNKNOWN_STATUS", format!("the pack returned {}, which means nothing: {}", reply.status, reply.message)));
    };
    Err(Fault { code: (*code).into(), message: reply.message, row: reply.row.map(|row| row_base.saturating_add(row)) })
}
