//! Whose packs are trusted, on a list of hashes or signed by a known key, and what becomes of the others: they are kept outside
//! the service's process, or refused.
//!
//! A signature lies beside the pack as `<file>.minisig`, made with minisign; its trusted comment holds the id and the version of
//! the pack, so that an old version cannot be passed off as a new one.

mod list;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use list::List;
use manifest::Pack;
use minisign_verify::{Error, PublicKey, Signature};

use crate::outcome::{Failed, failed};

/// Which pack files may run inside the service, and whether others may be loaded at all. By default nobody's do, and everybody's may.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    hashes: BTreeSet<String>,
    list: Option<Arc<List>>,
    keys: Vec<PublicKey>,
    everything: bool,
    only: bool,
}

/// What somebody trusts and cannot be.
#[derive(Debug, thiserror::Error)]
pub enum BadTrust {
    #[error("`{key}` is not a public key of minisign: expected the second line of its .pub file")]
    Key {
        key: String,
        #[source]
        source: Error,
    },
    #[error("`{hash}` is not the SHA-256 of a file: expected 64 hexadecimal digits, as `sha256sum` prints them")]
    Hash { hash: String },
    #[error("in {}: {wrong}", list.display())]
    Listed { list: PathBuf, wrong: Box<BadTrust> },
    #[error("can't read {}", list.display())]
    Unreadable {
        list: PathBuf,
        #[source]
        source: io::Error,
    },
}

/// What a file may be loaded for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Grounds {
    Listed,
    /// Signed, with this trusted comment.
    Signed(String),
    /// Nobody vouches for it, and nobody has to.
    None,
}

impl Trust {
    /// Files with one of these SHA-256 hashes, or signed by one of these keys (base64, as minisign writes them), are trusted.
    pub fn of<'a>(hashes: impl IntoIterator<Item = &'a str>, keys: impl IntoIterator<Item = &'a str>) -> Result<Trust, BadTrust> {
        let key = |key: &str| PublicKey::from_base64(key.trim()).map_err(|source| BadTrust::Key { key: key.into(), source });
        let keys = keys.into_iter().map(key).collect::<Result<_, _>>()?;
        let hashes = hashes.into_iter().map(hash).collect::<Result<_, _>>()?;
        Ok(Trust { hashes, keys, ..Trust::default() })
    }

    /// The same, and no others are loaded.
    pub fn only<'a>(hashes: impl IntoIterator<Item = &'a str>, keys: impl IntoIterator<Item = &'a str>) -> Result<Trust, BadTrust> {
        Ok(Trust { only: true, ..Trust::of(hashes, keys)? })
    }

    /// And files with the hashes that stand in this file, one a line, whenever it is looked at. It may be missing.
    pub fn and_listed_in(self, list: impl Into<PathBuf>) -> Result<Trust, BadTrust> {
        Ok(Trust { list: Some(Arc::new(List::open(list.into())?)), ..self })
    }

    /// Looks at the list again, and says whether other files are listed now.
    pub(crate) fn refresh(&self) -> bool {
        self.list.as_ref().is_some_and(|list| list.refresh())
    }

    /// Whatever lies in the folder, for those who built it themselves.
    pub fn everything() -> Trust {
        Trust { everything: true, ..Trust::default() }
    }

    /// Before anything of the file is read for its meaning. A signature that does not hold is refused whoever else may be loaded.
    pub(crate) fn check(&self, file: &Path, hash: &str, bytes: &[u8]) -> Result<Grounds, Failed> {
        if self.everything || self.hashes.contains(hash) || self.list.as_ref().is_some_and(|list| list.holds(hash)) {
            return Ok(Grounds::Listed);
        }
        match fs::read_to_string(signature_file(file)) {
            Ok(text) => self.check_signature(&text, bytes),
            Err(_) if self.only => Err(unsigned(file)),
            Err(_) => Ok(Grounds::None),
        }
    }

    fn check_signature(&self, text: &str, bytes: &[u8]) -> Result<Grounds, Failed> {
        let signature = Signature::decode(text).map_err(|error| bad_signature(&error))?;
        let verdicts: Vec<_> = self.keys.iter().map(|key| key.verify(bytes, &signature, false)).collect();
        if verdicts.iter().any(Result::is_ok) {
            return Ok(Grounds::Signed(signature.trusted_comment().to_owned()));
        }
        // A key that knows its signature and refuses it: the file, or its comment, was changed after signing.
        match verdicts.into_iter().filter_map(Result::err).find(|error| !matches!(error, Error::UnexpectedKeyId)) {
            Some(Error::InvalidSignature) => Err(failed(
                "E_MODIFIED",
                "the file that was signed",
                "a file that was changed after signing, or the signature of another",
                "fetch the pack and its signature again",
            )),
            Some(error) => Err(bad_signature(&error)),
            None if self.only => Err(bad_signature(&Error::UnexpectedKeyId)),
            None => Ok(Grounds::None),
        }
    }
}

fn hash(text: &str) -> Result<String, BadTrust> {
    let hash = text.trim().to_ascii_lowercase();
    match hash.len() == 64 && hash.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        true => Ok(hash),
        false => Err(BadTrust::Hash { hash: text.into() }),
    }
}

fn unsigned(file: &Path) -> Failed {
    failed(
        "E_UNSIGNED",
        format!("a listed hash, or a signature in {}", signature_file(file).display()),
        "neither",
        "ask the pack's author for the signature, or put the file's hash on the list",
    )
}

fn bad_signature(found: &Error) -> Failed {
    failed(
        "E_SIGNATURE",
        "a signature by a trusted key",
        found,
        "ask the pack's author which key it is signed with, and trust that key if you do",
    )
}

impl Grounds {
    /// Whether the file may run inside the service.
    pub(crate) fn trusted(&self) -> bool {
        *self != Grounds::None
    }

    /// Once it is known what the file says it is.
    pub(crate) fn check_comment(&self, pack: &Pack) -> Result<(), Failed> {
        let Grounds::Signed(comment) = self else { return Ok(()) };
        let words: Vec<&str> = comment.split_whitespace().collect();
        if words.contains(&pack.id.as_str()) && words.contains(&pack.version.as_str()) {
            return Ok(());
        }
        let expected = format!("a signature whose trusted comment has `{}` and `{}`", pack.id, pack.version);
        Err(failed(
            "E_SIGNATURE",
            expected,
            format!("`{comment}`"),
            format!("sign it with `minisign -S -t '{} {}'`", pack.id, pack.version),
        ))
    }
}

/// Where the signature of a file lies.
pub(crate) fn signature_file(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".minisig");
    name.into()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use manifest::Pack;

    use super::{Grounds, Trust};
    use crate::inspect::sha256;

    /// Made with minisign for the four bytes `pack`, each with a key of its own that is used nowhere else.
    const KEY: &str = "RWQOnvMa3/2eiLSpMaNTRECzsevWyRhHHCyDxgM2SvHRQMOJrt2NoDHc";
    const SIGNATURE: &str = "untrusted comment: signature of a test\nRUQOnvMa3/2eiGcHl7ggvzVyC8FN7ArZzrYnYW1Fh/IkqcT0a5Yn7eUTGGr2w821r2SeigcgELYaK9oeLZD6jTCMu58T4/iIZQM=\ntrusted comment: acme 1.0.0\n0UnKOjab0hbZd/A7CbTp4gd56W/zNtp2T+R42LZF//Pn77IKtUiwmWhOHdd1oRgN0jDvbm6H+bPDCdU/6xyMAA==\n";
    const BY_ANOTHER: &str = "untrusted comment: signature of a test\nRUQt6ipNGW9vyGJi7Mbm2UkAAofeb4TmrFvlG50EBEIiXD6DvgpjpD575Id7rMySmKWQYPICAHCFxixjE5P01o20il8M4WUP7AA=\ntrusted comment: acme 1.0.0\ntGVPjA+ku7yYR4fSREgikoAt7aEHOgoqjyNk4ZpEEG8DcC/V1E+EG8/1uii58aPiz6BSFGNdofyrQP94PcXsCg==\n";

    fn verdict(trust: &Trust, bytes: &[u8], signature: Option<&str>) -> Result<Grounds, &'static str> {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("pack.so");
        if let Some(signature) = signature {
            fs::write(folder.path().join("pack.so.minisig"), signature).expect("written");
        }
        trust.check(&file, &sha256(bytes), bytes).map_err(|failed| failed.code)
    }

    #[test]
    fn a_file_is_trusted_by_its_hash_or_by_a_known_signature() {
        let (hash, trust) = (sha256(b"pack"), Trust::only([], [KEY]).expect("a key"));
        assert_eq!(verdict(&Trust::only([hash.as_str()], []).expect("a hash"), b"pack", None), Ok(Grounds::Listed));
        assert!(verdict(&trust, b"pack", Some(SIGNATURE)).is_ok_and(|grounds| grounds.trusted()));
        let other_comment = SIGNATURE.replace("acme 1.0.0", "acme 2.0.0");
        for (bytes, signature, code) in [
            (&b"pack"[..], None, "E_UNSIGNED"),
            (b"pack", Some(BY_ANOTHER), "E_SIGNATURE"),
            (b"pack", Some("not a signature"), "E_SIGNATURE"),
            (b"sack", Some(SIGNATURE), "E_MODIFIED"),
            (b"pack", Some(other_comment.as_str()), "E_MODIFIED"),
        ] {
            assert_eq!(verdict(&trust, bytes, signature).err(), Some(code), "{signature:?}");
        }
        assert_eq!(verdict(&Trust::only([hash.as_str()], []).expect("a hash"), b"sack", None).err(), Some("E_UNSIGNED"));
    }

    #[test]
    fn who_is_not_trusted_may_be_loaded_but_not_with_a_signature_that_does_not_hold() {
        let trust = Trust::of([], [KEY]).expect("a key");
        for (bytes, signature, expected) in [
            (&b"pack"[..], Some(SIGNATURE), Ok(true)),
            (b"pack", None, Ok(false)),
            (b"pack", Some(BY_ANOTHER), Ok(false)),
            (b"pack", Some("not a signature"), Err("E_SIGNATURE")),
            (b"sack", Some(SIGNATURE), Err("E_MODIFIED")),
        ] {
            assert_eq!(verdict(&trust, bytes, signature).map(|grounds| grounds.trusted()), expected, "{signature:?}");
        }
        assert_eq!(verdict(&Trust::everything(), b"pack", None), Ok(Grounds::Listed));
    }

    #[test]
    fn a_signature_is_for_one_version_of_one_pack() {
        let pack = |id: &str, version: &str| Pack {
            cp_manifest: 1,
            id: id.into(),
            version: version.into(),
            title: Default::default(),
            vendor: None,
            homepage: None,
            licence: None,
            metrics: vec![],
        };
        let grounds = Grounds::Signed("acme 1.0.0".into());
        assert!(grounds.check_comment(&pack("acme", "1.0.0")).is_ok());
        for other in [pack("acme", "0.9.0"), pack("acm", "1.0.0")] {
            assert_eq!(grounds.check_comment(&other).expect_err("another pack").code, "E_SIGNATURE");
        }
        assert!(Grounds::Listed.check_comment(&pack("any", "1.0.0")).is_ok());
    }

    #[test]
    fn a_key_or_a_hash_that_is_none_is_said() {
        for (hash, key) in [(None, Some("nonsense")), (Some("nonsense"), None)] {
            assert!(Trust::of(hash, key).expect_err("it is none").to_string().contains("`nonsense`"));
        }
    }
}
