//! What one request carries along: the packs it began with, its evaluation context, and the loaders that batch its fields.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_graphql::Context as Fields;
use chrono::{DateTime, NaiveDate, Utc};
use engine::{Context, Engine, Scorecard};
use manifest::SubjectKind;
use registry::{MetricRef, Snapshot};
use store::entity::Entity;
use store::page::Query;
use store::predicate::Predicate;
use store::scorecard::{ScorecardRecord, WeightSet};
use store::{Organisation, Row, Selection};
use tokio::sync::OnceCell;

use crate::entity::{Children, Node, Selected};
use crate::error::Fail;
use crate::limit::Limits;
use crate::loader::{Loader, Patience, Traffic};
use crate::subject_metrics::Fields as MetricFields;
use crate::tick::{Ask, Told};

/// The state of one request. It sees one set of packs from beginning to end.
pub struct Requested {
    pub engine: Engine,
    pub packs: Arc<Snapshot>,
    pub fields: Arc<MetricFields>,
    pub limits: Limits,
    /// What the document asks for.
    pub selected: Arc<Selected>,
    /// What the engine is asked, wherever it is selected.
    pub figures: Loader<Ask, Told>,
    pub traffic: Traffic,
    as_of: DateTime<Utc>,
    context: OnceCell<Context>,
    subjects: Loader<SubjectKind, Arc<Vec<i64>>>,
    labels: Loader<(SubjectKind, i64), Option<Arc<str>>>,
    rows: Loader<(&'static str, i64), Option<Arc<Row>>>,
    children: Loader<(Children, i64), Arc<[Row]>>,
    child_counts: Loader<(Children, i64), i64>,
    organisation: OnceCell<Organisation>,
    scorecards: Loader<NaiveDate, Arc<[ScorecardRecord]>>,
    read_scorecards: Loader<(String, NaiveDate), Arc<Scorecard>>,
    weight_sets: Loader<String, Arc<[WeightSet]>>,
    begun: Arc<AtomicBool>,
}

impl Requested {
    pub fn new(
        engine: Engine,
        packs: Arc<Snapshot>,
        fields: Arc<MetricFields>,
        selected: Arc<Selected>,
        as_of: DateTime<Utc>,
        limits: Limits,
    ) -> Requested {
        Requested {
            selected,
            engine,
            packs,
            fields,
            limits,
            as_of,
            figures: Loader::default(),
            traffic: Traffic::default(),
            context: OnceCell::new(),
            subjects: Loader::default(),
            labels: Loader::default(),
            rows: Loader::default(),
            children: Loader::default(),
            child_counts: Loader::default(),
            organisation: OnceCell::new(),
            scorecards: Loader::default(),
            read_scorecards: Loader::default(),
            weight_sets: Loader::default(),
            begun: Arc::default(),
        }
    }

    pub fn of<'a>(ctx: &Fields<'a>) -> &'a Requested {
        ctx.data_unchecked::<Requested>()
    }

    /// Notes that execution has begun: the document fits the schema.
    pub fn begin(&self) {
        self.begun.store(true, Ordering::Relaxed);
    }

    /// Whether execution has begun, to be asked after it.
    pub fn begun(&self) -> Arc<AtomicBool> {
        self.begun.clone()
    }

    /// The evaluation context, read when first needed: what asks for no figure reads no database.
    pub async fn context(&self) -> Result<&Context, Fail> {
        self.context
            .get_or_try_init(|| {
                // Boxed, since every field that needs the context holds the future of reading it.
                Box::pin(async {
                    let _running = self.traffic.enter();
                    Ok(self.engine.context(self.as_of).await?)
                })
            })
            .await
    }

    /// The organisation as it is kept.
    pub async fn organisation(&self) -> Result<&Organisation, Fail> {
        self.organisation
            .get_or_try_init(|| async {
                let _running = self.traffic.enter();
                let found = self.engine.store().organisation().await?;
                found.ok_or_else(|| engine::Error::NoOrganisation.into())
            })
            .await
    }

    /// The metric with a whole key.
    pub fn metric(&self, key: &str) -> Result<MetricRef, Fail> {
        self.packs.metric(key).ok_or_else(|| {
            let keys = self.packs.packs().iter().flat_map(|pack| {
                let pack = pack.manifest();
                pack.metrics.iter().map(|metric| format!("{}.{}", pack.id, metric.key))
            });
            Fail::input(Fail::unknown("metric", key, keys).message)
        })
    }

    /// All scorecards with the weights that hold on a day.
    pub async fn scorecard_records(&self, on: NaiveDate) -> Result<Arc<[ScorecardRecord]>, Fail> {
        let fetch = |days: Vec<NaiveDate>| async move {
            let records = self.engine.store().scorecards_on(&days).await?;
            Ok(records.into_iter().map(Into::into).collect())
        };
        self.scorecards.load(on, &self.traffic, Patience::Tick, fetch).await
    }

    /// A scorecard with the weights that hold on a day, as it is kept. A metric of it that no loaded pack has is an outcome of its leaf.
    pub async fn scorecard(&self, key: &str, on: NaiveDate) -> Result<Arc<Scorecard>, Fail> {
        if let Some(known) = self.read_scorecards.get(&(key.to_owned(), on)) {
            return Ok(known);
        }
        let records = self.scorecard_records(on).await?;
        let Some(record) = records.iter().find(|record| record.key == key) else {
            return Err(Fail::unknown("scorecard", key, records.iter().map(|record| record.key.clone())));
        };
        let read = Scorecard::read(record).map(Arc::new).map_err(|faults| {
            let faults = faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
            Fail::input(format!("the scorecard `{key}` cannot be used as it is kept: {faults}"))
        })?;
        // One for all subjects that are scored by it.
        self.read_scorecards.know((key.to_owned(), on), read.clone());
        Ok(read)
    }

    /// The sets of weights of a scorecard, oldest first.
    pub async fn weight_sets(&self, key: &str) -> Result<Arc<[WeightSet]>, Fail> {
        let fetch = |keys: Vec<String>| async move {
            let asked: Vec<&str> = keys.iter().map(String::as_str).collect();
            let mut sets = self.engine.store().weight_sets_of(&asked).await?;
            Ok(keys.iter().map(|key| sets.remove(key).unwrap_or_default().into()).collect())
        };
        self.weight_sets.load(key.to_owned(), &self.traffic, Patience::Tick, fetch).await
    }

    /// The ids of all subjects of a kind.
    pub async fn subjects(&self, kind: SubjectKind) -> Result<Arc<Vec<i64>>, Fail> {
        let fetch = |kinds: Vec<SubjectKind>| async move {
            let mut all = Vec::with_capacity(kinds.len());
            for kind in kinds {
                all.push(Arc::new(self.engine.store().subject_ids(kind, &Predicate::All(Vec::new())).await?));
            }
            Ok(all)
        };
        self.subjects.load(kind, &self.traffic, Patience::Tick, fetch).await
    }

    /// The name of a subject; none if there is no such subject.
    pub async fn label(&self, kind: SubjectKind, id: i64) -> Result<Option<Arc<str>>, Fail> {
        let fetch = |keys: Vec<(SubjectKind, i64)>| async move { self.fetch_labels(keys).await };
        self.labels.load((kind, id), &self.traffic, Patience::Tick, fetch).await
    }

    /// The subjects of a kind that meet a condition.
    pub async fn matching(&self, kind: SubjectKind, filter: &Predicate) -> Result<Vec<i64>, Fail> {
        let _running = self.traffic.enter();
        Ok(self.engine.store().subject_ids(kind, filter).await?)
    }

    /// The columns of an entity that the document asks for.
    pub fn selection(&self, entity: &'static Entity) -> Arc<Selection> {
        self.selected.of_entity(entity)
    }

    /// A page of records at the root.
    pub async fn page(&self, selection: &Arc<Selection>, query: &Query) -> Result<Arc<[Row]>, Fail> {
        let _running = self.traffic.enter();
        Ok(self.engine.store().page(selection, query).await?.into())
    }

    pub async fn count(&self, entity: &'static Entity, filter: &Predicate) -> Result<i64, Fail> {
        let _running = self.traffic.enter();
        Ok(self.engine.store().count(entity, filter).await?)
    }

    /// Records of any entities, in the order of the keys.
    pub async fn nodes(&self, keys: Vec<(&'static str, i64)>) -> Result<Vec<Option<Node>>, Fail> {
        let fetch = |keys: Vec<(&'static str, i64)>| async move { self.fetch_rows(keys).await };
        let rows = self.rows.load_all(&keys, &self.traffic, Patience::Tick, fetch).await?;
        Ok(rows.into_iter().map(|row| row.map(Node)).collect())
    }

    /// Records of one entity, in the order of their ids.
    pub async fn rows(&self, entity: &'static Entity, ids: &[i64]) -> Result<Vec<Option<Arc<Row>>>, Fail> {
        let nodes = self.nodes(ids.iter().map(|id| (entity.name, *id)).collect()).await?;
        Ok(nodes.into_iter().map(|node| node.map(|node| node.0)).collect())
    }

    /// The children of each parent, read together with those of all other parents of which the same is asked.
    pub async fn children(&self, of: &Children, parents: &[Option<i64>]) -> Result<Vec<Arc<[Row]>>, Fail> {
        let fetch = |keys: Vec<(Children, i64)>| async move {
            let mut found = vec![None; keys.len()];
            for (of, places) in by_question(&keys) {
                let parents: Vec<i64> = places.iter().map(|place| keys[*place].1).collect();
                let answers = of.read(self.engine.store(), &parents).await?;
                places.into_iter().zip(answers).for_each(|(place, answer)| found[place] = Some(answer));
            }
            Ok(found.into_iter().flatten().collect())
        };
        self.children.load_all(&below(of, parents), &self.traffic, Patience::Tick, fetch).await
    }

    pub async fn child_counts(&self, of: &Children, parents: &[Option<i64>]) -> Result<Vec<i64>, Fail> {
        let fetch = |keys: Vec<(Children, i64)>| async move {
            let mut found = vec![None; keys.len()];
            for (of, places) in by_question(&keys) {
                let parents: Vec<i64> = places.iter().map(|place| keys[*place].1).collect();
                let answers = of.count(self.engine.store(), &parents).await?;
                places.into_iter().zip(answers).for_each(|(place, answer)| found[place] = Some(answer));
            }
            Ok(found.into_iter().flatten().collect())
        };
        self.child_counts.load_all(&below(of, parents), &self.traffic, Patience::Tick, fetch).await
    }

    /// The instant that the request is answered as of.
    pub fn as_of(&self) -> DateTime<Utc> {
        self.as_of
    }

    /// One statement for each entity among the keys.
    async fn fetch_rows(&self, keys: Vec<(&'static str, i64)>) -> Result<Vec<Option<Arc<Row>>>, Fail> {
        let mut found = HashMap::new();
        for entity in store::entity::entities() {
            let ids: Vec<i64> = keys.iter().filter(|key| key.0 == entity.name).map(|key| key.1).collect();
            if !ids.is_empty() {
                let rows = self.engine.store().by_ids(&self.selection(entity), &ids).await?;
                found.extend(rows.into_iter().map(|row| ((entity.name, row.id()), Arc::new(row))));
            }
        }
        Ok(keys.iter().map(|key| found.get(key).cloned()).collect())
    }

    /// One statement for each kind among the keys.
    async fn fetch_labels(&self, keys: Vec<(SubjectKind, i64)>) -> Result<Vec<Option<Arc<str>>>, Fail> {
        let mut labels = HashMap::new();
        for kind in SubjectKind::ALL {
            let ids: Vec<i64> = keys.iter().filter(|key| key.0 == kind).map(|key| key.1).collect();
            if !ids.is_empty() {
                let found = self.engine.store().subject_labels(kind, &ids).await?;
                labels.extend(found.into_iter().map(|(id, name)| ((kind, id), Arc::<str>::from(name))));
            }
        }
        Ok(keys.iter().map(|key| labels.get(key).cloned()).collect())
    }
}

/// What is asked, each with the places of its keys: a handful of questions, however many parents.
fn by_question(keys: &[(Children, i64)]) -> Vec<(&Children, Vec<usize>)> {
    let mut questions: Vec<(&Children, Vec<usize>)> = Vec::new();
    for (place, (of, _)) in keys.iter().enumerate() {
        match questions.iter_mut().find(|(question, _)| *question == of) {
            Some((_, places)) => places.push(place),
            None => questions.push((of, vec![place])),
        }
    }
    questions
}

fn below(of: &Children, parents: &[Option<i64>]) -> Vec<(Children, i64)> {
    parents.iter().flatten().map(|parent| (of.clone(), *parent)).collect()
}

impl From<engine::Error> for Fail {
    fn from(error: engine::Error) -> Fail {
        match error {
            engine::Error::Store(error) => error.into(),
            error @ (engine::Error::Period(_)
            | engine::Error::NoOrganisation
            | engine::Error::WrongSubject { .. }
            | engine::Error::WhatIf { .. }) => Fail::input(error.to_string()),
            error => Fail::internal("the engine failed", &error),
        }
    }
}

impl From<store::Error> for Fail {
    fn from(error: store::Error) -> Fail {
        if error.passes() { Fail::unavailable(&error) } else { Fail::internal("the store failed", &error) }
    }
}
