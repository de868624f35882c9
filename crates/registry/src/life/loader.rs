//! Makes a pack of a file that was inspected, on whatever thread: nothing here depends on what serves.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::guard::Guard;
use crate::inspect::Candidate;
use crate::load::{self, Loaded};
use crate::options::Options;
use crate::outcome::Failed;
use crate::quarantine::Ledger;
use crate::runtime::Tier;
use crate::shadow;
use crate::snapshot::LoadedPack;
use crate::watch::Bell;

/// What it takes to load packs.
#[derive(Debug)]
pub(super) struct Loader {
    pub options: Options,
    pub ledger: Arc<Ledger>,
    pub bell: Bell,
    /// By hash, the code that is in this process: it stays, and is used again when its version comes back.
    mapped: Mutex<BTreeMap<String, Mapped>>,
}

#[derive(Debug)]
struct Mapped {
    id: String,
    loaded: Loaded,
}

impl Loader {
    pub fn new(options: Options, ledger: Arc<Ledger>, bell: Bell) -> Loader {
        Loader { options, ledger, bell, mapped: Mutex::default() }
    }

    /// The pack that would come in the place of the one before. Ends early, with any error, when nobody wants it any more.
    pub fn load(&self, candidate: &Candidate, before: Option<&LoadedPack>, unwanted: &AtomicBool) -> Result<LoadedPack, Failed> {
        let Options { store, program, .. } = &self.options;
        let formulas = load::formulas(&candidate.pack)?;
        let Loaded { runtime, mut warnings } = match self.mapped_before(candidate) {
            Some(loaded) => load::keep(candidate, store).map(|_| loaded)?,
            None => self.keep_mapped(candidate, load::load(candidate, store, program.as_ref(), unwanted)?),
        };
        if let Some(before) = before.filter(|before| before.sha256 != candidate.sha256) {
            warnings.extend(shadow::compare(before, &candidate.pack, &runtime)?);
        }
        Ok(LoadedPack::of(candidate, formulas, runtime, warnings, self.guard(candidate)))
    }

    /// What is quarantined, in its place without running: a release finds it there, and what is trusted is then loaded anew.
    pub fn load_asleep(&self, candidate: &Candidate) -> Option<LoadedPack> {
        let program = self.options.program.as_ref()?;
        let formulas = load::formulas(&candidate.pack).ok()?;
        let runtime = load::asleep(candidate, &self.options.store, program).ok()?;
        Some(LoadedPack { trusted: false, ..LoadedPack::of(candidate, formulas, runtime, Vec::new(), self.guard(candidate)) })
    }

    fn guard(&self, candidate: &Candidate) -> Guard {
        Guard::new(self.ledger.clone(), &candidate.sha256, &candidate.pack, self.bell.clone())
    }

    /// What is not trusted any more does not run in this process any more, be it mapped.
    fn mapped_before(&self, candidate: &Candidate) -> Option<Loaded> {
        let may_run_here = candidate.trusted || self.options.program.is_none();
        self.mapped().get(&candidate.sha256).filter(|_| may_run_here).map(|mapped| mapped.loaded.clone())
    }

    fn keep_mapped(&self, candidate: &Candidate, loaded: Loaded) -> Loaded {
        if loaded.runtime.tier() == Tier::InProcess {
            let mapped = Mapped { id: candidate.pack.id.clone(), loaded: loaded.clone() };
            self.mapped().entry(candidate.sha256.clone()).or_insert(mapped);
        }
        loaded
    }

    fn mapped(&self) -> MutexGuard<'_, BTreeMap<String, Mapped>> {
        self.mapped.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many versions of packs have their code in this process, as far as they are meant by their ids and hashes.
    pub fn count_mapped(&self, meant: impl Fn(&str, &str) -> bool) -> usize {
        self.mapped().iter().filter(|(sha256, mapped)| meant(&mapped.id, sha256)).count()
    }
}
