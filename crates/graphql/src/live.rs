//! The schema while packs come and go: built anew beside the requests, and put in the place of the old one in one step.
//!
//! A request keeps the schema that it began with; an old one ends with its last request. A pack that no schema can be made with is left
//! out of it, which `packs` says, and no other pack goes or waits with it.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use async_graphql::{Request, Variables};
use chrono::{DateTime, Utc};
use engine::Engine;
use registry::{LoadedPack, Snapshot};
use tokio::sync::watch;

use crate::limit::Limits;
use crate::schema::{LeftOut, Response, Schema, Unbuilt, build};
use crate::subscription::Pulse;

/// The schema of now. Clones see the same one.
#[derive(Clone)]
pub struct Live {
    current: watch::Receiver<Arc<Schema>>,
    builds: Arc<AtomicU64>,
}

impl Live {
    /// Builds the first schema and follows the registry from then on, as long as a clone of this is there.
    pub fn start(engine: Engine, limits: Limits) -> Live {
        let mut packs = engine.registry().changes();
        let schema = made(&engine, packs.borrow_and_update().clone(), &Snapshot::default(), limits);
        let (sender, current) = watch::channel(Arc::new(schema));
        let builds = Arc::new(AtomicU64::new(1));
        tokio::spawn(follow(engine, limits, packs, (sender, builds.clone())));
        Live { current, builds }
    }

    /// How many schemas were built so far.
    pub fn builds(&self) -> u64 {
        self.builds.load(Ordering::Relaxed)
    }

    /// The newest schema, to be kept for a request from beginning to end.
    pub fn schema(&self) -> Arc<Schema> {
        self.current.borrow().clone()
    }

    /// An operation that is answered again and again. `request` must be a subscription; anything else is refused at its first answer.
    pub fn subscribe(&self, request: Request) -> Ongoing {
        let written = self.schema().written();
        Ongoing {
            schemas: self.current.clone(),
            written,
            query: request.query,
            operation_name: request.operation_name,
            variables: request.variables,
            pulse: None,
            last: None,
        }
    }
}

/// The schema of a set of packs, as far as it has a place for them; where it has none for a new version, with the one before.
fn made(engine: &Engine, packs: Arc<Snapshot>, older: &Snapshot, limits: Limits) -> Schema {
    let started = Instant::now();
    let schema = build(engine.clone(), packs.clone(), limits).unwrap_or_else(|_| made_of_some(engine, &packs, older, limits));
    let elapsed_us = started.elapsed().as_micros() as u64;
    tracing::debug!(elapsed_us, packs = schema.packs().packs().len(), "schema built");
    schema
}

/// Lets the packs in that an older schema does not have, one after the other, and leaves out those that do not go in.
fn made_of_some(engine: &Engine, packs: &Arc<Snapshot>, older: &Snapshot, limits: Limits) -> Schema {
    let known = |pack: &LoadedPack| older.packs().iter().any(|before| before.sha256() == pack.sha256());
    let new = packs.packs().iter().filter(|pack| !known(pack)).map(|pack| pack.manifest().id.clone());
    let mut out: BTreeMap<String, String> = new.map(|id| (id, String::new())).collect();
    let with = |out: &BTreeMap<String, String>| build(engine.clone(), Arc::new(packs.except(|id| out.contains_key(id), older)), limits);
    for id in out.keys().cloned().collect::<Vec<_>>() {
        out.remove(&id);
        if let Err(Unbuilt(reason)) = with(&out) {
            tracing::error!(pack = id, "the schema has no place for a pack: {reason}");
            out.insert(id, reason);
        }
    }
    let schema = with(&out).unwrap_or_else(|unbuilt| {
        // Not even those that had a schema before have one now.
        tracing::error!("{unbuilt}; the schema has none");
        out = packs.packs().iter().map(|pack| (pack.manifest().id.clone(), unbuilt.0.clone())).collect();
        build(engine.clone(), Arc::default(), limits).expect("the schema without packs can be built")
    });
    schema.without(LeftOut { packs: packs.clone(), reasons: Arc::new(out) })
}

/// Ends when nobody has the schema any more, or no pack can come any more.
async fn follow(
    engine: Engine,
    limits: Limits,
    mut packs: watch::Receiver<Arc<Snapshot>>,
    (current, builds): (watch::Sender<Arc<Schema>>, Arc<AtomicU64>),
) {
    loop {
        tokio::select! {
            changed = packs.changed() => if changed.is_err() { return },
            () = current.closed() => return,
        }
        let newest = packs.borrow_and_update().clone();
        let old = current.borrow().clone();
        let engine = engine.clone();
        // The types of a hundred packs are some milliseconds of work, which no request has to wait behind.
        let next = tokio::task::spawn_blocking(move || made(&engine, newest, old.packs(), limits).after(&old));
        match next.await {
            Ok(schema) => {
                builds.fetch_add(1, Ordering::Relaxed);
                current.send_replace(Arc::new(schema));
            }
            Err(error) => tracing::error!(%error, "the schema could not be built; it stays as it is"),
        }
    }
}

/// A subscription: an operation that is answered again whenever its answer may be another, each time by the newest schema.
pub struct Ongoing {
    schemas: watch::Receiver<Arc<Schema>>,
    written: watch::Receiver<u64>,
    query: String,
    operation_name: Option<String>,
    variables: Variables,
    /// None before the first answer.
    pulse: Option<Pulse>,
    /// What the last answer hashed to. The answer itself is the client's.
    last: Option<u64>,
}

impl Ongoing {
    /// Waits until the answer may be another; at first not at all. Changes that come faster than they are answered are one.
    pub async fn due(&mut self) {
        match self.pulse {
            None => {}
            Some(Pulse::Packs) => told(&mut self.schemas).await,
            Some(Pulse::Scores { every }) => tokio::select! {
                () = told(&mut self.schemas) => {}
                () = told(&mut self.written) => {}
                () = tokio::time::sleep(every) => {}
            },
        }
    }

    /// The answer as of an instant; none if it is the last one again, where only another one is worth telling. Where the first has
    /// no data, there is nothing to go on with.
    pub async fn answer(&mut self, as_of: DateTime<Utc>) -> Option<Response> {
        let schema = self.schemas.borrow_and_update().clone();
        self.written.mark_unchanged();
        let (response, pulse) = schema.event(self.request(), as_of).await;
        // A document that the newest schema does not know any more may fit again when a pack is back.
        self.pulse = pulse.or(self.pulse);
        let hash = hash(&response);
        let again = self.last.replace(hash) == Some(hash);
        (!again || self.pulse == Some(Pulse::Packs)).then_some(response)
    }

    fn request(&self) -> Request {
        let mut request = Request::new(self.query.clone()).variables(self.variables.clone());
        request.operation_name = self.operation_name.clone();
        request
    }
}

/// Waits for something new; for ever where none can come.
async fn told<T>(news: &mut watch::Receiver<T>) {
    if news.changed().await.is_err() {
        std::future::pending().await
    }
}

fn hash(response: &Response) -> u64 {
    let mut hasher = DefaultHasher::new();
    // What cannot be written is no answer, and equals the next one like it.
    serde_json::to_vec(response).unwrap_or_default().hash(&mut hasher);
    hasher.finish()
}
