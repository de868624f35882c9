//! The generated company in a database of its own, and ways to it: the service, the bare endpoint, one connection for hand-written SQL.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use tempfile::TempDir;
use testbed::Cluster;
use tokio_postgres::NoTls;

use crate::process::Server;

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

    /// The number of the period that an instant lies in, the way one writes it by hand on this backend.
    pub fn slot(self, at: &str, bounds: &[i64]) -> String {
        let bounds: Vec<String> = bounds.iter().map(i64::to_string).collect();
        match self {
            Backend::Postgres => format!("width_bucket({at}, ARRAY[{}]::BIGINT[])", bounds.join(", ")),
            Backend::Sqlite => {
                let ladder = bounds.iter().skip(1).enumerate().map(|(slot, bound)| format!("WHEN {at} < {bound} THEN {slot} "));
                format!("CASE {}END", ladder.collect::<String>())
            }
        }
    }
}

pub struct Database {
    pub backend: Backend,
    url: String,
    _folder: TempDir,
    _cluster: Option<Cluster>,
}

/// Generates the company; says how long it took.
pub fn generated(backend: Backend, scale: &str) -> Result<Database> {
    let folder = TempDir::new()?;
    let cluster = (backend == Backend::Postgres).then(Cluster::start);
    let url = match &cluster {
        Some(cluster) => cluster.url("postgres"),
        None => format!("sqlite:{}", folder.path().join("bench.sqlite").display()),
    };
    let started = Instant::now();
    let output = counterpoise()?.args(["generate", "--scale", scale, "--database-url", &url]).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    println!("generated scale {scale} into {} in {:.1} s", backend.name(), started.elapsed().as_secs_f64());
    Ok(Database { backend, url, _folder: folder, _cluster: cluster })
}

impl Database {
    pub fn serve(&self) -> Result<Server> {
        Server::start(counterpoise()?.args(["serve", "--listen", "127.0.0.1:0", "--log-level", "error", "--database-url", &self.url]))
    }

    /// This very program, serving the bare endpoint.
    pub fn peer(&self) -> Result<Server> {
        Server::start(Command::new(std::env::current_exe()?).args(["peer", &self.url]))
    }

    pub async fn connection(&self) -> Result<Connection> {
        match self.backend {
            Backend::Sqlite => {
                let file = self.url.trim_start_matches("sqlite:");
                Ok(Connection::Sqlite(rusqlite::Connection::open(file)?))
            }
            Backend::Postgres => {
                let (client, connection) = tokio_postgres::connect(&self.url, NoTls).await?;
                tokio::spawn(connection);
                Ok(Connection::Postgres(client))
            }
        }
    }
}

/// One connection without anything of ours in between.
pub enum Connection {
    Sqlite(rusqlite::Connection),
    Postgres(tokio_postgres::Client),
}

impl Connection {
    /// Runs a statement, reads every column of every row, and says how many rows there were.
    pub async fn rows(&self, statement: &str) -> Result<usize> {
        match self {
            Connection::Postgres(client) => {
                let statement = client.prepare(statement).await?;
                Ok(client.query(&statement, &[]).await?.len())
            }
            Connection::Sqlite(connection) => {
                let mut statement = connection.prepare(statement)?;
                let columns = statement.column_count();
                let read = |row: &rusqlite::Row| (0..columns).map(|at| row.get::<_, Option<i64>>(at)).collect::<rusqlite::Result<Vec<_>>>();
                Ok(statement.query_map([], read)?.collect::<rusqlite::Result<Vec<_>>>()?.len())
            }
        }
    }
}

/// The service as it is shipped, with the standard packs beside it; built before anything is measured.
fn counterpoise() -> Result<Command> {
    static BUILT: std::sync::OnceLock<bool> = std::sync::OnceLock::new();
    let folder = target_folder()?;
    let built = *BUILT.get_or_init(|| {
        let packages = ["server", "sales", "service", "marketing"].map(|package| ["--package", package]).concat();
        let build = Command::new(env!("CARGO")).args(["build", "--release", "--quiet"]).args(packages).current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).status();
        build.is_ok_and(|status| status.success())
    });
    ensure!(built, "the service does not build");
    let mut command = Command::new(folder.join("counterpoise"));
    command.env_remove("DATABASE_URL").env("COUNTERPOISE_PACKS", packs(&folder)?);
    Ok(command)
}

/// `target/release`, where `cargo bench` put this program into `deps`.
fn target_folder() -> Result<PathBuf> {
    let program = std::env::current_exe()?;
    Ok(program.ancestors().nth(2).context("target/release/deps/<program>")?.to_path_buf())
}

/// A folder with just the standard packs, kept for the whole run.
fn packs(built: &Path) -> Result<PathBuf> {
    let folder = built.join("bench-packs");
    std::fs::create_dir_all(&folder)?;
    for pack in ["sales", "service", "marketing"] {
        let file = format!("lib{pack}.so");
        std::fs::copy(built.join(&file), folder.join(&file)).with_context(|| format!("{file} was not built"))?;
    }
    Ok(folder)
}
