//! The registry against real files: the standard packs, packs in C that are broken in one place each, and calls that misbehave.

mod build;
mod calls;
mod conformance;
mod declarative;
mod file;
mod golden;
mod kit;
mod live;
mod newcomer;
mod parameter;
mod probe;
mod quarantined;
mod refused;
mod reload;
mod replay;
mod sample;
mod schema;
mod standard;
// The one signed pack there is was built for this processor.
#[cfg(target_arch = "x86_64")]
mod trusted;
mod typed;
mod worker;
