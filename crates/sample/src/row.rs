//! Rows as the store takes them, and the sections of the company that make them.

use crate::company::Company;
use chrono::NaiveDate;
use store::Value;

/// A record on its way into the store; the values stand in the order of the section's columns.
pub struct Row {
    pub key: String,
    pub values: Vec<Value>,
}

/// All records of one entity: `write` adds the rows (none, one or several) of the thing with a number below `things`.
pub struct Section {
    pub entity: &'static str,
    /// Without the key.
    pub columns: &'static [&'static str],
    pub things: u64,
    pub write: fn(&Company, u64, &mut Vec<Row>),
}

/// What can stand in a row.
pub trait Cell {
    fn cell(self) -> Value;
}

impl Cell for Value {
    fn cell(self) -> Value {
        self
    }
}

impl Cell for String {
    fn cell(self) -> Value {
        Value::Text(self)
    }
}

impl Cell for &str {
    fn cell(self) -> Value {
        Value::Text(self.to_owned())
    }
}

impl Cell for i64 {
    fn cell(self) -> Value {
        Value::Integer(self)
    }
}

impl Cell for NaiveDate {
    fn cell(self) -> Value {
        Value::Day(self)
    }
}

impl Cell for bool {
    fn cell(self) -> Value {
        Value::Bool(self)
    }
}

impl<T: Cell> Cell for Option<T> {
    fn cell(self) -> Value {
        self.map_or(Value::Null, Cell::cell)
    }
}

/// A row from its key and its cells.
macro_rules! row {
    ($key:expr, $($cell:expr),* $(,)?) => {
        $crate::row::Row { key: $key.into(), values: vec![$($crate::row::Cell::cell($cell)),*] }
    };
}
pub(crate) use row;

/// The key of the thing with a number.
pub fn key(prefix: &str, number: u64) -> String {
    let mut key = String::with_capacity(prefix.len() + 8);
    key.push_str(prefix);
    key.push_str(&(number + 1).to_string());
    key
}
