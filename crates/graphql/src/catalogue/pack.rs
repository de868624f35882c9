//! Packs: which are loaded, which were refused and why, and how they do.

use std::sync::Arc;

use async_graphql::{Context, Enum, Object, SimpleObject};
use registry::{LoadedPack, Snapshot, Standing};

use super::{MetricDefinition, definitions, text};
use crate::request::Requested;
use crate::scalar::{Decimal, Duration, Instant};
use crate::schema::LeftOut;

/// How a pack stands.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(name = "PackState", remote = "registry::State")]
pub enum PackState {
    /// Its metrics are in the schema and are computed.
    Loaded,
    /// As loaded, and watched: it took the place of another version, which comes back if this one fails.
    Probation,
    /// It, or some of its metrics, failed too often and is not asked: the outcome of its metrics is FAULT, with the reason.
    Quarantined,
    /// Its file is new and is being tried, beside the version that is served if there is one; `reason` says what it waits for, if for anything.
    Trying,
    /// The file was not loaded; `reason` says why.
    Refused,
    /// A metric that it needs is gone.
    Unavailable,
}

/// Where a pack's metrics are computed, which is what it can do to the service.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(name = "PackTier", remote = "registry::Tier")]
pub enum PackTier {
    /// Native code inside the service: for packs that the operator trusts.
    InProcess,
    /// Native code in a process of its own that may do nothing but compute: for all other packs.
    Worker,
    /// Formulas that the service computes itself: no code of the pack's author runs.
    Declarative,
}

/// A pack of metrics: a file of the packs folder.
pub struct Pack {
    standing: Standing,
    /// None where it does not serve.
    loaded: Option<Arc<LoadedPack>>,
}

/// A code for programs, and words.
#[derive(SimpleObject)]
pub struct PackRefusal {
    /// For programs.
    code: String,
    /// What was expected, what was found, and what to do.
    message: String,
}

/// What is odd about a pack but no reason to refuse it.
#[derive(SimpleObject)]
pub struct PackWarning {
    /// For programs.
    code: &'static str,
    /// For people.
    message: String,
}

/// A pack of metrics: a file of the packs folder.
#[Object]
impl Pack {
    /// Its name, which begins the keys of its metrics; the file's name where the pack was refused before it said one.
    async fn name(&self) -> String {
        let stem = || self.standing.file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        self.standing.id.clone().unwrap_or_else(stem)
    }

    /// Its name for people.
    async fn title(&self, #[graphql(desc = "Language tag, `en` or `zh`.")] locale: Option<String>) -> Option<&str> {
        self.loaded.as_ref().map(|pack| text(&pack.manifest().title, locale.as_deref()))
    }

    /// Its semantic version; null where the pack was refused before it said one.
    async fn version(&self) -> Option<&str> {
        self.standing.version.as_deref()
    }

    /// How it stands.
    async fn state(&self) -> PackState {
        self.standing.state.into()
    }

    /// Why it stands so, in words; null where there is nothing to say.
    async fn reason(&self) -> Option<&str> {
        self.standing.reason.as_deref()
    }

    /// Since when this version of it is served, is being tried, or was refused.
    async fn since(&self) -> Instant {
        Instant(self.standing.since)
    }

    /// SHA-256 of the file in hexadecimal; null where it could not be read.
    async fn sha256(&self) -> Option<&str> {
        self.standing.sha256.as_deref()
    }

    /// Where its metrics are computed; null where it is not served.
    async fn tier(&self) -> Option<PackTier> {
        self.standing.tier.map(Into::into)
    }

    /// The file's name.
    async fn file(&self) -> String {
        self.standing.file.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// How many batches of rows this version of it has computed, faulty ones included.
    async fn calls(&self) -> Decimal {
        Decimal(self.standing.used.calls.into())
    }

    /// How many rows it has computed.
    async fn rows(&self) -> Decimal {
        Decimal(self.standing.used.rows.into())
    }

    /// How long it has computed, the way to it and back included; of batches of up to 256 rows, one in sixteen is timed and stands for the others.
    async fn time(&self) -> Duration {
        let nanoseconds = i64::try_from(self.standing.used.time.as_nanos()).unwrap_or(i64::MAX);
        Duration::of_seconds(rust_decimal::Decimal::new(nanoseconds, 9))
    }

    /// How many batches of it were discarded because it failed.
    async fn faults(&self) -> Decimal {
        Decimal(self.standing.used.faults.into())
    }

    /// How many versions of it are in the service's memory: code that was mapped once stays until the service is restarted.
    async fn mapped_versions(&self) -> usize {
        self.standing.mapped_versions
    }

    /// What is odd about it, but no reason to refuse it.
    async fn warnings(&self) -> Vec<PackWarning> {
        self.standing.warnings.iter().map(|(code, message)| PackWarning { code, message: message.clone() }).collect()
    }

    /// Why it was refused; empty where it was not.
    async fn refusals(&self) -> Vec<PackRefusal> {
        let Standing { code, reason, .. } = &self.standing;
        let refusal = code.clone().zip(reason.clone()).filter(|_| self.loaded.is_none());
        refusal.into_iter().map(|(code, message)| PackRefusal { code, message }).collect()
    }

    /// Its metrics, in its own order.
    async fn metrics(&self) -> Vec<MetricDefinition> {
        self.loaded.as_ref().map(definitions).unwrap_or_default()
    }
}

impl Pack {
    fn of(standing: Standing, packs: &Snapshot) -> Pack {
        let served = |pack: &&Arc<LoadedPack>| standing.sha256.as_deref() == Some(pack.sha256());
        let loaded = packs.packs().iter().find(served).cloned().filter(|_| standing.tier.is_some());
        Pack { standing, loaded }
    }

    /// A pack that no schema could be made with.
    fn left_out(standing: Standing, reason: &str) -> Pack {
        let (code, reason) = (Some("E_SCHEMA".into()), Some(reason.to_owned()));
        Pack { standing: Standing { state: registry::State::Refused, tier: None, code, reason, ..standing }, loaded: None }
    }
}

/// The packs that the schema has no place for, if there are any.
pub fn left_out<'a>(ctx: &Context<'a>) -> Option<&'a LeftOut> {
    ctx.data_unchecked::<Option<LeftOut>>().as_ref()
}

/// All packs: those loaded by name, then those that are tried, then those refused, and those that the schema has no place for.
pub fn packs(requested: &Requested, left_out: Option<&LeftOut>) -> Vec<Pack> {
    let current = &*requested.packs;
    let known = current.standings().into_iter().map(|standing| Pack::of(standing, current));
    let left_out = left_out.into_iter().flat_map(|LeftOut { packs, reasons }| {
        let serves = packs.standings().into_iter().filter(|standing| standing.tier.is_some());
        serves.filter_map(|standing| Some(Pack::left_out(standing.clone(), reasons.get(standing.id.as_ref()?)?)))
    });
    known.chain(left_out).collect()
}
