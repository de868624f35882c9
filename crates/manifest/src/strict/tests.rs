use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::check::{Fault, cycle};
use crate::meaning::{Accumulation, Perspective, Status, Visibility};
use crate::measure::{Bound, Comparison, Filter, Literal};
use crate::pack::{Need, NumberType, Pack};

fn sound() -> Value {
    json!({ "cp_manifest": 1, "id": "acme", "version": "1.0.0", "title": { "en": "Acme" }, "metrics": [metric("rate", "a / b")] })
}

fn metric(key: &str, formula: &str) -> Value {
    json!({
        "key": key, "title": { "en": "Rate" }, "description": { "en": "A rate." }, "kind": "ratio", "unit": "ratio",
        "direction": "up", "class": "NQSR-T/CUS", "source": "test", "formula": formula,
        "inputs": [{ "name": "a", "measure": { "agg": "count", "source": "orders" } }, { "name": "b", "measure": { "agg": "count", "source": "leads" } }]
    })
}

fn parse(value: &Value) -> Result<Pack, Fault> {
    Pack::parse(value.to_string().as_bytes())
}

/// The manifest with one place changed.
fn with(pointer: &str, value: Value) -> Value {
    let mut manifest = sound();
    match manifest.pointer_mut(pointer) {
        Some(place) => *place = value,
        None => {
            let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
            manifest.pointer_mut(parent).expect("the parent is there")[key] = value;
        }
    }
    manifest
}

#[test]
fn a_sound_manifest_has_no_faults() {
    assert_eq!(parse(&sound()).expect("it parses").check(), []);
}

#[test]
fn text_that_is_no_strict_json_is_refused() {
    for (text, code, part) in [
        (b"\xff{}".to_vec(), "E_MANIFEST_UTF8", "byte 0"),
        (b"{".to_vec(), "E_MANIFEST_JSON", "line 1"),
        (b"{} {}".to_vec(), "E_MANIFEST_JSON", "trailing"),
        (b"{\"id\": 1, \"id\": 2}".to_vec(), "E_MANIFEST_DUPKEY", "`id`"),
        (b"{\"a\": [{\"b\": 1, \"b\": 1}]}".to_vec(), "E_MANIFEST_DUPKEY", "`b`"),
        ("[".repeat(5000).into_bytes(), "E_MANIFEST_DEPTH", "5000 deep"),
        (format!("{}{}", "[".repeat(128), "]".repeat(128)).into_bytes(), "E_MANIFEST_DEPTH", "128 deep"),
        (format!("{}{}", "[".repeat(127), "]".repeat(127)).into_bytes(), "E_MANIFEST_SCHEMA", ""),
        (b"{\"a\": \"[[\\\"[[\"}".to_vec(), "E_MANIFEST_SCHEMA", "unknown field"),
    ] {
        let fault = Pack::parse(&text).expect_err("it must be refused");
        assert_eq!(fault.code, code, "{fault}");
        assert!(fault.message.contains(part), "{fault}");
    }
}

#[test]
fn unknown_words_are_refused_with_their_place() {
    for (manifest, place, part) in [
        (with("/metrics/0/inputs/0/measure/agg", json!("total")), "metrics[0].inputs[0]", "total"),
        (with("/metrics/0/inputs/0/measure/source", json!("deals")), "metrics[0].inputs[0]", "deals"),
        (with("/metrics/0/colour", json!("red")), "metrics[0].colour", "unknown field"),
        (with("/metrics/0/inputs/0/metric", json!("acme.x")), "metrics[0].inputs[0]", "both"),
        (with("/metrics/0/inputs/0/colour", json!("red")), "metrics[0].inputs[0]", "unknown field"),
        (with("/metrics/0/inputs/0/measure/where", json!({ "amount": { "above": 1 } })), "metrics[0].inputs[0]", "above"),
        (with("/metrics/0/inputs/0/measure/where", json!({ "amount": 0.5 })), "metrics[0].inputs[0]", "as a string"),
        (with("/metrics/0/inputs/0/measure/where", json!({ "amount": null })), "metrics[0].inputs[0]", "a list of them"),
        (with("/version", json!(1)), "version", "string"),
    ] {
        let fault = parse(&manifest).expect_err("it must be refused");
        assert_eq!(fault.code, "E_MANIFEST_SCHEMA", "{fault}");
        assert!(fault.place.starts_with(place) && fault.message.contains(part), "{fault}");
    }
}

#[test]
fn a_number_may_stand_as_a_string() {
    let filter = json!({ "amount": { "gte": "0.50", "lt": 3 }, "fulfilment": ["60", 120], "customer": "7" });
    let pack = parse(&with("/metrics/0/inputs/0/measure/where", filter)).expect("it parses");
    let Need::Measure(measure) = &pack.metrics[0].inputs[0].need else { panic!("a measure") };
    let number = |text: &str| Literal::Number(text.parse::<Decimal>().unwrap());
    assert_eq!(
        measure.filter["amount"],
        Filter::Compare(Comparison {
            gte: Some(Bound::Number("0.5".parse().unwrap())),
            lt: Some(Bound::Number(3.into())),
            ..Comparison::default()
        })
    );
    assert_eq!(measure.filter["fulfilment"], Filter::OneOf(vec![number("60"), number("120")]));
    assert_eq!(measure.filter["customer"], Filter::Is(Literal::Text("7".into())));
    let again = Pack::parse(&serde_json::to_vec(&pack).unwrap()).expect("what is written can be read");
    assert_eq!(again, pack);
}

#[test]
fn every_rule_has_its_code_and_says_what_is_wrong() {
    let needs = |metric: &str, shift: &str| json!([{ "name": "a", "metric": metric, "shift": shift }, { "name": "b", "measure": { "agg": "count", "source": "leads" } }]);
    for (manifest, code, part) in [
        (with("/cp_manifest", json!(2)), "E_MANIFEST_SCHEMA", "version 1"),
        (with("/id", json!("Acme")), "E_MANIFEST_SCHEMA", "`Acme`"),
        (with("/id", json!("a__b")), "E_MANIFEST_SCHEMA", "one underscore"),
        (with("/version", json!("1.0")), "E_MANIFEST_SCHEMA", "1.2.3"),
        (with("/title", json!({ "zh": "销售" })), "E_MANIFEST_SCHEMA", "\"en\""),
        (with("/metrics", json!([])), "E_MANIFEST_SCHEMA", "1 to 200"),
        (with("/metrics/0/description", json!({ "en": "A rate.", "zh": " " })), "E_MANIFEST_SCHEMA", "\"zh\""),
        (with("/metrics/0/class", json!("NQSR-T")), "E_MANIFEST_SCHEMA", "class code"),
        (with("/metrics/0/unit", json!("furlongs")), "E_MANIFEST_UNIT", "furlongs"),
        (with("/metrics/0/unit", json!("days")), "E_MANIFEST_UNIT", "kind ratio;"),
        (with("/metrics/0/inputs/0/measure/agg", json!("sum")), "E_MANIFEST_MEASURE", "needs a field"),
        (with("/metrics/0/inputs/0/shift", json!("end")), "E_MANIFEST_MEASURE", "no stock"),
        (with("/metrics/0/inputs", needs("acme.gone", "this")), "E_MANIFEST_MEASURE", "no metric `acme.gone`"),
        (with("/metrics/0/inputs", needs("gone", "this")), "E_MANIFEST_MEASURE", "acme.gone"),
        (with("/metrics/0/inputs", needs("acme.rate", "this")), "E_MANIFEST_MEASURE", "itself"),
        (with("/metrics/0/inputs", needs("other.rate", "end")), "E_MANIFEST_MEASURE", "over a period"),
        (with("/metrics/0/subjects", json!(["PRODUCT"])), "E_MANIFEST_MEASURE", "PRODUCT"),
        (with("/metrics/0/formula", json!("a / ")), "E_MANIFEST_SCHEMA", "found the end"),
        (with("/metrics/0/formula", json!("a / c")), "E_MANIFEST_SCHEMA", "`c` is not an input"),
        (with("/metrics/0/formula", json!("a")), "E_MANIFEST_SCHEMA", "`b` is not used"),
        (with("/metrics/0/minimum_sample", json!({ "input": "c", "at_least": 30 })), "E_MANIFEST_SCHEMA", "`c`"),
        (with("/metrics/0/minimum_sample", json!({ "input": "a", "at_least": "0" })), "E_MANIFEST_SCHEMA", "above 0"),
        (with("/metrics", json!([metric("a_1", "a / b"), metric("a1", "a / b")])), "E_MANIFEST_CLASH", "taken"),
    ] {
        let faults = parse(&manifest).expect("it parses").check();
        assert!(
            faults.iter().any(|fault| fault.code == code && fault.to_string().contains(part)),
            "expected {code} with `{part}`, found {faults:?}"
        );
    }
}

/// The sound manifest with a parameter in its formula, changed in some places.
fn with_parameter(changes: &[(&str, Value)]) -> Value {
    let parameter =
        json!({ "name": "prior", "description": { "en": "A prior." }, "type": "integer", "default": 2, "min": 0, "max": "100" });
    let mut manifest = with("/metrics/0/parameters", json!([parameter]));
    manifest["metrics"][0]["formula"] = json!("a / (b + prior)");
    for (pointer, value) in changes {
        let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
        let parent = manifest["metrics"][0].pointer_mut(parent).expect("the parent is there");
        match key.parse::<usize>() {
            Ok(_) => parent.as_array_mut().expect("a list").push(value.clone()),
            Err(_) => parent[key] = value.clone(),
        }
    }
    manifest
}

#[test]
fn a_number_is_written_as_a_number_wherever_it_stands() {
    for number in [json!(1), json!(-1), json!(u64::MAX)] {
        let pack =
            parse(&with("/metrics/0/inputs/0/measure/where", json!({ "outcome": number, "nothing": [number, "1"] }))).expect("it parses");
        assert_eq!(Pack::parse(&serde_json::to_vec(&pack).unwrap()), Ok(pack), "{number}");
    }
}

#[test]
fn a_parameter_is_a_number_with_a_default_and_a_range() {
    let manifest = with_parameter(&[("/parameters/0/type", json!("decimal")), ("/parameters/0/default", json!("0.50"))]);
    let pack = parse(&manifest).expect("it parses");
    assert_eq!(pack.check(), []);
    assert_eq!(pack.metrics[0].defaults(), [Decimal::new(5, 1)]);
    assert_eq!(Pack::parse(&serde_json::to_vec(&pack).unwrap()), Ok(pack), "what is written can be read");
}

#[test]
fn a_parameter_is_checked_like_everything_else() {
    let second = |name: &str| {
        let parameter = json!({ "name": name, "description": { "en": "Other." }, "type": "decimal", "default": 1 });
        [("/parameters/1", parameter), ("/formula", json!(format!("a / (b + prior + {name})")))]
    };
    let many: Vec<Value> =
        (0..17).map(|at| json!({ "name": format!("p{at}"), "description": { "en": "A." }, "type": "decimal", "default": 1 })).collect();
    for (changes, code, part) in [
        (vec![("/parameters/0/default", json!(101))], "E_MANIFEST_SCHEMA", "`default`: `prior` is at most 100, and 101 is more"),
        (vec![("/parameters/0/default", json!(-1))], "E_MANIFEST_SCHEMA", "at least 0"),
        (vec![("/parameters/0/default", json!("1.5"))], "E_MANIFEST_SCHEMA", "whole number"),
        (vec![("/parameters/0/max", json!(1u64 << 31))], "E_MANIFEST_SCHEMA", "32 bits"),
        (vec![("/parameters/0/min", json!(200))], "E_MANIFEST_SCHEMA", "`min` is above `max`"),
        (vec![("/parameters/0/name", json!("prioR"))], "E_MANIFEST_SCHEMA", "is not a name"),
        (vec![("/parameters/0/name", json!("growth"))], "E_MANIFEST_SCHEMA", "a word of the formula language"),
        (vec![("/inputs/0/name", json!("if"))], "E_MANIFEST_SCHEMA", "a word of the formula language"),
        (vec![("/parameters/0/name", json!("a"))], "E_MANIFEST_CLASH", "an input has the same name"),
        (vec![("/parameters/0/description", json!({ "zh": "先验" }))], "E_MANIFEST_SCHEMA", "\"en\""),
        (vec![("/parameters/0/title", json!({ "zh": "先验" }))], "E_MANIFEST_SCHEMA", "\"en\""),
        (vec![("/formula", json!("a / b"))], "E_MANIFEST_SCHEMA", "the parameter `prior` is not used"),
        (second("pri_or").to_vec(), "E_MANIFEST_CLASH", "differs only in underscores"),
        (second("prior").to_vec(), "E_MANIFEST_CLASH", "another parameter has the same name"),
        (vec![("/parameters", json!(many))], "E_MANIFEST_SCHEMA", "at most 16 parameters, and this has 17"),
    ] {
        let faults = parse(&with_parameter(&changes)).expect("it parses").check();
        assert!(
            faults.iter().any(|fault| fault.code == code && fault.to_string().contains(part)),
            "expected {code} with `{part}`, found {faults:?}"
        );
    }
    for (change, part) in [
        (json!(0.5), "as a string"),
        (json!("half"), "not an exact decimal"),
        (json!("1_0"), "not an exact decimal"),
        (json!(".5"), "not an exact decimal"),
        (json!(true), "expected a number"),
    ] {
        let fault = parse(&with_parameter(&[("/parameters/0/default", change)])).expect_err("it must be refused");
        assert!(fault.place.starts_with("metrics[0].parameters[0].default") && fault.message.contains(part), "{fault}");
    }
}

#[test]
fn an_example_is_what_the_formula_comes_to() {
    let example = json!({ "inputs": { "a": 3, "b": "0.50" }, "parameters": { "prior": 1 }, "value": 2 });
    let unknown = json!({ "inputs": { "a": 3 }, "null": true });
    let pack = parse(&with_parameter(&[("/examples", json!([example, unknown]))])).expect("it parses");
    assert_eq!(pack.check(), []);
    assert_eq!(Pack::parse(&serde_json::to_vec(&pack).unwrap()), Ok(pack), "what is written can be read");
    for (example, part) in [
        (json!({ "inputs": { "a": 3, "b": 0 }, "value": 2 }), "examples[0]: it says 2, and the formula comes to 1.5"),
        (json!({ "inputs": { "a": 3 }, "value": 2 }), "comes to nothing, since `b` is not known"),
        (json!({ "inputs": { "a": 3, "b": 1 }, "null": true }), "it says nothing, and the formula comes to 1"),
        (json!({ "inputs": { "c": 3 }, "null": true }), "no input `c`"),
        (json!({ "parameters": { "c": 3 }, "null": true }), "no parameter `c`"),
        (json!({ "parameters": { "prior": 101 }, "null": true }), "at most 100"),
    ] {
        let faults = parse(&with_parameter(&[("/examples", json!([example]))])).expect("it parses").check();
        assert!(faults.iter().any(|fault| fault.code == "E_MANIFEST_SCHEMA" && fault.to_string().contains(part)), "{part}: {faults:?}");
    }
    for (example, part) in [
        (json!({ "inputs": { "a": 3 } }), "neither a `value` nor"),
        (json!({ "value": 1, "null": true }), "both"),
        (json!({ "value": 0.5 }), "as a string"),
        (json!({ "inputs": { "a": 0.5 }, "null": true }), "as a string"),
        (json!({ "result": 1 }), "unknown field"),
    ] {
        let fault = parse(&with_parameter(&[("/examples", json!([example]))])).expect_err("it must be refused");
        assert!(fault.place.starts_with("metrics[0].examples[0]") && fault.message.contains(part), "{fault}");
    }
}

#[test]
fn a_metric_may_say_what_it_means() {
    let mut manifest = with("/metrics/0/synonyms", json!({ "en": ["Share"], "zh": ["比率", "占比"] }));
    for (word, value) in [("vendor", "Acme Ltd"), ("homepage", "https://acme.example/packs"), ("licence", "MIT")] {
        manifest[word] = json!(value);
    }
    let said = json!({
        "visibility": { "organisation_wide": { "minimum_group": 5 } },
        "intended_behaviour": { "en": "Ask twice." }, "side_effect": { "en": "Asking thrice.", "zh": "问三次。" },
        "bands": [{ "status": "off_track", "to": "0.4" }, { "status": "at_risk", "from": "0.40", "to": "0.6" }, { "status": "on_track", "from": "0.6" }]
    });
    manifest["metrics"][0].as_object_mut().unwrap().extend(said.as_object().unwrap().clone());
    let pack = parse(&manifest).expect("it parses");
    assert_eq!(pack.check(), []);
    let rate = &pack.metrics[0];
    assert_eq!((rate.visibility, rate.accumulation), (Visibility::OrganisationWide { minimum_group: 5 }, Accumulation::Rate));
    assert_eq!(rate.perspective(), Some(Perspective::Customer));
    let stands = ["-1", "0.4", "0.599", "0.6", "7"].map(|value| rate.band(value.parse().unwrap()).unwrap());
    assert_eq!(stands, [Status::OffTrack, Status::AtRisk, Status::AtRisk, Status::OnTrack, Status::OnTrack]);
    assert_eq!(Pack::parse(&serde_json::to_vec(&pack).unwrap()), Ok(pack), "what is written can be read");
}

/// A metric that is the first input alone.
fn single(changes: Value) -> Value {
    let mut manifest = with("/metrics/0/formula", json!("a"));
    let metric = manifest["metrics"][0].as_object_mut().unwrap();
    metric["inputs"].as_array_mut().unwrap().truncate(1);
    metric.extend(changes.as_object().unwrap().clone());
    manifest
}

#[test]
fn what_a_metric_means_must_fit_what_it_is() {
    let bands = |bands: &[(&str, Option<&str>, Option<&str>)]| {
        let band = |(status, from, to): &(&str, Option<&str>, Option<&str>)| {
            let mut band = json!({ "status": status });
            for (word, value) in [("from", from), ("to", to)] {
                value.iter().for_each(|value| band[word] = json!(value));
            }
            band
        };
        with("/metrics/0/bands", bands.iter().map(band).collect())
    };
    let input = |need: Value| json!([need]);
    let flow_of = |input: Value| {
        let mut manifest = sound();
        let metric = json!({ "key": "sum", "formula": "a", "accumulation": "flow", "inputs": [input] });
        let mut other = self::metric("sum", "a");
        other.as_object_mut().unwrap().extend(metric.as_object().unwrap().clone());
        manifest["metrics"].as_array_mut().unwrap().push(other);
        manifest
    };
    let level = |name: &str, shift: &str| json!({ "name": name, "measure": { "agg": "count", "source": "customers" }, "shift": shift });
    let mut change = with("/metrics/0/accumulation", json!("stock"));
    change["metrics"][0]["formula"] = json!("a - b");
    change["metrics"][0]["inputs"] = json!([level("a", "end"), level("b", "start")]);
    for (manifest, part) in [
        (bands(&[("off_track", None, Some("1")), ("on_track", Some("2"), None)]), "a gap between 1 and 2"),
        (bands(&[("off_track", None, Some("2")), ("on_track", Some("1"), None)]), "overlap between 1 and 2"),
        (bands(&[("off_track", None, None), ("on_track", Some("1"), None)]), "bands overlap"),
        (bands(&[("off_track", Some("0"), Some("1")), ("on_track", Some("1"), None)]), "a gap at an end"),
        (bands(&[("off_track", None, Some("1")), ("at_risk", Some("1"), Some("1")), ("on_track", Some("1"), None)]), "is empty"),
        (
            bands(&[("on_track", None, Some("1")), ("off_track", Some("1"), None)]),
            "direction up are off_track, at_risk, on_track, or off_track, on_track",
        ),
        (bands(&[("on_track", None, None)]), "direction up"),
        (with("/metrics/0/visibility", json!({ "organisation_wide": { "minimum_group": 2 } })), "3 or more"),
        (with("/metrics/0/accumulation", json!("flow")), "a sum or difference"),
        (single(json!({ "accumulation": "stock" })), "not read at the `start` or `end`"),
        (
            single(
                json!({ "accumulation": "flow", "inputs": input(json!({ "name": "a", "measure": { "agg": "distinct", "source": "orders", "of": "customer" } })) }),
            ),
            "do not add up",
        ),
        (
            single(
                json!({ "accumulation": "flow", "inputs": input(json!({ "name": "a", "measure": { "agg": "count", "source": "orders" }, "shift": "prev" })) }),
            ),
            "do not add up",
        ),
        (flow_of(json!({ "name": "a", "metric": "acme.rate" })), "`a` is the metric `acme.rate`, which does not add up so itself"),
        (flow_of(json!({ "name": "a", "metric": "acme.rate", "shift": "prev" })), "do not add up"),
        (change, "a level at one instant"),
        (with("/metrics/0/intended_behaviour", json!({ "zh": "多" })), "\"en\""),
        (with("/metrics/0/side_effect", json!({ "en": " " })), "is empty"),
        (with("/metrics/0/synonyms", json!({ "en": [] })), "there are none"),
        (with("/metrics/0/synonyms", json!({ "en": [" "] })), "one in \"en\" is empty"),
        (with("/metrics/0/synonyms", json!({ "en": ["rate"] })), "already a name of `rate`"),
        (with("/homepage", json!("acme.example")), "https://"),
        (with("/vendor", json!("")), "leave it out"),
    ] {
        let faults = parse(&manifest).expect("it parses").check();
        assert!(faults.iter().any(|fault| fault.to_string().contains(part)), "expected `{part}`, found {faults:?}");
    }
    let range = with("/metrics/0/direction", json!("range"));
    let none = with("/metrics/0/direction", json!("none"));
    let five = bands(&[
        ("off_track", None, Some("1")),
        ("at_risk", Some("1"), Some("2")),
        ("on_track", Some("2"), Some("3")),
        ("at_risk", Some("3"), Some("4")),
        ("off_track", Some("4"), None),
    ])["metrics"][0]["bands"]
        .clone();
    for (mut manifest, fault) in [(range, None), (none, Some("no better direction"))] {
        manifest["metrics"][0]["bands"] = five.clone();
        let faults = parse(&manifest).expect("it parses").check();
        assert_eq!(
            faults.first().map(|found| fault.is_some_and(|part| found.to_string().contains(part))),
            fault.map(|_| true),
            "{faults:?}"
        );
    }
    let stock = json!({ "name": "a", "measure": { "agg": "count", "source": "customers" }, "shift": "end" });
    for sound in [json!({ "accumulation": "flow" }), json!({ "accumulation": "stock", "inputs": [stock] })] {
        assert_eq!(parse(&single(sound)).expect("it parses").check(), []);
    }
}

#[test]
fn a_flow_is_made_of_flows_in_other_packs_too() {
    let of = |accumulation: &str| json!({ "accumulation": accumulation, "inputs": [{ "name": "a", "metric": "other.count" }] });
    let other = |accumulation: &str| {
        let mut other = single(json!({ "key": "count", "accumulation": accumulation }));
        other["id"] = json!("other");
        parse(&other).expect("it parses")
    };
    let (flow, rate) = (parse(&single(of("flow"))).expect("it parses"), parse(&single(of("rate"))).expect("it parses"));
    assert_eq!((flow.check(), flow.unlike(&[&other("flow")]), flow.unlike(&[])), (vec![], None, None));
    assert_eq!(flow.unlike(&[&other("rate")]), Some(("rate", "other.count")));
    assert_eq!(rate.unlike(&[&other("flow")]), None);
}

fn needing(pack: &str, key: &str, needed: &[&str]) -> Value {
    let names = ["a", "b", "c"];
    let mut metric = metric(key, &names[..needed.len()].join(" + "));
    metric["inputs"] = needed.iter().zip(names).map(|(needed, name)| json!({ "name": name, "metric": needed })).collect();
    json!({ "cp_manifest": 1, "id": pack, "version": "1.0.0", "title": { "en": "A" }, "metrics": [metric] })
}

#[test]
fn metrics_that_need_each_other_are_refused_with_their_path() {
    let mut manifest = needing("acme", "m1", &["acme.m2"]);
    for (key, needed) in [("m2", "acme.m3"), ("m3", "acme.m1")] {
        let metric = needing("acme", key, &[needed])["metrics"][0].clone();
        manifest["metrics"].as_array_mut().unwrap().push(metric);
    }
    let faults = parse(&manifest).expect("it parses").check();
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert_eq!(faults[0].code, "E_MANIFEST_CYCLE");
    assert!(faults[0].message.ends_with("acme.m1 -> acme.m2 -> acme.m3 -> acme.m1"), "{}", faults[0]);
}

#[test]
fn a_circle_through_two_packs_is_found_and_a_shared_need_is_none() {
    let pack = |id: &str, key: &str, needed: &[&str]| parse(&needing(id, key, needed)).expect("it parses");
    let (here, there) = (pack("here", "x", &["there.y"]), pack("there", "y", &["here.x"]));
    assert_eq!((here.check(), there.check()), (vec![], vec![]));
    assert_eq!(cycle(&[&here, &there]), Some(vec!["here.x".into(), "there.y".into(), "here.x".into()]));
    assert_eq!(here.foreign_needs(), [("x", "there.y")]);
    let shared = [pack("a", "x", &["c.x", "b.x"]), pack("b", "x", &["c.x"]), pack("c", "x", &["d.x"])];
    assert_eq!(cycle(&shared.iter().collect::<Vec<_>>()), None);
}

#[test]
fn types_at_the_border_are_read_and_written_and_decimals_where_nothing_is_said() {
    let plain = parse(&sound()).expect("it parses");
    assert_eq!((plain.metrics[0].inputs[0].number, plain.metrics[0].output.number), (NumberType::Decimal, NumberType::Decimal));
    assert_eq!(plain.first_typed(), None);
    assert!(!serde_json::to_string(&plain).expect("JSON").contains("\"type\""), "what is not said is not written");
    let mut typed = with("/metrics/0/inputs/0/type", json!("integer"));
    typed["metrics"][0]["inputs"][1]["type"] = json!("float");
    typed["metrics"][0]["output"] = json!({ "type": "float" });
    let pack = parse(&typed).expect("it parses");
    assert_eq!(pack.check(), []);
    assert_eq!(parse(&serde_json::to_value(&pack).expect("JSON")), Ok(pack.clone()), "it is read as it was written");
    assert_eq!(pack.first_typed().as_deref(), Some("metrics[0] `rate` input `a` is of type `integer`"));
    for (manifest, first) in [
        (with("/metrics/0/output", json!({ "type": "float" })), "output is of type `float`"),
        (with_parameter(&[("/parameters/0/type", json!("float"))]), "parameter `prior` is of type `float`"),
    ] {
        let pack = parse(&manifest).expect("it parses");
        assert_eq!(pack.check(), []);
        assert!(pack.first_typed().is_some_and(|told| told.ends_with(first)), "{first}");
    }
}

#[test]
fn what_is_not_whole_is_no_integer_and_money_is_no_float() {
    let input = |need: Value, number: &str| {
        let mut input = json!({ "name": "a", "type": number });
        input.as_object_mut().expect("an object").extend(need.as_object().expect("an object").clone());
        with("/metrics/0/inputs/0", input)
    };
    let measure = |agg: &str, source: &str, of: &str| json!({ "measure": { "agg": agg, "source": source, "of": of } });
    let output = |kind: &str, unit: &str, number: &str| {
        let mut manifest = with("/metrics/0/output", json!({ "type": number }));
        (manifest["metrics"][0]["kind"], manifest["metrics"][0]["unit"]) = (json!(kind), json!(unit));
        manifest
    };
    for (manifest, place, part) in [
        (input(measure("sum", "orders", "amount"), "float"), "input `a`", "it is money"),
        (input(measure("avg", "orders", "amount"), "float"), "input `a`", "give it the type `decimal`"),
        (input(measure("sum", "orders", "amount"), "integer"), "input `a`", "is for what is whole"),
        (input(json!({ "metric": "acme.rate", "shift": "prev" }), "integer"), "input `a`", "is for what is whole"),
        (input(json!({ "metric": "sales.amount" }), "float"), "input `a`", "of another pack"),
        (output("money", "money", "float"), "output", "never a `float`"),
        (output("money", "money", "integer"), "output", "leave the type out"),
        (output("ratio", "ratio", "integer"), "output", "is for what is whole"),
    ] {
        let faults = parse(&manifest).expect("it parses").check();
        let found = faults.iter().any(|fault| {
            fault.code == "E_MANIFEST_SCHEMA" && fault.place == format!("metrics[0] `rate` {place}") && fault.message.contains(part)
        });
        assert!(found, "{part}: {faults:?}");
    }
    for sound in [
        input(measure("distinct", "orders", "customer"), "integer"),
        input(measure("avg", "survey_responses", "score"), "float"),
        output("score", "points", "float"),
        output("count", "count", "integer"),
    ] {
        assert_eq!(parse(&sound).expect("it parses").check(), []);
    }
    let money = with_parameter(&[("/parameters/0/type", json!("float")), ("/parameters/0/unit", json!("money"))]);
    let faults = parse(&money).expect("it parses").check();
    assert!(faults.iter().any(|fault| fault.place.ends_with("parameter `prior`") && fault.message.contains("it is money")), "{faults:?}");
    let fault = parse(&with("/metrics/0/output", json!({ "type": "double" }))).expect_err("no such type");
    assert!(fault.message.contains("double") && fault.message.contains("float"), "{fault}");
}
