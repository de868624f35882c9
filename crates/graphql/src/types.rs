//! What the schema's fields return, for the passes before and after execution. async-graphql keeps its own registry to itself, so this
//! is taken from one that is filled the same way.

use std::collections::HashMap;

use async_graphql::parser::types::OperationType;
use async_graphql::registry::Registry;
use async_graphql::{ObjectType, SubscriptionType};

/// Output types by name, with the type of each field as it is written in the schema.
pub struct Types {
    fields: HashMap<String, HashMap<String, String>>,
    query: String,
    mutation: String,
    subscription: String,
}

impl Types {
    pub fn of<Query: ObjectType, Mutation: ObjectType, Subscription: SubscriptionType>() -> Types {
        let mut registry = Registry::default();
        Query::create_type_info(&mut registry);
        Mutation::create_type_info(&mut registry);
        Subscription::create_type_info(&mut registry);
        let fields = registry.types.iter().filter_map(|(name, ty)| {
            let fields = ty.fields()?.values().map(|field| (field.name.clone(), field.ty.clone()));
            Some((name.clone(), fields.collect()))
        });
        Types {
            fields: fields.collect(),
            query: Query::type_name().into_owned(),
            mutation: Mutation::type_name().into_owned(),
            subscription: Subscription::type_name().into_owned(),
        }
    }

    pub fn root(&self, operation: OperationType) -> &str {
        match operation {
            OperationType::Mutation => &self.mutation,
            OperationType::Query => &self.query,
            OperationType::Subscription => &self.subscription,
        }
    }

    /// The type of a field, `[Order!]!`.
    pub fn field(&self, parent: &str, field: &str) -> Option<&str> {
        Some(self.fields.get(parent)?.get(field)?)
    }
}

/// The name in a type: `[Order!]!` → `Order`.
pub fn named(ty: &str) -> &str {
    ty.trim_matches(['[', ']', '!'])
}

/// The type of the elements of a list type, which may stand with its `!`.
pub fn element(ty: &str) -> Option<&str> {
    ty.strip_suffix('!').unwrap_or(ty).strip_prefix('[')?.strip_suffix(']')
}
