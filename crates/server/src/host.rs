//! The composition: a database, packs, the engine over both and the schema over all, opened in this order or not at all.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use chrono::Utc;
use engine::Engine;
use futures_util::FutureExt;
use graphql::Live;
use registry::{Options, Program, Registry, Trust};
use store::Store;
use tokio::sync::{Semaphore, watch};

use crate::endpoint::Endpoint;
use crate::meter::Meter;
use crate::route::Parts;
use crate::settings::{Packs, Service};
use crate::socket::{Patience, Sockets};

pub struct Host {
    pub store: Store,
    registry: Registry,
    live: Live,
}

impl Host {
    pub async fn open(database: &str, packs: &Packs, service: &Service) -> Result<Host> {
        let store = connect(database).await?;
        bring_up_to_date(&store, service.migrate_on_start).await?;
        let registry = start_packs(packs).await?;
        let live = Live::start(Engine::new(store.clone(), registry.clone()), service.limits.of_graphql());
        Ok(Host { store, registry, live })
    }

    /// `stop` tells that the service was told to stop; `open` counts sockets.
    pub fn parts(self, service: &Service, meter: Meter, stop: watch::Receiver<bool>, open: watch::Sender<usize>) -> Parts {
        let live = self.live.clone();
        let execute = move |request| {
            let schema = live.schema();
            async move { schema.execute(request, Utc::now()).await }.boxed()
        };
        let permits = |count: NonZeroUsize| Arc::new(Semaphore::new(count.get().min(Semaphore::MAX_PERMITS)));
        let endpoint = Endpoint {
            execute: Arc::new(execute),
            max_body_bytes: service.max_body_bytes,
            timeout: Duration::from_millis(service.request_timeout_ms),
            turns: permits(service.max_running),
        };
        let sockets = Sockets {
            endpoint,
            live: self.live.clone(),
            meter: meter.clone(),
            origins: service.cors_origin.as_slice().into(),
            operations_each: service.max_operations.get(),
            subscriptions: permits(service.max_subscriptions),
            subscriptions_all: service.max_subscriptions.get(),
            patience: Patience::default(),
            stop,
            open,
        };
        Parts { sockets, store: self.store, registry: self.registry, live: self.live, meter }
    }
}

pub async fn connect(url: &str) -> Result<Store> {
    Store::connect(url).await.context("can't open the database; check --database-url, and that the server runs")
}

pub async fn bring_up_to_date(store: &Store, migrate: bool) -> Result<()> {
    if migrate {
        let applied = store.migrate().await.context("the database could not be migrated")?;
        applied.iter().for_each(|version| tracing::info!(version, "migrated"));
    }
    store.ready().await.context("the database is not ready")
}

/// The schema without a database of its own: nothing in it depends on one, but the engine wants a store.
pub async fn schema_alone(registry: &Registry) -> Result<String> {
    let folder = tempfile::tempdir().context("no temporary folder can be made")?;
    let store = connect(&format!("sqlite:{}", folder.path().join("none.sqlite").display())).await?;
    let engine = Engine::new(store, registry.clone());
    Ok(graphql::build(engine, registry.snapshot(), graphql::Limits::default())?.sdl().to_owned())
}

/// Loads the packs and follows what becomes of their folder. Loading takes as long as it takes, so it has a thread of its own.
async fn start_packs(packs: &Packs) -> Result<Registry> {
    let options = pack_options(packs)?;
    let folder = options.folder.clone();
    let registry = tokio::task::spawn_blocking(|| Registry::start(options)).await.context("the packs could not be loaded")?;
    if registry.snapshot().packs().is_empty() {
        tracing::warn!(folder = %folder.display(), "no pack is loaded, so there is no metric; name the packs' folder with --packs");
    }
    Ok(registry)
}

/// Loads the packs as they are now.
pub fn open_packs(packs: &Packs) -> Result<Registry> {
    Ok(Registry::once(pack_options(packs)?))
}

/// What the settings say of packs. A folder that was asked for must be there.
pub fn pack_options(packs: &Packs) -> Result<Options> {
    let mut options = Options { program: Some(Program::this()), ..Options::new(pack_folder(packs)?, pack_store(packs)?) };
    let hashes = packs.trust_hash.iter().map(String::as_str);
    let keys = packs.trust_key.iter().map(String::as_str);
    let trust = if packs.trusted_only { Trust::only(hashes, keys)? } else { Trust::of(hashes, keys)? };
    options.trust = trust.and_listed_in(program_folder().unwrap_or_default().join(TRUSTED))?;
    options.probation = Duration::from_secs(packs.pack_probation_s.into());
    Ok(options)
}

/// The hashes of the packs that were built with the service, one a line. It lies beside the executable and not in the packs folder:
/// there, whoever may lay a pack could trust himself.
const TRUSTED: &str = "trusted-packs";

fn program_folder() -> Result<PathBuf> {
    let program = std::env::current_exe().context("the path of this program can't be read; name the packs' folder with --packs")?;
    Ok(program.parent().unwrap_or(Path::new(".")).to_owned())
}

fn pack_folder(packs: &Packs) -> Result<PathBuf> {
    match &packs.packs {
        Some(folder) if folder.is_dir() => Ok(folder.clone()),
        Some(folder) => bail!("--packs {} is no folder", folder.display()),
        None => Ok(program_folder()?.join("packs")),
    }
}

/// Where private copies go: the user's own cache, which others can't write to, unless told.
fn pack_store(packs: &Packs) -> Result<PathBuf> {
    let folder = packs.pack_store.clone().or_else(|| Some(cache_folder()?.join("counterpoise").join("packs")));
    let folder = folder.context("there is no HOME to keep private copies of packs in; name a folder with --pack-store")?;
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("can't make the folder {} for copies of packs; name another with --pack-store", folder.display()))?;
    Ok(folder)
}

fn cache_folder() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    set("XDG_CACHE_HOME").or_else(|| Some(set("HOME")?.join(".cache")))
}
