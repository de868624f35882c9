//! Packs that are a file: the same checks, the same values as native ones, and no code.

use std::fs;

use registry::{Column, MetricRef, Refusal, Registry, Tier};
use rust_decimal::Decimal;

use crate::build::{Folder, rust_packs};

const PACK: &str = r#"
cp_manifest = 1
id = "acme"
version = "1.2.0"
title.en = "Acme"

[[metrics]]
key = "visits_per_win"
title.en = "Visits per win"
description.en = "Visits held over opportunities won, where enough were won."
kind = "number"
unit = "count"
direction = "down"
class = "NQSPET/INT"
source = "test"
formula = "if(won >= enough, visits / won, coalesce(visits, 0) - 1)"
inputs = [
  { name = "visits", measure = { agg = "count", source = "activities", where = { kind = "VISIT", done = true } } },
  { name = "won", measure = { agg = "sum", source = "orders", of = "amount" } },
]
parameters = [{ name = "enough", description.en = "How many are enough.", type = "decimal", default = "0.5" }]
"#;

fn open(texts: &[(&str, &str)]) -> (Folder, Registry, Vec<Refusal>) {
    let folder = Folder::new();
    for (name, text) in texts {
        fs::write(folder.packs().join(name), text).expect("written");
    }
    let (registry, refusals) = folder.open();
    (folder, registry, refusals)
}

fn metric(registry: &Registry, key: &str) -> MetricRef {
    registry.snapshot().metric(key).expect(key)
}

fn column(scale: u32, values: &[&str]) -> Column {
    Column { scale, values: values.iter().map(|value| value.parse().ok()).collect() }
}

#[test]
fn a_file_of_formulas_is_a_pack_like_any_other() {
    let (_folder, registry, refusals) = open(&[("acme.toml", PACK)]);
    assert_eq!(refusals, []);
    let visits = metric(&registry, "acme.visits_per_win");
    assert_eq!((visits.pack.tier(), visits.pack.sha256().len()), (Tier::Declarative, 64));
    let columns = [column(0, &["3", "4.5", "", "7"]), column(4, &["2", "0.00005", "-1", ""])];
    let values = visits.evaluate(&columns, &visits.metric().defaults(), 4).expect("no fault");
    assert_eq!(values, column(12, &["1.5", "3", "-1", ""]).values, "inputs are rounded to their scale, half to even");
    let values = visits.evaluate(&columns, &["-1".parse().expect("a number")], 4).expect("no fault");
    assert_eq!(values, column(12, &["1.5", "", "", ""]).values);
    assert_eq!(values[0].map(|value| value.to_string()), Some("1.5".into()));
}

#[test]
fn what_is_too_large_is_a_fault_with_its_row_as_in_native_packs() {
    let (_folder, registry, _) = open(&[("acme.toml", &PACK.replace("visits / won, ", "visits * won, "))]);
    let visits = metric(&registry, "acme.visits_per_win");
    let rows = |values: [&str; 3]| [column(0, &["1", values[0], "1"]), column(4, &["1", values[1], values[2]])];
    for (columns, code, row) in [
        (rows(["79228162514264337593543950335", "2", "1"]), "E_OVERFLOW", 1),
        (rows(["1", "1", "100000000000000000000000000"]), "E_OVERFLOW", 2),
        ([column(0, &["1", "1", "1"]), column(12, &["1", "1", "79228162514264337593543950335"])], "E_INPUT", 2),
    ] {
        let fault = visits.evaluate(&columns, &visits.metric().defaults(), 3).expect_err("it is too large");
        assert_eq!((fault.code.as_str(), fault.row), (code, Some(row)), "{fault}");
    }
}

#[test]
fn files_and_libraries_are_checked_against_each_other() {
    let folder = Folder::with(&rust_packs(&["-p", "pack-sdk", "--example", "settable"]));
    let using = PACK.replace("measure = { agg = \"sum\", source = \"orders\", of = \"amount\" }", "metric = \"settable.plain\"");
    fs::write(folder.packs().join("using.toml"), using.replace("\"acme\"", "\"using\"")).expect("written");
    fs::write(folder.packs().join("needy.toml"), using.replace("settable", "gone").replace("\"acme\"", "\"needy\"")).expect("written");
    fs::write(folder.packs().join("zz.toml"), PACK.replace("\"acme\"", "\"set_table\"")).expect("written");
    let (registry, refusals) = folder.open();
    let snapshot = registry.snapshot();
    let loaded: Vec<&str> = snapshot.packs().iter().map(|pack| pack.manifest().id.as_str()).collect();
    assert_eq!(loaded, ["settable", "using"]);
    let mut codes: Vec<(String, &str)> =
        refusals.iter().map(|refusal| (refusal.file.file_name().expect("a name").to_string_lossy().into_owned(), refusal.code)).collect();
    codes.sort();
    assert_eq!(codes, [("needy.toml".into(), "E_MANIFEST_MEASURE"), ("zz.toml".into(), "E_MANIFEST_CLASH")]);
}

#[test]
fn a_file_that_is_no_sound_manifest_is_refused_with_its_place() {
    for (text, code, part) in [
        (PACK.replace("kind =", "kindly ="), "E_MANIFEST_SCHEMA", "line 11, metrics[0].kindly"),
        (PACK.replace("version =", "version"), "E_MANIFEST_TOML", "line 4"),
        (PACK.replace("key =", "key = \"a\"\nkey ="), "E_MANIFEST_DUPKEY", "line 9"),
        (PACK.replace("\"0.5\"", "0.5"), "E_MANIFEST_SCHEMA", "as a string"),
        (PACK.replace("won >= enough", "won >= plenty"), "E_MANIFEST_SCHEMA", "`plenty` is not an input"),
        (PACK.replace("won >= enough", "won"), "E_MANIFEST_SCHEMA", "expected a condition"),
        (PACK.replace("\"count\", source = \"act", "\"sum\", source = \"act"), "E_MANIFEST_MEASURE", "needs a field"),
        (format!("{PACK}# {}", "x".repeat(256 << 10)), "E_MANIFEST_SIZE", "262144 bytes"),
        (String::new(), "E_MANIFEST_SCHEMA", "cp_manifest"),
    ] {
        let (_folder, registry, refusals) = open(&[("acme.toml", &text)]);
        assert!(registry.snapshot().packs().is_empty(), "{code}");
        assert_eq!(refusals[0].code, code, "{}", refusals[0]);
        assert!(refusals[0].message.contains(part), "{part}: {}", refusals[0]);
    }
}

/// The SDK's sum over three inputs is what a formula in a file comes to.
#[test]
fn a_formula_comes_to_the_same_in_a_file_and_in_a_library() {
    let folder = Folder::with(&rust_packs(&["-p", "pack-sdk", "--example", "settable"]));
    let text = PACK.replace("if(won >= enough, visits / won, coalesce(visits, 0) - 1)", "won / (visits + enough)");
    fs::write(folder.packs().join("acme.toml"), text).expect("written");
    let (registry, refusals) = folder.open();
    assert_eq!(refusals, []);
    let numbers: Vec<Option<Decimal>> = (0..1000).map(|row| (row % 7 != 0).then(|| Decimal::new(row * row - 5000, 2))).collect();
    let (mut turned, half) = (numbers.clone(), [Decimal::from(2)]);
    turned.reverse();
    let [won, visits] = [numbers, turned].map(|values| Column { scale: 4, values });
    let native = metric(&registry, "settable.shrunk_rate").evaluate(&[won.clone(), visits.clone()], &half, 1000).expect("no fault");
    assert_eq!(metric(&registry, "acme.visits_per_win").evaluate(&[visits, won], &half, 1000), Ok(native));
}

#[test]
fn the_pack_in_the_readme_loads() {
    let readme = include_str!("../../../../README.md");
    let text = readme.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a pack");
    let (_folder, registry, refusals) = open(&[("acme.toml", text)]);
    assert_eq!(refusals, []);
    assert_eq!(metric(&registry, "acme.visits_per_win").formula().text(), "visits / won");
}
