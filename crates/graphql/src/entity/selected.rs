//! Which columns of which records a document asks for, anywhere in it: what is not named is not read.
//!
//! One set of columns for each entity and document, so that what a request has read once is good wherever it is selected.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::parser::types::{ExecutableDocument, Field, Selection as Part, SelectionSet};
use async_graphql_value::Value;
use store::Selection;
use store::entity::{ColumnType, Entity};

use super::{Member, member, of_type};
use crate::types::{Types, named};

#[derive(Debug, Default)]
pub struct Selected {
    /// The columns to read, by the entity's name.
    columns: HashMap<&'static str, Arc<Selection>>,
    figures: bool,
}

impl Selected {
    /// What a document asks for, in whichever of its operations. It need not be valid.
    pub fn of(document: &ExecutableDocument, types: &Types) -> Selected {
        let mut scan = Scan { types, found: HashMap::new(), figures: false };
        for (_, operation) in document.operations.iter() {
            scan.set(&operation.node.selection_set.node, types.root(operation.node.ty));
        }
        for fragment in document.fragments.values() {
            scan.set(&fragment.node.selection_set.node, fragment.node.type_condition.node.on.node.as_str());
        }
        let columns = scan.found.into_iter().map(|(name, selection)| (name, Arc::new(selection))).collect();
        Selected { columns, figures: scan.figures }
    }

    /// The columns to read of an entity; the id alone where nothing else is named.
    pub fn of_entity(&self, entity: &'static Entity) -> Arc<Selection> {
        self.columns.get(entity.name).cloned().unwrap_or_else(|| Arc::new(Selection::of(entity)))
    }

    /// Whether it asks for figures by themselves, not only for scores made of them.
    pub fn figures(&self) -> bool {
        self.figures
    }
}

struct Scan<'a> {
    types: &'a Types,
    found: HashMap<&'static str, Selection>,
    figures: bool,
}

impl Scan<'_> {
    fn set(&mut self, set: &SelectionSet, parent: &str) {
        for part in &set.items {
            match &part.node {
                Part::Field(field) => self.field(&field.node, parent),
                Part::InlineFragment(fragment) => {
                    let on = fragment.node.type_condition.as_ref().map_or(parent, |on| on.node.on.node.as_str());
                    self.set(&fragment.node.selection_set.node, on);
                }
                // Every fragment is looked at by itself.
                Part::FragmentSpread(_) => {}
            }
        }
    }

    fn field(&mut self, field: &Field, parent: &str) {
        let name = field.name.node.as_str();
        if let Some(entity) = of_type(parent) {
            self.column(entity, name);
        }
        self.figures |= matches!((parent, name), ("SubjectMetrics", _) | ("ScorecardNodeResult", "metric"));
        let ty = named(self.types.field(parent, name).unwrap_or(""));
        if field.get_argument("orderBy").is_some_and(|order| !by_columns(&order.node)) {
            self.whole(ty);
        }
        self.set(&field.selection_set.node, ty);
    }

    fn column(&mut self, entity: &'static Entity, name: &str) {
        let selection = self.found.entry(entity.name).or_insert_with(|| Selection::of(entity));
        match member(entity, name) {
            Some(Member::Column(column)) => {
                selection.select(column);
                if column.column_type == ColumnType::Subject {
                    entity.column("subject_kind").into_iter().for_each(|kind| selection.select(kind));
                }
            }
            None if name == "externalKey" => selection.select_key(),
            Some(Member::Relation(_)) | None => {}
        }
    }

    /// An order by metrics sorts records that are read before it is known which of them are shown.
    fn whole(&mut self, connection: &str) {
        if let Some(entity) = connection.strip_suffix("Connection").and_then(of_type) {
            self.found.insert(entity.name, Selection::whole(entity));
        }
    }
}

/// Whether an `orderBy` names nothing but columns, as far as it can be seen: what comes in a variable cannot.
fn by_columns(order: &Value) -> bool {
    match order {
        Value::Variable(_) => false,
        Value::List(keys) => keys.iter().all(by_columns),
        Value::Object(fields) => fields.iter().all(|(name, value)| name != "metric" && by_columns(value)),
        _ => true,
    }
}
