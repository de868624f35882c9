//! Where the tests' pack files come from: cargo builds the Rust packs into whatever target folder it uses, the C compiler the
//! others. Cargo is asked for the paths of what it built, so that nothing is guessed about folders or profiles.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// The shared libraries of the standard packs, or of an example of the SDK.
pub fn rust_packs(arguments: &[&str]) -> Vec<PathBuf> {
    let run = Command::new(env!("CARGO"))
        .arg("build")
        .args(arguments)
        .args(["--message-format", "json-render-diagnostics"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output();
    let run = run.expect("cargo runs, since it ran this test");
    assert!(run.status.success(), "the packs do not build:\n{}", String::from_utf8_lossy(&run.stderr));
    let messages = run.stdout.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice::<serde_json::Value>(line).ok());
    let artifacts = messages.filter(|message| {
        message["reason"] == "compiler-artifact"
            && message["target"]["crate_types"].as_array().is_some_and(|types| types.contains(&"cdylib".into()))
    });
    let files: Vec<PathBuf> = artifacts
        .flat_map(|message| message["filenames"].as_array().cloned().unwrap_or_default())
        .filter_map(|file| file.as_str().map(PathBuf::from))
        .collect();
    files.into_iter().filter(|file| file.extension().is_some_and(|ending| ending == "so")).collect()
}

/// A folder with copies of files, and a store beside it.
pub struct Folder(TempDir);

impl Folder {
    pub fn new() -> Folder {
        let folder = Folder(tempfile::tempdir().expect("a temporary folder"));
        std::fs::create_dir(folder.packs()).expect("a folder in it");
        folder
    }

    pub fn with(files: &[PathBuf]) -> Folder {
        let folder = Folder::new();
        for file in files {
            std::fs::copy(file, folder.packs().join(file.file_name().expect("a file"))).expect("a copy");
        }
        folder
    }

    pub fn packs(&self) -> PathBuf {
        self.0.path().join("packs")
    }

    pub fn store(&self) -> PathBuf {
        self.0.path().join("store")
    }

    pub fn open(&self) -> (registry::Registry, Vec<registry::Refusal>) {
        registry::Registry::open(&self.packs(), &self.store())
    }
}

/// Compiles C into a shared library. The header of the border is found.
pub fn c_library(source: &str, to: &Path, flags: &[&str]) {
    let file = to.with_extension("c");
    std::fs::write(&file, source).expect("the source is written");
    let include = Path::new(env!("CARGO_MANIFEST_DIR")).join("../metric-abi/include");
    let run =
        Command::new("cc").args(["-std=gnu11", "-shared", "-fPIC", "-I"]).arg(include).arg(&file).arg("-o").arg(to).args(flags).output();
    let run = run.unwrap_or_else(|error| panic!("this test needs the C compiler `cc` (Debian: apt-get install build-essential): {error}"));
    assert!(run.status.success(), "{}: {}", to.display(), String::from_utf8_lossy(&run.stderr));
}
