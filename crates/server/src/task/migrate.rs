//! `counterpoise migrate`: brings the tables up to date and says what it did.

use anyhow::{Context, Result};

use crate::host;
use crate::serve::announce;
use crate::settings::Database;

pub async fn run(database: &Database) -> Result<()> {
    let store = host::connect(database.url()).await?;
    let applied = store.migrate().await.context("the database could not be migrated")?;
    for version in &applied {
        announce(&format!("applied {version}"))?;
    }
    announce(&format!("{} is up to date ({} applied)", store.database(), applied.len()))
}
