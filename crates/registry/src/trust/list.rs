//! A file of hashes, one a line, which may change while the service runs: whoever builds packs anew lists them anew.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{BadTrust, hash};

#[derive(Debug)]
pub(super) struct List {
    path: PathBuf,
    held: Mutex<Held>,
}

/// What the file held when it was last read.
#[derive(Debug, Default)]
struct Held {
    text: String,
    hashes: BTreeSet<String>,
}

impl List {
    /// Nothing is listed where there is no file.
    pub fn open(path: PathBuf) -> Result<List, BadTrust> {
        let list = List { path, held: Mutex::default() };
        list.read()?;
        Ok(list)
    }

    pub fn holds(&self, hash: &str) -> bool {
        self.held().hashes.contains(hash)
    }

    /// Takes in what the file holds now, and says whether other files are listed. What is no list leaves the list as it was.
    pub fn refresh(&self) -> bool {
        self.read().unwrap_or_else(|error| {
            tracing::error!(list = %self.path.display(), "the list of trusted packs stays as it was: {error}");
            false
        })
    }

    /// An error is told for each text once.
    fn read(&self) -> Result<bool, BadTrust> {
        let text = match fs::read_to_string(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            read => read.map_err(|source| BadTrust::Unreadable { list: self.path.clone(), source })?,
        };
        let mut held = self.held();
        if held.text == text {
            return Ok(false);
        }
        held.text = text;
        let hashes = parse(&held.text).map_err(|wrong| BadTrust::Listed { list: self.path.clone(), wrong: wrong.into() })?;
        let differs = hashes != held.hashes;
        held.hashes = hashes;
        Ok(differs)
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What follows a `#` is for people.
fn parse(text: &str) -> Result<BTreeSet<String>, BadTrust> {
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    lines.filter(|line| !line.is_empty()).map(hash).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::List;

    #[test]
    fn a_list_holds_a_hash_a_line_and_may_be_missing() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, hash) = (folder.path().join("list"), "0a".repeat(32));
        let list = List::open(path.clone()).expect("no file lists nothing");
        assert!(!list.holds(&hash) && !list.refresh());
        fs::write(&path, format!("# of this build\n\n{hash}  # sales\n")).expect("written");
        assert!(list.refresh() && list.holds(&hash));
        fs::write(&path, format!("{hash}\n")).expect("written");
        assert!(!list.refresh() && list.holds(&hash), "the same in other words");
        fs::remove_file(&path).expect("removed");
        assert!(list.refresh() && !list.holds(&hash));
    }

    #[test]
    fn what_is_no_list_is_said_at_a_start_and_later_leaves_the_list_as_it_was() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, hash) = (folder.path().join("list"), "0a".repeat(32));
        fs::write(&path, format!("{hash}\n")).expect("written");
        let list = List::open(path.clone()).expect("a list");
        fs::write(&path, "nonsense\n").expect("written");
        assert!(!list.refresh() && list.holds(&hash));
        let error = List::open(path.clone()).expect_err("no list").to_string();
        assert!(error.contains("nonsense") && error.contains(&path.display().to_string()), "{error}");
    }
}
