//! Records in groups: counted and summed by their states, by the records they refer to, and by the periods they fall in.

use std::borrow::Cow;
use std::sync::Arc;

use async_graphql::registry::{MetaInputValue, Registry};
use async_graphql::resolver_utils::{ContainerType, resolve_container};
use async_graphql::{
    Context, ContextSelectionSet, InputType, OutputType, Positioned, ServerResult, SimpleObject, Value, parser::types::Field,
};
use engine::Period;
use store::aggregate::By;
use store::entity::{Column, ColumnType, Entity, entity};

use super::filter::where_name;
use super::listing::Given;
use super::schema::type_name;
use super::{Node, condition};
use crate::error::Fail;
use crate::figure::{argument, give};
use crate::meta::{enumeration, field, input, input_object, object, screaming};
use crate::request::Requested;
use crate::scalar::{Decimal, PeriodScalar};
use crate::subject::GrainName;

/// Those that are worth it: streams of facts, with states and amounts.
const AGGREGATED: [&str; 3] = ["order", "opportunity", "ticket"];

/// The entities whose records can be asked for in groups.
pub fn aggregated() -> impl Iterator<Item = &'static Entity> {
    AGGREGATED.into_iter().filter_map(entity)
}

pub fn aggregate_type(entity: &Entity) -> String {
    format!("{}Aggregate", type_name(entity))
}

pub fn aggregate_arguments(entity: &Entity) -> Vec<MetaInputValue> {
    let by = format!("[{}GroupBy!]!", type_name(entity));
    vec![
        input("where", where_name(entity), "Only records that meet all of these conditions."),
        input(
            "groupBy",
            by,
            "What parts the records into groups, each way parting the groups of those before it; one group of all where none is given.",
        ),
    ]
}

pub fn register(registry: &mut Registry) {
    GroupKey::create_type_info(registry);
    <GrainName as InputType>::create_type_info(registry);
    for entity in aggregated() {
        register_inputs(registry, entity);
        register_outputs(registry, entity);
    }
}

fn listed(column: &Column) -> bool {
    matches!(column.column_type, ColumnType::OneOf(_))
}

fn refers(column: &Column) -> bool {
    matches!(column.column_type, ColumnType::Reference(_))
}

fn is_instant(column: &Column) -> bool {
    column.column_type == ColumnType::Instant
}

fn is_number(column: &Column) -> bool {
    matches!(column.column_type, ColumnType::Money | ColumnType::Number | ColumnType::Duration | ColumnType::Integer)
}

fn columns(entity: &'static Entity, takes: fn(&Column) -> bool) -> impl Iterator<Item = &'static Column> {
    entity.columns.iter().filter(move |column| takes(column))
}

fn register_inputs(registry: &mut Registry, entity: &'static Entity) {
    let name = type_name(entity);
    let mut names = |suffix: &str, about: &str, takes: fn(&Column) -> bool| {
        let values = columns(entity, takes).map(|column| (screaming(column.name), Some(column.about.to_owned())));
        enumeration(registry, &format!("{name}{suffix}"), about, values);
    };
    names("GroupField", "What has listed values.", listed);
    names("GroupReference", "What refers to another record.", refers);
    names("GroupTime", "What is an instant.", is_instant);
    names("SumField", "What can be summed.", is_number);
    let bucket = format!("{name}TimeBucket");
    let fields = vec![
        input("field", format!("{name}GroupTime!"), "The instant."),
        input("period", "Period!", "Only records whose instant is in this period."),
        input("grain", "Grain!", "The length of the parts of the period, in the organisation's calendar and time zone."),
    ];
    input_object(registry, &bucket, "The parts of a period that an instant falls in.", fields, false);
    let fields = vec![
        input("field", format!("{name}GroupField"), "By a field with listed values."),
        input("time", bucket, "By the parts of a period."),
        input("reference", format!("{name}GroupReference"), "By the record that it refers to."),
    ];
    input_object(registry, &format!("{name}GroupBy"), "One way to part records into groups.", fields, true);
}

fn register_outputs(registry: &mut Registry, entity: &'static Entity) {
    let name = type_name(entity);
    let about =
        "Records in groups. They are counted as they are: to leave out what a metric would, such as cancelled orders, say so in `where`.";
    let groups = "The groups that have a record, in the order of their keys, unknown ones last. Never cut: more than 1000 are an error.";
    object(registry, &aggregate_type(entity), about, vec![field("groups", format!("[{name}Group!]!"), groups, vec![])]);
    let sum = input("field", format!("{name}SumField!"), "What to sum.");
    let fields = vec![
        field("keys", "[GroupKey!]!", "What its records have in common, in the order of `groupBy`.", vec![]),
        field("count", "Int!", "How many records are in it.", vec![]),
        field(
            "sum",
            "Decimal",
            "The sum over those of its records that have the value; null where none has. Money in units of the organisation's currency, durations in seconds.",
            vec![sum],
        ),
    ];
    object(registry, &format!("{name}Group"), "Records that have something in common.", fields);
}

/// What the records of a group have in common, in one way. All null where it is unknown of them.
#[derive(SimpleObject, Clone)]
pub struct GroupKey {
    /// The listed value, where they are grouped by a field.
    value: Option<String>,
    /// The part of the period, where they are grouped by time.
    period: Option<PeriodScalar>,
    /// The record that they refer to, where they are grouped by a reference.
    record: Option<Node>,
}

/// The groups of an entity's records.
pub struct Aggregate {
    entity: &'static Entity,
    groups: Vec<Group>,
}

struct Group {
    entity: &'static Entity,
    keys: Vec<GroupKey>,
    count: i64,
    sums: Arc<[&'static str]>,
    found: Vec<Option<rust_decimal::Decimal>>,
}

/// One way to part, with what its keys mean.
enum Way {
    Field(&'static str, &'static [&'static str]),
    Reference(&'static str, &'static str),
    Time(&'static str, Vec<(Period, (i64, i64))>),
}

impl Way {
    fn by(&self) -> By {
        match self {
            Way::Field(column, _) | Way::Reference(column, _) => By::Column(column),
            Way::Time(column, parts) => By::Time { column, bounds: parts.iter().map(|(_, bounds)| *bounds).collect() },
        }
    }

    /// Keys of many groups: what they refer to is read together.
    async fn keys(&self, requested: &Requested, numbers: &[Option<i64>]) -> Result<Vec<GroupKey>, Fail> {
        let none = GroupKey { value: None, period: None, record: None };
        let place = |number: &Option<i64>| number.and_then(|number| usize::try_from(number).ok());
        match self {
            Way::Field(_, values) => {
                let value = |number| Some((*values.get(place(number)?)?).to_owned());
                Ok(numbers.iter().map(|number| GroupKey { value: value(number), ..none.clone() }).collect())
            }
            Way::Time(_, parts) => {
                let period = |number| parts.get(place(number)?).map(|(period, _)| PeriodScalar(*period));
                Ok(numbers.iter().map(|number| GroupKey { period: period(number), ..none.clone() }).collect())
            }
            Way::Reference(_, entity) => {
                let mut records = requested.nodes(numbers.iter().flatten().map(|id| (*entity, *id)).collect()).await?.into_iter();
                let mut record = |number: &Option<i64>| number.and_then(|_| records.next().flatten());
                Ok(numbers.iter().map(|number| GroupKey { record: record(number), ..none.clone() }).collect())
            }
        }
    }
}

impl Aggregate {
    pub async fn of_field(ctx: &Context<'_>, entity: &'static Entity) -> Result<Aggregate, Fail> {
        let requested = Requested::of(ctx);
        let given = |name| argument::<Given>(ctx, name).map(|given| given.0).map_err(|error| Fail::input(error.message));
        let filter = condition::predicate(requested, entity, &given("where")?).await?;
        let mut ways = Vec::new();
        for way in items(&given("groupBy")?) {
            ways.push(way_of(requested, entity, way).await?);
        }
        let by: Vec<By> = ways.iter().map(Way::by).collect();
        let sums: Arc<[&'static str]> = columns(entity, is_number).map(|column| column.name).collect();
        let most = usize::try_from(requested.limits.page).unwrap_or(usize::MAX);
        let groups = requested.engine.store().groups(entity, &filter, &by, &sums, most.saturating_add(1)).await?;
        if groups.len() > most {
            return Err(Fail::too_complex(format!("there are more than {most} groups: narrow `where`, or part the records in fewer ways")));
        }
        let mut keys: Vec<Vec<GroupKey>> = groups.iter().map(|_| Vec::with_capacity(ways.len())).collect();
        for (at, way) in ways.iter().enumerate() {
            let numbers: Vec<_> = groups.iter().map(|group| group.keys[at]).collect();
            for (keys, key) in keys.iter_mut().zip(way.keys(requested, &numbers).await?) {
                keys.push(key);
            }
        }
        let group =
            |(group, keys): (store::aggregate::Group, _)| Group { entity, keys, count: group.count, sums: sums.clone(), found: group.sums };
        Ok(Aggregate { entity, groups: groups.into_iter().zip(keys).map(group).collect() })
    }
}

/// A single value stands for a list of one.
fn items(value: &Value) -> &[Value] {
    match value {
        Value::List(items) => items,
        Value::Null => &[],
        one => std::slice::from_ref(one),
    }
}

async fn way_of(requested: &Requested, entity: &'static Entity, value: &Value) -> Result<Way, Fail> {
    let part = |name: &str| match value {
        Value::Object(fields) => fields.get(name).filter(|part| **part != Value::Null),
        _ => None,
    };
    if let Some(column) = part("field").and_then(|name| named(entity, name)) {
        let ColumnType::OneOf(values) = column.column_type else { return Err(refused(column)) };
        return Ok(Way::Field(column.name, values));
    }
    if let Some(column) = part("reference").and_then(|name| named(entity, name)) {
        let ColumnType::Reference(to) = column.column_type else { return Err(refused(column)) };
        return Ok(Way::Reference(column.name, to));
    }
    match part("time") {
        Some(Value::Object(fields)) => {
            let given = |name: &str| fields.get(name).cloned().unwrap_or_default();
            let column = named(entity, &given("field")).filter(|column| is_instant(column));
            let column = column.ok_or_else(|| Fail::input("`time` needs a `field` that is an instant"))?;
            let period = PeriodScalar::parse(Some(given("period"))).map_err(|_| Fail::input("`time` needs a `period`"))?;
            let grain = GrainName::parse(Some(given("grain"))).map_err(|_| Fail::input("`time` needs a `grain`"))?;
            let context = requested.context().await?;
            period.0.check(context).map_err(|error| Fail::input(error.to_string()))?;
            let parts = period.0.split(grain.into(), context).map_err(|error| Fail::input(error.to_string()))?;
            Ok(Way::Time(column.name, parts.into_iter().map(|part| (part, part.instants(context))).collect()))
        }
        _ => Err(Fail::input("each of `groupBy` is one of `field`, `time` and `reference`")),
    }
}

fn refused(column: &Column) -> Fail {
    Fail::input(format!("records cannot be grouped like this by `{}`", column.name))
}

fn named(entity: &'static Entity, name: &Value) -> Option<&'static Column> {
    let (Value::Enum(_) | Value::String(_)) = name else { return None };
    let name = if let Value::Enum(name) = name {
        name.as_str()
    } else if let Value::String(name) = name {
        name
    } else {
        ""
    };
    entity.columns.iter().find(|column| screaming(column.name) == name)
}

impl ContainerType for Aggregate {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        match ctx.item.node.name.node.as_str() {
            "groups" => give(ctx, &self.groups.iter().collect::<Vec<_>>()).await,
            _ => Ok(None),
        }
    }
}

impl ContainerType for Group {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        match ctx.item.node.name.node.as_str() {
            "keys" => give(ctx, &self.keys).await,
            "count" => Ok(Some(Value::from(self.count))),
            "sum" => {
                let field = argument::<Given>(ctx, "field")?.0;
                let column = named(self.entity, &field).map(|column| column.name);
                let place = self.sums.iter().position(|sum| Some(*sum) == column);
                let sum = place.and_then(|place| self.found.get(place).copied().flatten());
                give(ctx, &sum.map(Decimal)).await
            }
            _ => Ok(None),
        }
    }
}

macro_rules! outputs {
    ($($ty:ty: $name:literal, $of:expr);* $(;)?) => {$(
        impl OutputType for $ty {
            fn type_name() -> Cow<'static, str> {
                Cow::Borrowed($name)
            }

            fn introspection_type_name(&self) -> Cow<'static, str> {
                let name: fn(&Entity) -> String = $of;
                Cow::Owned(name(self.entity))
            }

            fn create_type_info(registry: &mut Registry) -> String {
                super::schema::register(registry);
                Self::qualified_type_name()
            }

            async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _field: &Positioned<Field>) -> ServerResult<Value> {
                resolve_container(ctx, self).await
            }
        }
    )*};
}

outputs! {
    Aggregate: "Aggregate", aggregate_type;
    Group: "Group", |entity| format!("{}Group", type_name(entity));
}
