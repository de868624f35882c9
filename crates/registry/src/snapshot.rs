//! The set of loaded packs, immutable once published, and the metrics in it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use manifest::{Formula, Metric, Pack};
use rust_decimal::Decimal;
use tokio::sync::watch;

use crate::runtime::{Argument, Batch, Runtime, Tier};
use crate::{Fault, Refusal, Trust, load};

/// The packs that are loaded now. A clone sees the same packs.
#[derive(Clone, Debug)]
pub struct Registry {
    current: watch::Sender<Arc<Snapshot>>,
}

/// The packs as they were at one moment. A query holds one and sees one set of packs from beginning to end.
#[derive(Debug, Default)]
pub struct Snapshot {
    packs: Vec<Arc<LoadedPack>>,
    refusals: Vec<Refusal>,
}

/// A pack that passed every check.
#[derive(Debug)]
pub struct LoadedPack {
    pub(crate) manifest: Pack,
    pub(crate) formulas: Vec<Formula>,
    pub(crate) sha256: String,
    pub(crate) file: PathBuf,
    pub(crate) runtime: Box<dyn Runtime>,
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

impl Registry {
    /// Loads every `*.so` of a folder. What is refused is returned beside what was loaded, and stays in the snapshot.
    pub fn open(folder: &Path, store_dir: &Path) -> (Registry, Vec<Refusal>) {
        Registry::open_trusting(folder, store_dir, &Trust::default())
    }

    /// The same, but only what is trusted.
    pub fn open_trusting(folder: &Path, store_dir: &Path, trust: &Trust) -> (Registry, Vec<Refusal>) {
        let (packs, refusals) = load::folder(folder, store_dir, trust);
        let snapshot = Snapshot { packs, refusals: refusals.clone() };
        (Registry { current: watch::Sender::new(Arc::new(snapshot)) }, refusals)
    }

    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.current.borrow().clone()
    }

    /// Tells of every new set of packs; one that is replaced before anyone looked is passed over.
    pub fn changes(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.current.subscribe()
    }
}

impl Snapshot {
    /// In the order of their ids.
    pub fn packs(&self) -> &[Arc<LoadedPack>] {
        &self.packs
    }

    pub fn refusals(&self) -> &[Refusal] {
        &self.refusals
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
    pub fn formula(&self) -> &Formula {
        &self.pack.formulas[self.index as usize]
    }

    /// Evaluates the metric for all rows at once. The columns come in the order of the metric's inputs, and the parameters in
    /// that of its parameters: [`Metric::defaults`] where nobody set any. A fault discards all.
    pub fn evaluate(&self, inputs: &[Column], parameters: &[Decimal], rows: usize) -> Result<Vec<Option<Decimal>>, Fault> {
        self.check_columns(inputs, rows)?;
        let parameters = self.arguments(parameters)?;
        self.pack.runtime.evaluate(&Batch { metric: self.index, inputs, parameters: &parameters, rows })
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
