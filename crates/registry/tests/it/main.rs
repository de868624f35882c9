//! The registry against real files: the standard packs, packs in C that are broken in one place each, and calls that misbehave.

mod build;
mod calls;
mod golden;
mod parameter;
mod refused;
mod sample;
mod standard;
