use crate::measure::{Filter, Literal};
use crate::pack::{Need, Pack};

const SOUND: &str = r#"
cp_manifest = 1
id = "acme"
version = "1.0.0"
title.en = "Acme"

[[metrics]]
key = "rate"
title = { en = "Rate", zh = "率" }
description.en = "Large orders over leads and a prior."
kind = "ratio"
unit = "ratio"
direction = "up"
class = "NQSR-T/CUS"
source = "test"
formula = "large / (leads + prior)"

[[metrics.inputs]]
name = "large"
measure = { agg = "count", source = "orders", where = { amount = { gte = "0.50" }, fulfilment = ["60", 120] } }

[[metrics.inputs]]
name = "leads"
shift = "prev"
[metrics.inputs.measure]
agg = "count"
source = "leads"

[[metrics.parameters]]
name = "prior"
description.en = "A prior."
type = "decimal"
default = "0.5"
max = 10
"#;

#[test]
fn a_manifest_in_toml_is_the_manifest_in_json() {
    let pack = Pack::parse_toml(SOUND.as_bytes()).expect("it parses");
    assert_eq!(pack.check(), []);
    assert_eq!(pack.metrics[0].defaults(), ["0.5".parse().unwrap()]);
    let Need::Measure(measure) = &pack.metrics[0].inputs[0].need else { panic!("a measure") };
    assert_eq!(measure.filter["fulfilment"], Filter::OneOf(vec![Literal::Number(60.into()), Literal::Number(120.into())]));
    assert_eq!(Pack::parse(&serde_json::to_vec(&pack).unwrap()), Ok(pack));
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    let with = |from: &str, to: &str| {
        assert!(SOUND.contains(from), "{from}");
        SOUND.replacen(from, to, 1).into_bytes()
    };
    for (text, code, place, part) in [
        (b"id = \"a\"\n\xff".to_vec(), "E_MANIFEST_UTF8", "", "byte 9"),
        (with("version =", "version"), "E_MANIFEST_TOML", "line 4", ""),
        (with("id = \"acme\"", "id = \"acme\"\nid = \"other\""), "E_MANIFEST_DUPKEY", "line 4", "`id` stands twice"),
        (with("agg = \"count\"\n", "agg = \"count\"\nagg = \"sum\"\n"), "E_MANIFEST_DUPKEY", "line 27", "`agg`"),
        (with("kind =", "colour = \"red\"\nkind ="), "E_MANIFEST_SCHEMA", "line 11, metrics[0].colour", "unknown field"),
        (with("\"orders\"", "\"deals\""), "E_MANIFEST_SCHEMA", "line 20, metrics[0].inputs[0]", "deals"),
        (with("\"0.50\"", "0.50"), "E_MANIFEST_SCHEMA", "line 20, metrics[0].inputs[0]", "as a string"),
        (with("\"0.5\"", "0.5"), "E_MANIFEST_SCHEMA", "line 33, metrics[0].parameters[0].default", "as a string"),
        (with("version = \"1.0.0\"", "version = 1"), "E_MANIFEST_SCHEMA", "line 4, version", "string"),
        (with("shift = \"prev\"", "metric = \"acme.rate\""), "E_MANIFEST_SCHEMA", "line 18, metrics[0].inputs[1]", "both"),
        (with("\"1.0.0\"", "1979-05-27"), "E_MANIFEST_SCHEMA", "line 4, version", "expected a string"),
        (with("[\"60\", 120]", &"[".repeat(5000)), "E_MANIFEST_DEPTH", "line 20", "too deep"),
        (with("\nid = \"acme\"", ""), "E_MANIFEST_SCHEMA", "", "missing field `id`"),
    ] {
        let fault = Pack::parse_toml(&text).expect_err("it must be refused");
        assert_eq!(fault.code, code, "{fault}");
        assert!(fault.place.starts_with(place) && fault.message.contains(part), "{place}: {fault}");
    }
}
