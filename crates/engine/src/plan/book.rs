//! The metrics of a request, those that they are made of, and the measures at the bottom, each once.
//!
//! Everything is known here by a small number, so that planning never compares texts again. What can be said of a metric
//! without any facts is said here too: that it is not loaded, that it needs itself, that it does not apply to a kind of subject.

use std::sync::Arc;

use manifest::measure::Literal;
use manifest::source::Shape;
use manifest::{Aggregate, Filter, Formula, Measure, Metric, MinimumSample, Need, Shift, Source, SubjectKind, Visibility};
use rust_decimal::Decimal;
use rustc_hash::FxHashMap;

use super::span::SpanRule;
use crate::outcome::Cause;
use crate::parameter::Parameters;

/// A metric as the registry has it.
#[derive(Clone, Copy)]
pub(crate) struct Found<'a> {
    pub(crate) key: &'a str,
    pub(crate) parameters: &'a Parameters,
    /// What they come to, in the order of the metric's parameters.
    pub(crate) values: &'a [Decimal],
    pub(crate) metric: &'a Metric,
    pub(crate) formula: &'a Arc<Formula>,
}

/// Owns all that is in it, since what is computed by it may have to be left to a thread that never comes back.
pub(crate) struct Book {
    pub(crate) definitions: Vec<Definition>,
    pub(crate) readings: Vec<Reading>,
    /// Definitions before those that they need; without those in a cycle.
    pub(crate) order: Vec<u32>,
    /// By key, a definition for each set of parameters.
    by_key: FxHashMap<Arc<str>, Vec<(Parameters, u32)>>,
    /// By definition, how its targets are put together.
    rules: Vec<SpanRule>,
    targets: FxHashMap<Arc<str>, u32>,
    by_reading: FxHashMap<Reading, u32>,
    standings: FxHashMap<(u32, Kinds), Option<Standing>>,
}

pub(crate) struct Definition {
    pub(crate) key: Arc<str>,
    /// None for the target of a metric, which is its one input.
    pub(crate) about: Option<About>,
    pub(crate) inputs: Vec<Input>,
    /// Whether it is shown over groups only, or built on something that is.
    pub(crate) guarded: bool,
    /// Whether the records behind its values are counted: for itself, or for what is built on it.
    pub(crate) counted: bool,
    cyclic: bool,
}

/// What a metric says of itself beside its inputs.
pub(crate) struct About {
    pub(crate) formula: Arc<Formula>,
    pub(crate) sample: Option<MinimumSample>,
    visibility: Visibility,
    subjects: Vec<SubjectKind>,
    /// The values of its parameters, by name.
    parameters: Vec<(String, Decimal)>,
}

pub(crate) struct Input {
    pub(crate) name: Arc<str>,
    pub(crate) part: Part,
    pub(crate) shift: Shift,
}

pub(crate) enum Part {
    Reading(u32),
    Metric(u32),
    Missing(String),
}

/// A measure and, for spans, how they may be put together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Reading {
    pub(crate) measure: Measure,
    pub(crate) spans: SpanRule,
}

/// The kind of the subject, and of the one it is asked within.
pub(crate) type Kinds = (SubjectKind, Option<SubjectKind>);

/// Why a metric has no value for any subject of a kind.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Standing {
    pub(crate) cause: Cause,
    pub(crate) reason: String,
}

impl Book {
    /// Takes the metrics asked for and all that these need, in any order.
    pub(crate) fn of(found: &[Found<'_>]) -> Book {
        let mut book = Book {
            definitions: Vec::with_capacity(found.len()),
            readings: Vec::new(),
            order: Vec::new(),
            by_key: FxHashMap::default(),
            rules: found.iter().map(|found| SpanRule::of(found.metric, found.formula)).collect(),
            targets: FxHashMap::default(),
            by_reading: FxHashMap::default(),
            standings: FxHashMap::default(),
        };
        let keys: Vec<Arc<str>> = found.iter().map(|found| found.key.into()).collect();
        for ((at, found), key) in found.iter().enumerate().zip(&keys) {
            book.by_key.entry(key.clone()).or_default().push((found.parameters.clone(), at as u32));
        }
        for (found, key) in found.iter().zip(keys) {
            let inputs = found.metric.inputs.iter().map(|input| book.input(found, input)).collect();
            book.definitions.push(Definition::new(key, Some(About::of(found)), inputs));
        }
        book.sort();
        book.guard();
        book
    }

    fn input(&mut self, found: &Found<'_>, input: &manifest::Input) -> Input {
        let part = match &input.need {
            // With other parameters, a filter is another one: two measures, and two columns of one statement.
            Need::Measure(measure) => {
                let spans = target_of(measure).map_or(SpanRule::Add, |key| self.spans_of(key));
                Part::Reading(self.reading(Reading { measure: found.metric.measure(measure, found.values), spans }))
            }
            // What a metric is made from stands at its defaults: the parameters of both are each their own.
            Need::Metric(key) => self.metric(key, &Parameters::default()).map_or_else(|| Part::Missing(key.clone()), Part::Metric),
        };
        Input { name: input.name.as_str().into(), part, shift: input.shift }
    }

    /// The same measure of two metrics, or of two packs, is read once, also where one of them names the default time column.
    fn reading(&mut self, mut reading: Reading) -> u32 {
        reading.measure.time = reading.measure.time().map(str::to_owned);
        let next = self.readings.len() as u32;
        let at = *self.by_reading.entry(reading.clone()).or_insert(next);
        if at == next {
            self.readings.push(reading);
        }
        at
    }

    pub(crate) fn metric(&self, key: &str, parameters: &Parameters) -> Option<u32> {
        self.by_key.get(key)?.iter().find(|(known, _)| known == parameters).map(|&(_, at)| at)
    }

    fn spans_of(&self, key: &str) -> SpanRule {
        self.metric(key, &Parameters::default()).map_or(SpanRule::Hold, |at| self.rules[at as usize])
    }

    /// The target kept for a metric, as a definition of its own with one input.
    pub(crate) fn target(&mut self, key: &Arc<str>) -> u32 {
        if let Some(&at) = self.targets.get(key) {
            return at;
        }
        let spans = self.spans_of(key);
        let is = |text: &str| Filter::Is(Literal::Text(text.to_owned()));
        let filter = [("kind".to_owned(), is("METRIC")), ("metric".to_owned(), is(key))].into();
        let measure =
            Measure { agg: Aggregate::Sum, source: Source::Targets, of: Some("value".into()), time: None, filter, at_least: None };
        let input = Input { name: "target".into(), part: Part::Reading(self.reading(Reading { measure, spans })), shift: Shift::This };
        let at = self.definitions.len() as u32;
        self.definitions.push(Definition::new(key.clone(), None, vec![input]));
        self.order.push(at);
        self.targets.insert(key.clone(), at);
        at
    }

    /// Kahn's algorithm from those that need nothing; whatever is left over needs itself, or something that does.
    fn sort(&mut self) {
        let mut users: Vec<Vec<u32>> = vec![Vec::new(); self.definitions.len()];
        let mut open: Vec<u32> = vec![0; self.definitions.len()];
        for (at, definition) in self.definitions.iter().enumerate() {
            for needed in definition.needs() {
                users[needed as usize].push(at as u32);
                open[at] += 1;
            }
        }
        let mut order: Vec<u32> = (0..open.len() as u32).filter(|&at| open[at as usize] == 0).collect();
        let mut next = 0;
        while next < order.len() {
            for &user in &users[order[next] as usize] {
                open[user as usize] -= 1;
                if open[user as usize] == 0 {
                    order.push(user);
                }
            }
            next += 1;
        }
        order.reverse();
        for (definition, open) in self.definitions.iter_mut().zip(open) {
            definition.cyclic = open > 0;
        }
        self.order = order;
    }

    /// What is shown over groups only guards what is built on it, and needs the records behind what it is built on counted.
    fn guard(&mut self) {
        for at in self.order.iter().rev().map(|&at| at as usize) {
            let needs: Vec<u32> = self.definitions[at].needs().collect();
            self.definitions[at].guarded =
                self.definitions[at].minimum_group().is_some() || needs.iter().any(|&needed| self.definitions[needed as usize].guarded);
        }
        for at in self.order.iter().map(|&at| at as usize) {
            self.definitions[at].counted |= self.definitions[at].minimum_group().is_some();
            if self.definitions[at].counted {
                let needs: Vec<u32> = self.definitions[at].needs().collect();
                needs.into_iter().for_each(|needed| self.definitions[needed as usize].counted = true);
            }
        }
    }

    /// Why a metric has no value for a kind of subject, if it has none; the same for every subject of that kind.
    pub(crate) fn standing(&mut self, at: u32, kinds: Kinds) -> Option<Standing> {
        if let Some(standing) = self.standings.get(&(at, kinds)) {
            return standing.clone();
        }
        let standing = self.work_out_standing(at, kinds);
        self.standings.insert((at, kinds), standing.clone());
        standing
    }

    fn work_out_standing(&mut self, at: u32, kinds: Kinds) -> Option<Standing> {
        let definition = &self.definitions[at as usize];
        let key = definition.key.clone();
        if definition.cyclic {
            return Some(Standing { cause: Cause::Cycle, reason: format!("`{key}` needs itself, or a metric that needs itself") });
        }
        if let Some(standing) = definition.not_meant_for(kinds) {
            return Some(standing);
        }
        for input in 0..definition.inputs.len() {
            let Input { name, part, shift } = &self.definitions[at as usize].inputs[input];
            let name = name.clone();
            match part {
                Part::Missing(missing) => {
                    let reason = format!("input `{name}` of `{key}` is the metric `{missing}`, and no loaded pack has it");
                    return Some(Standing { cause: Cause::UnknownMetric, reason });
                }
                Part::Metric(_) if matches!(shift, Shift::Start | Shift::End) => {
                    let reason = format!("input `{name}` of `{key}` is a metric, and only measures have a `start` and an `end`");
                    return Some(Standing { cause: Cause::Fault, reason });
                }
                &Part::Metric(needed) => {
                    if let Some(Standing { cause, reason }) = self.standing(needed, kinds) {
                        return Some(Standing { cause, reason: format!("input `{name}`: {reason}") });
                    }
                }
                &Part::Reading(reading) => {
                    if let Some(standing) = self.readings[reading as usize].unreachable(&name, kinds) {
                        return Some(standing);
                    }
                }
            }
        }
        None
    }
}

/// The metric whose targets are measured, if it is those of one.
pub(crate) fn target_of(measure: &Measure) -> Option<&str> {
    match measure.filter.get("metric") {
        Some(Filter::Is(Literal::Text(key))) if measure.source == Source::Targets => Some(key),
        _ => None,
    }
}

impl About {
    fn of(found: &Found<'_>) -> About {
        let Found { metric, formula, values, .. } = *found;
        About {
            formula: formula.clone(),
            sample: metric.minimum_sample.clone(),
            visibility: metric.visibility,
            subjects: metric.subjects.clone(),
            parameters: metric.parameters.iter().map(|parameter| parameter.name.clone()).zip(values.iter().copied()).collect(),
        }
    }

    /// The value of a parameter.
    pub(crate) fn parameter(&self, name: &str) -> Option<Decimal> {
        self.parameters.iter().find(|(known, _)| known == name).map(|&(_, value)| value)
    }
}

impl Definition {
    fn new(key: Arc<str>, about: Option<About>, inputs: Vec<Input>) -> Definition {
        Definition { key, about, inputs, guarded: false, counted: false, cyclic: false }
    }

    /// The least number of records behind a value that is shown, if there is one.
    pub(crate) fn minimum_group(&self) -> Option<u32> {
        match self.about.as_ref()?.visibility {
            Visibility::OrganisationWide { minimum_group } => Some(minimum_group),
            Visibility::RowFiltered => None,
        }
    }

    fn needs(&self) -> impl Iterator<Item = u32> + '_ {
        self.inputs.iter().filter_map(|input| match input.part {
            Part::Metric(at) => Some(at),
            Part::Reading(_) | Part::Missing(_) => None,
        })
    }

    fn not_meant_for(&self, (kind, within): Kinds) -> Option<Standing> {
        if within == Some(kind) {
            let reason = format!("a {} cannot be looked at within another one", kind.name());
            return Some(Standing { cause: Cause::NotApplicable, reason });
        }
        let subjects = self.about.as_ref().map(|about| about.subjects.as_slice()).unwrap_or_default();
        if subjects.is_empty() || kind == SubjectKind::Organisation || subjects.contains(&kind) {
            return None;
        }
        let meant = subjects.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(", ");
        let reason = format!("`{}` is meant for {meant} and the organisation, not for {}", self.key, kind.name());
        Some(Standing { cause: Cause::NotApplicable, reason })
    }
}

impl Reading {
    pub(crate) fn unreachable(&self, input: &str, (kind, within): Kinds) -> Option<Standing> {
        let source = self.measure.source;
        if within.is_some() && source.description().shape == Shape::Span {
            let reason = format!(
                "input `{input}` is read from `{}`, which belong to one subject and cannot be looked at within a second",
                source.name()
            );
            return Some(Standing { cause: Cause::NotApplicable, reason });
        }
        let kind = [Some(kind), within].into_iter().flatten().find(|&kind| !source.reaches(kind))?;
        let reason = format!("input `{input}` is read from `{}`, whose facts cannot be traced to a {}", source.name(), kind.name());
        Some(Standing { cause: Cause::NotApplicable, reason })
    }
}
