//! Runs again what led to a quarantine, at the desk of whoever wants to know why: in a process of its own, since it is known to fail.

use std::io;
use std::path::{Path, PathBuf};

use rust_decimal::Decimal;

use crate::bundle::{self, Bundle};
use crate::guard::again;
use crate::inspect::{Candidate, look_into};
use crate::options::Options;
use crate::outcome::{Fault, Refusal};
use crate::runtime::{Argument, Batch};
use crate::{Column, load, vault};

/// What became of it this time.
#[derive(Debug, PartialEq, Eq)]
pub enum Replayed {
    /// The same fault.
    Again(Fault),
    /// Another one. What breaks memory, for one, ends a process of its own.
    Otherwise(Fault),
    /// None: so many rows were computed, twice and alike.
    Gone { rows: usize },
}

#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    #[error("{} is no bundle of a quarantine", path.display())]
    Bundle {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("there is no private copy of the pack with SHA-256 {sha256} in this store; name its file")]
    NoCopy { sha256: String },
    #[error("there is no program to run the pack apart in")]
    NoProgram,
    #[error(transparent)]
    Refused(#[from] Box<Refusal>),
    #[error("{} has no metric `{metric}` with the inputs ({inputs}) and parameters of the bundle", file.display())]
    OtherMetric { file: PathBuf, metric: String, inputs: String },
}

/// Computes the rows of a bundle with the version that failed, or with another file.
pub fn replay(options: &Options, bundle: &Path, file: Option<&Path>) -> Result<Replayed, ReplayError> {
    let bundle = bundle::read(bundle).map_err(|source| ReplayError::Bundle { path: bundle.into(), source })?;
    let file = file.map(Path::to_owned).or_else(|| vault::find(&options.store, &bundle.sha256));
    let file = file.ok_or_else(|| ReplayError::NoCopy { sha256: bundle.sha256.clone() })?;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let candidate = look_into(folder, &file)?;
    let metric = metric(&candidate, &bundle)?;
    let program = options.program.as_ref().ok_or(ReplayError::NoProgram)?;
    let runtime = load::apart(&candidate, &options.store, program).map_err(|failed| failed.of(&file))?;
    let inputs: Vec<Column> = bundle.inputs.iter().map(|input| Column { scale: input.scale, values: input.values.clone() }).collect();
    let declared = &candidate.pack.metrics[metric as usize];
    let parameters: Vec<Argument> =
        declared.parameters.iter().zip(&bundle.parameters).map(|(parameter, value)| Argument::of(parameter, *value)).collect();
    let rows = inputs.first().map_or(0, |column| column.values.len());
    let batch = Batch { metric, declared, inputs: &inputs, parameters: &parameters, rows };
    let computed: Result<Vec<Option<Decimal>>, Fault> = runtime.evaluate(&batch).and_then(|values| again(&*runtime, &batch, values));
    Ok(match computed {
        Ok(_) => Replayed::Gone { rows },
        Err(fault) if fault.code == bundle.fault.code => Replayed::Again(fault),
        Err(fault) => Replayed::Otherwise(fault),
    })
}

/// The metric of the bundle, if the rows of the bundle are ones for it.
fn metric(candidate: &Candidate, bundle: &Bundle) -> Result<u32, ReplayError> {
    let metrics = &candidate.pack.metrics;
    let names = || bundle.inputs.iter().map(|input| input.name.as_str());
    let at = metrics.iter().position(|metric| {
        let inputs = metric.inputs.iter().map(|input| input.name.as_str());
        metric.key == bundle.metric && inputs.eq(names()) && metric.parameters.len() == bundle.parameters.len()
    });
    at.and_then(|at| u32::try_from(at).ok()).ok_or_else(|| ReplayError::OtherMetric {
        file: candidate.file.clone(),
        metric: bundle.metric.clone(),
        inputs: names().collect::<Vec<_>>().join(", "),
    })
}
