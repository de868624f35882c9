//! One step: rows of one file become records of one entity.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use csv::StringRecord;
use store::Column;
use store::entity::ColumnType;
use store::load::{Batch, LoadError, Loaded};
use store::value::Value;

use super::sink::Sink;
use super::{OnError, Run, open, plan_of};
use crate::error::{BadRow, ImportError};
use crate::expression::{Bad, Expression, Row, Source, written};
use crate::profile::spec::Repeats;
use crate::profile::{Assignment, FilePlan, Step};
use crate::read::Fault;

/// Fixed, so that a run can be repeated exactly.
pub(super) fn hash(value: impl std::hash::Hash) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(value)
}

/// The rows of a batch, still with the lines they came from.
struct Pending {
    batch: Batch,
    lines: Vec<u64>,
    /// Keys of simple records to create first, in order of appearance.
    created: Vec<(&'static store::Entity, Vec<String>)>,
}

/// What is known of the rows of this step so far.
struct Seen {
    keys: HashSet<u64>,
    contents: HashMap<u64, u64>,
}

struct Pass<'s> {
    step: &'s Step,
    file: &'s FilePlan,
    at: Vec<usize>,
    columns: Vec<&'s Assignment>,
    counts: bool,
}

impl Run<'_, '_> {
    /// References to records of the same entity may point at later rows, so they are set in a second pass.
    pub(super) async fn step(&mut self, place: usize, sink: &mut Sink<'_>) -> Result<(), ImportError> {
        let profile = self.profile;
        let step = &profile.steps[place];
        let inward = |assignment: &&Assignment| assignment.column.column_type == ColumnType::Reference(step.entity.name);
        let (own, others): (Vec<_>, Vec<_>) = step.columns.iter().partition(inward);
        let first = self.pass(place, others, true, sink).await?;
        if own.is_empty() {
            return Ok(());
        }
        let second = self.pass(place, step.columns.iter().collect(), false, sink).await?;
        // New records get their references only now; that is no update. Known ones that change in nothing else were counted as unchanged.
        let late = second.updated.saturating_sub(first.inserted + first.updated).min(first.unchanged);
        let summary = self.summary.of(step.entity.name);
        summary.updated += late;
        summary.unchanged -= late;
        Ok(())
    }

    async fn pass(&mut self, place: usize, columns: Vec<&Assignment>, counts: bool, sink: &mut Sink<'_>) -> Result<Loaded, ImportError> {
        let profile = self.profile;
        let step = &profile.steps[place];
        let pass = Pass { step, file: plan_of(profile, step), at: self.places[place].clone(), columns, counts };
        let mut opened = open(profile, step, self.dir)?;
        let mut pending = pass.pending(self.options.batch_rows);
        let mut seen = Seen { keys: HashSet::new(), contents: HashMap::new() };
        let mut record = StringRecord::new();
        let mut number = 0;
        let mut total = Loaded::default();
        loop {
            let line = match opened.reader.next(&mut record) {
                Ok(None) => break,
                Ok(Some(line)) => line,
                Err(Fault::Row { line, reason }) => {
                    number += 1;
                    self.count(&pass).bad(&pass, line, "", Bad::new("", reason))?;
                    continue;
                }
                Err(Fault::Damaged { line, reason }) => {
                    return Err(ImportError::Damaged { file: pass.file.path.clone(), line, reason, kept: sink.kept });
                }
            };
            number += 1;
            self.row(&pass, &record, line, number, &mut seen, &mut pending)?;
            if pending.lines.len() >= self.options.batch_rows.max(1) {
                add(&mut total, self.flush(&pass, &mut pending, sink).await?);
                self.tell(place, &opened, number);
            }
        }
        add(&mut total, self.flush(&pass, &mut pending, sink).await?);
        self.tell(place, &opened, number);
        Ok(total)
    }

    /// Every record that one row makes: one, or one for each unpivoted column.
    fn row(&mut self, pass: &Pass, record: &StringRecord, line: u64, number: u64, seen: &mut Seen, pending: &mut Pending) -> Result<(), ImportError> {
        let row = Row { record, at: &pass.at, file: pass.file, pivot: None, number };
        match &pass.step.pivot {
            None => self.make(pass, &row, line, seen, pending),
            Some(pivots) => pivots.iter().try_for_each(|(label, need)| {
                let row = Row { pivot: Some((label, *need)), ..row };
                self.make(pass, &row, line, seen, pending)
            }),
        }
    }

    fn make(&mut self, pass: &Pass, row: &Row, line: u64, seen: &mut Seen, pending: &mut Pending) -> Result<(), ImportError> {
        for condition in &pass.step.when {
            match condition.holds(row) {
                Ok(true) => {}
                Ok(false) => return Ok(()),
                Err(bad) => return self.count(pass).bad(pass, line, "when", bad),
            }
        }
        self.count(pass);
        let key = match self.key(pass, row) {
            Ok(key) => key,
            Err(bad) => return self.bad(pass, line, blame(&pass.step.key, "external_key"), bad),
        };
        let mut values = Vec::with_capacity(pass.columns.len());
        for assignment in &pass.columns {
            match self.value(assignment, row) {
                Ok(value) => values.push(value),
                Err(bad) => return self.bad(pass, line, blame(&assignment.expression, assignment.column.name), bad),
            }
        }
        // Row numbers don't repeat, and need no memory.
        let admission = match pass.step.key.source {
            Source::RowNumber => Admission::New,
            _ => seen.admit(pass.step.repeats, &key, &values),
        };
        match admission {
            Admission::New => {}
            Admission::Repeated => {
                if pass.counts {
                    self.summary.of(pass.step.entity.name).repeated += 1;
                }
                return Ok(());
            }
            Admission::Refused(reason) => {
                return self.bad(pass, line, blame(&pass.step.key, "external_key"), Bad::new(key, reason));
            }
        }
        self.enlist(pass, &key, &values, pending);
        pending.batch.keys.push(key);
        pending.batch.rows.push(values);
        pending.lines.push(line);
        Ok(())
    }

    fn count(&mut self, pass: &Pass) -> &mut Self {
        if pass.counts {
            self.summary.of(pass.step.entity.name).read += 1;
        }
        self
    }

    fn key(&self, pass: &Pass, row: &Row) -> Result<String, Bad> {
        let key = pass.step.key.raw(row, &self.tables)?;
        let key = written(&key);
        if key.is_empty() { Err(Bad::new("", "the key is empty")) } else { Ok(key.into_owned()) }
    }

    fn value(&self, assignment: &Assignment, row: &Row) -> Result<Value, Bad> {
        let expression = &assignment.expression;
        let raw = expression.raw(row, &self.tables)?;
        let text = if assignment.column.required { written(&raw).into_owned() } else { String::new() };
        let value = expression.convert(raw, assignment.column.column_type, row)?;
        // The organisation as a subject has no key.
        let needed = assignment.column.required && assignment.column.column_type != ColumnType::Subject;
        if value.is_null() && needed {
            return Err(Bad::new(text, "unknown, but the record needs it"));
        }
        Ok(value)
    }

    /// Notes the key as loaded, and the keys of records to create.
    fn enlist(&mut self, pass: &Pass, key: &str, values: &[Value], pending: &mut Pending) {
        if let Some(loaded) = self.loaded.get_mut(pass.step.entity.name) {
            loaded.insert(hash(key));
        }
        for (assignment, value) in pass.columns.iter().zip(values) {
            let (Some(entity), Value::Text(key)) = (assignment.create, value) else { continue };
            if self.loaded.entry(entity.name).or_default().insert(hash(key.as_str())) {
                match pending.created.iter_mut().find(|(known, _)| *known == entity) {
                    Some((_, keys)) => keys.push(key.clone()),
                    None => pending.created.push((entity, vec![key.clone()])),
                }
            }
        }
    }

    fn bad(&mut self, pass: &Pass, line: u64, column: &str, bad: Bad) -> Result<(), ImportError> {
        let row = BadRow {
            file: pass.file.path.clone(),
            line,
            entity: pass.step.entity.name,
            column: column.to_owned(),
            value: bad.value,
            reason: bad.reason,
        };
        match self.options.on_error {
            OnError::Stop => Err(ImportError::Stopped { row }),
            OnError::Skip => {
                if pass.counts {
                    self.summary.skip(row);
                }
                Ok(())
            }
        }
    }

    async fn flush(&mut self, pass: &Pass<'_>, pending: &mut Pending, sink: &mut Sink<'_>) -> Result<Loaded, ImportError> {
        let mut total = Loaded::default();
        for (entity, keys) in pending.created.drain(..) {
            self.create(entity, keys, sink).await?;
        }
        while !pending.lines.is_empty() {
            match sink.load(&pending.batch).await {
                Ok(loaded) => {
                    if pass.counts {
                        self.summary.of(pass.step.entity.name).add(loaded);
                    }
                    add(&mut total, loaded);
                    pending.clear();
                }
                Err(LoadError::Store(source)) => return Err(sink.failed(source)),
                Err(LoadError::Rejected(rejects)) => self.reject(pass, pending, rejects)?,
            }
        }
        Ok(total)
    }

    async fn create(&mut self, entity: &'static store::Entity, keys: Vec<String>, sink: &mut Sink<'_>) -> Result<(), ImportError> {
        let name = entity.column("name");
        let rows = keys.iter().map(|key| name.iter().map(|_| Value::Text(key.clone())).collect()).collect();
        let batch = Batch { entity, columns: name.into_iter().collect(), keys, rows };
        let loaded = sink.load(&batch).await.map_err(|error| match error {
            LoadError::Store(source) => sink.failed(source),
            LoadError::Rejected(rejects) => ImportError::Stopped {
                row: BadRow {
                    file: "records created by reference".into(),
                    line: rejects[0].row as u64 + 1,
                    entity: entity.name,
                    column: rejects[0].column.into(),
                    value: rejects[0].value.clone(),
                    reason: rejects[0].reason.clone(),
                },
            },
        })?;
        let summary = self.summary.of(entity.name);
        summary.read += batch.keys.len() as u64;
        summary.add(loaded);
        Ok(())
    }

    /// Reports the rows that the store refused and keeps the others.
    fn reject(&mut self, pass: &Pass, pending: &mut Pending, rejects: Vec<store::Reject>) -> Result<(), ImportError> {
        let mut refused = HashSet::new();
        for reject in rejects {
            if refused.insert(reject.row) {
                let column = pass.blame(reject.column);
                self.bad(pass, pending.lines[reject.row], &column, Bad::new(reject.value, reject.reason))?;
            }
        }
        pending.remove(&refused);
        Ok(())
    }
}

fn add(total: &mut Loaded, loaded: Loaded) {
    total.inserted += loaded.inserted;
    total.updated += loaded.updated;
    total.unchanged += loaded.unchanged;
}

enum Admission {
    New,
    Repeated,
    Refused(&'static str),
}

impl Seen {
    fn admit(&mut self, repeats: Repeats, key: &str, values: &[Value]) -> Admission {
        if repeats == Repeats::Same {
            let content = hash(values);
            return match self.contents.insert(hash(key), content) {
                None => Admission::New,
                Some(before) if before == content => Admission::Repeated,
                Some(_) => Admission::Refused("an earlier row has the same key but other values"),
            };
        }
        match (self.keys.insert(hash(key)), repeats) {
            (true, _) => Admission::New,
            (false, Repeats::First) => Admission::Repeated,
            (false, _) => Admission::Refused("an earlier row has the same key; if that is meant, say `repeats = \"same\"` or `repeats = \"first\"`"),
        }
    }
}

impl Pass<'_> {
    fn pending(&self, rows: usize) -> Pending {
        let columns: Vec<&'static Column> = self.columns.iter().map(|assignment| assignment.column).collect();
        let batch = Batch { entity: self.step.entity, columns, keys: Vec::with_capacity(rows), rows: Vec::with_capacity(rows) };
        Pending { batch, lines: Vec::with_capacity(rows), created: Vec::new() }
    }

    /// What to call the column that the store names.
    fn blame(&self, column: &str) -> String {
        let found = self.columns.iter().find(|assignment| assignment.column.name == column || assignment.column.sql == column);
        let found = found.map(|assignment| blame(&assignment.expression, assignment.column.name));
        found.unwrap_or_else(|| blame(&self.step.key, column)).to_owned()
    }
}

fn blame<'e>(expression: &'e Expression, column: &'e str) -> &'e str {
    if expression.origin.is_empty() { column } else { &expression.origin }
}

impl Pending {
    fn clear(&mut self) {
        self.batch.keys.clear();
        self.batch.rows.clear();
        self.lines.clear();
    }

    fn remove(&mut self, refused: &HashSet<usize>) {
        fn keep<T>(list: &mut Vec<T>, refused: &HashSet<usize>) {
            let mut place = 0;
            list.retain(|_| {
                place += 1;
                !refused.contains(&(place - 1))
            });
        }
        keep(&mut self.batch.keys, refused);
        keep(&mut self.batch.rows, refused);
        keep(&mut self.lines, refused);
    }
}
