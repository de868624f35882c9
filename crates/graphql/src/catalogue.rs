//! The catalogue: which packs are loaded, which were refused and why, and what each metric says of itself.

use std::sync::Arc;

use async_graphql::{Context, Enum, Object, SimpleObject};
use manifest::{Direction, Input, Kind, Need, Parameter, Shift, Texts};
use registry::{LoadedPack, MetricRef, Snapshot, Standing};

use crate::error::Fail;
use crate::meta::camel;
use crate::request::Requested;
use crate::scalar::{Decimal, Duration, Instant};
use crate::schema::Newer;
use crate::subject::SubjectKindName;

/// What kind of value a metric has; it decides the type of its field.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(name = "MetricKind", remote = "Kind")]
pub enum KindName {
    /// A share or a quotient of like things; 0.63 is 63 %.
    Ratio,
    Money,
    Count,
    Duration,
    /// A value on a scale.
    Score,
    Number,
}

/// Which values of a metric are better.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(name = "Direction", remote = "Direction")]
pub enum DirectionName {
    /// Higher is better.
    Up,
    /// Lower is better.
    Down,
    /// Best inside a range.
    Range,
    /// Informational.
    None,
}

/// Which period an input is read over, seen from the period asked for.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(name = "Shift", remote = "Shift")]
pub enum ShiftName {
    /// The period itself.
    This,
    /// The preceding period of the same length and kind.
    Prev,
    /// The same period a year earlier.
    Yoy,
    /// The stock at the first instant of the period.
    Start,
    /// The stock at the end of the period.
    End,
}

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

/// Which numbers a parameter can be.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(name = "NumberType", remote = "manifest::NumberType")]
pub enum NumberTypeName {
    /// Whole numbers of 32 bits, as `Int`.
    Integer,
    /// Exact decimals.
    Decimal,
}

/// A metric as its pack defines it.
pub struct MetricDefinition(pub MetricRef);

/// A metric as its pack defines it.
#[Object]
impl MetricDefinition {
    /// The whole key, `sales.amount`.
    async fn key(&self) -> String {
        self.0.key()
    }

    /// The pack that brings it.
    async fn pack(&self) -> &str {
        &self.0.pack.manifest().id
    }

    /// The very version of the pack that this is the definition of, and that computes its values.
    async fn pack_version(&self) -> PackVersion {
        PackVersion::of(&self.0)
    }

    /// Its name in a language, in English where the pack has none in it.
    async fn title(&self, #[graphql(desc = "Language tag, `en` or `zh`.")] locale: Option<String>) -> &str {
        text(&self.0.metric().title, locale.as_deref())
    }

    /// What it says, in a language, in English where the pack has no text in it.
    async fn description(&self, #[graphql(desc = "Language tag, `en` or `zh`.")] locale: Option<String>) -> &str {
        text(&self.0.metric().description, locale.as_deref())
    }

    /// Its definition over the names of its inputs.
    async fn formula(&self) -> &str {
        &self.0.metric().formula
    }

    /// The unit of its values: ratio, money, count, seconds, minutes, hours, days, points, score, percentage_points or index. Durations
    /// cross in seconds and are shown in this unit.
    async fn unit(&self) -> &str {
        &self.0.metric().unit
    }

    /// Which values are better.
    async fn direction(&self) -> DirectionName {
        self.0.metric().direction.into()
    }

    /// What kind of value it has.
    async fn kind(&self) -> KindName {
        self.0.metric().kind.into()
    }

    /// Class code by the eight principles, such as `NQSR-T/CUS`.
    async fn class(&self) -> &str {
        &self.0.metric().class
    }

    /// Where the definition comes from.
    async fn source(&self) -> &str {
        &self.0.metric().source
    }

    /// Kinds of subject it may be asked of; where empty, all that its inputs reach. The organisation always.
    async fn subjects(&self) -> Vec<SubjectKindName> {
        self.0.metric().subjects.iter().copied().map(Into::into).collect()
    }

    /// What it is made from.
    async fn inputs(&self) -> Vec<InputDefinition<'_>> {
        self.0.metric().inputs.iter().map(InputDefinition).collect()
    }

    /// The numbers that whoever asks for it may set, as arguments of its field.
    async fn parameters(&self) -> Vec<ParameterDefinition<'_>> {
        self.0.metric().parameters.iter().map(ParameterDefinition).collect()
    }

    /// How many facts there must be for a value to be given; null where any number will do.
    async fn minimum_sample(&self) -> Option<MinimumSample> {
        let sample = self.0.metric().minimum_sample.as_ref()?;
        Some(MinimumSample { input: sample.input.clone(), at_least: Decimal(sample.at_least) })
    }
}

/// One version of a pack, by what nobody can claim falsely: its content.
#[derive(SimpleObject)]
pub struct PackVersion {
    /// The pack's name, which begins the keys of its metrics.
    name: String,
    /// Its semantic version.
    version: String,
    /// SHA-256 of its file in hexadecimal.
    sha256: String,
}

impl PackVersion {
    pub fn of(metric: &MetricRef) -> PackVersion {
        let manifest = metric.pack.manifest();
        PackVersion { name: manifest.id.clone(), version: manifest.version.clone(), sha256: metric.pack.sha256().to_owned() }
    }
}

/// How many facts there must be for a value to be given.
#[derive(SimpleObject)]
pub struct MinimumSample {
    /// The input that counts them.
    input: String,
    /// With fewer, the value is withheld.
    at_least: Decimal,
}

/// A number that whoever asks for a metric may set.
pub struct ParameterDefinition<'a>(&'a Parameter);

/// A number that whoever asks for a metric may set.
#[Object(name = "ParameterDefinition")]
impl ParameterDefinition<'_> {
    /// Its name in the formula, and where a metric is named by its key.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Its name as an argument of the metric's field.
    async fn argument(&self) -> String {
        camel(&self.0.name)
    }

    /// Its name for people; null where the pack gives none.
    async fn title(&self, #[graphql(desc = "Language tag, `en` or `zh`.")] locale: Option<String>) -> Option<&str> {
        Some(text(&self.0.title, locale.as_deref())).filter(|title| !title.is_empty())
    }

    /// What it does, in a language, in English where the pack has no text in it.
    async fn description(&self, #[graphql(desc = "Language tag, `en` or `zh`.")] locale: Option<String>) -> &str {
        text(&self.0.description, locale.as_deref())
    }

    /// Which numbers it can be.
    async fn number(&self) -> NumberTypeName {
        self.0.number.into()
    }

    /// What it is where nobody sets it.
    async fn default(&self) -> Decimal {
        Decimal(self.0.default)
    }

    /// The least it may be; null where there is no least.
    async fn min(&self) -> Option<Decimal> {
        self.0.min.map(Decimal)
    }

    /// The most it may be; null where there is no most.
    async fn max(&self) -> Option<Decimal> {
        self.0.max.map(Decimal)
    }
}

/// One named input of a metric.
pub struct InputDefinition<'a>(&'a Input);

/// One named input of a metric.
#[Object(name = "InputDefinition")]
impl InputDefinition<'_> {
    /// Its name in the formula.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What is measured, in words: `sum of amount over orders`, or `metric sales.amount`.
    async fn measure(&self) -> String {
        match &self.0.need {
            Need::Metric(key) => format!("metric {key}"),
            Need::Measure(measure) => engine::words(measure),
        }
    }

    /// Which facts are taken, as the manifest states it in JSON; null where all are.
    async fn filter(&self) -> Result<Option<String>, Fail> {
        match &self.0.need {
            Need::Measure(measure) if !measure.filter.is_empty() => {
                serde_json::to_string(&measure.filter).map(Some).map_err(|error| Fail::internal("a filter cannot be written", &error))
            }
            _ => Ok(None),
        }
    }

    /// Which period it is read over.
    async fn shift(&self) -> ShiftName {
        self.0.shift.into()
    }
}

/// A pack of metrics: a file of the packs folder.
pub struct Pack {
    standing: Standing,
    /// None where it was refused.
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

    /// Since when this version of it is served, or was refused.
    async fn since(&self) -> Instant {
        Instant(self.standing.since)
    }

    /// SHA-256 of the file in hexadecimal; null where it could not be read.
    async fn sha256(&self) -> Option<&str> {
        self.standing.sha256.as_deref()
    }

    /// Where its metrics are computed; null where it was refused.
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

    /// How long it has computed, the way to it and back included.
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

    /// Why it was refused; empty where it is loaded.
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
    fn left_out(standing: Standing, newer: &Newer) -> Pack {
        let (code, reason) = (Some("E_SCHEMA".into()), Some(newer.reason.to_string()));
        Pack { standing: Standing { state: registry::State::Refused, tier: None, code, reason, ..standing }, loaded: None }
    }
}

/// The set of packs that is newer than the schema, if there is one.
pub fn newer<'a>(ctx: &Context<'a>) -> Option<&'a Newer> {
    ctx.data_unchecked::<Option<Newer>>().as_ref()
}

/// All packs: those loaded by name, then those refused. A pack of a newer set, of which no schema could be made, is refused for that.
pub fn packs(requested: &Requested, newer: Option<&Newer>) -> Vec<Pack> {
    let current = &*requested.packs;
    let Some(newer) = newer else { return current.standings().into_iter().map(|standing| Pack::of(standing, current)).collect() };
    let serves = |standing: &Standing| standing.tier.is_some();
    let known = |standing: &Standing| current.packs().iter().any(|pack| standing.sha256.as_deref() == Some(pack.sha256()));
    let served = current.standings().into_iter().filter(serves).map(|standing| Pack::of(standing, current));
    let others = newer.packs.standings().into_iter().filter(|standing| !(serves(standing) && known(standing)));
    let others = others.map(|standing| match serves(&standing) {
        true => Pack::left_out(standing, newer),
        false => Pack::of(standing, &newer.packs),
    });
    served.chain(others).collect()
}

/// The metrics of one pack or all, whose key, title or description contains a text, whatever its case.
pub fn search(snapshot: &Snapshot, pack: Option<&str>, text: Option<&str>) -> Result<Vec<MetricDefinition>, Fail> {
    let names = || snapshot.packs().iter().map(|loaded| loaded.manifest().id.clone());
    if let Some(pack) = pack.filter(|pack| !names().any(|name| name == **pack)) {
        return Err(Fail::unknown("pack", pack, names()));
    }
    let packs = snapshot.packs().iter().filter(|loaded| pack.is_none_or(|pack| loaded.manifest().id == pack));
    let text = text.map(str::to_lowercase);
    let meets = |definition: &MetricDefinition| text.as_ref().is_none_or(|text| mentions(definition, text));
    Ok(packs.flat_map(definitions).filter(meets).collect())
}

fn definitions(pack: &Arc<LoadedPack>) -> Vec<MetricDefinition> {
    let metric = |index| MetricDefinition(MetricRef { pack: pack.clone(), index });
    (0..).take(pack.manifest().metrics.len()).map(metric).collect()
}

fn mentions(definition: &MetricDefinition, text: &str) -> bool {
    let metric = definition.0.metric();
    let texts = metric.title.values().chain(metric.description.values());
    definition.0.key().contains(text) || texts.into_iter().any(|candidate| candidate.to_lowercase().contains(text))
}

/// The text in a language, or its parent language, or English.
pub fn text<'a>(texts: &'a Texts, locale: Option<&str>) -> &'a str {
    let locale = locale.unwrap_or("en");
    let language = locale.split(['-', '_']).next().unwrap_or_default();
    [locale, language, "en"].into_iter().find_map(|tag| texts.get(tag)).map_or("", String::as_str)
}
