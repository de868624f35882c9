//! A registry that watches a folder, with a clock that a test moves, and packs of several versions.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use registry::{Clock, Column, Fault, MetricRef, Options, Registry, Snapshot, Standing, State, Trust};
use rust_decimal::Decimal;
use serde_json::json;

use crate::build::{Folder, program};
use crate::sample::{Source, manifest, manifest_macro};

/// Nothing that is waited for takes nearly as long.
const BOUND: Duration = Duration::from_secs(120);

pub struct Live {
    pub folder: Folder,
    pub registry: Registry,
    minutes: Arc<AtomicI64>,
}

impl Live {
    pub fn start(folder: Folder) -> Live {
        Away { folder, minutes: Arc::default() }.start()
    }

    /// Each pack tried in a child first, and running in one.
    pub fn start_apart(folder: Folder) -> Live {
        let minutes = Arc::default();
        let options = Options { program: Some(program()), trust: Trust::default(), ..options(&folder, &minutes) };
        Live::of(folder, Registry::start(options), minutes)
    }

    pub fn of(folder: Folder, registry: Registry, minutes: Arc<AtomicI64>) -> Live {
        Live { folder, registry, minutes }
    }

    /// As at the end of the process.
    pub fn stop(self) -> Away {
        Away { folder: self.folder, minutes: self.minutes }
    }

    pub fn restart(self) -> Live {
        self.stop().start()
    }

    pub fn options(&self) -> Options {
        options(&self.folder, &self.minutes)
    }

    pub fn pass_minutes(&self, minutes: i64) {
        self.minutes.fetch_add(minutes, Ordering::Relaxed);
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.packs().join(name)
    }

    /// Lays a file whole into the folder.
    pub fn lay(&self, bytes: &[u8], name: &str) {
        lay(bytes, &self.file(name));
    }

    /// Waits until the published packs are as said.
    pub fn until(&self, what: &str, so: impl Fn(&Snapshot) -> bool) -> Arc<Snapshot> {
        let mut changes = self.registry.changes();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        let waited = runtime.block_on(async {
            tokio::time::timeout(BOUND, changes.wait_for(|packs| so(packs))).await.map(|found| found.map(|packs| packs.clone()))
        });
        match waited {
            Ok(found) => found.expect("the registry is there"),
            Err(_) => panic!("never came: {what}; there is {:#?}", self.registry.snapshot().standings()),
        }
    }

    pub fn until_version(&self, version: &str) -> Arc<Snapshot> {
        self.until(&format!("version {version}"), |packs| packs.packs().iter().any(|pack| pack.manifest().version == version))
    }

    pub fn metric(&self) -> MetricRef {
        self.registry.snapshot().metric("test.same").expect("it is there")
    }

    /// What the metric makes of a one, now.
    pub fn ask(&self, value: i64) -> Result<Option<Decimal>, Fault> {
        ask(&self.metric(), value)
    }

    pub fn standing(&self, id: &str) -> Standing {
        standing(&self.registry.snapshot(), id)
    }
}

/// A folder whose service is not there, and the time that it was.
pub struct Away {
    pub folder: Folder,
    minutes: Arc<AtomicI64>,
}

impl Away {
    pub fn start(self) -> Live {
        let Away { folder, minutes } = self;
        let registry = Registry::start(options(&folder, &minutes));
        Live::of(folder, registry, minutes)
    }
}

pub fn options(folder: &Folder, minutes: &Arc<AtomicI64>) -> Options {
    let (minutes, start) = (minutes.clone(), noon());
    let clock = Clock::new(move || start + TimeDelta::minutes(minutes.load(Ordering::Relaxed)));
    Options { clock, trust: Trust::everything(), ..Options::new(folder.packs(), folder.store()) }
}

pub fn noon() -> DateTime<Utc> {
    "2026-03-01T12:00:00Z".parse().expect("a time")
}

pub fn ask(metric: &MetricRef, value: i64) -> Result<Option<Decimal>, Fault> {
    metric.evaluate(&[Column { scale: 0, values: vec![Some(value.into())] }], &[], 1).map(|values| values[0])
}

pub fn standing(packs: &Snapshot, id: &str) -> Standing {
    let found = packs.standings().into_iter().find(|standing| standing.id.as_deref() == Some(id) && standing.tier.is_some());
    found.unwrap_or_else(|| panic!("{id} does not serve: {:#?}", packs.standings()))
}

pub fn state(packs: &Snapshot, id: &str) -> Option<State> {
    packs
        .standings()
        .into_iter()
        .find(|standing| standing.id.as_deref() == Some(id) && standing.tier.is_some())
        .map(|standing| standing.state)
}

/// As `mv` from the same disk does it.
pub fn lay(bytes: &[u8], to: &Path) {
    let half = to.with_extension("half");
    fs::write(&half, bytes).and_then(|()| fs::rename(&half, to)).expect("the file is laid");
}

/// The bytes of a pack of one metric, in a version, that gives its input and does something before.
pub fn version(id: &str, version: &str, first: &str) -> Vec<u8> {
    compiled(Source::doing(id, first).of_version(id, version))
}

/// The bytes of a pack that needs a metric of another one.
pub fn needing(id: &str, needed: &str) -> Vec<u8> {
    let mut manifest = manifest(id);
    manifest["metrics"][0]["inputs"] = json!([{ "name": "a", "metric": needed }]);
    compiled(Source { manifest: manifest_macro(&manifest.to_string()), ..Source::sound(id) })
}

pub fn compiled(source: Source) -> Vec<u8> {
    let folder = Folder::new();
    let file = folder.packs().join("pack.so");
    source.compile(&file, &[]);
    fs::read(file).expect("it was compiled")
}

/// Fails as a panic does when it is given this number.
pub const PANICS_ON_13: &str = "if (((const cp_d128 *)in->data)[0].lo == 13) return CP_E_PANIC;";
