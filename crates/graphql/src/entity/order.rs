//! The input types of `orderBy`, what they say, and the order by metric, which only the engine can make.

use async_graphql::Value;
use async_graphql::registry::Registry;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use store::Row;
use store::entity::{Column, ColumnType, Entity, entities};
use store::page::Order;

use super::condition::{MetricOver, cells, metric_over};
use super::schema::type_name;
use super::subject_kind;
use crate::error::Fail;
use crate::meta::{enumeration, input, input_object, screaming};
use crate::request::Requested;
use crate::scalar::plain;

pub fn order_name(entity: &Entity) -> String {
    format!("{}Order", type_name(entity))
}

pub fn register(registry: &mut Registry) {
    let directions =
        [("ASC", "Smallest, earliest, first in the alphabet first."), ("DESC", "Largest, latest, last in the alphabet first.")];
    let directions = directions.map(|(name, about)| (name.to_owned(), Some(about.to_owned())));
    enumeration(registry, "SortDirection", "Which way a list is ordered. What is unknown comes last either way.", directions);
    let direction = || input("direction", "SortDirection", "Which way; ASC if not given.");
    let fields = vec![
        input("key", "String!", "Whole key of the metric, `sales.amount`."),
        input("period", "Period!", "The period it is taken over."),
        input("parameters", "[ParameterInput!]", "Values of its parameters; those that are not named stand at their defaults."),
        direction(),
    ];
    input_object(registry, "MetricOrder", "An order by the value of a metric.", fields, false);
    for entity in entities() {
        let field = format!("{}OrderField", type_name(entity));
        enumeration(
            registry,
            &field,
            "What a list can be ordered by.",
            orderable(entity).map(|(name, about)| (screaming(name), Some(about.to_owned()))),
        );
        let mut fields = vec![input("field", field, "The field to order by."), direction()];
        if subject_kind(entity).is_some() {
            fields.push(input("metric", "MetricOrder", "The metric to order by, in place of a field; it has its own direction."));
        }
        input_object(registry, &order_name(entity), "One key of an order: a field or a metric.", fields, false);
    }
}

/// The names that an entity's records can be ordered by, with what they hold.
fn orderable(entity: &'static Entity) -> impl Iterator<Item = (&'static str, &'static str)> {
    let has_order = |column: &&Column| !matches!(column.column_type, ColumnType::Reference(_) | ColumnType::Subject);
    let columns = entity.columns.iter().filter(has_order).map(|column| (column.name, column.about));
    [("id", "The order in which records came to the service."), ("external_key", "The source system's key.")].into_iter().chain(columns)
}

/// One key of an order.
#[derive(Clone, Debug)]
pub enum Key {
    Column(&'static str, Order),
    Metric(MetricOver, Order),
}

impl Key {
    fn order(&self) -> Order {
        match self {
            Key::Column(_, order) | Key::Metric(_, order) => *order,
        }
    }

    /// What a cursor made under this key remembers of it.
    pub fn name(&self) -> String {
        let direction = |order: &Order| if *order == Order::Ascending { "+" } else { "-" };
        match self {
            Key::Column(column, order) => format!("{}{column}", direction(order)),
            Key::Metric(MetricOver { metric, parameters, period }, order) => {
                let set: String = parameters.iter().map(|(name, value)| format!("{name}={}&", plain(value))).collect();
                format!("{}{}{set}@{period}", direction(order), metric.key())
            }
        }
    }
}

/// The keys that an input says. The schema has checked its form.
pub fn keys(requested: &Requested, entity: &'static Entity, value: &Value) -> Result<Vec<Key>, Fail> {
    let values = match value {
        Value::Null => &[],
        Value::List(values) => values.as_slice(),
        value => std::slice::from_ref(value),
    };
    values.iter().map(|value| key(requested, entity, value)).collect()
}

fn key(requested: &Requested, entity: &'static Entity, value: &Value) -> Result<Key, Fail> {
    let Value::Object(fields) = value else { return Err(Fail::input("a key of `orderBy` is `{field: …}` or `{metric: …}`")) };
    let given = |name: &str| fields.get(name).filter(|value| **value != Value::Null);
    match (given("field"), given("metric")) {
        (Some(field), None) => {
            let name = name(field).to_ascii_lowercase();
            let column = orderable(entity).find(|(column, _)| *column == name);
            let (column, _) = column.ok_or_else(|| Fail::input(format!("there is no order by `{name}`")))?;
            Ok(Key::Column(column, direction(given("direction"))))
        }
        (None, Some(metric)) => {
            let of = metric_over(requested, metric)?;
            let given = match metric {
                Value::Object(fields) => fields.get("direction"),
                _ => None,
            };
            Ok(Key::Metric(of, direction(given)))
        }
        _ => Err(Fail::input("a key of `orderBy` needs either `field` or `metric`, and not both")),
    }
}

fn name(value: &Value) -> &str {
    match value {
        Value::Enum(name) => name.as_str(),
        Value::String(name) => name,
        _ => "",
    }
}

fn direction(value: Option<&Value>) -> Order {
    if value.map(name) == Some("DESC") { Order::Descending } else { Order::Ascending }
}

/// A value that records are ordered by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Sorted {
    Unknown,
    Number(Decimal),
    Text(String),
}

impl Sorted {
    fn of(row: &Row, column: &str) -> Sorted {
        match row.value(column) {
            None | Some(store::Value::Null) => Sorted::Unknown,
            Some(store::Value::Integer(integer)) => Sorted::Number((*integer).into()),
            Some(store::Value::Bool(truth)) => Sorted::Number(i64::from(*truth).into()),
            Some(store::Value::Day(day)) => Sorted::Text(day.to_string()),
            Some(store::Value::Text(text)) => Sorted::Text(text.clone()),
        }
    }
}

/// Where a record stands in an order that has a metric in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    pub values: Vec<Sorted>,
    pub id: i64,
}

impl Mark {
    /// Unknown values come last either way; the id settles ties.
    pub fn compare(&self, other: &Mark, keys: &[Key]) -> std::cmp::Ordering {
        use std::cmp::Ordering::{Equal, Greater, Less};
        let by_key = self.values.iter().zip(&other.values).zip(keys).map(|((left, right), key)| {
            let ascending = match (left, right) {
                (Sorted::Unknown, Sorted::Unknown) => return Equal,
                (Sorted::Unknown, _) => return Greater,
                (_, Sorted::Unknown) => return Less,
                (Sorted::Number(left), Sorted::Number(right)) => left.cmp(right),
                (Sorted::Text(left), Sorted::Text(right)) => left.cmp(right),
                (Sorted::Number(_), Sorted::Text(_)) => Less,
                (Sorted::Text(_), Sorted::Number(_)) => Greater,
            };
            if key.order() == Order::Descending { ascending.reverse() } else { ascending }
        });
        by_key.into_iter().find(|ordering| *ordering != Equal).unwrap_or(Equal).then(self.id.cmp(&other.id))
    }
}

/// The records in the order of the keys. Rows are read only where a column is among the keys.
pub async fn marks(requested: &Requested, entity: &'static Entity, ids: &[i64], keys: &[Key]) -> Result<Vec<Mark>, Fail> {
    let mut marks: Vec<Mark> = ids.iter().map(|id| Mark { values: Vec::with_capacity(keys.len()), id: *id }).collect();
    let rows = if keys.iter().any(|key| matches!(key, Key::Column(..))) { requested.rows(entity, ids).await? } else { Vec::new() };
    for key in keys {
        let values: Vec<Sorted> = match key {
            Key::Column(column, _) => rows.iter().map(|row| row.as_ref().map_or(Sorted::Unknown, |row| Sorted::of(row, column))).collect(),
            Key::Metric(of, _) => metric_values(requested, entity, ids, of).await?,
        };
        marks.iter_mut().zip(values).for_each(|(mark, value)| mark.values.push(value));
    }
    marks.sort_by(|left, right| left.compare(right, keys));
    Ok(marks)
}

async fn metric_values(requested: &Requested, entity: &Entity, ids: &[i64], of: &MetricOver) -> Result<Vec<Sorted>, Fail> {
    let Some(kind) = subject_kind(entity) else { return Err(Fail::input(format!("a {} is not measured", entity.name))) };
    of.period.check(requested.context().await?).map_err(|error| Fail::input(error.to_string()))?;
    let evaluations = requested.evaluate_all(&cells(of, kind, ids)).await?;
    Ok(evaluations.iter().map(|evaluation| evaluation.value.map_or(Sorted::Unknown, Sorted::Number)).collect())
}
