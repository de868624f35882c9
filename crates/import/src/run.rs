//! Runs a profile over a folder: step after step, row after row, batch after batch.
//!
//! Every file is opened and every column found before anything is loaded. With `OnError::Stop` the whole import is one
//! transaction: the first bad row undoes all of it. With `OnError::Skip` each batch is a transaction of its own, and bad rows
//! are left out and reported, together with the rows that refer to them.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::Ordering;

use csv::StringRecord;
use store::Store;
use store::load::Loaded;

use crate::error::{BadRow, ImportError};
use crate::lookup::Table;
use crate::open::Opened;
use crate::profile::{Feed, FilePlan, Profile, Step};
use crate::read::Reader;

mod flush;
mod pending;
mod sink;
mod step;

use pending::LoadedKeys;
use sink::Sink;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnError {
    /// The first bad row ends the import, and nothing of it stays in the store.
    #[default]
    Stop,
    /// Bad rows are reported and left out.
    Skip,
}

pub struct Options<'a> {
    pub on_error: OnError,
    pub batch_rows: usize,
    /// Told after every batch.
    pub progress: &'a mut (dyn FnMut(Progress) + Send),
}

/// How far an import has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    pub entity: &'static str,
    pub file: String,
    /// The step in hand, from 1, and how many there are.
    pub step: usize,
    pub steps: usize,
    /// Of the file, as it lies on the disk.
    pub bytes: u64,
    pub bytes_total: u64,
    /// Read in this step so far.
    pub rows: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// In the order in which entities were first met.
    pub entities: Vec<EntitySummary>,
    /// The first bad rows, at most [`Summary::LISTED`] of them.
    pub bad: Vec<BadRow>,
    /// All bad rows.
    pub bad_count: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntitySummary {
    pub entity: &'static str,
    /// Rows of files that a record of the entity was made of, or should have been.
    pub read: u64,
    pub inserted: u64,
    pub updated: u64,
    pub unchanged: u64,
    /// Bad rows that were left out.
    pub skipped: u64,
    /// Rows that repeat a record of an earlier row, as the mapping allows.
    pub repeated: u64,
}

impl EntitySummary {
    fn add(&mut self, loaded: Loaded) {
        self.inserted += loaded.inserted;
        self.updated += loaded.updated;
        self.unchanged += loaded.unchanged;
    }
}

impl Summary {
    /// A file of which every row is bad must not fill the memory.
    pub const LISTED: usize = 1_000;

    pub fn entity(&self, name: &str) -> Option<&EntitySummary> {
        self.entities.iter().find(|summary| summary.entity == name)
    }

    fn of(&mut self, entity: &'static str) -> &mut EntitySummary {
        if let Some(at) = self.entities.iter().position(|summary| summary.entity == entity) {
            return &mut self.entities[at];
        }
        let new = EntitySummary { entity, read: 0, inserted: 0, updated: 0, unchanged: 0, skipped: 0, repeated: 0 };
        self.entities.push(new);
        self.entities.last_mut().expect("one was just added")
    }

    fn skip(&mut self, row: BadRow) {
        self.of(row.entity).skipped += 1;
        self.bad_count += 1;
        if self.bad.len() < Summary::LISTED {
            self.bad.push(row);
        }
    }
}

/// Imports the files of `dir`. Running it twice changes nothing.
pub async fn run(store: &Store, profile: &Profile, dir: &Path, options: Options<'_>) -> Result<Summary, ImportError> {
    let mut run = Run::prepare(profile, dir, options)?;
    let mut sink = Sink::open(store, run.options.on_error).await?;
    for step in 0..profile.steps.len() {
        run.step(step, &mut sink).await?;
    }
    sink.close(profile).await?;
    Ok(run.summary)
}

/// What is kept from row to row and from step to step.
struct Run<'a, 'o> {
    profile: &'a Profile,
    dir: &'a Path,
    options: Options<'o>,
    tables: Vec<Table>,
    /// Where the columns of each step are in its file.
    places: Vec<Vec<usize>>,
    loaded: LoadedKeys,
    /// Keys that the store refused to create a record for, and why.
    refused: HashMap<String, String>,
    summary: Summary,
}

impl<'a, 'o> Run<'a, 'o> {
    /// Opens every file and finds every column, so that a missing one is known before anything is loaded.
    fn prepare(profile: &'a Profile, dir: &'a Path, options: Options<'o>) -> Result<Self, ImportError> {
        let mut places = Vec::new();
        for step in &profile.steps {
            places.push(open(profile, step, dir)?.find(&step.needs)?);
        }
        let tables = profile.lookups.iter().map(|plan| Table::read(profile, plan, dir)).collect::<Result<_, _>>()?;
        let created = profile.steps.iter().flat_map(|step| &step.columns).filter_map(|assignment| assignment.create);
        let loaded = LoadedKeys::of(created);
        Ok(Run { profile, dir, options, tables, places, loaded, refused: HashMap::new(), summary: Summary::default() })
    }
}

fn open(profile: &Profile, step: &Step, dir: &Path) -> Result<Opened, ImportError> {
    match &step.feed {
        Feed::File(name) => Opened::open(profile, name, dir),
        Feed::Inline { plan, rows } => {
            let records = rows.iter().map(|row| StringRecord::from(row.clone())).collect();
            Ok(Opened { reader: Reader::inline(&plan.columns, records), path: plan.path.clone(), size: 0, rows: 0 })
        }
    }
}

fn plan_of<'a>(profile: &'a Profile, step: &'a Step) -> &'a FilePlan {
    match &step.feed {
        Feed::File(name) => &profile.files[name],
        Feed::Inline { plan, .. } => plan,
    }
}

impl Run<'_, '_> {
    fn tell(&mut self, place: usize, opened: &Opened) {
        let progress = Progress {
            entity: self.profile.steps[place].entity.name,
            file: opened.path.clone(),
            step: place + 1,
            steps: self.profile.steps.len(),
            bytes: opened.reader.bytes.load(Ordering::Relaxed),
            bytes_total: opened.size,
            rows: opened.rows,
        };
        (self.options.progress)(progress);
    }
}
