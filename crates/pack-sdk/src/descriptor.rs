//! The two constants of a pack: the manifest in its section, and the descriptor that the host looks up.

use std::ffi::c_void;
use std::ptr;

use metric_abi::{ABI_MAJOR, Call, ErrorText, ManifestHeader, PACK_MAGIC, Pack, build};

/// The manifest as it lies in the section `.cp_manifest`: a header, then the JSON.
#[repr(C)]
pub struct Section<const N: usize> {
    header: ManifestHeader,
    json: [u8; N],
}

impl<const N: usize> Section<N> {
    /// For hosts of this minor version of the border and newer ones.
    pub const fn new(json: [u8; N], minor: u16) -> Section<N> {
        let header = ManifestHeader {
            magic: PACK_MAGIC,
            abi_major: ABI_MAJOR as u32,
            abi_minor: minor as u32,
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
            abi_minor: manifest.header.abi_minor as u16,
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

/// The least minor version of the border that a pack needs, by what stands behind its inputs, its parameters and its metrics: 1 where a
/// column is no decimal or a parameter is a float. Words that only look so cost a pack nothing but the oldest hosts.
pub const fn minor(inputs: &[&str], parameters: &[&str], metrics: &[&str]) -> u16 {
    (any_has(inputs, b"\"type\"") || any_has(parameters, b"\"float\"") || any_has(metrics, b"\"output\"")) as u16
}

const fn any_has(texts: &[&str], word: &[u8]) -> bool {
    let mut text = 0;
    while text < texts.len() {
        let bytes = texts[text].as_bytes();
        let mut at = 0;
        while at + word.len() <= bytes.len() {
            let mut same = 0;
            while same < word.len() && bytes[at + same] == word[same] {
                same += 1;
            }
            if same == word.len() {
                return true;
            }
            at += 1;
        }
        text += 1;
    }
    false
}

/// How many bytes [`join`] gives.
pub const fn length(texts: &[&str]) -> usize {
    let (mut length, mut text) = (0, 0);
    while text < texts.len() {
        let bytes = texts[text].as_bytes();
        let mut cursor = Cursor::START;
        while cursor.at < bytes.len() {
            cursor = cursor.after(bytes);
            length += 1;
        }
        text += 1;
    }
    length
}

/// Several texts one after the other, each on one line and with numbers in one piece: the compiler breaks long formulas when it
/// writes them out, and puts a blank behind a minus, neither of which JSON allows.
pub const fn join<const N: usize>(texts: &[&str]) -> [u8; N] {
    let mut joined = [0; N];
    let (mut to, mut text) = (0, 0);
    while text < texts.len() {
        let bytes = texts[text].as_bytes();
        let mut cursor = Cursor::START;
        while cursor.at < bytes.len() {
            joined[to] = if bytes[cursor.at] == b'\n' { b' ' } else { bytes[cursor.at] };
            to += 1;
            cursor = cursor.after(bytes);
        }
        text += 1;
    }
    joined
}

/// A byte that counts, and whether it is in a string.
#[derive(Clone, Copy)]
struct Cursor {
    at: usize,
    quoted: bool,
    escaped: bool,
}

impl Cursor {
    const START: Cursor = Cursor { at: 0, quoted: false, escaped: false };

    /// The next byte that counts. A line break and the indentation behind it are one blank; outside of strings, a blank behind a
    /// minus is none.
    const fn after(self, bytes: &[u8]) -> Cursor {
        let byte = bytes[self.at];
        let quoted = self.quoted != (byte == b'"' && !self.escaped);
        let joined = byte == b'\n' || (byte == b'-' && !quoted);
        let mut at = self.at + 1;
        while joined && at < bytes.len() && bytes[at] == b' ' {
            at += 1;
        }
        Cursor { at, quoted, escaped: quoted && byte == b'\\' && !self.escaped }
    }
}

#[cfg(test)]
mod tests {
    use super::{join, length, minor};

    #[test]
    fn a_pack_needs_the_newer_border_only_for_what_it_says() {
        let count = r#""measure": { "agg": "count" }"#;
        assert_eq!(minor(&[count], &[r#""type": "decimal""#], &[r#""kind": "ratio""#]), 0);
        assert_eq!(minor(&[count, r#""type": "integer""#], &[], &[]), 1);
        assert_eq!(minor(&[count], &[r#""type": "float""#], &[]), 1);
        assert_eq!(minor(&[count], &[], &["", r#""output":{"type":"float"}"#]), 1);
    }

    #[test]
    fn what_the_compiler_writes_out_becomes_json_on_one_line() {
        const TEXTS: &[&str] = &["{\"a\": - 2, \"b\":", "\"x - 2 \\\" - 3\n    / y\"", ", \"c\": [- 1]}"];
        let joined = join::<{ length(TEXTS) }>(TEXTS);
        assert_eq!(std::str::from_utf8(&joined), Ok("{\"a\": -2, \"b\":\"x - 2 \\\" - 3 / y\", \"c\": [-1]}"));
    }
}
