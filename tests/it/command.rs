//! The commands a user types, with what they print and how they fail.

use std::fs;

use tempfile::TempDir;

use tests::both_backends;
use tests::database::Database;
use tests::service::{Service, counterpoise, import, text};

/// A folder with a mapping and a file of its own: three customers of a made-up export.
fn export() -> TempDir {
    let folder = TempDir::new().expect("a temporary folder");
    fs::write(folder.path().join("accounts.csv"), "id;name;since\nA1;Alder & Co;03/01/2025\nA2;Birch Ltd;17/02/2025\nA3;Cedar GmbH;\n")
        .expect("writes");
    fs::write(folder.path().join("mapping.toml"), MAPPING).expect("writes");
    folder
}

const MAPPING: &str = include_str!("mapping.toml");

fn import_fails(database: &Database, folder: &TempDir) -> String {
    let output = counterpoise()
        .args(["import", "--database-url", &database.url, "--profile"])
        .arg(folder.path().join("mapping.toml"))
        .arg(folder.path())
        .output()
        .expect("counterpoise runs");
    assert!(!output.status.success(), "{}", text(&output));
    text(&output)
}

fn customers(database: Database) -> usize {
    let service = Service::over(database);
    let answer = service.answer("{ customers(first: 50) { nodes { name } } }", serde_json::Value::Null);
    answer["data"]["customers"]["nodes"].as_array().map_or(0, Vec::len)
}

both_backends!(an_import_run_twice_changes_nothing);
fn an_import_run_twice_changes_nothing(database: Database) {
    let folder = export();
    let mapping = folder.path().join("mapping.toml");
    let first = import(&database, mapping.to_str().expect("a path in UTF-8"), folder.path());
    let second = import(&database, mapping.to_str().expect("a path in UTF-8"), folder.path());
    assert!(first.contains("customer") && second.contains("customer"), "{first}\n{second}");
    assert_eq!(customers(database), 3);
}

both_backends!(a_bad_row_stops_the_import_and_nothing_stays_half_done);
fn a_bad_row_stops_the_import_and_nothing_stays_half_done(database: Database) {
    let folder = export();
    let file = folder.path().join("accounts.csv");
    let good = fs::read_to_string(&file).expect("text");
    fs::write(&file, format!("{good}A4;Dogwood;not a date\n")).expect("writes");
    let said = import_fails(&database, &folder);
    for part in ["accounts.csv", "5", "since", "not a date"] {
        assert!(said.contains(part), "`{part}` is not named:\n{said}");
    }
    assert_eq!(customers(database), 0);
}

both_backends!(a_row_with_too_few_columns_is_named);
fn a_row_with_too_few_columns_is_named(database: Database) {
    let folder = export();
    fs::write(folder.path().join("accounts.csv"), "id;name;since\nA1;Alder & Co\n").expect("writes");
    let said = import_fails(&database, &folder);
    assert!(said.contains("accounts.csv") && said.contains('2'), "{said}");
}

both_backends!(a_broken_mapping_is_refused_with_its_place);
fn a_broken_mapping_is_refused_with_its_place(database: Database) {
    let folder = export();
    fs::write(folder.path().join("mapping.toml"), MAPPING.replace("customer", "custmoer")).expect("writes");
    let said = import_fails(&database, &folder);
    assert!(said.contains("custmoer") && said.contains("mapping.toml"), "{said}");
}

both_backends!(a_truncated_gzip_is_an_error);
fn a_truncated_gzip_is_an_error(database: Database) {
    let folder = export();
    let plain = folder.path().join("accounts.csv");
    // A gzip header, a stored deflate block that promises more than follows.
    fs::write(folder.path().join("accounts.csv.gz"), [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0, 200, 0, 55, 255, b'i', b'd']).expect("writes");
    fs::remove_file(plain).expect("removes");
    fs::write(folder.path().join("mapping.toml"), MAPPING.replace("accounts.csv", "accounts.csv.gz")).expect("writes");
    let said = import_fails(&database, &folder);
    assert!(said.contains("accounts.csv.gz"), "{said}");
}

#[test]
fn a_file_that_is_not_a_pack_is_refused_and_the_others_serve() {
    let folder = TempDir::new().expect("a temporary folder");
    for pack in ["sales", "service", "marketing"] {
        let file = format!("lib{pack}.so");
        fs::copy(tests::service::built().join("packs").join(&file), folder.path().join(&file)).expect("the pack was built");
    }
    fs::write(folder.path().join("libbroken.so"), "#!/bin/sh\necho I am a script, padded to be longer than a header of an object file\n")
        .expect("writes");
    let packs = folder.path().to_str().expect("a path in UTF-8");
    let service = Service::with(Database::sqlite(), &["--packs", packs]);
    let data = service.data("{ packs { name state } }");
    let states = data["packs"].to_string();
    assert!(states.contains("sales") && states.contains("service") && states.contains("marketing"), "{states}");
    let check = counterpoise().args(["pack", "check"]).arg(folder.path().join("libbroken.so")).output().expect("counterpoise runs");
    assert!(!check.status.success());
    assert!(text(&check).contains("E_NOT_ELF"), "{}", text(&check));
}

#[test]
fn the_committed_schema_is_the_one_served() {
    let output = counterpoise().args(["schema", "print"]).output().expect("counterpoise runs");
    assert!(output.status.success(), "{}", text(&output));
    let committed = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../schema/schema.graphql")).expect("the schema is committed");
    assert_eq!(String::from_utf8_lossy(&output.stdout), committed, "refresh it: counterpoise schema print > schema/schema.graphql");
}
