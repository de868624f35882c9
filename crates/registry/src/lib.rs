//! Opens metric packs, checks them, and evaluates their metrics over whole columns: the only crate that loads code.
//!
//! A pack file passes every check that needs none of its code to run (`inspect`), is copied under its content hash
//! (`vault`), is mapped and checked again through its descriptor (`native`), and only then published, all at once. A file that
//! fails anywhere is refused with a code, what was expected, what was found and what to do; nothing else is affected.
//! A loaded pack is never unmapped.

mod column;
mod elf;
mod evaluate;
mod inspect;
mod load;
mod native;
mod outcome;
mod runtime;
mod snapshot;
mod trust;
mod vault;

pub use outcome::{Fault, Refusal};
pub use runtime::Tier;
pub use snapshot::{Column, LoadedPack, MetricRef, Registry, Snapshot};
pub use trust::{BadKey, Trust};
