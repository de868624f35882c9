//! What can stop an import, each with the place and what to do.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// A row of a file that can't become a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadRow {
    pub file: String,
    /// The line on which the row starts, counted from 1, header included.
    pub line: u64,
    /// The record it was to become.
    pub entity: &'static str,
    /// The column of the file where one alone is to blame, otherwise that of the entity; empty where the row as a whole is.
    pub column: String,
    pub value: String,
    pub reason: String,
}

impl fmt::Display for BadRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} line {}", self.file, self.line)?;
        if !self.column.is_empty() {
            write!(f, ", column `{}`, value `{}`", self.column, self.value)?;
        }
        write!(f, " (for {}): {}", self.entity, self.reason)
    }
}

/// One thing that is wrong in a mapping file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Line and column in the mapping file, where known.
    pub line: Option<usize>,
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("there is no built-in profile `{name}`; there are {known}. A mapping file of your own is given by its path, ending in .toml")]
    UnknownProfile { name: String, known: String },
    #[error("the mapping file {path} can't be read; check the path")]
    UnreadableProfile {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("the mapping {origin} is broken:\n{}", lines(faults))]
    Mapping { origin: String, faults: Vec<Fault> },
    #[error("{path} is missing; the profile `{profile}` reads it. Nothing was loaded")]
    MissingFile { path: PathBuf, profile: String },
    #[error("{path} can't be opened. Nothing was loaded")]
    Unreadable {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("{file} is damaged at or after line {line}: {reason}{}", after(*kept))]
    Damaged { file: String, line: u64, reason: String, kept: bool },
    #[error("{file} does not fit the mapping: {}. Nothing was loaded", faults.join("; "))]
    Columns { file: String, faults: Vec<String> },
    #[error("{row}. Nothing was loaded; correct the row or the mapping, or leave bad rows out with `--on-error skip`")]
    Stopped { row: BadRow },
    #[error("the store failed{}", after(*kept))]
    Store {
        #[source]
        source: store::Error,
        kept: bool,
    },
}

fn lines(faults: &[Fault]) -> String {
    faults.iter().map(|fault| format!("  {fault}")).collect::<Vec<_>>().join("\n")
}

fn after(kept: bool) -> &'static str {
    if kept { ". Batches loaded before are kept; running the import again completes them" } else { ". Nothing was loaded" }
}
