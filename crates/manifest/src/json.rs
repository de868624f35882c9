//! How the parts of a manifest that serde cannot derive are read from JSON, with errors that say what would be right.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive, ToPrimitive};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::Serializer;

use crate::measure::{Bound, Comparison, Filter, Literal, Measure, Shift};
use crate::pack::{self, Kind, Need, NumberType};
use crate::{check, formula};

/// An input as written: a measure or a metric, and nothing else.
#[derive(serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("oneOf" = [{ "required": ["measure"] }, { "required": ["metric"] }]))]
pub(crate) struct Input {
    /// Snake case, unique in the metric; what the formula calls it.
    #[schemars(regex(pattern = r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$"), length(max = 64))]
    name: String,
    /// An aggregate over facts.
    measure: Option<Measure>,
    /// The whole key of another metric, such as `sales.amount`.
    metric: Option<String>,
    /// Which period it is read over, seen from the one asked for.
    #[serde(default)]
    shift: Shift,
    /// In which numbers its column comes to the code of a pack; decimals where nothing is said. Integers are for counts. Money is never
    /// a float, and a pack without code has no types.
    #[serde(rename = "type", default)]
    number: NumberType,
}

impl TryFrom<Input> for pack::Input {
    type Error = String;

    fn try_from(input: Input) -> Result<pack::Input, String> {
        let need = match (input.measure, input.metric) {
            (Some(measure), None) => Need::Measure(measure),
            (None, Some(metric)) => Need::Metric(metric),
            (Some(_), Some(_)) => return Err(format!("input `{}` has both `measure` and `metric`: give one of them", input.name)),
            (None, None) => return Err(format!("input `{}` has neither `measure` nor `metric`: give one of them", input.name)),
        };
        Ok(pack::Input { name: input.name, need, shift: input.shift, number: input.number })
    }
}

/// An example as written: a value or `"null": true`, and not both. TOML has no null of its own.
#[derive(serde::Serialize, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("oneOf" = [{ "required": ["value"] }, { "required": ["null"] }]))]
pub(crate) struct Example {
    /// Values of inputs by name; those not named are not known.
    #[serde(default)]
    inputs: BTreeMap<String, Exact>,
    /// Values of parameters by name; those not named are at their defaults.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    parameters: BTreeMap<String, Exact>,
    /// What the metric comes to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value: Option<Exact>,
    /// Whether it comes to no value.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    null: bool,
}

impl TryFrom<Example> for pack::Example {
    type Error = &'static str;

    fn try_from(example: Example) -> Result<pack::Example, &'static str> {
        let numbers = |named: BTreeMap<String, Exact>| named.into_iter().map(|(name, Exact(number))| (name, number)).collect();
        match (&example.value, example.null) {
            (Some(_), true) => Err("an example has both a `value` and `null`: give one of them"),
            (None, false) => Err("an example has neither a `value` nor `null = true`: give one of them"),
            _ => Ok(pack::Example {
                inputs: numbers(example.inputs),
                parameters: numbers(example.parameters),
                value: example.value.map(|Exact(value)| value),
            }),
        }
    }
}

impl From<pack::Example> for Example {
    fn from(example: pack::Example) -> Example {
        let numbers = |named: BTreeMap<String, Decimal>| named.into_iter().map(|(name, number)| (name, Exact(number))).collect();
        Example {
            inputs: numbers(example.inputs),
            parameters: numbers(example.parameters),
            value: example.value.map(Exact),
            null: example.value.is_none(),
        }
    }
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub(crate) struct Exact(#[serde(serialize_with = "rust_decimal::serde::str::serialize", deserialize_with = "exact")] Decimal);

/// A decimal from a string or a whole number. A fraction must stand as a string: as a JSON number it is no longer exact here.
pub(crate) fn exact<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
    exact_of(Literal::deserialize(deserializer)?).map_err(de::Error::custom)
}

fn exact_of(literal: Literal) -> Result<Decimal, String> {
    match literal {
        Literal::Number(number) => Ok(number),
        Literal::Text(text) => formula::exact(&text).ok_or_else(|| format!("`{text}` is not an exact decimal number")),
        Literal::Bool(_) => Err("expected a number, found true or false".into()),
    }
}

/// The same where there may be none: written as a string, read as `exact` does.
pub(crate) mod exact_option {
    use super::{Decimal, Deserializer};

    pub(crate) use rust_decimal::serde::str_option::serialize;

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Decimal>, D::Error> {
        super::exact(deserializer).map(Some)
    }
}

/// Something that is there, where it may be left out but not be null.
pub(crate) fn some<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Whole numbers as numbers, all others as strings: beside a field that is no number, `"1"` would be read again as a text.
pub(crate) fn shortest<S: Serializer>(number: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
    match (number.is_integer(), number.to_i64(), number.to_u64()) {
        (true, Some(whole), _) => serializer.serialize_i64(whole),
        (true, None, Some(whole)) => serializer.serialize_u64(whole),
        _ => rust_decimal::serde::str::serialize(number, serializer),
    }
}

impl<'de> Deserialize<'de> for Literal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Literal, D::Error> {
        deserializer.deserialize_any(LiteralVisitor)
    }
}

struct LiteralVisitor;

impl Visitor<'_> for LiteralVisitor {
    type Value = Literal;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a number, true or false")
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Literal, E> {
        Ok(Literal::Bool(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Literal, E> {
        Ok(Literal::Number(value.into()))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Literal, E> {
        Decimal::from_u64(value).map(Literal::Number).ok_or_else(|| E::custom(format!("{value} is too large")))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Literal, E> {
        Err(E::custom(format!("write the fraction as a string, \"{value}\", so that it stays exact")))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Literal, E> {
        Ok(Literal::Text(value.to_owned()))
    }
}

impl<'de> Deserialize<'de> for Filter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Filter, D::Error> {
        deserializer.deserialize_any(FilterVisitor)
    }
}

struct FilterVisitor;

impl<'de> Visitor<'de> for FilterVisitor {
    type Value = Filter;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a number, true, false, a list of them, or an object with gt, gte, lt, lte or known")
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Filter, E> {
        LiteralVisitor.visit_bool(value).map(Filter::Is)
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Filter, E> {
        LiteralVisitor.visit_i64(value).map(Filter::Is)
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Filter, E> {
        LiteralVisitor.visit_u64(value).map(Filter::Is)
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Filter, E> {
        LiteralVisitor.visit_f64(value).map(Filter::Is)
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Filter, E> {
        LiteralVisitor.visit_str(value).map(Filter::Is)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Filter, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(list)).map(Filter::OneOf)
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Filter, A::Error> {
        Comparison::deserialize(MapAccessDeserializer::new(object)).map(Filter::Compare)
    }
}

/// A parameter by name, as it is written: an object, so that no text can be taken for one.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    parameter: String,
}

impl serde::Serialize for Bound {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Bound::Number(number) => rust_decimal::serde::str::serialize(number, serializer),
            Bound::Parameter(name) => Named { parameter: name.clone() }.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Bound {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Bound, D::Error> {
        deserializer.deserialize_any(BoundVisitor)
    }
}

struct BoundVisitor;

impl BoundVisitor {
    fn number<E: de::Error>(literal: Result<Literal, E>) -> Result<Bound, E> {
        exact_of(literal?).map(Bound::Number).map_err(E::custom)
    }
}

impl<'de> Visitor<'de> for BoundVisitor {
    type Value = Bound;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, or a parameter as `{ \"parameter\": \"days\" }`")
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Bound, E> {
        BoundVisitor::number(LiteralVisitor.visit_i64(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Bound, E> {
        BoundVisitor::number(LiteralVisitor.visit_u64(value))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Bound, E> {
        BoundVisitor::number(LiteralVisitor.visit_f64(value))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Bound, E> {
        BoundVisitor::number(LiteralVisitor.visit_str(value))
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Bound, A::Error> {
        Named::deserialize(MapAccessDeserializer::new(object)).map(|named| Bound::Parameter(named.parameter))
    }
}

/// Texts by language, one of them English.
pub(crate) fn texts(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "required": ["en"],
        "properties": { "en": { "type": "string", "minLength": 1 } },
        "additionalProperties": { "type": "string", "minLength": 1 },
    })
}

pub(crate) fn units(_: &mut SchemaGenerator) -> Schema {
    let mut units: Vec<&str> = Kind::ALL.into_iter().flat_map(check::units).copied().collect();
    units.sort_unstable();
    units.dedup();
    json_schema!({ "type": "string", "enum": units })
}

impl JsonSchema for Exact {
    fn schema_name() -> Cow<'static, str> {
        "Exact".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A whole number, or any decimal as a text, so that it stays exact.",
            "anyOf": [{ "type": "integer" }, { "type": "string", "pattern": r"^[-+]?[0-9]+(\.[0-9]+)?$" }],
        })
    }
}

impl JsonSchema for Bound {
    fn schema_name() -> Cow<'static, str> {
        "Bound".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let number = generator.subschema_for::<Exact>();
        json_schema!({
            "description": "A number that a field is compared with, or the parameter of the metric whose value is one.",
            "anyOf": [number, {
                "type": "object",
                "properties": { "parameter": { "description": "Name of the parameter.", "type": "string" } },
                "required": ["parameter"],
                "additionalProperties": false,
            }],
        })
    }
}

impl JsonSchema for Literal {
    fn schema_name() -> Cow<'static, str> {
        "Literal".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A value that a field is compared with. A fraction stands as a text, so that it stays exact.",
            "type": ["string", "integer", "boolean"],
        })
    }
}

impl JsonSchema for Filter {
    fn schema_name() -> Cow<'static, str> {
        "Filter".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let (literal, comparison) = (generator.subschema_for::<Literal>(), generator.subschema_for::<Comparison>());
        json_schema!({
            "description": "What a field must be: a value, one of several, or within bounds. An unknown field meets no condition but `known: false`.",
            "anyOf": [literal, { "type": "array", "items": literal, "minItems": 1 }, comparison],
        })
    }
}
