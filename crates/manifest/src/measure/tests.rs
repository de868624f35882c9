//! Filters that compare with a parameter of the metric.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{Bound, Comparison, Filter, Measure};
use crate::check::Fault;
use crate::pack::{Need, Pack};

/// One metric: the old ones among the open cases, and all of them; with what is old as a parameter.
fn manifest(changes: &[(&str, Value)]) -> Value {
    let mut manifest = json!({ "cp_manifest": 1, "id": "acme", "version": "1.0.0", "title": { "en": "Acme" }, "metrics": [{
        "key": "old_share", "title": { "en": "Old" }, "description": { "en": "Old over open cases." }, "kind": "ratio", "unit": "ratio",
        "direction": "down", "class": "NQSPCT/INT", "source": "test", "formula": "old / open",
        "inputs": [
            { "name": "old", "shift": "end", "measure": { "agg": "count", "source": "tickets", "where": { "age": { "gt": { "parameter": "days" } } } } },
            { "name": "open", "shift": "end", "measure": { "agg": "count", "source": "tickets" } }
        ],
        "parameters": [{ "name": "days", "description": { "en": "Days." }, "type": "decimal", "unit": "days", "default": "7", "min": 0 }]
    }] });
    for (pointer, value) in changes {
        let metric = &mut manifest["metrics"][0];
        match (metric.pointer_mut(pointer), pointer.rsplit_once('/').expect("a pointer")) {
            (Some(place), _) => *place = value.clone(),
            (None, (parent, key)) => metric.pointer_mut(parent).expect("the parent is there")[key] = value.clone(),
        }
    }
    manifest
}

fn parse(manifest: &Value) -> Result<Pack, Fault> {
    Pack::parse(manifest.to_string().as_bytes())
}

fn first(pack: &Pack) -> &Measure {
    match &pack.metrics[0].inputs[0].need {
        Need::Measure(measure) => measure,
        Need::Metric(key) => panic!("the metric {key}"),
    }
}

#[test]
fn a_filter_may_compare_with_a_parameter_which_no_text_can_be_taken_for() {
    let pack = parse(&manifest(&[])).expect("it parses");
    assert_eq!(pack.check(), []);
    assert_eq!(first(&pack).parameters().collect::<Vec<_>>(), [("age", "days")]);
    assert_eq!(Pack::parse(&serde_json::to_vec(&pack).unwrap()), Ok(pack.clone()), "what is written can be read");
    let toml = r#"where = { age = { gt = { parameter = "days" } } }"#;
    let filter: std::collections::BTreeMap<String, std::collections::BTreeMap<String, Filter>> = toml::from_str(toml).unwrap();
    assert_eq!(filter["where"], first(&pack).filter);
    for (bound, part) in [
        (json!("days"), "not an exact decimal"),
        (json!({ "parameter": "days", "times": 2 }), "unknown field"),
        (json!({ "parameter": 7 }), "a string"),
        (json!(null), "a parameter as"),
        (json!(true), "a parameter as"),
        (json!(0.5), "as a string"),
    ] {
        let fault = parse(&manifest(&[("/inputs/0/measure/where", json!({ "age": { "gt": bound } }))])).expect_err("it must be refused");
        assert!(fault.place.starts_with("metrics[0].inputs[0]") && fault.message.contains(part), "{part}: {fault}");
    }
}

#[test]
fn what_a_filter_compares_with_must_be_there_and_of_the_fields_unit() {
    let by = |field: &str| ("/inputs/0/measure/where", json!({ field: { "gt": { "parameter": "days" } } }));
    let orders = |measure: Value| ("/inputs/0", json!({ "name": "old", "measure": measure }));
    let amount = || orders(json!({ "agg": "count", "source": "orders", "where": { "amount": { "lte": { "parameter": "days" } } } }));
    let score = || orders(json!({ "agg": "count", "source": "leads", "where": { "score": { "lt": { "parameter": "days" } } } }));
    let unit = |unit: &str| ("/parameters/0/unit", json!(unit));
    let place = "metrics[0] `old_share` input `old`";
    for (changes, code, place, part) in [
        (
            vec![("/parameters", json!([]))],
            "E_MANIFEST_MEASURE",
            place,
            "`age` is compared with the parameter `days`, and the metric has none",
        ),
        (vec![unit("money")], "E_MANIFEST_UNIT", place, "has the unit `money`; it must be seconds, minutes, hours, days"),
        (
            vec![("/parameters/0", json!({ "name": "days", "description": { "en": "D" }, "type": "integer", "default": 7 }))],
            "E_MANIFEST_UNIT",
            place,
            "has no unit",
        ),
        (vec![amount()], "E_MANIFEST_UNIT", place, "has the unit `days`; it must be money"),
        (vec![score()], "E_MANIFEST_UNIT", place, "must be none, or one that is neither time nor money"),
        (vec![unit("weeks")], "E_MANIFEST_UNIT", "metrics[0] `old_share` parameter `days` `unit`", "`weeks` is not a unit"),
        (vec![by("closed")], "E_MANIFEST_MEASURE", place, "no order to compare by"),
        (
            vec![orders(
                json!({ "agg": "median", "source": "tickets", "of": "resolution", "where": { "first_response": { "lt": { "parameter": "days" } } } }),
            )],
            "E_MANIFEST_MEASURE",
            place,
            "percentiles under different filters",
        ),
        (
            vec![("/inputs/0/measure/where", json!({}))],
            "E_MANIFEST_SCHEMA",
            "metrics[0] `old_share` formula",
            "the parameter `days` is not used",
        ),
    ] {
        let faults = parse(&manifest(&changes)).expect("it parses").check();
        let fits = |fault: &Fault| fault.code == code && fault.place == place && fault.message.contains(part);
        assert!(faults.iter().any(fits), "expected {code} at {place} with `{part}`, found {faults:?}");
    }
    for changes in [vec![amount(), unit("money")], vec![score(), unit("points")], vec![unit("minutes")]] {
        assert_eq!(parse(&manifest(&changes)).expect("it parses").check(), []);
    }
}

#[test]
fn a_measure_has_the_values_of_the_parameters_in_the_units_of_its_fields() {
    let pack = parse(&manifest(&[])).expect("it parses");
    let over = |days: Decimal| {
        let comparison = Comparison { gt: Some(Bound::Number(days)), ..Comparison::default() };
        Measure { filter: [("age".to_owned(), Filter::Compare(comparison))].into(), ..first(&pack).clone() }
    };
    let set = |value: &str| pack.metrics[0].measure(first(&pack), &[value.parse().unwrap()]);
    assert_eq!(set("7"), over(604_800.into()));
    assert_eq!(set("0.50"), over(43_200.into()));
    assert_eq!(set("79228162514264337593543950335"), over(Decimal::MAX), "beyond all numbers is the last of them");
    assert_eq!(set("7").parameters().count(), 0);
}
