//! From a file that could be loaded to a runtime that computes its metrics: the copy is kept, tried in a child, mapped and checked.
//!
//! Nothing is published before every check has passed, so that a refusal has nothing to undo.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use manifest::{Formula, Pack};

use crate::child::Program;
use crate::declarative::Declarative;
use crate::inspect::{Candidate, Ending, Library};
use crate::outcome::{Failed, Refusal, Warning, failed};
use crate::runtime::Runtime;
use crate::worker::Worker;
use crate::{kit, native, probe, vault, verdict, watchdog};

/// A pack that is ready to compute.
#[derive(Clone, Debug)]
pub(crate) struct Loaded {
    pub runtime: Arc<dyn Runtime>,
    pub warnings: Vec<Warning>,
}

/// The files of the folder that could be packs, in the order of their names. Hidden ones are what editors and copying leave on their way.
pub(crate) fn list(folder: &Path) -> Result<Vec<PathBuf>, Box<Refusal>> {
    let unreadable = |error| failed("E_IO", "a folder with packs", error, "make the folder, or name another with --packs").of(folder);
    let entries = fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>).map_err(unreadable)?;
    let shown = entries.iter().filter(|entry| !entry.file_name().as_encoded_bytes().starts_with(b"."));
    let mut files: Vec<PathBuf> = shown.map(fs::DirEntry::path).filter(|path| Ending::of(path).is_some()).collect();
    files.sort();
    Ok(files)
}

/// Steps 9 to 14, and the conformance kit before any of the pack's code is in this process. Without a program to try it in, whoever
/// opens the pack answers for it. Ends early, with any error, when nobody wants it any more.
pub(crate) fn load(candidate: &Candidate, store: &Path, program: Option<&Program>, unwanted: &AtomicBool) -> Result<Loaded, Failed> {
    let path = keep(candidate, store)?;
    let formulas = formulas(&candidate.pack)?;
    let Some(library) = &candidate.library else {
        let runtime = Declarative::new(&candidate.pack, &formulas);
        let warnings = verdict::known_or(&path, || kit::check(&candidate.pack, &formulas, &runtime).map(|()| Vec::new()))?;
        return Ok(Loaded { runtime: Arc::new(runtime), warnings });
    };
    let attempt = |program| verdict::known_or(&path, || attempt(&path, candidate, &formulas, program, unwanted));
    let tried = program.map_or(Ok(vec![]), attempt)?;
    let (runtime, opened) = open(&path, candidate, library, program)?;
    let mut warnings = [library.image.warnings.clone(), tried].concat();
    // Opening warns again of what the probe has warned of.
    let new: Vec<Warning> = opened.into_iter().filter(|(code, _)| warnings.iter().all(|(told, _)| told != code)).collect();
    warnings.extend(new);
    Ok(Loaded { runtime, warnings })
}

/// What is known to fail runs apart whoever vouches for it, and is not tried before.
pub(crate) fn apart(candidate: &Candidate, store: &Path, program: &Program) -> Result<Arc<dyn Runtime>, Failed> {
    outside(candidate, store, |library| Worker::start(program, library, &candidate.pack).map(|(worker, _)| worker))
}

/// What is quarantined: nothing of it runs before it is asked, which is when it was released.
pub(crate) fn asleep(candidate: &Candidate, store: &Path, program: &Program) -> Result<Arc<dyn Runtime>, Failed> {
    outside(candidate, store, |library| Ok(Worker::asleep(program, library, &candidate.pack)))
}

/// Of a pack with code, what a worker is made of its copy; formulas can do no harm anywhere.
fn outside(candidate: &Candidate, store: &Path, worker: impl FnOnce(&Path) -> Result<Worker, Failed>) -> Result<Arc<dyn Runtime>, Failed> {
    let path = keep(candidate, store)?;
    match &candidate.library {
        None => Ok(Arc::new(Declarative::new(&candidate.pack, &formulas(&candidate.pack)?))),
        Some(_) => Ok(Arc::new(worker(&path)?)),
    }
}

/// In the private store, with the signature that it has now.
pub(crate) fn keep(candidate: &Candidate, store: &Path) -> Result<PathBuf, Failed> {
    let path = vault::keep(store, &candidate.sha256, candidate.ending(), &candidate.bytes)?;
    vault::keep_signature(&path, &candidate.file);
    Ok(path)
}

/// Whether the pack behaves, and computes what it says: both in a child.
fn attempt(
    path: &Path,
    candidate: &Candidate,
    formulas: &[Formula],
    program: &Program,
    unwanted: &AtomicBool,
) -> Result<Vec<Warning>, Failed> {
    let warnings = probe::run(path, program, unwanted)?;
    let (worker, _) = Worker::start(program, path, &candidate.pack)?;
    kit::check(&candidate.pack, formulas, &worker)?;
    Ok(warnings)
}

/// So many threads may be lost to packs in this process before no more are let in.
const MOST_LOST: usize = 2;

/// What the operator trusts runs in this process, all else in a child.
fn open(
    path: &Path,
    candidate: &Candidate,
    library: &Library,
    program: Option<&Program>,
) -> Result<(Arc<dyn Runtime>, Vec<Warning>), Failed> {
    match program {
        Some(program) if !candidate.trusted || watchdog::lost() >= MOST_LOST => {
            Worker::start(program, path, &candidate.pack).map(|(worker, warnings)| (Arc::new(worker) as Arc<dyn Runtime>, warnings))
        }
        _ => native::load(path, library, candidate.pack.metrics.len())
            .map(|(native, warnings)| (Arc::new(native) as Arc<dyn Runtime>, warnings)),
    }
}

pub(crate) fn formulas(pack: &Pack) -> Result<Vec<Formula>, Failed> {
    let formulas = pack.metrics.iter().map(|metric| Formula::parse(&metric.formula)).collect::<Result<_, _>>();
    formulas.map_err(|error| {
        failed("E_MANIFEST_SCHEMA", "formulas", error, "correct the manifest, and build the pack again if it is a library")
    })
}
