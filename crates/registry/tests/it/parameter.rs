//! Parameters across the border: what is set reaches the pack, in the order of the manifest and as it was declared.

use registry::{Column, Registry};
use rust_decimal::Decimal;
use serde_json::json;

use crate::build::{Folder, rust_packs};
use crate::sample::{Source, manifest, manifest_macro};

fn settable() -> (Folder, Registry) {
    let folder = Folder::with(&rust_packs(&["-p", "pack-sdk", "--example", "settable"]));
    let (registry, refusals) = folder.open();
    assert_eq!(refusals, []);
    (folder, registry)
}

fn column(values: &[i64]) -> Column {
    Column { scale: 0, values: values.iter().map(|value| Some(Decimal::from(*value))).collect() }
}

fn decimal(text: &str) -> Decimal {
    text.parse().expect("a decimal")
}

#[test]
fn what_is_set_is_computed_with_and_otherwise_the_default() {
    let (_folder, registry) = settable();
    let metric = |key: &str| registry.snapshot().metric(key).expect("it is there");
    let (rate, points) = (metric("settable.shrunk_rate"), metric("settable.points"));
    let columns = [column(&[1, 6]), column(&[2, 8])];
    assert_eq!(rate.pack.manifest().vendor.as_deref(), Some("Acme"));
    assert_eq!(rate.metric().defaults(), [decimal("2")]);
    assert_eq!(rate.evaluate(&columns, &rate.metric().defaults(), 2), Ok(vec![Some(decimal("0.25")), Some(decimal("0.6"))]));
    assert_eq!(rate.evaluate(&columns, &[decimal("0.0")], 2), Ok(vec![Some(decimal("0.5")), Some(decimal("0.75"))]));
    assert_eq!(
        points.evaluate(&columns[..1], &[decimal("-1.25"), decimal("3")], 2),
        Ok(vec![Some(decimal("-4.25")), Some(decimal("-10.5"))])
    );
    let judged = metric("settable.judged").evaluate(&[column(&[2, 1, 0]), column(&[3, 1, 0])], &[decimal("0")], 3);
    assert_eq!(judged, Ok(vec![Some(decimal("0.335")), Some(decimal("0.5")), Some(decimal("-1"))]));
    assert_eq!(metric("settable.plain").evaluate(&columns[..1], &[], 2), Ok(columns[0].values.clone()));
    // Where only a filter compares with it, the host does: the pack gets it and has no use for it.
    assert_eq!(metric("settable.old_cases").evaluate(&columns[..1], &[decimal("30")], 2), Ok(columns[0].values.clone()));
}

#[test]
fn values_that_a_parameter_cannot_have_reach_no_pack() {
    let (_folder, registry) = settable();
    let rate = registry.snapshot().metric("settable.shrunk_rate").expect("it is there");
    let columns = [column(&[1]), column(&[2])];
    for (parameters, part) in [
        (vec![], "1 parameters, and 0 values came"),
        (vec![decimal("1"), decimal("1")], "2 values came"),
        (vec![decimal("101")], "at most 100"),
        (vec![decimal("-1")], "at least 0"),
        (vec![decimal("1.5")], "whole number"),
    ] {
        let fault = rate.evaluate(&columns, &parameters, 1).expect_err("it is refused");
        assert_eq!(fault.code, "E_INPUT");
        assert!(fault.message.contains("settable.shrunk_rate") && fault.message.contains(part), "{fault}");
    }
}

#[test]
fn a_pack_in_c_reads_its_parameters_as_they_were_declared() {
    let mut described = manifest("test");
    described["metrics"][0]["formula"] = json!("a + whole + exact");
    described["metrics"][0]["parameters"] = json!([
        { "name": "whole", "description": { "en": "Whole." }, "type": "integer", "default": -7 },
        { "name": "exact", "description": { "en": "Exact." }, "type": "decimal", "default": "-0.250" }
    ]);
    let first = "const cp_value *set = call->params;
        if (call->n_params != 2 || set[0].type != CP_I64 || set[1].type != CP_D128 || set[1].scale != 3) return CP_E_INPUT;
        if (set[0].as.i64 != -7 || set[1].as.d128.hi != -1 || (int64_t)set[1].as.d128.lo != -250) return CP_E_COMPUTE;
        return CP_OK;";
    let folder = Folder::new();
    Source { manifest: manifest_macro(&described.to_string()), ..Source::doing("test", first) }
        .compile(&folder.packs().join("pack.so"), &[]);
    let (registry, refusals) = folder.open();
    assert_eq!(refusals, []);
    let metric = registry.snapshot().metric("test.same").expect("it is there");
    assert_eq!(metric.evaluate(&[column(&[1])], &metric.metric().defaults(), 1), Ok(vec![None]));
}
