//! Brings files of another system into the store, by a mapping that anyone can write.
//!
//! A [`Profile`] is a mapping file: which columns of which files make which records. [`run`] applies it to a folder. The
//! language is documented in MAPPING.md, for people who have never seen this code; the built-in profiles are such files.
//!
//! What it refuses: to guess. A value that does not fit its column is a bad row with its place and reason, never a null or a
//! rounded number, and what happens to bad rows is said by [`OnError`].

mod condition;
mod convert;
mod date;
mod decode;
mod error;
mod expression;
mod lookup;
mod marks;
mod name;
mod open;
mod profile;
mod read;
mod run;

pub use error::{BadRow, Fault, ImportError};
pub use profile::{BUILTIN, Profile};
pub use run::{EntitySummary, OnError, Options, Progress, Summary, run};
