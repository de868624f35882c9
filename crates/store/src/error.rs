//! What can go wrong between us and a database, by what a caller can do about it.
//!
//! `Unavailable`, `Busy` and `Timeout` pass by themselves and are worth another try; the others are not.

use diesel::result::{DatabaseErrorKind, Error as Fault};

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("`{url}` is no database address: {reason}. Expected sqlite:PATH or postgres://USER@HOST/DATABASE")]
    Address { url: String, reason: String },

    #[error("the database {database} cannot be reached: {reason}")]
    Unavailable { database: String, reason: String },

    #[error("the database is busy: {reason}. Try again when others have finished")]
    Busy { reason: String },

    #[error("the database gave up a statement that took too long: {reason}")]
    Timeout { reason: String },

    #[error("the database is not ready: {} of its migrations are missing ({}). Run `counterpoise migrate`", .pending.len(), .pending.join(", "))]
    NotMigrated { pending: Vec<String> },

    #[error("{database} was migrated by a newer version, which this one does not know: {}. Use that version or a later one", .unknown.join(", "))]
    Newer { database: String, unknown: Vec<String> },

    #[error("a migration of {database} failed and was rolled back: {reason}")]
    Migration { database: String, reason: String },

    #[error("the database refused a statement: {source} in: {statement}")]
    Query { statement: String, source: Fault },

    #[error("{what} in the database cannot be read: {reason}")]
    Corrupt { what: String, reason: String },

    #[error("{what} cannot be asked: {reason}")]
    Invalid { what: String, reason: String },

    #[error(transparent)]
    Question(#[from] crate::question::Fault),
}

impl Error {
    /// Whether the same thing may work a moment later.
    pub fn passes(&self) -> bool {
        matches!(self, Error::Unavailable { .. } | Error::Busy { .. } | Error::Timeout { .. })
    }

    pub(crate) fn of_statement(fault: Fault, database: &str, statement: &str) -> Error {
        let reason = fault.to_string();
        match &fault {
            Fault::DatabaseError(DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand, _) => {
                Error::Unavailable { database: database.into(), reason }
            }
            Fault::DatabaseError(..) => Error::of_reason(fault, reason, database, statement),
            _ => Error::Query { statement: shortened(statement), source: fault },
        }
    }

    /// Drivers hand on some conditions as text only.
    fn of_reason(fault: Fault, reason: String, database: &str, statement: &str) -> Error {
        let says = |texts: &[&str]| texts.iter().any(|text| reason.contains(text));
        if says(&["statement timeout", "lock timeout"]) {
            Error::Timeout { reason }
        } else if says(&["database is locked", "database table is locked", "deadlock detected"]) {
            Error::Busy { reason }
        } else if says(&[
            "terminating connection",
            "connection closed",
            "is starting up",
            "is shutting down",
            "error communicating with the server",
        ]) {
            Error::Unavailable { database: database.into(), reason }
        } else {
            Error::Query { statement: shortened(statement), source: fault }
        }
    }
}

/// Long lists of ids would drown the reason.
fn shortened(statement: &str) -> String {
    match statement.char_indices().nth(2000) {
        Some((end, _)) => format!("{}…", &statement[..end]),
        None => statement.into(),
    }
}
