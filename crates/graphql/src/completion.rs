//! The last step of execution, which async-graphql leaves half done: fields in the order in which they were asked for, a null for
//! each field that failed, and nothing at all where a field that failed may not be null.
//!
//! Without it fields stand in the order in which they happened to finish, and a failed field is missing from its object.

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{Directive, ExecutableDocument, Selection, SelectionSet};
use async_graphql::{Name, Positioned, Value, Variables};

use crate::entity;
use crate::types::{Types, element, named};

/// What the response of one operation must look like.
#[derive(Debug, Default)]
pub struct Shape {
    fields: Vec<Place>,
    /// Whether what is resolved here comes in order by itself, and so does all below: records with nothing but columns and records.
    settled: bool,
}

#[derive(Debug)]
struct Place {
    key: Name,
    ty: String,
    /// Whether the field is there whatever the record's type; a field of a fragment may not apply.
    certain: bool,
    below: Shape,
}

/// Puts the data of a response in shape.
pub fn complete(data: Value, shape: &Shape, failed: bool) -> Value {
    match data {
        Value::Null if !failed => Value::Null,
        Value::Null => object(IndexMap::new(), shape, failed).unwrap_or(Value::Null),
        Value::Object(fields) => object(fields, shape, failed).unwrap_or(Value::Null),
        other => other,
    }
}

/// None where a null has to take the place of the whole object.
fn object(mut found: IndexMap<Name, Value>, shape: &Shape, failed: bool) -> Option<Value> {
    // Mostly the fields are all there and in order, and need no other object.
    if found.keys().eq(shape.fields.iter().map(|place| &place.key)) {
        for (value, place) in found.values_mut().zip(&shape.fields) {
            *value = field(std::mem::take(value), &place.ty, &place.below, failed)?;
        }
        return Some(Value::Object(found));
    }
    let mut fields = IndexMap::with_capacity(found.len());
    for place in &shape.fields {
        let value = match found.swap_remove(&place.key) {
            Some(value) => field(value, &place.ty, &place.below, failed)?,
            None if place.certain && failed && place.ty.ends_with('!') => return None,
            None if place.certain && failed => Value::Null,
            None => continue,
        };
        fields.insert(place.key.clone(), value);
    }
    fields.extend(found);
    Some(Value::Object(fields))
}

/// None where a null stands that may not.
fn field(value: Value, ty: &str, below: &Shape, failed: bool) -> Option<Value> {
    if !failed && below.settled {
        return Some(value);
    }
    let required = ty.ends_with('!');
    let completed = match value {
        Value::List(values) => {
            // Introspection is of async-graphql's own types, which are not known here and do not fail.
            let ty = element(ty).unwrap_or_default();
            values.into_iter().map(|value| field(value, ty, below, failed)).collect::<Option<Vec<_>>>().map(Value::List)
        }
        Value::Object(fields) => object(fields, below, failed),
        // An object none of whose fields succeeded arrives as null.
        Value::Null if required && failed && element(ty).is_none() && !below.fields.is_empty() => object(IndexMap::new(), below, failed),
        Value::Null if required && failed => None,
        value => Some(value),
    };
    match completed {
        None if !required => Some(Value::Null),
        completed => completed,
    }
}

/// Works out the shape of an operation. The document must be valid.
pub fn shape(document: &ExecutableDocument, operation: Option<&str>, variables: &Variables, types: &Types) -> Shape {
    let chosen = document.operations.iter().find(|(name, _)| operation.is_none() || name.map(Name::as_str) == operation);
    let Some((_, operation)) = chosen else { return Shape::default() };
    let drawing = Drawing { document, variables, types };
    drawing.shape(&[&operation.node.selection_set.node], types.root(operation.node.ty))
}

/// The types whose objects are made field by field as they are asked for.
fn comes_in_order(ty: &str) -> bool {
    let page = ["Connection", "Edge"].into_iter().find_map(|part| ty.strip_suffix(part)).unwrap_or(ty);
    ty == "PageInfo" || entity::of_type(page).is_some()
}

struct Drawing<'a> {
    document: &'a ExecutableDocument,
    variables: &'a Variables,
    types: &'a Types,
}

/// A field as collected: all the selections made under one key.
struct Collected<'a> {
    ty: String,
    certain: bool,
    below: Vec<&'a SelectionSet>,
}

impl<'a> Drawing<'a> {
    fn shape(&self, sets: &[&'a SelectionSet], parent: &str) -> Shape {
        let mut collected = IndexMap::new();
        for set in sets {
            self.collect(set, parent, true, &mut collected);
        }
        let place = |(key, field): (Name, Collected<'a>)| {
            let below = self.shape(&field.below, named(&field.ty));
            Place { key, ty: field.ty, certain: field.certain, below }
        };
        let fields: Vec<Place> = collected.into_iter().map(place).collect();
        let settled = fields.is_empty() || comes_in_order(parent) && fields.iter().all(|field| field.below.settled);
        Shape { fields, settled }
    }

    fn collect(&self, set: &'a SelectionSet, parent: &str, certain: bool, collected: &mut IndexMap<Name, Collected<'a>>) {
        for selection in set.items.iter().filter(|selection| !self.skipped(selection.node.directives())) {
            match &selection.node {
                Selection::Field(field) => {
                    let ty = self.types.field(parent, field.node.name.node.as_str()).unwrap_or("").to_owned();
                    let known = !ty.is_empty();
                    let entry = collected.entry(field.node.response_key().node.clone());
                    let entry = entry.or_insert_with(|| Collected { ty, certain: false, below: Vec::new() });
                    entry.certain |= certain && known;
                    entry.below.push(&field.node.selection_set.node);
                }
                Selection::InlineFragment(fragment) => {
                    let on = fragment.node.type_condition.as_ref().map(|on| on.node.on.node.as_str());
                    self.fragment(&fragment.node.selection_set, on, parent, certain, collected);
                }
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.document.fragments.get(&spread.node.fragment_name.node) {
                        let on = Some(fragment.node.type_condition.node.on.node.as_str());
                        self.fragment(&fragment.node.selection_set, on, parent, certain, collected);
                    }
                }
            }
        }
    }

    fn fragment(
        &self,
        set: &'a Positioned<SelectionSet>,
        on: Option<&str>,
        parent: &str,
        certain: bool,
        collected: &mut IndexMap<Name, Collected<'a>>,
    ) {
        let on = on.unwrap_or(parent);
        self.collect(&set.node, on, certain && on == parent, collected);
    }

    fn skipped(&self, directives: &[Positioned<Directive>]) -> bool {
        directives.iter().any(|directive| {
            let skips = match directive.node.name.node.as_str() {
                "skip" => true,
                "include" => false,
                _ => return false,
            };
            let condition = directive.node.get_argument("if").map(|value| value.node.clone());
            let condition = condition.and_then(|value| value.into_const_with(|name| self.variables.get(&name).cloned().ok_or(())).ok());
            condition == Some(Value::Boolean(skips))
        })
    }
}
