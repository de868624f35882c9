//! The one file that touches foreign code: maps a library, checks its descriptor against the file it came from, and calls it.
//!
//! What is checked before use cannot make native code safe: a pack runs in this process and can do what the process can.
//! The checks make sure that an honest mistake, a stale build or a damaged file is an error and not a crash.
#![allow(unsafe_code)]

use std::ffi::{CStr, OsStr, c_char, c_void};
use std::mem::ManuallyDrop;
use std::os::unix::ffi::OsStrExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, Mutex};
use std::{ptr, slice};

use arrayvec::ArrayVec;
use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};
use manifest::NumberType;
use manifest::check::{MAX_INPUTS, MAX_PARAMETERS};
use metric_abi::{ABI_MINOR, Any, Call, Col, D128, ENTRY, ErrorText, Evaluate, Host, Init, Out, Pack, Ptr, Value, build, status};

use crate::column::{Input, Output, nearest};
use crate::elf::{Segment, parse_version};
use crate::inspect::{self, check_version};
use crate::outcome::{Failed, Warning, failed};
use crate::runtime::Argument;

const BUILD_AGAIN: &str = "build the pack again with the SDK or the header of this version";
const ERROR_BYTES: usize = 1024;

/// The code of a loaded pack. It is never unmapped: a library's thread-local destructors and statics may outlive any use we know of.
#[derive(Debug)]
pub(crate) struct Native {
    evaluate: Evaluate,
    /// Set when a call does not come to its end.
    pub lost: Arc<AtomicBool>,
    _library: ManuallyDrop<Library>,
}

/// What a call left behind.
#[derive(Debug)]
pub(crate) struct Reply {
    pub status: i32,
    pub message: String,
    /// Counted in the chunk.
    pub row: Option<u64>,
    pub error_too_long: bool,
    pub environment_changed: bool,
}

/// The version of glibc in this process.
pub(crate) fn glibc() -> Option<(u32, u32)> {
    #[cfg(target_env = "gnu")]
    // SAFETY: the function takes nothing and returns a constant C string.
    let version = unsafe { CStr::from_ptr(libc::gnu_get_libc_version()) }.to_str().ok().and_then(parse_version);
    #[cfg(not(target_env = "gnu"))]
    let version = None;
    version
}

/// Steps 11 to 14: maps the copy, checks what it exports, and initialises it.
pub(crate) fn load(path: &Path, file: &inspect::Library, metrics: usize) -> Result<(Native, Vec<Warning>), Failed> {
    let mut warnings = Vec::new();
    let library = map(path, &mut warnings)?;
    let memory = Memory::of(&library, path, &file.image.segments)?;
    let pack = memory.descriptor()?;
    check(&pack, metrics)?;
    memory.check_manifest(&pack, &file.manifest)?;
    memory.check_code(pack.evaluate, "evaluate")?;
    if !pack.init.is_null() {
        memory.check_code(pack.init, "init")?;
        initialise(pack.init)?;
    }
    // SAFETY: the address lies in the code of the library, and the descriptor of ABI 1 says that this is its type.
    let evaluate = unsafe { std::mem::transmute::<*const c_void, Evaluate>(pack.evaluate) };
    Ok((Native { evaluate, lost: Arc::default(), _library: library }, warnings))
}

/// One at a time, because constructors run and because they may change the processor's floating-point mode for all of us.
fn map(path: &Path, warnings: &mut Vec<Warning>) -> Result<ManuallyDrop<Library>, Failed> {
    static LOADING: Mutex<()> = Mutex::new(());
    let _one_at_a_time = LOADING.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let mode = FloatMode::save();
    // SAFETY: constructors of the library run here. That is what loading native code means; the file was chosen by the operator,
    // passed every check that needs no code, and lies in our private store.
    let library = unsafe { Library::open(Some(path), RTLD_NOW | RTLD_LOCAL) };
    if mode.restore() {
        warnings
            .push(("W_FPENV", "loading the pack changed the floating-point mode, which was put back: build it without -ffast-math".into()));
    }
    library.map(ManuallyDrop::new).map_err(|error| {
        failed(
            "E_DLOPEN",
            "a library that the system's loader accepts",
            chain(&error),
            "build the pack so that every symbol it uses is in it or in libc",
        )
    })
}

fn chain(error: &dyn std::error::Error) -> String {
    std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// Where the library lies, and which parts of it may be read and run.
struct Memory<'a> {
    entry: usize,
    bias: usize,
    segments: &'a [Segment],
}

impl<'a> Memory<'a> {
    fn of(library: &Library, path: &Path, segments: &'a [Segment]) -> Result<Memory<'a>, Failed> {
        // SAFETY: the symbol is only taken as an address here.
        let symbol = unsafe { library.get::<*const Pack>(ENTRY) };
        let entry =
            symbol.map_err(|error| failed("E_NO_ENTRY", format!("the data symbol `{ENTRY}`"), chain(&error), BUILD_AGAIN))?.as_raw_ptr();
        let mut info =
            libc::Dl_info { dli_fname: ptr::null(), dli_fbase: ptr::null_mut(), dli_sname: ptr::null(), dli_saddr: ptr::null_mut() };
        // SAFETY: dladdr writes the info only, and a name it gives is a C string that lives as long as the library.
        let origin = unsafe { (libc::dladdr(entry, &mut info) != 0).then(|| OsStr::from_bytes(CStr::from_ptr(info.dli_fname).to_bytes())) };
        if origin != Some(path.as_os_str()) {
            return Err(failed("E_NO_ENTRY", format!("`{ENTRY}` of the pack itself"), format!("one of {origin:?}"), BUILD_AGAIN));
        }
        let lowest = segments.iter().map(|segment| segment.addresses.start as usize).min().unwrap_or(0);
        Ok(Memory { entry: entry as usize, bias: (info.dli_fbase as usize).wrapping_sub(lowest & !0xfff), segments })
    }

    fn within(&self, address: usize, length: usize, wanted: impl Fn(&Segment) -> bool) -> bool {
        let start = address.wrapping_sub(self.bias) as u64;
        let inside = |segment: &&Segment| {
            start >= segment.addresses.start && start.checked_add(length as u64).is_some_and(|end| end <= segment.addresses.end)
        };
        self.segments.iter().filter(inside).any(wanted)
    }

    fn descriptor(&self) -> Result<Pack, Failed> {
        let size = size_of::<Pack>();
        let sound = self.entry.is_multiple_of(align_of::<Pack>()) && self.within(self.entry, size, |segment| segment.readable);
        if !sound {
            return Err(failed(
                "E_DESCRIPTOR",
                "a descriptor inside the pack's data",
                format!("one at {:#x}", self.entry.wrapping_sub(self.bias)),
                BUILD_AGAIN,
            ));
        }
        // SAFETY: aligned, and all of its bytes lie in a readable segment of the mapped library; any bytes are a valid `Pack`.
        Ok(unsafe { (self.entry as *const Pack).read() })
    }

    /// What the pack points at must be what was checked in the file.
    fn check_manifest(&self, pack: &Pack, expected: &[u8]) -> Result<(), Failed> {
        let address = pack.manifest as usize;
        let differs = |found: &str| failed("E_MANIFEST_DIFF", "a descriptor that points at the manifest in the file", found, BUILD_AGAIN);
        if !self.within(address, expected.len(), |segment| segment.readable) {
            return Err(differs("a pointer outside the pack's data"));
        }
        // SAFETY: all of these bytes lie in a readable segment of the mapped library.
        let found = unsafe { slice::from_raw_parts(address as *const u8, expected.len()) };
        if found == expected { Ok(()) } else { Err(differs("another manifest")) }
    }

    fn check_code(&self, address: *const c_void, name: &str) -> Result<(), Failed> {
        if self.within(address as usize, 1, |segment| segment.executable) {
            return Ok(());
        }
        Err(failed(
            "E_DESCRIPTOR",
            format!("`{name}` in the pack's code"),
            format!("{address:?}, which does not point into the object's code"),
            BUILD_AGAIN,
        ))
    }
}

fn check(pack: &Pack, metrics: usize) -> Result<(), Failed> {
    check_version(pack.magic, pack.abi_major.into(), pack.abi_minor.into(), pack.features_required)?;
    if (pack.struct_size as usize) < size_of::<Pack>() {
        return Err(failed("E_DESCRIPTOR", format!("a descriptor of {} bytes or more", size_of::<Pack>()), pack.struct_size, BUILD_AGAIN));
    }
    if pack.build_flags & build::NO_UNWIND_OUT == 0 {
        return Err(failed(
            "E_PANIC_ABORT",
            "a pack that keeps its panics to itself",
            "one built with panic=abort, whose first panic would end the service",
            "build it with panic = \"unwind\"",
        ));
    }
    if pack.n_metrics as usize != metrics {
        return Err(failed("E_DESCRIPTOR", format!("{metrics} metrics, as in the manifest"), pack.n_metrics, BUILD_AGAIN));
    }
    Ok(())
}

/// What a pack may ask of us. The log is the only service yet.
static HOST: Services = Services(Host {
    struct_size: size_of::<Host>() as u32,
    abi_minor: ABI_MINOR as u32,
    ctx: ptr::null_mut(),
    log: Some(log),
    get_extension: Some(no_extension),
});

struct Services(Host);

// SAFETY: constant, its context is null, and its functions may be called on any thread.
unsafe impl Sync for Services {}

unsafe extern "C" fn log(_: *mut c_void, level: u32, text: *const c_char, length: u64) {
    if text.is_null() {
        return;
    }
    // SAFETY: the pack passes `length` readable bytes; more than a line's worth is not read.
    let text = plain(unsafe { slice::from_raw_parts(text.cast(), length.min(ERROR_BYTES as u64) as usize) });
    match level {
        0 | 1 => tracing::error!(target: "pack", "{text}"),
        2 => tracing::warn!(target: "pack", "{text}"),
        3 => tracing::info!(target: "pack", "{text}"),
        _ => tracing::debug!(target: "pack", "{text}"),
    }
}

unsafe extern "C" fn no_extension(_: *mut c_void, _: *const c_char) -> *const c_void {
    ptr::null()
}

/// Text of a pack, fit for a log line: no control characters, 300 characters at most.
pub(crate) fn plain(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).chars().filter(|c| !c.is_control()).take(300).collect()
}

fn initialise(init: *const c_void) -> Result<(), Failed> {
    // SAFETY: the address lies in the code of the library, and the descriptor of ABI 1 says that this is its type.
    let init = unsafe { std::mem::transmute::<*const c_void, Init>(init) };
    // SAFETY: both pointers are valid for the call, the first for ever.
    let reply = guarded(|error| unsafe { init(&HOST.0, error) });
    if reply.status == status::OK {
        return Ok(());
    }
    Err(failed("E_INIT", "an `init` that returns 0", format!("{}: {}", reply.status, reply.message), "see the pack's own documentation"))
}

/// One metric over one chunk of rows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chunk<'a> {
    pub metric: u32,
    /// The chunk's first row in the whole batch.
    pub row_base: u64,
    pub inputs: &'a [Input<'a>],
    pub parameters: &'a [Argument],
    /// Armed for as many rows as there are.
    pub output: Output<'a>,
    /// Not 0 when the pack shall stop. It reads one half.
    pub cancel: &'a AtomicU64,
}

impl Native {
    pub fn call(&self, chunk: Chunk<'_>) -> Reply {
        let Chunk { metric, row_base, inputs, parameters, output, cancel } = chunk;
        let rows = output.rows();
        assert!(inputs.iter().all(|input| input.room() >= rows), "an input is shorter than the output");
        let (mut columns, mut values) = (ArrayVec::<Col, MAX_INPUTS>::new(), ArrayVec::<Value, MAX_PARAMETERS>::new());
        columns.extend(inputs.iter().map(column));
        values.extend(parameters.iter().map(|argument| value(*argument)));
        let mut out = Out {
            data: Ptr { ptr: output.values().as_ptr().cast_mut().cast() },
            validity: Ptr { ptr: output.validity().as_ptr().cast_mut().cast() },
            value_type: value_type(output.form().number),
            scale: output.form().scale as i32,
            reserved: [0; 5],
        };
        let call = Call {
            struct_size: size_of::<Call>() as u32,
            metric,
            n_rows: rows as u64,
            inputs: Ptr { ptr: columns.as_ptr().cast_mut() },
            params: Ptr { ptr: values.as_ptr().cast_mut() },
            out: Ptr { ptr: &mut out },
            n_inputs: columns.len() as u32,
            n_params: values.len() as u32,
            groups: Ptr { bits: 0 },
            n_groups: 0,
            row_base,
            cancel: Ptr { ptr: cancel.as_ptr().cast() },
            host: Ptr { ptr: (&raw const HOST.0).cast_mut() },
        };
        // SAFETY: every pointer of the call is valid until it returns: the columns hold at least `n_rows` slots and bits, all memory
        // that the pack may write is words that may change at any time, and the function was checked to lie in the pack's code.
        guarded(|error| unsafe { (self.evaluate)(&call, error) })
    }
}

fn column(input: &Input<'_>) -> Col {
    Col {
        data: Ptr { ptr: input.values().as_ptr().cast_mut().cast() },
        validity: input.validity().map_or(Ptr { bits: 0 }, |bits| Ptr { ptr: bits.as_ptr().cast_mut().cast() }),
        null_count: input.null_count(),
        value_type: value_type(input.form().number),
        scale: input.form().scale as i32,
        reserved: [0; 4],
    }
}

/// The border's word for such numbers.
pub(crate) fn value_type(number: NumberType) -> u32 {
    match number {
        NumberType::Integer => metric_abi::value_type::I64,
        NumberType::Decimal => metric_abi::value_type::D128,
        NumberType::Float => metric_abi::value_type::F64,
    }
}

fn value(argument: Argument) -> Value {
    let (number, scale, any) = match argument {
        Argument::Integer(whole) => (NumberType::Integer, 0, Any { i64: whole }),
        Argument::Decimal(value) => (NumberType::Decimal, value.scale() as i32, Any { d128: D128::new(value.mantissa()) }),
        Argument::Float(value) => (NumberType::Float, 0, Any { f64: nearest(value) }),
    };
    Value { value_type: value_type(number), scale, any, reserved: 0 }
}

/// Calls into a pack with room for its words, nothing unwinding past us, and the floating-point mode put back.
fn guarded(call: impl FnOnce(*mut ErrorText) -> i32) -> Reply {
    let mut text = [0u8; ERROR_BYTES];
    let mut error = ErrorText {
        struct_size: size_of::<ErrorText>() as u32,
        cap: ERROR_BYTES as u32,
        len: 0,
        reserved: 0,
        row: -1,
        msg: Ptr { ptr: text.as_mut_ptr().cast() },
    };
    let mode = FloatMode::save();
    let returned = catch_unwind(AssertUnwindSafe(|| call(&mut error)));
    let environment_changed = mode.restore();
    let error_too_long = error.len as usize > ERROR_BYTES;
    let message = plain(&text[..(error.len as usize).min(ERROR_BYTES)]);
    match returned {
        Ok(status) => Reply { status, message, row: u64::try_from(error.row).ok(), error_too_long, environment_changed },
        Err(payload) => {
            std::mem::forget(payload);
            Reply { status: status::E_PANIC, message: "unwound out of the pack".into(), row: None, error_too_long, environment_changed }
        }
    }
}

/// How the processor rounds, and what it does with denormals: global to the thread, and not for a pack to change.
struct FloatMode(u64);

impl FloatMode {
    fn save() -> FloatMode {
        FloatMode(float_mode())
    }

    /// Puts the mode back, and says whether it had been changed.
    fn restore(self) -> bool {
        let changed = float_mode() != self.0;
        if changed {
            set_float_mode(self.0);
        }
        changed
    }
}

/// MXCSR without its sticky exception flags, which any arithmetic sets.
#[cfg(target_arch = "x86_64")]
fn float_mode() -> u64 {
    let mut mode = 0u32;
    // SAFETY: stores the register to a local.
    unsafe { std::arch::asm!("stmxcsr [{}]", in(reg) &mut mode, options(nostack, preserves_flags)) };
    u64::from(mode & 0xffc0)
}

#[cfg(target_arch = "x86_64")]
fn set_float_mode(mode: u64) {
    let mode = mode as u32;
    // SAFETY: loads a value that was in the register before, without reserved bits.
    unsafe { std::arch::asm!("ldmxcsr [{}]", in(reg) &mode, options(nostack, preserves_flags, readonly)) };
}

#[cfg(target_arch = "aarch64")]
fn float_mode() -> u64 {
    let mode: u64;
    // SAFETY: reads a register.
    unsafe { std::arch::asm!("mrs {}, fpcr", out(reg) mode, options(nomem, nostack, preserves_flags)) };
    mode
}

#[cfg(target_arch = "aarch64")]
fn set_float_mode(mode: u64) {
    // SAFETY: writes back a value that was in the register before.
    unsafe { std::arch::asm!("msr fpcr, {}", in(reg) mode, options(nomem, nostack, preserves_flags)) };
}
