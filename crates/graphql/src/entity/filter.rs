//! The input types of `where`: for each column a filter of its type, for each reference the conditions of what it refers to, for each
//! relation those that some record of it must meet.

use async_graphql::InputType;
use async_graphql::registry::{MetaInputValue, Registry};
use store::entity::{Column, ColumnType, Entity, entities};

use super::schema::{entity_type, enum_name, type_name};
use super::{relations, subject_kind};
use crate::meta::{camel, input, input_object};
use crate::parameter::ParameterInput;

pub fn where_name(entity: &Entity) -> String {
    format!("{}Where", type_name(entity))
}

pub fn register(registry: &mut Registry) {
    const ORDERED: &[&str] = &["eq", "in", "lt", "lte", "gt", "gte", "known"];
    value_filter(registry, "TextFilter", "String", "a text", &["eq", "in", "contains", "startsWith", "known"]);
    value_filter(
        registry,
        "DecimalFilter",
        "Decimal",
        "a number, an amount of money in units of the currency, or a duration in seconds",
        ORDERED,
    );
    value_filter(registry, "IntFilter", "Int", "a whole number", ORDERED);
    value_filter(registry, "InstantFilter", "Instant", "an instant", ORDERED);
    value_filter(registry, "DateFilter", "Date", "a day", ORDERED);
    value_filter(registry, "BooleanFilter", "Boolean", "true or false", &["eq", "known"]);
    value_filter(registry, "IdFilter", "ID", "an id", &["eq", "in"]);
    value_filter(registry, "SubjectKindFilter", "SubjectKind", "a kind of subject", &["eq", "in"]);
    register_metric(registry);
    for entity in entities() {
        register_where(registry, entity);
    }
}

/// A filter of one type of value.
fn value_filter(registry: &mut Registry, name: &str, ty: &str, about: &str, tests: &[&str]) {
    let test = |test: &&str| match *test {
        "eq" => input("eq", ty, "Equal to it."),
        "in" => input("in", format!("[{ty}!]"), "Equal to one of them."),
        "lt" => input("lt", ty, "Less than it."),
        "lte" => input("lte", ty, "Less than it or equal."),
        "gt" => input("gt", ty, "More than it."),
        "gte" => input("gte", ty, "More than it or equal."),
        "contains" => input("contains", ty, "It occurs in the value, whatever the case of its ASCII letters."),
        "startsWith" => input("startsWith", ty, "The value begins with it, whatever the case of its ASCII letters."),
        _ => input("known", "Boolean", "Whether there is a value at all. What is unknown meets no other condition."),
    };
    input_object(
        registry,
        name,
        format!("Conditions on {about}; all that are given must be met."),
        tests.iter().map(test).collect(),
        false,
    );
}

fn register_metric(registry: &mut Registry) {
    let mut fields = vec![
        input("key", "String!", "Whole key of the metric, `sales.amount`."),
        input("period", "Period!", "The period it is taken over."),
        input("parameters", "[ParameterInput!]", "Values of its parameters; those that are not named stand at their defaults."),
    ];
    <ParameterInput as InputType>::create_type_info(registry);
    fields.extend(
        ["eq", "lt", "lte", "gt", "gte"]
            .map(|test| input(test, "Decimal", "Compared with the value: money in units of the currency, durations in seconds.")),
    );
    fields.push(input("known", "Boolean", "Whether the metric has a value. Where it has none, no other condition is met."));
    input_object(registry, "MetricWhere", "Conditions on the value of a metric; all that are given must be met.", fields, false);
}

fn register_where(registry: &mut Registry, entity: &'static Entity) {
    let own = where_name(entity);
    let mut fields = vec![
        input("and", format!("[{own}!]"), "All of these are met."),
        input("or", format!("[{own}!]"), "At least one of these is met."),
        input("not", own.clone(), "This is not met."),
        input("id", "IdFilter", "Conditions on the id."),
        input("externalKey", "TextFilter", "Conditions on the source system's key."),
    ];
    for column in entity.columns.iter().filter(|column| column.column_type != ColumnType::Subject) {
        if let (ColumnType::OneOf(_), Some(name)) = (column.column_type, enum_name(entity, column)) {
            value_filter(registry, &format!("{name}Filter"), &name, "a listed value", &["eq", "in", "known"]);
        }
        fields.push(column_filter(entity, column));
    }
    fields.extend(
        relations(entity)
            .into_iter()
            .map(|relation| input(&relation.name, where_name(relation.entity), "Some record of this list meets the conditions.")),
    );
    if entity.name == "customer" {
        fields.push(input("segment", "SegmentWhere", "Some segment that the customer is in now meets the conditions."));
    }
    if subject_kind(entity).is_some() {
        fields.push(input("metric", "MetricWhere", "Conditions on one of its metrics."));
    }
    input_object(registry, &own, "Conditions on a record; all that are given must be met.", fields, false);
}

fn column_filter(entity: &Entity, column: &Column) -> MetaInputValue {
    let ty = match column.column_type {
        ColumnType::Text => "TextFilter".to_owned(),
        ColumnType::OneOf(_) => enum_name(entity, column).map_or_else(|| "SubjectKindFilter".to_owned(), |name| format!("{name}Filter")),
        ColumnType::Money | ColumnType::Number | ColumnType::Duration => "DecimalFilter".to_owned(),
        ColumnType::Integer => "IntFilter".to_owned(),
        ColumnType::Instant => "InstantFilter".to_owned(),
        ColumnType::Day => "DateFilter".to_owned(),
        ColumnType::Bool | ColumnType::Subject => "BooleanFilter".to_owned(),
        ColumnType::Reference(name) => format!("{}Where", entity_type(name)),
    };
    input(&camel(column.name), ty, column.about)
}
