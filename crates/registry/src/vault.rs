//! The private store that packs run from: each file under the hash of its content, so that nobody can change a library while
//! it is mapped and no path ever means two libraries.

use std::fs::{self, DirBuilder, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::inspect::sha256;
use crate::outcome::{Failed, failed};
use crate::trust::signature_file;

/// The folder inside the store that is ours alone. The store itself may be shared, and is left as it is.
const PRIVATE: &str = "private";

/// Writes the bytes to `private/<sha256>.so`, or another ending, of the store, unless the very same are there already.
pub(crate) fn keep(store: &Path, hash: &str, ending: &str, bytes: &[u8]) -> Result<PathBuf, Failed> {
    let folder = prepare(store).map_err(|error| fault(store, &error.to_string()))?;
    let path = folder.join(format!("{hash}.{ending}"));
    if !holds(&path, hash) {
        write(&folder, &path, hash, bytes).map_err(|error| fault(&path, &error.to_string()))?;
    }
    Ok(path)
}

/// What lies there is not trusted because of its name.
fn holds(path: &Path, hash: &str) -> bool {
    fs::read(path).is_ok_and(|there| sha256(&there) == hash)
}

/// The copy of a content, if it was kept.
pub(crate) fn find(store: &Path, hash: &str) -> Option<PathBuf> {
    let folder = prepare(store).ok()?;
    ["so", "toml"].map(|ending| folder.join(format!("{hash}.{ending}"))).into_iter().find(|path| path.is_file())
}

/// Keeps the signature of a file beside its copy, so that the copy is trusted as the file is. One that the file has no more is not kept.
pub(crate) fn keep_signature(copy: &Path, file: &Path) {
    if file == copy {
        return;
    }
    let kept = match fs::copy(signature_file(file), signature_file(copy)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => match fs::remove_file(signature_file(copy)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed,
        },
        copied => copied.map(drop),
    };
    if let Err(error) = kept {
        tracing::info!(file = %file.display(), %error, "the signature could not be kept");
    }
}

fn fault(path: &Path, found: &str) -> Failed {
    let advice = "give the service a folder of its own on a local disk that is not mounted noexec (--pack-store)";
    failed("E_STORE", format!("a private folder to copy the pack to, at {}", path.display()), found, advice)
}

/// The private folder as an absolute path, made if it is not there.
pub(crate) fn prepare(store: &Path) -> io::Result<PathBuf> {
    fs::create_dir_all(store)?;
    let folder = fs::canonicalize(store)?.join(PRIVATE);
    match DirBuilder::new().mode(0o700).create(&folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    let metadata = fs::symlink_metadata(&folder)?;
    if !metadata.is_dir() {
        return Err(io::Error::other(format!("{}, which is no folder", folder.display())));
    }
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(io::Error::other(format!("{} with mode {mode:o}, which others may enter", folder.display())));
    }
    Ok(folder)
}

fn write(folder: &Path, path: &Path, hash: &str, bytes: &[u8]) -> io::Result<()> {
    let mut file = tempfile::Builder::new().prefix(".pack-").permissions(Permissions::from_mode(0o500)).tempfile_in(folder)?;
    if file.as_file().metadata()?.uid() != fs::metadata(folder)?.uid() {
        return Err(io::Error::other("a folder that belongs to another user"));
    }
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        // Another service with this store was faster, and its child may open that very file and no other under this name.
        Err(_) if holds(path, hash) => {}
        Err(refused) if refused.error.kind() == io::ErrorKind::AlreadyExists => {
            refused.file.persist(path)?;
        }
        persisted => {
            persisted?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    use super::{keep, write};
    use crate::inspect::sha256;

    #[test]
    fn a_file_is_kept_private_under_its_hash_and_mended_when_changed() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = folder.path().join("store");
        let hash = sha256(b"pack");
        let path = keep(&store, &hash, "so", b"pack").expect("it is kept");
        assert_eq!(path.file_name().unwrap().to_str().unwrap(), format!("{hash}.so"));
        let private = path.parent().unwrap();
        assert_eq!(fs::metadata(private).unwrap().permissions().mode() & 0o777, 0o700);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o500);
        fs::set_permissions(&path, Permissions::from_mode(0o700)).unwrap();
        fs::write(&path, b"evil").unwrap();
        assert_eq!(keep(&store, &hash, "so", b"pack").expect("it is kept"), path);
        assert_eq!(fs::read(&path).unwrap(), b"pack");
        assert_eq!(fs::read_dir(private).unwrap().count(), 1, "nothing half written is left");
    }

    #[test]
    fn what_another_service_has_written_meanwhile_stays_the_file_that_it_is() {
        let store = tempfile::tempdir().expect("a folder");
        let hash = sha256(b"pack");
        let path = keep(store.path(), &hash, "so", b"pack").expect("it is kept");
        let first = fs::metadata(&path).unwrap().ino();
        write(path.parent().unwrap(), &path, &hash, b"pack").expect("it is there");
        assert_eq!(fs::metadata(&path).unwrap().ino(), first);
    }

    #[test]
    fn a_folder_that_others_may_enter_is_refused_and_a_shared_store_left_as_it_is() {
        let store = tempfile::tempdir().expect("a folder");
        fs::set_permissions(store.path(), Permissions::from_mode(0o777)).unwrap();
        let path = keep(store.path(), &sha256(b"pack"), "so", b"pack").expect("it is kept");
        assert_eq!(fs::metadata(store.path()).unwrap().permissions().mode() & 0o777, 0o777);
        fs::set_permissions(path.parent().unwrap(), Permissions::from_mode(0o770)).unwrap();
        assert_eq!(keep(store.path(), &sha256(b"pack"), "so", b"pack").expect_err("others may enter").code, "E_STORE");
    }

    #[test]
    fn a_store_that_cannot_be_made_is_said() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let failed = keep(&file.path().join("store"), "00", "so", b"").expect_err("a file is no folder");
        assert_eq!(failed.code, "E_STORE");
    }
}
