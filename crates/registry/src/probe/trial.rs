//! The child's side of a probe: loads the pack, calls every metric again and again, and looks at what that does to the process.
//!
//! The process plays both host and child of a worker, over the same kind of memory: the pack's view of its inputs cannot be
//! written, and its output ends where nobody may write.

use std::io;
use std::ops::Range;
use std::os::unix::net::UnixStream;
use std::path::Path;

use manifest::{Metric, NumberType, Pack};
use rust_decimal::Decimal;

use super::fingerprint::Fingerprint;
use super::rows::{self, Rows};
use crate::column::{Input, Line, Shape};
use crate::evaluate::{Buffers, in_chunks};
use crate::inspect::{self, Library};
use crate::memory::Memory;
use crate::message::{Message, known};
use crate::native::{self, Chunk, Native};
use crate::outcome::{Failed, Fault, failed};
use crate::runtime::Batch;
use crate::sandbox::{self, Threads};
use crate::system;
use crate::worker::not_started;

/// Full and broken blocks of bits and of values.
const SIZES: [usize; 7] = [1000, 512, 4096, 1, 63, 64, 65];
const EDGE_SIZES: [usize; 4] = [1, 63, 64, 65];
/// A batch, and where it is cut to be compared with the whole.
const CUT: (usize, usize) = (1000, 512);
const CALLS: usize = 32;
/// What the C library may set aside for itself meanwhile.
const GROWTH_KIB: usize = 1024;

const ADVICE: &str = "see the head of counterpoise_pack.h for what a metric may do, and correct the pack";

/// An error means that the host is gone, or that the pack closed the channel.
pub(crate) fn run(path: &Path, channel: &UnixStream) -> io::Result<()> {
    let outcome = match prepare(path) {
        Ok((kept, memory)) => attempt(path, &kept, memory, channel)?,
        Err(failed) => Err(failed),
    };
    system::flush_streams();
    match outcome {
        Ok(()) => Message::Ready,
        Err(failed) => Message::Refused(failed),
    }
    .send(channel)
}

/// What takes rights that are given up before the pack is loaded.
fn prepare(path: &Path) -> Result<(Kept, [Memory; 2]), Failed> {
    let kept = inspect::kept(path)?;
    let inputs = inspect::most_inputs(&kept.1);
    let memory =
        Memory::create(inputs).and_then(|(host, files)| Ok([host, Memory::open(&files, inputs)?])).map_err(|error| not_started(&error))?;
    Ok((kept, memory))
}

type Kept = (Library, Pack);

fn attempt(path: &Path, (library, pack): &Kept, memory: [Memory; 2], channel: &UnixStream) -> io::Result<Result<(), Failed>> {
    sandbox::before_loading(path, Threads::Counted).into_iter().try_for_each(|missing| Message::Missing(missing).send(channel))?;
    let before = Fingerprint::take();
    begin("loading", channel)?;
    let loaded = native::load(path, library, pack.metrics.len()).and_then(|loaded| before.compare("loading").map(|()| loaded));
    let (native, warnings) = match loaded {
        Ok(loaded) => loaded,
        Err(failed) => return Ok(Err(failed)),
    };
    warnings.into_iter().try_for_each(|warning| Message::Warning(warning).send(channel))?;
    let [host, child] = memory;
    let bench = Bench { native, host, child };
    for (index, metric) in (0..).zip(&pack.metrics) {
        for (how, attempt) in ATTEMPTS {
            let doing = format!("evaluating `{}`{how}", metric.key);
            begin(&doing, channel)?;
            if let Err(failed) = attempt(&bench, index, metric).and_then(|()| before.compare(&doing)) {
                return Ok(Err(failed));
            }
        }
    }
    // What passes here works in a worker.
    sandbox::before_calling();
    for (index, metric) in (0..).zip(&pack.metrics) {
        begin(&format!("evaluating `{}` with no more rights than in a worker", metric.key), channel)?;
        if let Err(failed) = bench.twice(index, metric, &rows::usual(metric, CUT.0)) {
            return Ok(Err(failed));
        }
    }
    Ok(Ok(()))
}

type Attempt = fn(&Bench, u32, &Metric) -> Result<(), Failed>;

const ATTEMPTS: [(&str, Attempt); 3] =
    [("", Bench::try_usual), (" over extreme values", Bench::try_edges), (" again and again", Bench::count_memory)];

fn begin(doing: &str, channel: &UnixStream) -> io::Result<()> {
    Message::Stage(doing.into()).send(channel)
}

/// The pack between two views of one memory.
struct Bench {
    native: Native,
    host: Memory,
    child: Memory,
}

type Values = Result<Vec<Option<Decimal>>, Fault>;

impl Bench {
    fn try_usual(&self, index: u32, metric: &Metric) -> Result<(), Failed> {
        for size in SIZES {
            self.twice(index, metric, &rows::usual(metric, size))?;
        }
        self.cut(index, metric)
    }

    fn try_edges(&self, index: u32, metric: &Metric) -> Result<(), Failed> {
        let batches = |size| rows::edges(metric, size).into_iter().chain(rows::smallest(metric, size));
        let mut batches = EDGE_SIZES.into_iter().flat_map(batches);
        batches.try_for_each(|rows| self.twice(index, metric, &rows))
    }

    /// The same call gives the same.
    fn twice(&self, index: u32, metric: &Metric, rows: &Rows) -> Result<(), Failed> {
        let first = self.call(index, metric, rows, 0)?;
        let second = self.call(index, metric, rows, 0)?;
        if first == second {
            return Ok(());
        }
        let found = format!("`{}` over {} rows: {}", metric.key, rows.count(), difference(&first, &second));
        Err(failed("F_NOT_DETERMINISTIC", "the same values from the same call", found, ADVICE))
    }

    /// A row's value is its own, whatever rows come with it.
    fn cut(&self, index: u32, metric: &Metric) -> Result<(), Failed> {
        let (count, cut) = CUT;
        let rows = rows::usual(metric, count);
        let call = |range: Range<usize>| self.call(index, metric, &rows.part(range.clone()), range.start as u64);
        let (whole, first, second) = (call(0..count)?, call(0..cut)?, call(cut..count)?);
        let parts = first.and_then(|first| Ok([first, second?].concat()));
        if whole == parts {
            return Ok(());
        }
        let found = format!("`{}` over {count} rows and over the same cut at {cut}: {}", metric.key, difference(&whole, &parts));
        Err(failed("F_NOT_ROW_WISE", "a value in each row that depends on the row alone", found, ADVICE))
    }

    fn count_memory(&self, index: u32, metric: &Metric) -> Result<(), Failed> {
        let rows = rows::usual(metric, 64);
        let before = kib();
        for _ in 0..CALLS {
            let _same_as_before = self.call(index, metric, &rows, 0)?;
        }
        let grown = kib().saturating_sub(before);
        if grown <= GROWTH_KIB {
            return Ok(());
        }
        let found = format!("{grown} KiB more in {CALLS} calls of `{}`", metric.key);
        Err(failed("F_LEAK", "a metric that gives back the memory it takes", found, ADVICE))
    }

    /// One batch, checked as any other. Only an error that no input excuses is a reason to refuse the pack.
    fn call(&self, index: u32, metric: &Metric, rows: &Rows, row_base: u64) -> Result<Values, Failed> {
        let batch = Batch { metric: index, declared: metric, inputs: &rows.columns, parameters: &rows.parameters, rows: rows.count() };
        let mut buffers = self.host.buffers(&batch);
        let values = in_chunks(&batch, &mut buffers, |_, buffers| {
            buffers.inputs.iter().for_each(|input| input.put_floats(&rows.floats));
            let shapes: Vec<Shape> = buffers.inputs.iter().map(|input| input.shape()).collect();
            let inputs: Vec<Input<'_>> = self.child.inputs(&shapes).collect();
            let (output, cancel) = (self.child.output(batch.rows, metric.output.number), self.child.cancel());
            Ok(self.native.call(Chunk { metric: index, row_base, inputs: &inputs, parameters: batch.parameters, output, cancel }))
        });
        unchanged(metric, &buffers, rows)?;
        match &values {
            Err(fault) if !is_answer(&fault.code, metric) => Err(refused(metric, rows.count(), fault)),
            _ => Ok(values),
        }
    }
}

fn unchanged(metric: &Metric, buffers: &Buffers<&[Line]>, rows: &Rows) -> Result<(), Failed> {
    let mut columns = buffers.inputs.iter().zip(&rows.columns);
    let changed = columns.position(|(buffer, column)| !buffer.holds_floats(&rows.floats).unwrap_or_else(|| buffer.holds(&column.values)));
    let Some(input) = changed else { return Ok(()) };
    let found = format!("another input `{}` after evaluating `{}`", metric.inputs[input].name, metric.key);
    Err(failed("F_INPUT_CHANGED", "inputs that are read only", found, ADVICE))
}

/// An error that a pack may well answer with. Doubles go on where decimals end, and a pack need not know where that is.
fn is_answer(code: &str, metric: &Metric) -> bool {
    matches!(code, "E_INPUT" | "E_COMPUTE" | "E_OVERFLOW" | "E_UNSUPPORTED")
        || code == "F_DECIMAL_RANGE" && metric.output.number == NumberType::Float
}

fn refused(metric: &Metric, rows: usize, fault: &Fault) -> Failed {
    let row = fault.row.map_or_else(String::new, |row| format!(" in row {row}"));
    let found = format!("`{}` over {rows} rows{row}: {}", metric.key, fault.message);
    failed(known(&fault.code).unwrap_or("F_UNKNOWN_STATUS"), "values, or an error that the inputs explain", found, ADVICE)
}

/// The first row that differs.
fn difference(first: &Values, second: &Values) -> String {
    let text = |value: Option<&Option<Decimal>>| value.copied().flatten().map_or_else(|| "nothing".into(), |value| value.to_string());
    match (first, second) {
        (Ok(first), Ok(second)) => {
            let row = first.iter().zip(second).position(|(first, second)| first != second).unwrap_or_default();
            format!("row {row} differs ({} and {})", text(first.get(row)), text(second.get(row)))
        }
        (first, second) => {
            let text = |values: &Values| values.as_ref().err().map_or_else(|| "values".into(), ToString::to_string);
            format!("{} and {}", text(first), text(second))
        }
    }
}

/// The address space of this process.
fn kib() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").ok().and_then(|text| text.split(' ').next()?.parse::<usize>().ok());
    pages.unwrap_or_default() * rustix::param::page_size() / 1024
}
