//! Many records in at once, keyed by the source system's key: new ones are inserted, known ones updated, equal ones left alone.
//!
//! A batch goes in whole or not at all, and running it twice changes nothing. What is wrong with it is found before anything is
//! written and told by row, column and value.

mod check;
mod derive;
mod loading;
mod stage;

pub use loading::Loading;
use stage::Stage;

use crate::connection::Store;
use crate::entity::{Column, Entity};
use crate::value::Value;
use crate::{Error, Result, Session};

/// Records of one entity: a key and a row of values each.
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

impl Batch {
    pub fn new(entity: &'static Entity, columns: Vec<&'static Column>) -> Batch {
        Batch { entity, columns, keys: Vec::new(), rows: Vec::new() }
    }

    pub fn push(&mut self, key: impl Into<String>, row: Vec<Value>) {
        self.keys.push(key.into());
        self.rows.push(row);
    }

    pub fn len(&self) -> usize {
        self.keys.len()
    }

    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }
}

impl Store {
    /// Loads a batch in one transaction.
    pub async fn load(&self, batch: &Batch) -> Result<Loaded, LoadError> {
        Ok(self.load_many(std::slice::from_ref(batch)).await?[0])
    }

    /// Loads several batches, in their order, in one transaction: either all of them are in, or nothing.
    pub async fn load_many(&self, batches: &[Batch]) -> Result<Vec<Loaded>, LoadError> {
        let mut rejects = Vec::new();
        for (index, batch) in batches.iter().enumerate() {
            rejects.extend(check::faults(batch)?.into_iter().map(|reject| Reject { batch: index, ..reject }));
        }
        if !rejects.is_empty() {
            return Err(LoadError::Rejected(rejects));
        }
        let mut session = self.begin_load().await?;
        let work = load_all(&mut session, batches).await;
        session.end(work).await
    }

    /// A transaction that has all writing of facts to itself, and as long as it takes.
    pub(crate) async fn begin_load(&self) -> Result<Session> {
        let mut session = self.begin().await?;
        if session.is_postgres() {
            session.script(ALONE).await?;
        }
        Ok(session)
    }
}

/// Two loads of the same new key would each insert it. In SQLite the transaction is alone by itself. Any number will do.
/// A batch is small beside its table, and the records it meets lie near each other: looking them up by key costs a fifth of reading
/// the whole table for every batch, which is what the planner takes by itself.
const ALONE: &str = "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0; SET LOCAL random_page_cost = 1.1; \
     SELECT pg_advisory_xact_lock(7243690002)";

async fn load_all(session: &mut Session, batches: &[Batch]) -> Result<Vec<Loaded>, LoadError> {
    let (mut stage, mut loaded) = (Stage::default(), Vec::new());
    for (index, batch) in batches.iter().enumerate() {
        let at = |rejects: Vec<Reject>| LoadError::Rejected(rejects.into_iter().map(|reject| Reject { batch: index, ..reject }).collect());
        loaded.push(match stage.load(session, batch).await {
            Err(LoadError::Rejected(rejects)) => return Err(at(rejects)),
            other => other?,
        });
    }
    stage.close(session).await?;
    Ok(loaded)
}
