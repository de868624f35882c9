//! The fields of a selection set that apply to one type, and objects made of what they gave.

use std::borrow::Cow;

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{Field, Selection, SelectionSet};
use async_graphql::{Context, ContextSelectionSet, Name, Positioned, QueryPathNode, QueryPathSegment, Value};

use crate::error::Fail;

/// A field under the key that it has in the response.
pub struct Asked<'a>(Cow<'a, Positioned<Field>>);

impl Asked<'_> {
    pub fn key(&self) -> &Name {
        &self.0.node.response_key().node
    }

    pub fn name(&self) -> &str {
        self.0.node.name.node.as_str()
    }

    /// Its path below an object's.
    pub fn below<'p>(&'p self, path: &'p QueryPathNode<'p>) -> QueryPathNode<'p> {
        QueryPathNode { parent: Some(path), segment: QueryPathSegment::Name(self.key().as_str()) }
    }

    /// As it is resolved at a path.
    pub fn at<'p>(&'p self, ctx: &'p ContextSelectionSet<'p>, path: QueryPathNode<'p>) -> Context<'p> {
        let mut ctx = ctx.with_field(&self.0);
        ctx.path_node = Some(path);
        ctx
    }

    /// What is selected below it.
    pub fn set<'p>(&'p self, ctx: &'p ContextSelectionSet<'p>) -> ContextSelectionSet<'p> {
        ctx.with_selection_set(&self.0.node.selection_set)
    }

    /// Notes that it failed in the object at a path; gives nothing in its place.
    pub fn fails(&self, ctx: &ContextSelectionSet<'_>, object: &QueryPathNode<'_>, fail: Fail) -> Option<Value> {
        ctx.add_error(fail.at(&self.at(ctx, self.below(object))));
        None
    }
}

/// The fields that apply to an object of a type, in the order of the response. Those under one key are one, with all that is selected
/// below them; validation has made sure that they are of the same field with the same arguments.
pub fn of<'a>(ctx: &ContextSelectionSet<'a>, type_name: &str) -> Vec<Asked<'a>> {
    let mut fields = Vec::with_capacity(ctx.item.node.items.len());
    collect(ctx, &ctx.item.node, type_name, &mut fields);
    fields
}

fn collect<'a>(ctx: &ContextSelectionSet<'a>, set: &'a SelectionSet, type_name: &str, fields: &mut Vec<Asked<'a>>) {
    for selection in &set.items {
        let (on, set) = match &selection.node {
            Selection::Field(field) => {
                add(field, fields);
                continue;
            }
            Selection::InlineFragment(fragment) => (fragment.node.type_condition.as_ref(), &fragment.node.selection_set.node),
            Selection::FragmentSpread(spread) => match ctx.query_env.fragments.get(&spread.node.fragment_name.node) {
                Some(fragment) => (Some(&fragment.node.type_condition), &fragment.node.selection_set.node),
                None => continue,
            },
        };
        if on.is_none_or(|on| applies(ctx, on.node.on.node.as_str(), type_name)) {
            collect(ctx, set, type_name, fields);
        }
    }
}

fn applies(ctx: &ContextSelectionSet<'_>, on: &str, type_name: &str) -> bool {
    on == type_name || ctx.schema_env.registry.implements.get(type_name).is_some_and(|interfaces| interfaces.contains(on))
}

fn add<'a>(field: &'a Positioned<Field>, fields: &mut Vec<Asked<'a>>) {
    match fields.iter_mut().find(|known| known.key() == &field.node.response_key().node) {
        Some(known) => known.0.to_mut().node.selection_set.node.items.extend_from_slice(&field.node.selection_set.node.items),
        None => fields.push(Asked(Cow::Borrowed(field))),
    }
}

/// So many objects, from what each field gave for each of them. A field that gave nothing is not in its object.
pub fn objects(fields: &[Asked<'_>], columns: Vec<Vec<Option<Value>>>, count: usize) -> Vec<Value> {
    // Copying an object is cheaper than finding the place of each of its keys anew.
    let blank: IndexMap<Name, Value> = fields.iter().map(|field| (field.key().clone(), Value::Null)).collect();
    let mut columns: Vec<_> = columns.into_iter().map(Vec::into_iter).collect();
    (0..count).map(|_| object(blank.clone(), columns.iter_mut().map(|column| column.next().flatten()))).collect()
}

fn object(mut blank: IndexMap<Name, Value>, values: impl Iterator<Item = Option<Value>>) -> Value {
    let mut failed = Vec::new();
    for (at, value) in values.enumerate() {
        match value {
            Some(value) => blank[at] = value,
            None => failed.push(at),
        }
    }
    for at in failed.into_iter().rev() {
        blank.shift_remove_index(at);
    }
    Value::Object(blank)
}
