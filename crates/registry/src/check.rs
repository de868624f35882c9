//! One pack file as the service would take it, at its author's desk: the same steps, the same codes.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use manifest::Pack;
use semver::Version;

use crate::guard::Guard;
use crate::inspect::{Candidate, inspect};
use crate::load::{self, Loaded};
use crate::options::Options;
use crate::outcome::{Failed, Refusal, Warning};
use crate::quarantine::Ledger;
use crate::settle::resemble;
use crate::snapshot::LoadedPack;
use crate::watch::Bell;

/// Loads the one file. What it needs of packs that are not in the folder is a warning, and so is what stands in its way there: they may
/// come and go before it does.
pub fn check(options: &Options, file: &Path) -> Result<Arc<LoadedPack>, Box<Refusal>> {
    let ledger = Arc::new(Ledger::open(&options.store, options.clock.clone()));
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let candidate = inspect(folder, file, &options.trust, &ledger)?;
    let pack = load(&candidate, options, &ledger).map_err(|failed| failed.of_known(file, candidate.identity()))?;
    Ok(Arc::new(pack))
}

fn load(candidate: &Candidate, options: &Options, ledger: &Arc<Ledger>) -> Result<LoadedPack, Failed> {
    let formulas = load::formulas(&candidate.pack)?;
    let Loaded { runtime, mut warnings } = load::load(candidate, &options.store, options.program.as_ref(), &AtomicBool::new(false))?;
    let files = load::list(&options.folder).unwrap_or_default();
    let there: Vec<_> = files.iter().filter_map(|file| inspect(&options.folder, file, &options.trust, ledger).ok()).collect();
    warnings.extend(needs(candidate, options, &there).into_iter().chain(clash(candidate, &there)));
    let guard = Guard::new(ledger.clone(), &candidate.sha256, &candidate.pack, Bell::default());
    Ok(LoadedPack::of(candidate, formulas, runtime, warnings, guard))
}

fn needs(candidate: &Candidate, options: &Options, there: &[Candidate]) -> Option<Warning> {
    let keys: BTreeSet<String> = there
        .iter()
        .flat_map(|other| other.pack.metrics.iter().map(|metric| format!("{}.{}", other.pack.id, metric.key)).collect::<Vec<_>>())
        .collect();
    let missing: BTreeSet<&str> =
        candidate.pack.foreign_needs().into_iter().map(|(_, needed)| needed).filter(|needed| !keys.contains(*needed)).collect();
    let told = missing.into_iter().collect::<Vec<_>>().join(", ");
    (!told.is_empty()).then(|| {
        ("W_NEEDS", format!("it needs {told}, which no pack in {} has: it is not loaded before they are there", options.folder.display()))
    })
}

/// What keeps its place, as long as it is there.
fn clash(candidate: &Candidate, there: &[Candidate]) -> Option<Warning> {
    let Pack { id, version, .. } = &candidate.pack;
    let newer = |other: &Candidate| Version::parse(&other.pack.version).ok() >= Version::parse(version).ok();
    let rivals = there.iter().filter(|other| other.sha256 != candidate.sha256 && other.file != candidate.file);
    let told = |other: &Candidate| {
        let (file, other_id, other_version) = (other.file.display(), &other.pack.id, &other.pack.version);
        if other_id == id {
            newer(other)
                .then(|| format!("{file} is `{id}` {other_version}: give this one a higher version, or it does not serve beside it"))
        } else {
            resemble(other_id, id).then(|| format!("{file} is `{other_id}`, which resembles `{id}`: it is not loaded beside it"))
        }
    };
    rivals.into_iter().find_map(told).map(|told| ("W_CLASH", told))
}
