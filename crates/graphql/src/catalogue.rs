//! The catalogue: which packs are loaded, which were refused and why, and what each metric says of itself.

use std::sync::Arc;

use async_graphql::{Context, Enum, Object, SimpleObject};
use manifest::{Direction, Input, Kind, Need, Shift, Texts};
use registry::{LoadedPack, MetricRef, Refusal, Snapshot};

use crate::error::Fail;
use crate::request::Requested;
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

/// Whether a pack's metrics can be asked.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum PackState {
    /// Its metrics are in the schema.
    Loaded,
    /// It was not loaded; `refusals` says why.
    Refused,
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
pub enum Pack {
    Loaded(Arc<LoadedPack>),
    Refused(Refusal),
}

/// Why a pack was not loaded.
#[derive(SimpleObject)]
pub struct PackRefusal {
    /// For programs.
    code: &'static str,
    /// What was expected, what was found, and what to do.
    message: String,
}

/// A pack of metrics: a file of the packs folder.
#[Object]
impl Pack {
    /// Its name, which begins the keys of its metrics; the file's name where the pack was refused.
    async fn name(&self) -> String {
        match self {
            Pack::Loaded(pack) => pack.manifest().id.clone(),
            Pack::Refused(refusal) => refusal.file.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
        }
    }

    /// Its name for people.
    async fn title(&self, #[graphql(desc = "Language tag, `en` or `zh`.")] locale: Option<String>) -> Option<&str> {
        self.loaded().map(|pack| text(&pack.manifest().title, locale.as_deref()))
    }

    /// Its semantic version; null where the pack was refused.
    async fn version(&self) -> Option<&str> {
        self.loaded().map(|pack| pack.manifest().version.as_str())
    }

    /// Whether its metrics can be asked.
    async fn state(&self) -> PackState {
        if self.loaded().is_some() { PackState::Loaded } else { PackState::Refused }
    }

    /// SHA-256 of the file in hexadecimal; null where the pack was refused.
    async fn sha256(&self) -> Option<&str> {
        self.loaded().map(|pack| pack.sha256())
    }

    /// The file's name.
    async fn file(&self) -> String {
        let file = match self {
            Pack::Loaded(pack) => pack.file(),
            Pack::Refused(refusal) => &refusal.file,
        };
        file.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// Why it was refused; empty where it is loaded.
    async fn refusals(&self) -> Vec<PackRefusal> {
        match self {
            Pack::Loaded(_) => Vec::new(),
            Pack::Refused(refusal) => vec![PackRefusal { code: refusal.code, message: refusal.message.clone() }],
        }
    }

    /// Its metrics, in its own order.
    async fn metrics(&self) -> Vec<MetricDefinition> {
        self.loaded().map(definitions).unwrap_or_default()
    }
}

impl Pack {
    fn loaded(&self) -> Option<&Arc<LoadedPack>> {
        match self {
            Pack::Loaded(pack) => Some(pack),
            Pack::Refused(_) => None,
        }
    }
}

/// The set of packs that is newer than the schema, if there is one.
pub fn newer<'a>(ctx: &Context<'a>) -> Option<&'a Newer> {
    ctx.data_unchecked::<Option<Newer>>().as_ref()
}

/// All packs: those loaded by name, then those refused. A pack of a newer set, of which no schema could be made, is refused for that.
pub fn packs(requested: &Requested, newer: Option<&Newer>) -> Vec<Pack> {
    let loaded = requested.packs.packs();
    let newest = newer.map_or(&*requested.packs, |newer| &newer.packs);
    let left_out = newer.into_iter().flat_map(|newer| {
        let unknown = |pack: &&Arc<LoadedPack>| loaded.iter().all(|known| known.sha256() != pack.sha256());
        newer.packs.packs().iter().filter(unknown).map(|pack| Refusal {
            file: pack.file().to_owned(),
            code: "E_SCHEMA",
            message: newer.reason.to_string(),
        })
    });
    let refused = newest.refusals().iter().cloned().chain(left_out).map(Pack::Refused);
    loaded.iter().cloned().map(Pack::Loaded).chain(refused).collect()
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
