//! Types that exist only at run time, written into async-graphql's registry: those of packs, and those of the store's entities.
//!
//! Their fields are known when the schema is built, not when this crate is; everything else derives.

use async_graphql::registry::{Deprecation, MetaEnumValue, MetaField, MetaInputValue, MetaType, Registry};

/// An output field, with arguments if it takes any.
pub fn field(name: &str, ty: impl Into<String>, about: impl Into<String>, args: Vec<MetaInputValue>) -> MetaField {
    MetaField {
        name: name.to_owned(),
        description: Some(about.into()),
        args: args.into_iter().map(|arg| (arg.name.clone(), arg)).collect(),
        ty: ty.into(),
        deprecation: Deprecation::NoDeprecated,
        cache_control: Default::default(),
        external: false,
        requires: None,
        provides: None,
        visible: None,
        shareable: false,
        inaccessible: false,
        tags: Vec::new(),
        override_from: None,
        compute_complexity: None,
        directive_invocations: Vec::new(),
        requires_scopes: Vec::new(),
    }
}

/// An argument, or a field of an input object.
pub fn input(name: &str, ty: impl Into<String>, about: impl Into<String>) -> MetaInputValue {
    MetaInputValue {
        name: name.to_owned(),
        description: Some(about.into()),
        ty: ty.into(),
        deprecation: Deprecation::NoDeprecated,
        default_value: None,
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        is_secret: false,
        directive_invocations: Vec::new(),
    }
}

/// Registers an object type.
pub fn object(registry: &mut Registry, name: &str, about: impl Into<String>, fields: Vec<MetaField>) {
    let meta = MetaType::Object {
        name: name.to_owned(),
        description: Some(about.into()),
        fields: fields.into_iter().map(|field| (field.name.clone(), field)).collect(),
        cache_control: Default::default(),
        extends: false,
        shareable: false,
        resolvable: true,
        keys: None,
        visible: None,
        inaccessible: false,
        interface_object: false,
        tags: Vec::new(),
        is_subscription: false,
        rust_typename: None,
        directive_invocations: Vec::new(),
        requires_scopes: Vec::new(),
    };
    registry.types.insert(name.to_owned(), meta);
}

/// Registers an interface and says which objects implement it.
pub fn interface(registry: &mut Registry, name: &str, about: &str, fields: Vec<MetaField>, objects: &[String]) {
    let meta = MetaType::Interface {
        name: name.to_owned(),
        description: Some(about.to_owned()),
        fields: fields.into_iter().map(|field| (field.name.clone(), field)).collect(),
        possible_types: objects.iter().cloned().collect(),
        extends: false,
        keys: None,
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        rust_typename: None,
        directive_invocations: Vec::new(),
        requires_scopes: Vec::new(),
    };
    registry.types.insert(name.to_owned(), meta);
    for object in objects {
        registry.add_implements(object, name);
    }
}

/// Registers an input object; `one_of` where exactly one field must be given.
pub fn input_object(registry: &mut Registry, name: &str, about: impl Into<String>, fields: Vec<MetaInputValue>, one_of: bool) {
    let meta = MetaType::InputObject {
        name: name.to_owned(),
        description: Some(about.into()),
        input_fields: fields.into_iter().map(|field| (field.name.clone(), field)).collect(),
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        rust_typename: None,
        oneof: one_of,
        directive_invocations: Vec::new(),
    };
    registry.types.insert(name.to_owned(), meta);
}

/// Registers an enum type.
pub fn enumeration(
    registry: &mut Registry,
    name: &str,
    about: impl Into<String>,
    values: impl IntoIterator<Item = (String, Option<String>)>,
) {
    let value = |(name, description): (String, Option<String>)| MetaEnumValue {
        name,
        description,
        deprecation: Deprecation::NoDeprecated,
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        directive_invocations: Vec::new(),
    };
    let meta = MetaType::Enum {
        name: name.to_owned(),
        description: Some(about.into()),
        enum_values: values.into_iter().map(value).map(|value| (value.name.clone(), value)).collect(),
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        rust_typename: None,
        directive_invocations: Vec::new(),
        requires_scopes: Vec::new(),
    };
    registry.types.insert(name.to_owned(), meta);
}

/// Whether a type still has to be registered; marks it, so that types may refer to each other in circles.
pub fn claim(registry: &mut Registry, name: &str) -> bool {
    if registry.types.contains_key(name) {
        return false;
    }
    object(registry, name, "", Vec::new());
    true
}

/// `order_line` → `OrderLine`.
pub fn pascal(snake: &str) -> String {
    snake
        .split('_')
        .flat_map(|word| {
            let mut letters = word.chars();
            letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters.collect::<Vec<_>>())
        })
        .collect()
}

/// `order_line` → `orderLine`.
pub fn camel(snake: &str) -> String {
    let pascal = pascal(snake);
    let mut letters = pascal.chars();
    letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect()
}

/// `order_line` → `ORDER_LINE`.
pub fn screaming(snake: &str) -> String {
    snake.to_ascii_uppercase()
}

/// `activity` → `activities`.
pub fn plural(singular: &str) -> String {
    match singular.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
        _ => format!("{singular}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_as_graphql_writes_them() {
        assert_eq!((pascal("order_line").as_str(), camel("first_contact_rate_7d").as_str()), ("OrderLine", "firstContactRate7d"));
        assert_eq!(
            [plural("activity"), plural("order_line"), plural("survey_response")],
            ["activities", "order_lines", "survey_responses"]
        );
    }
}
