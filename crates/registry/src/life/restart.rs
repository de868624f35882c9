//! What served before a restart, and serves again after it.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use super::loader::Loader;
use super::serving::{Serving, Trial};
use super::tryout::side_by_side;
use super::{Life, warn};
use crate::inspect::{Candidate, inspect, inspect_barred};
use crate::served::{self, Entry, Served};
use crate::snapshot::LoadedPack;
use crate::vault;

impl Life {
    /// On the first look, what served when the service was last there serves again, as far as its file or another pack wants it.
    pub(super) fn remember(&mut self, files: &[PathBuf], candidates: &[Arc<Candidate>]) {
        if self.served.is_some() {
            return;
        }
        let served = served::read(&self.options().store, &self.options().folder);
        let wanted = |(id, entry): &(&String, &Entry)| {
            let prefix = format!("{id}.");
            let needed = |candidate: &Candidate| candidate.pack.foreign_needs().iter().any(|(_, needed)| needed.starts_with(&prefix));
            files.contains(&entry.file) || candidates.iter().any(|candidate| candidate.pack.id == **id || needed(candidate))
        };
        self.serving.extend(restore_all(&self.loader, served.iter().filter(wanted).collect()));
        self.served = Some(served);
    }

    pub(super) fn keep_served(&mut self) {
        let entry = |serving: &Serving| served::Entry {
            sha256: serving.pack.sha256.clone(),
            file: serving.file.clone(),
            since: serving.since,
            trial: serving.trial.as_ref().map(|trial| served::Trial { until: trial.until, previous: trial.previous.sha256.clone() }),
            fell_back: serving.fell_back.clone(),
        };
        let served: Served = self.serving.iter().map(|(id, serving)| (id.clone(), entry(serving))).collect();
        if self.keeps && self.served.as_ref() != Some(&served) {
            served::write(&self.options().store, &self.options().folder, &served);
            self.served = Some(served);
        }
    }
}

/// As many at once as there are processors for.
fn restore_all(loader: &Loader, entries: Vec<(&String, &Entry)>) -> Vec<(String, Serving)> {
    let helpers = side_by_side().min(entries.len()).saturating_sub(1);
    let (entries, restored) = (Mutex::new(entries.into_iter()), Mutex::new(Vec::new()));
    let next = || entries.lock().unwrap_or_else(PoisonError::into_inner).next();
    let work = || {
        while let Some((id, entry)) = next() {
            let serving = restore(loader, entry).map(|serving| (id.clone(), serving));
            restored.lock().unwrap_or_else(PoisonError::into_inner).extend(serving);
        }
    };
    thread::scope(|scope| {
        // What cannot be started is done by the others.
        (0..helpers).for_each(|_| drop(thread::Builder::new().spawn_scoped(scope, work)));
        work();
    });
    restored.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Out of the private copies.
fn restore(loader: &Loader, entry: &Entry) -> Option<Serving> {
    let pack = barred(loader, entry).or_else(|| reload(loader, &entry.sha256, &entry.file))?;
    warn(&pack);
    let trial = entry.trial.as_ref().filter(|trial| trial.until > loader.options.clock.now());
    let trial = trial.and_then(|trial| Some(Trial { until: trial.until, previous: reload(loader, &trial.previous, &entry.file)? }));
    let Entry { file, since, fell_back, .. } = entry.clone();
    Some(Serving { pack, file, since, trial, fell_back, unfiled: None })
}

/// What is quarantined keeps its place: its metrics go on telling why they have no value, and a query that names them goes on being one.
fn barred(loader: &Loader, entry: &Entry) -> Option<Arc<LoadedPack>> {
    loader.ledger.of_version(&entry.sha256)?;
    let kept = vault::find(&loader.options.store, &entry.sha256)?;
    let candidate = inspect_barred(kept.parent()?, &kept, &loader.options.trust).ok()?;
    Some(Arc::new(LoadedPack { file: entry.file.clone(), ..loader.load_asleep(&candidate)? }))
}

fn reload(loader: &Loader, sha256: &str, file: &Path) -> Option<Arc<LoadedPack>> {
    let kept = vault::find(&loader.options.store, sha256)?;
    let again = inspect(kept.parent()?, &kept, &loader.options.trust, &loader.ledger);
    let again = again.and_then(|candidate| loader.load(&candidate, None, &AtomicBool::new(false)).map_err(|failed| failed.of(&kept)));
    let pack = again
        .inspect_err(|refusal| tracing::info!(file = %file.display(), "does not serve again: {}: {}", refusal.code, refusal.message))
        .ok()?;
    Some(Arc::new(LoadedPack { file: file.to_owned(), ..pack }))
}
