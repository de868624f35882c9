//! The demo company in memory, to look at.

use sample::{Company, Scale};
use std::collections::HashMap;
use std::sync::LazyLock;
use store::Value;

pub type Record = HashMap<&'static str, Value>;

static DEMO: LazyLock<HashMap<&'static str, Vec<Record>>> = LazyLock::new(|| {
    let mut tables: HashMap<&'static str, Vec<Record>> = HashMap::new();
    for batch in Company::generate(&Scale::demo(), 1).batches() {
        let table = tables.entry(batch.entity.name).or_default();
        for (key, row) in batch.keys.into_iter().zip(batch.rows) {
            let mut record: Record = batch.columns.iter().map(|column| column.name).zip(row).collect();
            record.insert("external_key", Value::Text(key));
            table.push(record);
        }
    }
    tables
});

/// All records of an entity in the demo company of seed 1.
pub fn records(entity: &str) -> &'static [Record] {
    &DEMO[entity]
}

pub fn integer(record: &Record, column: &str) -> Option<i64> {
    match &record[column] {
        Value::Integer(integer) => Some(*integer),
        Value::Null => None,
        other => panic!("{column} holds {other:?}"),
    }
}

pub fn text<'a>(record: &'a Record, column: &str) -> Option<&'a str> {
    match &record[column] {
        Value::Text(text) => Some(text),
        Value::Null => None,
        other => panic!("{column} holds {other:?}"),
    }
}

pub fn truth(record: &Record, column: &str) -> Option<bool> {
    match &record[column] {
        Value::Bool(truth) => Some(*truth),
        Value::Null => None,
        other => panic!("{column} holds {other:?}"),
    }
}

/// Year and month of an instant.
pub fn month(record: &Record, column: &str) -> Option<(i32, u32)> {
    use chrono::Datelike;
    let instant = chrono::DateTime::from_timestamp_micros(integer(record, column)?).unwrap();
    Some((instant.year(), instant.month()))
}

/// How many of the records hold, in per mille.
pub fn per_mille<'a>(records: impl Iterator<Item = &'a Record>, holds: impl Fn(&Record) -> bool) -> u64 {
    let (mut all, mut held) = (0, 0);
    for record in records {
        all += 1;
        held += u64::from(holds(record));
    }
    assert!(all > 0, "there is nothing to take a share of");
    held * 1000 / all
}
