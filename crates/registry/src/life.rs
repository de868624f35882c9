//! The packs as they come, serve and go: what is in the folder, what serves, and which set of packs is published next.
//!
//! Everything is decided on one thread. A look at the folder changes nothing of what was published; it ends with a new set that
//! takes the old one's place at once. What cannot be loaded leaves what serves as it is.

mod restart;
mod serving;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use chrono::{DateTime, Utc};
use serving::{Serving, Trial};

use crate::guard::Guard;
use crate::inspect::{Candidate, inspect};
use crate::options::Options;
use crate::outcome::{Failed, Refusal};
use crate::quarantine::Ledger;
use crate::runtime::{Runtime, Tier};
use crate::served::Served;
use crate::settle::{Contender, Incumbent, Settlement};
use crate::snapshot::{LoadedPack, Snapshot};
use crate::standing::Note;
use crate::watch::{self, Bell};
use crate::{load, removal, shadow};

/// So many versions that serve no more may stay in this process before it should be started anew.
const MOST_RETIRED: usize = 64;

#[derive(Debug)]
pub(crate) struct Life {
    options: Options,
    ledger: Arc<Ledger>,
    bell: Bell,
    serving: BTreeMap<String, Serving>,
    /// By hash, what failed once it was loaded, and when its file was changed: it would fail again, unless somebody touched it since.
    failed: BTreeMap<String, (Option<SystemTime>, Failed)>,
    /// By hash, the code that is in this process: it stays, and is used again when its version comes back.
    mapped: BTreeMap<String, Mapped>,
    refused_since: BTreeMap<PathBuf, (&'static str, DateTime<Utc>)>,
    /// What was said already.
    told: BTreeSet<(PathBuf, String)>,
    remembers: bool,
    /// Whether a restart was asked for.
    asked: bool,
    edition: u64,
    /// What the store says that served, where it is kept; none before the first look.
    served: Option<Served>,
}

#[derive(Debug)]
struct Mapped {
    id: String,
    loaded: load::Loaded,
}

impl Life {
    /// `remembers` says whether what serves is kept over a restart.
    pub fn new(options: Options, ledger: Arc<Ledger>, bell: Bell, remembers: bool) -> Life {
        Life {
            options,
            ledger,
            bell,
            serving: BTreeMap::new(),
            failed: BTreeMap::new(),
            mapped: BTreeMap::new(),
            refused_since: BTreeMap::new(),
            told: BTreeSet::new(),
            remembers,
            asked: false,
            edition: 0,
            served: None,
        }
    }

    /// Looks at the folder, if it may have changed or if what is known of its packs did, and gives the set that is to serve then.
    pub fn look(&mut self, changed: bool) -> Option<Snapshot> {
        self.ledger.refresh();
        let ended = self.end_trials();
        let edition = self.ledger.edition();
        let known = std::mem::replace(&mut self.edition, edition) == edition;
        if !changed && known && !ended {
            return None;
        }
        self.serving.values().for_each(|serving| serving.pack.guard.look_up());
        let mut settlement = self.line_up();
        let mut fresh = BTreeMap::new();
        loop {
            settlement.settle();
            let Some((key, candidate)) = settlement.next(|candidate| fresh.contains_key(&candidate.sha256)) else { break };
            let before = settlement.incumbent(key).map(|incumbent| incumbent.pack.clone());
            match self.load(candidate, before.as_deref()) {
                Ok(pack) => drop(fresh.insert(candidate.sha256.clone(), Arc::new(pack))),
                Err(failed) => {
                    self.remember_failed(candidate, &failed);
                    let refused = vec![(key.clone(), failed)];
                    settlement.refuse(refused);
                }
            }
        }
        let (standing, mut refusals) = settlement.close();
        // What is quarantined while it serves is said of it once.
        let serves =
            |refusal: &Refusal| self.serving.values().any(|serving| refusal.identity.sha256.as_ref() == Some(&serving.pack.sha256));
        refusals.retain(|refusal| refusal.code != "E_QUARANTINED" || !serves(refusal));
        self.adopt(standing, fresh, &refusals);
        Some(self.snapshot(refusals))
    }

    /// A version that failed in its trial gives way to the one before; one that did not has passed it.
    fn end_trials(&mut self) -> bool {
        let now = self.options.clock.now();
        let mut ended = false;
        for serving in self.serving.values_mut() {
            let Some(Trial { until, previous }) = serving.trial.clone() else { continue };
            // What was held against it before is what whoever put it back knew.
            if let Some(cause) = serving.pack.guard.quarantined().into_iter().find(|listed| listed.since >= serving.since) {
                serving.fall_back(previous, &self.ledger, &cause);
                ended = true;
            } else if now >= until {
                serving.trial = None;
                ended = true;
            }
        }
        ended
    }

    /// What is in the folder beside what serves.
    fn line_up(&mut self) -> Settlement {
        let mut refusals = Vec::new();
        let files = load::list(&self.options.folder);
        let readable = files.is_ok();
        let files = files.unwrap_or_else(|refusal| {
            refusals.push(*refusal);
            Vec::new()
        });
        let mut candidates = Vec::new();
        for file in &files {
            match inspect(&self.options.folder, file, &self.options.trust, &self.ledger).and_then(|candidate| self.not_failed(candidate)) {
                Ok(candidate) => candidates.push(candidate),
                Err(refusal) => refusals.push(*refusal),
            }
        }
        let forced = removal::forced(&self.options.folder);
        self.remember(&files, &candidates);
        let gone = |serving: &Serving| {
            let id = &serving.pack.manifest.id;
            let refused = |refusal: &Refusal| refusal.file == serving.file || refusal.identity.id.as_ref() == Some(id);
            readable && candidates.iter().all(|candidate| candidate.pack.id != *id) && !refusals.iter().any(refused)
        };
        self.serving.retain(|id, serving| !gone(serving) || !forced.contains(&(id.clone(), serving.pack.sha256.clone())));
        removal::forget(&self.options.folder, forced, &candidates);
        let incumbent = |serving: &Serving| Incumbent { pack: serving.pack.clone(), file: serving.file.clone(), gone: gone(serving) };
        let incumbents = self.serving.values().map(incumbent).collect();
        Settlement::new(candidates, incumbents, refusals)
    }

    fn not_failed(&self, candidate: Candidate) -> Result<Candidate, Box<Refusal>> {
        match self.failed.get(&candidate.sha256) {
            Some((changed, failed)) if *changed == watch::changed_at(&candidate.file) => {
                Err(failed.clone().of_known(&candidate.file, candidate.identity()))
            }
            _ => Ok(candidate),
        }
    }

    /// Where the store or the system failed, the next look tries again.
    fn remember_failed(&mut self, candidate: &Candidate, failed: &Failed) {
        if !["E_STORE", "E_CHILD"].contains(&failed.code) {
            self.failed.insert(candidate.sha256.clone(), (watch::changed_at(&candidate.file), failed.clone()));
        }
    }

    fn load(&mut self, candidate: &Candidate, before: Option<&LoadedPack>) -> Result<LoadedPack, Failed> {
        let formulas = load::formulas(&candidate.pack)?;
        let load::Loaded { runtime, mut warnings } = match self.mapped.get(&candidate.sha256) {
            Some(mapped) => mapped.loaded.clone(),
            None => load::load(candidate, &self.options.store, self.options.program.as_ref())?,
        };
        self.keep_mapped(candidate, &runtime, &warnings);
        warnings.extend(before.map(|before| shadow::compare(before, &candidate.pack, &runtime)).unwrap_or_default());
        for (code, warning) in &warnings {
            tracing::warn!(file = %candidate.file.display(), code, "{warning}");
        }
        let guard = Guard::new(self.ledger.clone(), &candidate.sha256, &candidate.pack, self.bell.clone());
        Ok(LoadedPack::of(candidate, formulas, runtime, warnings, guard))
    }

    fn keep_mapped(&mut self, candidate: &Candidate, runtime: &Arc<dyn Runtime>, warnings: &[crate::outcome::Warning]) {
        if runtime.tier() == Tier::InProcess {
            let loaded = load::Loaded { runtime: runtime.clone(), warnings: warnings.to_vec() };
            self.mapped.entry(candidate.sha256.clone()).or_insert(Mapped { id: candidate.pack.id.clone(), loaded });
        }
    }

    /// Makes what stands serve.
    fn adopt(&mut self, standing: Vec<Contender>, mut fresh: BTreeMap<String, Arc<LoadedPack>>, refusals: &[Refusal]) {
        let mut before = std::mem::take(&mut self.serving);
        for contender in standing {
            let id = contender.pack().id.clone();
            let serving = match contender {
                Contender::Serving(incumbent) => before.remove(&id).map(|serving| serving.under(&incumbent, refusals)),
                Contender::New(candidate) => {
                    fresh.remove(&candidate.sha256).map(|pack| self.begin(pack, &candidate.file, before.remove(&id)))
                }
            };
            self.serving.extend(serving.map(|serving| (id, serving)));
        }
        for (id, gone) in before {
            tracing::info!(pack = id, version = gone.pack.manifest.version, "pack removed");
        }
        self.tell(refusals);
        self.ask_for_restart();
        self.keep_served();
    }

    fn begin(&self, pack: Arc<LoadedPack>, file: &Path, before: Option<Serving>) -> Serving {
        let (id, version) = (&pack.manifest.id, &pack.manifest.version);
        match &before {
            Some(before) => tracing::info!(pack = id, version, replaced = before.pack.manifest.version, "pack replaced"),
            None if self.remembers => tracing::info!(pack = id, version, metrics = pack.manifest.metrics.len(), "pack loaded"),
            None => tracing::debug!(pack = id, version, "pack loaded"),
        }
        let now = self.options.clock.now();
        // What is quarantined itself is nothing to fall back to.
        let previous = before.map(|before| before.pack).filter(|before| before.guard.quarantined().is_empty());
        let until = now + self.options.probation;
        let trial = previous.map(|previous| Trial { until, previous });
        Serving { pack, file: file.to_owned(), since: now, trial, fell_back: None, unfiled: None }
    }

    /// Says each refusal once. A file that is being copied is not whole yet, and nobody's fault.
    fn tell(&mut self, refusals: &[Refusal]) {
        self.told.retain(|(file, told)| refusals.iter().any(|refusal| refusal.file == *file && refusal.message == *told));
        for refusal in refusals {
            if watch::may_be_half(&refusal.file) && !refusal.code.starts_with("F_") {
                tracing::debug!(file = %refusal.file.display(), code = refusal.code, "not a whole pack yet: {}", refusal.message);
            } else if self.told.insert((refusal.file.clone(), refusal.message.clone())) {
                tracing::warn!(file = %refusal.file.display(), code = refusal.code, "pack refused: {}", refusal.message);
            }
        }
    }

    fn snapshot(&mut self, refusals: Vec<Refusal>) -> Snapshot {
        let now = self.options.clock.now();
        let before = std::mem::take(&mut self.refused_since);
        for refusal in &refusals {
            let since = before.get(&refusal.file).filter(|(code, _)| *code == refusal.code).map_or(now, |(_, since)| *since);
            self.refused_since.insert(refusal.file.clone(), (refusal.code, since));
        }
        Snapshot {
            packs: self.serving.values().map(|serving| serving.pack.clone()).collect(),
            refusals,
            notes: self.serving.iter().map(|(id, serving)| (id.clone(), self.note(id, serving))).collect(),
            refused_since: self.refused_since.iter().map(|(file, (_, since))| (file.clone(), *since)).collect(),
            mapped: self.mapped.len(),
            edition: self.edition,
            restart: self.restart(),
        }
    }

    fn ask_for_restart(&mut self) {
        let reason = self.restart();
        if let Some(reason) = reason.as_ref().filter(|_| !self.asked) {
            tracing::warn!("restart the service when it suits: {reason}");
        }
        self.asked = reason.is_some();
    }

    /// Code that was mapped once stays.
    fn restart(&self) -> Option<String> {
        let serves = |sha256: &String| self.serving.values().any(|serving| serving.pack.sha256 == *sha256);
        let retired = self.mapped.keys().filter(|sha256| !serves(sha256)).count();
        (retired > MOST_RETIRED).then(|| format!("{retired} versions of packs that serve no more are still in its memory"))
    }

    fn note(&self, id: &str, serving: &Serving) -> Note {
        Note {
            file: serving.file.clone(),
            since: serving.since,
            trial: serving.trial.as_ref().map(|trial| trial.until),
            reason: serving.reason(),
            mapped_versions: self.mapped.values().filter(|mapped| mapped.id == id).count(),
        }
    }
}
