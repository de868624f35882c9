//! What can go wrong with a pack: a file that is refused, and a call that fails.

use std::fmt::Display;
use std::path::{Path, PathBuf};

/// A pack file that was not loaded, and why: what was expected, what was found, what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {code}: {message}", file.display())]
pub struct Refusal {
    pub file: PathBuf,
    pub code: &'static str,
    pub message: String,
}

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
pub(crate) type Warning = (&'static str, String);

/// A check that failed, before it is known of which file.
#[derive(Debug)]
pub(crate) struct Failed {
    pub code: &'static str,
    message: String,
}

pub(crate) fn failed(code: &'static str, expected: impl Display, found: impl Display, advice: impl Display) -> Failed {
    Failed { code, message: format!("expected {expected}; found {found}; {advice}") }
}

impl Failed {
    pub fn of(self, file: &Path) -> Refusal {
        Refusal { file: file.to_owned(), code: self.code, message: self.message }
    }
}
