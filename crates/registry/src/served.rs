//! What served of a folder when the service was last there, as a file in the private store: so that a restart in the middle of a
//! probation still knows what to fall back to, and one after a bad copy still serves what served before.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize, Serializer};

use crate::inspect::sha256;
use crate::vault;

/// By the pack's id.
pub(crate) type Served = BTreeMap<String, Entry>;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub sha256: String,
    #[serde(serialize_with = "as_text")]
    pub file: PathBuf,
    pub since: DateTime<Utc>,
    pub trial: Option<Trial>,
    pub fell_back: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Trial {
    pub until: DateTime<Utc>,
    /// The hash of the version before.
    pub previous: String,
}

/// A file may have a name that is no text, which must not keep the others from being written down. The pack is known by its id then.
fn as_text<S: Serializer>(file: &Path, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&file.to_string_lossy())
}

/// A store may be shared by services with folders of their own.
fn path(store: &Path, folder: &Path) -> io::Result<PathBuf> {
    let folder = std::path::absolute(folder)?;
    Ok(vault::prepare(store)?.join(format!("served-{}.json", &sha256(folder.as_os_str().as_bytes())[..16])))
}

/// Nothing, where nothing can be read: then the folder alone says what serves.
pub(crate) fn read(store: &Path, folder: &Path) -> Served {
    let read = path(store, folder).and_then(|path| match fs::read(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Served::new()),
        read => Ok(serde_json::from_slice(&read?)?),
    });
    read.unwrap_or_else(|error| {
        tracing::warn!(store = %store.display(), %error, "what served before cannot be read, so that no pack falls back to it");
        Served::new()
    })
}

pub(crate) fn write(store: &Path, folder: &Path, served: &Served) {
    let written = path(store, folder).and_then(|path| {
        let mut file = tempfile::Builder::new().prefix(".served-").tempfile_in(path.parent().unwrap_or(store))?;
        file.write_all(&serde_json::to_vec_pretty(served)?)?;
        file.persist(&path)?;
        Ok(())
    });
    if let Err(error) = written {
        tracing::warn!(store = %store.display(), %error, "what serves cannot be kept over a restart");
    }
}
