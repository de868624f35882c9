//! Packs that fail too often: what counts, for how long, what lifts it, and what comes back in their place.

use std::fs;
use std::path::PathBuf;

use registry::{Column, Registry, State};
use serde_json::Value;

use crate::build::Folder;
use crate::live::{Live, PANICS_ON_13, ask, standing, version};

/// One version in service that fails on a 13.
fn failing() -> Live {
    let folder = Folder::new();
    crate::live::lay(&version("test", "1.0.0", PANICS_ON_13), &folder.packs().join("test.so"));
    Live::start(folder)
}

fn code(live: &Live, value: i64) -> String {
    live.ask(value).expect_err("it fails").code
}

fn fail_three_times(live: &Live) {
    for _ in 0..3 {
        assert_eq!(code(live, 13), "E_PANIC");
    }
}

#[test]
fn three_faults_in_ten_minutes_bar_a_metric_for_ten_minutes_and_then_for_twice_as_long() {
    let live = failing();
    for minutes in [10, 20, 40] {
        fail_three_times(&live);
        let fault = live.ask(7).expect_err("it is barred");
        assert_eq!(fault.code, "QUARANTINED");
        assert!(fault.message.contains("quarantined since 2026-03-01 1") && fault.message.contains("because E_PANIC"), "{fault}");
        live.pass_minutes(minutes - 1);
        assert_eq!(code(&live, 7), "QUARANTINED");
        live.pass_minutes(1);
        assert_eq!(live.ask(7), Ok(Some(7.into())), "it is asked again after {minutes} minutes");
    }
    fail_three_times(&live);
    live.pass_minutes(60 * 24 * 365);
    assert_eq!(code(&live, 7), "QUARANTINED");
    let standing = live.standing("test");
    assert_eq!((standing.state, standing.code.as_deref()), (State::Quarantined, Some("E_PANIC")));
    assert!(standing.reason.expect("why").contains("`same` is quarantined since"));
    assert_eq!((standing.used.faults, standing.used.calls), (12, 15));
}

#[test]
fn faults_far_apart_bar_nothing_while_they_are_rare() {
    let live = failing();
    let many = |count: usize| (0..count).for_each(|_| assert_eq!(live.ask(7), Ok(Some(7.into()))));
    many(600);
    for _ in 0..5 {
        assert_eq!(code(&live, 13), "E_PANIC");
        live.pass_minutes(11);
    }
    for _ in 0..4 {
        assert_eq!(code(&live, 13), "E_PANIC", "more than one in a hundred is not reached before");
        live.pass_minutes(11);
        if code(&live, 13) == "QUARANTINED" {
            return;
        }
        live.pass_minutes(11);
    }
    panic!("more than one fault in a hundred batches bars the metric");
}

#[test]
fn an_overflow_that_names_its_row_is_counted_and_bars_nothing() {
    let folder = Folder::new();
    let rejecting = "if (((const cp_d128 *)in->data)[0].lo == 13) { err->row = 0; return CP_E_OVERFLOW; }";
    crate::live::lay(&version("test", "1.0.0", rejecting), &folder.packs().join("test.so"));
    let live = Live::start(folder);
    for _ in 0..10 {
        assert_eq!(code(&live, 13), "E_OVERFLOW");
    }
    assert_eq!(live.ask(7), Ok(Some(7.into())));
    assert_eq!(live.standing("test").used.faults, 10);
}

#[test]
fn a_metric_that_answers_with_errors_all_the_time_bars_nothing_and_is_said() {
    let folder = Folder::new();
    let rejecting = "if (((const cp_d128 *)in->data)[0].lo == 13) return CP_E_COMPUTE;";
    crate::live::lay(&version("test", "1.0.0", rejecting), &folder.packs().join("test.so"));
    let live = Live::start(folder);
    for _ in 0..10 {
        assert_eq!(live.standing("test").warnings, []);
        assert_eq!(code(&live, 13), "E_COMPUTE");
        live.pass_minutes(1);
    }
    let standing = live.standing("test");
    let [(warning, words)] = &standing.warnings[..] else { panic!("{:?}", standing.warnings) };
    assert_eq!((standing.state, *warning), (State::Loaded, "W_FAILING"));
    assert!(words.contains("10 batches of `test.same` failed, since 2026-03-01 12:00:00 UTC") && words.contains("E_COMPUTE"), "{words}");
    assert_eq!(live.ask(7), Ok(Some(7.into())));
    assert_eq!(live.standing("test").warnings, []);
}

#[test]
fn a_quarantine_outlives_a_restart_and_ends_by_release() {
    let live = failing();
    fail_three_times(&live);
    let live = live.restart();
    assert_eq!(code(&live, 7), "QUARANTINED");
    // Another process, such as the command line, does it through the file.
    let other = Registry::once(registry::Options::new(live.folder.packs(), live.folder.store()));
    assert_eq!(other.release("test").len(), 1);
    live.until("the release is seen", |packs| standing(packs, "test").state == State::Loaded);
    assert_eq!(live.ask(7), Ok(Some(7.into())));
    assert_eq!(live.registry.release("test"), []);
}

#[test]
fn a_list_that_cannot_be_read_is_set_aside() {
    let live = failing();
    fail_three_times(&live);
    let list = live.folder.store().join("private/quarantine.json");
    fs::write(&list, "{").expect("written");
    let live = live.restart();
    assert_eq!(live.ask(7), Ok(Some(7.into())));
    assert_eq!(fs::read_to_string(list.with_extension("unreadable")).expect("it is kept"), "{");
}

#[test]
fn who_writes_past_the_end_is_barred_at_once_and_refused_after_a_restart() {
    let folder = Folder::new();
    let first = "if (((const cp_d128 *)in->data)[0].lo == 13) out[n].lo = 1;";
    crate::live::lay(&version("test", "1.0.0", first), &folder.packs().join("test.so"));
    let live = Live::start(folder);
    assert_eq!(live.registry.restart_wanted(), None);
    assert_eq!(code(&live, 13), "F_WROTE_PAST_END");
    assert_eq!(code(&live, 7), "QUARANTINED");
    assert!(live.registry.restart_wanted().expect("memory is not certain").contains("F_WROTE_PAST_END"));
    live.until("its standing", |packs| standing(packs, "test").state == State::Quarantined);
    let hash = live.metric().pack.sha256().to_owned();
    let live = live.restart();
    let packs = live.registry.snapshot();
    assert_eq!((packs.packs().len(), packs.refusals()[0].code), (0, "E_QUARANTINED"));
    assert!(packs.refusals()[0].found.contains("F_WROTE_PAST_END"));
    assert_eq!(live.registry.release(&hash[..12]).len(), 1);
    live.until_version("1.0.0");
}

#[test]
fn a_version_that_is_barred_keeps_its_place_over_a_restart_and_does_not_run_before_it_is_released() {
    let folder = Folder::new();
    let first = "if (((const cp_d128 *)in->data)[0].lo == 13) out[n].lo = 1;";
    crate::live::lay(&version("test", "1.0.0", first), &folder.packs().join("test.so"));
    let live = Live::start_apart(folder);
    assert_eq!(code(&live, 13), "F_WROTE_PAST_END");
    let live = Live::start_apart(live.stop().folder);
    assert_eq!(code(&live, 7), "QUARANTINED");
    let standing = live.standing("test");
    assert_eq!((standing.state, standing.code.as_deref()), (State::Quarantined, Some("F_WROTE_PAST_END")));
    assert_eq!(live.registry.snapshot().refusals(), []);
    assert_eq!(live.registry.release("test").len(), 1);
    live.until("the release is seen", |packs| crate::live::standing(packs, "test").state == State::Loaded);
    assert_eq!(live.ask(7), Ok(Some(7.into())));
}

#[test]
fn a_metric_that_answers_differently_when_asked_twice_is_barred() {
    let folder = Folder::new();
    let first = "static int calls; if (calls++ >= 1000) { valid[0] = 0; return CP_OK; }";
    crate::live::lay(&version("test", "1.0.0", first), &folder.packs().join("test.so"));
    let live = Live::start(folder);
    for _ in 0..999 {
        assert_eq!(live.ask(7), Ok(Some(7.into())));
    }
    let fault = live.ask(7).expect_err("the thousandth is asked twice");
    assert_eq!(fault.code, "F_NOT_DETERMINISTIC");
    assert!(fault.message.contains("answered 7 and then no value"), "{fault}");
    assert_eq!(code(&live, 7), "QUARANTINED");
}

#[test]
fn a_version_that_fails_on_probation_gives_way_to_the_one_before_until_it_is_released() {
    let live = Live::start(Folder::new());
    live.lay(&version("test", "1.0.0", ""), "test.so");
    live.until_version("1.0.0");
    live.lay(&version("test", "2.0.0", PANICS_ON_13), "test.so");
    live.until_version("2.0.0");
    live.pass_minutes(59);
    let failing = live.metric();
    (0..3).for_each(|_| assert_eq!(ask(&failing, 13).expect_err("it fails").code, "E_PANIC"));
    let packs = live.until_version("1.0.0");
    assert_eq!(live.ask(13), Ok(Some(13.into())));
    let reason = standing(&packs, "test").reason.expect("why");
    assert!(reason.contains("fell back from version 2.0.0") && reason.contains("E_PANIC"), "{reason}");
    let packs = live.until("the file is refused", |packs| !packs.refusals().is_empty());
    assert_eq!(packs.refusals()[0].code, "E_QUARANTINED");
    live.registry.release("test");
    live.until_version("2.0.0");
}

#[test]
fn after_an_hour_a_new_version_is_no_longer_on_probation() {
    let live = Live::start(Folder::new());
    live.lay(&version("test", "1.0.0", ""), "test.so");
    live.until_version("1.0.0");
    live.lay(&version("test", "2.0.0", PANICS_ON_13), "test.so");
    let packs = live.until_version("2.0.0");
    assert_eq!(standing(&packs, "test").state, State::Probation);
    live.pass_minutes(60);
    live.until("probation ends", |packs| standing(packs, "test").state == State::Loaded);
    fail_three_times(&live);
    let packs = live.until("it has no other", |packs| standing(packs, "test").state == State::Quarantined);
    assert_eq!(packs.packs()[0].manifest().version, "2.0.0");
}

#[test]
fn a_quarantine_leaves_what_it_takes_to_see_the_fault_again() {
    let folder = Folder::new();
    let first =
        "for (uint64_t row = 0; row < n; row++) if (((const cp_d128 *)in->data)[row].lo == 4000) { err->row = row; return CP_E_PANIC; }";
    crate::live::lay(&version("test", "1.0.0", first), &folder.packs().join("test.so"));
    let live = Live::start(folder);
    let column = Column { scale: 0, values: (0..5000).map(|row| Some(row.into())).collect() };
    for _ in 0..3 {
        assert_eq!(live.metric().evaluate(std::slice::from_ref(&column), &[], 5000).expect_err("it fails").row, Some(4000));
    }
    let bundles = live.folder.store().join("private/bundles");
    let files: Vec<PathBuf> = fs::read_dir(bundles).expect("a folder").map(|entry| entry.expect("a file").path()).collect();
    let bundle: Value = serde_json::from_slice(&fs::read(&files[0]).expect("one bundle")).expect("JSON");
    assert_eq!((bundle["metric"].as_str(), bundle["fault"]["code"].as_str()), (Some("same"), Some("E_PANIC")));
    let row = bundle["fault"]["row"].as_u64().expect("a row") as usize;
    let values = bundle["inputs"][0]["values"].as_array().expect("rows");
    assert_eq!((values[row].as_str(), values.len() <= 1024), (Some("4000"), true));
    assert_eq!(bundle["sha256"].as_str(), Some(live.metric().pack.sha256()));
    assert_eq!(bundle["manifest"]["id"], "test");
}

#[test]
fn a_restart_in_the_middle_of_a_probation_forgets_nothing() {
    let live = Live::start(Folder::new());
    live.lay(&version("test", "1.0.0", ""), "test.so");
    live.until_version("1.0.0");
    live.lay(&version("test", "2.0.0", PANICS_ON_13), "test.so");
    live.until_version("2.0.0");
    let live = live.restart();
    assert_eq!(live.standing("test").state, State::Probation);
    fail_three_times(&live);
    live.until_version("1.0.0");
    let live = live.restart();
    assert_eq!(live.ask(13), Ok(Some(13.into())), "what it fell back to serves after a restart too");
    assert!(live.standing("test").reason.expect("why").contains("fell back from version 2.0.0"));
    assert_eq!(live.registry.snapshot().refusals()[0].code, "E_QUARANTINED");
    let listed = registry::Registry::once(live.options()).snapshot();
    assert_eq!(standing(&listed, "test").version.as_deref(), Some("1.0.0"), "who only looks is told what serves");
    assert_eq!(listed.refusals()[0].code, "E_QUARANTINED");
}

#[test]
fn a_version_that_was_replaced_while_the_service_was_away_is_what_the_new_one_falls_back_to() {
    let live = Live::start(Folder::new());
    live.lay(&version("test", "1.0.0", ""), "test.so");
    live.until_version("1.0.0");
    let away = live.stop();
    crate::live::lay(&version("test", "2.0.0", PANICS_ON_13), &away.folder.packs().join("test.so"));
    let live = away.start();
    assert_eq!((live.standing("test").state, live.standing("test").version.as_deref()), (State::Probation, Some("2.0.0")));
    fail_three_times(&live);
    live.until_version("1.0.0");
    let away = live.stop();
    fs::remove_file(away.folder.packs().join("test.so")).expect("removed");
    assert!(away.start().registry.snapshot().packs().is_empty(), "a pack that was removed meanwhile comes back");
}

#[test]
fn an_old_quarantine_is_no_reason_to_fall_back_from_a_version_that_was_put_back() {
    let live = Live::start(Folder::new());
    let first = version("test", "1.0.0", PANICS_ON_13);
    live.lay(&first, "test.so");
    live.until_version("1.0.0");
    fail_three_times(&live);
    live.pass_minutes(1);
    live.lay(&version("test", "2.0.0", ""), "test.so");
    live.until_version("2.0.0");
    live.lay(&first, "test.so");
    live.until_version("1.0.0");
    live.lay(&version("other", "1.0.0", ""), "other.so");
    let packs = live.until("a later look", |packs| packs.packs().len() == 2);
    assert_eq!(standing(&packs, "test").version.as_deref(), Some("1.0.0"));
    assert_eq!(code(&live, 7), "QUARANTINED");
    live.pass_minutes(9);
    assert_eq!(live.ask(7), Ok(Some(7.into())));
}
