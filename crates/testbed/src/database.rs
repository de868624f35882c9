//! A database for one test: migrated, empty, and gone when the test ends.

use std::fs;
use std::sync::atomic::{AtomicU64, Ordering};

use store::Store;
use tempfile::TempDir;
use tokio::sync::OnceCell;
use tokio_postgres::NoTls;

use crate::cluster::Cluster;

/// SQLite's file, and where it keeps what it has written since.
const FILE: &str = "test.db";
const WRITTEN: &str = "test.db-wal";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Postgres,
}

pub struct Database {
    backend: Backend,
    url: String,
    store: Option<Store>,
    /// SQLite's file lies in it.
    folder: Option<TempDir>,
    /// Name to drop at the end, on a server that is not ours.
    borrowed: Option<String>,
}

/// Where this process makes its databases. A copy of the migrated template takes a fraction of the time of migrating.
struct Server {
    cluster: Option<Cluster>,
    /// The address given by TEST_DATABASE_URL.
    given: Option<String>,
    /// On a server of our own only: there is no moment to drop it from another's.
    template: Option<String>,
}

static SERVER: OnceCell<Server> = OnceCell::const_new();
static COUNT: AtomicU64 = AtomicU64::new(0);

impl Database {
    pub async fn of(backend: Backend) -> Database {
        match backend {
            Backend::Sqlite => Database::sqlite().await,
            Backend::Postgres => Database::postgres().await,
        }
    }

    pub async fn sqlite() -> Database {
        let database = Database::empty_sqlite().await;
        database.store().migrate().await.unwrap_or_else(|error| panic!("{error}"));
        database
    }

    pub async fn postgres() -> Database {
        let server = server().await;
        let database = Database::on(server, server.template.as_deref()).await;
        if server.template.is_none() {
            database.store().migrate().await.unwrap_or_else(|error| panic!("{error}"));
        }
        database
    }

    /// Without any table.
    pub async fn empty(backend: Backend) -> Database {
        match backend {
            Backend::Sqlite => Database::empty_sqlite().await,
            Backend::Postgres => Database::on(server().await, None).await,
        }
    }

    /// Another one with the same content, to which nobody writes meanwhile. SQLite's are files that can be copied.
    pub async fn copy(&self) -> Database {
        let from = self.folder.as_ref().expect("a database of SQLite");
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        for name in [FILE, WRITTEN] {
            let file = from.path().join(name);
            if file.exists() {
                fs::copy(file, folder.path().join(name)).expect("a copy");
            }
        }
        Database::sqlite_in(folder).await
    }

    pub fn backend(&self) -> Backend {
        self.backend
    }

    /// For `--database-url` and the like.
    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn store(&self) -> &Store {
        self.store.as_ref().expect("the store lives as long as its database")
    }

    async fn empty_sqlite() -> Database {
        Database::sqlite_in(tempfile::tempdir().expect("a temporary folder can be made")).await
    }

    async fn sqlite_in(folder: TempDir) -> Database {
        let url = format!("sqlite:{}", folder.path().join(FILE).display());
        let store = Some(connected(&url).await);
        Database { backend: Backend::Sqlite, url, store, folder: Some(folder), borrowed: None }
    }

    async fn on(server: &Server, template: Option<&str>) -> Database {
        let name = fresh_name();
        server.create(&name, template).await;
        let url = server.url(&name);
        let store = Some(connected(&url).await);
        Database { backend: Backend::Postgres, url, store, folder: None, borrowed: server.given.as_ref().map(|_| name) }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        drop(self.store.take());
        let (Some(name), Some(server)) = (self.borrowed.take(), SERVER.get()) else { return };
        let address = server.url("postgres");
        // The test's runtime may be ending; the server's answer is waited for on another thread.
        let dropping = std::thread::spawn(move || run_apart(address, format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")));
        dropping.join().ok();
    }
}

impl Server {
    fn start() -> Server {
        match std::env::var("TEST_DATABASE_URL") {
            Ok(given) => Server { cluster: None, given: Some(given), template: None },
            Err(_) => Server { cluster: Some(Cluster::start()), given: None, template: None },
        }
    }

    async fn create(&self, name: &str, template: Option<&str>) {
        let template = template.map(|template| format!(" TEMPLATE {template}")).unwrap_or_default();
        let made = run(&self.url("postgres"), &format!("CREATE DATABASE {name}{template}")).await;
        made.unwrap_or_else(|reason| panic!("the test's database could not be made: {reason}"));
    }

    /// The address given, at another database of that server.
    fn url(&self, database: &str) -> String {
        match (&self.cluster, &self.given) {
            (Some(cluster), _) => cluster.url(database),
            (None, Some(given)) => at_database(given, database),
            (None, None) => unreachable!("a server is either ours or given"),
        }
    }
}

async fn server() -> &'static Server {
    let start = async {
        let mut server =
            tokio::task::spawn_blocking(Server::start).await.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()));
        if server.given.is_some() {
            return server;
        }
        let template = fresh_name();
        server.create(&template, None).await;
        connected(&server.url(&template)).await.migrate().await.unwrap_or_else(|error| panic!("{error}"));
        server.template = Some(template);
        server
    };
    SERVER.get_or_init(|| start).await
}

async fn connected(url: &str) -> Store {
    Store::connect(url).await.unwrap_or_else(|error| panic!("{error}"))
}

fn fresh_name() -> String {
    format!("counterpoise_test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

fn at_database(url: &str, database: &str) -> String {
    let (address, query) = url.split_once('?').map_or((url, String::new()), |(address, query)| (address, format!("?{query}")));
    let start = address.find("://").map_or(0, |scheme| scheme + 3);
    let end = address[start..].find('/').map_or(address.len(), |slash| start + slash);
    format!("{}/{database}{query}", &address[..end])
}

async fn run(url: &str, statement: &str) -> Result<(), String> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.map_err(|error| format!("{error} ({url})"))?;
    let driver = tokio::spawn(connection);
    let done = client.batch_execute(statement).await.map_err(|error| format!("{error:?}"));
    drop(client);
    driver.await.ok();
    done
}

fn run_apart(url: String, statement: String) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    if let Ok(runtime) = runtime {
        runtime.block_on(run(&url, &statement)).ok();
    }
}
