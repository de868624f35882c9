//! What serves under one id: since when, on what terms, and what became of its file.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::outcome::Refusal;
use crate::quarantine::{Ledger, Quarantine};
use crate::settle::Incumbent;
use crate::snapshot::LoadedPack;

/// What serves under one id.
#[derive(Debug)]
pub(super) struct Serving {
    pub pack: Arc<LoadedPack>,
    pub file: PathBuf,
    pub since: DateTime<Utc>,
    pub trial: Option<Trial>,
    /// Why it fell back to this version.
    pub fell_back: Option<String>,
    /// Its file is gone, or holds something that was refused.
    pub unfiled: Option<String>,
}

/// Probation: until when, and what comes back.
#[derive(Clone, Debug)]
pub(super) struct Trial {
    pub until: DateTime<Utc>,
    pub previous: Arc<LoadedPack>,
}

impl Serving {
    /// To the version before, for what is held against this one.
    pub fn fall_back(&mut self, previous: Arc<LoadedPack>, ledger: &Ledger, cause: &Quarantine) {
        let failed = std::mem::replace(&mut self.pack, previous);
        let (id, was, is) = (&failed.manifest.id, &failed.manifest.version, &self.pack.manifest.version);
        let metric = cause.metric.as_ref().map(|metric| format!(" by `{metric}`")).unwrap_or_default();
        let reason = format!("{} on probation{metric}: {}", cause.code, cause.reason);
        if cause.metric.is_some() {
            ledger.add(Quarantine { metric: None, until: None, times: 1, since: ledger.now(), reason: reason.clone(), ..cause.clone() });
        }
        tracing::error!(pack = id, version = was, "pack fell back to version {is}: {reason}");
        self.fell_back = Some(format!("fell back from version {was} ({}), because of {reason}", &failed.sha256[..12]));
        (self.since, self.trial) = (ledger.now(), None);
    }

    /// The same version, which runs elsewhere now, since another trust is put in it.
    pub fn moved(self, pack: Arc<LoadedPack>, file: &Path) -> Serving {
        let (id, version) = (&pack.manifest.id, &pack.manifest.version);
        tracing::info!(pack = id, version, was = self.pack.tier().name(), is = pack.tier().name(), "pack moved");
        Serving { pack, file: file.to_owned(), unfiled: None, ..self }
    }

    /// What is to be said of the file that it stands for.
    pub fn under(mut self, incumbent: &Incumbent, refusals: &[Refusal]) -> Serving {
        self.file = incumbent.file.clone();
        let meant = |refusal: &&Refusal| refusal.file == self.file || refusal.identity.id.as_ref() == Some(&self.pack.manifest.id);
        // A copy or another version beside it is said of that file alone, and so is what it fell back from.
        let refused = refusals.iter().filter(meant).find(|refusal| !["E_MANIFEST_CLASH", "E_QUARANTINED"].contains(&refusal.code));
        self.unfiled = match refused {
            Some(Refusal { file, code, message, .. }) => Some(format!("what {} holds now is refused: {code}: {message}", file.display())),
            None if incumbent.gone => Some(format!(
                "its file is gone, but others need it: remove them first, or this one with `counterpoise pack remove {} --force`",
                self.pack.manifest.id
            )),
            None => None,
        };
        self
    }

    /// What is to be said of it beside how it stands.
    pub fn reason(&self) -> Option<String> {
        let reasons: Vec<&str> = [&self.fell_back, &self.unfiled].into_iter().flatten().map(String::as_str).collect();
        (!reasons.is_empty()).then(|| reasons.join("; "))
    }
}
