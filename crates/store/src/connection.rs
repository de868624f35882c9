//! The way to a database: an address becomes a pool, and the pool gives sessions.
//!
//! Connecting touches the database once, so that a wrong address fails at start. From then on a database that goes away is an
//! [`Error::Unavailable`] of the requests meanwhile, and is used again as soon as it is back.

use std::fmt::Display;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use deadpool::managed::{Manager, Metrics, Object, Pool, RecycleResult};
use diesel::connection::SimpleConnection;
use diesel::{Connection, ConnectionError, ConnectionResult, SqliteConnection};
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod};
use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use futures_util::FutureExt;
use tokio::time::timeout;

use crate::keep::Keep;
use crate::session::{Lease, Link, Session};
use crate::statement::{Readable, Statement};
use crate::{Error, Result};

/// How long a connection may take to be made before the database counts as out of reach.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long a request waits for its turn where all connections are in use. Shorter than a request may take by default, so that the
/// client hears why.
const QUEUE: Duration = Duration::from_secs(15);

/// Readers in SQLite do not wait for each other, but each keeps a page cache.
const SQLITE_LINKS: usize = 8;
const POSTGRES_LINKS: usize = 16;

/// WAL lets readers and the writer go on side by side; NORMAL is safe with it (a crash may lose the last commit, never the file).
const SQLITE_SETTINGS: &str = "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; \
     PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -4096;";

/// A statement for a request that takes longer than this has been given up by whoever asked. Loads lift the limit for themselves.
/// Compiling a statement costs more than it saves on rows by the thousand.
const POSTGRES_SETTINGS: &str = "SET statement_timeout = '60s'; SET lock_timeout = '10s'; \
     SET idle_in_transaction_session_timeout = '10min'; SET timezone = 'UTC'; SET datestyle = 'ISO'; SET jit = off; SET application_name = 'counterpoise'";

pub(crate) type PostgresManager = AsyncDieselConnectionManager<AsyncPgConnection>;

/// Makes plain connections: the asynchronous wrapper around them would hold up a worker thread, or panic, whenever a request is
/// cancelled while its statement runs. See [`Session`] for what happens instead.
pub(crate) struct SqliteManager {
    path: String,
}

impl Manager for SqliteManager {
    type Type = SqliteConnection;
    type Error = ConnectionError;

    async fn create(&self) -> ConnectionResult<SqliteConnection> {
        let path = self.path.clone();
        let opened = tokio::task::spawn_blocking(move || open_sqlite(&path)).await;
        opened.unwrap_or_else(|panic| Err(ConnectionError::BadConnection(panic.to_string())))
    }

    async fn recycle(&self, _: &mut SqliteConnection, _: &Metrics) -> RecycleResult<ConnectionError> {
        Ok(())
    }
}

#[derive(Clone)]
pub(crate) enum Pools {
    Sqlite(Pool<SqliteManager>),
    Postgres(Pool<PostgresManager>),
}

/// A database and the connections to it. Cloning it is cheap and shares them.
#[derive(Clone)]
pub struct Store {
    pools: Pools,
    address: Arc<str>,
    /// The address without its password, for messages.
    database: Arc<str>,
    statements: Arc<AtomicU64>,
    keep: Arc<Keep>,
}

impl Store {
    /// Connects to `sqlite:PATH` (made where it does not exist) or `postgres://USER:PASSWORD@HOST:PORT/DATABASE`.
    pub async fn connect(url: &str) -> Result<Store> {
        let store = Store::of(url)?;
        store.session().await?.script("SELECT 1").await?;
        Ok(store)
    }

    fn of(url: &str) -> Result<Store> {
        let fault = |reason: &str| Error::Address { url: without_password(url), reason: reason.into() };
        let (pools, address) = match url.split_once(':') {
            Some(("sqlite", "" | ":memory:")) => {
                return Err(fault("a database in memory would be another one for each connection; name a file"));
            }
            Some(("sqlite", path)) => (Pools::Sqlite(sqlite_pool(path)?), path),
            Some(("postgres" | "postgresql", _)) => {
                url.parse::<tokio_postgres::Config>().map_err(|error| fault(&error.to_string()))?;
                (Pools::Postgres(postgres_pool(url)?), url)
            }
            _ => return Err(fault("it begins with neither `sqlite:` nor `postgres:`")),
        };
        Ok(Store {
            pools,
            address: address.into(),
            database: without_password(url).into(),
            statements: Arc::default(),
            keep: Arc::default(),
        })
    }

    pub fn is_postgres(&self) -> bool {
        matches!(self.pools, Pools::Postgres(_))
    }

    /// How many statements ran through this store and its clones since it was connected.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// The database's address, without a password.
    pub fn database(&self) -> &str {
        &self.database
    }

    /// The path of the file, or the whole address: not for messages.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Whether a statement that any client may have chosen should be kept prepared.
    pub(crate) fn keeps(&self, text: &str) -> bool {
        self.keep.keeps(text)
    }

    pub async fn rows<T: Readable>(&self, statement: &Statement) -> Result<Vec<T>> {
        self.session().await?.rows(statement).await
    }

    pub async fn execute(&self, statement: &Statement) -> Result<u64> {
        self.session().await?.execute(statement).await
    }

    /// A session with an open transaction; [`Session::end`] closes it.
    pub async fn begin(&self) -> Result<Session> {
        let mut session = self.session().await?;
        session.begin().await?;
        Ok(session)
    }

    pub async fn session(&self) -> Result<Session> {
        let link = match &self.pools {
            Pools::Sqlite(pool) => Link::Sqlite(Lease::of(self.patiently(pool).await?)),
            Pools::Postgres(pool) => Link::Postgres(Box::new(Lease::of(self.patiently(pool).await?))),
        };
        Ok(Session::new(link, self.database.clone(), self.statements.clone()))
    }

    async fn patiently<M>(&self, pool: &Pool<M>) -> Result<Object<M>>
    where
        M: Manager<Error: Display>,
    {
        let unavailable = |reason: String| Error::Unavailable { database: self.database.to_string(), reason };
        let in_use = || pool.status().size >= pool.status().max_size;
        let mut turn = pin!(pool.get());
        let mut got = timeout(PATIENCE, &mut turn).await;
        if got.is_err() && in_use() {
            got = timeout(QUEUE - PATIENCE, &mut turn).await;
        }
        match got {
            Ok(Ok(link)) => Ok(link),
            Ok(Err(error)) => Err(unavailable(error.to_string())),
            Err(_) if in_use() => Err(Error::Busy {
                reason: format!("none of its {} connections became free within {} s", pool.status().max_size, QUEUE.as_secs()),
            }),
            Err(_) => Err(unavailable(format!("it did not answer within {} s", PATIENCE.as_secs()))),
        }
    }
}

fn sqlite_pool(path: &str) -> Result<Pool<SqliteManager>> {
    let pool = Pool::builder(SqliteManager { path: path.into() }).max_size(SQLITE_LINKS).build();
    pool.map_err(|error| Error::Address { url: path.into(), reason: error.to_string() })
}

fn postgres_pool(url: &str) -> Result<Pool<PostgresManager>> {
    let mut config = ManagerConfig::<AsyncPgConnection>::default();
    config.recycling_method = RecyclingMethod::Fast;
    config.custom_setup = Box::new(|url| open_postgres(url.to_owned()).boxed());
    let pool = Pool::builder(PostgresManager::new_with_config(url, config)).max_size(POSTGRES_LINKS).build();
    pool.map_err(|error| Error::Address { url: without_password(url), reason: error.to_string() })
}

fn open_sqlite(path: &str) -> ConnectionResult<SqliteConnection> {
    let mut connection = SqliteConnection::establish(path)?;
    connection.batch_execute(SQLITE_SETTINGS).map_err(ConnectionError::CouldntSetupConfiguration)?;
    Ok(connection)
}

async fn open_postgres(url: String) -> ConnectionResult<AsyncPgConnection> {
    let mut link = AsyncPgConnection::establish(&url).await?;
    link.batch_execute(POSTGRES_SETTINGS).await.map_err(ConnectionError::CouldntSetupConfiguration)?;
    Ok(link)
}

/// `postgres://user:secret@host/db` without the secret, also where it stands in the query string.
fn without_password(url: &str) -> String {
    let (url, query) = url.split_once('?').unwrap_or((url, ""));
    let shown = match (url.split_once("://"), url.rfind('@')) {
        (Some((scheme, rest)), Some(_)) => {
            let (user, host) = rest.rsplit_once('@').unwrap_or(("", rest));
            format!("{scheme}://{}@{host}", user.split(':').next().unwrap_or_default())
        }
        _ => url.to_owned(),
    };
    if query.is_empty() { shown } else { format!("{shown}?…") }
}
