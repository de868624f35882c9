//! What stands between whoever asks a metric and the pack that computes it: refuses what is quarantined, counts what is used and
//! what fails, asks twice now and then, and keeps the last batch for the next version to be compared with.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use manifest::Pack;
use rust_decimal::Decimal;

use crate::bundle::{self, Bundle};
use crate::evaluate::SMALL;
use crate::outcome::{Fault, GIVEN_UP, Warning};
use crate::quarantine::{Accused, Ledger, Quarantine};
use crate::runtime::{Argument, Batch, Runtime};
use crate::streak::Streak;
use crate::usage::Usage;
use crate::{Column, watch};

/// One batch in so many is computed twice.
const ASKED_TWICE: u64 = 1000;
/// The clock takes as long as a batch of one row: of small batches the first is timed, and one in so many, which stands for those before.
const TIMED: u64 = 16;
/// One batch in so many is kept, and the first: copying each would cost more than computing it.
const KEPT: u64 = 64;
/// The rows of a batch that are kept.
pub(crate) const KEPT_ROWS: usize = 1024;

/// The guard of one version.
#[derive(Debug)]
pub(crate) struct Guard {
    ledger: Arc<Ledger>,
    sha256: String,
    pack: Pack,
    bell: watch::Bell,
    posts: Vec<Post>,
    pub usage: Usage,
}

/// What is known of one metric.
#[derive(Debug, Default)]
struct Post {
    /// Whether the ledger is to be asked first.
    barred: AtomicBool,
    batches: AtomicU64,
    faults: AtomicU64,
    streak: Streak,
    last: Mutex<Option<Kept>>,
}

/// The beginning of a batch, and what came of it.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub inputs: Vec<Column>,
    pub parameters: Vec<Argument>,
    pub values: Vec<Option<Decimal>>,
}

impl Guard {
    pub fn new(ledger: Arc<Ledger>, sha256: &str, pack: &Pack, bell: watch::Bell) -> Guard {
        let posts = pack.metrics.iter().map(|_| Post::default()).collect();
        let guard = Guard { ledger, sha256: sha256.into(), pack: pack.clone(), bell, posts, usage: Usage::default() };
        guard.look_up();
        guard
    }

    /// What is quarantined of this version.
    pub fn quarantined(&self) -> Vec<Quarantine> {
        self.ledger.of_all(&self.sha256)
    }

    /// Takes over what the ledger says now, for metrics that it did not bar before.
    pub fn look_up(&self) {
        let listed = self.quarantined();
        for (metric, post) in self.pack.metrics.iter().zip(&self.posts) {
            let barred = listed.iter().any(|listed| listed.metric.as_ref().is_none_or(|key| *key == metric.key));
            post.barred.store(barred, Ordering::Relaxed);
        }
    }

    /// Metrics that do nothing but fail.
    pub fn failing(&self) -> Vec<Warning> {
        let told = |(metric, post): (&manifest::Metric, &Post)| post.streak.told(&format!("{}.{}", self.pack.id, metric.key));
        self.pack.metrics.iter().zip(&self.posts).filter_map(told).collect()
    }

    pub fn last(&self, metric: usize) -> Option<Kept> {
        self.posts[metric].last.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).clone()
    }

    pub fn evaluate(&self, runtime: &dyn Runtime, batch: &Batch<'_>) -> Result<Vec<Option<Decimal>>, Fault> {
        let post = &self.posts[batch.metric as usize];
        if post.barred.load(Ordering::Relaxed) {
            self.let_pass(post, batch)?;
        }
        let nth = post.batches.fetch_add(1, Ordering::Relaxed);
        let times = if batch.rows > SMALL || nth == 0 { 1 } else { TIMED };
        let started = nth.is_multiple_of(times).then(Instant::now);
        let twice = nth % ASKED_TWICE == ASKED_TWICE - 1;
        let result = runtime.evaluate(batch).and_then(|values| if twice { again(runtime, batch, values) } else { Ok(values) });
        self.usage.count(batch.rows, started.map(|started| started.elapsed() * times as u32), result.is_err());
        match &result {
            Ok(values) => {
                post.streak.end();
                if nth.is_multiple_of(KEPT) {
                    post.keep(batch, values);
                }
            }
            Err(fault) => {
                post.streak.go_on(self.ledger.now(), fault);
                self.accuse(post, runtime, batch, fault);
            }
        }
        result
    }

    fn let_pass(&self, post: &Post, batch: &Batch<'_>) -> Result<(), Fault> {
        let metric = &self.pack.metrics[batch.metric as usize].key;
        match self.ledger.of_metric(&self.sha256, metric) {
            Some(quarantine) => Err(Fault::new("QUARANTINED", quarantine.told())),
            None => {
                post.barred.store(false, Ordering::Relaxed);
                Ok(())
            }
        }
    }

    fn accuse(&self, post: &Post, runtime: &dyn Runtime, batch: &Batch<'_>, fault: &Fault) {
        let accused = Accused {
            sha256: &self.sha256,
            pack: &self.pack.id,
            version: &self.pack.version,
            metric: &self.pack.metrics[batch.metric as usize].key,
            tier: runtime.tier(),
            batches: post.batches.load(Ordering::Relaxed),
            faults: post.faults.fetch_add(1, Ordering::Relaxed) + 1,
        };
        if self.ledger.count(&accused, fault, || self.bundle(batch, fault)).is_some() {
            post.faults.store(0, Ordering::Relaxed);
            post.batches.store(0, Ordering::Relaxed);
            self.look_up();
            self.bell.ring();
        }
    }

    /// None where it is not this batch that led to it: a pack that was given up computes none.
    fn bundle(&self, batch: &Batch<'_>, fault: &Fault) -> Option<PathBuf> {
        if fault.code == GIVEN_UP {
            return None;
        }
        let bundle = Bundle::of(&self.sha256, &self.pack, batch, fault, self.ledger.now());
        bundle::write(self.ledger.store(), &bundle)
            .inspect_err(|error| tracing::error!(%error, "what led to a quarantine could not be kept"))
            .ok()
    }
}

impl Post {
    /// Whoever keeps one at the same moment keeps as good a one.
    fn keep(&self, batch: &Batch<'_>, values: &[Option<Decimal>]) {
        let Ok(mut last) = self.last.try_lock() else { return };
        let rows = batch.rows.min(KEPT_ROWS);
        let head = |column: &Column| Column { scale: column.scale, values: column.values[..rows].to_vec() };
        *last = Some(Kept {
            inputs: batch.inputs.iter().map(head).collect(),
            parameters: batch.parameters.to_vec(),
            values: values[..rows].to_vec(),
        });
    }
}

/// The same call gives the same values, or the metric depends on what it must not.
pub(crate) fn again(runtime: &dyn Runtime, batch: &Batch<'_>, values: Vec<Option<Decimal>>) -> Result<Vec<Option<Decimal>>, Fault> {
    let second = runtime.evaluate(batch)?;
    let Some(row) = second.iter().zip(&values).position(|(second, first)| second != first) else { return Ok(values) };
    let told = |value: Option<Decimal>| value.map_or("no value".into(), |value| value.to_string());
    let message = format!("asked twice, the pack answered {} and then {}", told(values[row]), told(second[row]));
    Err(Fault::new("F_NOT_DETERMINISTIC", message).at(row as u64))
}
