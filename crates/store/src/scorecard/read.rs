//! Reading scorecards: all of them, or one, in two statements, with the weights that hold on a day, however many days are asked for.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Date, Nullable, Text};
use manifest::SubjectKind;
use rust_decimal::Decimal;

use super::{Method, Missing, NodeRecord, ScorecardRecord, WeightSet};
use crate::statement::{Bind, Statement};
use crate::{Error, Result, Store};

/// The set that holds on a day: the last one that began by then. `d` are the days, each with its place among them.
const CARDS: &str = "SELECT CAST(d.column1 AS BIGINT) AS place, c.id, c.external_key, c.title, c.subject_kind, c.missing, \
     CAST(c.carry_periods AS BIGINT) AS carry_periods, c.min_coverage, c.grades, CAST(c.version AS BIGINT) AS version, s.method, s.starts_on
FROM scorecard AS c
CROSS JOIN (VALUES {days}) AS d
JOIN weight_set AS s ON s.id = (
    SELECT t.id FROM weight_set AS t WHERE t.scorecard_id = c.id AND (t.starts_on IS NULL OR t.starts_on <= d.column2)
    ORDER BY t.starts_on IS NULL, t.starts_on DESC LIMIT 1)";

const NODES: &str = "SELECT CAST(d.column1 AS BIGINT) AS place, n.scorecard_id, n.node_key, p.node_key AS parent_key, \
     CAST(n.position AS BIGINT) AS position, n.title, n.metric, n.parameters, n.scoring, w.weight
FROM scorecard_node AS n
JOIN scorecard AS c ON c.id = n.scorecard_id
LEFT JOIN scorecard_node AS p ON p.id = n.parent_id
CROSS JOIN (VALUES {days}) AS d
JOIN weight AS w ON w.node_id = n.id AND w.weight_set_id = (
    SELECT t.id FROM weight_set AS t WHERE t.scorecard_id = n.scorecard_id AND (t.starts_on IS NULL OR t.starts_on <= d.column2)
    ORDER BY t.starts_on IS NULL, t.starts_on DESC LIMIT 1)";

const WEIGHTS: &str = "SELECT c.external_key, s.id, s.method, s.starts_on, n.node_key, w.weight
FROM scorecard AS c
JOIN weight_set AS s ON s.scorecard_id = c.id
JOIN weight AS w ON w.weight_set_id = s.id
JOIN scorecard_node AS n ON n.id = w.node_id
WHERE c.external_key = ANY($1)
ORDER BY c.external_key, s.starts_on IS NOT NULL, s.starts_on, n.position, n.node_key";

#[derive(QueryableByName)]
struct CardRow {
    #[diesel(sql_type = BigInt)]
    place: i64,
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    external_key: String,
    #[diesel(sql_type = Text)]
    title: String,
    #[diesel(sql_type = Text)]
    subject_kind: String,
    #[diesel(sql_type = Text)]
    missing: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    carry_periods: Option<i64>,
    #[diesel(sql_type = Text)]
    min_coverage: String,
    #[diesel(sql_type = Text)]
    grades: String,
    #[diesel(sql_type = BigInt)]
    version: i64,
    #[diesel(sql_type = Text)]
    method: String,
    #[diesel(sql_type = Nullable<Date>)]
    starts_on: Option<NaiveDate>,
}

#[derive(QueryableByName)]
struct NodeRow {
    #[diesel(sql_type = BigInt)]
    place: i64,
    #[diesel(sql_type = BigInt)]
    scorecard_id: i64,
    #[diesel(sql_type = Text)]
    node_key: String,
    #[diesel(sql_type = Nullable<Text>)]
    parent_key: Option<String>,
    #[diesel(sql_type = BigInt)]
    position: i64,
    #[diesel(sql_type = Text)]
    title: String,
    #[diesel(sql_type = Nullable<Text>)]
    metric: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    parameters: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    scoring: Option<String>,
    #[diesel(sql_type = Text)]
    weight: String,
}

#[derive(QueryableByName)]
struct WeightRow {
    #[diesel(sql_type = Text)]
    external_key: String,
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    method: String,
    #[diesel(sql_type = Nullable<Date>)]
    starts_on: Option<NaiveDate>,
    #[diesel(sql_type = Text)]
    node_key: String,
    #[diesel(sql_type = Text)]
    weight: String,
}

impl Store {
    /// Every scorecard by key, with the weights that hold on that day.
    pub async fn scorecards(&self, on: NaiveDate) -> Result<Vec<ScorecardRecord>> {
        Ok(self.read_scorecards(&[on], None).await?.swap_remove(0))
    }

    /// As `scorecards`, for each of some days, in their order.
    pub async fn scorecards_on(&self, days: &[NaiveDate]) -> Result<Vec<Vec<ScorecardRecord>>> {
        if days.is_empty() { Ok(Vec::new()) } else { self.read_scorecards(days, None).await }
    }

    pub async fn scorecard(&self, key: &str, on: NaiveDate) -> Result<Option<ScorecardRecord>> {
        Ok(self.read_scorecards(&[on], Some(key)).await?.swap_remove(0).pop())
    }

    /// The sets of weights of a scorecard, oldest first; none for an unknown scorecard.
    pub async fn weight_sets(&self, key: &str) -> Result<Vec<WeightSet>> {
        Ok(self.weight_sets_of(&[key]).await?.remove(key).unwrap_or_default())
    }

    /// The sets of weights of some scorecards, oldest first, in one statement.
    pub async fn weight_sets_of(&self, keys: &[&str]) -> Result<HashMap<String, Vec<WeightSet>>> {
        let keys = keys.iter().map(|key| Some((*key).to_owned())).collect();
        let rows = self.rows::<WeightRow>(&Statement::new(WEIGHTS).with(Bind::Texts(keys)).kept()).await?;
        let mut sets: HashMap<String, Vec<WeightSet>> = HashMap::new();
        let mut last = None;
        for row in rows {
            let weight = decimal(&row.weight, &row.external_key)?;
            let method = named(Method::from_name(&row.method), &row.method, &row.external_key)?;
            let of_card = sets.entry(row.external_key).or_default();
            if last.replace(row.id) != Some(row.id) {
                of_card.push(WeightSet { method, starts_on: row.starts_on, weights: Vec::new() });
            }
            of_card.last_mut().expect("one was just pushed").weights.push((row.node_key, weight));
        }
        Ok(sets)
    }

    async fn read_scorecards(&self, days: &[NaiveDate], key: Option<&str>) -> Result<Vec<Vec<ScorecardRecord>>> {
        let mut session = self.session().await?;
        let cards = session.rows::<CardRow>(&on_days(CARDS, days, key, "c.external_key")).await?;
        let mut nodes: HashMap<(i64, i64), Vec<NodeRow>> = HashMap::new();
        for node in session.rows::<NodeRow>(&on_days(NODES, days, key, "n.position, n.node_key")).await? {
            nodes.entry((node.place, node.scorecard_id)).or_default().push(node);
        }
        let mut records: Vec<Vec<ScorecardRecord>> = days.iter().map(|_| Vec::new()).collect();
        for card in cards {
            let place = usize::try_from(card.place).ok().and_then(|place| records.get_mut(place));
            let place = place.ok_or_else(|| corrupt(&card.external_key, "it was read for a day that nobody asked for"))?;
            place.push(record(nodes.remove(&(card.place, card.id)).unwrap_or_default(), card)?);
        }
        Ok(records)
    }
}

/// The days are numbered by their places; the text of a single one is the same for all, and kept.
fn on_days(text: &str, days: &[NaiveDate], key: Option<&str>, order: &str) -> Statement {
    let mut statement = Statement::default();
    let rows: Vec<_> = days.iter().enumerate().map(|(place, day)| format!("({place}, {})", statement.bind(Bind::Day(*day)))).collect();
    let picked = key.map(|key| format!("\nWHERE c.external_key = {}", statement.bind(Bind::Text(key.into())))).unwrap_or_default();
    statement.text = format!("{}{picked}\nORDER BY {order}", text.replace("{days}", &rows.join(", ")));
    if days.len() == 1 { statement.kept() } else { statement }
}

fn record(nodes: Vec<NodeRow>, card: CardRow) -> Result<ScorecardRecord> {
    let key = card.external_key;
    Ok(ScorecardRecord {
        title: card.title,
        subject_kind: named(SubjectKind::from_name(&card.subject_kind), &card.subject_kind, &key)?,
        missing: named(Missing::from_name(&card.missing), &card.missing, &key)?,
        carry_periods: card.carry_periods.map(|periods| count(periods, &key)).transpose()?,
        min_coverage: decimal(&card.min_coverage, &key)?,
        grades: serde_json::from_str(&card.grades).map_err(|error| corrupt(&key, error))?,
        version: count(card.version, &key)?,
        method: named(Method::from_name(&card.method), &card.method, &key)?,
        weights_from: card.starts_on,
        nodes: nodes.into_iter().map(|row| node(row, &key)).collect::<Result<_>>()?,
        key,
    })
}

fn node(row: NodeRow, key: &str) -> Result<NodeRecord> {
    let scoring = row.scoring.as_deref().map(serde_json::from_str).transpose();
    let parameters = row.parameters.as_deref().map(serde_json::from_str).transpose();
    Ok(NodeRecord {
        key: row.node_key,
        parent: row.parent_key,
        position: count(row.position, key)?,
        title: row.title,
        weight: decimal(&row.weight, key)?,
        metric: row.metric,
        parameters: parameters.map_err(|error| corrupt(key, error))?.unwrap_or_default(),
        scoring: scoring.map_err(|error| corrupt(key, error))?,
    })
}

fn decimal(text: &str, key: &str) -> Result<Decimal> {
    Decimal::from_str_exact(text).map_err(|error| corrupt(key, format!("`{text}` is no decimal: {error}")))
}

fn count(number: i64, key: &str) -> Result<u32> {
    u32::try_from(number).map_err(|error| corrupt(key, error))
}

fn named<T>(value: Option<T>, name: &str, key: &str) -> Result<T> {
    value.ok_or_else(|| corrupt(key, format!("`{name}` is not known")))
}

fn corrupt(key: &str, reason: impl ToString) -> Error {
    Error::Corrupt { what: format!("the scorecard `{key}`"), reason: reason.to_string() }
}
