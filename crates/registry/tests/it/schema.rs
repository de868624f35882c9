//! The JSON Schema of manifests against manifests: those of the standard packs fit it, and broken ones do not.

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::sample::manifest;
use crate::standard::standard;

fn validator() -> Validator {
    let schema: Value = serde_json::from_str(&manifest::schema::text()).expect("it is JSON");
    jsonschema::validator_for(&schema).expect("it is a schema")
}

fn faults(validator: &Validator, manifest: &Value) -> Vec<String> {
    validator.iter_errors(manifest).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

#[test]
fn the_manifests_of_the_standard_packs_fit_the_schema() {
    let validator = validator();
    let folder = standard();
    for pack in folder.open().0.snapshot().packs() {
        let manifest = serde_json::to_value(pack.manifest()).expect("it can be written");
        assert_eq!(faults(&validator, &manifest), Vec::<String>::new(), "{}", pack.manifest().id);
    }
}

#[test]
fn a_manifest_in_toml_fits_the_same_schema() {
    let readme = include_str!("../../../../README.md");
    let text = readme.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a pack");
    let manifest: Value = toml::from_str(text).expect("it is TOML");
    assert_eq!(faults(&validator(), &manifest), Vec::<String>::new());
}

#[test]
fn a_manifest_that_is_broken_does_not() {
    let validator = validator();
    let sound = manifest("test");
    assert_eq!(faults(&validator, &sound), Vec::<String>::new());
    let parameter =
        |name: &str, default: Value| json!([{ "name": name, "description": { "en": "A." }, "type": "decimal", "default": default }]);
    for (place, value) in [
        ("/cp_manifest", json!(2)),
        ("/id", json!("Test")),
        ("/version", json!("1.0")),
        ("/title", json!({ "zh": "测试" })),
        ("/colour", json!("red")),
        ("/homepage", json!("acme.example")),
        ("/metrics", json!([])),
        ("/metrics/0/unit", json!("furlongs")),
        ("/metrics/0/class", json!("NQSR-T")),
        ("/metrics/0/kind", json!("money-like")),
        ("/metrics/0/inputs/0/metric", json!("test.other")),
        ("/metrics/0/inputs/0/measure/source", json!("deals")),
        ("/metrics/0/inputs/0/measure/where", json!({ "amount": 0.5 })),
        ("/metrics/0/inputs/0/measure/where", json!({ "amount": { "above": 1 } })),
        ("/metrics/0/inputs/0/measure/where", json!({ "amount": { "gt": null } })),
        ("/metrics/0/parameters", parameter("a__b", json!(1))),
        ("/metrics/0/parameters", parameter("prior", json!(0.5))),
        ("/metrics/0/parameters", parameter("prior", json!("half"))),
        ("/metrics/0/examples", json!([{ "inputs": { "a": 1 } }])),
        ("/metrics/0/examples", json!([{ "value": 1, "null": true }])),
        ("/metrics/0/visibility", json!({ "organisation_wide": { "minimum_group": 1 } })),
        ("/metrics/0/bands", json!([{ "status": "fine" }])),
    ] {
        let mut broken = sound.clone();
        let (parent, key) = place.rsplit_once('/').expect("a pointer");
        broken.pointer_mut(parent).expect("the parent is there")[key] = value;
        assert!(!faults(&validator, &broken).is_empty(), "{place} is broken and fits: {broken}");
        let text = broken.to_string();
        let read = manifest::Pack::parse(text.as_bytes()).map(|pack| pack.check());
        assert!(read.is_err() || read.is_ok_and(|faults| !faults.is_empty()), "{place} does not fit and is read: {text}");
    }
}
