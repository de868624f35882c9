//! The private store that packs run from: each file under the hash of its content, so that nobody can change a library while
//! it is mapped and no path ever means two libraries.

use std::fs::{self, DirBuilder, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::inspect::sha256;
use crate::outcome::{Failed, failed};

/// Writes the bytes to `<sha256>.so` of the store, unless the very same are there already.
pub(crate) fn keep(store: &Path, hash: &str, bytes: &[u8]) -> Result<PathBuf, Failed> {
    let full = prepare(store).map_err(|error| fault(store, &error.to_string()))?;
    let path = full.join(format!("{hash}.so"));
    // What lies there is not trusted because of its name.
    if fs::read(&path).is_ok_and(|there| sha256(&there) == hash) {
        return Ok(path);
    }
    write(&full, &path, bytes).map_err(|error| fault(&path, &error.to_string()))?;
    Ok(path)
}

fn fault(path: &Path, found: &str) -> Failed {
    let advice = "give the service a folder of its own on a local disk that is not mounted noexec";
    failed("E_STORE", format!("a private folder to copy the pack to, at {}", path.display()), found, advice)
}

/// The folder, made for us alone if it is not there, as an absolute path.
fn prepare(store: &Path) -> io::Result<PathBuf> {
    DirBuilder::new().recursive(true).mode(0o700).create(store)?;
    let store = fs::canonicalize(store)?;
    let metadata = fs::metadata(&store)?;
    if !metadata.is_dir() {
        return Err(io::Error::other("something that is no folder"));
    }
    if metadata.permissions().mode() & 0o077 != 0 {
        fs::set_permissions(&store, Permissions::from_mode(0o700))?;
    }
    Ok(store)
}

fn write(folder: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = tempfile::Builder::new().prefix(".pack-").permissions(Permissions::from_mode(0o500)).tempfile_in(folder)?;
    if file.as_file().metadata()?.uid() != fs::metadata(folder)?.uid() {
        return Err(io::Error::other("a folder that belongs to another user"));
    }
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::keep;
    use crate::inspect::sha256;

    #[test]
    fn a_file_is_kept_private_under_its_hash_and_mended_when_changed() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = folder.path().join("store");
        let hash = sha256(b"pack");
        let path = keep(&store, &hash, b"pack").expect("it is kept");
        assert_eq!(path.file_name().unwrap().to_str().unwrap(), format!("{hash}.so"));
        assert_eq!(fs::metadata(&store).unwrap().permissions().mode() & 0o777, 0o700);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o500);
        fs::set_permissions(&path, Permissions::from_mode(0o700)).unwrap();
        fs::write(&path, b"evil").unwrap();
        assert_eq!(keep(&store, &hash, b"pack").expect("it is kept"), path);
        assert_eq!(fs::read(&path).unwrap(), b"pack");
        assert_eq!(fs::read_dir(&store).unwrap().count(), 1, "nothing half written is left");
    }

    #[test]
    fn a_store_that_cannot_be_made_is_said() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let failed = keep(&file.path().join("store"), "00", b"").expect_err("a file is no folder");
        assert_eq!(failed.code, "E_STORE");
    }
}
