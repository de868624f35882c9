//! The standard packs load, and give what their definitions say.

use std::path::PathBuf;
use std::sync::LazyLock;

use manifest::Null;
use registry::{Column, MetricRef, Snapshot};
use rust_decimal::Decimal;

use crate::build::{Folder, rust_packs};

pub fn standard() -> Folder {
    static FILES: LazyLock<Vec<PathBuf>> = LazyLock::new(|| rust_packs(&["-p", "sales", "-p", "service", "-p", "marketing"]));
    Folder::with(&FILES)
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
    let values = rate.evaluate(&[counts(&[Some(4238), Some(0), None, Some(1)]), counts(&[Some(2473), Some(0), Some(1), Some(2)])], &[], 4);
    assert_eq!(values.expect("no fault"), [Some("0.631500521532".parse().unwrap()), None, None, Some("0.333333333333".parse().unwrap())]);
}

/// Every metric of every pack.
fn metrics(snapshot: &Snapshot) -> Vec<MetricRef> {
    let of = |pack: &std::sync::Arc<registry::LoadedPack>| {
        (0..pack.manifest().metrics.len() as u32).map(|index| MetricRef { pack: pack.clone(), index }).collect::<Vec<_>>()
    };
    snapshot.packs().iter().flat_map(of).collect()
}

/// Numbers that look random and are the same in every run (the constants of Knuth's MMIX).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        self.0 >> 33
    }

    /// Nothing, zero, small, large, negative: what makes formulas take their turns.
    fn value(&mut self, scale: u32) -> Option<Decimal> {
        let mantissa = match self.next() % 8 {
            0 => return None,
            1 => 0,
            2 => (self.next() % 5) as i64,
            3 => -(self.next() as i64),
            _ => self.next() as i64,
        };
        Some(Decimal::new(mantissa, scale.min(6)))
    }
}

#[test]
pub fn every_metric_computes_what_its_formula_says() {
    const ROWS: usize = 500;
    let folder = standard();
    let (registry, _) = folder.open();
    let mut numbers = Numbers(1);
    for metric in metrics(&registry.snapshot()) {
        let inputs = &metric.metric().inputs;
        let columns: Vec<Column> = inputs
            .iter()
            .map(|input| Column { scale: input.scale(), values: (0..ROWS).map(|_| numbers.value(input.scale())).collect() })
            .collect();
        let values =
            metric.evaluate(&columns, &metric.metric().defaults(), ROWS).unwrap_or_else(|fault| panic!("{}: {fault}", metric.key()));
        for (row, value) in values.iter().enumerate() {
            let variable = |name: &str| columns[inputs.iter().position(|input| input.name == name).expect("an input")].values[row];
            let expected = metric.formula().evaluate(&variable);
            assert_ne!(expected, Err(Null::Overflow), "{}", metric.key());
            assert_eq!(*value, expected.ok().map(|value| value.round_dp(12)), "{} = {} in row {row}", metric.key(), metric.formula());
        }
        assert!(values.iter().any(Option::is_some), "{} is null in every row", metric.key());
    }
}

#[test]
fn the_packs_have_the_metrics_that_others_rely_on() {
    let folder = standard();
    let snapshot = folder.open().0.snapshot();
    let ids: Vec<&str> = snapshot.packs().iter().map(|pack| pack.manifest().id.as_str()).collect();
    assert_eq!(ids, ["marketing", "sales", "service"]);
    for pack in snapshot.packs() {
        assert!(pack.manifest().metrics.len() >= 15, "{} has too few metrics", pack.manifest().id);
        for metric in &pack.manifest().metrics {
            assert!(metric.title.contains_key("zh") && metric.description.contains_key("zh"), "{} lacks Chinese", metric.key);
        }
    }
    for pack in snapshot.packs() {
        let metrics = &pack.manifest().metrics;
        let says = |what: fn(&manifest::Metric) -> bool| metrics.iter().filter(|metric| what(metric)).count() >= 3;
        assert!(says(|metric| !metric.bands.is_empty()), "{} says of few metrics what is good", pack.manifest().id);
        assert!(
            says(|metric| metric.intended_behaviour.contains_key("zh") && metric.side_effect.contains_key("zh")),
            "{} says of few metrics what they do to people",
            pack.manifest().id
        );
        assert!(says(|metric| metric.accumulation == manifest::Accumulation::Flow), "{} has few flows", pack.manifest().id);
    }
    for key in ["sales.amount", "sales.cycle_days", "service.csat_rate", "marketing.market_share", "marketing.churn_rate"] {
        assert_eq!(snapshot.metric(key).expect(key).key(), key);
    }
    for unknown in ["sales.gone", "gone.amount", "amount", "", "sales."] {
        assert!(snapshot.metric(unknown).is_none(), "{unknown}");
    }
}

#[test]
fn columns_longer_than_a_chunk_keep_their_order() {
    let folder = standard();
    let rate = folder.open().0.snapshot().metric("sales.win_loss_ratio").expect("the metric is there");
    let rows = 64 * 1024 * 2 + 3;
    let won = Column { scale: 0, values: (0..rows).map(|row| Some(Decimal::from(row))).collect() };
    let lost = Column { scale: 0, values: vec![Some(1.into()); rows] };
    let values = rate.evaluate(&[won.clone(), lost.clone()], &[], rows).expect("no fault");
    assert_eq!(values, won.values);
    assert_eq!(rate.evaluate(&[Column { scale: 0, values: vec![] }, Column { scale: 0, values: vec![] }], &[], 0), Ok(vec![]));
}

#[test]
fn columns_that_do_not_fit_the_metric_are_refused() {
    let folder = standard();
    let rate = folder.open().0.snapshot().metric("sales.win_loss_ratio").expect("the metric is there");
    let one = counts(&[Some(1)]);
    for columns in [vec![], vec![one.clone()], vec![one.clone(), counts(&[Some(1), Some(2)])]] {
        assert_eq!(rate.evaluate(&columns, &[], 1).expect_err("it is refused").code, "E_INPUT");
    }
    let huge = Column { scale: 28, values: vec![Some(Decimal::MAX)] };
    assert_eq!(rate.evaluate(&[one, huge], &[], 1).expect_err("it is refused").row, Some(0));
}

#[test]
fn a_result_too_large_fails_with_its_row() {
    let folder = standard();
    let amount = folder.open().0.snapshot().metric("sales.amount").expect("the metric is there");
    let column = Column { scale: 0, values: vec![Some(1.into()), Some(Decimal::MAX)] };
    let fault = amount.evaluate(&[column], &[], 2).expect_err("it is too large");
    assert_eq!((fault.code.as_str(), fault.row), ("E_OVERFLOW", Some(1)));
}
