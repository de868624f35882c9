//! Writing scorecards: each change in one transaction that first takes the scorecard's row, so that changes wait for each other.
//!
//! A node that stays (by its key) keeps its weights in the sets of other days. A change that would leave any set without a weight
//! for one of the nodes is refused: a scorecard of the past must not fall apart because of one of today.

use std::collections::HashSet;

use chrono::NaiveDate;
use diesel::QueryableByName;
use diesel::result::{DatabaseErrorKind, Error as Fault};
use diesel::sql_types::{BigInt, Date, Nullable, Text};

use super::{NodeRecord, ScorecardError, ScorecardRecord, WeightSet};
use crate::session::Session;
use crate::statement::{Bind, Numbers, Statement};
use crate::{Error, Store};

type Done<T = ()> = Result<T, ScorecardError>;

#[derive(QueryableByName)]
struct Uncovered {
    #[diesel(sql_type = Nullable<Date>)]
    starts_on: Option<NaiveDate>,
    #[diesel(sql_type = Text)]
    node_key: String,
}

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = BigInt)]
    version: i64,
}

impl Store {
    /// Keeps a new scorecard, at version 1, whose weights hold from the beginning.
    pub async fn create_scorecard(&self, record: &ScorecardRecord) -> Done {
        check(record)?;
        let mut session = self.begin().await?;
        let work = create(&mut session, record).await;
        session.end(work).await
    }

    /// Replaces the version that the record states; gives the new version. The weights go into the set that the record names.
    pub async fn replace_scorecard(&self, record: &ScorecardRecord) -> Done<u32> {
        check(record)?;
        let mut session = self.begin().await?;
        let work = replace(&mut session, record).await;
        session.end(work).await
    }

    pub async fn delete_scorecard(&self, key: &str) -> Done {
        let gone = self.execute(&Statement::new("DELETE FROM scorecard WHERE external_key = $1").with(Bind::Text(key.into()))).await?;
        if gone == 0 { Err(ScorecardError::Unknown { key: key.into() }) } else { Ok(()) }
    }

    /// Keeps a set of weights for the version of a scorecard that it was made for, in place of one that begins on the same day; gives
    /// the new version.
    pub async fn put_weight_set(&self, key: &str, version: u32, set: &WeightSet) -> Done<u32> {
        let mut session = self.begin().await?;
        let work = put(&mut session, key, version, set).await;
        session.end(work).await
    }

    /// Forgets the set that begins on that day. The one from the beginning stays.
    pub async fn delete_weight_set(&self, key: &str, starts_on: NaiveDate) -> Done<u32> {
        let mut session = self.begin().await?;
        let work = forget(&mut session, key, starts_on).await;
        session.end(work).await
    }
}

async fn create(session: &mut Session, record: &ScorecardRecord) -> Done {
    let mut insert = Statement::default();
    let values = [texts(record), vec![carry(record), "1".into()]].concat();
    let places: Vec<_> = values[..6].iter().map(|text| insert.bind(Bind::Text(text.clone()))).chain(values[6..].iter().cloned()).collect();
    insert.text = format!(
        "INSERT INTO scorecard (title, subject_kind, missing, min_coverage, grades, external_key, carry_periods, version) VALUES ({}) RETURNING id",
        places.join(", ")
    );
    let id = session.rows::<Numbers>(&insert).await.map_err(|error| of_insert(error, &record.key))?;
    write_tree(session, number(&id)?, record).await
}

fn of_insert(error: Error, key: &str) -> ScorecardError {
    match error {
        Error::Query { source: Fault::DatabaseError(DatabaseErrorKind::UniqueViolation, _), .. } => {
            ScorecardError::Exists { key: key.into() }
        }
        error => error.into(),
    }
}

async fn replace(session: &mut Session, record: &ScorecardRecord) -> Done<u32> {
    let mut update = Statement::default();
    let texts: Vec<_> = texts(record).into_iter().map(|text| update.bind(Bind::Text(text))).collect();
    let [title, kind, missing, coverage, grades, key] = texts.as_slice() else { unreachable!("there are six") };
    update.text = format!(
        "UPDATE scorecard SET title = {title}, subject_kind = {kind}, missing = {missing}, min_coverage = {coverage}, grades = {grades}, \
         carry_periods = {}, version = version + 1 WHERE external_key = {key} AND version = {} RETURNING id",
        carry(record),
        record.version
    );
    let id = session.rows::<Numbers>(&update).await?;
    if id.is_empty() {
        return Err(outdated(session, &record.key, record.version).await?);
    }
    write_tree(session, number(&id)?, record).await?;
    Ok(record.version + 1)
}

async fn outdated(session: &mut Session, key: &str, expected: u32) -> Done<ScorecardError> {
    let read =
        Statement::new("SELECT CAST(version AS BIGINT) AS version FROM scorecard WHERE external_key = $1").with(Bind::Text(key.into()));
    Ok(match session.rows::<Version>(&read).await?.first() {
        Some(row) => ScorecardError::Changed { key: key.into(), expected, found: u32::try_from(row.version).unwrap_or(u32::MAX) },
        None => ScorecardError::Unknown { key: key.into() },
    })
}

async fn put(session: &mut Session, key: &str, expected: u32, set: &WeightSet) -> Done<u32> {
    let (id, version) = touch(session, key).await?;
    if version != expected.saturating_add(1) {
        return Err(ScorecardError::Changed { key: key.into(), expected, found: version - 1 });
    }
    write_set(session, id, set).await?;
    covered(session, id).await.map(|()| version)
}

async fn forget(session: &mut Session, key: &str, starts_on: NaiveDate) -> Done<u32> {
    let (id, version) = touch(session, key).await?;
    let delete = Statement::new(format!("DELETE FROM weight_set WHERE scorecard_id = {id} AND starts_on = $1")).with(Bind::Day(starts_on));
    if session.execute(&delete).await? == 0 {
        return Err(ScorecardError::Weights { starts_on: Some(starts_on), reason: "there are none that begin on that day".into() });
    }
    Ok(version)
}

/// Takes the scorecard for this transaction and counts its change.
async fn touch(session: &mut Session, key: &str) -> Done<(i64, u32)> {
    let update = "UPDATE scorecard SET version = version + 1 WHERE external_key = $1 RETURNING id, CAST(version AS BIGINT) AS version";
    let rows = session.rows::<Numbers>(&Statement::new(update).with(Bind::Text(key.into()))).await?;
    match rows.first().map(|Numbers(row)| row.as_slice()) {
        Some([Some(id), Some(version)]) => Ok((*id, u32::try_from(*version).unwrap_or(u32::MAX))),
        _ => Err(ScorecardError::Unknown { key: key.into() }),
    }
}

/// Title, kind, missing, coverage, grades, key: the order in which they are written.
fn texts(record: &ScorecardRecord) -> Vec<String> {
    let grades = serde_json::to_string(&record.grades).expect("decimals and texts are always JSON");
    let (kind, missing) = (record.subject_kind.name().to_owned(), record.missing.name().to_owned());
    vec![record.title.clone(), kind, missing, record.min_coverage.to_string(), grades, record.key.clone()]
}

fn carry(record: &ScorecardRecord) -> String {
    record.carry_periods.map_or_else(|| "NULL".into(), |periods| periods.to_string())
}

async fn write_tree(session: &mut Session, id: i64, record: &ScorecardRecord) -> Done {
    // Apart from their parents, or a parent that goes would take nodes along that stay.
    session.execute(&Statement::new(format!("UPDATE scorecard_node SET parent_id = NULL WHERE scorecard_id = {id}"))).await?;
    session.execute(&removal(id, record)).await?;
    if !record.nodes.is_empty() {
        session.execute(&nodes(id, record)).await?;
    }
    if let Some(parents) = parents(id, record) {
        session.execute(&parents).await?;
    }
    let weights = record.nodes.iter().map(|node| (node.key.clone(), node.weight)).collect();
    write_set(session, id, &WeightSet { method: record.method, starts_on: record.weights_from, weights }).await?;
    covered(session, id).await
}

fn removal(id: i64, record: &ScorecardRecord) -> Statement {
    let mut statement = Statement::default();
    let keys: Vec<_> = record.nodes.iter().map(|node| statement.bind(Bind::Text(node.key.clone()))).collect();
    let others = if keys.is_empty() { String::new() } else { format!(" AND node_key NOT IN ({})", keys.join(", ")) };
    statement.text = format!("DELETE FROM scorecard_node WHERE scorecard_id = {id}{others}");
    statement
}

fn nodes(id: i64, record: &ScorecardRecord) -> Statement {
    let mut statement = Statement::default();
    let mut rows = Vec::new();
    for node in &record.nodes {
        let (key, title) = (statement.bind(Bind::Text(node.key.clone())), statement.bind(Bind::Text(node.title.clone())));
        let metric = statement.bind(Bind::MaybeText(node.metric.clone()));
        let scoring = statement.bind(Bind::MaybeText(node.scoring.as_ref().map(ToString::to_string)));
        let parameters = statement.bind(Bind::MaybeText(parameters(node)));
        rows.push(format!("({id}, {}, {key}, {title}, {metric}, {scoring}, {parameters})", node.position));
    }
    statement.text = format!(
        "INSERT INTO scorecard_node (scorecard_id, position, node_key, title, metric, scoring, parameters) VALUES {} \
         ON CONFLICT (scorecard_id, node_key) DO UPDATE SET position = excluded.position, title = excluded.title, \
         metric = excluded.metric, scoring = excluded.scoring, parameters = excluded.parameters",
        rows.join(", ")
    );
    statement
}

/// None where all stand at their defaults.
fn parameters(node: &NodeRecord) -> Option<String> {
    let text = || serde_json::to_string(&node.parameters).expect("decimals and texts are always JSON");
    (!node.parameters.is_empty()).then(text)
}

fn parents(id: i64, record: &ScorecardRecord) -> Option<Statement> {
    let mut statement = Statement::default();
    let pairs = record.nodes.iter().filter_map(|node| node.parent.as_ref().map(|parent| (node.key.clone(), parent.clone())));
    let rows: Vec<_> = pairs
        .map(|(key, parent)| {
            let key = statement.bind(Bind::Text(key));
            format!("({key}, {})", statement.bind(Bind::Text(parent)))
        })
        .collect();
    statement.text = format!(
        "UPDATE scorecard_node SET parent_id = p.id FROM (VALUES {}) AS v JOIN scorecard_node AS p ON p.node_key = v.column2 \
         WHERE p.scorecard_id = {id} AND scorecard_node.scorecard_id = {id} AND scorecard_node.node_key = v.column1",
        rows.join(", ")
    );
    (!rows.is_empty()).then_some(statement)
}

async fn write_set(session: &mut Session, id: i64, set: &WeightSet) -> Done {
    let refused = |reason: String| ScorecardError::Weights { starts_on: set.starts_on, reason };
    let mut seen = HashSet::new();
    if let Some((twice, _)) = set.weights.iter().find(|(key, _)| !seen.insert(key)) {
        return Err(refused(format!("they name `{twice}` twice")));
    }
    let delete = format!("DELETE FROM weight_set WHERE scorecard_id = {id} AND starts_on IS NOT DISTINCT FROM $1");
    session.execute(&Statement::new(delete).with(Bind::MaybeDay(set.starts_on))).await?;
    let insert = format!("INSERT INTO weight_set (scorecard_id, method, starts_on) VALUES ({id}, $1, $2) RETURNING id");
    let insert = Statement::new(insert).with(Bind::Text(set.method.name().into())).with(Bind::MaybeDay(set.starts_on));
    let set_id = number(&session.rows::<Numbers>(&insert).await?)?;
    if set.weights.is_empty() {
        return Ok(());
    }
    let written = session.execute(&weights(id, set_id, set)).await?;
    if written == set.weights.len() as u64 { Ok(()) } else { Err(refused("they name a node that the scorecard does not have".into())) }
}

fn weights(id: i64, set_id: i64, set: &WeightSet) -> Statement {
    let mut statement = Statement::default();
    let rows: Vec<_> = set
        .weights
        .iter()
        .map(|(key, weight)| {
            let key = statement.bind(Bind::Text(key.clone()));
            format!("({key}, {})", statement.bind(Bind::Text(weight.to_string())))
        })
        .collect();
    statement.text = format!(
        "INSERT INTO weight (weight_set_id, node_id, weight) SELECT {set_id}, n.id, v.column2 FROM (VALUES {}) AS v \
         JOIN scorecard_node AS n ON n.scorecard_id = {id} AND n.node_key = v.column1",
        rows.join(", ")
    );
    statement
}

/// Every set has a weight for every node, and one set holds from the beginning.
async fn covered(session: &mut Session, id: i64) -> Done {
    let text = format!(
        "SELECT s.starts_on, n.node_key FROM weight_set AS s JOIN scorecard_node AS n ON n.scorecard_id = s.scorecard_id \
         LEFT JOIN weight AS w ON w.weight_set_id = s.id AND w.node_id = n.id WHERE s.scorecard_id = {id} AND w.node_id IS NULL \
         ORDER BY s.starts_on, n.position LIMIT 1"
    );
    if let Some(Uncovered { starts_on, node_key }) = session.rows::<Uncovered>(&Statement::new(text)).await?.pop() {
        return Err(ScorecardError::Weights {
            starts_on,
            reason: format!("they have none for the node `{node_key}`; delete them, or keep the node out"),
        });
    }
    let text = format!("SELECT id FROM weight_set WHERE scorecard_id = {id} AND starts_on IS NULL");
    match session.rows::<Numbers>(&Statement::new(text)).await?.as_slice() {
        [] => Err(ScorecardError::Weights {
            starts_on: None,
            reason: "there are none: the first weights of a scorecard hold from the beginning".into(),
        }),
        _ => Ok(()),
    }
}

/// What the tables could only refuse without saying which node it was.
fn check(record: &ScorecardRecord) -> Done {
    let mut keys = HashSet::new();
    let fault = |node: &str, reason: &str| Err(ScorecardError::Node { node: node.into(), reason: reason.into() });
    if let Some(twice) = record.nodes.iter().find(|node| !keys.insert(node.key.as_str())) {
        return fault(&twice.key, "its key is given twice");
    }
    for node in &record.nodes {
        if node.parent.as_ref().is_some_and(|parent| !keys.contains(parent.as_str())) {
            return fault(&node.key, "its parent is no node of the scorecard");
        }
        if node.metric.is_some() != node.scoring.is_some() {
            return fault(&node.key, "a metric and its scoring go together");
        }
        if node.metric.is_none() && !node.parameters.is_empty() {
            return fault(&node.key, "parameters are those of a metric, and it has none");
        }
    }
    Ok(())
}

fn number(rows: &[Numbers]) -> Done<i64> {
    let id = rows.first().and_then(|Numbers(row)| row.first().copied().flatten());
    id.ok_or_else(|| Error::Corrupt { what: "a new id".into(), reason: "the database gave none".into() }.into())
}
