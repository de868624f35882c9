//! A new version computes the last real batches of the one in its place, before anyone is served by it. That results differ is no
//! reason to refuse it, since that may be what it is for; but it is said. One that dies or does harm over facts of a moment ago is
//! refused: it would do so again.

use std::sync::Arc;

use manifest::{Input, Metric};
use rust_decimal::Decimal;

use crate::computing::compute_waiting;
use crate::guard::Kept;
use crate::outcome::{Failed, Fault, Warning, failed};
use crate::quarantine::is_of_the_version;
use crate::runtime::{Batch, Runtime};
use crate::snapshot::LoadedPack;

const CODE: &str = "W_RESULT_CHANGED";

/// What changes for whoever asks the metrics that both have.
pub(crate) fn compare(before: &LoadedPack, pack: &manifest::Pack, runtime: &Arc<dyn Runtime>) -> Result<Vec<Warning>, Failed> {
    let version = &before.manifest.version;
    let compare = |(index, metric): (usize, &Metric)| {
        let was = before.manifest.metrics.iter().position(|before| before.key == metric.key)?;
        let kept = asked_alike(&before.manifest.metrics[was], metric).then(|| before.guard.last(was))??;
        let (runtime, index, declared) = (runtime.clone(), u32::try_from(index).ok()?, metric.clone());
        let tier = runtime.tier();
        let key = format!("{}.{}", pack.id, metric.key);
        match compute_waiting(move || difference(&kept, &*runtime, index, &declared)) {
            Ok(difference) => difference.map(|told| Ok((CODE, format!("`{key}` against version {version}: {told}")))),
            Err(fault) if is_of_the_version(&fault, tier) => Some(Err(misbehaves(&key, version, &fault))),
            Err(fault) => {
                Some(Ok((CODE, format!("`{key}` against version {version}: it fails on a batch that was computed before: {fault}"))))
            }
        }
    };
    pack.metrics.iter().enumerate().filter_map(compare).collect()
}

fn misbehaves(key: &str, version: &str, fault: &Fault) -> Failed {
    failed(
        "F_LAST_BATCH",
        format!("a version that computes what version {version} computed last"),
        format!("one whose `{key}` fails on it: {fault}"),
        "correct the pack; the version before goes on serving",
    )
}

/// Whether a batch of the one is a batch of the other.
fn asked_alike(before: &Metric, now: &Metric) -> bool {
    let alike = |(before, now): (&Input, &Input)| before.need == now.need && before.shift == now.shift;
    before.inputs.len() == now.inputs.len() && before.inputs.iter().zip(&now.inputs).all(alike) && before.parameters == now.parameters
}

/// None where all is as it was.
fn difference(kept: &Kept, runtime: &dyn Runtime, metric: u32, declared: &Metric) -> Result<Option<String>, Fault> {
    let rows = kept.values.len();
    let values = runtime.evaluate(&Batch { metric, declared, inputs: &kept.inputs, parameters: &kept.parameters, rows })?;
    let pairs = || kept.values.iter().zip(&values).filter(|(before, now)| before != now);
    let largest = pairs().filter_map(|(before, now)| Some((*before)?.checked_sub((*now)?)?.abs())).max();
    let largest = largest.filter(|largest| *largest > Decimal::ZERO);
    let told = largest
        .map_or("some have a value and had none, or the other way round".into(), |largest| format!("the largest difference is {largest}"));
    let changed = pairs().count();
    Ok((changed > 0).then(|| format!("{changed} of {rows} rows of the last batch give another result; {told}")))
}
