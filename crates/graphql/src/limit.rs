//! How much one document may ask for, checked before anything is validated or run.
//!
//! Complexity counts fields, and what stands below a list counts once for each record that the list may hold. So it is about what a
//! request would compute, not about how long its text is. Fragments are weighed once each: a document cannot make the weighing itself
//! expensive by spreading fragments in fragments.

use std::collections::{HashMap, HashSet};

use async_graphql::parser::types::{ExecutableDocument, Field, Selection, SelectionSet};
use async_graphql::{Positioned, Value, Variables};

use crate::error::{Code, Fail};
use crate::types::{Types, named};

/// Records on a page where the document does not say.
pub const DEFAULT_PAGE: i64 = 100;
/// Elements that a list without a page argument is taken to have.
const LIST: u64 = 10;

/// Bounds of one document. Each is meant to be far above what an honest client asks for.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Fields in fields.
    pub depth: u64,
    /// Fields, each times the records it is asked of.
    pub complexity: u64,
    /// Fields as written, with fragments spread out.
    pub fields: u64,
    /// Fields with another name than their own, as written.
    pub aliases: u64,
    /// Directives, as written.
    pub directives: u64,
    /// Records on one page.
    pub page: i64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { depth: 24, complexity: 1_000_000, fields: 5_000, aliases: 200, directives: 50, page: 1_000 }
    }
}

/// Refuses a document that goes beyond a limit, and says which.
pub fn check(document: &ExecutableDocument, variables: &Variables, types: &Types, limits: &Limits) -> Result<(), Fail> {
    let mut scale = Scale { document, variables, types, weighed: HashMap::new(), open: HashSet::new() };
    for (_, operation) in document.operations.iter() {
        let root = types.root(operation.node.ty);
        let directives = operation.node.directives.len() as u64;
        let weight = scale.set(&operation.node.selection_set.node, root)?.plus(Weight { directives, ..Weight::default() });
        weight.within(limits)?;
    }
    Ok(())
}

#[derive(Clone, Copy, Debug, Default)]
struct Weight {
    depth: u64,
    complexity: u64,
    fields: u64,
    aliases: u64,
    directives: u64,
}

impl Weight {
    fn plus(self, other: Weight) -> Weight {
        Weight {
            depth: self.depth.max(other.depth),
            complexity: self.complexity.saturating_add(other.complexity),
            fields: self.fields.saturating_add(other.fields),
            aliases: self.aliases.saturating_add(other.aliases),
            directives: self.directives.saturating_add(other.directives),
        }
    }

    fn within(&self, limits: &Limits) -> Result<(), Fail> {
        let bounds = [
            ("depth", self.depth, limits.depth, "nest fewer fields"),
            ("number of fields", self.fields, limits.fields, "ask in several requests"),
            ("number of aliases", self.aliases, limits.aliases, "ask in several requests"),
            ("number of directives", self.directives, limits.directives, "ask in several requests"),
            ("complexity", self.complexity, limits.complexity, "ask for smaller pages (`first`), or in several requests"),
        ];
        match bounds.into_iter().find(|(_, found, limit, _)| found > limit) {
            Some((what, found, limit, advice)) => {
                Err(Fail::too_complex(format!("the document's {what} is {found}, the limit is {limit}: {advice}")))
            }
            None => Ok(()),
        }
    }
}

struct Scale<'a> {
    document: &'a ExecutableDocument,
    variables: &'a Variables,
    types: &'a Types,
    weighed: HashMap<&'a str, Weight>,
    open: HashSet<&'a str>,
}

impl<'a> Scale<'a> {
    fn set(&mut self, set: &'a SelectionSet, parent: &str) -> Result<Weight, Fail> {
        set.items.iter().try_fold(Weight::default(), |sum, selection| {
            let directives = selection.node.directives().len() as u64;
            let weight = match &selection.node {
                Selection::Field(field) => self.field(field, parent)?,
                Selection::InlineFragment(fragment) => {
                    let parent = fragment.node.type_condition.as_ref().map_or(parent, |on| on.node.on.node.as_str());
                    self.set(&fragment.node.selection_set.node, parent)?
                }
                Selection::FragmentSpread(spread) => self.fragment(spread.node.fragment_name.node.as_str())?,
            };
            Ok(sum.plus(weight).plus(Weight { directives, ..Weight::default() }))
        })
    }

    fn field(&mut self, field: &'a Positioned<Field>, parent: &str) -> Result<Weight, Fail> {
        let field = &field.node;
        let name = field.name.node.as_str();
        let ty = self.types.field(parent, name).unwrap_or("");
        let below = self.set(&field.selection_set.node, named(ty))?;
        let factor = self.factor(field, parent, ty);
        Ok(Weight {
            depth: below.depth + 1,
            complexity: below.complexity.saturating_mul(factor).saturating_add(1),
            fields: below.fields.saturating_add(1),
            aliases: below.aliases + u64::from(field.alias.is_some()),
            directives: below.directives,
        })
    }

    fn fragment(&mut self, name: &'a str) -> Result<Weight, Fail> {
        if let Some(weight) = self.weighed.get(name) {
            // Aliases and directives count as they are written: one fragment over the metrics of a dashboard is one fragment.
            return Ok(Weight { aliases: 0, directives: 0, ..*weight });
        }
        let Some(fragment) = self.document.fragments.get(name) else {
            // Validation names it.
            return Ok(Weight::default());
        };
        if !self.open.insert(name) {
            return Err(Fail { code: Code::ValidationFailed, message: format!("the fragment `{name}` contains itself") });
        }
        let weight = self.set(&fragment.node.selection_set.node, fragment.node.type_condition.node.on.node.as_str())?;
        self.open.remove(name);
        self.weighed.insert(name, weight);
        Ok(weight)
    }

    /// How many times what stands below a field is computed for one record of its parent.
    fn factor(&self, field: &Field, parent: &str, ty: &str) -> u64 {
        let page = ["first", "last"].into_iter().find_map(|name| self.number(field, name));
        if named(ty).ends_with("Connection") {
            return page.unwrap_or(DEFAULT_PAGE as u64);
        }
        if !ty.contains('[') || parent.ends_with("Connection") {
            return 1;
        }
        page.or_else(|| ["ids", "from"].into_iter().find_map(|name| self.length(field, name))).unwrap_or(LIST)
    }

    fn number(&self, field: &Field, name: &str) -> Option<u64> {
        match self.argument(field, name)? {
            Value::Number(number) => number.as_u64(),
            _ => None,
        }
    }

    fn length(&self, field: &Field, name: &str) -> Option<u64> {
        match self.argument(field, name)? {
            Value::List(list) => Some(list.len() as u64),
            _ => Some(1),
        }
    }

    fn argument(&self, field: &Field, name: &str) -> Option<Value> {
        let value = field.get_argument(name)?.node.clone();
        value.into_const_with(|name| self.variables.get(&name).cloned().ok_or(())).ok()
    }
}
