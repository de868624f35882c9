//! How long a metric has failed in every batch. Errors that a pack may well answer with bar nothing, since they may be about what it
//! was given; but whoever looks after packs is to know.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};

use crate::outcome::{Fault, Warning};

/// Fewer in a row are not worth saying.
const LONG: u64 = 10;

/// Batches that failed one after the other.
#[derive(Debug, Default)]
pub(crate) struct Streak {
    batches: AtomicU64,
    /// When the first failed, and how the last one did.
    ends: Mutex<Option<(DateTime<Utc>, Fault)>>,
}

impl Streak {
    /// A batch did not fail.
    pub fn end(&self) {
        if self.batches.load(Ordering::Relaxed) > 0 {
            let mut ends = self.ends();
            self.batches.store(0, Ordering::Relaxed);
            *ends = None;
        }
    }

    /// One more failed.
    pub fn go_on(&self, now: DateTime<Utc>, fault: &Fault) {
        let mut ends = self.ends();
        self.batches.fetch_add(1, Ordering::Relaxed);
        let since = ends.as_ref().map_or(now, |(since, _)| *since);
        *ends = Some((since, fault.clone()));
    }

    /// What is to be said of a metric, by its whole key.
    pub fn told(&self, key: &str) -> Option<Warning> {
        let ends = self.ends();
        let (since, last) = ends.as_ref()?;
        let batches = Some(self.batches.load(Ordering::Relaxed)).filter(|batches| *batches >= LONG)?;
        let since = since.format("%Y-%m-%d %H:%M:%S UTC");
        Some(("W_FAILING", format!("each of the last {batches} batches of `{key}` failed, since {since}, the last one with {last}")))
    }

    fn ends(&self) -> MutexGuard<'_, Option<(DateTime<Utc>, Fault)>> {
        self.ends.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
