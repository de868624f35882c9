//! Opens metric packs, checks them, and evaluates their metrics over whole columns: the only crate that loads code.
//!
//! A pack file passes every check that needs none of its code to run (`inspect`), is copied under its content hash
//! (`vault`), is tried in a child process (`probe`), is mapped and checked again through its descriptor (`native`), and only then
//! published, all at once. A file that fails anywhere is refused with a code, what was expected, what was found and what to do;
//! nothing else is affected. A pack that is a file of formulas (`declarative`) goes the same way without the code.
//!
//! What the operator trusts is mapped into this process and never unmapped. All other libraries run in children of it (`worker`)
//! that have given up every right but to compute (`sandbox`), over memory that both share.

mod budget;
mod bundle;
mod check;
mod child;
mod column;
mod computing;
mod declarative;
mod elf;
mod evaluate;
mod guard;
mod inspect;
mod kit;
mod life;
mod load;
mod memory;
mod message;
mod native;
mod numbers;
mod options;
mod outcome;
mod probe;
mod quarantine;
mod registry;
mod removal;
mod replay;
mod runtime;
mod sandbox;
mod served;
mod settle;
mod shadow;
mod snapshot;
mod standing;
mod streak;
mod system;
mod trust;
mod usage;
mod vault;
mod verdict;
mod watch;
mod watchdog;
mod worker;

pub use check::check;
pub use child::{Program, run_if_child};
pub use computing::compute;
pub use inspect::preflight;
pub use options::{Clock, Options};
pub use outcome::{Fault, Identity, Refusal, Warning};
pub use quarantine::Quarantine;
pub use registry::{Registry, release};
pub use removal::{RemoveError, remove};
pub use replay::{ReplayError, Replayed, replay};
pub use runtime::Tier;
pub use snapshot::{Column, LoadedPack, MetricRef, Snapshot};
pub use standing::{Standing, State};
pub use trust::{BadTrust, Trust};
pub use usage::{Usage, Used};
