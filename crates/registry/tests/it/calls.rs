//! Calls that misbehave: the batch is discarded with a code, and the host goes on.

use registry::{Column, Fault, MetricRef};
use rust_decimal::Decimal;

use crate::build::{Folder, rust_packs};
use crate::sample::Source;

fn load(folder: &Folder, first: &str) -> MetricRef {
    Source::doing("test", first).compile(&folder.packs().join("pack.so"), &["-Wno-overflow"]);
    let (registry, refusals) = folder.open();
    assert_eq!(refusals, []);
    registry.snapshot().metric("test.same").expect("it is there")
}

fn column(rows: usize) -> Column {
    Column { scale: 0, values: (0..rows).map(|row| Some(Decimal::from(row))).collect() }
}

fn fault(first: &str, rows: usize) -> Fault {
    let folder = Folder::new();
    load(&folder, first).evaluate(&[column(rows)], &[], rows).expect_err("it misbehaves")
}

#[test]
fn a_pack_in_c_gives_values_and_nulls() {
    let folder = Folder::new();
    let values = vec![Some(3.into()), None, Some(0.into())];
    assert_eq!(load(&folder, "").evaluate(&[Column { scale: 0, values: values.clone() }], &[], 3), Ok(values));
}

#[test]
pub fn writing_nothing_is_no_value_in_every_row() {
    let folder = Folder::new();
    assert_eq!(load(&folder, "return CP_OK;").evaluate(&[column(3)], &[], 3), Ok(vec![None; 3]));
}

#[test]
pub fn each_kind_of_misbehaviour_has_its_code() {
    let say = "err->len = 3; ((char *)err->msg)[0] = 'n'; ((char *)err->msg)[1] = (char)255; ((char *)err->msg)[2] = '\\n'; err->row = 2; return CP_E_COMPUTE;";
    for (what, first, rows, code, row) in [
        ("an error with words that are no UTF-8", say, 5, "E_COMPUTE", Some(2)),
        ("an error without words", "return CP_E_UNSUPPORTED;", 5, "E_UNSUPPORTED", None),
        ("a status that means nothing", "return 12345;", 5, "F_UNKNOWN_STATUS", None),
        ("a negative status", "return -2147483647 - 1;", 5, "F_UNKNOWN_STATUS", None),
        ("a text longer than its room", "err->len = 1u << 30; return CP_E_COMPUTE;", 5, "F_ERR_LEN", None),
        ("valid, but not written", "valid[0] = 4; return CP_OK;", 5, "F_VALID_BUT_UNWRITTEN", Some(2)),
        ("one value past the end", "out[n].lo = 1;", 5, "F_WROTE_PAST_END", Some(5)),
        ("one value past a full block", "out[n].lo = 1;", 512, "F_WROTE_PAST_END", Some(512)),
        ("valid past the end", "valid[n / 8] |= 1 << (n % 8);", 5, "F_VALIDITY_PAST_END", Some(5)),
        (
            "more digits than a decimal has",
            "out[1].lo = 0; out[1].hi = 1ll << 62; valid[0] = 2; return CP_OK;",
            5,
            "F_DECIMAL_RANGE",
            Some(1),
        ),
        ("an error in the second chunk", "if (call->row_base) { err->row = 1; return CP_E_OVERFLOW; }", 65_540, "E_OVERFLOW", Some(65_537)),
    ] {
        let fault = fault(first, rows);
        assert_eq!((fault.code.as_str(), fault.row), (code, row), "{what}: {fault}");
    }
    assert_eq!(fault(say, 5).message, "n\u{fffd}");
}

#[cfg(target_arch = "x86_64")]
#[test]
pub fn a_changed_floating_point_mode_is_put_back() {
    let folder = Folder::new();
    let metric = load(&folder, "unsigned mode = 0x9fc0; __asm__ volatile(\"ldmxcsr %0\" : : \"m\"(mode));");
    assert_eq!(metric.evaluate(&[column(3)], &[], 3).expect_err("it is noticed").code, "F_ENV");
    assert!(std::hint::black_box(1e-310_f64) * 1.0 > 0.0, "the host flushes denormals to zero");
}

#[test]
pub fn a_pack_linked_with_fast_math_loads_and_leaves_the_host_as_it_was() {
    let folder = Folder::new();
    Source::sound("test").compile(&folder.packs().join("pack.so"), &["-ffast-math"]);
    assert_eq!(folder.open().1, []);
    assert!(std::hint::black_box(1e-310_f64) * 1.0 > 0.0, "the host flushes denormals to zero");
}

#[test]
pub fn a_panic_in_a_rust_pack_is_its_own_fault_and_says_where() {
    let folder = Folder::with(&rust_packs(&["-p", "pack-sdk", "--example", "panics"]));
    let (registry, refusals) = folder.open();
    assert_eq!(refusals, []);
    let metric = |key: &str| registry.snapshot().metric(key).expect("it is there");
    for _ in 0..3 {
        let fault = metric("panics.out_of_bounds").evaluate(&[column(3)], &[], 3).expect_err("it panics");
        assert_eq!(fault.code, "E_PANIC");
        assert!(fault.message.contains("panics.rs:") && fault.message.contains("index out of bounds"), "{fault}");
    }
    assert_eq!(metric("panics.dropped_badly").evaluate(&[column(3)], &[], 3).expect_err("it panics").code, "E_PANIC");
    assert_eq!(metric("panics.sound").evaluate(&[column(3)], &[], 3).expect("its neighbour does not"), column(3).values);
}

#[test]
pub fn many_threads_may_call_one_metric_at_once() {
    let folder = Folder::new();
    let metric = load(&folder, "");
    std::thread::scope(|scope| {
        for _ in 0..32 {
            scope.spawn(|| assert_eq!(metric.evaluate(&[column(5000)], &[], 5000), Ok(column(5000).values)));
        }
    });
}

#[test]
pub fn a_file_overwritten_while_loaded_changes_nothing() {
    let folder = Folder::new();
    let metric = load(&folder, "");
    std::fs::write(folder.packs().join("pack.so"), vec![0; 100_000]).expect("written");
    assert_eq!(metric.evaluate(&[column(3)], &[], 3), Ok(column(3).values));
}

#[test]
fn a_call_that_takes_too_long_is_asked_to_stop() {
    let folder = Folder::new();
    let metric = load(&folder, "while (n == 3 && !*call->cancel); if (*call->cancel) return CP_E_CANCELLED;");
    assert_eq!(metric.evaluate(&[column(3)], &[], 3).expect_err("it stops").code, "E_CANCELLED");
    assert_eq!(metric.evaluate(&[column(4)], &[], 4), Ok(column(4).values));
}

/// Row 55 of the conformance list: the thread is lost, the host is not.
#[test]
fn a_call_that_never_ends_costs_its_thread_and_is_the_last_of_its_pack() {
    let (folder, sound) = (Folder::new(), Folder::new());
    let (metric, other) = (load(&folder, "for (volatile int i = 0; n == 3; i++);"), load(&sound, ""));
    let endless = metric.clone();
    std::thread::spawn(move || endless.evaluate(&[column(3)], &[], 3));
    let fault = loop {
        assert_eq!(other.evaluate(&[column(5)], &[], 5), Ok(column(5).values));
        if let Err(fault) = metric.evaluate(&[column(4)], &[], 4) {
            break fault;
        }
    };
    assert_eq!(fault.code, "F_DEADLINE");
    assert_eq!(metric.evaluate(&[column(4)], &[], 4).expect_err("it is quarantined").code, "QUARANTINED");
}
