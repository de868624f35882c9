//! The company as files of another system would be: a CSV file an entity, and the mapping that brings them in again.
//!
//! So the import can be measured and tested against data of any size. Values are written as a person would read them:
//! instants in UTC, amounts with their decimal point, nothing for what is unknown.

use crate::company::Company;
use crate::fill::organisation;
use chrono::{DateTime, SecondsFormat};
use rust_decimal::Decimal;
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use store::{Batch, Column, ColumnType, Value};

/// What the mapping is called, and its file beside the others.
pub const PROFILE: &str = "counterpoise-sample";

#[derive(Debug, thiserror::Error)]
#[error("{} could not be written: {source}", .path.display())]
pub struct FileError {
    pub path: PathBuf,
    pub source: std::io::Error,
}

/// Writes `<entity>.csv` for every entity and `counterpoise-sample.toml` into a folder, over what is there. Answers with
/// the number of rows.
pub fn write(company: &Company, folder: &Path, mut progress: impl FnMut(u64, u64)) -> Result<u64, FileError> {
    let mut batches = company.batches();
    let mut mapping = heading();
    let mut current: Option<Table> = None;
    let mut rows = 0;
    while let Some(batch) = batches.next() {
        let mut table = match current.take() {
            Some(table) if table.entity == batch.entity.name => table,
            finished => {
                finished.map_or(Ok(()), Table::finish)?;
                mapping.push_str(&steps(&batch));
                Table::create(folder, &batch)?
            }
        };
        table.append(&batch)?;
        current = Some(table);
        rows += batch.rows.len() as u64;
        let (made, all) = batches.progress();
        progress(made, all);
    }
    current.map_or(Ok(()), Table::finish)?;
    let path = folder.join(PROFILE).with_extension("toml");
    std::fs::write(&path, mapping).map_err(|source| FileError { path, source })?;
    Ok(rows)
}

/// The file that is being written.
struct Table {
    entity: &'static str,
    path: PathBuf,
    writer: csv::Writer<BufWriter<File>>,
}

impl Table {
    fn create(folder: &Path, batch: &Batch) -> Result<Table, FileError> {
        let path = folder.join(batch.entity.name).with_extension("csv");
        let file = File::create(&path).map_err(|source| FileError { path: path.clone(), source })?;
        let mut table = Table { entity: batch.entity.name, path, writer: csv::Writer::from_writer(BufWriter::new(file)) };
        let names: Vec<&str> = columns(batch).collect();
        table.writer.write_record(&names).map_err(|error| table.failed(error.into()))?;
        Ok(table)
    }

    fn append(&mut self, batch: &Batch) -> Result<(), FileError> {
        for (key, row) in batch.keys.iter().zip(&batch.rows) {
            self.write_row(key, &batch.columns, row).map_err(|error| self.failed(error.into()))?;
        }
        Ok(())
    }

    fn write_row(&mut self, key: &str, columns: &[&Column], row: &[Value]) -> csv::Result<()> {
        self.writer.write_field(key)?;
        for (column, value) in columns.iter().zip(row) {
            self.writer.write_field(written(column.column_type, value))?;
        }
        self.writer.write_record(None::<&[u8]>)
    }

    fn finish(mut self) -> Result<(), FileError> {
        self.writer.flush().map_err(|source| self.failed(source))
    }

    fn failed(&self, source: std::io::Error) -> FileError {
        FileError { path: self.path.clone(), source }
    }
}

/// A value as text; the empty text for what is unknown.
fn written(column_type: ColumnType, value: &Value) -> String {
    match (column_type, value) {
        (_, Value::Null) => String::new(),
        (ColumnType::Money | ColumnType::Number, Value::Integer(integer)) => Decimal::new(*integer, 4).normalize().to_string(),
        (ColumnType::Duration, Value::Integer(integer)) => Decimal::new(*integer, 6).normalize().to_string(),
        (ColumnType::Instant, Value::Integer(micros)) => DateTime::from_timestamp_micros(*micros)
            .map_or_else(String::new, |instant| instant.to_rfc3339_opts(SecondsFormat::Micros, true)),
        (_, value) => value.to_string(),
    }
}

fn columns(batch: &Batch) -> impl Iterator<Item = &'static str> {
    ["external_key"].into_iter().chain(batch.columns.iter().map(|column| column.name))
}

fn heading() -> String {
    let who = organisation();
    format!(
        "name = {PROFILE:?}\nabout = \"The generated company, from the files that were written with this mapping.\"\n\n\
         [organisation]\nname = {:?}\ncurrency = {:?}\ntime_zone = {:?}\n",
        who.name, who.currency, who.time_zone
    )
}

/// How an entity's file is read and what becomes of its columns.
fn steps(batch: &Batch) -> String {
    let entity = batch.entity.name;
    let set: String = columns(batch).map(|column| format!("{column} = {column:?}\n")).collect();
    format!(
        "\n[file.{entity}]\npath = \"{entity}.csv\"\ndate = [\"%+\", \"%Y-%m-%d\"]\n\n\
         [[record]]\nentity = {entity:?}\nfrom = {entity:?}\n[record.set]\n{set}"
    )
}
