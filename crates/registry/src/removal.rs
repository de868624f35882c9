//! Taking a pack out of the folder. While a metric of another pack needs it, only by force, and then it is written down: a service that
//! sees a file vanish that others need goes on serving the pack unless the list `.removed` in the folder says that it was meant.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::inspect::{Candidate, look_into};
use crate::load;
use crate::trust::signature_file;

const LIST: &str = ".removed";

/// Why a pack was not removed.
#[derive(Debug, thiserror::Error)]
pub enum RemoveError {
    #[error("no file in {} is the pack `{id}`; `counterpoise pack list` shows those that are", folder.display())]
    Unknown { id: String, folder: PathBuf },
    #[error("`{id}` is needed by {}; remove or replace what needs it first, or give --force to leave that without values", users.join(", "))]
    Needed { id: String, users: Vec<String> },
    #[error("the packs folder cannot be changed: {path}")]
    Io {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
}

/// Removes the files of a pack and their signatures, and gives their paths. No code of a pack runs.
pub fn remove(folder: &Path, id: &str, force: bool) -> Result<Vec<PathBuf>, RemoveError> {
    let files = load::list(folder).unwrap_or_default();
    let packs: Vec<Candidate> = files.iter().filter_map(|file| look_into(folder, file).ok()).collect();
    let (meant, others): (Vec<_>, Vec<_>) = packs.into_iter().partition(|candidate| candidate.pack.id == id);
    if meant.is_empty() {
        return Err(RemoveError::Unknown { id: id.into(), folder: folder.to_owned() });
    }
    let users = users(&meant, &others);
    if !users.is_empty() && !force {
        return Err(RemoveError::Needed { id: id.into(), users });
    }
    meant.iter().try_for_each(|candidate| delete(&candidate.file))?;
    if !users.is_empty() {
        note(folder, &meant).map_err(|source| RemoveError::Io { path: folder.join(LIST), source })?;
    }
    Ok(meant.into_iter().map(|candidate| candidate.file).collect())
}

/// The whole keys of metrics that need one of the pack's.
fn users(meant: &[Candidate], others: &[Candidate]) -> Vec<String> {
    let ours = |needed: &str| meant.iter().any(|candidate| needed.split('.').next() == Some(candidate.pack.id.as_str()));
    let needs = |other: &Candidate| -> Vec<String> {
        let needs = other.pack.foreign_needs().into_iter().filter(|(_, needed)| ours(needed));
        needs.map(|(metric, _)| format!("{}.{metric}", other.pack.id)).collect()
    };
    let users: BTreeSet<String> = others.iter().flat_map(needs).collect();
    users.into_iter().collect()
}

/// Written after the file went, since a line about a pack that is there is out of date.
fn note(folder: &Path, meant: &[Candidate]) -> io::Result<()> {
    let mut list = File::options().create(true).append(true).open(folder.join(LIST))?;
    list.write_all(meant.iter().map(|candidate| line(&candidate.pack.id, &candidate.sha256)).collect::<String>().as_bytes())?;
    list.sync_all()
}

fn line(id: &str, sha256: &str) -> String {
    format!("{id} {sha256}\n")
}

fn delete(file: &Path) -> Result<(), RemoveError> {
    let signature = signature_file(file);
    let paths = [signature.exists().then_some(signature), Some(file.to_owned())];
    paths.into_iter().flatten().try_for_each(|path| fs::remove_file(&path).map_err(|source| RemoveError::Io { path, source }))
}

/// The ids and hashes of packs that were removed although others need them.
pub(crate) fn forced(folder: &Path) -> BTreeSet<(String, String)> {
    let text = fs::read_to_string(folder.join(LIST)).unwrap_or_default();
    text.lines().filter_map(|line| line.split_once(' ')).map(|(id, hash)| (id.to_owned(), hash.trim().to_owned())).collect()
}

/// Forgets the removal of packs that are there again. A folder that cannot be written to keeps it.
pub(crate) fn forget(folder: &Path, mut removed: BTreeSet<(String, String)>, there: &[Arc<Candidate>]) {
    let before = removed.len();
    removed.retain(|(id, sha256)| there.iter().all(|candidate| candidate.pack.id != *id || candidate.sha256 != *sha256));
    if removed.len() < before {
        let lines: String = removed.iter().map(|(id, sha256)| line(id, sha256)).collect();
        if let Err(error) = fs::write(folder.join(LIST), lines) {
            tracing::info!(folder = %folder.display(), %error, "the list of removed packs keeps one that is there again");
        }
    }
}
