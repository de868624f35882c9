//! The tables' history: applied on start or by command, and compared before anyone is told that the service is ready.

use diesel::backend::Backend;
use diesel::migration::{Migration, MigrationSource};
use diesel::pg::Pg;
use diesel::sqlite::Sqlite;
use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection};
use diesel_async::AsyncPgConnection;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::connection::Store;
use crate::statement::Statement;
use crate::{Error, Result};

const SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");

/// Two services that start at once must not migrate at once. Any number will do, as long as it stays.
const LOCK: &str = "SELECT pg_advisory_lock(7243690001)";

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = diesel::sql_types::Text)]
    version: String,
}

impl Store {
    /// Applies what is missing; gives the versions applied. Refuses tables of a newer version, of which nothing is known.
    pub async fn migrate(&self) -> Result<Vec<String>> {
        self.pending_migrations().await?;
        let (address, postgres) = (self.address().to_owned(), self.is_postgres());
        let work = tokio::task::spawn_blocking(move || if postgres { migrate_postgres(&address) } else { migrate_sqlite(&address) });
        let done = work.await.unwrap_or_else(|panic| Err(panic.to_string()));
        done.map_err(|reason| Error::Migration { database: self.database().into(), reason })
    }

    /// The migrations that the database lacks, oldest first; an error where it has some that this version does not.
    pub async fn pending_migrations(&self) -> Result<Vec<String>> {
        let applied = self.applied_migrations().await?;
        let embedded = if self.is_postgres() { versions::<Pg>(&POSTGRES) } else { versions::<Sqlite>(&SQLITE) };
        let unknown: Vec<String> = applied.iter().filter(|version| !embedded.contains(version)).cloned().collect();
        if !unknown.is_empty() {
            return Err(Error::Newer { database: self.database().into(), unknown });
        }
        Ok(embedded.into_iter().filter(|version| !applied.contains(version)).collect())
    }

    /// Whether the database answers and has every table.
    pub async fn ready(&self) -> Result<()> {
        let pending = self.pending_migrations().await?;
        if pending.is_empty() { Ok(()) } else { Err(Error::NotMigrated { pending }) }
    }

    async fn applied_migrations(&self) -> Result<Vec<String>> {
        let exists = if self.is_postgres() {
            "SELECT table_name AS version FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = '__diesel_schema_migrations'"
        } else {
            "SELECT name AS version FROM sqlite_master WHERE name = '__diesel_schema_migrations'"
        };
        let mut session = self.session().await?;
        if session.rows::<Version>(&Statement::new(exists).kept()).await?.is_empty() {
            return Ok(Vec::new());
        }
        let applied = Statement::new("SELECT version FROM __diesel_schema_migrations ORDER BY version").kept();
        Ok(session.rows::<Version>(&applied).await?.into_iter().map(|row| row.version).collect())
    }
}

fn versions<DB: Backend>(source: &EmbeddedMigrations) -> Vec<String> {
    let migrations: Vec<Box<dyn Migration<DB>>> = source.migrations().expect("embedded migrations are read at compile time");
    let mut versions: Vec<_> = migrations.iter().map(|migration| migration.name().version().to_string()).collect();
    versions.sort();
    versions
}

fn migrate_sqlite(path: &str) -> Result<Vec<String>, String> {
    let mut connection = SqliteConnection::establish(path).map_err(|error| error.to_string())?;
    diesel::sql_query("PRAGMA busy_timeout = 60000").execute(&mut connection).map_err(|error| error.to_string())?;
    applied(connection.run_pending_migrations(SQLITE))
}

fn migrate_postgres(url: &str) -> Result<Vec<String>, String> {
    let mut connection = AsyncConnectionWrapper::<AsyncPgConnection>::establish(url).map_err(|error| error.to_string())?;
    diesel::sql_query(LOCK).execute(&mut connection).map_err(|error| error.to_string())?;
    applied(connection.run_pending_migrations(POSTGRES))
}

fn applied(outcome: diesel::migration::Result<Vec<diesel::migration::MigrationVersion<'_>>>) -> Result<Vec<String>, String> {
    match outcome {
        Ok(versions) => Ok(versions.iter().map(ToString::to_string).collect()),
        Err(error) => Err(error.to_string()),
    }
}
