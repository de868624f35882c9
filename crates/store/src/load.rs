//! Many records in at once, keyed by the source system's key: new ones are inserted, known ones updated, equal ones left alone.
//!
//! A batch goes in whole or not at all, and running it twice changes nothing. What is wrong with it is found before anything is
//! written and told by row, column and value.

use crate::connection::Store;
use crate::entity::{Column, Entity};
use crate::value::Value;
use crate::{Error, Result};

/// Records of one entity. Each row has the key first in `keys`, and one value per column.
#[derive(Clone, Debug)]
pub struct Batch {
    pub entity: &'static Entity,
    /// Only these are written; the others of a known record stay as they are.
    pub columns: Vec<&'static Column>,
    /// The external key of each row.
    pub keys: Vec<String>,
    /// The values of each row. A reference is the other record's external key.
    pub rows: Vec<Vec<Value>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Loaded {
    pub inserted: u64,
    pub updated: u64,
    pub unchanged: u64,
}

/// One thing wrong with one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// Which of the batches loaded together; 0 for a single one.
    pub batch: usize,
    /// The row in the batch, from 0.
    pub row: usize,
    pub column: &'static str,
    pub value: String,
    pub reason: String,
}

#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error("{} of the rows cannot be loaded, first row {} at `{}`: {} (it holds `{}`)", .0.len(), .0[0].row, .0[0].column, .0[0].reason, .0[0].value)]
    Rejected(Vec<Reject>),
    #[error(transparent)]
    Store(#[from] Error),
}

impl Store {
    /// Loads a batch in one transaction.
    pub async fn load(&self, batch: &Batch) -> Result<Loaded, LoadError> {
        Ok(self.load_many(std::slice::from_ref(batch)).await?[0])
    }

    /// Loads several batches, in their order, in one transaction: either all of them are in, or nothing.
    pub async fn load_many(&self, _batches: &[Batch]) -> Result<Vec<Loaded>, LoadError> {
        Err(Error::Invalid { what: "this".into(), reason: "it is being built".into() }.into())
    }

    /// Completes what follows from the records, after all of them are in: the ancestors of teams, the amounts of orders from their
    /// lines, when customers were acquired; and has the database look at its tables, so that it plans well.
    pub async fn finish_load(&self) -> Result<()> {
        Err(Error::Invalid { what: "this".into(), reason: "it is being built".into() })
    }
}
