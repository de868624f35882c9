//! What the border costs: one ratio of three inputs over a million rows, by every way that there is to compute it, in one run.
//!
//! Two comparisons, because a query has decimals where the border has words. *Columns of the border* asks what the call itself costs:
//! the metric linked into this program against the same code in a library, over columns that are ready, with nothing checked.
//! *From decimals to decimals* asks what a query pays: a plain function of this program over its decimals against the registry, which
//! puts them into columns, calls, checks every value and takes decimals out. `cargo bench --package registry` prints the table,
//! `-- --rows N --rounds N` makes it short.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use metric_abi::{Call, Col, D128, ENTRY, ErrorText, Evaluate, Out, POISON, Pack, Ptr, status, value_type};
use pack_sdk::{Metric, Num};
use registry::{Column, MetricRef, Options, Program, Registry, Trust};
use rust_decimal::Decimal;

#[path = "../../pack-sdk/examples/share.rs"]
mod share;

const SCALE: u32 = 12;
const DECLARATIVE: &str = include_str!("share.toml");

struct Size {
    rows: usize,
    rounds: usize,
}

impl Size {
    fn of(mut arguments: impl Iterator<Item = String>) -> Size {
        let mut size = Size { rows: 1_000_000, rounds: 11 };
        while let Some(argument) = arguments.next() {
            let field = match argument.as_str() {
                "--rows" => &mut size.rows,
                "--rounds" => &mut size.rounds,
                _ => continue,
            };
            *field = arguments.next().and_then(|number| number.parse().ok()).expect("a number after --rows or --rounds");
        }
        size
    }
}

fn main() {
    registry::run_if_child(std::env::args_os());
    let Size { rows, rounds } = Size::of(std::env::args().skip(1));
    let bench = Bench::open();
    println!("{rows} rows of `(won - lost) / visits`, the median of {rounds} rounds\n");
    println!("| columns of the border | ns/row | ratio |\n|---|--:|--:|");
    table(&mut bench.border(rows), Calls { rows, rounds, row: 1, pause: Duration::ZERO });
    println!("\n| from decimals to decimals | ns/row | ratio |\n|---|--:|--:|");
    table(&mut bench.decimals(rows), Calls { rows, rounds, row: 1, pause: Duration::ZERO });
    println!("\n| one row, call after call | ns/call | ratio |\n|---|--:|--:|");
    table(&mut bench.decimals(1), Calls { rows: 1, rounds: rounds * 20, row: 100, pause: Duration::ZERO });
    println!("\n| one row, each call after a pause of {PAUSE:?} | ns/call | ratio |\n|---|--:|--:|");
    table(&mut bench.decimals(1), Calls { rows: 1, rounds: rounds * 50, row: 1, pause: PAUSE });
}

type Way<'a> = (&'static str, Box<dyn FnMut() + 'a>);

/// Longer than whoever waits for the next call stays awake.
const PAUSE: Duration = Duration::from_millis(1);

struct Calls {
    rows: usize,
    rounds: usize,
    /// So many calls of one way in a row, timed as one.
    row: usize,
    /// Before each row of calls.
    pause: Duration,
}

/// Every way in turn, round after round, so that a busy moment of the machine is nobody's alone.
fn table(ways: &mut [Way<'_>], Calls { rows, rounds, row, pause }: Calls) {
    let mut times: Vec<Vec<Duration>> = vec![Vec::with_capacity(rounds); ways.len()];
    for round in 0..=rounds {
        for ((_, way), times) in ways.iter_mut().zip(&mut times) {
            if !pause.is_zero() {
                std::thread::sleep(pause);
            }
            let started = Instant::now();
            (0..row).for_each(|_| way());
            // The first round is to warm up.
            if round > 0 {
                times.push(started.elapsed());
            }
        }
    }
    let median = |times: &mut Vec<Duration>| {
        times.sort();
        times[times.len() / 2].as_nanos() as f64 / (rows * row) as f64
    };
    let medians: Vec<f64> = times.iter_mut().map(median).collect();
    for ((name, _), time) in ways.iter().zip(&medians) {
        println!("| {name} | {time:.1} | {:.2} |", time / medians[0]);
    }
}

/// The same metric in each tier, and its library.
struct Bench {
    _folders: [tempfile::TempDir; 3],
    library: libloading::Library,
    here: MetricRef,
    apart: MetricRef,
    declared: MetricRef,
}

impl Bench {
    fn open() -> Bench {
        let file = library_file();
        let folders = [(); 3].map(|()| tempfile::tempdir().expect("a temporary folder"));
        let packs = |folder: &tempfile::TempDir| {
            let packs = folder.path().join("packs");
            std::fs::create_dir(&packs).expect("made");
            packs
        };
        let [here, apart, declared] = [0, 1, 2].map(|at: usize| packs(&folders[at]));
        std::fs::copy(&file, here.join("share.so")).expect("copied");
        std::fs::copy(&file, apart.join("share.so")).expect("copied");
        std::fs::write(declared.join("share.toml"), DECLARATIVE).expect("written");
        let open = |packs: &Path, trust, program| {
            let store = packs.with_file_name("store");
            let registry = Registry::once(Options { trust, program, ..Options::new(packs, store) });
            assert_eq!(registry.snapshot().refusals(), []);
            registry.snapshot().metric("share.per_visit").expect("it is there")
        };
        Bench {
            // SAFETY: the library is our own, and built of this very source.
            library: unsafe { libloading::Library::new(&file) }.expect("it loads"),
            here: open(&here, Trust::everything(), None),
            apart: open(&apart, Trust::default(), Some(Program::this())),
            declared: open(&declared, Trust::default(), None),
            _folders: folders,
        }
    }

    fn border(&self, rows: usize) -> Vec<Way<'_>> {
        // SAFETY: the descriptors are of the SDK, one linked in and one in the library that it was built into.
        let linked = evaluate_of(unsafe { &*(&raw const share::cp_pack_v1).cast::<Pack>() });
        let loaded =
            evaluate_of(unsafe { self.library.get::<*const Pack>(ENTRY).expect("it exports the entry").as_ref().expect("not null") });
        let way = |evaluate: Evaluate| -> Box<dyn FnMut()> {
            let mut ready = Ready::new(rows);
            Box::new(move || ready.call(evaluate))
        };
        vec![("linked in", way(linked)), ("through the library, nothing checked", way(loaded))]
    }

    fn decimals(&self, rows: usize) -> Vec<Way<'_>> {
        let direct = columns(rows);
        let plain = move || drop(black_box(function(black_box(&direct), rows)));
        let through = |metric: MetricRef| -> Box<dyn FnMut()> {
            let columns = columns(rows);
            Box::new(move || drop(black_box(metric.evaluate(black_box(&columns), &[], rows).expect("no fault"))))
        };
        let mut copying = Copying::new(rows);
        let mut in_shared_memory = through(self.apart.clone());
        let copied = move || {
            in_shared_memory();
            copying.copy();
        };
        vec![
            ("a function of the host", Box::new(plain)),
            ("native, in process, all checks", through(self.here.clone())),
            ("native, in a worker, columns in shared memory, all checks", through(self.apart.clone())),
            ("native, in a worker, columns in memory of their own and then copied, all checks", Box::new(copied)),
            ("declarative", through(self.declared.clone())),
        ]
    }
}

/// The library of the pack, as cargo says where it built it.
fn library_file() -> PathBuf {
    let run = Command::new(env!("CARGO"))
        .args(["build", "--release", "--package", "pack-sdk", "--example", "share", "--message-format", "json"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(run.status.success(), "the pack does not build:\n{}", String::from_utf8_lossy(&run.stderr));
    let messages = run.stdout.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice::<serde_json::Value>(line).ok());
    let files = messages.flat_map(|message| message["filenames"].as_array().cloned().unwrap_or_default());
    let file = files.filter_map(|file| file.as_str().map(PathBuf::from)).find(|file| file.ends_with("examples/libshare.so"));
    file.expect("cargo told the path of the library")
}

fn evaluate_of(pack: &Pack) -> Evaluate {
    // SAFETY: the descriptor is of the SDK, whose `evaluate` is of this type.
    unsafe { std::mem::transmute::<*const c_void, Evaluate>(pack.evaluate) }
}

/// Counts as they come, a twentieth of them unknown.
fn values(shift: usize) -> impl Fn(usize) -> Option<i64> {
    move |row| (row % 20 != shift).then(|| ((row * 7 + shift * 13) % 97) as i64)
}

fn columns(rows: usize) -> [Column; 3] {
    [3, 9, 17].map(|shift| Column { scale: 0, values: (0..rows).map(|row| values(shift)(row + 4).map(Decimal::from)).collect() })
}

/// What the metric would be as a function of the host.
fn function(columns: &[Column; 3], rows: usize) -> Vec<Option<Decimal>> {
    let input = |column: &Column, row: usize| column.values[row].map_or(Num::Null, Num::Value);
    let value = |row| match share::per_visit::row(&[input(&columns[0], row), input(&columns[1], row), input(&columns[2], row)], &[]) {
        Num::Value(value) => Some(value.round_dp(SCALE).normalize()),
        Num::Null | Num::Overflow => None,
    };
    (0..rows).map(value).collect()
}

#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Aligned([u8; 64]);

/// What copying columns into shared memory would cost beside putting them there at once: as many bytes, chunk by chunk.
struct Copying {
    rows: usize,
    from: Vec<Aligned>,
    to: Vec<Aligned>,
}

impl Copying {
    const CHUNK: usize = 64 * 1024;

    fn new(rows: usize) -> Copying {
        let lines = vec![Aligned([1; 64]); Copying::lines(rows.min(Copying::CHUNK))];
        Copying { rows, from: lines.clone(), to: lines }
    }

    /// Of three inputs: values, and their validity.
    fn lines(rows: usize) -> usize {
        3 * (rows.div_ceil(4) + rows.div_ceil(512))
    }

    fn copy(&mut self) {
        for start in (0..self.rows).step_by(Copying::CHUNK) {
            let lines = Copying::lines(Copying::CHUNK.min(self.rows - start));
            black_box(&mut self.to)[..lines].copy_from_slice(&black_box(&self.from)[..lines]);
        }
    }
}

/// Columns of the border and the call over them, made once.
struct Ready {
    rows: usize,
    inputs: Vec<(Vec<D128>, Vec<Aligned>)>,
    output: Vec<D128>,
    validity: Vec<Aligned>,
}

impl Ready {
    fn new(rows: usize) -> Ready {
        let input = |shift| {
            let mut bits = vec![Aligned([0; 64]); rows.div_ceil(512)];
            let known = |row: usize| values(shift)(row + 4);
            (0..rows).filter(|row| known(*row).is_some()).for_each(|row| bits[row / 512].0[row % 512 / 8] |= 1 << (row % 8));
            ((0..rows).map(|row| D128::new(known(row).unwrap_or(0).into())).collect(), bits)
        };
        Ready {
            rows,
            inputs: [3, 9, 17].map(input).into(),
            output: vec![D128::new(POISON); rows],
            validity: vec![Aligned([0; 64]); rows.div_ceil(512)],
        }
    }

    fn call(&mut self, evaluate: Evaluate) {
        self.validity.fill(Aligned([0; 64]));
        let column = |(data, validity): &(Vec<D128>, Vec<Aligned>)| Col {
            data: Ptr { ptr: data.as_ptr().cast_mut().cast() },
            validity: Ptr { ptr: validity.as_ptr().cast_mut().cast() },
            null_count: 1,
            value_type: value_type::D128,
            scale: 0,
            reserved: [0; 4],
        };
        let columns: Vec<Col> = self.inputs.iter().map(column).collect();
        let mut out = Out {
            data: Ptr { ptr: self.output.as_mut_ptr().cast() },
            validity: Ptr { ptr: self.validity.as_mut_ptr().cast() },
            value_type: value_type::D128,
            scale: SCALE as i32,
            reserved: [0; 5],
        };
        let call = Call {
            struct_size: size_of::<Call>() as u32,
            metric: 0,
            n_rows: self.rows as u64,
            inputs: Ptr { ptr: columns.as_ptr().cast_mut() },
            params: Ptr { bits: 0 },
            out: Ptr { ptr: &mut out },
            n_inputs: columns.len() as u32,
            n_params: 0,
            groups: Ptr { bits: 0 },
            n_groups: 0,
            row_base: 0,
            cancel: Ptr { bits: 0 },
            host: Ptr { bits: 0 },
        };
        let mut error =
            ErrorText { struct_size: size_of::<ErrorText>() as u32, cap: 0, len: 0, reserved: 0, row: -1, msg: Ptr { bits: 0 } };
        // SAFETY: every pointer of the call is of a buffer of this value, with room for its rows.
        let answered = unsafe { evaluate(&call, &mut error) };
        assert_eq!(answered, status::OK);
    }
}
