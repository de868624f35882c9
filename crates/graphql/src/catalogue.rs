//! The catalogue: which packs are loaded, which were refused and why, and what each metric says of itself.

mod meaning;
mod pack;

use std::collections::BTreeMap;
use std::sync::Arc;

use async_graphql::{Enum, Object, SimpleObject};
use manifest::{Direction, Input, Kind, Need, NumberType, Parameter, Shift, Texts};
use registry::{LoadedPack, MetricRef, Snapshot};

use self::meaning::{AccumulationName, MetricBand, MetricVisibility, PerspectiveName};
pub use self::pack::{Pack, left_out, packs};
use crate::error::Fail;
use crate::meta::camel;
use crate::scalar::Decimal;
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

/// Which numbers a parameter can be.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(name = "NumberType")]
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

    /// The perspective of the balanced scorecard that it belongs to.
    async fn perspective(&self) -> Option<PerspectiveName> {
        self.0.metric().perspective().map(Into::into)
    }

    /// How its value over a period relates to the values over the period's parts.
    async fn accumulation(&self) -> AccumulationName {
        self.0.metric().accumulation.into()
    }

    /// Who may see a value.
    async fn visibility(&self) -> MetricVisibility {
        self.0.metric().visibility.into()
    }

    /// How values stand where no target was set, from the least to the greatest; empty where the pack says nothing.
    async fn bands(&self) -> Vec<MetricBand> {
        self.0.metric().bands.iter().map(Into::into).collect()
    }

    /// Other names that people look for it by, in a language, in English where the pack has none in it.
    async fn synonyms(&self, #[graphql(desc = "Language tag, `en` or `zh`.")] locale: Option<String>) -> &[String] {
        in_language(&self.0.metric().synonyms, locale.as_deref()).map_or(&[], Vec::as_slice)
    }

    /// What it is meant to make people do, in a language; null where the pack says nothing.
    async fn intended_behaviour(&self, #[graphql(desc = "Language tag, `en` or `zh`.")] locale: Option<String>) -> Option<&str> {
        in_language(&self.0.metric().intended_behaviour, locale.as_deref()).map(String::as_str)
    }

    /// What it may make them do instead, and what to watch beside it, in a language; null where the pack says nothing.
    async fn side_effect(&self, #[graphql(desc = "Language tag, `en` or `zh`.")] locale: Option<String>) -> Option<&str> {
        in_language(&self.0.metric().side_effect, locale.as_deref()).map(String::as_str)
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
        match self.0.number {
            NumberType::Integer => NumberTypeName::Integer,
            // Who asks need not know in which numbers the pack's code reckons.
            NumberType::Decimal | NumberType::Float => NumberTypeName::Decimal,
        }
    }

    /// What it is counted in, a unit as metrics have; null where it is a mere number.
    async fn unit(&self) -> Option<&str> {
        self.0.unit.as_deref()
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

/// The metrics of one pack or all, whose key, title, description or synonym contains a text, whatever its case.
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
    let texts = metric.title.values().chain(metric.description.values()).chain(metric.synonyms.values().flatten());
    definition.0.key().contains(text) || texts.into_iter().any(|candidate| candidate.to_lowercase().contains(text))
}

/// The text in a language, or its parent language, or English.
pub fn text<'a>(texts: &'a Texts, locale: Option<&str>) -> &'a str {
    in_language(texts, locale).map_or("", String::as_str)
}

fn in_language<'a, T>(told: &'a BTreeMap<String, T>, locale: Option<&str>) -> Option<&'a T> {
    let locale = locale.unwrap_or("en");
    let language = locale.split(['-', '_']).next().unwrap_or_default();
    [locale, language, "en"].into_iter().find_map(|tag| told.get(tag))
}
