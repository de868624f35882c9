//! Batching within one request: many fields ask for one thing each, one call fetches them all.
//!
//! All fields of an operation run in one task. The first field that asks becomes the leader: it hands control back to the executor
//! until a whole round brings no new key, and then fetches every key that was asked for meanwhile. A timer would do this by luck: too
//! short splits a batch, too long makes every request wait. Answers are kept for the rest of the request.

use std::future::Future;
use std::hash::Hash;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashMap;
use tokio::sync::{Notify, watch};
use tokio::task::yield_now;

use crate::error::Fail;

/// How many rounds in a row must bring no new key: a container's fields may be polled a round after the container itself.
const QUIET_ROUNDS: usize = 3;

/// How many fetches of a request are under way, so that the costliest loader can wait for what they will ask for.
#[derive(Default)]
pub struct Traffic {
    running: AtomicUsize,
    less: Notify,
}

/// Counts a fetch from its beginning to its end, whichever way it ends.
pub struct Running<'a>(&'a Traffic);

impl Traffic {
    pub fn enter(&self) -> Running<'_> {
        self.running.fetch_add(1, Ordering::SeqCst);
        Running(self)
    }

    /// Waits until no fetch is under way.
    async fn calm(&self) {
        loop {
            let less = self.less.notified();
            if self.running.load(Ordering::SeqCst) == 0 {
                return;
            }
            less.await;
        }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::SeqCst);
        self.0.less.notify_waiters();
    }
}

/// One kind of thing that can be asked for by key.
pub struct Loader<K, V> {
    state: Mutex<State<K, V>>,
}

/// None while a batch is under way; then how it ended. A batch that was given up closes its channel instead.
type Ending = Option<Result<(), Fail>>;

struct State<K, V> {
    known: FxHashMap<K, V>,
    /// Keys that a batch is going to answer.
    awaited: FxHashMap<K, watch::Receiver<Ending>>,
    /// The batch that still takes keys.
    open: Option<(watch::Receiver<Ending>, Vec<K>)>,
}

impl<K, V> Default for Loader<K, V> {
    fn default() -> Self {
        Loader { state: Mutex::new(State { known: FxHashMap::default(), awaited: FxHashMap::default(), open: None }) }
    }
}

enum Asked<V> {
    Known(Vec<V>),
    Waits(Vec<watch::Receiver<Ending>>),
    /// The caller has to fetch the batch that it has just opened.
    Leads(watch::Sender<Ending>),
}

impl<K: Hash + Eq + Clone, V: Clone> Loader<K, V> {
    /// The answer for one key. See `load_all`.
    pub async fn load<F, R>(&self, key: K, traffic: &Traffic, patience: Patience, fetch: F) -> Result<V, Fail>
    where
        F: Fn(Vec<K>) -> R,
        R: Future<Output = Result<Vec<V>, Fail>>,
    {
        let mut values = self.load_all(std::slice::from_ref(&key), traffic, patience, fetch).await?;
        Ok(values.swap_remove(0))
    }

    /// The answers for some keys, in their order; `fetch` gets all keys of the batch and answers them in the same order.
    pub async fn load_all<F, R>(&self, keys: &[K], traffic: &Traffic, patience: Patience, fetch: F) -> Result<Vec<V>, Fail>
    where
        F: Fn(Vec<K>) -> R,
        R: Future<Output = Result<Vec<V>, Fail>>,
    {
        loop {
            match self.ask(keys) {
                Asked::Known(values) => return Ok(values),
                Asked::Waits(batches) => {
                    for batch in batches {
                        ended(batch).await?;
                    }
                }
                Asked::Leads(ending) => {
                    let _running = (patience == Patience::Tick).then(|| traffic.enter());
                    self.settle(traffic, patience).await;
                    let keys = self.close();
                    // Every field that asks holds one of these futures, and only one of them fetches: the fetch must not make all of them big.
                    let answers = Box::pin(fetch(keys.clone())).await;
                    let _ = ending.send(Some(self.keep(keys, answers)));
                }
            }
        }
    }

    /// What is known without asking; filled by a fetch that learned more than it was asked for.
    pub fn know(&self, key: K, value: V) {
        self.lock().known.insert(key, value);
    }

    /// What is known of a key without asking.
    pub fn get(&self, key: &K) -> Option<V> {
        self.lock().known.get(key).cloned()
    }

    fn ask(&self, keys: &[K]) -> Asked<V> {
        let mut guard = self.lock();
        let state = &mut *guard;
        if let Some(values) = keys.iter().map(|key| state.known.get(key).cloned()).collect() {
            return Asked::Known(values);
        }
        // A batch whose leader was dropped takes no more keys: a sibling's error may end a leader halfway.
        state.open.take_if(|(batch, _)| batch.has_changed().is_err());
        let (mut lead, mut waits) = (None, Vec::<watch::Receiver<Ending>>::new());
        for key in keys.iter().filter(|key| !state.known.contains_key(*key)) {
            let under_way = state.awaited.get(key).filter(|batch| batch.has_changed().is_ok()).cloned();
            let batch = under_way.unwrap_or_else(|| {
                let (batch, queue) = state.open.get_or_insert_with(|| {
                    let (sender, receiver) = watch::channel(None);
                    lead = Some(sender);
                    (receiver, Vec::new())
                });
                queue.push(key.clone());
                state.awaited.insert(key.clone(), batch.clone());
                batch.clone()
            });
            if !waits.iter().any(|known| known.same_channel(&batch)) {
                waits.push(batch);
            }
        }
        lead.map_or(Asked::Waits(waits), Asked::Leads)
    }

    async fn settle(&self, traffic: &Traffic, patience: Patience) {
        let (mut seen, mut quiet) = (0, 0);
        while quiet < QUIET_ROUNDS {
            if patience == Patience::Traffic {
                traffic.calm().await;
            }
            yield_now().await;
            let now = self.lock().open.as_ref().map_or(0, |(_, keys)| keys.len());
            quiet = if now == seen { quiet + 1 } else { 0 };
            seen = now;
        }
    }

    /// Ends the open batch; the next key that is asked for opens another.
    fn close(&self) -> Vec<K> {
        self.lock().open.take().map(|(_, keys)| keys).unwrap_or_default()
    }

    fn keep(&self, keys: Vec<K>, answers: Result<Vec<V>, Fail>) -> Result<(), Fail> {
        let mut state = self.lock();
        keys.iter().for_each(|key| drop(state.awaited.remove(key)));
        let values = answers?;
        debug_assert_eq!(keys.len(), values.len(), "a fetch answers every key");
        state.known.extend(keys.into_iter().zip(values));
        Ok(())
    }
}

/// Waits for a batch. One that was given up is asked anew by those who wait for it.
async fn ended(mut batch: watch::Receiver<Ending>) -> Result<(), Fail> {
    match batch.wait_for(Option::is_some).await {
        Ok(ending) => ending.clone().unwrap_or(Ok(())),
        Err(_) => Ok(()),
    }
}

impl<K, V> Loader<K, V> {
    fn lock(&self) -> MutexGuard<'_, State<K, V>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a leader waits for before it fetches.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// The fields that run now.
    Tick,
    /// Also the fields below fetches that are under way, so that one batch serves every level of the operation.
    Traffic,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Loads the doubles of the keys and counts the fetches.
    async fn doubles(keys: &[i64], fetches: &AtomicUsize) -> Vec<i64> {
        let (loader, traffic) = (Loader::default(), Traffic::default());
        let double = |keys: Vec<i64>| async move {
            fetches.fetch_add(1, Ordering::SeqCst);
            yield_now().await;
            Ok(keys.into_iter().map(|key| key * 2).collect())
        };
        let loads = keys.iter().map(|key| loader.load(*key, &traffic, Patience::Tick, double));
        futures_util::future::join_all(loads).await.into_iter().map(|answer| answer.expect("doubles")).collect()
    }

    #[tokio::test]
    async fn keys_of_one_tick_are_fetched_once_and_answered_in_place() {
        let fetches = AtomicUsize::new(0);
        let keys: Vec<i64> = (0..1000).map(|n| n % 400).collect();
        let answers = doubles(&keys, &fetches).await;
        assert!(keys.iter().zip(&answers).all(|(key, answer)| key * 2 == *answer));
        assert_eq!(fetches.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_dropped_leader_leaves_the_others_an_answer() {
        let (loader, traffic) = (Loader::<i64, i64>::default(), Traffic::default());
        let fetch = |keys: Vec<i64>| async move { Ok(keys) };
        let mut first = Box::pin(loader.load(1, &traffic, Patience::Tick, fetch));
        assert!(futures_util::poll!(first.as_mut()).is_pending());
        let mut second = Box::pin(loader.load(2, &traffic, Patience::Tick, fetch));
        assert!(futures_util::poll!(second.as_mut()).is_pending());
        drop(first);
        assert_eq!(second.await.ok(), Some(2));
    }

    #[tokio::test]
    async fn the_patient_loader_waits_for_fetches_under_way() {
        let (rows, cells, traffic) = (Loader::default(), Loader::default(), Traffic::default());
        let fetches = AtomicUsize::new(0);
        let fetch = |keys: Vec<i64>| async move {
            for _ in 0..20 {
                yield_now().await;
            }
            Ok(keys)
        };
        let count = |keys: Vec<i64>| {
            fetches.fetch_add(1, Ordering::SeqCst);
            async move { Ok::<Vec<i64>, Fail>(keys) }
        };
        let deep = async {
            let row = rows.load(7, &traffic, Patience::Tick, fetch).await.expect("a row");
            cells.load(row, &traffic, Patience::Traffic, count).await
        };
        let (_, _) = tokio::join!(cells.load(1, &traffic, Patience::Traffic, count), deep);
        assert_eq!(fetches.load(Ordering::SeqCst), 1);
    }
}
