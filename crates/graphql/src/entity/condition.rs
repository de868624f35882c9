//! What a `where` says, as a condition that the store understands. Conditions on metrics are evaluated first and become lists of ids.

use async_graphql::Value;
use chrono::DateTime;
use engine::{Cell, Parameters, Period, Subject};
use futures_util::future::{BoxFuture, FutureExt};
use manifest::SubjectKind;
use rust_decimal::Decimal as D;
use store::entity::{Column, ColumnType, Entity, entity};
use store::predicate::{Predicate, Test};

use super::{relations, subject_kind};
use crate::error::Fail;
use crate::id;
use crate::meta::camel;
use crate::parameter;
use crate::request::Requested;
use crate::scalar::Decimal;

/// The condition on records of an entity that an input says. The schema has checked its form.
pub fn predicate<'a>(requested: &'a Requested, of: &'static Entity, value: &'a Value) -> BoxFuture<'a, Result<Predicate, Fail>> {
    async move {
        let Value::Object(fields) = value else { return Ok(Predicate::always()) };
        let mut all = Vec::with_capacity(fields.len());
        for (name, value) in fields {
            not_null(name, value, "not: {…: {}}")?;
            all.push(part(requested, of, name, value).await?);
        }
        Ok(Predicate::All(all))
    }
    .boxed()
}

/// A null can mean "any" or "none", and a list that took the wrong one would be silently wrong.
fn not_null(name: &str, value: &Value, none: &str) -> Result<(), Fail> {
    match value {
        Value::Null => {
            Err(Fail::input(format!("`{name}` is null in `where`: leave it out for any value; for records without one, write `{none}`")))
        }
        _ => Ok(()),
    }
}

async fn part(requested: &Requested, of: &'static Entity, name: &str, value: &Value) -> Result<Predicate, Fail> {
    match name {
        "and" => Ok(Predicate::All(each(requested, of, value).await?)),
        "or" => Ok(Predicate::Any(each(requested, of, value).await?)),
        "not" => Ok(Predicate::Not(Box::new(predicate(requested, of, value).await?))),
        "id" => tests(value, |value| Ok(Some(store::Value::Integer(id::expect(of.name, &text(value)?)?))), "id"),
        "externalKey" => tests(value, |value| text(value).map(|text| Some(store::Value::Text(text))), "external_key"),
        "metric" => metric(requested, subject_kind(of), value).await,
        "segment" if of.name == "customer" => segment(requested, value).await,
        _ => match of.columns.iter().find(|column| camel(column.name) == name) {
            Some(column) => column_condition(requested, column, value).await,
            None => related(requested, of, name, value).await,
        },
    }
}

/// Conditions of one list at most: databases go down their stack for each, and refuse many more.
const MOST_CONDITIONS: usize = 500;

/// Refuses what no database would take. The values of an `in` are not conditions.
pub fn check_size(value: &Value) -> Result<(), Fail> {
    match size(value) {
        0..=MOST_CONDITIONS => Ok(()),
        many => Err(Fail::too_complex(format!(
            "`where` has {many} conditions, the limit is {MOST_CONDITIONS}: use `in` for one of many values, or ask in several requests"
        ))),
    }
}

fn size(value: &Value) -> usize {
    match value {
        Value::Object(fields) => fields.values().map(|value| 1 + size(value)).sum(),
        Value::List(values) => values.iter().map(size).sum(),
        _ => 0,
    }
}

async fn each(requested: &Requested, of: &'static Entity, value: &Value) -> Result<Vec<Predicate>, Fail> {
    let mut all = Vec::new();
    for value in list(value) {
        all.push(predicate(requested, of, value).await?);
    }
    Ok(all)
}

/// One value stands for a list of one, as GraphQL has it.
fn list(value: &Value) -> &[Value] {
    match value {
        Value::List(values) => values,
        value => std::slice::from_ref(value),
    }
}

async fn column_condition(requested: &Requested, column: &'static Column, value: &Value) -> Result<Predicate, Fail> {
    match column.column_type {
        ColumnType::Reference(name) => {
            let to = entity(name).ok_or_else(|| Fail::input(format!("there is no entity `{name}`")))?;
            Ok(Predicate::To { column: column.name, predicate: Box::new(predicate(requested, to, value).await?) })
        }
        column_type => tests(value, |value| stored(column_type, value), column.name),
    }
}

async fn related(requested: &Requested, of: &'static Entity, name: &str, value: &Value) -> Result<Predicate, Fail> {
    let relation = relations(of).into_iter().find(|relation| relation.name == name);
    let relation = relation.ok_or_else(|| Fail::input(format!("there is nothing called `{name}` to filter by")))?;
    let predicate = predicate(requested, relation.entity, value).await?;
    Ok(Predicate::Has { entity: relation.entity.name, column: relation.column, predicate: Box::new(predicate) })
}

/// Segments hold for a span of time; the condition is on those that hold now.
async fn segment(requested: &Requested, value: &Value) -> Result<Predicate, Fail> {
    let Some(segment) = entity("segment") else { return Err(Fail::input("there are no segments")) };
    let now = store::Value::instant(requested.as_of());
    let unknown_or = |column, test| Predicate::Any(vec![Predicate::test(column, Test::Known(false)), Predicate::test(column, test)]);
    let member = Predicate::All(vec![
        Predicate::To { column: "segment", predicate: Box::new(predicate(requested, segment, value).await?) },
        unknown_or("starts_at", Test::Lte(now.clone())),
        unknown_or("ends_at", Test::Gt(now)),
    ]);
    Ok(Predicate::Has { entity: "segment_member", column: "customer", predicate: Box::new(member) })
}

/// The tests on one column. `read` gives the stored form of a value, or none where no stored value can be equal to it.
fn tests(value: &Value, read: impl Fn(&Value) -> Result<Option<store::Value>, Fail>, column: &'static str) -> Result<Predicate, Fail> {
    let Value::Object(tests) = value else { return Ok(Predicate::always()) };
    let mut all = Vec::with_capacity(tests.len());
    for (name, value) in tests {
        not_null(name, value, "known: false")?;
        let exact = || read(value)?.ok_or_else(|| Fail::input(format!("{value} is finer or larger than any value of `{column}`")));
        all.push(Predicate::test(
            column,
            match name.as_str() {
                "eq" => Test::Eq(exact()?),
                "in" => Test::In(list(value).iter().map(&read).filter_map(Result::transpose).collect::<Result<_, _>>()?),
                "lt" => Test::Lt(exact()?),
                "lte" => Test::Lte(exact()?),
                "gt" => Test::Gt(exact()?),
                "gte" => Test::Gte(exact()?),
                "contains" => Test::Contains(text(value)?),
                "startsWith" => Test::StartsWith(text(value)?),
                _ => Test::Known(*value == Value::Boolean(true)),
            },
        ));
    }
    Ok(Predicate::All(all))
}

/// A value in the form that the store keeps it in.
fn stored(column_type: ColumnType, value: &Value) -> Result<Option<store::Value>, Fail> {
    Ok(match column_type {
        ColumnType::Money | ColumnType::Number => store::Value::decimal(decimal(value)?),
        ColumnType::Duration => store::Value::seconds(decimal(value)?),
        ColumnType::Integer | ColumnType::Reference(_) | ColumnType::Subject => match value {
            Value::Number(number) => number.as_i64().map(store::Value::Integer),
            _ => None,
        },
        ColumnType::Instant => {
            let at = DateTime::parse_from_rfc3339(&text(value)?)
                .map_err(|_| Fail::input(format!("{value} is not an instant such as \"2017-03-14T09:30:00Z\"")))?;
            Some(store::Value::instant(at.to_utc()))
        }
        ColumnType::Day => {
            Some(store::Value::Day(text(value)?.parse().map_err(|_| Fail::input(format!("{value} is not a day such as \"2017-03-14\"")))?))
        }
        ColumnType::Bool => Some(store::Value::Bool(*value == Value::Boolean(true))),
        ColumnType::Text | ColumnType::OneOf(_) => Some(store::Value::Text(text(value)?)),
    })
}

fn text(value: &Value) -> Result<String, Fail> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Enum(name) => Ok(name.to_string()),
        Value::Number(number) => Ok(number.to_string()),
        other => Err(Fail::input(format!("{other} stands where a text is wanted"))),
    }
}

pub fn decimal(value: &Value) -> Result<D, Fail> {
    <Decimal as async_graphql::ScalarType>::parse(value.clone())
        .map(|decimal| decimal.0)
        .map_err(|error| Fail::input(error.into_server_error(Default::default()).message))
}

/// A metric with its parameters over a period.
#[derive(Clone, Debug)]
pub struct MetricOver {
    pub metric: registry::MetricRef,
    pub parameters: Parameters,
    pub period: Period,
}

/// The metric, its parameters and the period that an input names.
pub fn metric_over(requested: &Requested, value: &Value) -> Result<MetricOver, Fail> {
    let Value::Object(fields) = value else { return Err(Fail::input("a metric is named by `key` and `period`")) };
    let field = |name: &str| fields.get(name).map(text).transpose().map(Option::unwrap_or_default);
    let period = field("period")?.parse::<Period>().map_err(|error| Fail::input(error.to_string()))?;
    let metric = requested.metric(&field("key")?)?;
    let parameters = parameter::named(metric.metric(), fields.get("parameters"))?;
    Ok(MetricOver { metric, parameters, period })
}

/// The cells of one metric for many subjects.
pub fn cells(of: &MetricOver, kind: SubjectKind, ids: &[i64]) -> Vec<Cell> {
    let metric: std::sync::Arc<str> = of.metric.key().into();
    let cell = |&id| {
        let subject = Subject { kind, id };
        Cell { metric: metric.clone(), parameters: of.parameters.clone(), subject, within: None, period: of.period }
    };
    ids.iter().map(cell).collect()
}

async fn metric(requested: &Requested, kind: Option<SubjectKind>, value: &Value) -> Result<Predicate, Fail> {
    let (Some(kind), Value::Object(fields)) = (kind, value) else { return Ok(Predicate::always()) };
    let of = metric_over(requested, value)?;
    of.period.check(requested.context().await?).map_err(|error| Fail::input(error.to_string()))?;
    let ids = requested.subjects(kind).await?;
    let evaluations = requested.evaluate_all(&cells(&of, kind, &ids)).await?;
    let mut tests = Vec::new();
    for (name, value) in fields.iter().filter(|(name, _)| !matches!(name.as_str(), "key" | "period" | "parameters")) {
        not_null(name, value, "known: false")?;
        tests.push((name.as_str(), value, if name == "known" { D::ZERO } else { decimal(value)? }));
    }
    let meets = |found: Option<D>| tests.iter().all(|(test, value, bound)| compare(test, value, *bound, found));
    let met = ids.iter().zip(evaluations).filter(|(_, evaluation)| meets(evaluation.value)).map(|(id, _)| *id);
    Ok(Predicate::Ids(met.collect()))
}

fn compare(test: &str, value: &Value, bound: D, found: Option<D>) -> bool {
    match (test, found) {
        ("known", found) => found.is_some() == (*value == Value::Boolean(true)),
        (_, None) => false,
        ("eq", Some(found)) => found == bound,
        ("lt", Some(found)) => found < bound,
        ("lte", Some(found)) => found <= bound,
        ("gt", Some(found)) => found > bound,
        (_, Some(found)) => found >= bound,
    }
}
