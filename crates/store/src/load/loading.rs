//! A load of more batches than memory should hold: one transaction, batch after batch.

use super::{Batch, LoadError, Loaded, check, stage};
use crate::connection::Store;
use crate::{Error, Result, Session};

/// All of it lasts when committed. Dropped before that, nothing does; so too after an error, which leaves no way to go on.
pub struct Loading {
    session: Session,
}

impl Store {
    pub async fn start_loading(&self) -> Result<Loading> {
        Ok(Loading { session: self.begin_load().await? })
    }
}

impl Loading {
    pub async fn load(&mut self, batch: &Batch) -> Result<Loaded, LoadError> {
        let rejects = check::faults(batch)?;
        if !rejects.is_empty() {
            return Err(LoadError::Rejected(rejects));
        }
        stage::load(&mut self.session, batch).await
    }

    pub async fn commit(self) -> Result<()> {
        self.session.end::<_, Error>(Ok(())).await
    }
}
