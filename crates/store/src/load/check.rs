//! What can be seen to be wrong with a batch without asking the database.

use std::collections::HashMap;

use chrono::DateTime;

use super::{Batch, Reject};
use crate::entity::{Column, ColumnType};
use crate::value::Value;
use crate::{Error, Result};

/// Longer keys do not fit into PostgreSQL's indexes.
const KEY_BYTES: usize = 1000;

pub(super) const KEY: &str = "external_key";

/// Everything wrong with the rows; an error where the batch itself makes no sense.
pub(super) fn faults(batch: &Batch) -> Result<Vec<Reject>> {
    check_shape(batch)?;
    let mut rejects = Vec::new();
    let mut seen = HashMap::with_capacity(batch.keys.len());
    for (row, (key, values)) in batch.keys.iter().zip(&batch.rows).enumerate() {
        let mut reject = |column, value: String, reason: String| rejects.push(Reject { batch: 0, row, column, value, reason });
        if let Some(reason) = fault_of_key(key) {
            reject(KEY, key.clone(), reason);
        } else if let Some(first) = seen.insert(key.as_str(), row) {
            reject(KEY, key.clone(), format!("the key is already that of row {first} in the same batch"));
        }
        for (column, value) in batch.columns.iter().zip(values) {
            if let Some(reason) = fault_of_value(column, value) {
                reject(column.name, value.to_string(), reason);
            }
        }
        if let Some((column, value, reason)) = fault_of_subject(batch, values) {
            reject(column, value, reason);
        }
    }
    Ok(rejects)
}

fn check_shape(batch: &Batch) -> Result<()> {
    let fault = |reason: String| Err(Error::Invalid { what: format!("a batch of {}", batch.entity.name), reason });
    let has = |name: &str| batch.columns.iter().any(|column| column.name == name);
    for (index, column) in batch.columns.iter().enumerate() {
        if batch.entity.column(column.name).is_none_or(|known| known.sql != column.sql) {
            return fault(format!("it has no column `{}`", column.name));
        }
        if batch.columns[..index].iter().any(|other| other.name == column.name) {
            return fault(format!("the column `{}` is there twice", column.name));
        }
        if column.column_type == ColumnType::Subject && !has("subject_kind") {
            return fault(format!("`{}` needs the column `subject_kind` beside it", column.name));
        }
    }
    if has("subject_kind") && batch.columns.iter().all(|column| column.column_type != ColumnType::Subject) {
        return fault("`subject_kind` needs the column `subject` beside it".into());
    }
    if batch.keys.len() != batch.rows.len() {
        return fault(format!("it has {} keys for {} rows", batch.keys.len(), batch.rows.len()));
    }
    match batch.rows.iter().position(|row| row.len() != batch.columns.len()) {
        Some(row) => fault(format!("row {row} has {} values for {} columns", batch.rows[row].len(), batch.columns.len())),
        None => Ok(()),
    }
}

fn fault_of_key(key: &str) -> Option<String> {
    if key.is_empty() {
        Some("the key is empty".into())
    } else if key.len() > KEY_BYTES {
        Some(format!("the key is {} bytes long, and no more than {KEY_BYTES} are allowed", key.len()))
    } else {
        fault_of_text(key)
    }
}

fn fault_of_text(text: &str) -> Option<String> {
    text.contains('\0').then(|| "the text contains a zero character, which a database cannot hold".into())
}

fn fault_of_value(column: &Column, value: &Value) -> Option<String> {
    use ColumnType as Type;
    match (column.column_type, value) {
        (Type::Subject, Value::Null) => None,
        (_, Value::Null) if column.required => Some("a value must be given".into()),
        (_, Value::Null) => None,
        (Type::OneOf(values), Value::Text(text)) if !values.contains(&text.as_str()) => {
            Some(format!("expected one of {}", values.join(", ")))
        }
        (Type::Text | Type::OneOf(_) | Type::Reference(_) | Type::Subject, Value::Text(text)) => fault_of_text(text),
        (Type::Instant, Value::Integer(micros)) if DateTime::from_timestamp_micros(*micros).is_none() => {
            Some("the instant lies beyond the calendar".into())
        }
        (Type::Money | Type::Number | Type::Integer | Type::Duration | Type::Instant, Value::Integer(_)) => None,
        (Type::Day, Value::Day(_)) | (Type::Bool, Value::Bool(_)) => None,
        (expected, _) => Some(format!("expected {}", spoken(expected))),
    }
}

fn fault_of_subject(batch: &Batch, values: &[Value]) -> Option<(&'static str, String, String)> {
    let at = |wanted: fn(&Column) -> bool| batch.columns.iter().position(|column| wanted(column));
    let subject = at(|column| column.column_type == ColumnType::Subject)?;
    let kind = at(|column| column.name == "subject_kind")?;
    let of_organisation = values[kind] == Value::text("ORGANISATION");
    let reason = match (of_organisation, &values[subject]) {
        (true, Value::Null) => return None,
        (true, _) => "the organisation is one and has no key; leave the subject out",
        (false, Value::Null) => "the subject must be given",
        (false, _) => return None,
    };
    Some((batch.columns[subject].name, values[subject].to_string(), reason.into()))
}

fn spoken(column_type: ColumnType) -> &'static str {
    match column_type {
        ColumnType::Text | ColumnType::OneOf(_) => "a text",
        ColumnType::Money => "an amount",
        ColumnType::Number => "a number",
        ColumnType::Integer => "a whole number",
        ColumnType::Duration => "a duration",
        ColumnType::Instant => "an instant",
        ColumnType::Day => "a day",
        ColumnType::Bool => "true or false",
        ColumnType::Reference(_) | ColumnType::Subject => "the key of another record",
    }
}
