//! `counterpoise pack new`: what it writes is built with nothing but a compiler, and passes the check.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

/// A command with none of the settings of whoever runs this test.
fn command(program: &str, folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("COUNTERPOISE_")) {
        command.env_remove(name);
    }
    command.args(arguments).current_dir(folder).env_remove("CARGO_TARGET_DIR").env("XDG_CACHE_HOME", folder);
    command
}

fn counterpoise(folder: &Path, arguments: &[&str]) -> Output {
    command(env!("CARGO_BIN_EXE_counterpoise"), folder, arguments).output().expect("counterpoise runs")
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Writes a pack, builds it, checks it, and gives what the check printed.
fn made(arguments: &[&str], build: &[&str], file: &str) -> String {
    let folder = TempDir::new().expect("a temporary folder");
    let new = counterpoise(folder.path(), &[&["pack", "new"], arguments].concat());
    assert!(new.status.success(), "{}", text(&new));
    let pack = folder.path().join(arguments[0]);
    if let [program, arguments @ ..] = build {
        let built = command(program, &pack, arguments).output().unwrap_or_else(|error| panic!("this test needs `{program}`: {error}"));
        assert!(built.status.success(), "{}", text(&built));
        assert!(!text(&built).contains("warning"), "{}", text(&built));
    }
    let check = counterpoise(&pack, &["pack", "check", file]);
    assert!(check.status.success(), "{}", text(&check));
    text(&check)
}

#[test]
fn a_new_rust_pack_builds_outside_the_workspace_and_passes_the_check() {
    let check = made(&["globex-talks"], &[env!("CARGO"), "build", "--offline", "--release"], "target/release/libglobex_talks.so");
    assert!(check.contains("globex_talks 0.1.0 Globex talks") && check.contains("globex_talks.visits_per_win"), "{check}");
}

#[test]
fn a_new_c_pack_builds_and_passes_the_check() {
    let check = made(&["globex_talks", "--lang", "c"], &["make"], "globex_talks.so");
    assert!(check.contains("globex_talks 0.1.0 Globex talks") && check.contains("globex_talks.calls_per_win"), "{check}");
}

#[test]
fn a_new_declarative_pack_passes_the_check_as_it_is() {
    let check = made(&["globex-talks", "--toml"], &[], "pack.toml");
    assert!(check.contains("globex_talks 0.1.0 Globex talks") && check.contains("globex_talks.meetings_per_win"), "{check}");
}

#[test]
fn a_name_that_cannot_be_one_is_refused_and_nothing_is_written() {
    let folder = TempDir::new().expect("a temporary folder");
    for (name, why) in [("Acme", "acme-visits"), ("../acme", "acme-visits"), ("std", "acme-std")] {
        let refused = counterpoise(folder.path(), &["pack", "new", name]);
        assert!(!refused.status.success() && text(&refused).contains(why), "{}", text(&refused));
    }
    assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 0);
}

#[test]
fn a_folder_that_is_there_is_left_as_it_is() {
    let folder = TempDir::new().expect("a temporary folder");
    fs::create_dir(folder.path().join("acme")).expect("made");
    let refused = counterpoise(folder.path(), &["pack", "new", "acme"]);
    assert!(!refused.status.success() && text(&refused).contains("acme is there already"), "{}", text(&refused));
    assert_eq!(fs::read_dir(folder.path().join("acme")).expect("the folder").count(), 0);
}

/// The promise of the examples: a pack fits on a page.
#[test]
fn the_examples_are_short() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugins/examples");
    for (file, most) in [("rust/src/lib.rs", 30), ("c/pack.c", 40), ("c-floats/pack.c", 45)] {
        let lines = fs::read_to_string(examples.join(file)).expect(file).lines().count();
        assert!(lines <= most, "{file} has {lines} lines");
    }
}
