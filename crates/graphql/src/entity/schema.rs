//! The types of entities, drawn from the store's description of its tables.

use async_graphql::registry::{MetaField, MetaInputValue, Registry};
use async_graphql::{InputType, OutputType};
use store::entity::{Column, ColumnType, Entity, entities, entity};

use super::{aggregate, filter, order, relations, subject_kind};
use crate::meta::{camel, claim, enumeration, field, input, interface, object, pascal, plural};
use crate::organisation::Organisation;
use crate::scalar::{Date, Decimal, Duration, Instant, PeriodScalar};
use crate::scorecard::{Card, Definition, DefinitionNode, WhatIfInput};
use crate::subject::{SubjectKindName, SubjectRef};
use crate::subject_metrics::SubjectMetrics;

/// The GraphQL type of an entity.
pub fn type_name(entity: &Entity) -> String {
    match entity.name {
        // A metric's target is `Target`; this is the record it comes from.
        "target" => "TargetRecord".to_owned(),
        name => pascal(name),
    }
}

/// The GraphQL type of a page of an entity.
pub fn connection_type(entity: &Entity) -> String {
    format!("{}Connection", type_name(entity))
}

/// Registers everything about entities, once.
pub fn register(registry: &mut Registry) {
    if !claim(registry, "Node") {
        return;
    }
    register_parts(registry);
    register_page_info(registry);
    filter::register(registry);
    order::register(registry);
    aggregate::register(registry);
    for entity in entities() {
        register_entity(registry, entity);
    }
    Organisation::create_type_info(registry);
    Definition::create_type_info(registry);
    let others = [Organisation::type_name(), Definition::type_name(), DefinitionNode::type_name()].map(|name| name.into_owned());
    let names: Vec<String> = entities().iter().map(|entity| type_name(entity)).chain(others).collect();
    interface(registry, "Node", "What can be found again by its id.", vec![id_field()], &names);
}

fn register_parts(registry: &mut Registry) {
    <Decimal as OutputType>::create_type_info(registry);
    <Date as OutputType>::create_type_info(registry);
    <Instant as OutputType>::create_type_info(registry);
    <PeriodScalar as OutputType>::create_type_info(registry);
    Duration::create_type_info(registry);
    SubjectRef::create_type_info(registry);
    SubjectMetrics::create_type_info(registry);
    Card::create_type_info(registry);
    WhatIfInput::create_type_info(registry);
    <SubjectKindName as OutputType>::create_type_info(registry);
}

fn id_field() -> MetaField {
    field("id", "ID!", "Opaque, and good for `node(id:)` and every argument that wants a record of this type.", vec![])
}

fn register_entity(registry: &mut Registry, entity: &'static Entity) {
    for column in entity.columns {
        if let (ColumnType::OneOf(values), Some(name)) = (column.column_type, enum_name(entity, column)) {
            enumeration(registry, &name, column.about, values.iter().map(|value| ((*value).to_owned(), None)));
        }
    }
    let mut fields =
        vec![id_field(), field("externalKey", "String!", "The source system's key, unique among the records of this type.", vec![])];
    fields.extend(entity.columns.iter().map(|column| column_field(entity, column)));
    fields.extend(relations(entity).into_iter().map(|relation| {
        let records = plural(relation.entity.name).replace('_', " ");
        let about = format!("The {records} that refer to it. Each: {}", relation.entity.about);
        field(&relation.name, format!("{}!", connection_type(relation.entity)), about, connection_arguments(relation.entity))
    }));
    if subject_kind(entity).is_some() {
        fields.extend(measured_fields());
    }
    object(registry, &type_name(entity), entity.about, fields);
    registry.add_implements(&type_name(entity), "Node");
    register_connection(registry, entity);
}

/// What every subject can be asked.
pub fn measured_fields() -> Vec<MetaField> {
    let period = || input("period", "Period!", "The period: `2017`, `2017-Q1`, `2017-03`, `2017-01-01/2017-02-15`, `YTD` and so on.");
    let what_if = input("whatIf", "WhatIf", "Other weights, targets or values to reckon with. Nothing is written.");
    vec![
        field("metrics", "SubjectMetrics!", "Its metrics over a period, by pack.", vec![period()]),
        field(
            "scorecard",
            "ScorecardResult",
            "What a scorecard gives for it over a period. Null, with an error, where there is no such scorecard, or where it is for another kind of subject.",
            vec![input("key", "String!", "Key of the scorecard."), period(), what_if],
        ),
    ]
}

fn column_field(entity: &'static Entity, column: &'static Column) -> MetaField {
    let required = column.required || column.default.is_some();
    let ty = match column.column_type {
        ColumnType::Text => "String".to_owned(),
        ColumnType::OneOf(_) => enum_name(entity, column).unwrap_or_else(|| "SubjectKind".to_owned()),
        ColumnType::Money | ColumnType::Number => "Decimal".to_owned(),
        ColumnType::Integer => "Int".to_owned(),
        ColumnType::Duration => "Duration".to_owned(),
        ColumnType::Instant => "Instant".to_owned(),
        ColumnType::Day => "Date".to_owned(),
        ColumnType::Bool => "Boolean".to_owned(),
        ColumnType::Reference(name) => entity_type(name),
        ColumnType::Subject => "Subject".to_owned(),
    };
    let unit = if column.column_type == ColumnType::Money { " In units of the organisation's currency." } else { "" };
    field(&camel(column.name), if required { format!("{ty}!") } else { ty }, format!("{}{unit}", column.about), vec![])
}

/// The enum of a column with listed values; kinds of subject have one already.
pub fn enum_name(entity: &Entity, column: &Column) -> Option<String> {
    (column.name != "subject_kind").then(|| format!("{}{}", type_name(entity), pascal(column.name)))
}

pub fn entity_type(name: &str) -> String {
    entity(name).map_or_else(|| pascal(name), type_name)
}

fn register_connection(registry: &mut Registry, entity: &'static Entity) {
    let name = type_name(entity);
    let fields = vec![
        field("nodes", format!("[{name}!]!"), "The records of the page.", vec![]),
        field("edges", format!("[{name}Edge!]!"), "The records of the page, each with its cursor.", vec![]),
        field("pageInfo", "PageInfo!", "Where the page lies in the list.", vec![]),
        field("totalCount", "Int!", "How many records there are on all pages. Counted only when asked for.", vec![]),
    ];
    object(registry, &connection_type(entity), format!("A page of a list. Each record: {}", entity.about), fields);
    let fields = vec![
        field("node", format!("{name}!"), "The record.", vec![]),
        field("cursor", "String!", "Its place in the list, for `after` and `before` with the same `orderBy`.", vec![]),
    ];
    object(registry, &format!("{name}Edge"), "A record with its place in the list.", fields);
}

fn register_page_info(registry: &mut Registry) {
    let fields = vec![
        field("hasNextPage", "Boolean!", "Whether records follow the page.", vec![]),
        field("hasPreviousPage", "Boolean!", "Whether records come before the page.", vec![]),
        field("startCursor", "String", "Cursor of the first record, for `before`; null on an empty page.", vec![]),
        field("endCursor", "String", "Cursor of the last record, for `after`; null on an empty page.", vec![]),
    ];
    object(registry, "PageInfo", "Where a page lies in its list.", fields);
}

/// The arguments of every list of an entity.
pub fn connection_arguments(entity: &Entity) -> Vec<MetaInputValue> {
    vec![
        input("first", "Int", "So many from the beginning; 100 where neither `first` nor `last` is given. 1000 at most."),
        input("after", "String", "Only records after this cursor."),
        input("last", "Int", "So many from the end. They still come in order."),
        input("before", "String", "Only records before this cursor."),
        input("where", filter::where_name(entity), "Only records that meet all of these conditions."),
        input(
            "orderBy",
            format!("[{}!]", order::order_name(entity)),
            "The order, the first key deciding first; by id if none is given. What is unknown comes last.",
        ),
    ]
}
