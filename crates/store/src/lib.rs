//! Facts and settings in SQLite or PostgreSQL: the only crate that knows SQL.
//!
//! Every question is asked of both databases with one text. What differs between them (how a connection is made, how rows
//! are staged for a load) stands in one place each, and nothing above this crate can tell which database it talks to.

pub mod aggregate;
pub mod connection;
pub mod entity;
pub mod error;
mod keep;
pub mod load;
pub mod migration;
pub mod organisation;
pub mod page;
pub mod predicate;
pub mod question;
mod record;
pub mod row;
pub mod scorecard;
pub mod session;
pub mod statement;
pub mod value;

pub use connection::Store;
pub use entity::{Column, ColumnType, Entity, entities, entity};
pub use error::Error;
pub use load::{Batch, LoadError, Loaded, Loading, Reject};
pub use organisation::Organisation;
pub use page::{Cursor, Order, Query};
pub use predicate::{Predicate, Test};
pub use row::{Row, Selection};
pub use session::Session;
pub use statement::{Bind, Numbers, Readable, Statement};
pub use value::Value;

pub type Result<T, E = Error> = std::result::Result<T, E>;
