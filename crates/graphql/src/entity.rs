//! Entities: records of the store as GraphQL objects, all through one type.
//!
//! Their fields are drawn from the store's description of its tables. A column that is added there is a field here, can be filtered
//! and ordered by, and is documented, without another word; a reference leads to its record, and back to the list of those that refer.

mod aggregate;
mod condition;
mod connection;
mod filter;
mod order;
mod row;
mod schema;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use async_graphql::registry::Registry;
use async_graphql::resolver_utils::{ContainerType, resolve_container};
use async_graphql::{Context, ContextSelectionSet, Name, OutputType, Positioned, ServerResult, Value, parser::types::Field};
use chrono::DateTime;
use engine::Subject;
use manifest::SubjectKind;
use rust_decimal::Decimal as D;
use store::entity::{Column, ColumnType, Entity};

use crate::error::Fail;
use crate::figure::{argument, give};
use crate::id;
use crate::meta::{camel, plural};
use crate::request::Requested;
use crate::scalar::{Date, Decimal, Duration, Instant, PeriodScalar};
use crate::scorecard::{self, Card};
use crate::subject::SubjectRef;
use crate::subject_metrics::SubjectMetrics;

pub use aggregate::{Aggregate, aggregate_arguments, aggregate_type, aggregated};
pub use connection::Connection;
pub use row::{Children, Row, child_counts, children, count, page, rows_by_ids};
pub use schema::{connection_arguments, connection_type, register, type_name};

/// A record as a GraphQL object.
#[derive(Clone)]
pub struct Node(pub Row);

/// A list of records that refer to a record: `orders` of a customer.
pub struct Relation {
    /// Name of the field.
    pub name: String,
    pub entity: &'static Entity,
    pub column: &'static str,
}

/// A field of an entity beside those that every entity has.
enum Member {
    /// With its place among the columns.
    Column(usize, &'static Column),
    Relation(Relation),
}

/// The fields of every entity by the entity's name and their own. A page resolves thousands of fields; their names are made once.
static MEMBERS: LazyLock<HashMap<&'static str, HashMap<String, Member>>> = LazyLock::new(|| {
    let members = |entity: &'static Entity| {
        let columns = entity.columns.iter().enumerate().map(|(index, column)| (camel(column.name), Member::Column(index, column)));
        columns.chain(relations(entity).into_iter().map(|relation| (relation.name.clone(), Member::Relation(relation)))).collect()
    };
    store::entity::entities().iter().map(|entity| (entity.name, members(entity))).collect()
});

/// What refers to an entity. The field is named after what refers; within one entity, after what the reference means.
pub fn relations(to: &'static Entity) -> Vec<Relation> {
    let referring = |entity: &'static Entity| {
        let columns = entity.columns.iter().filter(move |column| column.column_type == ColumnType::Reference(to.name));
        columns.map(move |column| Relation { name: relation_name(entity, column, to), entity, column: column.name })
    };
    store::entity::entities().iter().copied().flat_map(referring).collect()
}

fn relation_name(entity: &Entity, column: &Column, to: &Entity) -> String {
    match (entity.name, column.name) {
        ("team", "parent") => "children".into(),
        ("employee", "manager") => "reports".into(),
        ("order_line", "order") => "lines".into(),
        _ if entity == to => format!("{}By{}", camel(&plural(entity.name)), crate::meta::pascal(column.name)),
        _ => camel(&plural(entity.name)),
    }
}

/// The kind of subject that an entity's records are, if they are measured.
pub fn subject_kind(entity: &Entity) -> Option<SubjectKind> {
    SubjectKind::from_name(&entity.name.to_ascii_uppercase())
}

impl Node {
    pub fn id(&self) -> async_graphql::ID {
        id::encode(self.0.entity.name, self.0.id)
    }

    fn subject(&self) -> Option<Subject> {
        Some(Subject { kind: subject_kind(self.0.entity)?, id: self.0.id })
    }

    async fn column(&self, ctx: &Context<'_>, index: usize, column: &'static Column) -> ServerResult<Option<Value>> {
        let value = self.0.at(index);
        match (column.column_type, value) {
            (ColumnType::Subject, value) => Box::pin(self.subject_column(ctx, value)).await,
            (_, store::Value::Null) => Ok(Some(Value::Null)),
            (ColumnType::Text, store::Value::Text(text)) => Ok(Some(Value::String(text.clone()))),
            (ColumnType::OneOf(_), store::Value::Text(text)) => Ok(Some(Value::Enum(Name::new(text)))),
            (ColumnType::Integer, store::Value::Integer(integer)) => Ok(Some(Value::from(*integer))),
            (ColumnType::Bool, store::Value::Bool(truth)) => Ok(Some(Value::Boolean(*truth))),
            (ColumnType::Day, store::Value::Day(day)) => give(ctx, &Date(*day)).await,
            (ColumnType::Number | ColumnType::Money, store::Value::Integer(number)) => give(ctx, &Decimal(D::new(*number, 4))).await,
            (ColumnType::Duration, store::Value::Integer(micros)) => give(ctx, &Duration::of_seconds(D::new(*micros, 6))).await,
            (ColumnType::Instant, store::Value::Integer(micros)) => give(ctx, &DateTime::from_timestamp_micros(*micros).map(Instant)).await,
            (ColumnType::Reference(entity), store::Value::Integer(id)) => Box::pin(self.reference(ctx, entity, *id)).await,
            (_, value) => {
                tracing::error!(entity = self.0.entity.name, column = column.name, ?value, "a column holds a value of another type");
                Err(Fail { code: crate::Code::Internal, message: "the service cannot read this value".into() }.at(ctx))
            }
        }
    }

    async fn relation(&self, ctx: &Context<'_>, relation: &'static Relation) -> ServerResult<Option<Value>> {
        let connection = Connection::of_field(ctx, relation.entity, Some((relation.column, self.0.id))).await;
        give(ctx, &connection.map_err(|fail| fail.at(ctx))?).await
    }

    async fn reference(&self, ctx: &Context<'_>, entity: &'static str, id: i64) -> ServerResult<Option<Value>> {
        let node = Requested::of(ctx).node(entity, id).await.map_err(|fail| fail.at(ctx))?;
        give(ctx, &node).await
    }

    /// A subject of any kind, which the column before names.
    async fn subject_column(&self, ctx: &Context<'_>, id: &store::Value) -> ServerResult<Option<Value>> {
        let kind = match self.0.value("subject_kind") {
            store::Value::Text(kind) => SubjectKind::from_name(kind),
            _ => None,
        };
        match (kind, id) {
            (Some(kind), store::Value::Integer(id)) => give(ctx, &SubjectRef(Subject { kind, id: *id })).await,
            _ => Ok(Some(Value::Null)),
        }
    }

    async fn measured(&self, ctx: &Context<'_>, subject: Subject) -> ServerResult<Option<Value>> {
        match ctx.item.node.name.node.as_str() {
            "metrics" => {
                let period: PeriodScalar = argument(ctx, "period")?;
                give(ctx, &SubjectMetrics::of(Requested::of(ctx), subject, period.0).await.map_err(|fail| fail.at(ctx))?).await
            }
            _ => {
                let (key, period, what_if) =
                    (argument::<String>(ctx, "key")?, argument::<PeriodScalar>(ctx, "period")?, argument(ctx, "whatIf")?);
                let card: Card =
                    scorecard::card(Requested::of(ctx), subject, &key, period.0, what_if).await.map_err(|fail| fail.at(ctx))?;
                give(ctx, &card).await
            }
        }
    }
}

impl ContainerType for Node {
    /// There is a future of this for every field of every record, mostly for a plain value. What is rare and big is boxed, so that it
    /// does not make all of them big.
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        let name = ctx.item.node.name.node.as_str();
        match name {
            "id" => return give(ctx, &self.id()).await,
            "externalKey" => return Ok(Some(Value::from(&*self.0.external_key))),
            "metrics" | "scorecard" => {
                if let Some(subject) = self.subject() {
                    return Box::pin(self.measured(ctx, subject)).await;
                }
            }
            _ => {}
        }
        match MEMBERS.get(self.0.entity.name).and_then(|members| members.get(name)) {
            Some(Member::Column(index, column)) => self.column(ctx, *index, column).await,
            Some(Member::Relation(relation)) => Box::pin(self.relation(ctx, relation)).await,
            None => Ok(None),
        }
    }
}

impl OutputType for Node {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed("Node")
    }

    fn introspection_type_name(&self) -> Cow<'static, str> {
        Cow::Owned(type_name(self.0.entity))
    }

    fn create_type_info(registry: &mut Registry) -> String {
        register(registry);
        Self::qualified_type_name()
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _field: &Positioned<Field>) -> ServerResult<Value> {
        resolve_container(ctx, self).await
    }
}

impl async_graphql::InterfaceType for Node {}
