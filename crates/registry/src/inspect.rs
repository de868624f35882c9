//! Everything that is decided about a pack file before any of its code runs: steps 1 to 8 of the loader's rules.

use std::fs::{self, File};
use std::io::Read;
use std::ops::Range;
use std::path::{Path, PathBuf};

use manifest::Pack;
use metric_abi::{ABI_MAJOR, ABI_MINOR, ManifestHeader, PACK_MAGIC};
use sha2::{Digest, Sha256};

use crate::elf::{self, Image};
use crate::native;
use crate::outcome::{Failed, Refusal, failed};
use crate::trust::Trust;

const MAX_FILE: u64 = 64 << 20;
const MAX_MANIFEST: u64 = 256 << 10;

/// A file that could be loaded, as far as can be known without running it.
#[derive(Debug)]
pub(crate) struct Candidate {
    pub file: PathBuf,
    pub bytes: Vec<u8>,
    pub sha256: String,
    pub image: Image,
    pub pack: Pack,
}

impl Candidate {
    /// The manifest's header and JSON, as bytes of the file.
    pub fn manifest(&self) -> &[u8] {
        let section = &self.bytes[self.image.manifest.clone()];
        let json = json_range(section).map_or(0..section.len(), |json| 0..json.end);
        &section[json]
    }
}

pub(crate) fn inspect(folder: &Path, file: &Path, trust: &Trust) -> Result<Candidate, Refusal> {
    candidate(folder, file, trust).map_err(|failed| failed.of(file))
}

fn candidate(folder: &Path, file: &Path, trust: &Trust) -> Result<Candidate, Failed> {
    let bytes = read(folder, file)?;
    let sha256 = sha256(&bytes);
    let grounds = trust.check(file, &sha256, &bytes)?;
    let image = elf::inspect(&bytes)?;
    check_glibc(&image)?;
    let section = &bytes[image.manifest.clone()];
    let json = json_range(section)?;
    let pack = Pack::parse(&section[json]).map_err(|fault| manifest_fault(&[fault]))?;
    grounds.check_comment(&pack)?;
    match pack.check() {
        faults if faults.is_empty() => Ok(Candidate { file: file.to_owned(), sha256, image, pack, bytes }),
        faults => Err(manifest_fault(&faults)),
    }
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The file's bytes, read once: what is checked is what is loaded, whatever happens to the file.
fn read(folder: &Path, file: &Path) -> Result<Vec<u8>, Failed> {
    let unreadable = |error: std::io::Error| failed("E_IO", "a readable file", error, "check the file and its permissions");
    let real = fs::canonicalize(file).map_err(unreadable)?;
    if !real.starts_with(fs::canonicalize(folder).map_err(unreadable)?) {
        return Err(failed("E_IO", "a file inside the packs folder", format!("a link to {}", real.display()), "copy the file instead of linking to it"));
    }
    if !fs::metadata(&real).map_err(unreadable)?.is_file() {
        return Err(failed("E_IO", "a regular file", "something else under this name", "remove it from the packs folder"));
    }
    let mut bytes = Vec::new();
    File::open(&real).and_then(|file| file.take(MAX_FILE + 1).read_to_end(&mut bytes)).map_err(unreadable)?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(failed("E_SIZE", format!("at most {MAX_FILE} bytes"), "more", "strip the pack, or build it for release"));
    }
    Ok(bytes)
}

fn check_glibc(image: &Image) -> Result<(), Failed> {
    match (image.glibc, native::glibc()) {
        (Some(needed), Some(here)) if needed > here => Err(failed(
            "E_ELF_GLIBC",
            format!("glibc {}.{} or older", here.0, here.1),
            format!("a library built for glibc {}.{}", needed.0, needed.1),
            "build the pack on a system no newer than this one",
        )),
        _ => Ok(()),
    }
}

/// Where the JSON lies in the manifest's section.
fn json_range(section: &[u8]) -> Result<Range<usize>, Failed> {
    let start = size_of::<ManifestHeader>();
    let Some(header) = section.get(..start) else {
        return Err(failed("E_MANIFEST_SHORT", format!("a header of {start} bytes"), format!("{} bytes", section.len()), "build the pack again"));
    };
    let word = |at: usize| u64::from_ne_bytes(std::array::from_fn(|byte| header[at + byte]));
    let half = |at: usize| u32::from_ne_bytes(std::array::from_fn(|byte| header[at + byte]));
    check_version(word(0), half(8).into(), half(12).into(), word(16))?;
    let length = word(24);
    if length > MAX_MANIFEST {
        return Err(failed("E_MANIFEST_SIZE", format!("at most {MAX_MANIFEST} bytes of manifest"), length, "shorten the descriptions, or split the pack"));
    }
    let end = start + length as usize;
    if end > section.len() {
        return Err(failed("E_MANIFEST_SHORT", format!("{length} bytes of manifest"), format!("{} in the section", section.len() - start), "build the pack again"));
    }
    Ok(start..end)
}

/// The four words that the manifest's header and the descriptor have in common.
pub(crate) fn check_version(magic: u64, major: u64, minor: u64, features: u64) -> Result<(), Failed> {
    if magic != PACK_MAGIC {
        return Err(failed("E_MAGIC", format!("{PACK_MAGIC:#x}"), format!("{magic:#x}"), "this is no pack, or it is damaged: build it again"));
    }
    if major != u64::from(ABI_MAJOR) {
        return Err(failed("E_ABI_MAJOR", format!("version {ABI_MAJOR} of the border"), format!("a pack that wants {major}"), "build the pack with an SDK of this host's version"));
    }
    if minor > u64::from(ABI_MINOR) {
        let found = format!("a pack that needs {major}.{minor}");
        return Err(failed("E_ABI_MINOR", format!("version {ABI_MAJOR}.{ABI_MINOR} of the border or older"), found, "run a newer Counterpoise, or build the pack with an older SDK"));
    }
    if features != 0 {
        return Err(failed("E_FEATURE", "no required features, since this host has none", format!("{features:#x}"), "run a newer Counterpoise"));
    }
    Ok(())
}

/// The first fault decides the code; the next are told too, so that an author need not find them one by one.
fn manifest_fault(faults: &[manifest::Fault]) -> Failed {
    let told: Vec<String> = faults.iter().take(10).map(ToString::to_string).collect();
    let more = if faults.len() > told.len() { format!("; and {} more", faults.len() - told.len()) } else { String::new() };
    failed(faults[0].code, "a sound manifest", told.join("; ") + &more, "correct the manifest and build the pack again")
}
