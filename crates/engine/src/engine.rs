//! The engine: a store and a registry, and the requests that bring facts and metrics together.
//!
//! A request is planned as a whole, asked as a whole (its questions side by side) and computed as a whole, on a thread that a pack
//! may keep; everything that decides anything is in `plan`, `evaluate` and `scorecard`.

use std::sync::Arc;

use chrono::{DateTime, Utc, Weekday};
use chrono_tz::Tz;
use futures_util::future::try_join_all;
use manifest::Need;
use registry::{MetricRef, Registry, Snapshot};
use rust_decimal::Decimal;
use rustc_hash::FxHashMap;
use store::question::{Answer, Over, Question, RecordRef};
use store::{Organisation, Store};
use tokio::sync::Semaphore;

use crate::calendar::{Calendar, Context};
use crate::cell::Cell;
use crate::error::Error;
use crate::evaluate::Results;
use crate::explain::InputExplanation;
use crate::outcome::{Cause, Evaluation};
use crate::parameter::Parameters;
use crate::plan::book::target_of;
use crate::plan::{Book, Found, Place, Plan, Standing, Table};

/// Cloning it is cheap and shares the store and the packs.
#[derive(Clone)]
pub struct Engine {
    store: Store,
    registry: Registry,
    /// One for each batch that may be computed at once; the others wait in line. A batch may ask for ten thousand figures: more of them
    /// at once would not be answered sooner by the same processors and databases, but each holds its facts in memory.
    turns: Arc<Semaphore>,
}

/// At the least, so that one slow batch holds up none of the others.
const TURNS: usize = 2;

/// Evaluations of metrics, and the targets kept for metrics, as they were asked for.
pub(crate) struct Answers {
    pub(crate) metrics: Vec<Evaluation>,
    pub(crate) targets: Vec<Option<Decimal>>,
}

impl Engine {
    pub fn new(store: Store, registry: Registry) -> Engine {
        let processors = std::thread::available_parallelism().map_or(TURNS, usize::from);
        Engine { store, registry, turns: Arc::new(Semaphore::new(processors.max(TURNS))) }
    }

    pub fn store(&self) -> &Store {
        &self.store
    }

    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// The evaluation context of the organisation in the store.
    pub async fn context(&self, as_of: DateTime<Utc>) -> Result<Context, Error> {
        let organisation = self.store.organisation().await?.ok_or(Error::NoOrganisation)?;
        let calendar = calendar(&organisation)?;
        Ok(Context { as_of, calendar, currency: organisation.currency })
    }

    /// One evaluation for each cell, in the order of the cells, with the least number of statements.
    pub async fn evaluate(&self, context: &Context, packs: &Snapshot, cells: &[Cell]) -> Result<Vec<Evaluation>, Error> {
        Ok(self.answer(context, packs, cells, &[]).await?.metrics)
    }

    /// The target kept for each cell's metric, subject and period, in the order of the cells. Only targets of kind METRIC are
    /// looked at: a QUOTA or a PLAN is an input of metrics and no target of one. Targets of counts and sums add up over the
    /// parts of a period and over the employees of a team; others hold for every period inside their span.
    pub async fn targets(&self, context: &Context, packs: &Snapshot, cells: &[Cell]) -> Result<Vec<Option<Decimal>>, Error> {
        Ok(self.answer(context, packs, &[], cells).await?.targets)
    }

    /// Every input of a cell: what it is, over which period, by which SQL. No statement runs.
    pub fn explain(&self, context: &Context, packs: &Snapshot, cell: &Cell) -> Result<Vec<InputExplanation>, Error> {
        cell.period.check(context)?;
        let opened = open(packs, [(&*cell.metric, &cell.parameters)].into_iter());
        crate::explain::explain(&self.store, context, book(&opened), cell)
    }

    /// The records behind an input, in the order of their ids, after one of them.
    pub async fn records(&self, input: &InputExplanation, after: Option<i64>, limit: i64) -> Result<Vec<RecordRef>, Error> {
        match &input.question {
            Some(question) => Ok(self.store.records(question, 0, after, limit).await?),
            None => Ok(Vec::new()),
        }
    }

    /// Evaluates cells and looks up targets, both with the same statements.
    pub(crate) async fn answer(&self, context: &Context, packs: &Snapshot, cells: &[Cell], targets: &[Cell]) -> Result<Answers, Error> {
        cells.iter().chain(targets).try_for_each(|cell| cell.period.check(context))?;
        // Nothing is asked of the engine while a turn is held, so that every turn ends. None is ever closed.
        let _turn = self.turns.acquire().await;
        // A target is kept for a metric, whatever its parameters.
        let usual = Parameters::default();
        let of_targets = targets.iter().map(|cell| (&*cell.metric, &usual));
        let opened = open(packs, cells.iter().map(|cell| (&*cell.metric, &cell.parameters)).chain(of_targets));
        let mut plan = Plan::new(context, book(&opened));
        let mut last = None;
        let asked: Vec<Place> = cells.iter().map(|cell| want(&mut plan, packs, cell, &mut last)).collect();
        let wanted: Vec<Place> = targets.iter().map(|cell| want_target(&mut plan, cell)).collect();
        plan.close();
        let answers = try_join_all(plan.questions.iter().map(|question| self.ask(question))).await?;
        let tables: Vec<Table> = plan.groups.iter().zip(answers).map(|(group, answer)| Table::of(group, &plan.scopes, answer)).collect();
        let (metrics, values) = registry::compute(move || {
            let results = Results::of(&plan, &tables, &|definition, columns, rows| {
                let Opened { metric, values, .. } = &opened[definition as usize];
                metric.evaluate(columns, values, rows)
            });
            let metrics: Vec<Evaluation> = asked.iter().map(|&place| results.evaluation(&plan, place)).collect();
            let values: Vec<Option<Decimal>> = wanted.iter().map(|&place| results.value(place)).collect();
            (metrics, values)
        })
        .await;
        let targets = values.into_iter().zip(targets).map(|(value, cell)| Some(value? * unit_size(packs, cell))).collect();
        Ok(Answers { metrics, targets })
    }

    async fn ask(&self, question: &Question) -> Result<Answer, Error> {
        // Every period asked for is a day that the time zone skipped.
        if matches!(&question.over, Over::Intervals { bounds, .. } | Over::Periods { bounds, .. } if bounds.is_empty()) {
            return Ok(Answer::default());
        }
        Ok(self.store.ask(question).await?)
    }
}

/// Targets are kept in the metric's unit and given as its values are: durations in seconds.
fn unit_size(packs: &Snapshot, cell: &Cell) -> Decimal {
    packs.metric(&cell.metric).map_or(Decimal::ONE, |metric| metric.metric().unit_size())
}

fn calendar(organisation: &Organisation) -> Result<Calendar, Error> {
    let unusable = |what, value: &str| Error::Organisation { what, value: value.into() };
    let time_zone: Tz = organisation.time_zone.parse().map_err(|_| unusable("time zone", &organisation.time_zone))?;
    let week_start = match organisation.week_start.as_str() {
        "MONDAY" => Weekday::Mon,
        "SUNDAY" => Weekday::Sun,
        other => return Err(unusable("week start", other)),
    };
    let fiscal = u32::try_from(organisation.fiscal_year_start).ok().filter(|month| (1..=12).contains(month));
    let fiscal_year_start = fiscal.ok_or_else(|| unusable("start of the fiscal year", &organisation.fiscal_year_start.to_string()))?;
    Ok(Calendar { time_zone, week_start, fiscal_year_start })
}

/// A metric of a request with the values of its parameters.
struct Opened {
    key: String,
    parameters: Parameters,
    values: Vec<Decimal>,
    metric: MetricRef,
}

/// The metrics of some keys with their parameters, and all that these need. Those that no pack has, or not with such parameters,
/// are left out.
fn open<'k>(packs: &Snapshot, wanted: impl Iterator<Item = (&'k str, &'k Parameters)>) -> Vec<Opened> {
    let mut seen: FxHashMap<String, Vec<Parameters>> = FxHashMap::default();
    let mut opened: Vec<Opened> = Vec::new();
    let mut last = None;
    for (key, parameters) in wanted {
        if last != Some((key, parameters)) && is_new(&mut seen, key, parameters) {
            opened.extend(opening(packs, key, parameters));
        }
        last = Some((key, parameters));
    }
    let usual = Parameters::default();
    let mut next = 0;
    while next < opened.len() {
        for input in &opened[next].metric.clone().metric().inputs {
            // How targets are put together depends on the metric that they are for.
            let key: &str = match &input.need {
                Need::Metric(key) => key,
                Need::Measure(measure) => match target_of(measure) {
                    Some(key) => key,
                    None => continue,
                },
            };
            if is_new(&mut seen, key, &usual) {
                opened.extend(opening(packs, key, &usual));
            }
        }
        next += 1;
    }
    opened
}

fn is_new(seen: &mut FxHashMap<String, Vec<Parameters>>, key: &str, parameters: &Parameters) -> bool {
    match seen.get_mut(key) {
        Some(known) if known.contains(parameters) => return false,
        Some(known) => known.push(parameters.clone()),
        None => drop(seen.insert(key.to_owned(), vec![parameters.clone()])),
    }
    true
}

fn opening(packs: &Snapshot, key: &str, parameters: &Parameters) -> Option<Opened> {
    let metric = packs.metric(key)?;
    let values = parameters.resolve(metric.metric()).ok()?;
    Some(Opened { key: key.to_owned(), parameters: parameters.clone(), values, metric })
}

fn book(opened: &[Opened]) -> Book {
    let found: Vec<Found<'_>> = opened
        .iter()
        .map(|Opened { key, parameters, values, metric }| Found {
            key,
            parameters,
            values,
            metric: metric.metric(),
            formula: metric.formula(),
        })
        .collect();
    Book::of(&found)
}

/// The metric of the last cell, its parameters, and what it is in the plan.
type Last = Option<(Arc<str>, Parameters, u32)>;

/// Cells come in runs of one metric, so that its text is looked up once a run.
fn want(plan: &mut Plan, packs: &Snapshot, cell: &Cell, last: &mut Last) -> Place {
    let same = |(key, parameters, _): &&(Arc<str>, Parameters, u32)| Arc::ptr_eq(key, &cell.metric) && *parameters == cell.parameters;
    let known = last.as_ref().filter(same).map(|&(_, _, at)| at);
    match known.or_else(|| plan.book.metric(&cell.metric, &cell.parameters)) {
        Some(definition) => {
            if known.is_none() {
                *last = Some((cell.metric.clone(), cell.parameters.clone(), definition));
            }
            plan.want(definition, cell.subject, cell.within, cell.period)
        }
        None => plan.blank(refused(packs, cell)),
    }
}

/// Targets are kept for whole subjects, never for a part of one.
fn want_target(plan: &mut Plan, cell: &Cell) -> Place {
    let definition = plan.book.target(&cell.metric);
    plan.want(definition, cell.subject, cell.within, cell.period)
}

/// Why a cell is of no metric that can be computed.
fn refused(packs: &Snapshot, cell: &Cell) -> Standing {
    let key = &cell.metric;
    match packs.metric(key).map(|metric| cell.parameters.resolve(metric.metric())) {
        Some(Err(fault)) => Standing { cause: Cause::BadParameter, reason: format!("`{key}`: {fault}") },
        _ => Standing { cause: Cause::UnknownMetric, reason: format!("no loaded pack has the metric `{key}`") },
    }
}
