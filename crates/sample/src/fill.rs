//! Loads the company into a store.

use crate::company::{Company, Seed};
use crate::scale::Scale;
use store::{LoadError, Organisation, Store};

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("a batch of generated `{entity}` records was not loaded: {source}")]
    Load { entity: &'static str, source: LoadError },
    #[error("the generated company could not be completed: {0}")]
    Finish(#[source] store::Error),
    #[error("the organisation of the generated company could not be written: {0}")]
    Organisation(#[source] store::Error),
}

/// What loading did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    pub inserted: u64,
    pub updated: u64,
    pub unchanged: u64,
}

/// Who the generated company is.
pub fn organisation() -> Organisation {
    Organisation {
        name: "Halvorine Weighing".into(),
        currency: "EUR".into(),
        time_zone: "Europe/Berlin".into(),
        week_start: "MONDAY".into(),
        fiscal_year_start: 1,
    }
}

/// Loads the whole company, a batch a transaction. `progress` hears what has been made of all there is, in things.
/// Doing it again changes nothing.
pub async fn fill(store: &Store, scale: &Scale, seed: Seed, mut progress: impl FnMut(u64, u64)) -> Result<Summary, Error> {
    store.put_organisation(&organisation()).await.map_err(Error::Organisation)?;
    let company = Company::generate(scale, seed);
    let mut batches = company.batches();
    let mut summary = Summary::default();
    while let Some(batch) = batches.next() {
        let loaded = store.load(&batch).await.map_err(|source| Error::Load { entity: batch.entity.name, source })?;
        summary.inserted += loaded.inserted;
        summary.updated += loaded.updated;
        summary.unchanged += loaded.unchanged;
        let (made, all) = batches.progress();
        progress(made, all);
    }
    store.finish_load().await.map_err(Error::Finish)?;
    Ok(summary)
}
