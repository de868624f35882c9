//! Databases to test against: a fresh, migrated one for every test, SQLite or a real PostgreSQL; and small packs to test with.
//!
//! For tests only; no crate of the product depends on it. Nothing is skipped: where no PostgreSQL can be had, the tests that need
//! one fail and say how to get it.

pub mod cluster;
pub mod database;
pub mod pack;

pub use cluster::Cluster;
pub use database::{Backend, Database};

/// Stamps out each test for both databases, as `sqlite::name` and `postgres::name`.
///
/// ```ignore
/// on_both! {
///     async fn an_empty_store_is_ready(database: Database) {
///         database.store().ready().await.unwrap();
///     }
/// }
/// ```
#[macro_export]
macro_rules! on_both {
    ($($(#[$attribute:meta])* async fn $name:ident($database:ident: Database) $body:block)*) => {
        mod behaviour {
            #[allow(unused_imports)]
            use super::*;
            $($(#[$attribute])* pub(super) async fn $name($database: $crate::Database) $body)*
        }
        mod sqlite {
            $(#[tokio::test]
            async fn $name() {
                super::behaviour::$name($crate::Database::sqlite().await).await;
            })*
        }
        mod postgres {
            $(#[tokio::test]
            async fn $name() {
                super::behaviour::$name($crate::Database::postgres().await).await;
            })*
        }
    };
}
