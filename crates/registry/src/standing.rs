//! How a pack stands: in service, on probation, quarantined, unavailable, refused or not known yet, since when, and why in words.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use manifest::Pack;

use crate::outcome::{Identity, Refusal, Warning};
use crate::runtime::Tier;
use crate::settle::Undecided;
use crate::snapshot::{LoadedPack, Snapshot};
use crate::usage::Used;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Its metrics are served.
    Loaded,
    /// Served, and watched: it took the place of another version, which comes back if this one fails.
    Probation,
    /// It, or some of its metrics, failed too often and is not asked.
    Quarantined,
    /// It is being tried, or waits for others that are.
    Trying,
    /// The file was not loaded.
    Refused,
    /// A metric that it needs is gone.
    Unavailable,
}

impl State {
    pub fn name(self) -> &'static str {
        match self {
            State::Loaded => "loaded",
            State::Probation => "probation",
            State::Quarantined => "quarantined",
            State::Trying => "trying",
            State::Refused => "refused",
            State::Unavailable => "unavailable",
        }
    }
}

/// A pack that serves, or a file that does not serve yet or was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    pub state: State,
    /// Where it was found.
    pub file: PathBuf,
    /// The pack's id and version, as far as the file says them.
    pub id: Option<String>,
    pub version: Option<String>,
    pub sha256: Option<String>,
    pub tier: Option<Tier>,
    /// Of the refusal or of the quarantine.
    pub code: Option<String>,
    pub reason: Option<String>,
    pub since: DateTime<Utc>,
    /// How much this version was used.
    pub used: Used,
    /// Versions of this pack whose code is in this process; code that was mapped once stays.
    pub mapped_versions: usize,
    pub warnings: Vec<Warning>,
}

/// What is said of a pack that serves beside what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Note {
    pub file: PathBuf,
    pub since: DateTime<Utc>,
    /// When probation ends.
    pub trial: Option<DateTime<Utc>>,
    /// What became of its file, or of a version that it fell back from.
    pub reason: Option<String>,
    pub mapped_versions: usize,
}

impl Snapshot {
    /// All packs by their ids, then the files that are being tried and those that were refused, by their names.
    pub fn standings(&self) -> Vec<Standing> {
        let serving = self.packs.iter().map(|pack| self.serving(pack));
        let undecided = self.undecided.iter().map(|undecided| self.undecided(undecided));
        serving.chain(undecided).chain(self.refusals.iter().map(|refusal| self.refused(refusal))).collect()
    }

    fn serving(&self, pack: &LoadedPack) -> Standing {
        let manifest = &pack.manifest;
        let note = self.notes.get(&manifest.id);
        let (state, code, reason) = self.state(pack, note);
        Standing {
            state,
            file: note.map_or(&pack.file, |note| &note.file).clone(),
            id: Some(manifest.id.clone()),
            version: Some(manifest.version.clone()),
            sha256: Some(pack.sha256.clone()),
            tier: Some(pack.tier()),
            code,
            reason,
            since: note.map(|note| note.since).unwrap_or_default(),
            used: pack.used(),
            mapped_versions: note.map_or(0, |note| note.mapped_versions),
            warnings: [pack.warnings.clone(), pack.guard.failing()].concat(),
        }
    }

    /// The worst that can be said of it, with all that there is to say.
    fn state(&self, pack: &LoadedPack, note: Option<&Note>) -> (State, Option<String>, Option<String>) {
        let quarantined = pack.guard.quarantined();
        let missing = self.missing(&pack.manifest);
        let trial = note.and_then(|note| note.trial);
        let state = match (quarantined.is_empty(), missing.is_empty(), trial) {
            (false, _, _) => State::Quarantined,
            (true, false, _) => State::Unavailable,
            (true, true, Some(_)) => State::Probation,
            (true, true, None) => State::Loaded,
        };
        let mut reasons: Vec<String> = quarantined
            .iter()
            .map(|listed| listed.metric.as_ref().map_or_else(|| listed.told(), |metric| format!("`{metric}` is {}", listed.told())))
            .collect();
        reasons.extend((!missing.is_empty()).then(|| format!("needs {}", missing.join(", "))));
        reasons.extend(trial.map(|until| format!("on probation until {}", until.format("%Y-%m-%d %H:%M:%S UTC"))));
        reasons.extend(note.and_then(|note| note.reason.clone()));
        let code = quarantined.first().map(|listed| listed.code.clone());
        (state, code, (!reasons.is_empty()).then(|| reasons.join("; ")))
    }

    /// The whole keys of metrics that it needs and nobody has.
    fn missing(&self, pack: &Pack) -> Vec<String> {
        let mut missing: Vec<String> = pack.foreign_needs().iter().map(|(_, needed)| (*needed).to_owned()).collect();
        missing.retain(|needed| self.metric(needed).is_none());
        missing.sort();
        missing.dedup();
        missing
    }

    fn undecided(&self, Undecided { file, identity, reason }: &Undecided) -> Standing {
        Standing { reason: reason.clone(), ..self.unserved(State::Trying, file, identity) }
    }

    fn refused(&self, Refusal { file, code, message, identity, .. }: &Refusal) -> Standing {
        // A pack that was understood lacks nothing but a metric of another one.
        let state = if *code == "E_MANIFEST_MEASURE" && identity.id.is_some() { State::Unavailable } else { State::Refused };
        let (code, reason) = (Some((*code).to_owned()), Some(message.clone()));
        Standing { code, reason, ..self.unserved(state, file, identity) }
    }

    fn unserved(&self, state: State, file: &Path, identity: &Identity) -> Standing {
        let Identity { sha256, id, version } = identity.clone();
        Standing {
            state,
            file: file.to_owned(),
            id,
            version,
            sha256,
            tier: None,
            code: None,
            reason: None,
            since: self.unserved_since.get(file).copied().unwrap_or_default(),
            used: Used::default(),
            mapped_versions: 0,
            warnings: Vec::new(),
        }
    }
}
