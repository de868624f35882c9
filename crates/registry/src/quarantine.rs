//! Which packs and which of their metrics failed so often that they are not asked any more: what counts how much, for how long,
//! and what lifts it.
//!
//! A metric is barred for ten minutes, then for twenty, then for forty; the fourth time until a new version comes or an operator
//! releases it. What was done to memory that is not the pack's bars the whole version at once and for good. The list is a file in the
//! private store, so that a restart forgets nothing; the counts that lead to it are only in memory. Several processes may share
//! the file: whoever changes it does so under a lock, on what stands in it then.

mod record;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::options::Clock;
use crate::outcome::{Failed, Fault, GIVEN_UP, failed};
use crate::runtime::Tier;
use record::Record;

/// Within which faults of a metric, or of a version, are counted together.
const WINDOW: TimeDelta = TimeDelta::minutes(10);
/// How long the first quarantine of a metric lasts; each next one lasts twice as long.
const FIRST: TimeDelta = TimeDelta::minutes(10);
/// The quarantine that does not end by itself.
const LAST: u32 = 4;
/// So many faults are enough, in the window or at more than one in a hundred batches.
const ENOUGH: usize = 3;
/// A child is started again so often.
const RESTARTS: usize = 3;

/// What is not asked, since when, until when, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quarantine {
    pub sha256: String,
    /// The pack's id.
    pub pack: String,
    pub version: String,
    /// The metric's key inside the pack; none for the whole version.
    pub metric: Option<String>,
    pub since: DateTime<Utc>,
    /// None: until a new version comes, or an operator releases it.
    pub until: Option<DateTime<Utc>>,
    /// How many times it came to this.
    pub times: u32,
    pub code: String,
    pub reason: String,
    /// What it takes to see the fault again.
    pub bundle: Option<PathBuf>,
}

/// A version, or one metric of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Accused<'a> {
    pub sha256: &'a str,
    pub pack: &'a str,
    pub version: &'a str,
    pub metric: &'a str,
    pub tier: Tier,
    /// How often the metric was asked, and failed, since the version was loaded.
    pub batches: u64,
    pub faults: u64,
}

/// What a fault leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Weight {
    /// It is about what the pack was given, and not the pack's.
    None,
    /// So many of it within the window bar the metric.
    Metric(usize),
    /// So many of it within the window bar the version.
    Version(usize),
}

/// The list of what is quarantined, and the counts that lead there.
#[derive(Debug)]
pub(crate) struct Ledger {
    store: PathBuf,
    record: Record,
    clock: Clock,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    listed: Vec<Quarantine>,
    /// By hash and metric (none for the version): when it failed, within the window.
    failed: BTreeMap<(String, Option<String>), Vec<DateTime<Utc>>>,
    /// Why memory of this process can no longer be relied on.
    tainted: Option<String>,
    /// How many entries held when that was last counted.
    holding: usize,
    /// Goes up with every change.
    edition: u64,
}

impl Quarantine {
    fn is_of(&self, sha256: &str, metric: Option<&str>) -> bool {
        self.sha256 == sha256 && self.metric.as_deref() == metric
    }

    fn holds_at(&self, now: DateTime<Utc>) -> bool {
        self.until.is_none_or(|until| now < until)
    }

    /// In words, for an outcome and for people.
    pub fn told(&self) -> String {
        let at = |time: DateTime<Utc>| time.format("%Y-%m-%d %H:%M:%S UTC").to_string();
        let end = self.until.map_or("until it is replaced or released".into(), |until| format!("until {}", at(until)));
        format!("quarantined since {} {end}, because {}: {}", at(self.since), self.code, self.reason)
    }
}

impl Ledger {
    /// Of a store; the list as it was left there.
    pub fn open(store: &Path, clock: Clock) -> Ledger {
        let record = Record::in_store(store);
        let state = State { listed: record.read(), ..State::default() };
        Ledger { store: store.to_owned(), record, clock, state: Mutex::new(state) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    pub fn store(&self) -> &Path {
        &self.store
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Goes up when something was added, ended or released.
    pub fn edition(&self) -> u64 {
        self.state().edition
    }

    /// Why the service should be started anew, if it should.
    pub fn tainted(&self) -> Option<String> {
        self.state().tainted.clone()
    }

    /// Before a file is read for its meaning.
    pub fn check(&self, sha256: &str) -> Result<(), Failed> {
        match self.of_version(sha256) {
            None => Ok(()),
            Some(quarantine) => Err(failed(
                "E_QUARANTINED",
                "a pack that has not misbehaved",
                format!("one that is {}", quarantine.told()),
                format!("put another version in its place, or release it with `counterpoise pack release {}`", &sha256[..12]),
            )),
        }
    }

    /// What holds now for a whole version.
    pub fn of_version(&self, sha256: &str) -> Option<Quarantine> {
        let now = self.now();
        self.state().listed.iter().find(|listed| listed.is_of(sha256, None) && listed.holds_at(now)).cloned()
    }

    /// What holds now for a metric, be it for the whole version.
    pub fn of_metric(&self, sha256: &str, metric: &str) -> Option<Quarantine> {
        let now = self.now();
        let holds = |listed: &&Quarantine| (listed.is_of(sha256, None) || listed.is_of(sha256, Some(metric))) && listed.holds_at(now);
        self.state().listed.iter().find(holds).cloned()
    }

    /// All that holds now for a version and its metrics.
    pub fn of_all(&self, sha256: &str) -> Vec<Quarantine> {
        let now = self.now();
        self.state().listed.iter().filter(|listed| listed.sha256 == sha256 && listed.holds_at(now)).cloned().collect()
    }

    /// Counts a fault, and says whether it was one too many. `bundle` is asked to keep what led to it only then.
    pub fn count(&self, accused: &Accused<'_>, fault: &Fault, bundle: impl FnOnce() -> Option<PathBuf>) -> Option<Quarantine> {
        let (metric, most) = match weigh(fault, accused.tier) {
            Weight::None => return None,
            Weight::Metric(most) => (Some(accused.metric), most),
            Weight::Version(most) => (None, most),
        };
        let now = self.now();
        let mut state = self.state();
        let failed = state.failed.entry((accused.sha256.to_owned(), metric.map(str::to_owned))).or_default();
        failed.retain(|&at| now - at < WINDOW);
        failed.push(now);
        let often = metric.is_some() && accused.faults >= ENOUGH as u64 && accused.faults.saturating_mul(100) > accused.batches;
        if failed.len() < most && !often {
            return None;
        }
        failed.clear();
        if harms_the_host(&fault.code) && accused.tier == Tier::InProcess && state.tainted.is_none() {
            let reason =
                format!("{} {} ({}) did not keep to its own memory or mode: {fault}", accused.pack, accused.version, accused.metric);
            tracing::error!("restart the service: {reason}");
            state.tainted = Some(reason);
        }
        drop(state);
        let entry = Quarantine {
            sha256: accused.sha256.into(),
            pack: accused.pack.into(),
            version: accused.version.into(),
            metric: metric.map(str::to_owned),
            since: now,
            until: None,
            times: 1,
            code: fault.code.clone(),
            reason: fault.message.clone(),
            bundle: bundle(),
        };
        Some(self.add(entry))
    }

    /// Puts an entry on the list, counted on from what stands there of the same metric.
    pub fn add(&self, mut entry: Quarantine) -> Quarantine {
        self.change(|listed| {
            if let Some(before) = listed.iter().position(|listed| listed.is_of(&entry.sha256, entry.metric.as_deref())) {
                entry.times = listed.remove(before).times + 1;
            }
            let ends = entry.metric.is_some() && entry.times < LAST;
            entry.until = ends.then(|| entry.since + FIRST * 2i32.pow(entry.times - 1));
            listed.push(entry.clone());
        });
        let what = entry.metric.as_deref().map_or(entry.pack.clone(), |metric| format!("{}.{metric}", entry.pack));
        tracing::error!(sha256 = entry.sha256, version = entry.version, "{what} is {}", entry.told());
        entry
    }

    /// Takes off the list what is of this pack, or of the version whose hash begins so.
    pub fn release(&self, id_or_hash: &str) -> Vec<Quarantine> {
        let meant = |listed: &Quarantine| listed.pack == id_or_hash || (id_or_hash.len() >= 8 && listed.sha256.starts_with(id_or_hash));
        let mut released = Vec::new();
        self.change(|listed| released = listed.extract_if(.., |listed| meant(listed)).collect());
        self.state().failed.retain(|(sha256, _), _| released.iter().all(|released| released.sha256 != *sha256));
        released
    }

    /// Takes in what other processes did to the list, and what time did.
    pub fn refresh(&self) {
        let (now, read) = (self.now(), self.record.read_if_changed());
        let mut state = self.state();
        let differs = read.as_ref().is_some_and(|read| *read != state.listed);
        state.listed = read.unwrap_or_else(|| std::mem::take(&mut state.listed));
        let holding = state.listed.iter().filter(|listed| listed.holds_at(now)).count();
        if differs || holding != state.holding {
            (state.holding, state.edition) = (holding, state.edition + 1);
        }
    }

    fn change(&self, change: impl FnOnce(&mut Vec<Quarantine>)) {
        let mut state = self.state();
        let State { listed, edition, .. } = &mut *state;
        self.record.change(listed, change);
        *edition += 1;
    }
}

/// Whether a fault is held against the whole version, and not only against the metric that it happened in.
pub(crate) fn is_of_the_version(fault: &Fault, tier: Tier) -> bool {
    matches!(weigh(fault, tier), Weight::Version(_))
}

/// An overflow in a row is the row's: a sum of facts may well be too large for a decimal, and the others are computed without it.
fn weigh(fault: &Fault, tier: Tier) -> Weight {
    match fault.code.as_str() {
        "E_INPUT" | "E_COMPUTE" | "E_UNSUPPORTED" | "E_INTERNAL" => Weight::None,
        // The death before it has been counted.
        "F_NO_CHILD" => Weight::None,
        GIVEN_UP => Weight::Version(1),
        "E_OVERFLOW" if fault.row.is_some() => Weight::None,
        "F_NOT_DETERMINISTIC" => Weight::Metric(1),
        "F_CHILD_DIED" => Weight::Version(RESTARTS + 1),
        "F_DEADLINE" if tier == Tier::InProcess => Weight::Version(1),
        "F_DEADLINE" => Weight::Version(ENOUGH),
        code if harms_the_host(code) => Weight::Version(1),
        _ => Weight::Metric(ENOUGH),
    }
}

/// Faults after which, in this process, nothing is certain any more.
fn harms_the_host(code: &str) -> bool {
    ["F_WROTE_PAST_END", "F_VALIDITY_PAST_END", "F_INPUT_CHANGED", "F_UNKNOWN_STATUS", "F_ERR_LEN", "F_ENV"].contains(&code)
}
