//! A load of more batches than memory should hold: one transaction, batch after batch.

use super::stage::Stage;
use super::{Batch, LoadError, Loaded, check};
use crate::connection::Store;
use crate::{Error, Result, Session};

/// All of it lasts when committed. Dropped before that, nothing does; so too after an error, which leaves no way to go on.
pub struct Loading {
    session: Session,
    stage: Stage,
}

impl Store {
    pub async fn start_loading(&self) -> Result<Loading> {
        Ok(Loading { session: self.begin_load().await?, stage: Stage::default() })
    }
}

impl Loading {
    pub async fn load(&mut self, batch: &Batch) -> Result<Loaded, LoadError> {
        let rejects = check::faults(batch)?;
        if !rejects.is_empty() {
            return Err(LoadError::Rejected(rejects));
        }
        self.stage.load(&mut self.session, batch).await
    }

    pub async fn commit(mut self) -> Result<()> {
        self.stage.close(&mut self.session).await?;
        self.session.end::<_, Error>(Ok(())).await
    }
}
