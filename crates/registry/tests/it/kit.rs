//! The conformance kit on whole packs, in a child: the standard ones compute what they say, and what does not is refused.

use registry::Refusal;
use serde_json::{Value, json};

use crate::build::{Folder, rust_packs};
use crate::sample::{Source, manifest, manifest_macro};
use crate::standard::standard;

#[test]
fn the_packs_of_the_house_compute_what_they_say() {
    let (registry, refusals) = standard().open_apart();
    assert_eq!((registry.snapshot().packs().len(), refusals), (3, vec![]));
    let (registry, refusals) = Folder::with(&rust_packs(&["-p", "pack-sdk", "--example", "settable"])).open_apart();
    assert_eq!((registry.snapshot().packs().len(), refusals), (1, vec![]));
}

/// A pack in C that gives its input back, under a manifest that is changed in some places of its metric.
fn refusal(changes: Value) -> Vec<Refusal> {
    let mut described = manifest("test");
    described["metrics"][0].as_object_mut().expect("an object").extend(changes.as_object().expect("an object").clone());
    let folder = Folder::new();
    Source { manifest: manifest_macro(&described.to_string()), ..Source::sound("test") }.compile(&folder.packs().join("pack.so"), &[]);
    folder.open_apart().1
}

#[test]
fn code_that_says_something_else_than_its_formula_is_refused_with_a_row() {
    let prior = json!([{ "name": "prior", "description": { "en": "A prior." }, "type": "integer", "default": 0, "max": 9 }]);
    let money = json!([{ "name": "a", "measure": { "agg": "sum", "source": "orders", "of": "amount" } }]);
    assert_eq!(refusal(json!({})), []);
    for (what, changes, parts) in [
        ("another formula", json!({ "formula": "a * 2" }), vec!["`test.same` = `a * 2`", ", where a = "]),
        (
            "zero for nothing is not this pack's fault, but nothing is",
            json!({ "formula": "coalesce(a, 0)" }),
            vec!["expected 0 for", "a = unknown", "found no value"],
        ),
        ("a parameter that is not minded", json!({ "formula": "a + prior", "parameters": prior }), vec!["prior = -1", "found "]),
        ("a scale that is not read", json!({ "inputs": money, "kind": "money", "unit": "money" }), vec!["`test.same` = `a`"]),
    ] {
        let refusals = refusal(changes);
        let [refusal] = &refusals[..] else { panic!("{what}: expected one refusal, found {refusals:?}") };
        assert_eq!(refusal.code, "F_FORMULA_DIFFERS", "{what}: {refusal}");
        assert!(parts.iter().all(|part| refusal.message.contains(part)), "{what}: {refusal}");
    }
}
