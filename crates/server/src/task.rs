//! The commands beside `serve`, one file each.

pub mod demo;
pub mod generate;
pub mod import;
pub mod migrate;
pub mod pack;
pub mod schema;
