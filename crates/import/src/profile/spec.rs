//! A mapping file as it is written: the serde types, one to one with the keys of MAPPING.md.
//!
//! Every table refuses keys it does not know. Whether names and values make sense is decided in `check.rs`.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer, value::SeqAccessDeserializer};
use toml::Spanned;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    pub name: String,
    #[serde(default)]
    pub about: String,
    pub organisation: Option<Spanned<Organisation>>,
    #[serde(default)]
    pub file: BTreeMap<String, Spanned<File>>,
    #[serde(default)]
    pub map: BTreeMap<String, BTreeMap<String, Scalar>>,
    #[serde(default)]
    pub record: Vec<Spanned<Record>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Organisation {
    pub name: String,
    pub currency: String,
    pub time_zone: String,
    #[serde(default = "monday")]
    pub week_start: String,
    #[serde(default = "january")]
    pub fiscal_year_start: u32,
}

fn monday() -> String {
    "MONDAY".into()
}

fn january() -> u32 {
    1
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    pub path: String,
    #[serde(default)]
    pub format: Format,
    #[serde(default = "comma")]
    pub separator: String,
    #[serde(default = "double_quote")]
    pub quote: String,
    #[serde(default = "yes")]
    pub header: bool,
    #[serde(default)]
    pub columns: Vec<String>,
    #[serde(default = "utf8")]
    pub encoding: String,
    #[serde(default = "yes")]
    pub trim: bool,
    #[serde(default = "empty_is_unknown")]
    pub null: Vec<String>,
    #[serde(default)]
    pub date: Many<String>,
    pub time_zone: Option<String>,
    #[serde(default = "point")]
    pub decimal_mark: String,
    #[serde(default)]
    pub thousands_mark: String,
}

fn comma() -> String {
    ",".into()
}

fn double_quote() -> String {
    "\"".into()
}

fn yes() -> bool {
    true
}

fn utf8() -> String {
    "utf-8".into()
}

fn empty_is_unknown() -> Vec<String> {
    vec![String::new()]
}

fn point() -> String {
    ".".into()
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    #[default]
    Csv,
    Blanks,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    pub entity: Spanned<String>,
    pub from: Option<Spanned<String>>,
    /// Rows written in the mapping itself; their keys are the columns of the entity.
    #[serde(default)]
    pub rows: Vec<BTreeMap<String, Scalar>>,
    #[serde(default)]
    pub when: Many<Condition>,
    pub unpivot: Option<Unpivot>,
    #[serde(default)]
    pub repeats: Repeats,
    #[serde(default)]
    pub set: BTreeMap<String, Spanned<Value>>,
}

/// What several rows with the same external key mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Repeats {
    #[default]
    Error,
    Same,
    First,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unpivot {
    pub columns: Labels,
    pub name: String,
    pub value: String,
}

/// Columns to turn into rows: a list, or a table that gives each a label.
#[derive(Clone, Debug)]
pub struct Labels(pub Vec<(String, String)>);

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    pub column: ColumnName,
    pub is: Option<Scalar>,
    pub is_not: Option<Scalar>,
    #[serde(rename = "in")]
    pub one_of: Option<Vec<Scalar>>,
    pub not_in: Option<Vec<Scalar>>,
    pub known: Option<bool>,
    pub gt: Option<Scalar>,
    pub gte: Option<Scalar>,
    pub lt: Option<Scalar>,
    pub lte: Option<Scalar>,
}

/// What a column of a record is made of; a mere string stands for `{ column = "…" }`.
#[derive(Clone, Debug, Default)]
pub struct Value(pub ValueTable);

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValueTable {
    pub column: Option<ColumnName>,
    pub constant: Option<Scalar>,
    pub template: Option<String>,
    pub formula: Option<String>,
    #[serde(default)]
    pub row_number: bool,
    #[serde(default)]
    pub with: BTreeMap<String, ColumnName>,
    #[serde(default)]
    pub remove: Many<String>,
    #[serde(default)]
    pub whole: bool,
    pub map: Option<Map>,
    pub unmapped: Option<Policy>,
    #[serde(default)]
    pub bands: Vec<Band>,
    pub lookup: Option<Lookup>,
    pub default: Option<Scalar>,
    #[serde(default)]
    pub when: Many<Condition>,
    #[serde(default)]
    pub date: Many<String>,
    pub time_zone: Option<String>,
    pub plus_months: Option<Scalar>,
    pub minus_months: Option<Scalar>,
    pub plus_days: Option<Scalar>,
    pub minus_days: Option<Scalar>,
    pub unit: Option<Unit>,
    #[serde(default)]
    pub round: bool,
    #[serde(default)]
    pub create: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lookup {
    pub file: String,
    pub by: ColumnName,
    pub take: ColumnName,
    #[serde(default)]
    pub missing: Policy,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Band {
    pub up_to: Option<Scalar>,
    pub is: Scalar,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Policy {
    #[default]
    Error,
    Keep,
    Null,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    Seconds,
    Minutes,
    Hours,
    Days,
    /// `1:02:03` or `2:03`.
    Clock,
}

/// A shared map by its name, or one written in place.
#[derive(Clone, Debug)]
pub enum Map {
    Named(String),
    Inline(BTreeMap<String, Scalar>),
}

/// A column by its name, or by its number from 1.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ColumnName {
    Name(String),
    Number(usize),
}

impl fmt::Display for ColumnName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ColumnName::Name(name) => f.write_str(name),
            ColumnName::Number(number) => write!(f, "{number}"),
        }
    }
}

/// Any plain TOML value, as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scalar(pub String);

/// One value or a list of them.
#[derive(Clone, Debug)]
pub struct Many<T>(pub Vec<T>);

impl<T> Default for Many<T> {
    fn default() -> Self {
        Many(Vec::new())
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match toml::Value::deserialize(deserializer)? {
            toml::Value::String(text) => Ok(Scalar(text)),
            toml::Value::Integer(number) => Ok(Scalar(number.to_string())),
            toml::Value::Boolean(truth) => Ok(Scalar(truth.to_string())),
            toml::Value::Datetime(date) => Ok(Scalar(date.to_string())),
            // A float has already lost the digits that were written; text keeps them.
            toml::Value::Float(_) => Err(D::Error::custom("write a number with decimals as a text, in quotes, so that it stays exact")),
            _ => Err(D::Error::custom("expected a text, a whole number, true, false or a date")),
        }
    }
}

impl<'de> Deserialize<'de> for ColumnName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match toml::Value::deserialize(deserializer)? {
            toml::Value::String(name) => Ok(ColumnName::Name(name)),
            toml::Value::Integer(number) if number > 0 => Ok(ColumnName::Number(number as usize)),
            _ => Err(D::Error::custom("expected the name of a column, or its number counted from 1")),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Value;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("the name of a column, its number, or a table such as { column = \"…\" }")
            }
            fn visit_str<E: Error>(self, name: &str) -> Result<Value, E> {
                Ok(from_column(ColumnName::Name(name.into())))
            }
            fn visit_i64<E: Error>(self, number: i64) -> Result<Value, E> {
                let number = usize::try_from(number).ok().filter(|number| *number > 0);
                number.map(|number| from_column(ColumnName::Number(number))).ok_or_else(|| E::custom("columns are counted from 1"))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Value, A::Error> {
                ValueTable::deserialize(MapAccessDeserializer::new(map)).map(Value)
            }
        }
        deserializer.deserialize_any(Either)
    }
}

fn from_column(column: ColumnName) -> Value {
    Value(ValueTable { column: Some(column), ..ValueTable::default() })
}

impl<'de> Deserialize<'de> for Map {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Map;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("the name of a map, or a table of values")
            }
            fn visit_str<E: Error>(self, name: &str) -> Result<Map, E> {
                Ok(Map::Named(name.into()))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Map, A::Error> {
                BTreeMap::deserialize(MapAccessDeserializer::new(map)).map(Map::Inline)
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl<'de> Deserialize<'de> for Labels {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Labels;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a list of columns, or a table from column to label")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Labels, A::Error> {
                let columns = Vec::<String>::deserialize(SeqAccessDeserializer::new(seq))?;
                Ok(Labels(columns.into_iter().map(|column| (column.clone(), column)).collect()))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Labels, A::Error> {
                let labels = BTreeMap::<String, Scalar>::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Labels(labels.into_iter().map(|(column, label)| (column, label.0)).collect()))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Many<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Either<T> {
            type Value = Many<T>;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("one, or a list")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Many<T>, E> {
                T::deserialize(serde::de::value::StrDeserializer::new(text)).map(|one| Many(vec![one]))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Many<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(|one| Many(vec![one]))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Many<T>, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(seq)).map(Many)
            }
        }
        deserializer.deserialize_any(Either(std::marker::PhantomData))
    }
}
