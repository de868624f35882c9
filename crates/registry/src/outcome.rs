//! What can go wrong with a pack: a file that is refused, and a call that fails.

use std::fmt::Display;
use std::path::{Path, PathBuf};

/// A pack file that was not loaded, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {code}: {message}", file.display())]
pub struct Refusal {
    pub file: PathBuf,
    pub code: &'static str,
    /// The next three in one sentence.
    pub message: String,
    pub expected: String,
    pub found: String,
    /// What to do.
    pub advice: String,
    /// What the file is, as far as it was read.
    pub identity: Identity,
}

/// Which bytes a file has, and which pack it says that it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    pub sha256: Option<String>,
    pub id: Option<String>,
    pub version: Option<String>,
}

/// The code of a pack that computes nothing more since its processes died too often.
pub(crate) const GIVEN_UP: &str = "F_GIVEN_UP";

/// A batch of a metric that was discarded, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct Fault {
    pub code: String,
    pub message: String,
    /// The first row at fault, counted over the whole batch.
    pub row: Option<u64>,
}

impl Fault {
    pub(crate) fn new(code: impl Into<String>, message: impl Into<String>) -> Fault {
        Fault { code: code.into(), message: message.into(), row: None }
    }

    pub(crate) fn at(self, row: u64) -> Fault {
        Fault { row: Some(row), ..self }
    }
}

/// What is odd about a file but no reason to refuse it: a code, and words.
pub type Warning = (&'static str, String);

/// A check that failed, before it is known of which file.
#[derive(Clone, Debug)]
pub(crate) struct Failed {
    pub code: &'static str,
    pub expected: String,
    pub found: String,
    pub advice: String,
}

pub(crate) fn failed(code: &'static str, expected: impl Display, found: impl Display, advice: impl Display) -> Failed {
    Failed { code, expected: expected.to_string(), found: found.to_string(), advice: advice.to_string() }
}

impl Failed {
    /// In one sentence.
    pub fn message(&self) -> String {
        let Failed { expected, found, advice, .. } = self;
        format!("expected {expected}; found {found}; {advice}")
    }

    pub fn of(self, file: &Path) -> Box<Refusal> {
        self.of_known(file, Identity::default())
    }

    pub fn of_known(self, file: &Path, identity: Identity) -> Box<Refusal> {
        let message = self.message();
        let Failed { code, expected, found, advice } = self;
        Box::new(Refusal { file: file.to_owned(), code, message, expected, found, advice, identity })
    }
}
