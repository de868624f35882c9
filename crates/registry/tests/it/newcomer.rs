//! Newcomers are tried side by side: a slow one delays nobody, and comes when it is ready or not at all.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use registry::{Options, Registry, Snapshot, Standing, State};

use crate::build::Folder;
use crate::live::{Live, compiled, needing, options, version};
use crate::sample::Source;

/// A pack that is not ready before there is a file.
fn waiting_for(file: &Path, id: &str, version: &str) -> Vec<u8> {
    let does = format!("while (access({file:?}, F_OK)) usleep(1000); return CP_OK;");
    compiled(Source::initialising(id, &does).of_version(id, version))
}

/// An empty folder under watch, and the file that packs wait for.
struct Gate {
    live: Live,
    file: PathBuf,
}

impl Gate {
    fn closed() -> Gate {
        let live = Live::start(Folder::new());
        Gate { file: live.folder.store().join("gate"), live }
    }

    fn lay_waiting(&self, id: &str, version: &str) {
        self.live.lay(&waiting_for(&self.file, id, version), &format!("{id}.so"));
    }

    fn open(&self) {
        fs::write(&self.file, "").expect("written");
    }
}

fn serves(packs: &Snapshot, id: &str, version: &str) -> bool {
    packs.packs().iter().any(|pack| pack.manifest().id == id && pack.manifest().version == version)
}

fn tried(packs: &Snapshot, id: &str) -> Option<Standing> {
    packs.standings().into_iter().find(|standing| standing.state == State::Trying && standing.id.as_deref() == Some(id))
}

#[test]
fn a_pack_that_takes_long_is_said_to_be_tried_and_delays_none_that_comes_with_or_after_it() {
    let gate = Gate::closed();
    gate.lay_waiting("slow", "1.0.0");
    gate.live.lay(&version("with", "1.0.0", ""), "with.so");
    let packs = gate.live.until("the one that came with it", |packs| serves(packs, "with", "1.0.0"));
    let slow = tried(&packs, "slow").expect("it is undecided");
    assert_eq!((slow.version.as_deref(), slow.tier, slow.code), (Some("1.0.0"), None, None));
    gate.live.lay(&version("after", "1.0.0", ""), "after.so");
    let packs = gate.live.until("the one that came after it", |packs| serves(packs, "after", "1.0.0"));
    assert!(tried(&packs, "slow").is_some() && packs.packs().len() == 2);
    gate.open();
    let packs = gate.live.until("the slow one", |packs| serves(packs, "slow", "1.0.0"));
    assert_eq!((packs.packs().len(), tried(&packs, "slow")), (3, None));
}

#[test]
fn packs_that_never_end_are_still_tried_when_the_good_one_beside_them_serves() {
    let live = Live::start_apart(Folder::new());
    let endless = "for (volatile int i = 0;; i++);";
    let constructor = format!("__attribute__((constructor)) static void begin(void) {{ {endless} }}");
    live.lay(&compiled(Source::sound("a_map").beside(&constructor)), "a_map.so");
    live.lay(&compiled(Source::initialising("b_init", endless)), "b_init.so");
    live.lay(&version("good", "1.0.0", ""), "good.so");
    let packs = live.until("the good one", |packs| serves(packs, "good", "1.0.0"));
    assert_eq!(packs.refusals(), []);
    assert!(tried(&packs, "a_map").is_some() && tried(&packs, "b_init").is_some());
    let packs = live.until("the end of the others", |packs| packs.refusals().len() == 2);
    assert!(packs.refusals().iter().all(|refusal| refusal.code == "F_DEADLINE"), "{:?}", packs.refusals());
}

#[test]
fn what_takes_the_place_of_a_file_that_is_being_tried_is_served_and_the_other_never_is() {
    let gate = Gate::closed();
    gate.lay_waiting("test", "2.0.0");
    gate.live.until("it is tried", |packs| tried(packs, "test").is_some());
    gate.live.lay(&version("test", "1.0.0", ""), "test.so");
    let packs = gate.live.until_version("1.0.0");
    assert_eq!(tried(&packs, "test"), None);
    gate.open();
    gate.live.lay(&version("other", "1.0.0", ""), "other.so");
    let packs = gate.live.until("a later look", |packs| serves(packs, "other", "1.0.0"));
    assert!(serves(&packs, "test", "1.0.0"));
}

#[test]
fn a_file_that_goes_while_it_is_tried_leaves_nothing_behind() {
    let gate = Gate::closed();
    gate.lay_waiting("test", "1.0.0");
    gate.live.until("it is tried", |packs| tried(packs, "test").is_some());
    fs::remove_file(gate.live.file("test.so")).expect("removed");
    gate.live.until("it is forgotten", |packs| packs.standings().is_empty());
    gate.open();
    gate.live.lay(&version("other", "1.0.0", ""), "other.so");
    let packs = gate.live.until("a later look", |packs| serves(packs, "other", "1.0.0"));
    assert_eq!(packs.standings().len(), 1);
    gate.lay_waiting("test", "1.0.0");
    gate.live.until("it is back", |packs| serves(packs, "test", "1.0.0"));
}

#[test]
fn a_pack_comes_with_or_after_the_one_that_it_needs() {
    let gate = Gate::closed();
    gate.live.lay(&needing("user", "test.same"), "user.so");
    gate.lay_waiting("test", "1.0.0");
    gate.live.lay(&version("zz", "1.0.0", ""), "zz.so");
    let packs = gate.live.until("the user waits", |packs| tried(packs, "user").is_some_and(|user| user.reason.is_some()));
    assert!(tried(&packs, "user").and_then(|user| user.reason).expect("why").contains("comes with others"));
    assert!(tried(&packs, "test").is_some_and(|test| test.reason.is_none()));
    gate.live.until("one that needs neither", |packs| serves(packs, "zz", "1.0.0"));
    gate.open();
    let packs = gate.live.until("the user", |packs| serves(packs, "user", "1.0.0"));
    assert!(serves(&packs, "test", "1.0.0"));
}

#[test]
fn what_serves_is_enough_for_those_that_need_it_while_its_next_version_is_tried() {
    let gate = Gate::closed();
    gate.live.lay(&version("test", "1.0.0", ""), "test.so");
    gate.live.until_version("1.0.0");
    gate.lay_waiting("test", "2.0.0");
    gate.live.lay(&needing("user", "test.same"), "user.so");
    let packs = gate.live.until("the user", |packs| serves(packs, "user", "1.0.0"));
    assert!(serves(&packs, "test", "1.0.0") && tried(&packs, "test").is_some());
    gate.open();
    gate.live.until_version("2.0.0");
}

#[test]
fn of_several_files_of_a_pack_the_next_best_waits_for_what_becomes_of_the_best() {
    let gate = Gate::closed();
    gate.live.lay(&waiting_for(&gate.file, "test", "2.0.0"), "new.so");
    gate.live.until("the better one is tried", |packs| tried(packs, "test").is_some());
    gate.live.lay(&version("test", "1.0.0", ""), "old.so");
    let waits = |packs: &Snapshot| packs.standings().into_iter().find(|standing| standing.file.ends_with("old.so"));
    let packs = gate.live.until("the other one is seen", |packs| waits(packs).is_some());
    let standing = waits(&packs).expect("it is there");
    assert_eq!(standing.state, State::Trying);
    assert!(standing.reason.expect("why").contains("new.so"));
    gate.open();
    let packs = gate.live.until_version("2.0.0");
    assert_eq!(packs.refusals()[0].code, "E_MANIFEST_CLASH");
}

#[test]
fn many_that_come_at_once_are_all_served_beside_one_that_is_not_ready() {
    let gate = Gate::closed();
    gate.lay_waiting("a_slow", "1.0.0");
    let ids: Vec<String> = (0..12).map(|number| format!("pack{number}")).collect();
    for id in &ids {
        gate.live.lay(&version(id, "1.0.0", ""), &format!("{id}.so"));
    }
    let packs = gate.live.until("all of them", |packs| ids.iter().all(|id| serves(packs, id, "1.0.0")));
    assert!(tried(&packs, "a_slow").is_some());
    gate.open();
    gate.live.until("the slow one", |packs| packs.packs().len() == ids.len() + 1);
}

#[test]
fn a_start_waits_for_packs_no_longer_than_told() {
    let (folder, minutes) = (Folder::new(), Default::default());
    let gate = folder.store().join("gate");
    crate::live::lay(&waiting_for(&gate, "test", "1.0.0"), &folder.packs().join("test.so"));
    let registry = Registry::start(Options { patience: Duration::ZERO, ..options(&folder, &minutes) });
    let live = Live::of(folder, registry, minutes);
    assert!(tried(&live.registry.snapshot(), "test").is_some());
    fs::write(gate, "").expect("written");
    live.until_version("1.0.0");
}
