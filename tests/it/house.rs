//! The invariants of the house: which crate may know what. Read off the manifests and the sources themselves.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// All crates that `package` is built from, its own name first.
fn built_from(package: &str) -> Vec<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--edges", "normal", "--prefix", "none", "--format", "{p}", "--package", package])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("text");
    text.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

fn assert_knows_nothing_of(package: &str, others: &[&str]) {
    let known = built_from(package);
    assert!(known.iter().any(|name| name == package), "cargo tree says nothing of {package}: {known:?}");
    for other in others {
        assert!(!known.iter().any(|name| name == other), "{package} must not depend on {other}");
    }
}

/// Only what the crate itself names, for crates whose dependencies' dependencies are not theirs to use.
fn assert_does_not_name(package: &str, others: &[&str]) {
    let manifest = fs::read_to_string(root().join("crates").join(package).join("Cargo.toml")).expect("the crate has a manifest");
    let product = manifest.split("[dev-dependencies]").next().unwrap_or_default();
    for other in others {
        assert!(!product.lines().any(|line| line.trim_start().starts_with(other)), "crates/{package}/Cargo.toml must not name {other}");
    }
}

/// Files below a folder of the repository whose text satisfies a condition, relative to the root.
fn sources_with(folder: &str, condition: impl Fn(&str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the folder is there") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") && condition(&fs::read_to_string(&path).expect("text")) {
                found.push(path.strip_prefix(root()).expect("below the root").to_string_lossy().into_owned());
            }
        }
    }
    found.sort();
    found
}

#[test]
fn the_arrows_of_the_house_hold() {
    assert_knows_nothing_of("metric-abi", &["manifest", "pack-sdk", "registry", "store"]);
    assert_knows_nothing_of("manifest", &["metric-abi", "registry", "store", "engine"]);
    assert_knows_nothing_of("pack-sdk", &["registry", "store", "engine", "serde_json"]);
    assert_knows_nothing_of("registry", &["store", "engine", "graphql", "diesel"]);
    assert_knows_nothing_of("store", &["registry", "engine", "graphql", "libloading"]);
    assert_knows_nothing_of("engine", &["graphql", "server", "async-graphql", "axum"]);
    assert_knows_nothing_of("graphql", &["server", "axum"]);
    assert_knows_nothing_of("import", &["engine", "registry", "graphql"]);
    assert_knows_nothing_of("sample", &["engine", "registry", "graphql"]);
    for package in ["engine", "graphql", "import", "sample", "server"] {
        assert_does_not_name(package, &["diesel", "libloading", "libsqlite3-sys"]);
    }
}

#[test]
fn only_the_binary_reads_the_environment_or_listens() {
    for package in ["manifest", "metric-abi", "pack-sdk", "registry", "store", "engine", "graphql", "import", "sample"] {
        let found = sources_with(&format!("crates/{package}/src"), |text| text.contains("env::") || text.contains("TcpListener"));
        // What only tests are built with may be told to refresh what they compare with.
        let product: Vec<_> = found.iter().filter(|file| !file.ends_with("/tests.rs") && !file.ends_with("/golden.rs")).collect();
        assert_eq!(product, Vec::<&String>::new(), "{package} reads the environment or listens");
    }
}

#[test]
fn unsafe_stands_where_it_may() {
    let found: Vec<String> = ["crates", "plugins"]
        .iter()
        .flat_map(|folder| {
            sources_with(folder, |text| text.contains("unsafe {") || text.contains("unsafe fn") || text.contains("unsafe impl"))
        })
        .collect();
    let elsewhere: Vec<_> = found
        .iter()
        .filter(|file| !file.starts_with("crates/pack-sdk/") && !file.starts_with("crates/testbed/"))
        .filter(|file| !file.contains("/tests/") && !file.contains("/benches/"))
        .collect();
    // The one calls foreign code, the other shares memory with the processes that foreign code runs in.
    assert_eq!(elsewhere, ["crates/registry/src/native.rs", "crates/registry/src/system.rs"]);
}

#[test]
fn sql_is_written_in_the_store_alone() {
    let found = sources_with("crates", |text| text.contains("SELECT ") && text.contains(" FROM "));
    let elsewhere: Vec<_> = found
        .iter()
        .filter(|file| !file.starts_with("crates/store/") && !file.starts_with("crates/testbed/") && !file.contains("/tests/"))
        .collect();
    assert_eq!(elsewhere, Vec::<&String>::new());
}

#[test]
fn nothing_is_left_to_do_later() {
    let marks = ["TO", "FIX"].map(|start| format!("{start}{}", if start == "TO" { "DO" } else { "ME" }));
    for folder in ["crates", "plugins", "tests"] {
        let found = sources_with(folder, |text| marks.iter().any(|mark| text.contains(mark.as_str())));
        assert_eq!(found, Vec::<String>::new());
    }
}
