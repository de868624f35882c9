//! The generated company in a database of its own, and ways to it: the service, the bare endpoint, one connection for hand-written SQL.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use anyhow::{Result, bail};
use tempfile::TempDir;
use testbed::Cluster;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, NoTls};

use crate::process::{self, Server};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Postgres,
}

impl Backend {
    pub fn named(name: &str) -> Result<Vec<Backend>> {
        match name {
            "sqlite" => Ok(vec![Backend::Sqlite]),
            "postgres" => Ok(vec![Backend::Postgres]),
            "both" => Ok(vec![Backend::Sqlite, Backend::Postgres]),
            _ => bail!("{name} is no backend; there are sqlite, postgres and both"),
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Backend::Sqlite => "SQLite",
            Backend::Postgres => "PostgreSQL",
        }
    }
}

pub struct Database {
    pub backend: Backend,
    url: String,
    _folder: TempDir,
    _cluster: Option<Cluster>,
}

/// What a server of its own would be given on a machine like this one, at the least; nothing here has to outlive a crash.
const SETTINGS: &str = "shared_buffers = 1GB\neffective_cache_size = 4GB\nwork_mem = 32MB\nmaintenance_work_mem = 256MB\nmax_wal_size = 8GB\nrandom_page_cost = 1.1";

impl Database {
    /// Where nothing is yet: a file to be made, or a cluster just started.
    pub fn empty(backend: Backend) -> Result<Database> {
        let folder = TempDir::new()?;
        let cluster = (backend == Backend::Postgres).then(|| Cluster::start_with(SETTINGS));
        let url = match &cluster {
            Some(cluster) => cluster.url("postgres"),
            None => format!("sqlite:{}", folder.path().join("bench.sqlite").display()),
        };
        Ok(Database { backend, url, _folder: folder, _cluster: cluster })
    }

    /// With the generated company in it; says how long that took.
    pub fn generated(backend: Backend, scale: &str) -> Result<Database> {
        let database = Database::empty(backend)?;
        let (elapsed, _) = process::run(counterpoise().args(["generate", "--scale", scale, "--database-url", &database.url]))?;
        println!("generated scale {scale} into {} in {:.1} s", backend.name(), elapsed.as_secs_f64());
        Ok(database)
    }

    /// One that has the generated company already.
    pub fn existing(url: &str) -> Result<Database> {
        let backend = if url.starts_with("sqlite:") { Backend::Sqlite } else { Backend::Postgres };
        Ok(Database { backend, url: url.to_owned(), _folder: TempDir::new()?, _cluster: None })
    }

    pub fn migrate(&self) -> Result<()> {
        process::run(counterpoise().args(["migrate", "--database-url", &self.url])).map(drop)
    }

    /// Imports the generated company's files; how long it took, and the peak of its resident memory.
    pub fn import(&self, files: &Path) -> Result<(Duration, f64)> {
        let mapping = files.join("counterpoise-sample.toml");
        process::run(counterpoise().args(["import", "--database-url", &self.url, "--profile"]).arg(mapping).arg(files))
    }

    pub fn serve(&self) -> Result<Server> {
        Server::start(counterpoise().args(["serve", "--listen", "127.0.0.1:0", "--log", "warn", "--database-url", &self.url]))
    }

    /// This very program, serving the bare endpoint.
    pub fn peer(&self) -> Result<Server> {
        Server::start(Command::new(std::env::current_exe()?).args(["peer", &self.url]))
    }

    pub async fn connection(&self) -> Result<Connection> {
        match self.backend {
            Backend::Sqlite => {
                let file = self.url.trim_start_matches("sqlite:");
                Ok(Connection::Sqlite(Arc::new(Mutex::new(rusqlite::Connection::open(file)?))))
            }
            Backend::Postgres => Ok(Connection::Postgres(self.client().await?)),
        }
    }

    pub async fn client(&self) -> Result<Client> {
        let (client, connection) = tokio_postgres::connect(&self.url, NoTls).await?;
        tokio::spawn(connection);
        Ok(client)
    }
}

/// One connection without anything of ours in between.
pub enum Connection {
    Sqlite(Arc<Mutex<rusqlite::Connection>>),
    Postgres(Client),
}

impl Connection {
    /// Runs a statement of integers, and reads every column of every row.
    pub async fn rows(&self, statement: &str) -> Result<Vec<Vec<Option<i64>>>> {
        match self {
            Connection::Postgres(client) => {
                let statement = client.prepare(statement).await?;
                let rows = client.query(&statement, &[]).await?;
                Ok(rows.iter().map(|row| (0..row.len()).map(|at| integer(row, at)).collect()).collect())
            }
            Connection::Sqlite(connection) => {
                let (connection, statement) = (connection.clone(), statement.to_owned());
                tokio::task::spawn_blocking(move || sqlite_rows(&connection.lock().expect("no reader panics"), &statement)).await?
            }
        }
    }
}

fn sqlite_rows(connection: &rusqlite::Connection, statement: &str) -> Result<Vec<Vec<Option<i64>>>> {
    let mut statement = connection.prepare(statement)?;
    let columns = statement.column_count();
    let read = |row: &rusqlite::Row| (0..columns).map(|at| row.get::<_, Option<i64>>(at)).collect::<rusqlite::Result<Vec<_>>>();
    Ok(statement.query_map([], read)?.collect::<rusqlite::Result<Vec<_>>>()?)
}

/// Writes the generated company as files that can be imported.
pub fn write_files(scale: &str, folder: &Path) -> Result<()> {
    process::run(counterpoise().args(["generate", "--scale", scale, "--files"]).arg(folder)).map(drop)
}

fn integer(row: &tokio_postgres::Row, at: usize) -> Option<i64> {
    match *row.columns()[at].type_() {
        Type::INT4 => row.get::<_, Option<i32>>(at).map(i64::from),
        _ => row.get(at),
    }
}

/// The service as it is shipped, with the standard packs beside it; built before anything is measured.
fn counterpoise() -> Command {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| tests::service::build(&["--release"]));
    let mut command = Command::new(folder.join("counterpoise"));
    command.env_remove("DATABASE_URL").env_remove("COUNTERPOISE_PACKS");
    command
}
