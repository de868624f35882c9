//! The packs as they come, serve and go: what is in the folder, what serves, and which set of packs is published next.
//!
//! Everything is decided on one thread. A look at the folder changes nothing of what was published; it ends with a new set that
//! takes the old one's place at once. Newcomers are tried beside it, and each is in the next set when it is ready and fits there.
//! What cannot be loaded leaves what serves as it is.

mod loader;
mod restart;
mod serving;
mod tryout;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use loader::Loader;
use serving::{Serving, Trial};
use tryout::Tryouts;

use crate::inspect::{Candidate, inspect};
use crate::options::Options;
use crate::outcome::Refusal;
use crate::quarantine::Ledger;
use crate::served::Served;
use crate::settle::{Contender, Incumbent, Settled, Settlement, Undecided};
use crate::snapshot::{LoadedPack, Snapshot};
use crate::standing::Note;
use crate::trust::signature_file;
use crate::watch::{self, Bell};
use crate::{load, removal};

/// So many versions that serve no more may stay in this process before it should be started anew.
const MOST_RETIRED: usize = 64;
/// How long newcomers that wait for their turn are left alone.
const TURN: Duration = Duration::from_millis(100);
/// In the place of a code, for a file of which it is not known yet whether it is refused.
const UNDECIDED: &str = "";

#[derive(Debug)]
pub(crate) struct Life {
    loader: Arc<Loader>,
    tryouts: Tryouts,
    serving: BTreeMap<String, Serving>,
    /// What was in the folder, as long as something of it is undecided.
    line_up: Option<LineUp>,
    /// Since when a file is refused for the same reason, or undecided.
    unserved_since: BTreeMap<PathBuf, (&'static str, DateTime<Utc>)>,
    /// What was said already.
    told: BTreeSet<(PathBuf, String)>,
    keeps: bool,
    /// Whether a restart was asked for.
    asked: bool,
    edition: u64,
    /// What the store says that served; none before the first look.
    served: Option<Served>,
}

/// What a look at the folder found.
#[derive(Debug)]
struct LineUp {
    readable: bool,
    candidates: Vec<Arc<Candidate>>,
    refusals: Vec<Refusal>,
}

impl LineUp {
    /// Whether the file of a pack that serves is gone, or holds something else.
    fn lacks(&self, serving: &Serving) -> bool {
        let id = &serving.pack.manifest.id;
        let refused = |refusal: &Refusal| refusal.file == serving.file || refusal.identity.id.as_ref() == Some(id);
        self.readable && self.candidates.iter().all(|candidate| candidate.pack.id != *id) && !self.refusals.iter().any(refused)
    }
}

impl Life {
    /// `keeps` says whether this is the one whose packs serve: then they are kept over a restart.
    pub fn new(options: Options, ledger: Arc<Ledger>, bell: Bell, keeps: bool) -> Life {
        let loader = Arc::new(Loader::new(options, ledger, bell));
        Life {
            tryouts: Tryouts::new(loader.clone()),
            loader,
            serving: BTreeMap::new(),
            line_up: None,
            unserved_since: BTreeMap::new(),
            told: BTreeSet::new(),
            keeps,
            asked: false,
            edition: 0,
            served: None,
        }
    }

    fn options(&self) -> &Options {
        &self.loader.options
    }

    /// The first look, which waits until all is decided, but no longer than told.
    pub fn begin(&mut self, longest: Option<Duration>) -> Snapshot {
        let begun = Instant::now();
        let mut snapshot = self.look(true);
        while self.tryouts.is_undecided() && longest.is_none_or(|longest| begun.elapsed() < longest) {
            let arrived = self.tryouts.wait(TURN);
            if arrived || self.tryouts.is_due() {
                snapshot = Some(self.decide());
            }
        }
        snapshot.unwrap_or_default()
    }

    /// Takes in what became of newcomers, looks at the folder, if it may have changed or if what is known of its packs did, and gives
    /// the set that is to serve then.
    pub fn look(&mut self, changed: bool) -> Option<Snapshot> {
        self.loader.ledger.refresh();
        let (ended, trusts) = (self.end_trials(), self.options().trust.refresh());
        let edition = self.loader.ledger.edition();
        let known = std::mem::replace(&mut self.edition, edition) == edition;
        let arrived = self.tryouts.collect();
        if changed || !known || ended || trusts || self.tryouts.is_time_again() {
            self.serving.values().for_each(|serving| serving.pack.guard.look_up());
            self.line_up();
        } else if !arrived && !self.tryouts.is_due() {
            return None;
        }
        Some(self.decide())
    }

    /// How soon to look again, if nothing is heard before.
    pub fn pause(&self) -> Option<Duration> {
        self.tryouts.is_queued().then_some(TURN)
    }

    /// What serves now, of what was in the folder.
    fn decide(&mut self) -> Snapshot {
        let mut settlement = self.settlement();
        loop {
            settlement.settle();
            let failed = |(key, candidate): (&String, &Arc<Candidate>)| Some((key.clone(), self.tryouts.failed(candidate)?));
            let failed: Vec<_> = settlement.newcomers().filter_map(failed).collect();
            if failed.is_empty() {
                break;
            }
            settlement.refuse(failed);
        }
        let before = |key: &String| settlement.incumbent(key).map(|incumbent| incumbent.pack.clone());
        let newcomers = settlement.newcomers().map(|(key, candidate)| (candidate.clone(), before(key))).collect();
        self.tryouts.go_on(newcomers);
        let Settled { standing, undecided, mut refusals } = settlement.close(|candidate| self.tryouts.is_ready(candidate));
        // What is quarantined while it serves is said of it once.
        let serves =
            |refusal: &Refusal| self.serving.values().any(|serving| refusal.identity.sha256.as_ref() == Some(&serving.pack.sha256));
        refusals.retain(|refusal| refusal.code != "E_QUARANTINED" || !serves(refusal));
        self.adopt(standing, &refusals);
        if !self.tryouts.is_undecided() {
            self.line_up = None;
        }
        self.snapshot(refusals, undecided)
    }

    /// A version that failed in its trial gives way to the one before; one that did not has passed it.
    fn end_trials(&mut self) -> bool {
        let now = self.options().clock.now();
        let mut ended = false;
        for serving in self.serving.values_mut() {
            let Some(Trial { until, previous }) = serving.trial.clone() else { continue };
            // What was held against it before is what whoever put it back knew.
            if let Some(cause) = serving.pack.guard.quarantined().into_iter().find(|listed| listed.since >= serving.since) {
                serving.fall_back(previous, &self.loader.ledger, &cause);
                ended = true;
            } else if now >= until {
                serving.trial = None;
                ended = true;
            }
        }
        ended
    }

    /// Looks at the folder.
    fn line_up(&mut self) {
        self.tryouts.look_again();
        let loader = self.loader.clone();
        let Options { folder, trust, .. } = &loader.options;
        let mut refusals = Vec::new();
        let files = load::list(folder);
        let readable = files.is_ok();
        let files = files.unwrap_or_else(|refusal| {
            refusals.push(*refusal);
            Vec::new()
        });
        let mut candidates = Vec::new();
        for file in &files {
            match inspect(folder, file, trust, &loader.ledger).and_then(|candidate| self.not_failed(candidate)) {
                Ok(candidate) => candidates.push(Arc::new(candidate)),
                Err(refusal) => refusals.push(*refusal),
            }
        }
        let forced = removal::forced(folder);
        self.remember(&files, &candidates);
        let line_up = LineUp { readable, candidates, refusals };
        self.serving.retain(|id, serving| !line_up.lacks(serving) || !forced.contains(&(id.clone(), serving.pack.sha256.clone())));
        removal::forget(folder, forced, &line_up.candidates);
        self.line_up = Some(line_up);
    }

    fn not_failed(&self, candidate: Candidate) -> Result<Candidate, Box<Refusal>> {
        match self.tryouts.failed_before(&candidate) {
            Some(failed) => Err(failed.of_known(&candidate.file, candidate.identity())),
            None => Ok(candidate),
        }
    }

    /// What is in the folder beside what serves.
    fn settlement(&self) -> Settlement {
        let gone = |serving: &Serving| self.line_up.as_ref().is_some_and(|line_up| line_up.lacks(serving));
        let incumbent = |serving: &Serving| Incumbent { pack: serving.pack.clone(), file: serving.file.clone(), gone: gone(serving) };
        let incumbents = self.serving.values().map(incumbent).collect();
        let (candidates, refusals) =
            self.line_up.as_ref().map(|line_up| (line_up.candidates.clone(), line_up.refusals.clone())).unwrap_or_default();
        Settlement::new(candidates, incumbents, refusals)
    }

    /// Makes what stands serve.
    fn adopt(&mut self, standing: Vec<Contender>, refusals: &[Refusal]) {
        let mut before = std::mem::take(&mut self.serving);
        for contender in standing {
            let id = contender.pack().id.clone();
            let serving = match contender {
                Contender::Serving(incumbent) => before.remove(&id).map(|serving| serving.under(&incumbent, refusals)),
                Contender::New(candidate) => self.tryouts.take(&candidate).map(|pack| match before.remove(&id) {
                    Some(serving) if serving.pack.sha256 == pack.sha256 => serving.moved(pack, &candidate.file),
                    before => self.enter(pack, &candidate.file, before),
                }),
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

    fn enter(&self, pack: Arc<LoadedPack>, file: &Path, before: Option<Serving>) -> Serving {
        warn(&pack);
        let (id, version) = (&pack.manifest.id, &pack.manifest.version);
        match &before {
            Some(before) => tracing::info!(pack = id, version, replaced = before.pack.manifest.version, "pack replaced"),
            None if self.keeps => tracing::info!(pack = id, version, metrics = pack.manifest.metrics.len(), "pack loaded"),
            None => tracing::debug!(pack = id, version, "pack loaded"),
        }
        let now = self.options().clock.now();
        // What is quarantined itself is nothing to fall back to.
        let previous = before.map(|before| before.pack).filter(|before| before.guard.quarantined().is_empty());
        let until = now + self.options().probation;
        let trial = previous.map(|previous| Trial { until, previous });
        Serving { pack, file: file.to_owned(), since: now, trial, fell_back: None, unfiled: None }
    }

    /// Says each refusal once. A file that is being copied is not whole yet, and nobody's fault.
    fn tell(&mut self, refusals: &[Refusal]) {
        self.told.retain(|(file, told)| refusals.iter().any(|refusal| refusal.file == *file && refusal.message == *told));
        for refusal in refusals {
            let may_be_half = watch::may_be_half(&refusal.file) || watch::may_be_half(&signature_file(&refusal.file));
            if may_be_half && !refusal.code.starts_with("F_") {
                tracing::debug!(file = %refusal.file.display(), code = refusal.code, "not a whole pack yet: {}", refusal.message);
            } else if self.told.insert((refusal.file.clone(), refusal.message.clone())) {
                tracing::warn!(file = %refusal.file.display(), code = refusal.code, "pack refused: {}", refusal.message);
            }
        }
    }

    fn snapshot(&mut self, refusals: Vec<Refusal>, undecided: Vec<Undecided>) -> Snapshot {
        let now = self.options().clock.now();
        let refused = refusals.iter().map(|refusal| (&refusal.file, refusal.code));
        let unserved = refused.chain(undecided.iter().map(|undecided| (&undecided.file, UNDECIDED)));
        let since = |(file, code): (&PathBuf, &'static str)| {
            let before = self.unserved_since.get(file).filter(|(before, _)| *before == code);
            (file.clone(), (code, before.map_or(now, |(_, since)| *since)))
        };
        self.unserved_since = unserved.map(since).collect();
        Snapshot {
            packs: self.serving.values().map(|serving| serving.pack.clone()).collect(),
            refusals,
            undecided,
            notes: self.serving.iter().map(|(id, serving)| (id.clone(), self.note(id, serving))).collect(),
            unserved_since: self.unserved_since.iter().map(|(file, (_, since))| (file.clone(), *since)).collect(),
            mapped: self.loader.count_mapped(|_, _| true),
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
        let serves = |sha256: &str| self.serving.values().any(|serving| serving.pack.sha256 == sha256);
        let retired = self.loader.count_mapped(|_, sha256| !serves(sha256));
        (retired > MOST_RETIRED).then(|| format!("{retired} versions of packs that serve no more are still in its memory"))
    }

    fn note(&self, id: &str, serving: &Serving) -> Note {
        Note {
            file: serving.file.clone(),
            since: serving.since,
            trial: serving.trial.as_ref().map(|trial| trial.until),
            reason: serving.reason(),
            mapped_versions: self.loader.count_mapped(|mapped, _| mapped == id),
        }
    }
}

fn warn(pack: &LoadedPack) {
    for (code, warning) in &pack.warnings {
        tracing::warn!(file = %pack.file.display(), code, "{warning}");
    }
}
