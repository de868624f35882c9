//! The list as a file: read as a whole, written as a whole under another name and renamed, changed under a lock.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use serde::{Deserialize, Serialize};

use super::Quarantine;
use crate::vault;

/// Where the list lies, and what the file looked like when it was last read or written.
#[derive(Debug)]
pub struct Record {
    store: PathBuf,
    seen: Mutex<Option<Mark>>,
}

/// What tells one content of a file from another.
type Mark = (u64, i64, i64);

#[derive(Serialize, Deserialize)]
struct Text {
    quarantined: Vec<Quarantine>,
}

impl Record {
    pub fn in_store(store: &Path) -> Record {
        Record { store: store.to_owned(), seen: Mutex::new(None) }
    }

    fn path(&self) -> io::Result<PathBuf> {
        Ok(vault::prepare(&self.store)?.join("quarantine.json"))
    }

    /// The list in the file. One that cannot be read is set aside, and there is a new one.
    pub fn read(&self) -> Vec<Quarantine> {
        let Ok(path) = self.path() else { return Vec::new() };
        self.see(&path);
        match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice::<Text>(&bytes).map_or_else(
                |error| {
                    set_aside(&path, &error);
                    Vec::new()
                },
                |text| text.quarantined,
            ),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => {
                tracing::error!(file = %path.display(), %error, "the list of quarantined packs cannot be read, and begins anew");
                Vec::new()
            }
        }
    }

    pub fn read_if_changed(&self) -> Option<Vec<Quarantine>> {
        let path = self.path().ok()?;
        let seen = *self.seen.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        (mark(&path) != seen).then(|| self.read())
    }

    /// Changes the list as it is in the file now. Where it cannot be kept, it holds until the service ends.
    pub fn change(&self, listed: &mut Vec<Quarantine>, change: impl FnOnce(&mut Vec<Quarantine>)) {
        let kept = self.path().and_then(|path| {
            let lock = File::create(path.with_extension("lock"))?;
            lock.lock()?;
            if let Some(there) = self.read_if_changed() {
                *listed = there;
            }
            Ok((path, lock))
        });
        change(listed);
        let written = kept.and_then(|(path, _locked)| {
            write(&path, listed)?;
            self.see(&path);
            Ok(())
        });
        if let Err(error) = written {
            tracing::error!(store = %self.store.display(), %error, "the list of quarantined packs cannot be kept over a restart");
        }
    }

    fn see(&self, path: &Path) {
        *self.seen.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = mark(path);
    }
}

fn mark(path: &Path) -> Option<Mark> {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.ino(), metadata.mtime(), metadata.mtime_nsec()))
}

fn set_aside(path: &Path, error: &serde_json::Error) {
    let aside = path.with_extension("unreadable");
    tracing::error!(
        file = %path.display(), aside = %aside.display(), %error,
        "the list of quarantined packs is damaged: it was set aside, and a new one begins with no pack quarantined"
    );
    if let Err(error) = fs::rename(path, &aside) {
        tracing::error!(%error, "it could not be set aside");
    }
}

fn write(path: &Path, listed: &[Quarantine]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".list-").tempfile_in(folder)?;
    file.write_all(&serde_json::to_vec_pretty(&Text { quarantined: listed.to_vec() })?)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}
