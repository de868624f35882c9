//! Entities: records of the store as GraphQL objects, all through one type.
//!
//! Their fields are drawn from the store's description of its tables. A column that is added there is a field here, can be filtered
//! and ordered by, and is documented, without another word; a reference leads to its record, and back to the list of those that refer.

mod aggregate;
mod children;
mod condition;
mod connection;
mod fields;
mod filter;
mod listing;
mod object;
mod order;
mod schema;
mod selected;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use async_graphql::registry::Registry;
use async_graphql::{
    ContextSelectionSet, OutputType, Positioned, QueryPathNode, QueryPathSegment, ServerResult, Value, parser::types::Field,
};
use manifest::SubjectKind;
use store::Row;
use store::entity::{Column, ColumnType, Entity};

use self::object::{Record, objects};
use crate::meta::{camel, plural};

pub use aggregate::{Aggregate, aggregate_arguments, aggregate_type, aggregated};
pub use children::Children;
pub use connection::Connection;
pub use schema::{connection_arguments, connection_type, register, type_name};
pub use selected::Selected;

/// A record as a GraphQL object.
#[derive(Clone)]
pub struct Node(pub Arc<Row>);

/// A list of records that refer to a record: `orders` of a customer.
pub struct Relation {
    /// Name of the field.
    pub name: String,
    pub entity: &'static Entity,
    pub column: &'static str,
}

/// A field of an entity beside those that every entity has.
enum Member {
    Column(&'static Column),
    Relation(Relation),
}

/// The fields of every entity by the entity's name and their own.
static MEMBERS: LazyLock<HashMap<&'static str, HashMap<String, Member>>> = LazyLock::new(|| {
    let members = |entity: &'static Entity| {
        let columns = entity.columns.iter().map(|column| (camel(column.name), Member::Column(column)));
        columns.chain(relations(entity).into_iter().map(|relation| (relation.name.clone(), Member::Relation(relation)))).collect()
    };
    store::entity::entities().iter().map(|entity| (entity.name, members(entity))).collect()
});

fn member(of: &Entity, name: &str) -> Option<&'static Member> {
    MEMBERS.get(of.name)?.get(name)
}

/// The entity whose records are objects of a type.
pub fn of_type(name: &str) -> Option<&'static Entity> {
    static ENTITIES: LazyLock<HashMap<String, &'static Entity>> =
        LazyLock::new(|| store::entity::entities().iter().map(|entity| (type_name(entity), *entity)).collect());
    ENTITIES.get(name).copied()
}

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

impl OutputType for Node {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed("Node")
    }

    fn introspection_type_name(&self) -> Cow<'static, str> {
        Cow::Owned(type_name(self.0.entity()))
    }

    fn create_type_info(registry: &mut Registry) -> String {
        register(registry);
        Self::qualified_type_name()
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        let records = [Record { row: &self.0, path: path(ctx, field) }];
        Ok(objects(ctx.clone(), &records).await.swap_remove(0))
    }
}

/// Where a field stands in the response.
fn path<'a>(ctx: &ContextSelectionSet<'a>, field: &'a Positioned<Field>) -> QueryPathNode<'a> {
    let alone = QueryPathNode { parent: None, segment: QueryPathSegment::Name(&field.node.response_key().node) };
    ctx.path_node.unwrap_or(alone)
}
