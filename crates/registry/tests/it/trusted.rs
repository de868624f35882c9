//! Trust that comes or goes while a pack is there: at the next look it runs where its signature, or the list, says.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use registry::{Options, Registry, Snapshot, State, Tier, Trust};

use crate::build::{Folder, program};
use crate::live::{Live, lay, options, standing};

const SIGNED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/c-1.0-x86_64.so");
const KEY: &str = include_str!("../golden/test.pub");

fn key() -> &'static str {
    KEY.lines().nth(1).expect("the key is in the second line")
}

/// A folder under watch, where each pack is tried in a child and runs in one unless it is trusted.
fn start(trust: Trust) -> Live {
    let (folder, minutes) = (Folder::new(), Arc::default());
    let options = Options { program: Some(program()), trust, ..options(&folder, &minutes) };
    Live::of(folder, Registry::start(options), minutes)
}

fn lay_pack(live: &Live) {
    live.lay(&fs::read(SIGNED).expect("it is there"), "pack.so");
}

fn signature(live: &Live) -> PathBuf {
    live.file("pack.so.minisig")
}

fn lay_signature(live: &Live) {
    lay(&fs::read(Path::new(SIGNED).with_extension("so.minisig")).expect("it is there"), &signature(live));
}

fn runs(tier: Tier) -> impl Fn(&Snapshot) -> bool {
    move |packs| packs.packs().iter().any(|pack| pack.tier() == tier)
}

fn until_it_runs(live: &Live, tier: Tier) -> Arc<Snapshot> {
    live.until(tier.name(), runs(tier))
}

#[test]
fn a_signature_takes_effect_when_it_comes_and_when_it_goes() {
    let live = start(Trust::of([], [key()]).expect("a key"));
    lay_pack(&live);
    let before = until_it_runs(&live, Tier::Worker);
    let id = before.packs()[0].manifest().id.clone();
    live.pass_minutes(5);
    lay_signature(&live);
    let after = until_it_runs(&live, Tier::InProcess);
    let (was, is) = (standing(&before, &id), standing(&after, &id));
    assert_eq!((is.state, is.since, is.reason), (State::Loaded, was.since, None), "it is the same version, and on no probation");
    fs::remove_file(signature(&live)).expect("removed");
    until_it_runs(&live, Tier::Worker);
    lay_signature(&live);
    let again = until_it_runs(&live, Tier::InProcess);
    assert_eq!(standing(&again, &id).mapped_versions, 1);
}

#[test]
fn a_signature_may_come_before_its_pack() {
    let live = start(Trust::only([], [key()]).expect("a key"));
    lay_signature(&live);
    lay_pack(&live);
    until_it_runs(&live, Tier::InProcess);
}

#[test]
fn what_is_refused_for_want_of_a_signature_is_loaded_when_that_comes_and_stays_when_it_goes() {
    let live = start(Trust::only([], [key()]).expect("a key"));
    lay_pack(&live);
    let packs = live.until("the refusal", |packs| !packs.refusals().is_empty());
    assert_eq!(packs.refusals()[0].code, "E_UNSIGNED");
    lay_signature(&live);
    let packs = until_it_runs(&live, Tier::InProcess);
    assert_eq!(packs.refusals(), []);
    fs::remove_file(signature(&live)).expect("removed");
    let packs = live.until("the refusal", |packs| !packs.refusals().is_empty());
    let standing = standing(&packs, &packs.packs()[0].manifest().id);
    assert!(standing.reason.expect("it is said").contains("E_UNSIGNED"));
    assert_eq!(standing.tier, Some(Tier::InProcess));
}

#[test]
fn what_is_listed_later_is_trusted_from_then_on() {
    let away = Folder::new();
    let list = away.packs().join("trusted");
    let live = start(Trust::default().and_listed_in(&list).expect("no file is an empty list"));
    lay_pack(&live);
    let hash = until_it_runs(&live, Tier::Worker).packs()[0].sha256().to_owned();
    lay(format!("{hash} # pack.so\n").as_bytes(), &list);
    until_it_runs(&live, Tier::InProcess);
    lay(b"", &list);
    until_it_runs(&live, Tier::Worker);
}
