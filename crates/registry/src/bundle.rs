//! What it takes to see a fault again at the pack author's desk: the manifest, the metric, the rows and the hash, as one JSON file in
//! the private store.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use manifest::Pack;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::guard::KEPT_ROWS;
use crate::outcome::Fault;
use crate::runtime::Batch;
use crate::{Column, vault};

/// Version of the file's format.
const FORMAT: u32 = 1;

/// A batch that a pack failed on.
#[derive(Debug, Serialize, Deserialize)]
pub struct Bundle {
    pub format: u32,
    pub at: DateTime<Utc>,
    /// Of the pack file.
    pub sha256: String,
    pub metric: String,
    pub fault: FaultText,
    /// Which row of the batch the first of these rows was.
    pub first_row: usize,
    /// How many rows the batch had.
    pub of_rows: usize,
    pub inputs: Vec<InputText>,
    /// In the manifest's order.
    pub parameters: Vec<Decimal>,
    pub manifest: Pack,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultText {
    pub code: String,
    pub message: String,
    /// Counted from `first_row`.
    pub row: Option<u64>,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct InputText {
    pub name: String,
    pub scale: u32,
    pub values: Vec<Option<Decimal>>,
}

impl Bundle {
    /// The rows around the one at fault, or the first ones.
    pub(crate) fn of(sha256: &str, pack: &Pack, batch: &Batch<'_>, fault: &Fault, at: DateTime<Utc>) -> Bundle {
        let metric = &pack.metrics[batch.metric as usize];
        let row = fault.row.and_then(|row| usize::try_from(row).ok()).filter(|&row| row < batch.rows);
        let first_row = row.map_or(0, |row| row.saturating_sub(KEPT_ROWS / 2));
        let rows = first_row..batch.rows.min(first_row + KEPT_ROWS);
        let input = |(input, column): (&manifest::Input, &Column)| InputText {
            name: input.name.clone(),
            scale: column.scale,
            values: column.values[rows.clone()].to_vec(),
        };
        Bundle {
            format: FORMAT,
            at,
            sha256: sha256.into(),
            metric: metric.key.clone(),
            fault: FaultText {
                code: fault.code.clone(),
                message: fault.message.clone(),
                row: fault.row.map(|row| row.saturating_sub(first_row as u64)),
            },
            first_row,
            of_rows: batch.rows,
            inputs: metric.inputs.iter().zip(batch.inputs).map(input).collect(),
            parameters: batch.parameters.iter().map(|argument| argument.value()).collect(),
            manifest: pack.clone(),
        }
    }
}

pub(crate) fn read(path: &Path) -> io::Result<Bundle> {
    let bundle: Bundle = serde_json::from_slice(&fs::read(path)?)?;
    let lengths = bundle.inputs.iter().map(|input| input.values.len());
    match bundle.format == FORMAT && lengths.clone().min() == lengths.max() {
        true => Ok(bundle),
        false => Err(io::Error::other("it was written by another version, or changed")),
    }
}

/// Writes it to the store, and gives the path.
pub(crate) fn write(store: &Path, bundle: &Bundle) -> io::Result<PathBuf> {
    let folder = vault::prepare(store)?.join("bundles");
    fs::create_dir_all(&folder)?;
    let Bundle { sha256, manifest, metric, at, .. } = bundle;
    let name = format!("{}.{metric}-{}-{}.json", manifest.id, &sha256[..12], at.format("%Y%m%dT%H%M%S"));
    let mut file = tempfile::Builder::new().prefix(".bundle-").tempfile_in(&folder)?;
    file.write_all(&serde_json::to_vec_pretty(bundle)?)?;
    let path = folder.join(name);
    file.persist(&path)?;
    Ok(path)
}
