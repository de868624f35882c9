//! What can go wrong with a pack: a file that is refused, and a call that fails.

use std::path::PathBuf;

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
