//! Where the tests' pack files come from: cargo builds the Rust packs into whatever target folder it uses, the C compiler the
//! others. Cargo is asked for the paths of what it built, so that nothing is guessed about folders or profiles.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use registry::Program;
use tempfile::TempDir;

/// The shared libraries of the standard packs, or of an example of the SDK.
pub fn rust_packs(arguments: &[&str]) -> Vec<PathBuf> {
    let files =
        cargo_build(arguments, |message| message["target"]["crate_types"].as_array().is_some_and(|types| types.contains(&"cdylib".into())));
    files.into_iter().filter(|file| file.extension().is_some_and(|ending| ending == "so")).collect()
}

/// The program that children are started of.
pub fn program() -> Program {
    static FILE: LazyLock<PathBuf> = LazyLock::new(|| {
        let files = cargo_build(&["-p", "registry", "--example", "child"], |message| message["executable"].is_string());
        files.into_iter().find(|file| file.extension().is_none()).expect("cargo told the path of the program")
    });
    Program::at(&*FILE)
}

/// Every file of what cargo builds, as far as it is wanted.
fn cargo_build(arguments: &[&str], wanted: impl Fn(&serde_json::Value) -> bool) -> Vec<PathBuf> {
    let run = Command::new(env!("CARGO"))
        .arg("build")
        .args(arguments)
        .args(["--message-format", "json-render-diagnostics"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output();
    let run = run.expect("cargo runs, since it ran this test");
    assert!(run.status.success(), "the packs do not build:\n{}", String::from_utf8_lossy(&run.stderr));
    let messages = run.stdout.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice::<serde_json::Value>(line).ok());
    let artifacts = messages.filter(|message| message["reason"] == "compiler-artifact" && wanted(message));
    let files = artifacts.flat_map(|message| message["filenames"].as_array().cloned().unwrap_or_default());
    files.filter_map(|file| file.as_str().map(PathBuf::from)).collect()
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

    /// Each pack tried in a child first, and running in one.
    pub fn open_apart(&self) -> (registry::Registry, Vec<registry::Refusal>) {
        let program = Some(program());
        let registry = registry::Registry::once(registry::Options { program, ..registry::Options::new(self.packs(), self.store()) });
        let refusals = registry.snapshot().refusals().to_vec();
        (registry, refusals)
    }
}

/// Compiles C into a shared library. The header of the border is found.
pub fn c_library(source: &str, to: &Path, flags: &[&str]) {
    library("cc", &["-std=gnu11"], source, to, flags);
}

/// The same of C++.
pub fn cpp_library(source: &str, to: &Path, flags: &[&str]) {
    library("c++", &["-std=c++17", "-x", "c++"], source, to, flags);
}

fn library(compiler: &str, language: &[&str], source: &str, to: &Path, flags: &[&str]) {
    let file = to.with_extension("c");
    std::fs::write(&file, source).expect("the source is written");
    let include = Path::new(env!("CARGO_MANIFEST_DIR")).join("../metric-abi/include");
    let mut command = Command::new(compiler);
    command.args(language).args(["-shared", "-fPIC", "-I"]).arg(include).arg(&file).arg("-o").arg(to).args(flags);
    let run = command
        .output()
        .unwrap_or_else(|error| panic!("this test needs the compiler `{compiler}` (Debian: apt-get install build-essential): {error}"));
    assert!(run.status.success(), "{}: {}", to.display(), String::from_utf8_lossy(&run.stderr));
}
