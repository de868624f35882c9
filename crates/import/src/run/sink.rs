//! Where batches go: all into one transaction, or each into its own.

use store::load::{Batch, LoadError, Loaded, Loading};
use store::{Organisation, Store};

use super::OnError;
use crate::error::ImportError;
use crate::profile::Profile;

pub(super) struct Sink<'a> {
    store: &'a Store,
    /// The transaction over everything; none where each batch has its own.
    whole: Option<Loading>,
    /// Whether something was committed that an error now can't undo.
    pub kept: bool,
}

impl<'a> Sink<'a> {
    pub async fn open(store: &'a Store, on_error: OnError) -> Result<Self, ImportError> {
        let whole = match on_error {
            OnError::Stop => Some(store.start_loading().await.map_err(|source| ImportError::Store { source, kept: false })?),
            OnError::Skip => None,
        };
        Ok(Sink { store, whole, kept: false })
    }

    pub async fn load(&mut self, batch: &Batch) -> Result<Loaded, LoadError> {
        if let Some(whole) = &mut self.whole {
            return whole.load(batch).await;
        }
        let loaded = self.store.load(batch).await?;
        self.kept = true;
        Ok(loaded)
    }

    /// Makes everything last, and completes what follows from it.
    pub async fn close(mut self, profile: &Profile) -> Result<(), ImportError> {
        if let Some(whole) = self.whole.take() {
            whole.commit().await.map_err(|source| ImportError::Store { source, kept: false })?;
        }
        let failed = |source| ImportError::Store { source, kept: true };
        if let Some(organisation) = &profile.organisation {
            let organisation = Organisation {
                name: organisation.name.clone(),
                currency: organisation.currency.clone(),
                time_zone: organisation.time_zone.clone(),
                week_start: organisation.week_start.clone(),
                fiscal_year_start: organisation.fiscal_year_start.into(),
            };
            self.store.put_organisation(&organisation).await.map_err(failed)?;
        }
        self.store.finish_load().await.map_err(failed)
    }

    pub fn failed(&self, source: store::Error) -> ImportError {
        ImportError::Store { source, kept: self.kept }
    }
}
