//! Hands batches to the store, and takes back what it refuses.

use std::collections::HashSet;

use store::load::{Batch, LoadError, Loaded, Reject};
use store::value::Value;

use super::Run;
use super::pending::{Pending, keep_others};
use super::sink::Sink;
use super::step::Pass;
use crate::error::ImportError;
use crate::expression::Bad;

impl Run<'_, '_> {
    pub(super) async fn flush(
        &mut self,
        pass: &Pass<'_>,
        pending: &mut Pending,
        sink: &mut Sink<'_>,
        total: &mut Loaded,
    ) -> Result<(), ImportError> {
        for (entity, keys) in pending.created.drain(..) {
            self.create(entity, keys, sink).await?;
        }
        while pending.len() > 0 {
            match sink.load(&pending.batch).await {
                Ok(loaded) => {
                    if !pass.late {
                        self.summary.of(pass.step.entity.name).add(loaded);
                    }
                    total.inserted += loaded.inserted;
                    total.updated += loaded.updated;
                    total.unchanged += loaded.unchanged;
                    pending.clear();
                }
                Err(LoadError::Store(source)) => return Err(sink.failed(source)),
                Err(LoadError::Rejected(rejects)) => self.reject(pass, pending, rejects)?,
            }
        }
        Ok(())
    }

    /// Creates simple records whose key is also their name. A key that the store refuses makes the rows bad that use it.
    async fn create(&mut self, entity: &'static store::Entity, keys: Vec<String>, sink: &mut Sink<'_>) -> Result<(), ImportError> {
        let mut batch = Batch::new(entity, entity.column("name").into_iter().collect());
        keys.into_iter().for_each(|key| batch.push(key.clone(), batch.columns.iter().map(|_| Value::Text(key.clone())).collect()));
        while !batch.is_empty() {
            match sink.load(&batch).await {
                Ok(loaded) => {
                    let summary = self.summary.of(entity.name);
                    summary.read += batch.len() as u64;
                    summary.add(loaded);
                    return Ok(());
                }
                Err(LoadError::Store(source)) => return Err(sink.failed(source)),
                Err(LoadError::Rejected(rejects)) => {
                    let refused = rejects.iter().map(|reject| reject.row).collect();
                    self.refused.extend(rejects.into_iter().map(|reject| (batch.keys[reject.row].clone(), reject.reason)));
                    keep_others(&mut batch.keys, &refused);
                    keep_others(&mut batch.rows, &refused);
                }
            }
        }
        Ok(())
    }

    /// Reports the rows that the store refused, once each, and keeps the others.
    fn reject(&mut self, pass: &Pass, pending: &mut Pending, rejects: Vec<Reject>) -> Result<(), ImportError> {
        let mut refused = HashSet::new();
        for reject in rejects {
            if !refused.insert(reject.row) {
                continue;
            }
            let (line, column) = (pending.lines[reject.row], pass.blame(reject.column));
            let reason = self.refused.get(&reject.value).cloned().unwrap_or(reject.reason);
            if pass.late && pass.is_inward(reject.column) {
                let reason = format!("{reason}; the record itself is loaded, without it");
                self.report(pass, line, &column, Bad::new(reject.value, reason))?;
            } else {
                self.bad(pass, line, &column, Bad::new(reject.value, reason))?;
            }
        }
        pending.remove(&refused);
        Ok(())
    }
}
