//! The import of the generated company's files into PostgreSQL, beside `COPY` of the very same rows into the same tables with the same
//! indexes and foreign keys.

use std::fs::File;
use std::io::{Cursor, Read, Write};
use std::path::Path;
use std::pin::pin;
use std::time::{Duration, Instant};

use anyhow::Result;
use futures_util::{SinkExt, StreamExt};
use tempfile::TempDir;
use tokio_postgres::Client;

use crate::database::{Backend, Database, write_files};

/// How much of a file is sent at once.
const PART: usize = 1 << 20;

pub struct Import {
    pub rows: u64,
    pub import: Duration,
    pub peak_mib: f64,
    pub copy: Duration,
}

pub async fn measure(scale: &str) -> Result<Import> {
    let files = TempDir::new()?;
    write_files(scale, files.path())?;
    let imported = Database::empty(Backend::Postgres)?;
    let (import, peak_mib) = imported.import(files.path())?;
    let (rows, copy) = copy(&imported, files.path()).await?;
    Ok(Import { rows, import, peak_mib, copy })
}

/// Writes all tables out and copies them into a database that has the tables only: the rows, and the time without the writing out.
async fn copy(full: &Database, folder: &Path) -> Result<(u64, Duration)> {
    let empty = Database::empty(Backend::Postgres)?;
    empty.migrate()?;
    let (from, to) = (full.client().await?, empty.client().await?);
    let (mut rows, mut elapsed) = (0, Duration::ZERO);
    for table in store::entities().iter().map(|entity| entity.table) {
        let file = folder.join(table);
        copy_out(&from, table, &file).await?;
        let started = Instant::now();
        rows += copy_in(&to, table, &file).await?;
        elapsed += started.elapsed();
        std::fs::remove_file(file)?;
    }
    Ok((rows, elapsed))
}

/// `COPY` of a whole table into a file.
async fn copy_out(client: &Client, table: &str, file: &Path) -> Result<()> {
    let mut file = File::create(file)?;
    let mut rows = pin!(client.copy_out(&format!("COPY {table} TO STDOUT")).await?);
    while let Some(part) = rows.next().await {
        file.write_all(&part?)?;
    }
    Ok(())
}

/// `COPY` of that file into a table.
async fn copy_in(client: &Client, table: &str, file: &Path) -> Result<u64> {
    let file = File::open(file)?;
    let mut rows = pin!(client.copy_in::<_, Cursor<Vec<u8>>>(&format!("COPY {table} FROM STDIN")).await?);
    loop {
        let mut part = Vec::with_capacity(PART);
        if (&file).take(PART as u64).read_to_end(&mut part)? == 0 {
            return Ok(rows.as_mut().finish().await?);
        }
        rows.send(Cursor::new(part)).await?;
    }
}
