//! The standard packs load, and give what their definitions say.

use registry::Column;
use rust_decimal::Decimal;

use crate::build::{Folder, rust_packs};

fn standard() -> Folder {
    Folder::with(&rust_packs(&["-p", "sales"]))
}

fn counts(values: &[Option<i64>]) -> Column {
    Column { scale: 0, values: values.iter().map(|value| value.map(Decimal::from)).collect() }
}

#[test]
fn a_pack_loads_and_gives_values_and_nulls() {
    let folder = standard();
    let (registry, refusals) = folder.open();
    assert_eq!(refusals, []);
    let rate = registry.snapshot().metric("sales.opportunity_conversion_rate").expect("the metric is there");
    assert_eq!((rate.key().as_str(), rate.formula().text()), ("sales.opportunity_conversion_rate", "won / (won + lost)"));
    let values = rate.evaluate(&[counts(&[Some(4238), Some(0), None, Some(1)]), counts(&[Some(2473), Some(0), Some(1), Some(2)])], 4);
    assert_eq!(values.expect("no fault"), [Some("0.631500521532".parse().unwrap()), None, None, Some("0.333333333333".parse().unwrap())]);
}
