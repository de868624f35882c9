//! Files come, change and go while the packs serve.

use std::fs::{self, File};
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use registry::{Column, State};
use rust_decimal::Decimal;

use crate::build::Folder;
use crate::live::{Live, compiled, needing, standing, state, version};
use crate::sample::Source;

#[test]
fn a_pack_copied_in_is_served_and_touching_it_changes_nothing() {
    let live = Live::start(Folder::new());
    assert!(live.registry.snapshot().packs().is_empty());
    live.lay(&version("test", "1.0.0", ""), "test.so");
    let packs = live.until_version("1.0.0");
    assert_eq!(live.ask(7), Ok(Some(7.into())));
    let file = File::options().append(true).open(live.file("test.so")).expect("it is there");
    file.set_modified(std::time::SystemTime::now()).expect("touched");
    // What comes after the touch was seen after it.
    live.lay(&version("other", "1.0.0", ""), "other.so");
    let after = live.until("the other pack", |packs| packs.packs().len() == 2);
    let same = after.packs().iter().find(|pack| pack.manifest().id == "test").expect("it serves");
    assert!(Arc::ptr_eq(same, &packs.packs()[0]), "it was loaded again");
}

#[test]
fn a_file_that_comes_slowly_is_taken_when_it_is_whole() {
    let live = Live::start(Folder::new());
    let bytes = version("test", "1.0.0", "");
    let mut file = File::create(live.file("test.so")).expect("made");
    file.write_all(&bytes[..bytes.len() / 2]).expect("written");
    let half = live.until("the half file", |packs| !packs.refusals().is_empty());
    assert_eq!(half.refusals()[0].code, "E_ELF_TRUNCATED");
    file.write_all(&bytes[bytes.len() / 2..]).expect("written");
    drop(file);
    let whole = live.until_version("1.0.0");
    assert_eq!(whole.refusals(), []);
}

#[test]
pub fn a_new_version_takes_over_and_whoever_holds_the_old_one_ends_with_it() {
    let live = Live::start(Folder::new());
    live.lay(&version("test", "1.0.0", ""), "test.so");
    live.until_version("1.0.0");
    let old = live.metric();
    assert_eq!(live.ask(7), Ok(Some(7.into())));
    live.lay(&version("test", "1.1.0", TWICE_OUT), "test.so");
    let packs = live.until_version("1.1.0");
    assert_eq!(packs.packs().len(), 1);
    assert_eq!(live.ask(7), Ok(Some(14.into())));
    assert_eq!(crate::live::ask(&old, 7), Ok(Some(7.into())), "the old version serves who holds it");
    let standing = live.standing("test");
    assert_eq!((standing.state, standing.mapped_versions), (State::Probation, 2));
    let [(code, warning)] = &standing.warnings[..] else { panic!("{:?}", standing.warnings) };
    assert_eq!(*code, "W_RESULT_CHANGED");
    assert!(warning.contains("1 of 1 rows") && warning.contains("largest difference is 7"), "{warning}");
}

/// Gives twice its input, in another way than by changing it.
const TWICE_OUT: &str = "for (uint64_t row = 0; row < n; row++) {
    out[row].lo = ((const cp_d128 *)in->data)[row].lo * 2000000000000ull; out[row].hi = 0; valid[row / 8] |= 1 << (row % 8);
  } return CP_OK;";

#[test]
fn a_new_version_that_does_harm_over_the_last_batch_of_the_one_before_never_serves() {
    const HARMS_ON_13: &str = "if (((const cp_d128 *)in->data)[0].lo == 13) return 12345;";
    let live = Live::start(Folder::new());
    live.lay(&version("test", "1.0.0", ""), "test.so");
    live.until_version("1.0.0");
    assert_eq!(live.ask(13), Ok(Some(13.into())));
    live.lay(&version("test", "1.1.0", HARMS_ON_13), "test.so");
    let packs = live.until("the refusal", |packs| !packs.refusals().is_empty());
    let refusal = &packs.refusals()[0];
    assert_eq!(refusal.code, "F_LAST_BATCH");
    assert!(
        refusal.expected.contains("version 1.0.0") && refusal.found.contains("`test.same`") && refusal.found.contains("F_UNKNOWN_STATUS"),
        "{refusal}"
    );
    assert_eq!(packs.packs()[0].manifest().version, "1.0.0");
    assert_eq!(live.ask(13), Ok(Some(13.into())));
}

#[test]
fn a_refused_new_version_leaves_the_old_one_in_service_and_both_are_said() {
    let live = Live::start(Folder::new());
    live.lay(&version("test", "1.0.0", ""), "test.so");
    live.until_version("1.0.0");
    let broken = version("test", "2.0.0", "");
    live.lay(&broken[..broken.len() / 2], "test.so");
    let packs = live.until("the refusal", |packs| !packs.refusals().is_empty());
    assert_eq!(live.ask(7), Ok(Some(7.into())));
    let serving = standing(&packs, "test");
    assert_eq!((serving.state, serving.version.as_deref()), (State::Loaded, Some("1.0.0")));
    assert!(serving.reason.expect("it is said").contains("E_ELF_TRUNCATED"));
    let refused = packs.standings().into_iter().find(|standing| standing.state == State::Refused).expect("it is listed");
    assert_eq!((refused.file, refused.code.as_deref()), (live.file("test.so"), Some("E_ELF_TRUNCATED")));
    live.lay(&broken, "test.so");
    assert_eq!(live.until_version("2.0.0").refusals(), []);
}

#[test]
fn of_several_files_of_a_pack_the_highest_version_serves_and_copies_are_said() {
    let live = Live::start(Folder::new());
    let newer = version("test", "1.10.0", "");
    live.lay(&version("test", "1.9.0", ""), "a.so");
    live.until_version("1.9.0");
    live.lay(&newer, "b.so");
    live.lay(&newer, "c.so");
    let packs = live.until("both others refused", |packs| packs.refusals().len() == 2);
    assert_eq!(packs.packs()[0].manifest().version, "1.10.0");
    let told: Vec<&str> = packs.refusals().iter().map(|refusal| refusal.found.as_str()).collect();
    assert!(told[0].contains("1.10.0") && told[0].contains("b.so") && told[1].contains("the very bytes of"), "{told:?}");
    fs::remove_file(live.file("b.so")).expect("removed");
    let packs = live.until("the copy in its place", |packs| packs.refusals().len() == 1);
    assert_eq!(standing(&packs, "test").file, live.file("c.so"));
}

#[test]
fn a_pack_that_others_need_stays_when_its_file_goes() {
    let live = Live::start(Folder::new());
    live.lay(&version("test", "1.0.0", ""), "test.so");
    live.until_version("1.0.0");
    live.lay(&needing("user", "test.same"), "user.so");
    live.until("both", |packs| packs.packs().len() == 2);
    fs::remove_file(live.file("test.so")).expect("removed");
    let packs = live.until("the refusal to go", |packs| standing(packs, "test").reason.is_some());
    let reason = standing(&packs, "test").reason.expect("it says why");
    assert!(reason.contains("is gone") && reason.contains("pack remove test --force"), "{reason}");
    assert_eq!(live.ask(7), Ok(Some(7.into())));
    fs::remove_file(live.file("user.so")).expect("removed");
    live.until("nobody needs it now", |packs| packs.packs().is_empty());
}

#[test]
fn a_removal_is_refused_while_others_need_the_pack_and_leaves_them_without_values_when_forced() {
    let live = Live::start(Folder::new());
    let bytes = version("test", "1.0.0", "");
    live.lay(&bytes, "test.so");
    live.lay(&needing("user", "test.same"), "user.so");
    live.until("both", |packs| packs.packs().len() == 2);
    let folder = live.folder.packs();
    let refused = registry::remove(&folder, "test", false).expect_err("it is needed").to_string();
    assert!(refused.contains("user.same") && refused.contains("--force"), "{refused}");
    assert!(registry::remove(&folder, "gone", true).expect_err("there is none").to_string().contains("pack list"));
    assert_eq!(registry::remove(&folder, "test", true).expect("forced"), [live.file("test.so")]);
    let packs = live.until("the pack is gone", |packs| packs.packs().len() == 1);
    assert_eq!(standing(&packs, "user").state, State::Unavailable);
    assert!(standing(&packs, "user").reason.expect("why").contains("needs test.same"));
    live.lay(&bytes, "test.so");
    let packs = live.until("both again", |packs| packs.packs().len() == 2);
    assert_eq!(standing(&packs, "user").state, State::Loaded);
    fs::remove_file(live.file("test.so")).expect("removed");
    let packs = live.until("force does not last", |packs| state(packs, "test").is_some() && standing(packs, "test").reason.is_some());
    assert_eq!(packs.packs().len(), 2);
}

#[test]
fn a_new_version_without_a_metric_that_others_need_is_refused() {
    let live = Live::start(Folder::new());
    live.lay(&version("test", "1.0.0", ""), "test.so");
    live.lay(&needing("user", "test.same"), "user.so");
    live.until("both", |packs| packs.packs().len() == 2);
    let mut manifest = crate::sample::manifest("test");
    manifest["version"] = "2.0.0".into();
    manifest["metrics"][0]["key"] = "other".into();
    let source =
        crate::sample::Source { manifest: crate::sample::manifest_macro(&manifest.to_string()), ..crate::sample::Source::sound("test") };
    live.lay(&compiled(source), "test.so");
    let packs = live.until("the refusal", |packs| !packs.refusals().is_empty());
    assert_eq!((packs.refusals()[0].code, packs.packs().len()), ("E_NEEDED", 2));
    assert_eq!(state(&packs, "user"), Some(State::Loaded));
}

#[test]
fn a_folder_that_goes_takes_nothing_with_it_and_is_seen_again_when_it_comes_back() {
    let live = Live::start(Folder::new());
    live.lay(&version("test", "1.0.0", ""), "test.so");
    live.until_version("1.0.0");
    let aside = live.folder.packs().with_extension("aside");
    fs::rename(live.folder.packs(), &aside).expect("moved");
    let packs = live.until("the folder is missed", |packs| !packs.refusals().is_empty());
    assert_eq!((packs.refusals()[0].code, packs.packs().len()), ("E_IO", 1));
    assert_eq!(live.ask(7), Ok(Some(7.into())));
    fs::create_dir(live.folder.packs()).expect("made");
    live.until("an empty folder means no packs", |packs| packs.packs().is_empty() && packs.refusals().is_empty());
    live.lay(&version("test", "1.1.0", ""), "test.so");
    live.until_version("1.1.0");
}

#[test]
pub fn two_versions_swapped_200_times_mix_in_no_batch_and_take_no_more_memory() {
    const ROWS: usize = 3000;
    let live = Live::start(Folder::new());
    let versions = [version("test", "1.0.0", ""), version("test", "1.0.1", TWICE_OUT)];
    live.lay(&versions[0], "test.so");
    live.until_version("1.0.0");
    let (done, batches) = (AtomicBool::new(false), AtomicU64::new(0));
    let column = Column { scale: 0, values: vec![Some(Decimal::ONE); ROWS] };
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    let metric = live.metric();
                    let factor = if metric.pack.manifest().version == "1.0.0" { 1 } else { 2 };
                    let values = metric.evaluate(std::slice::from_ref(&column), &[], ROWS).expect("no fault");
                    assert_eq!(values, vec![Some(Decimal::from(factor)); ROWS], "a batch of both versions");
                    batches.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let mut retired = Vec::new();
        for swap in 1..=200 {
            retired.push(Arc::downgrade(&live.metric().pack));
            live.lay(&versions[swap % 2], "test.so");
            live.until_version(["1.0.0", "1.0.1"][swap % 2]);
        }
        done.store(true, Ordering::Relaxed);
        assert!(retired.iter().filter(|version| version.strong_count() > 0).count() <= 4, "old versions are held");
    });
    assert!(batches.into_inner() > 200);
    assert_eq!(live.registry.snapshot().mapped_versions(), 2);
}

#[test]
fn when_many_versions_have_come_and_gone_a_restart_is_asked_for() {
    let live = Live::start(Folder::new());
    let mut bytes = version("test", "1.0.0", "");
    for loaded in 1..=66 {
        // What follows the last section of a library means nothing, and makes another version.
        bytes.push(0);
        live.lay(&bytes, "test.so");
        let packs = live.until("the next version", |packs| packs.mapped_versions() == loaded);
        assert_eq!(live.registry.restart_wanted().is_some(), packs.mapped_versions() > 65, "{loaded} versions");
    }
    assert!(live.registry.restart_wanted().expect("it is asked for").contains("65 versions"));
}

#[test]
fn what_failed_to_load_is_tried_again_when_it_is_touched() {
    let live = Live::start(Folder::new());
    let wanted = live.folder.store().join("wanted");
    let does = format!("return access({wanted:?}, F_OK) ? CP_E_INTERNAL : CP_OK;");
    live.lay(&compiled(Source::initialising("test", &does)), "test.so");
    let packs = live.until("the refusal", |packs| !packs.refusals().is_empty());
    assert_eq!(packs.refusals()[0].code, "E_INIT");
    fs::write(&wanted, "").expect("written");
    let file = File::options().append(true).open(live.file("test.so")).expect("it is there");
    file.set_modified(std::time::SystemTime::now()).expect("touched");
    live.until_version("1.0.0");
}

#[test]
fn hidden_files_are_not_looked_at() {
    let folder = Folder::new();
    crate::live::lay(&version("test", "1.0.0", ""), &folder.packs().join(".test.so"));
    std::os::unix::fs::symlink("nowhere", folder.packs().join(".#other.toml")).expect("as an editor locks a file");
    let live = Live::start(folder);
    assert_eq!(live.registry.snapshot().standings(), []);
}

#[test]
fn a_file_name_that_is_no_text_takes_nothing_from_what_is_known_after_a_restart() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let folder = Folder::new();
    crate::live::lay(&version("test", "1.0.0", ""), &folder.packs().join("test.so"));
    crate::live::lay(&version("other", "1.0.0", ""), &folder.packs().join(OsStr::from_bytes(b"\xe9.so")));
    let live = Live::start(folder);
    live.lay(&version("test", "2.0.0", ""), "test.so");
    live.until_version("2.0.0");
    let live = live.restart();
    assert_eq!(live.standing("test").state, State::Probation);
    assert_eq!(live.standing("other").state, State::Loaded);
}

#[test]
fn a_file_that_holds_another_pack_now_is_gone_for_the_one_before() {
    let live = Live::start(Folder::new());
    live.lay(&version("test", "1.0.0", ""), "pack.so");
    live.until_version("1.0.0");
    live.lay(&version("other", "2.0.0", ""), "pack.so");
    let packs = live.until_version("2.0.0");
    assert_eq!((packs.packs().len(), state(&packs, "test")), (1, None));
}

#[test]
fn a_version_whose_file_made_way_for_one_that_is_refused_goes_on_serving() {
    let live = Live::start(Folder::new());
    live.lay(&version("test", "1.0.0", ""), "old.so");
    live.until_version("1.0.0");
    let mut later = crate::sample::manifest("test");
    later["version"] = "2.0.0".into();
    let descriptor = "CP_PACK(evaluate, 2, CP_BUILD_NO_UNWIND_OUT);".into();
    let source = Source { manifest: crate::sample::manifest_macro(&later.to_string()), descriptor, ..Source::sound("test") };
    let broken = compiled(source);
    live.lay(&broken, "new.so");
    live.until("the refusal", |packs| packs.refusals().iter().any(|refusal| refusal.code == "E_DESCRIPTOR"));
    fs::remove_file(live.file("old.so")).expect("removed");
    live.lay(&version("other", "1.0.0", ""), "other.so");
    let packs = live.until("a later look", |packs| packs.packs().len() == 2);
    let reason = standing(&packs, "test").reason.expect("it is said");
    assert!(reason.contains("new.so holds now is refused: E_DESCRIPTOR"), "{reason}");
}
