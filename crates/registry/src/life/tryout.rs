//! Newcomers are tried side by side, each in a thread of its own, so that a slow one delays no other.
//!
//! Nothing is decided here: what became of each is told to the thread that decides. A newcomer that nobody wants any more, since its
//! file holds something else or is gone, is told to stop, and what becomes of it is dropped.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use chrono::{DateTime, TimeDelta, Utc};

use super::loader::Loader;
use crate::inspect::Candidate;
use crate::outcome::{Failed, failed};
use crate::snapshot::LoadedPack;
use crate::watch;

/// A newcomer that takes longer does not keep the next one waiting for its turn.
const SLOW: Duration = Duration::from_millis(250);
/// So many are tried at once, however slow they are: each has a process of its own.
const MOST: usize = 16;
/// How long after the store or the system failed it is tried again, if nothing changes in the folder before.
const AGAIN: TimeDelta = TimeDelta::minutes(1);

/// A newcomer, and the pack that it would come in the place of.
pub(super) type Newcomer = (Arc<Candidate>, Option<Arc<LoadedPack>>);

/// A content, and whether it may run inside the service.
type Key = (String, bool);

type Outcome = Result<Arc<LoadedPack>, Failed>;

#[derive(Debug)]
pub(super) struct Tryouts {
    loader: Arc<Loader>,
    told: (Sender<Told>, Receiver<Told>),
    /// By their numbers, which are given once.
    running: BTreeMap<u64, Tryout>,
    next: u64,
    /// Whether some wait for their turn.
    queued: bool,
    /// Of those that are wanted, and of those that failed since the last look at the folder.
    outcomes: BTreeMap<Key, Outcome>,
    /// What failed, and when its file had been changed: it would fail again, unless somebody touched it since.
    failed: BTreeMap<Key, (Option<SystemTime>, Failed)>,
    /// When to try again what did not fail by itself.
    again: Option<DateTime<Utc>>,
}

#[derive(Debug)]
struct Tryout {
    key: Key,
    /// When the file had been changed.
    changed: Option<SystemTime>,
    begun: Instant,
    unwanted: Arc<AtomicBool>,
}

#[derive(Debug)]
struct Told {
    number: u64,
    outcome: Outcome,
}

/// So many things are done side by side.
pub(super) fn side_by_side() -> usize {
    thread::available_parallelism().map_or(2, |processors| processors.get().max(2))
}

impl Tryouts {
    pub fn new(loader: Arc<Loader>) -> Tryouts {
        Tryouts {
            loader,
            told: channel(),
            running: BTreeMap::new(),
            next: 0,
            queued: false,
            outcomes: BTreeMap::new(),
            failed: BTreeMap::new(),
            again: None,
        }
    }

    /// Takes in what became of tryouts, and says whether anything did.
    pub fn collect(&mut self) -> bool {
        let mut arrived = false;
        while let Ok(told) = self.told.1.try_recv() {
            arrived |= self.take_in(told);
        }
        arrived
    }

    /// Waits so long for what becomes of one.
    pub fn wait(&mut self, longest: Duration) -> bool {
        let told = self.told.1.recv_timeout(longest);
        told.is_ok_and(|told| self.take_in(told))
    }

    fn take_in(&mut self, Told { number, outcome }: Told) -> bool {
        let Some(Tryout { key, changed, .. }) = self.running.remove(&number) else { return false };
        match &outcome {
            // Where the store or the system failed, the next look at the folder tries again.
            Err(failed) if ["E_STORE", "E_CHILD"].contains(&failed.code) => self.again = Some(self.loader.options.clock.now() + AGAIN),
            Err(failed) => drop(self.failed.insert(key.clone(), (changed, failed.clone()))),
            Ok(_) => {}
        }
        self.outcomes.insert(key, outcome);
        true
    }

    /// Whether it is time to try again where the store or the system failed: they may have room by now.
    pub fn is_time_again(&self) -> bool {
        self.again.is_some_and(|again| again <= self.loader.options.clock.now())
    }

    /// At a new look at the folder: failures are known by the file then.
    pub fn look_again(&mut self) {
        self.again = None;
        self.outcomes.retain(|_, outcome| outcome.is_ok());
    }

    /// Whether it failed before, and its file was not touched since.
    pub fn failed_before(&self, candidate: &Candidate) -> Option<Failed> {
        let (changed, failed) = self.failed.get(&key(candidate))?;
        (*changed == watch::changed_at(&candidate.file)).then(|| failed.clone())
    }

    pub fn failed(&self, candidate: &Candidate) -> Option<Failed> {
        self.outcomes.get(&key(candidate))?.as_ref().err().cloned()
    }

    pub fn is_ready(&self, candidate: &Candidate) -> bool {
        self.outcomes.get(&key(candidate)).is_some_and(Result::is_ok)
    }

    pub fn take(&mut self, candidate: &Candidate) -> Option<Arc<LoadedPack>> {
        self.outcomes.remove(&key(candidate))?.ok()
    }

    /// Tries those that were not tried yet, as many at once as may be, and gives up all others.
    pub fn go_on(&mut self, newcomers: Vec<Newcomer>) {
        let wanted = |key: &Key| newcomers.iter().any(|(candidate, _)| self::key(candidate) == *key);
        // One that failed is refused, and no newcomer, until the next look at the folder.
        self.outcomes.retain(|key, outcome| outcome.is_err() || wanted(key));
        self.running.retain(|_, tryout| {
            let wanted = wanted(&tryout.key);
            tryout.unwanted.store(!wanted, Ordering::Relaxed);
            wanted
        });
        self.queued = false;
        for (candidate, before) in newcomers {
            let key = key(&candidate);
            if self.outcomes.contains_key(&key) || self.running.values().any(|tryout| tryout.key == key) {
                continue;
            }
            // A pack of formulas takes no processor from anybody for long, and has no part in the waiting.
            let now = candidate.library.is_none() || self.has_room();
            if now { self.begin(key, candidate, before) } else { self.queued = true }
        }
    }

    fn has_room(&self) -> bool {
        let quick = self.running.values().filter(|tryout| tryout.begun.elapsed() < SLOW).count();
        quick < side_by_side() && self.running.len() < MOST
    }

    /// Whether one that waits for its turn has it now.
    pub fn is_due(&self) -> bool {
        self.queued && self.has_room()
    }

    /// Whether some wait for their turn.
    pub fn is_queued(&self) -> bool {
        self.queued
    }

    pub fn is_undecided(&self) -> bool {
        self.queued || !self.running.is_empty()
    }

    fn begin(&mut self, key: Key, candidate: Arc<Candidate>, before: Option<Arc<LoadedPack>>) {
        let (number, unwanted) = (self.next, Arc::<AtomicBool>::default());
        let changed = watch::changed_at(&candidate.file);
        self.next += 1;
        self.running.insert(number, Tryout { key, changed, begun: Instant::now(), unwanted: unwanted.clone() });
        let (loader, told) = (self.loader.clone(), self.told.0.clone());
        let tell = move |outcome: Result<LoadedPack, Failed>| {
            // Nobody listens any more when the service ends.
            let _ = told.send(Told { number, outcome: outcome.map(Arc::new) });
        };
        let tell_instead = tell.clone();
        let attempt = move || {
            let outcome = catch_unwind(AssertUnwindSafe(|| loader.load(&candidate, before.as_deref(), &unwanted)));
            tell(outcome.unwrap_or_else(|_| Err(not_tried("a fault of the service's own, which is in its log"))));
            loader.bell.answer();
        };
        if let Err(error) = thread::Builder::new().name("pack-tryout".into()).spawn(attempt) {
            tell_instead(Err(not_tried(error)));
        }
    }
}

fn key(candidate: &Candidate) -> Key {
    (candidate.sha256.clone(), candidate.trusted)
}

fn not_tried(found: impl std::fmt::Display) -> Failed {
    failed("E_CHILD", "a thread to try the pack in", found, "look whether the system has memory and processes left, and touch the file")
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};

    use chrono::{DateTime, TimeDelta};

    use crate::Options;
    use crate::life::Life;
    use crate::options::Clock;
    use crate::quarantine::Ledger;
    use crate::watch::Bell;

    #[test]
    fn what_the_store_did_not_take_is_tried_again_after_a_minute() {
        let (packs, store) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        fs::write(packs.path().join("acme.toml"), include_str!("../../../../plugins/examples/toml/pack.toml")).expect("written");
        let private = store.path().join("private");
        fs::create_dir(&private).expect("made");
        fs::set_permissions(&private, Permissions::from_mode(0o770)).expect("others may enter");
        let minutes = Arc::new(AtomicI64::new(0));
        let passed = minutes.clone();
        let clock = Clock::new(move || DateTime::UNIX_EPOCH + TimeDelta::minutes(passed.load(Ordering::Relaxed)));
        let ledger = Arc::new(Ledger::open(store.path(), clock.clone()));
        let mut life = Life::new(Options { clock, ..Options::new(packs.path(), store.path()) }, ledger, Bell::default(), false);
        assert_eq!(life.begin(None).refusals()[0].code, "E_STORE");
        fs::set_permissions(&private, Permissions::from_mode(0o700)).expect("nobody else may");
        assert!(life.look(false).is_none(), "nothing has changed in the folder");
        minutes.store(1, Ordering::Relaxed);
        let again = life.look(false).expect("it is time");
        assert_eq!((again.undecided.len(), again.refusals().len()), (1, 0));
    }
}
