//! From a folder of files to a set of packs: inspect all, settle what they need of each other, then keep and map each.
//!
//! Nothing is registered before every check has passed, so that a refusal has nothing to undo. The probe child (step 10 of the
//! loader's rules), the shadow run and quarantine have their place between keeping and mapping.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use manifest::check::cycle;
use manifest::{Formula, Pack};

use crate::inspect::{Candidate, inspect};
use crate::outcome::{Failed, Refusal, failed};
use crate::snapshot::LoadedPack;
use crate::trust::Trust;
use crate::{native, vault};

/// Loads what can be loaded, in the order of the packs' ids, and says why the rest cannot.
pub(crate) fn folder(folder: &Path, store: &Path, trust: &Trust) -> (Vec<Arc<LoadedPack>>, Vec<Refusal>) {
    let mut refusals = Vec::new();
    let files = list(folder).unwrap_or_else(|refusal| {
        refusals.push(refusal);
        Vec::new()
    });
    let candidates = files.iter().filter_map(|file| keep_or_note(inspect(folder, file, trust), &mut refusals)).collect();
    let candidates = settle(without_clashes(candidates, &mut refusals), &mut refusals);
    let loaded = candidates.iter().filter_map(|candidate| keep_or_note(load(candidate, store), &mut refusals)).collect();
    // A pack that could not be mapped takes those with it that need its metrics.
    let packs = needs_met(loaded, &mut refusals).into_iter().map(Arc::new).collect();
    for refusal in &refusals {
        tracing::warn!(file = %refusal.file.display(), code = refusal.code, "pack refused: {}", refusal.message);
    }
    (packs, refusals)
}

fn keep_or_note<T>(result: Result<T, Refusal>, refusals: &mut Vec<Refusal>) -> Option<T> {
    result.map_err(|refusal| refusals.push(refusal)).ok()
}

fn list(folder: &Path) -> Result<Vec<PathBuf>, Refusal> {
    let unreadable = |error| failed("E_IO", "a folder with packs", error, "make the folder, or name another with --packs").of(folder);
    let entries = fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>).map_err(unreadable)?;
    let mut files: Vec<PathBuf> =
        entries.iter().map(fs::DirEntry::path).filter(|path| path.extension().is_some_and(|ending| ending == "so")).collect();
    files.sort();
    Ok(files)
}

/// Of two packs with one id the first by file name stays.
fn without_clashes(candidates: Vec<Candidate>, refusals: &mut Vec<Refusal>) -> Vec<Candidate> {
    let mut taken: BTreeMap<String, Candidate> = BTreeMap::new();
    for candidate in candidates {
        // `a_b` and `ab` would be one field of the schema.
        let id = candidate.pack.id.replace('_', "");
        match taken.get(&id) {
            Some(first) => {
                let found = format!("`{}`, which {} has or resembles", candidate.pack.id, first.file.display());
                refusals.push(
                    failed("E_MANIFEST_CLASH", "an id that no other pack has", found, "remove one of the two files, or rename the pack")
                        .of(&candidate.file),
                );
            }
            None => drop(taken.insert(id, candidate)),
        }
    }
    taken.into_values().collect()
}

/// Packs whose metrics find all that they need in the others, and need nothing in a circle.
fn settle(candidates: Vec<Candidate>, refusals: &mut Vec<Refusal>) -> Vec<Candidate> {
    let mut candidates = needs_met(candidates, refusals);
    while let Some(path) = cycle(&candidates.iter().map(|candidate| &candidate.pack).collect::<Vec<_>>()) {
        let in_circle = |pack: &Pack| path.iter().any(|key| key.split('.').next() == Some(pack.id.as_str()));
        let (circle, rest) = candidates.into_iter().partition(|candidate| in_circle(&candidate.pack));
        for candidate in circle as Vec<Candidate> {
            let found = path.join(" -> ");
            refusals.push(
                failed(
                    "E_MANIFEST_CYCLE",
                    "metrics that do not need each other in a circle",
                    found,
                    "remove one of these packs, or the need",
                )
                .of(&candidate.file),
            );
        }
        candidates = needs_met(rest, refusals);
    }
    candidates
}

/// Something that carries a manifest and came from a file.
trait Described {
    fn pack(&self) -> &Pack;
    fn path(&self) -> &Path;
}

impl Described for Candidate {
    fn pack(&self) -> &Pack {
        &self.pack
    }

    fn path(&self) -> &Path {
        &self.file
    }
}

impl Described for LoadedPack {
    fn pack(&self) -> &Pack {
        &self.manifest
    }

    fn path(&self) -> &Path {
        &self.file
    }
}

/// Leaves out packs that need a metric nobody has, and then those that needed theirs, until all needs are met.
fn needs_met<T: Described>(mut packs: Vec<T>, refusals: &mut Vec<Refusal>) -> Vec<T> {
    loop {
        let refused: Vec<Refusal> = packs.iter().filter_map(|pack| unmet(pack, &packs).map(|failed| failed.of(pack.path()))).collect();
        if refused.is_empty() {
            return packs;
        }
        packs.retain(|pack| refused.iter().all(|refusal| refusal.file != pack.path()));
        refusals.extend(refused);
    }
}

fn unmet<T: Described>(pack: &T, packs: &[T]) -> Option<Failed> {
    let has = |key: &str| {
        packs.iter().any(|other| {
            key.strip_prefix(&other.pack().id)
                .and_then(|rest| rest.strip_prefix('.'))
                .is_some_and(|key| other.pack().metrics.iter().any(|metric| metric.key == key))
        })
    };
    let (metric, needed) = pack.pack().foreign_needs().into_iter().find(|(_, needed)| !has(needed))?;
    Some(failed(
        "E_MANIFEST_MEASURE",
        "inputs that are measures, or metrics of loaded packs",
        format!("`{needed}`, which `{metric}` needs"),
        "put the pack that has it into the folder too",
    ))
}

fn load(candidate: &Candidate, store: &Path) -> Result<LoadedPack, Refusal> {
    map(candidate, store).map_err(|failed| failed.of(&candidate.file))
}

fn map(candidate: &Candidate, store: &Path) -> Result<LoadedPack, Failed> {
    let path = vault::keep(store, &candidate.sha256, &candidate.bytes)?;
    let (native, warnings) = native::load(&path, candidate)?;
    for (code, warning) in candidate.image.warnings.iter().chain(&warnings) {
        tracing::warn!(file = %candidate.file.display(), code, "{warning}");
    }
    let formulas = candidate.pack.metrics.iter().map(|metric| Formula::parse(&metric.formula)).collect::<Result<_, _>>();
    let formulas =
        formulas.map_err(|error| failed("E_MANIFEST_SCHEMA", "formulas", error, "correct the manifest and build the pack again"))?;
    Ok(LoadedPack {
        manifest: candidate.pack.clone(),
        formulas,
        sha256: candidate.sha256.clone(),
        file: candidate.file.clone(),
        runtime: Box::new(native),
    })
}
