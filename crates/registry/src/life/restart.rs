//! What served before a restart, and serves again after it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Life;
use super::serving::{Serving, Trial};
use crate::inspect::{Candidate, inspect};
use crate::served::{self, Served};
use crate::snapshot::LoadedPack;
use crate::vault;

impl Life {
    /// On the first look, what served when the service was last there serves again, as far as its file or another pack wants it.
    pub(super) fn remember(&mut self, files: &[PathBuf], candidates: &[Candidate]) {
        if !self.remembers || self.served.is_some() {
            return;
        }
        let served = served::read(&self.options.store, &self.options.folder);
        for (id, entry) in &served {
            let prefix = format!("{id}.");
            let needed =
                || candidates.iter().any(|candidate| candidate.pack.foreign_needs().iter().any(|(_, needed)| needed.starts_with(&prefix)));
            if files.contains(&entry.file) || candidates.iter().any(|candidate| candidate.pack.id == *id) || needed() {
                let restored = self.restore(entry);
                self.serving.extend(restored.map(|serving| (id.clone(), serving)));
            }
        }
        self.served = Some(served);
    }

    /// Out of the private copies.
    fn restore(&mut self, entry: &served::Entry) -> Option<Serving> {
        let pack = self.reload(&entry.sha256, &entry.file)?;
        let trial = entry.trial.as_ref().filter(|trial| trial.until > self.options.clock.now());
        let trial = trial.and_then(|trial| Some(Trial { until: trial.until, previous: self.reload(&trial.previous, &entry.file)? }));
        let served::Entry { file, since, fell_back, .. } = entry.clone();
        Some(Serving { pack, file, since, trial, fell_back, unfiled: None })
    }

    fn reload(&mut self, sha256: &str, file: &Path) -> Option<Arc<LoadedPack>> {
        let kept = vault::find(&self.options.store, sha256)?;
        let again = inspect(kept.parent()?, &kept, &self.options.trust, &self.ledger);
        let again = again.and_then(|candidate| self.load(&candidate, None).map_err(|failed| failed.of(&kept)));
        let pack = again
            .inspect_err(|refusal| tracing::info!(file = %file.display(), "does not serve again: {}: {}", refusal.code, refusal.message))
            .ok()?;
        Some(Arc::new(LoadedPack { file: file.to_owned(), ..pack }))
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
        if self.remembers && self.served.as_ref() != Some(&served) {
            served::write(&self.options.store, &self.options.folder, &served);
            self.served = Some(served);
        }
    }
}
