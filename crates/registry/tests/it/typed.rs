//! Columns of integers and of doubles: what comes through, what does not and with which code, in the service's process and in another.

use manifest::NumberType;
use registry::{Column, Fault, MetricRef};
use rust_decimal::Decimal;
use serde_json::json;

use crate::build::{Folder, rust_packs};
use crate::sample::{Source, manifest, manifest_macro};

/// A value at which the packs below do something else, and which neither probe nor kit sends.
const TRIGGER: i64 = 123_456_789;

/// A pack in C whose one metric is its input, in such numbers; `then` is done in the row of the trigger.
fn source(number: NumberType, then: &str) -> Source {
    let mut manifest = manifest("test");
    manifest["metrics"][0]["inputs"][0]["type"] = json!(number.name());
    manifest["metrics"][0]["output"] = json!({ "type": number.name() });
    let (c_type, c_name) = if number == NumberType::Integer { ("int64_t", "CP_I64") } else { ("double", "CP_F64") };
    let body = format!(
        r#"
static int32_t evaluate(const cp_call *call, cp_err *err) {{
  const cp_col *in = call->inputs;
  const {c_type} *value = (const {c_type} *)in->data;
  {c_type} *out = (({c_type} *)call->out->data);
  (void)err;
  if (in->type != {c_name} || in->scale != 0 || call->out->type != {c_name} || call->out->scale != 0) return CP_E_UNSUPPORTED;
  for (uint64_t row = 0; row < call->n_rows; row++) {{
    if (in->validity && !(in->validity[row / 8] >> (row % 8) & 1)) {{
      if (value[row] != 0) return CP_E_INTERNAL;
      continue;
    }}
    call->out->validity[row / 8] |= (uint8_t)(1 << row % 8);
    if (value[row] == {TRIGGER}) {{ {then} }}
    out[row] = value[row];
  }}
  return CP_OK;
}}"#
    );
    Source { manifest: manifest_macro(&manifest.to_string()), body, ..Source::sound("test") }
}

fn compile(number: NumberType, then: &str, flags: &[&str]) -> Folder {
    let folder = Folder::new();
    source(number, then).compile(&folder.packs().join("pack.so"), flags);
    folder
}

const NEWER: &[&str] = &["-DCP_PACK_MINOR=1"];

/// The metric in the service's process, and in one of its own.
fn in_both(folder: &Folder, key: &str) -> [MetricRef; 2] {
    [folder.open(), folder.open_apart()].map(|(registry, refusals)| {
        assert_eq!(refusals, []);
        registry.snapshot().metric(key).expect("it is there")
    })
}

fn column(values: &[Option<&str>]) -> Column {
    Column { scale: 4, values: values.iter().map(|value| value.map(|value| value.parse().expect("a number"))).collect() }
}

fn ask(metric: &MetricRef, values: &[Option<&str>]) -> Result<Vec<Option<Decimal>>, Fault> {
    metric.evaluate(&[column(values)], &[], values.len())
}

#[test]
pub fn integers_come_through_up_to_their_extremes() {
    let extremes = [Some("9223372036854775807"), None, Some("-9223372036854775807"), Some("0"), Some("-1")];
    for metric in in_both(&compile(NumberType::Integer, "", NEWER), "test.same") {
        assert_eq!(ask(&metric, &extremes), Ok(column(&extremes).values));
        for beyond in ["9223372036854775808", "-9223372036854775808", "79228162514264337593543950335"] {
            let fault = ask(&metric, &[Some("1"), Some(beyond)]).expect_err("no room");
            assert_eq!((fault.code.as_str(), fault.row), ("E_INPUT", Some(1)), "{beyond}: {fault}");
        }
        let rows = 64 * 1024 + 65;
        assert_eq!(ask(&metric, &vec![Some("7"); rows]), Ok(vec![Some(7.into()); rows]));
    }
}

#[test]
pub fn doubles_come_through_as_they_are_printed() {
    let values = [Some("0.1"), None, Some("-123456789.0125"), Some("0"), Some("1000000000000000000000000")];
    for metric in in_both(&compile(NumberType::Float, "", NEWER), "test.same") {
        assert_eq!(ask(&metric, &values), Ok(column(&values).values));
        let rows = 64 * 1024 + 65;
        assert_eq!(ask(&metric, &vec![Some("0.3"); rows]), Ok(vec![Some(Decimal::new(3, 1)); rows]));
    }
}

#[test]
pub fn what_is_no_number_or_infinite_is_told_with_its_row() {
    for (row, what, then, code) in [
        (46, "NaN", "out[row] = 0.0 / (value[row] - value[row]); continue;", "F_NOT_FINITE"),
        (46, "NaN with other bits", "((uint64_t *)out)[row] = CP_POISON_F64 + 1; continue;", "F_NOT_FINITE"),
        (47, "infinite", "out[row] = 1e308 * value[row]; continue;", "F_NOT_FINITE"),
        (47, "infinite and negative", "out[row] = -1e308 * value[row]; continue;", "F_NOT_FINITE"),
        (47, "beyond any decimal", "out[row] = 1e29; continue;", "F_DECIMAL_RANGE"),
        (48, "valid, and nothing written", "continue;", "F_VALID_BUT_UNWRITTEN"),
        (48, "valid, and poison written", "((uint64_t *)out)[row] = CP_POISON_F64; continue;", "F_VALID_BUT_UNWRITTEN"),
    ] {
        for metric in in_both(&compile(NumberType::Float, then, NEWER), "test.same") {
            let fault = ask(&metric, &[Some("1"), None, Some("123456789"), Some("2")]).expect_err("it is wrong");
            assert_eq!((fault.code.as_str(), fault.row), (code, Some(2)), "row {row}, {what}: {fault}");
            assert_eq!(ask(&metric, &[Some("2")]), Ok(vec![Some(2.into())]), "the next batch is another");
        }
    }
}

#[test]
pub fn a_result_too_small_for_twelve_places_is_zero() {
    for (what, tiny) in [("denormal", "5e-324"), ("the smallest that is not", "2.2250738585072014e-308"), ("a half", "5e-13")] {
        let then = format!("out[row] = (row & 1 ? -1 : 1) * {tiny}; continue;");
        for metric in in_both(&compile(NumberType::Float, &then, NEWER), "test.same") {
            assert_eq!(ask(&metric, &[Some("123456789"), Some("123456789")]), Ok(vec![Some(0.into()); 2]), "{what}");
        }
    }
}

/// The probe sends doubles that no fact comes to.
#[test]
pub fn a_pack_that_cannot_tell_denormals_from_zero_is_found() {
    let folder = Folder::new();
    let sound = source(NumberType::Float, "");
    let first =
        "if (row == 0 && value[row] != 0 && value[row] < 1e-300 && value[row] > -1e-300) { volatile int *nowhere = 0; *nowhere = 1; }";
    let body = sound.body.replace("out[row] = value[row];", &format!("{first}\n    out[row] = value[row];"));
    Source { body, ..sound }.compile(&folder.packs().join("pack.so"), &["-DCP_PACK_MINOR=1", "-w"]);
    let (_, refusals) = folder.open_apart();
    let refusal = refusals.first().expect("it is refused");
    assert!(refusal.code == "F_CHILD_DIED" && refusal.message.contains("extreme values"), "{refusal}");
}

#[test]
fn an_integer_that_was_not_written_is_not_the_least_one() {
    for then in ["continue;", "out[row] = CP_POISON_I64; continue;"] {
        for metric in in_both(&compile(NumberType::Integer, then, NEWER), "test.same") {
            let fault = ask(&metric, &[Some("1"), Some("123456789")]).expect_err("it is wrong");
            assert_eq!((fault.code.as_str(), fault.row), ("F_VALID_BUT_UNWRITTEN", Some(1)), "{fault}");
        }
    }
}

#[test]
pub fn a_pack_says_that_it_needs_the_newer_border_or_is_refused() {
    let (_, refusals) = compile(NumberType::Float, "", &[]).open();
    let refusal = refusals.first().expect("it is refused");
    assert_eq!(refusal.code, "E_ABI_MINOR");
    for part in ["metrics[0] `same` input `a` is of type `float`", "needs version 1.1", "found 1.0", "CP_PACK_MINOR"] {
        assert!(refusal.message.contains(part), "{part}: {refusal}");
    }
}

#[test]
fn a_pack_without_code_has_no_types() {
    let folder = Folder::new();
    let text = include_str!("../../../../plugins/examples/toml/pack.toml").replacen("formula = ", "output.type = \"float\"\nformula = ", 1);
    std::fs::write(folder.packs().join("pack.toml"), text).expect("written");
    let (_, refusals) = folder.open();
    let refusal = refusals.first().expect("it is refused");
    assert_eq!(refusal.code, "E_MANIFEST_SCHEMA");
    assert!(refusal.message.contains("output is of type `float`") && refusal.message.contains("leave the type out"), "{refusal}");
}

#[test]
fn estimates_in_rust_pass_the_kit_beside_exact_metrics() {
    let folder = Folder::with(&rust_packs(&["-p", "pack-sdk", "--example", "estimates"]));
    let decimal = |text: &str| text.parse::<Decimal>().expect("a decimal");
    let columns = |first: &[Option<&str>], second: &[Option<&str>]| [column(first), column(second)];
    let [smoothed, _] = in_both(&folder, "estimates.smoothed");
    assert_eq!(smoothed.metric().output.number, NumberType::Float);
    for metric in in_both(&folder, "estimates.smoothed") {
        let inputs = columns(&[Some("3"), None, Some("0")], &[Some("5"), Some("1"), Some("0")]);
        let values = metric.evaluate(&inputs, &[decimal("0.3"), decimal("4")], 3);
        assert_eq!(values, Ok(vec![Some(decimal("0.466666666667")), None, Some(decimal("0.3"))]));
        let values = metric.evaluate(&inputs, &[decimal("0.3"), decimal("0")], 3);
        assert_eq!(values, Ok(vec![Some(decimal("0.6")), None, None]), "a division by zero has no value");
    }
    for metric in in_both(&folder, "estimates.chance") {
        let values = metric.evaluate(&columns(&[Some("4"), Some("0"), None], &[Some("10"), Some("1000000"), Some("1")]), &[], 3);
        assert_eq!(values, Ok(vec![Some(decimal("0.5")), Some(decimal("0")), None]));
    }
    for metric in in_both(&folder, "estimates.contrast") {
        let values = metric.evaluate(&columns(&[Some("1234.5"), Some("1")], &[Some("0.5"), Some("-1")]), &[], 2);
        assert_eq!(values, Ok(vec![Some(decimal("0.999190283401")), None]));
    }
    for metric in in_both(&folder, "estimates.twice") {
        assert_eq!(metric.evaluate(&[column(&[Some("4"), None])], &[], 2), Ok(vec![Some(8.into()), None]));
        let fault = metric.evaluate(&[column(&[Some("1"), Some("9223372036854775807")])], &[], 2).expect_err("too large");
        assert_eq!((fault.code.as_str(), fault.row), ("E_OVERFLOW", Some(1)));
    }
    for metric in in_both(&folder, "estimates.each") {
        let values = metric.evaluate(&columns(&[Some("100.25"), Some("7")], &[Some("3"), Some("0")]), &[], 2);
        assert_eq!(values, Ok(vec![Some(decimal("33.416666666667")), None]));
    }
}
