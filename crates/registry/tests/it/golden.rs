//! Packs that were built for a version of the border and are never built again: this build must load and call them.

use std::path::PathBuf;

use registry::Column;
use rust_decimal::Decimal;

use crate::build::Folder;

/// Of this machine's kind or not: the files are of one.
fn golden() -> Vec<PathBuf> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden");
    let entries = std::fs::read_dir(folder).expect("the golden packs are there");
    let files: Vec<PathBuf> =
        entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.extension().is_some_and(|ending| ending == "so")).collect();
    assert!(files.len() >= 4, "golden packs are missing: {files:?}");
    files
}

fn counts(values: &[Option<i64>]) -> Column {
    Column { scale: 0, values: values.iter().map(|value| value.map(Decimal::from)).collect() }
}

#[cfg(target_arch = "x86_64")]
#[test]
fn packs_of_every_version_load_and_compute_what_they_always_did() {
    let folder = Folder::with(&golden());
    for (registry, refusals) in [folder.open(), folder.open_apart()] {
        assert_eq!(refusals, []);
        compute(&registry);
        compute_in_floats(&registry);
    }
}

#[cfg(target_arch = "x86_64")]
fn compute(registry: &registry::Registry) {
    for key in ["acme_visits.visits_per_win", "acme_calls.calls_per_win"] {
        let metric = registry.snapshot().metric(key).expect(key);
        assert_eq!(metric.pack.manifest().version, "0.1.0");
        let of = |dividends, divisors, rows| {
            metric.evaluate(&[counts(dividends), counts(divisors)], &[], rows).unwrap_or_else(|fault| panic!("{key}: {fault}"))
        };
        let values = of(&[Some(7), Some(-2), Some(3), None, Some(0), None], &[Some(2), Some(3), Some(0), Some(1), Some(5), None], 6);
        let expected = ["3.5", "-0.666666666667"].map(|text| Some(text.parse::<Decimal>().expect("a number")));
        assert_eq!(values, [expected[0], expected[1], None, None, Some(0.into()), None], "{key}");
        let rows = 64 * 1024 + 65;
        assert_eq!(of(&vec![Some(6); rows], &vec![Some(4); rows], rows), vec![Some("1.5".parse().expect("a number")); rows], "{key}");
    }
}

/// What version 1.1 brought.
#[cfg(target_arch = "x86_64")]
fn compute_in_floats(registry: &registry::Registry) {
    let decimal = |text: &str| text.parse::<Decimal>().expect("a number");
    for (key, settings) in [("acme_odds.answer_rate", ["0.4", "10"]), ("estimates.smoothed", ["0.4", "10"])] {
        let metric = registry.snapshot().metric(key).expect(key);
        let inputs = [counts(&[Some(3), Some(0), None, Some(1)]), counts(&[Some(5), Some(0), Some(2), Some(-10)])];
        let values = metric.evaluate(&inputs, &settings.map(decimal), 4).unwrap_or_else(|fault| panic!("{key}: {fault}"));
        assert_eq!(values, [Some(decimal("0.466666666667")), Some(decimal("0.4")), None, None], "{key}");
    }
    let metric = registry.snapshot().metric("estimates.twice").expect("it is there");
    let most = i64::MAX / 2;
    let doubled = metric.evaluate(&[counts(&[Some(most), Some(-most), None])], &[], 3).expect("it fits");
    assert_eq!(doubled, [Some((2 * most).into()), Some((-2 * most).into()), None]);
}

#[cfg(not(target_arch = "x86_64"))]
#[test]
fn packs_for_another_machine_are_refused_and_not_tried() {
    let (_, refusals) = Folder::with(&golden()).open();
    assert!(refusals.len() >= 4 && refusals.iter().all(|refusal| refusal.code == "E_ELF_ARCH"), "{refusals:?}");
}
