//! The memory that a host and a child share: two files without a name, whose parts both map at addresses of their own.
//!
//! The host writes the first, which the child can only read: the flag that asks a pack to stop and what is asked, then the inputs.
//! The child writes the second: its answer, then the output. Every part ends where its guard begins, so that columns lie at the end of their part and a
//! pack that reads or writes on is stopped by the processor. Neither file can be made smaller, which would end the other side.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::atomic::AtomicU64;

use manifest::NumberType;
use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};

use crate::column::{Form, Input, InputBuffer, Line, Output, OutputBuffer, Shape};
use crate::evaluate::{Buffers, CHUNK};
use crate::runtime::Batch;
use crate::system::Region;

/// The largest page that there is: parts begin at multiples of it.
const PAGE: usize = 64 * 1024;
const HEAD: usize = PAGE;
const VALUES: usize = CHUNK * 16;
const VALIDITY: usize = PAGE;

/// Room for one column of a chunk.
#[derive(Debug)]
struct Column {
    values: Region,
    validity: Region,
}

#[derive(Debug)]
pub(crate) struct Memory {
    head: Region,
    inputs: Vec<Column>,
    answer: Region,
    output: Column,
}

/// The two files.
#[derive(Debug)]
pub(crate) struct Files {
    pub inputs: OwnedFd,
    pub output: OwnedFd,
}

/// What one side tells the other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Side<'a> {
    /// Of the last thing that it told.
    pub number: &'a AtomicU64,
    /// Not 0 while it waits to be woken.
    pub waits: &'a AtomicU64,
    /// What it told.
    pub words: &'a [Line],
}

impl Side<'_> {
    fn of(lines: &[Line]) -> Side<'_> {
        Side { number: lines[0].at(0), waits: lines[0].at(1), words: &lines[1..] }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Who {
    Host,
    Child,
}

impl Memory {
    /// Makes memory for metrics of so many inputs at most.
    pub fn create(inputs: usize) -> io::Result<(Memory, Files)> {
        let size = (HEAD + inputs * (VALUES + VALIDITY)) as u64;
        let files = Files { inputs: file("pack-inputs", size)?, output: file("pack-output", (HEAD + VALUES + VALIDITY) as u64)? };
        let memory = Memory::map(&files, inputs, Who::Host)?;
        // From here on nobody can write to the inputs who does not already.
        fcntl_add_seals(&files.inputs, SealFlags::FUTURE_WRITE)?;
        for file in [&files.inputs, &files.output] {
            fcntl_add_seals(file, SealFlags::SEAL)?;
        }
        Ok((memory, files))
    }

    /// As the child sees it.
    pub fn open(files: &Files, inputs: usize) -> io::Result<Memory> {
        Memory::map(files, inputs, Who::Child)
    }

    fn map(files: &Files, inputs: usize, who: Who) -> io::Result<Memory> {
        let (from_host, host) = (files.inputs.as_fd(), who == Who::Host);
        let input = |index: usize| column(from_host, HEAD + index * (VALUES + VALIDITY), host);
        Ok(Memory {
            head: Region::map(from_host, 0, HEAD, host)?,
            inputs: (0..inputs).map(input).collect::<io::Result<_>>()?,
            answer: Region::map(files.output.as_fd(), 0, HEAD, true)?,
            output: column(files.output.as_fd(), HEAD, true)?,
        })
    }

    /// Not 0 when the pack shall stop.
    pub fn cancel(&self) -> &AtomicU64 {
        self.head[0].at(0)
    }

    /// What the host asks.
    pub fn asking(&self) -> Side<'_> {
        Side::of(&self.head[1..])
    }

    /// What the child answers.
    pub fn answering(&self) -> Side<'_> {
        Side::of(&self.answer)
    }

    /// Buffers over this memory for the inputs and the output of a batch.
    pub fn buffers(&self, batch: &Batch<'_>) -> Buffers<&[Line]> {
        let inputs = self.inputs.iter().zip(Form::all(&batch.declared.inputs, batch.inputs));
        let inputs = inputs.map(|(column, form)| InputBuffer::over(&*column.values, &*column.validity, form)).collect();
        Buffers { inputs, output: OutputBuffer::over(&self.output.values, &self.output.validity, batch.declared.output.number) }
    }

    /// The inputs that the host has written, of such shapes.
    pub fn inputs<'a>(&'a self, shapes: &'a [Shape]) -> impl Iterator<Item = Input<'a>> {
        self.inputs.iter().zip(shapes).map(|(column, shape)| Input::of(&column.values, &column.validity, *shape))
    }

    /// The output that the host has armed for so many rows.
    pub fn output(&self, rows: usize, number: NumberType) -> Output<'_> {
        Output::of(&self.output.values, &self.output.validity, rows, number)
    }
}

fn column(file: BorrowedFd<'_>, offset: usize, writable: bool) -> io::Result<Column> {
    Ok(Column {
        values: Region::map(file, offset as u64, VALUES, writable)?,
        validity: Region::map(file, (offset + VALUES) as u64, VALIDITY, writable)?,
    })
}

/// A file of this size for ever.
fn file(name: &str, size: u64) -> io::Result<OwnedFd> {
    let file = File::from(memfd_create(name, MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?);
    file.set_len(size)?;
    fcntl_add_seals(&file, SealFlags::SHRINK | SealFlags::GROW)?;
    Ok(file.into())
}
