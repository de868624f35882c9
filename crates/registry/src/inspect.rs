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
use crate::outcome::{Failed, Identity, Refusal, failed};
use crate::quarantine::Ledger;
use crate::trust::Trust;

const MAX_FILE: u64 = 64 << 20;
const MAX_MANIFEST: u64 = 256 << 10;

/// A file that could be loaded, as far as can be known without running it.
#[derive(Debug)]
pub(crate) struct Candidate {
    pub file: PathBuf,
    pub bytes: Vec<u8>,
    pub sha256: String,
    pub pack: Pack,
    /// Whether it may run inside the service.
    pub trusted: bool,
    /// None for a declarative pack, whose formulas are all that is computed.
    pub library: Option<Library>,
}

/// A native pack, as far as it matters to us.
#[derive(Debug)]
pub(crate) struct Library {
    pub image: Image,
    /// The manifest's header and JSON, as they lie in the file.
    pub manifest: Vec<u8>,
    /// The least minor version of the border that it asks for.
    pub minor: u64,
}

impl Candidate {
    /// Of the file's name, by which its kind is known.
    pub fn ending(&self) -> &'static str {
        if self.library.is_some() { "so" } else { "toml" }
    }

    pub fn identity(&self) -> Identity {
        Identity { sha256: Some(self.sha256.clone()), id: Some(self.pack.id.clone()), version: Some(self.pack.version.clone()) }
    }
}

/// A native pack of the private store, again. It was checked before it came there.
pub(crate) fn kept(path: &Path) -> Result<(Library, Pack), Failed> {
    let bytes = fs::read(path).map_err(|error| failed("E_IO", "the copy of the pack", error, "start the service again"))?;
    native(&bytes)
}

/// The most inputs that a metric of the pack has.
pub(crate) fn most_inputs(pack: &Pack) -> usize {
    pack.metrics.iter().map(|metric| metric.inputs.len()).max().unwrap_or(0)
}

/// Reads a file and looks at it, unless its content is quarantined or not trusted.
pub(crate) fn inspect(folder: &Path, file: &Path, trust: &Trust, ledger: &Ledger) -> Result<Candidate, Box<Refusal>> {
    let mut identity = Identity::default();
    candidate(folder, file, trust, Some(ledger), &mut identity).map_err(|failed| failed.of_known(file, identity))
}

/// The same, be it quarantined.
pub(crate) fn inspect_barred(folder: &Path, file: &Path, trust: &Trust) -> Result<Candidate, Box<Refusal>> {
    let mut identity = Identity::default();
    candidate(folder, file, trust, None, &mut identity).map_err(|failed| failed.of_known(file, identity))
}

/// Looks at a file whatever it did and whoever made it, for what runs none of it, or runs it apart.
pub(crate) fn look_into(folder: &Path, file: &Path) -> Result<Candidate, Box<Refusal>> {
    let mut identity = Identity::default();
    candidate(folder, file, &Trust::everything(), None, &mut identity).map_err(|failed| failed.of_known(file, identity))
}

fn candidate(folder: &Path, file: &Path, trust: &Trust, ledger: Option<&Ledger>, identity: &mut Identity) -> Result<Candidate, Failed> {
    let bytes = read(folder, file)?;
    let sha256 = sha256(&bytes);
    identity.sha256 = Some(sha256.clone());
    ledger.map_or(Ok(()), |ledger| ledger.check(&sha256))?;
    let grounds = trust.check(file, &sha256, &bytes)?;
    let (library, pack) = understand(file, &bytes)?;
    (identity.id, identity.version) = (Some(pack.id.clone()), Some(pack.version.clone()));
    grounds.check_comment(&pack)?;
    Ok(Candidate { file: file.to_owned(), bytes, sha256, pack, trusted: grounds.trusted(), library })
}

/// What a pack file says of itself, by every check that needs neither the file's place nor any of its code: steps 4 to 8. Of the path
/// only the ending counts; nothing is read there.
pub fn preflight(file: &Path, bytes: &[u8]) -> Result<Pack, Box<Refusal>> {
    understand(file, bytes).map(|(_, pack)| pack).map_err(|failed| failed.of(file))
}

/// What the bytes say of themselves, or the first thing that is wrong with them.
fn understand(file: &Path, bytes: &[u8]) -> Result<(Option<Library>, Pack), Failed> {
    let (library, pack) = match Ending::of(file) {
        Some(Ending::Toml) => (None, declarative(bytes)?),
        _ => native(bytes).map(|(library, pack)| (Some(library), pack))?,
    };
    match pack.check() {
        faults if faults.is_empty() => {}
        faults => return Err(manifest_fault(&faults)),
    }
    if let Some(typed) = pack.first_typed() {
        check_typed(&typed, library.as_ref())?;
    }
    Ok((library, pack))
}

/// The first version of the border that knows other columns than decimals.
const TYPED: u64 = 1;

/// Numbers other than decimals are between a host and a pack that both know of them.
fn check_typed(typed: &str, library: Option<&Library>) -> Result<(), Failed> {
    match library {
        None => Err(failed(
            "E_MANIFEST_SCHEMA",
            "decimals, which is what formulas are computed in",
            typed,
            "leave the type out: it says how values cross to the code of a pack, and this pack has none",
        )),
        Some(library) if library.minor < TYPED => Err(failed(
            "E_ABI_MINOR",
            format!("a pack that says that it needs version {ABI_MAJOR}.{TYPED} of the border, since {typed}"),
            format!("{ABI_MAJOR}.{}", library.minor),
            "in C, define CP_PACK_MINOR as 1 before counterpoise_pack.h is included; in Rust, build the pack with the SDK of this version",
        )),
        Some(_) => Ok(()),
    }
}

fn native(bytes: &[u8]) -> Result<(Library, Pack), Failed> {
    let image = elf::inspect(bytes)?;
    check_glibc(&image)?;
    let section = &bytes[image.manifest.clone()];
    let (json, minor) = json_range(section)?;
    let manifest = section[..json.end].to_vec();
    let pack = Pack::parse(&section[json]).map_err(|fault| manifest_fault(&[fault]))?;
    Ok((Library { image, manifest, minor }, pack))
}

fn declarative(bytes: &[u8]) -> Result<Pack, Failed> {
    check_size(bytes.len() as u64)?;
    Pack::parse_toml(bytes).map_err(|fault| manifest_fault(&[fault]))
}

/// What a file is by its name; the rest of the folder is none of our business.
pub(crate) enum Ending {
    Library,
    Toml,
}

impl Ending {
    pub fn of(file: &Path) -> Option<Ending> {
        match file.extension()?.to_str()? {
            "so" => Some(Ending::Library),
            "toml" => Some(Ending::Toml),
            _ => None,
        }
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
        return Err(failed(
            "E_IO",
            "a file inside the packs folder",
            format!("a link to {}", real.display()),
            "copy the file instead of linking to it",
        ));
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

/// Where the JSON lies in the manifest's section, and the minor version in its header.
fn json_range(section: &[u8]) -> Result<(Range<usize>, u64), Failed> {
    let start = size_of::<ManifestHeader>();
    let Some(header) = section.get(..start) else {
        return Err(failed(
            "E_MANIFEST_SHORT",
            format!("a header of {start} bytes"),
            format!("{} bytes", section.len()),
            "build the pack again",
        ));
    };
    let word = |at: usize| u64::from_ne_bytes(std::array::from_fn(|byte| header[at + byte]));
    let half = |at: usize| u32::from_ne_bytes(std::array::from_fn(|byte| header[at + byte]));
    let minor = half(12).into();
    check_version(word(0), half(8).into(), minor, word(16))?;
    let length = word(24);
    check_size(length)?;
    let end = start + length as usize;
    if end > section.len() {
        return Err(failed(
            "E_MANIFEST_SHORT",
            format!("{length} bytes of manifest"),
            format!("{} in the section", section.len() - start),
            "build the pack again",
        ));
    }
    Ok((start..end, minor))
}

fn check_size(length: u64) -> Result<(), Failed> {
    if length <= MAX_MANIFEST {
        return Ok(());
    }
    Err(failed(
        "E_MANIFEST_SIZE",
        format!("at most {MAX_MANIFEST} bytes of manifest"),
        length,
        "shorten the descriptions, or split the pack",
    ))
}

/// The four words that the manifest's header and the descriptor have in common.
pub(crate) fn check_version(magic: u64, major: u64, minor: u64, features: u64) -> Result<(), Failed> {
    if magic != PACK_MAGIC {
        return Err(failed(
            "E_MAGIC",
            format!("{PACK_MAGIC:#x}"),
            format!("{magic:#x}"),
            "this is no pack, or it is damaged: build it again",
        ));
    }
    if major != u64::from(ABI_MAJOR) {
        return Err(failed(
            "E_ABI_MAJOR",
            format!("version {ABI_MAJOR} of the border"),
            format!("a pack that wants {major}"),
            "build the pack with an SDK of this host's version",
        ));
    }
    if minor > u64::from(ABI_MINOR) {
        let found = format!("a pack that needs {major}.{minor}");
        return Err(failed(
            "E_ABI_MINOR",
            format!("version {ABI_MAJOR}.{ABI_MINOR} of the border or older"),
            found,
            "run a newer Counterpoise, or build the pack with an older SDK",
        ));
    }
    if features != 0 {
        return Err(failed(
            "E_FEATURE",
            "no required features, since this host has none",
            format!("{features:#x}"),
            "run a newer Counterpoise",
        ));
    }
    Ok(())
}

/// The first fault decides the code; the next are told too, so that an author need not find them one by one.
fn manifest_fault(faults: &[manifest::Fault]) -> Failed {
    let told: Vec<String> = faults.iter().take(10).map(ToString::to_string).collect();
    let more = if faults.len() > told.len() { format!("; and {} more", faults.len() - told.len()) } else { String::new() };
    failed(faults[0].code, "a sound manifest", told.join("; ") + &more, "correct the manifest, and build the pack again if it is a library")
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;
    use std::process::Command;

    use super::{check_glibc, native};
    use crate::elf::Image;

    /// A sound pack in C.
    fn sound() -> Vec<u8> {
        let folder = tempfile::tempdir().expect("a folder");
        let (source, library) = (folder.path().join("pack.c"), folder.path().join("pack.so"));
        let manifest = r#"{"cp_manifest":1,"id":"test","version":"1.0.0","title":{"en":"Test"},"metrics":[{"key":"same","title":{"en":"Test"},
            "description":{"en":"Test."},"kind":"count","unit":"count","direction":"up","class":"NQSR-T/CUS","source":"test","formula":"a",
            "inputs":[{"name":"a","measure":{"agg":"count","source":"orders"}}]}]}"#;
        let text = format!(
            "#include \"counterpoise_pack.h\"\nCP_MANIFEST({manifest:?});\nstatic int32_t evaluate(const cp_call *c, cp_err *e) {{ return c && e; }}\nCP_PACK(evaluate, 1, CP_BUILD_NO_UNWIND_OUT);\n"
        );
        fs::write(&source, text).expect("written");
        let include = Path::new(env!("CARGO_MANIFEST_DIR")).join("../metric-abi/include");
        let run = Command::new("cc").args(["-shared", "-fPIC", "-I"]).arg(include).arg(&source).arg("-o").arg(&library).output();
        let run = run.expect("this test needs the C compiler `cc` (Debian: apt-get install build-essential)");
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        fs::read(library).expect("it was compiled")
    }

    #[test]
    fn no_damage_to_a_file_is_more_than_a_refusal() {
        let sound = sound();
        assert!(native(&sound).is_ok());
        for length in (0..sound.len()).step_by(7) {
            assert!(native(&sound[..length]).is_err(), "cut to {length} bytes");
        }
        let mut damaged = sound.clone();
        for at in 0..sound.len() {
            for value in [0, 0x7f, 0x80, 0xff] {
                damaged[at] = value;
                let _refused_or_harmless = native(&damaged);
            }
            damaged[at] = sound[at];
        }
    }

    #[test]
    fn a_library_for_a_newer_system_is_refused_with_both_versions() {
        let image = |glibc| Image { segments: vec![], manifest: 0..0, glibc, warnings: vec![] };
        assert!(check_glibc(&image(None)).is_ok() && check_glibc(&image(Some((2, 2)))).is_ok());
        if cfg!(target_env = "gnu") {
            assert_eq!(check_glibc(&image(Some((99, 1)))).expect_err("newer").code, "E_ELF_GLIBC");
        }
    }
}
