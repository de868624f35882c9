//! The set of loaded packs, immutable once published, and the metrics in it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use manifest::{Formula, Metric, Pack};
use rust_decimal::Decimal;

use crate::guard::Guard;
use crate::inspect::Candidate;
use crate::outcome::Warning;
use crate::runtime::{Argument, Batch, Runtime, Tier};
use crate::settle::Undecided;
use crate::standing::Note;
use crate::usage::Used;
use crate::{Fault, Refusal};

/// The packs as they were at one moment. A query holds one and sees one set of packs from beginning to end.
#[derive(Debug, Default)]
pub struct Snapshot {
    pub(crate) packs: Vec<Arc<LoadedPack>>,
    pub(crate) refusals: Vec<Refusal>,
    pub(crate) undecided: Vec<Undecided>,
    /// By the pack's id.
    pub(crate) notes: BTreeMap<String, Note>,
    pub(crate) unserved_since: BTreeMap<PathBuf, DateTime<Utc>>,
    pub(crate) mapped: usize,
    /// Of the list of what is quarantined.
    pub(crate) edition: u64,
    /// Why the service should be started anew, if it should.
    pub(crate) restart: Option<String>,
}

/// A version of a pack that passed every check. Whoever holds one can go on asking it, also when another one was published.
#[derive(Debug)]
pub struct LoadedPack {
    pub(crate) manifest: Pack,
    pub(crate) formulas: Vec<Arc<Formula>>,
    pub(crate) sha256: String,
    pub(crate) file: PathBuf,
    pub(crate) trusted: bool,
    pub(crate) runtime: Arc<dyn Runtime>,
    pub(crate) warnings: Vec<Warning>,
    pub(crate) guard: Guard,
}

/// One metric of a loaded pack.
#[derive(Clone, Debug)]
pub struct MetricRef {
    pub pack: Arc<LoadedPack>,
    pub index: u32,
}

/// The values of one input, a row for each subject and period. Values with more digits are rounded to the scale, half to even.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    pub scale: u32,
    pub values: Vec<Option<Decimal>>,
}

impl Snapshot {
    /// In the order of their ids.
    pub fn packs(&self) -> &[Arc<LoadedPack>] {
        &self.packs
    }

    /// In the order of their files.
    pub fn refusals(&self) -> &[Refusal] {
        &self.refusals
    }

    /// How many versions of packs have their code in this process, those that serve no more included.
    pub fn mapped_versions(&self) -> usize {
        self.mapped
    }

    /// Whether anyone has to be told that this took the place of another.
    pub(crate) fn differs(&self, other: &Snapshot) -> bool {
        let same_packs = self.packs.len() == other.packs.len() && self.packs.iter().zip(&other.packs).all(|(a, b)| Arc::ptr_eq(a, b));
        let same_files = self.refusals == other.refusals && self.undecided == other.undecided;
        !same_packs || !same_files || self.edition != other.edition || self.notes != other.notes
    }

    /// This set with some packs left out, by their ids: with what an older set has in their place, if anything.
    pub fn except(&self, left_out: impl Fn(&str) -> bool, older: &Snapshot) -> Snapshot {
        let stays = |pack: &Arc<LoadedPack>| match left_out(&pack.manifest.id) {
            true => older.packs.iter().find(|before| before.manifest.id == pack.manifest.id).cloned(),
            false => Some(pack.clone()),
        };
        let note = |(id, note): (&String, &Note)| match left_out(id) {
            true => older.notes.get(id).map(|note| (id.clone(), note.clone())),
            false => Some((id.clone(), note.clone())),
        };
        Snapshot {
            packs: self.packs.iter().filter_map(stays).collect(),
            refusals: self.refusals.clone(),
            undecided: self.undecided.clone(),
            notes: self.notes.iter().filter_map(note).collect(),
            unserved_since: self.unserved_since.clone(),
            mapped: self.mapped,
            edition: self.edition,
            restart: self.restart.clone(),
        }
    }

    /// The metric with a whole key such as `sales.amount`.
    pub fn metric(&self, key: &str) -> Option<MetricRef> {
        let (pack, key) = key.split_once('.')?;
        let pack = self.packs.iter().find(|loaded| loaded.manifest.id == pack)?;
        let index = pack.manifest.metrics.iter().position(|metric| metric.key == key)?;
        Some(MetricRef { pack: pack.clone(), index: u32::try_from(index).ok()? })
    }
}

impl LoadedPack {
    pub(crate) fn of(
        candidate: &Candidate,
        formulas: Vec<Formula>,
        runtime: Arc<dyn Runtime>,
        warnings: Vec<Warning>,
        guard: Guard,
    ) -> LoadedPack {
        let Candidate { file, sha256, pack, trusted, .. } = candidate;
        let (manifest, sha256, file) = (pack.clone(), sha256.clone(), file.clone());
        let formulas = formulas.into_iter().map(Arc::new).collect();
        LoadedPack { manifest, formulas, sha256, file, trusted: *trusted, runtime, warnings, guard }
    }

    pub fn manifest(&self) -> &Pack {
        &self.manifest
    }

    /// Of the file's content, in hexadecimal.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    pub fn tier(&self) -> Tier {
        self.runtime.tier()
    }

    /// Where the pack was found.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Whether the operator trusts it: by its hash, or by whose key signed it.
    pub fn trusted(&self) -> bool {
        self.trusted
    }

    /// Protections of its tier that the system does not have, in words.
    pub fn missing_protection(&self) -> &[String] {
        self.runtime.missing()
    }

    /// What is odd about it: codes, and words.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// How much this version was used since it was loaded.
    pub fn used(&self) -> Used {
        self.guard.usage.read()
    }
}

impl MetricRef {
    /// The whole key, such as `sales.amount`.
    pub fn key(&self) -> String {
        format!("{}.{}", self.pack.manifest.id, self.metric().key)
    }

    pub fn metric(&self) -> &Metric {
        &self.pack.manifest.metrics[self.index as usize]
    }

    /// The metric's definition, parsed.
    pub fn formula(&self) -> &Arc<Formula> {
        &self.pack.formulas[self.index as usize]
    }

    /// Evaluates the metric for all rows at once. The columns come in the order of the metric's inputs, and the parameters in
    /// that of its parameters: [`Metric::defaults`] where nobody set any. A fault discards all. A pack in this process may keep the
    /// thread for ever, so who serves others calls this inside of [`crate::compute`].
    pub fn evaluate(&self, inputs: &[Column], parameters: &[Decimal], rows: usize) -> Result<Vec<Option<Decimal>>, Fault> {
        self.check_columns(inputs, rows)?;
        let parameters = self.arguments(parameters)?;
        self.pack
            .guard
            .evaluate(&*self.pack.runtime, &Batch { metric: self.index, declared: self.metric(), inputs, parameters: &parameters, rows })
    }

    fn arguments(&self, values: &[Decimal]) -> Result<Vec<Argument>, Fault> {
        let declared = &self.metric().parameters;
        if declared.len() != values.len() {
            let message = format!("{} has {} parameters, and {} values came", self.key(), declared.len(), values.len());
            return Err(Fault::new("E_INPUT", message));
        }
        if let Some(fault) = declared.iter().zip(values).find_map(|(parameter, value)| parameter.fault_of(*value)) {
            return Err(Fault::new("E_INPUT", format!("{}: {fault}", self.key())));
        }
        Ok(declared.iter().zip(values).map(|(parameter, value)| Argument::of(parameter, *value)).collect())
    }

    fn check_columns(&self, inputs: &[Column], rows: usize) -> Result<(), Fault> {
        let needed = &self.metric().inputs;
        if needed.len() != inputs.len() {
            return Err(Fault::new("E_INPUT", format!("{} has {} inputs, and {} columns came", self.key(), needed.len(), inputs.len())));
        }
        if let Some((input, column)) = needed.iter().zip(inputs).find(|(_, column)| column.values.len() != rows) {
            return Err(Fault::new(
                "E_INPUT",
                format!("the column for `{}` of {} has {} rows, and {rows} are wanted", input.name, self.key(), column.values.len()),
            ));
        }
        Ok(())
    }
}
