//! What the end-to-end suites share: databases, the running service, figures and how they compare.

pub mod database;
pub mod figure;
pub mod pack;
pub mod service;
pub mod socket;

/// Runs a test once over SQLite and once over PostgreSQL.
#[macro_export]
macro_rules! both_backends {
    ($name:ident) => {
        mod $name {
            #[test]
            fn sqlite() {
                super::$name($crate::database::Database::sqlite());
            }

            #[test]
            fn postgres() {
                super::$name($crate::database::Database::postgres());
            }
        }
    };
}
