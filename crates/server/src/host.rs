//! The composition: a database, packs, the engine over both and the schema over all, opened in this order or not at all.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use chrono::Utc;
use engine::Engine;
use futures_util::FutureExt;
use graphql::Schema;
use registry::Registry;
use store::Store;
use tokio::sync::Semaphore;

use crate::endpoint::Endpoint;
use crate::meter::Meter;
use crate::route::Parts;
use crate::settings::{Packs, Service};

pub struct Host {
    pub store: Store,
    registry: Registry,
    schema: Schema,
}

impl Host {
    pub async fn open(database: &str, packs: &Packs, service: &Service) -> Result<Host> {
        let store = connect(database).await?;
        bring_up_to_date(&store, service.migrate_on_start).await?;
        let registry = open_packs(packs)?;
        let schema = schema(&store, &registry, service.limits.of_graphql());
        Ok(Host { store, registry, schema })
    }

    pub fn parts(self, service: &Service, meter: Meter) -> Parts {
        let sdl = self.schema.sdl().into();
        let schema = self.schema;
        let execute = move |request| {
            let schema = schema.clone();
            async move { schema.execute(request, Utc::now()).await }.boxed()
        };
        let endpoint = Endpoint {
            execute: Arc::new(execute),
            max_body_bytes: service.max_body_bytes,
            timeout: Duration::from_millis(service.request_timeout_ms),
            turns: Arc::new(Semaphore::new(service.max_running.get().min(Semaphore::MAX_PERMITS))),
        };
        Parts { endpoint, store: self.store, registry: self.registry, sdl, meter }
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
    Ok(schema(&store, registry, graphql::Limits::default()).sdl())
}

fn schema(store: &Store, registry: &Registry, limits: graphql::Limits) -> Schema {
    let engine = Engine::new(store.clone(), registry.clone());
    graphql::build(engine, registry.snapshot(), limits)
}

/// Loads the packs; the registry logs each that is refused. A folder that was asked for must be there.
pub fn open_packs(packs: &Packs) -> Result<Registry> {
    let folder = pack_folder(packs)?;
    let copies = pack_store(packs)?;
    let (registry, _) = Registry::open(&folder, &copies);
    if registry.snapshot().packs().is_empty() {
        tracing::warn!(folder = %folder.display(), "no pack is loaded, so there is no metric; name the packs' folder with --packs");
    }
    Ok(registry)
}

fn pack_folder(packs: &Packs) -> Result<PathBuf> {
    match &packs.packs {
        Some(folder) if folder.is_dir() => Ok(folder.clone()),
        Some(folder) => bail!("--packs {} is no folder", folder.display()),
        None => {
            let program = std::env::current_exe().context("the path of this program can't be read; name the packs' folder with --packs")?;
            Ok(program.parent().unwrap_or(Path::new(".")).join("packs"))
        }
    }
}

/// Where private copies go: the user's own cache, which others can't write to, unless told.
pub fn pack_store(packs: &Packs) -> Result<PathBuf> {
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
