//! Batching within one request: many fields ask for one thing each, one call fetches them all.
//!
//! All fields of an operation run in one task. The first field that asks becomes the leader: it hands control back to the executor
//! until a whole round brings no new key, and then fetches every key that was asked for meanwhile. A timer would do this by luck: too
//! short splits a batch, too long makes every request wait. Answers are kept for the rest of the request.

use std::collections::HashMap;
use std::future::Future;
use std::hash::Hash;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, oneshot};
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

struct State<K, V> {
    pending: HashMap<K, Vec<oneshot::Sender<Result<V, Fail>>>>,
    order: Vec<K>,
    known: HashMap<K, V>,
    led: bool,
}

impl<K, V> Default for Loader<K, V> {
    fn default() -> Self {
        Loader { state: Mutex::new(State { pending: HashMap::new(), order: Vec::new(), known: HashMap::new(), led: false }) }
    }
}

/// The seat of the leader, given up however the leader ends: a sibling's error may drop it halfway.
struct Seat<'a, K, V>(Option<&'a Loader<K, V>>);

impl<K, V> Drop for Seat<'_, K, V> {
    fn drop(&mut self) {
        if let Some(loader) = self.0 {
            let mut state = loader.lock();
            state.led = false;
            state.order.clear();
            // Waiters see their sender gone, ask anew, and one of them leads.
            state.pending.clear();
        }
    }
}

impl<K: Hash + Eq + Clone, V: Clone> Loader<K, V> {
    /// The answer for one key; `fetch` gets all keys of the batch and answers them in the same order.
    pub async fn load<F, R>(&self, key: K, traffic: &Traffic, patience: Patience, fetch: F) -> Result<V, Fail>
    where
        F: Fn(Vec<K>) -> R,
        R: Future<Output = Result<Vec<V>, Fail>>,
    {
        loop {
            let (answer, lead) = match self.ask(&key) {
                Asked::Known(value) => return Ok(value),
                Asked::Waits(answer, lead) => (answer, lead),
            };
            if lead {
                let _running = (patience == Patience::Tick).then(|| traffic.enter());
                let mut seat = Seat(Some(self));
                self.settle(traffic, patience).await;
                let (keys, askers) = self.take();
                seat.0 = None;
                self.hand_out(keys.clone(), askers, fetch(keys).await);
            }
            if let Ok(answer) = answer.await {
                return answer;
            }
        }
    }

    /// What is known without asking; filled by a fetch that learned more than it was asked for.
    pub fn know(&self, key: K, value: V) {
        self.lock().known.insert(key, value);
    }

    fn ask(&self, key: &K) -> Asked<V> {
        let mut state = self.lock();
        if let Some(value) = state.known.get(key) {
            return Asked::Known(value.clone());
        }
        let (sender, receiver) = oneshot::channel();
        let askers = state.pending.entry(key.clone()).or_default();
        let first = askers.is_empty();
        askers.push(sender);
        if first {
            state.order.push(key.clone());
        }
        let lead = !std::mem::replace(&mut state.led, true);
        Asked::Waits(receiver, lead)
    }

    async fn settle(&self, traffic: &Traffic, patience: Patience) {
        let (mut seen, mut quiet) = (0, 0);
        while quiet < QUIET_ROUNDS {
            if patience == Patience::Traffic {
                traffic.calm().await;
            }
            yield_now().await;
            let now = self.lock().order.len();
            quiet = if now == seen { quiet + 1 } else { 0 };
            seen = now;
        }
    }

    #[allow(clippy::type_complexity, reason = "the pair is taken apart by its one caller")]
    fn take(&self) -> (Vec<K>, HashMap<K, Vec<oneshot::Sender<Result<V, Fail>>>>) {
        let mut state = self.lock();
        // The next key that is asked for while this batch is fetched begins a new one.
        state.led = false;
        (std::mem::take(&mut state.order), std::mem::take(&mut state.pending))
    }

    fn hand_out(&self, keys: Vec<K>, mut askers: HashMap<K, Vec<oneshot::Sender<Result<V, Fail>>>>, answers: Result<Vec<V>, Fail>) {
        let mut send = |key: &K, answer: Result<V, Fail>| {
            for asker in askers.remove(key).unwrap_or_default() {
                // A field whose sibling failed no longer listens.
                let _ = asker.send(answer.clone());
            }
        };
        match answers {
            Err(fail) => keys.iter().for_each(|key| send(key, Err(fail.clone()))),
            Ok(values) => {
                debug_assert_eq!(keys.len(), values.len(), "a fetch answers every key");
                for (key, value) in keys.into_iter().zip(values) {
                    self.know(key.clone(), value.clone());
                    send(&key, Ok(value));
                }
            }
        }
    }
}

impl<K, V> Loader<K, V> {
    fn lock(&self) -> MutexGuard<'_, State<K, V>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Asked<V> {
    Known(V),
    Waits(oneshot::Receiver<Result<V, Fail>>, bool),
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
