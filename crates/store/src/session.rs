//! One connection in use: runs statements, counts them, and keeps a transaction whole.
//!
//! A session that is dropped half-way (its request was cancelled, its transaction never ended) takes its connection with it:
//! the database rolls back, and the pool makes a new one. So no statement can ever run inside somebody else's leftovers.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use deadpool::managed::{Manager, Object};
use diesel::connection::SimpleConnection;
use diesel::result::{DatabaseErrorKind, Error as Fault, QueryResult};
use diesel::{RunQueryDsl as Run, SqliteConnection};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};

use crate::connection::{PostgresManager, SqliteManager};
use crate::statement::{Readable, Statement};
use crate::{Error, Result};

/// A pool's connection, which does not go back to its pool while it is in the middle of something.
pub(crate) struct Lease<M: Manager> {
    /// None only while being dropped.
    object: Option<Object<M>>,
    unfinished: bool,
}

impl<M: Manager> Lease<M> {
    pub fn of(object: Object<M>) -> Lease<M> {
        Lease { object: Some(object), unfinished: false }
    }
}

impl<M: Manager> Deref for Lease<M> {
    type Target = M::Type;

    fn deref(&self) -> &M::Type {
        self.object.as_ref().expect("the object lives as long as its lease")
    }
}

impl<M: Manager> DerefMut for Lease<M> {
    fn deref_mut(&mut self) -> &mut M::Type {
        self.object.as_mut().expect("the object lives as long as its lease")
    }
}

impl<M: Manager> Drop for Lease<M> {
    fn drop(&mut self) {
        if let (true, Some(object)) = (self.unfinished, self.object.take()) {
            drop(Object::take(object));
        }
    }
}

pub(crate) enum Link {
    Sqlite(Lease<SqliteManager>),
    Postgres(Box<Lease<PostgresManager>>),
    /// A statement panicked on its thread and took the connection along.
    Lost,
}

pub struct Session {
    link: Link,
    database: Arc<str>,
    statements: Arc<AtomicU64>,
    postgres: bool,
    in_transaction: bool,
}

impl Session {
    pub(crate) fn new(link: Link, database: Arc<str>, statements: Arc<AtomicU64>) -> Session {
        let postgres = matches!(link, Link::Postgres(_));
        Session { link, database, statements, postgres, in_transaction: false }
    }

    pub fn is_postgres(&self) -> bool {
        self.postgres
    }

    pub async fn rows<T: Readable>(&mut self, statement: &Statement) -> Result<Vec<T>> {
        self.count();
        let rows = match self.postgres() {
            Some(link) => {
                let rows = RunQueryDsl::load::<T>(statement, &mut **link).await;
                self.settle();
                rows
            }
            None => {
                let statement = statement.for_sqlite();
                self.apart(move |connection| Run::load::<T>(statement, connection)).await
            }
        };
        rows.map_err(|fault| Error::of_statement(fault, &self.database, &statement.text))
    }

    /// Runs a statement that gives no rows; the number of rows it touched.
    pub async fn execute(&mut self, statement: &Statement) -> Result<u64> {
        self.count();
        let touched = match self.postgres() {
            Some(link) => {
                let touched = RunQueryDsl::execute(statement, &mut **link).await;
                self.settle();
                touched
            }
            None => {
                let statement = statement.for_sqlite();
                self.apart(move |connection| Run::execute(statement, connection)).await
            }
        };
        touched.map(|touched| touched as u64).map_err(|fault| Error::of_statement(fault, &self.database, &statement.text))
    }

    /// Runs a fixed text of one or several statements without values; counted as one.
    pub async fn script(&mut self, text: &str) -> Result<()> {
        self.count();
        let done = match self.postgres() {
            Some(link) => {
                let done = link.batch_execute(text).await;
                self.settle();
                done
            }
            None => {
                let text = text.to_owned();
                self.apart(move |connection| connection.batch_execute(&text)).await
            }
        };
        done.map_err(|fault| Error::of_statement(fault, &self.database, text))
    }

    /// SQLite takes its write lock at once: asking for it half-way could only fail.
    pub(crate) async fn begin(&mut self) -> Result<()> {
        self.in_transaction = true;
        let begun = self.script(if self.postgres { "BEGIN" } else { "BEGIN IMMEDIATE" }).await;
        self.in_transaction = begun.is_ok();
        self.settle();
        begun
    }

    /// Ends the transaction by how its work went: commits what succeeded, rolls back what failed.
    pub async fn end<R, E: From<Error>>(mut self, work: Result<R, E>) -> Result<R, E> {
        let text = if work.is_ok() { "COMMIT" } else { "ROLLBACK" };
        let ended = self.script(text).await;
        self.in_transaction = ended.is_err();
        self.settle();
        match (work, ended) {
            (Ok(_), Err(error)) => Err(error.into()),
            (work, _) => work,
        }
    }

    fn count(&self) {
        self.statements.fetch_add(1, Ordering::Relaxed);
    }

    /// The connection, if it is PostgreSQL's, marked as in the middle of a statement.
    fn postgres(&mut self) -> Option<&mut Lease<PostgresManager>> {
        match &mut self.link {
            Link::Postgres(lease) => {
                lease.unfinished = true;
                Some(lease)
            }
            _ => None,
        }
    }

    /// No statement is running; a transaction may be open.
    fn settle(&mut self) {
        match &mut self.link {
            Link::Postgres(lease) => lease.unfinished = self.in_transaction,
            Link::Sqlite(lease) => lease.unfinished = self.in_transaction,
            Link::Lost => {}
        }
    }

    /// Runs SQLite's work on a thread that may wait, and decodes the rows there. The connection travels along: should nobody
    /// wait for it any more, it finishes its statement first and only then goes where it belongs.
    async fn apart<R: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut SqliteConnection) -> QueryResult<R> + Send + 'static,
    ) -> QueryResult<R> {
        let lost = |reason: String| Fault::DatabaseError(DatabaseErrorKind::ClosedConnection, Box::new(reason));
        self.settle();
        let Link::Sqlite(mut lease) = std::mem::replace(&mut self.link, Link::Lost) else {
            return Err(lost("an earlier statement lost the connection".into()));
        };
        let running = tokio::task::spawn_blocking(move || {
            let outcome = work(&mut lease);
            (lease, outcome)
        });
        let (lease, outcome) = running.await.map_err(|panic| lost(panic.to_string()))?;
        self.link = Link::Sqlite(lease);
        outcome
    }
}
