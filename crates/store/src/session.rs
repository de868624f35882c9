//! One connection in use: runs statements, counts them, and keeps a transaction whole.
//!
//! A session that is dropped half-way (its request was cancelled, its transaction never ended) takes its connection with it:
//! the database rolls back, and the pool makes a new one. So no statement can ever run inside somebody else's leftovers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use diesel::connection::SimpleConnection;
use diesel::result::QueryResult;
use diesel::{RunQueryDsl as Run, SqliteConnection};
use diesel_async::pooled_connection::deadpool::Object;
use diesel_async::sync_connection_wrapper::SyncConnectionWrapper;
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};

use crate::statement::{Readable, Statement};
use crate::{Error, Result};

pub(crate) type SqliteLink = SyncConnectionWrapper<SqliteConnection>;

pub(crate) enum Link {
    Sqlite(Object<SqliteLink>),
    Postgres(Object<AsyncPgConnection>),
}

pub struct Session {
    /// None only while being dropped.
    link: Option<Link>,
    database: Arc<str>,
    statements: Arc<AtomicU64>,
    in_transaction: bool,
    /// Set while a statement runs: still set on drop, it was cancelled.
    running: bool,
}

impl Session {
    pub(crate) fn new(link: Link, database: Arc<str>, statements: Arc<AtomicU64>) -> Session {
        Session { link: Some(link), database, statements, in_transaction: false, running: false }
    }

    pub fn is_postgres(&self) -> bool {
        matches!(self.link, Some(Link::Postgres(_)))
    }

    pub async fn rows<T: Readable>(&mut self, statement: &Statement) -> Result<Vec<T>> {
        self.start();
        let rows = match self.link.as_mut().expect("the link lives as long as the session") {
            // Read on the thread that runs the statement: handing rows over to this one would copy each of them.
            Link::Sqlite(link) => {
                let statement = statement.clone();
                link.spawn_blocking(move |connection| Run::load::<T>(statement, connection)).await
            }
            Link::Postgres(link) => RunQueryDsl::load::<T>(statement, &mut **link).await,
        };
        self.finish(rows, &statement.text)
    }

    /// Runs a statement that gives no rows; the number of rows it touched.
    pub async fn execute(&mut self, statement: &Statement) -> Result<u64> {
        self.start();
        let touched = match self.link.as_mut().expect("the link lives as long as the session") {
            Link::Sqlite(link) => {
                let statement = statement.clone();
                link.spawn_blocking(move |connection| Run::execute(statement, connection)).await
            }
            Link::Postgres(link) => RunQueryDsl::execute(statement, &mut **link).await,
        };
        self.finish(touched, &statement.text).map(|touched| touched as u64)
    }

    /// Runs a fixed text of one or several statements without values; counted as one.
    pub async fn script(&mut self, text: &str) -> Result<()> {
        self.start();
        let done = match self.link.as_mut().expect("the link lives as long as the session") {
            Link::Sqlite(link) => {
                let owned = text.to_owned();
                link.spawn_blocking(move |connection| connection.batch_execute(&owned)).await
            }
            Link::Postgres(link) => link.batch_execute(text).await,
        };
        self.finish(done, text)
    }

    /// SQLite takes its write lock at once: asking for it half-way could only fail.
    pub(crate) async fn begin(&mut self) -> Result<()> {
        let text = if self.is_postgres() { "BEGIN" } else { "BEGIN IMMEDIATE" };
        self.script(text).await?;
        self.in_transaction = true;
        Ok(())
    }

    /// Ends the transaction by how its work went: commits what succeeded, rolls back what failed.
    pub async fn end<R, E: From<Error>>(mut self, work: Result<R, E>) -> Result<R, E> {
        let text = if work.is_ok() { "COMMIT" } else { "ROLLBACK" };
        let ended = self.script(text).await;
        self.in_transaction = ended.is_err();
        match (work, ended) {
            (Ok(_), Err(error)) => Err(error.into()),
            (work, _) => work,
        }
    }

    fn start(&mut self) {
        self.statements.fetch_add(1, Ordering::Relaxed);
        self.running = true;
    }

    fn finish<R>(&mut self, outcome: QueryResult<R>, text: &str) -> Result<R> {
        self.running = false;
        outcome.map_err(|fault| Error::of_statement(fault, &self.database, text))
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if !(self.in_transaction || self.running) {
            return;
        }
        match self.link.take() {
            Some(Link::Sqlite(link)) => drop(Object::take(link)),
            Some(Link::Postgres(link)) => drop(Object::take(link)),
            None => {}
        }
    }
}
