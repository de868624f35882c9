//! A mapping file as it is written: the serde types, one to one with the keys of MAPPING.md.
//!
//! Every table refuses keys it does not know. Whether names and values make sense is decided in `check.rs`.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use toml::Spanned;

mod either;

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
    #[serde(default)]
    pub expect: Many<Condition>,
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
    pub with: BTreeMap<String, Value>,
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
    pub plus_hours: Option<Scalar>,
    pub minus_hours: Option<Scalar>,
    pub plus_minutes: Option<Scalar>,
    pub minus_minutes: Option<Scalar>,
    pub plus_seconds: Option<Scalar>,
    pub minus_seconds: Option<Scalar>,
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
