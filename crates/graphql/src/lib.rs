//! The GraphQL schema: types, roots and the public error. The only crate that defines GraphQL types.
//!
//! Two kinds of type are not known before the service runs: those of metric packs, and those of the store's entities, which are
//! drawn from the store's own description of its tables so that a column is stated once. A schema is built from a snapshot of the
//! packs and thrown away when the packs change; building it reads no database.

mod catalogue;
mod completion;
mod document;
mod entity;
mod error;
mod figure;
mod id;
mod limit;
mod live;
mod loader;
mod meta;
mod mutation;
mod node;
mod omission;
mod organisation;
mod parameter;
mod query;
mod request;
mod scalar;
mod schema;
mod scorecard;
mod subject;
mod subject_metrics;
mod subscription;
mod tick;
mod types;

pub use error::Code;
pub use limit::Limits;
pub use live::{Live, Ongoing};
pub use schema::{Response, Schema, Unbuilt, build};
