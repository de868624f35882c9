//! The two constants of a pack: the manifest in its section, and the descriptor that the host looks up.

use std::ffi::c_void;
use std::ptr;

use metric_abi::{ABI_MAJOR, ABI_MINOR, Call, ErrorText, ManifestHeader, PACK_MAGIC, Pack, build};

/// The manifest as it lies in the section `.cp_manifest`: a header, then the JSON.
#[repr(C)]
pub struct Section<const N: usize> {
    header: ManifestHeader,
    json: [u8; N],
}

impl<const N: usize> Section<N> {
    pub const fn new(json: [u8; N]) -> Section<N> {
        let header = ManifestHeader {
            magic: PACK_MAGIC,
            abi_major: ABI_MAJOR as u32,
            abi_minor: ABI_MINOR as u32,
            features_required: 0,
            json_len: N as u64,
        };
        Section { header, json }
    }

    pub const fn json(&self) -> &[u8] {
        &self.json
    }
}

/// The descriptor. It holds addresses of constants and functions only, so that any thread may read it.
#[repr(transparent)]
pub struct Descriptor(Pack);

// SAFETY: every pointer in it is the address of an immutable static or of a function, and none is ever written through.
unsafe impl Sync for Descriptor {}

impl Descriptor {
    pub const fn new<const N: usize>(
        manifest: &'static Section<N>,
        n_metrics: usize,
        evaluate: extern "C" fn(*const Call, *mut ErrorText) -> i32,
        unwinds: bool,
        debug: bool,
    ) -> Descriptor {
        // Without unwinding nothing can catch a panic, and it would end the host: such a build must not claim otherwise.
        let unwind = if unwinds { build::NO_UNWIND_OUT } else { 0 };
        let debug = if debug { build::DEBUG } else { 0 };
        Descriptor(Pack {
            magic: PACK_MAGIC,
            struct_size: size_of::<Pack>() as u32,
            abi_major: ABI_MAJOR,
            abi_minor: ABI_MINOR,
            features_required: 0,
            build_flags: unwind | build::RUST | debug,
            n_metrics: n_metrics as u32,
            reserved: 0,
            manifest: &manifest.header,
            init: ptr::null(),
            evaluate: evaluate as *const c_void,
        })
    }
}

/// How many bytes [`join`] gives.
pub const fn length(texts: &[&str]) -> usize {
    let (mut length, mut text) = (0, 0);
    while text < texts.len() {
        let bytes = texts[text].as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            at = after(bytes, at);
            length += 1;
        }
        text += 1;
    }
    length
}

/// Several texts one after the other, each on one line: the compiler breaks long formulas when it writes them out, and JSON
/// allows no line break in a string.
pub const fn join<const N: usize>(texts: &[&str]) -> [u8; N] {
    let mut joined = [0; N];
    let (mut to, mut text) = (0, 0);
    while text < texts.len() {
        let bytes = texts[text].as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            joined[to] = if bytes[at] == b'\n' { b' ' } else { bytes[at] };
            to += 1;
            at = after(bytes, at);
        }
        text += 1;
    }
    joined
}

/// The next byte that counts: a line break and the indentation behind it are one blank.
const fn after(bytes: &[u8], at: usize) -> usize {
    let mut next = at + 1;
    while bytes[at] == b'\n' && next < bytes.len() && bytes[next] == b' ' {
        next += 1;
    }
    next
}
