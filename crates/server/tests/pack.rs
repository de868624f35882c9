//! The command line around packs, as operators and the authors of packs meet it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;
use testbed::pack::declarative;

/// With none of the settings of whoever runs this test, and a packs folder of its own.
fn counterpoise(folder: &Path, arguments: &[&str]) -> Output {
    run(Path::new(PROGRAM), folder, arguments)
}

const PROGRAM: &str = env!("CARGO_BIN_EXE_counterpoise");

fn run(program: &Path, folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("COUNTERPOISE_")) {
        command.env_remove(name);
    }
    command.args(arguments).current_dir(folder).env("XDG_CACHE_HOME", folder).env("COUNTERPOISE_PACKS", folder.join("packs"));
    command.output().expect("counterpoise runs")
}

fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir(folder.path().join("packs")).expect("made");
    folder
}

fn out(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn error(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1));
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A pack of one metric, which is twice what the input gives.
fn pack(id: &str, need: &str) -> String {
    declarative(id, "1.2.0", &[("twice", "2 * a", &format!("inputs = [{{ name = \"a\", {need} }}]"))])
}

const COUNT: &str = r#"measure = { agg = "count", source = "orders" }"#;

#[test]
fn a_sound_pack_is_shown_with_what_its_metrics_make_of_ten_rows() {
    let folder = folder();
    fs::write(folder.path().join("acme.toml"), pack("acme", COUNT)).expect("written");
    let text = out(&counterpoise(folder.path(), &["pack", "check", "acme.toml"]));
    assert!(text.starts_with("acme 1.2.0 Test (1 metric, acme.toml)\naccepted: declarative; SHA-256 "), "{text}");
    let table = text.split("acme.twice = 2 * a\n").nth(1).expect("the metric is there");
    let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!((rows.len(), &rows[0], &rows[1]), (11, &vec!["a", "twice"], &vec!["12", "24"]), "{text}");
    assert!(rows.contains(&vec!["-", "-"]) && rows.contains(&vec!["0", "0"]), "{text}");
    let json: Value = serde_json::from_str(&out(&counterpoise(folder.path(), &["pack", "check", "--json", "acme.toml"]))).expect("JSON");
    assert_eq!((&json["accepted"], &json["id"], &json["metrics"][0]["values"][0]), (&true.into(), &"acme".into(), &"24".into()));
}

#[test]
fn a_refusal_says_what_was_expected_and_found_and_what_to_do() {
    let folder = folder();
    fs::write(folder.path().join("acme.toml"), pack("acme", COUNT).replace("\"count\"\ndirection", "\"furlongs\"\ndirection"))
        .expect("written");
    let refused = counterpoise(folder.path(), &["pack", "check", "acme.toml"]);
    let text = error(&refused);
    assert!(refused.stdout.is_empty());
    for part in ["acme.toml is refused: E_MANIFEST_UNIT", "\n  expected: ", "\n  found:    ", "furlongs", "\n  to do:    "] {
        assert!(text.contains(part), "{part} is missing: {text}");
    }
    let refused = counterpoise(folder.path(), &["pack", "check", "--json", "acme.toml"]);
    let json: Value = serde_json::from_slice(&refused.stdout).expect("JSON");
    assert_eq!((&json["accepted"], &json["code"]), (&false.into(), &"E_MANIFEST_UNIT".into()));
    assert_eq!(refused.status.code(), Some(1));
    assert!(error(&counterpoise(folder.path(), &["pack", "check", "gone.toml"])).contains("E_IO"));
}

#[test]
fn what_a_pack_needs_of_others_is_a_warning_until_they_are_in_the_folder() {
    let folder = folder();
    fs::write(folder.path().join("user.toml"), pack("user", r#"metric = "acme.twice""#)).expect("written");
    let text = out(&counterpoise(folder.path(), &["pack", "check", "user.toml"]));
    assert!(text.contains("warning: W_NEEDS: it needs acme.twice"), "{text}");
    fs::write(folder.path().join("packs/acme.toml"), pack("acme", COUNT)).expect("written");
    assert!(!out(&counterpoise(folder.path(), &["pack", "check", "user.toml"])).contains("W_NEEDS"));
}

#[test]
fn what_stands_in_the_way_of_a_pack_is_a_warning_while_it_is_in_the_folder() {
    let folder = folder();
    fs::write(folder.path().join("packs/acme.toml"), pack("acme", COUNT)).expect("written");
    let check = |text: String| {
        fs::write(folder.path().join("new.toml"), text).expect("written");
        out(&counterpoise(folder.path(), &["pack", "check", "new.toml"]))
    };
    let resembling = check(pack("ac_me", COUNT));
    assert!(resembling.contains("warning: W_CLASH: ") && resembling.contains("`acme`, which resembles `ac_me`"), "{resembling}");
    let older = check(pack("acme", COUNT).replace("1.2.0", "1.1.0"));
    assert!(older.contains("is `acme` 1.2.0: give this one a higher version"), "{older}");
    assert!(!check(pack("acme", COUNT).replace("1.2.0", "1.10.0")).contains("W_CLASH"));
    assert!(!check(pack("acme", COUNT)).contains("W_CLASH"), "the very file");
}

#[test]
fn packs_are_listed_with_how_they_stand_and_removed_unless_others_need_them() {
    let folder = folder();
    let file = |name: &str| folder.path().join("packs").join(name);
    fs::write(file("acme.toml"), pack("acme", COUNT)).expect("written");
    fs::write(file("user.toml"), pack("user", r#"metric = "acme.twice""#)).expect("written");
    fs::write(file("broken.so"), "no library").expect("written");
    let list = || -> Vec<String> { out(&counterpoise(folder.path(), &["pack", "list"])).lines().map(str::to_owned).collect() };
    let words = |line: &str| line.split_whitespace().take(4).map(str::to_owned).collect::<Vec<_>>();
    let lines = list();
    assert_eq!(words(&lines[0]), ["pack", "version", "tier", "state"]);
    assert_eq!(words(&lines[1]), ["acme", "1.2.0", "declarative", "loaded"]);
    assert_eq!(words(&lines[2]), ["user", "1.2.0", "declarative", "loaded"]);
    assert!(lines[3].starts_with('-') && lines[3].contains("refused") && lines[3].contains("E_NOT_ELF: expected"), "{lines:?}");

    let refused = error(&counterpoise(folder.path(), &["pack", "remove", "acme"]));
    assert!(refused.contains("user.twice") && refused.contains("--force") && file("acme.toml").exists(), "{refused}");
    assert!(out(&counterpoise(folder.path(), &["pack", "remove", "acme", "--force"])).contains("acme.toml"));
    assert!(!file("acme.toml").exists());
    let lines = list();
    assert_eq!(words(&lines[2]), ["user", "1.2.0", "-", "unavailable"], "{lines:?}");
    assert!(error(&counterpoise(folder.path(), &["pack", "remove", "acme"])).contains("pack list"));
}

#[test]
fn releasing_what_is_not_quarantined_is_said() {
    let folder = folder();
    assert!(error(&counterpoise(folder.path(), &["pack", "release", "acme"])).contains("nothing of `acme` is quarantined"));
}

/// A library that was built for this processor.
#[cfg(target_arch = "x86_64")]
#[test]
fn what_the_list_beside_the_program_names_runs_in_the_service_and_other_libraries_apart() {
    let folder = folder();
    let file = folder.path().join("packs/calls.so");
    fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/../registry/tests/golden/c-1.0-x86_64.so"), &file).expect("a copy");
    let beside = folder.path().join("bin");
    fs::create_dir(&beside).expect("made");
    let (program, list) = (beside.join("counterpoise"), beside.join("trusted-packs"));
    fs::hard_link(PROGRAM, &program).or_else(|_| fs::copy(PROGRAM, &program).map(drop)).expect("the program is there too");
    let counterpoise = |arguments: &[&str]| run(&program, folder.path(), arguments);
    let tier = || out(&counterpoise(&["pack", "list"])).lines().nth(1).and_then(|line| line.split_whitespace().nth(2).map(str::to_owned));
    assert_eq!(tier().as_deref(), Some("worker"));
    let unsigned = out(&counterpoise(&["pack", "list", "--trusted-only"]));
    assert!(unsigned.contains("refused") && unsigned.contains("E_UNSIGNED"), "{unsigned}");

    let path = file.to_str().expect("a path in UTF-8");
    let checked: Value = serde_json::from_str(&out(&counterpoise(&["pack", "check", "--json", path]))).expect("JSON");
    assert_eq!((&checked["tier"], &checked["trusted"]), (&"worker".into(), &false.into()));
    fs::write(&list, format!("# built here\n{} # calls.so\n", checked["sha256"].as_str().expect("a hash"))).expect("written");
    assert_eq!(tier().as_deref(), Some("in_process"));
    assert!(out(&counterpoise(&["pack", "list", "--trusted-only"])).contains("in_process"));

    fs::write(&list, "nonsense\n").expect("written");
    let refused = error(&counterpoise(&["pack", "list"]));
    assert!(refused.contains("trusted-packs") && refused.contains("`nonsense`"), "{refused}");
}
