//! Input fields whose variable is not given, taken out of the document before it is checked and run.
//!
//! GraphQL has such a field be as if it were not written, so that its default holds. async-graphql would make it a null, which is
//! something else: clients leave optional variables out all the time.

use std::collections::HashSet;

use async_graphql::parser::types::{Directive, DocumentOperations, ExecutableDocument, OperationDefinition, Selection, SelectionSet};
use async_graphql::{Name, Positioned, Variables};
use async_graphql_value::Value;

/// Takes out of the chosen operation every input field whose variable is not given and has no default.
pub fn omit(document: &mut ExecutableDocument, operation: Option<&str>, variables: &Variables) {
    let alone = document.operations.iter().count() == 1;
    let Some(chosen) = chosen(&mut document.operations, operation) else { return };
    let absent = absent(chosen, variables);
    if absent.is_empty() {
        return;
    }
    let mut pruning = Pruning { absent, cut: HashSet::new(), kept: HashSet::new(), fields: true };
    pruning.directives(&chosen.directives);
    pruning.set(&mut chosen.selection_set.node);
    // Fragments may also belong to another operation, which then still uses its variables in them.
    pruning.fields = alone;
    for fragment in document.fragments.values_mut() {
        pruning.set(&mut fragment.node.selection_set.node);
    }
    chosen.variable_definitions.retain(|definition| {
        let name = &definition.node.name.node;
        pruning.kept.contains(name) || !pruning.cut.contains(name)
    });
}

fn chosen<'a>(operations: &'a mut DocumentOperations, name: Option<&str>) -> Option<&'a mut OperationDefinition> {
    match (operations, name) {
        (DocumentOperations::Single(operation), _) => Some(&mut operation.node),
        (DocumentOperations::Multiple(operations), Some(name)) => operations.get_mut(name).map(|operation| &mut operation.node),
        (DocumentOperations::Multiple(operations), None) => {
            (operations.len() == 1).then(|| operations.values_mut().next().map(|operation| &mut operation.node)).flatten()
        }
    }
}

/// The optional variables that are not given. That the others are is checked elsewhere.
fn absent(operation: &OperationDefinition, variables: &Variables) -> HashSet<Name> {
    let definitions = operation.variable_definitions.iter().map(|definition| &definition.node);
    definitions
        .filter(|definition| definition.var_type.node.nullable && definition.default_value.is_none())
        .map(|definition| definition.name.node.clone())
        .filter(|name| !variables.contains_key(name))
        .collect()
}

struct Pruning {
    absent: HashSet<Name>,
    /// Variables whose fields were taken out.
    cut: HashSet<Name>,
    /// Variables that the document uses elsewhere, and so has to declare.
    kept: HashSet<Name>,
    /// Whether fields may be taken out here.
    fields: bool,
}

impl Pruning {
    fn set(&mut self, set: &mut SelectionSet) {
        for selection in &mut set.items {
            match &mut selection.node {
                Selection::Field(field) => {
                    self.directives(&field.node.directives);
                    field.node.arguments.iter_mut().for_each(|(_, value)| self.value(&mut value.node));
                    self.set(&mut field.node.selection_set.node);
                }
                Selection::InlineFragment(fragment) => {
                    self.directives(&fragment.node.directives);
                    self.set(&mut fragment.node.selection_set.node);
                }
                Selection::FragmentSpread(spread) => self.directives(&spread.node.directives),
            }
        }
    }

    fn directives(&mut self, directives: &[Positioned<Directive>]) {
        for (_, value) in directives.iter().flat_map(|directive| &directive.node.arguments) {
            if let Value::Variable(name) = &value.node {
                self.kept.insert(name.clone());
            }
        }
    }

    fn value(&mut self, value: &mut Value) {
        match value {
            Value::Variable(name) => {
                self.kept.insert(name.clone());
            }
            Value::List(values) => values.iter_mut().for_each(|value| self.value(value)),
            Value::Object(fields) => {
                fields.retain(|_, value| !self.cuts(value));
                fields.values_mut().for_each(|value| self.value(value));
            }
            _ => {}
        }
    }

    fn cuts(&mut self, value: &Value) -> bool {
        match value {
            Value::Variable(name) if self.fields && self.absent.contains(name) => {
                self.cut.insert(name.clone());
                true
            }
            _ => false,
        }
    }
}
