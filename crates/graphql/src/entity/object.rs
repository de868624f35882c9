//! Records as GraphQL objects, all records of a list at once.
//!
//! What a selection set asks is worked out once for all of its records. Plain columns are copied; what has to be fetched is fetched for
//! all records together, and is one future then, not one for each record. So the records of an operation are resolved level by level,
//! and what that costs beside reading them is about what it costs to write them.

use async_graphql::{Context, ContextSelectionSet, Name, QueryPathNode, ScalarType, ServerResult, Value};
use chrono::DateTime;
use engine::Subject;
use futures_util::future::{BoxFuture, FutureExt, join_all};
use manifest::SubjectKind;
use rust_decimal::Decimal;
use store::Row;
use store::entity::{Column, ColumnType, Entity, entity};

use super::connection::connections;
use super::fields::{self, Asked};
use super::listing::Listing;
use super::{Member, Relation, member, subject_kind, type_name};
use crate::error::Fail;
use crate::figure::{argument, give};
use crate::id;
use crate::request::Requested;
use crate::scalar::{Date, Duration, Instant, PeriodScalar, ten_thousandths};
use crate::scorecard;
use crate::subject::SubjectRef;
use crate::subject_metrics::SubjectMetrics;

/// A record at its place in the response.
#[derive(Clone, Copy)]
pub struct Record<'a> {
    pub row: &'a Row,
    pub path: QueryPathNode<'a>,
}

/// What a field is of an entity's records.
enum Way {
    TypeName,
    Id,
    Key,
    /// The value in a column.
    Plain(&'static Column),
    Reference(&'static Column, &'static Entity),
    Relation(&'static Relation),
    /// A subject of any kind, whose kind is in another column.
    Subject(&'static Column),
    Duration(&'static Column),
    /// Figures and scorecards.
    Measured,
    /// Nothing that records have.
    Nothing,
}

/// The objects of some records of one entity, in their order. Where a field fails, that is noted, and the field is not in its object.
pub fn objects<'a>(ctx: ContextSelectionSet<'a>, records: &'a [Record<'a>]) -> BoxFuture<'a, Vec<Value>> {
    async move {
        let Some(first) = records.first() else { return Vec::new() };
        let fields = fields::of(&ctx, &type_name(first.row.entity()));
        let columns = join_all(fields.iter().map(|field| column(&ctx, field, records))).await;
        fields::objects(&fields, columns, records.len())
    }
    .boxed()
}

/// What a field gives for each record.
async fn column(ctx: &ContextSelectionSet<'_>, field: &Asked<'_>, records: &[Record<'_>]) -> Vec<Option<Value>> {
    let entity = records[0].row.entity();
    match way(entity, field.name()) {
        Way::TypeName => vec![Some(Value::String(type_name(entity))); records.len()],
        Way::Id => records.iter().map(|record| Some(Value::String(id::encode(entity.name, record.row.id()).0))).collect(),
        Way::Key => plain(ctx, field, records, "external_key", ColumnType::Text),
        Way::Plain(column) => plain(ctx, field, records, column.name, column.column_type),
        Way::Reference(column, to) => Box::pin(references(ctx, field, records, column, to)).await,
        Way::Relation(relation) => Box::pin(related(ctx, field, records, relation)).await,
        Way::Subject(column) => Box::pin(join_all(records.iter().map(|record| subject(ctx, field, record, column)))).await,
        Way::Duration(column) => Box::pin(join_all(records.iter().map(|record| duration(ctx, field, record, column)))).await,
        Way::Measured => Box::pin(join_all(records.iter().map(|record| measured(ctx, field, record)))).await,
        Way::Nothing => vec![Some(Value::Null); records.len()],
    }
}

fn way(of: &Entity, name: &str) -> Way {
    match (name, member(of, name)) {
        ("__typename", _) => Way::TypeName,
        ("id", _) => Way::Id,
        ("externalKey", _) => Way::Key,
        (_, Some(Member::Relation(relation))) => Way::Relation(relation),
        (_, Some(Member::Column(column))) => match column.column_type {
            ColumnType::Subject => Way::Subject(column),
            ColumnType::Duration => Way::Duration(column),
            ColumnType::Reference(to) => entity(to).map_or(Way::Nothing, |to| Way::Reference(column, to)),
            _ => Way::Plain(column),
        },
        ("metrics" | "scorecard", None) if subject_kind(of).is_some() => Way::Measured,
        (_, None) => Way::Nothing,
    }
}

/// The values in a column as they stand in a response.
fn plain(
    ctx: &ContextSelectionSet<'_>,
    field: &Asked<'_>,
    records: &[Record<'_>],
    column: &str,
    column_type: ColumnType,
) -> Vec<Option<Value>> {
    // All records of a list were read in the same way.
    let place = records[0].row.selection().place(column);
    let of = |record: &Record<'_>| {
        let value = place.map(|place| record.row.at(place));
        value.and_then(|value| written(column_type, value)).or_else(|| unreadable(ctx, field, record, column))
    };
    records.iter().map(of).collect()
}

fn written(column_type: ColumnType, value: &store::Value) -> Option<Value> {
    match (column_type, value) {
        (_, store::Value::Null) => Some(Value::Null),
        (ColumnType::Text, store::Value::Text(text)) => Some(Value::String(text.clone())),
        (ColumnType::OneOf(_), store::Value::Text(text)) => Some(Value::Enum(Name::new(text))),
        (ColumnType::Integer, store::Value::Integer(integer)) => Some(Value::from(*integer)),
        (ColumnType::Bool, store::Value::Bool(truth)) => Some(Value::Boolean(*truth)),
        (ColumnType::Day, store::Value::Day(day)) => Some(ScalarType::to_value(&Date(*day))),
        (ColumnType::Number | ColumnType::Money, store::Value::Integer(number)) => Some(Value::String(ten_thousandths(*number))),
        (ColumnType::Instant, store::Value::Integer(micros)) => {
            DateTime::from_timestamp_micros(*micros).map(|at| ScalarType::to_value(&Instant(at)))
        }
        _ => None,
    }
}

fn unreadable(ctx: &ContextSelectionSet<'_>, field: &Asked<'_>, record: &Record<'_>, column: &str) -> Option<Value> {
    let value = record.row.value(column);
    tracing::error!(entity = record.row.entity().name, column, ?value, "a column was not read, or holds a value of another type");
    field.fails(ctx, &record.path, Fail { code: crate::Code::Internal, message: "the service cannot read this value".into() })
}

/// The integer in a column; none where it is unknown.
fn integer(row: &Row, column: &str) -> Option<i64> {
    match row.value(column) {
        Some(store::Value::Integer(integer)) => Some(*integer),
        _ => None,
    }
}

/// The records that a column refers to, read together.
async fn references(
    ctx: &ContextSelectionSet<'_>,
    field: &Asked<'_>,
    records: &[Record<'_>],
    column: &'static Column,
    to: &'static Entity,
) -> Vec<Option<Value>> {
    let ids: Vec<Option<i64>> = records.iter().map(|record| integer(record.row, column.name)).collect();
    let known: Vec<i64> = ids.iter().flatten().copied().collect();
    let rows = match ctx.data_unchecked::<Requested>().rows(to, &known).await {
        Ok(rows) => rows,
        Err(fail) => {
            let of = |(record, id): (&Record<'_>, &Option<i64>)| match id {
                Some(_) => field.fails(ctx, &record.path, fail.clone()),
                None => Some(Value::Null),
            };
            return records.iter().zip(&ids).map(of).collect();
        }
    };
    let places = records.iter().zip(&ids).filter(|(_, id)| id.is_some());
    let found = places.zip(&rows).filter_map(|((record, _), row)| Some(Record { row: row.as_deref()?, path: field.below(&record.path) }));
    let found: Vec<Record<'_>> = found.collect();
    let mut objects = objects(field.set(ctx), &found).await.into_iter();
    let mut rows = rows.iter();
    let of = |id: Option<i64>| id.and_then(|_| rows.next()?.as_ref()).and_then(|_| objects.next()).unwrap_or_default();
    ids.into_iter().map(of).map(Some).collect()
}

/// The lists of records that refer to these, read together.
async fn related(
    ctx: &ContextSelectionSet<'_>,
    field: &Asked<'_>,
    records: &[Record<'_>],
    relation: &'static Relation,
) -> Vec<Option<Value>> {
    let listing = match Listing::of_field(&field.at(ctx, field.below(&records[0].path)), relation.entity, Some(relation.column)).await {
        Ok(listing) => listing,
        Err(fail) => return records.iter().map(|record| field.fails(ctx, &record.path, fail.clone())).collect(),
    };
    let parents: Vec<Option<i64>> = records.iter().map(|record| Some(record.row.id())).collect();
    let paths: Vec<QueryPathNode<'_>> = records.iter().map(|record| field.below(&record.path)).collect();
    connections(field.set(ctx), &listing, &parents, &paths).await.into_iter().map(Some).collect()
}

/// A subject of any kind, which another column names.
async fn subject(ctx: &ContextSelectionSet<'_>, field: &Asked<'_>, record: &Record<'_>, column: &'static Column) -> Option<Value> {
    let kind = match record.row.value("subject_kind") {
        Some(store::Value::Text(kind)) => SubjectKind::from_name(kind),
        _ => None,
    };
    match (kind, integer(record.row, column.name)) {
        (Some(kind), Some(id)) => {
            let at = field.at(ctx, field.below(&record.path));
            noted(&at, give(&at, &SubjectRef(Subject { kind, id })).await)
        }
        _ => Some(Value::Null),
    }
}

async fn duration(ctx: &ContextSelectionSet<'_>, field: &Asked<'_>, record: &Record<'_>, column: &'static Column) -> Option<Value> {
    match integer(record.row, column.name) {
        Some(micros) => {
            let at = field.at(ctx, field.below(&record.path));
            noted(&at, give(&at, &Duration::of_seconds(Decimal::new(micros, 6))).await)
        }
        None => Some(Value::Null),
    }
}

async fn measured(ctx: &ContextSelectionSet<'_>, field: &Asked<'_>, record: &Record<'_>) -> Option<Value> {
    let kind = subject_kind(record.row.entity())?;
    let at = field.at(ctx, field.below(&record.path));
    let measured = measures(&at, Subject { kind, id: record.row.id() }).await;
    noted(&at, measured)
}

async fn measures(ctx: &Context<'_>, subject: Subject) -> ServerResult<Option<Value>> {
    let (requested, period) = (Requested::of(ctx), argument::<PeriodScalar>(ctx, "period")?);
    if ctx.item.node.name.node == "metrics" {
        let metrics = SubjectMetrics::of(requested, subject, period.0).await.map_err(|fail| fail.at(ctx))?;
        return give(ctx, &metrics).await;
    }
    let (key, what_if) = (argument::<String>(ctx, "key")?, argument(ctx, "whatIf")?);
    let card = scorecard::card(requested, subject, &key, period.0, what_if).await.map_err(|fail| fail.at(ctx))?;
    give(ctx, &card).await
}

/// The value of a field that is resolved by itself; what it fails with is noted.
fn noted(ctx: &Context<'_>, value: ServerResult<Option<Value>>) -> Option<Value> {
    value.map(Option::unwrap_or_default).map_err(|error| ctx.add_error(error)).ok()
}
