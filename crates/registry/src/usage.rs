//! How much a version of a pack is used, and how often it failed. Counted by every thread that calls, read by whoever looks.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The running counts of one version.
#[derive(Debug, Default)]
pub struct Usage {
    calls: AtomicU64,
    rows: AtomicU64,
    nanoseconds: AtomicU64,
    faults: AtomicU64,
}

/// The counts at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Used {
    /// Batches that were computed or discarded; one that was not begun, since the metric is quarantined, is none.
    pub calls: u64,
    pub rows: u64,
    /// Spent in the pack and on the way to it and back; of small batches by a sample.
    pub time: Duration,
    /// Batches that were discarded.
    pub faults: u64,
}

impl Usage {
    pub(crate) fn count(&self, rows: usize, time: Option<Duration>, faulty: bool) {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.rows.fetch_add(rows as u64, Ordering::Relaxed);
        if let Some(time) = time {
            self.nanoseconds.fetch_add(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
        }
        if faulty {
            self.faults.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub fn read(&self) -> Used {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Used {
            calls: count(&self.calls),
            rows: count(&self.rows),
            time: Duration::from_nanos(count(&self.nanoseconds)),
            faults: count(&self.faults),
        }
    }
}
