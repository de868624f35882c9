//! One step: rows of one file become records of one entity.

use csv::StringRecord;
use store::entity::ColumnType;
use store::load::{Batch, Loaded};
use store::value::Value;

use super::pending::{Admission, Pending, Seen};
use super::sink::Sink;
use super::{OnError, Run, open, plan_of};
use crate::error::{BadRow, ImportError};
use crate::expression::{Bad, Expression, Row, Source, written};
use crate::profile::{Assignment, FilePlan, Step};
use crate::read::Fault;

/// One reading of the file of a step.
pub(super) struct Pass<'s> {
    pub step: &'s Step,
    file: &'s FilePlan,
    at: Vec<usize>,
    /// Whether references within the entity are set, in a second pass; all else was reported and counted in the first.
    pub late: bool,
}

impl Run<'_, '_> {
    /// References to records of the same entity may point at later rows, so they are set in a second pass.
    pub(super) async fn step(&mut self, place: usize, sink: &mut Sink<'_>) -> Result<(), ImportError> {
        let profile = self.profile;
        let step = &profile.steps[place];
        let first = self.pass(place, false, sink).await?;
        if !step.columns.iter().any(|assignment| is_inward(step, assignment)) {
            return Ok(());
        }
        let second = self.pass(place, true, sink).await?;
        // New records get their references only now; that is no update. Known ones that change in nothing else were counted as unchanged.
        let late = second.updated.saturating_sub(first.inserted + first.updated).min(first.unchanged);
        let summary = self.summary.of(step.entity.name);
        summary.updated += late;
        summary.unchanged -= late;
        Ok(())
    }

    async fn pass(&mut self, place: usize, late: bool, sink: &mut Sink<'_>) -> Result<Loaded, ImportError> {
        let profile = self.profile;
        let step = &profile.steps[place];
        let pass = Pass { step, file: plan_of(profile, step), at: self.places[place].clone(), late };
        let mut opened = open(profile, step, self.dir)?;
        let mut pending = Pending::new(pass.batch());
        let mut seen = Seen::default();
        let mut record = StringRecord::new();
        let mut total = Loaded::default();
        for number in 1.. {
            match opened.reader.next(&mut record) {
                Ok(None) => break,
                Ok(Some(line)) => self.row(&pass, &record, line, number, &mut seen, &mut pending)?,
                Err(Fault::Row { line, reason }) => self.count(&pass).bad(&pass, line, "", Bad::new("", reason))?,
                Err(Fault::Damaged { line, reason }) => {
                    return Err(ImportError::Damaged { file: pass.file.path.clone(), line, reason, kept: sink.kept });
                }
            }
            opened.rows = number;
            if pending.len() >= self.options.batch_rows.max(1) {
                self.flush(&pass, &mut pending, sink, &mut total).await?;
                self.tell(place, &opened);
            }
        }
        self.flush(&pass, &mut pending, sink, &mut total).await?;
        self.tell(place, &opened);
        Ok(total)
    }

    /// Every record that one row makes: one, or one for each unpivoted column.
    fn row(
        &mut self,
        pass: &Pass,
        record: &StringRecord,
        line: u64,
        number: u64,
        seen: &mut Seen,
        pending: &mut Pending,
    ) -> Result<(), ImportError> {
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
        for condition in &pass.step.expect {
            match condition.holds(row) {
                Ok(true) => {}
                Ok(false) => {
                    return self.bad(
                        pass,
                        line,
                        "expect",
                        Bad::new(row.text(condition.cell).unwrap_or_default(), "not as the mapping expects every row to be"),
                    );
                }
                Err(bad) => return self.bad(pass, line, "expect", bad),
            }
        }
        let key = match self.key(pass, row) {
            Ok(key) => key,
            Err(bad) => return self.bad(pass, line, blame(&pass.step.key, "external_key"), bad),
        };
        let mut values = Vec::with_capacity(pass.step.columns.len());
        for assignment in &pass.step.columns {
            match self.value(assignment, row) {
                Ok(value) => values.push(value),
                Err(bad) => return self.bad(pass, line, blame(&assignment.expression, assignment.column.name), bad),
            }
        }
        match pass.admit(seen, &key, &values) {
            Admission::New => self.enlist(pass, key, values, line, pending),
            Admission::Repeated => self.repeated(pass),
            Admission::Refused(reason) => {
                return self.bad(pass, line, blame(&pass.step.key, "external_key"), Bad::new(key, reason));
            }
        }
        Ok(())
    }

    fn count(&mut self, pass: &Pass) -> &mut Self {
        if !pass.late {
            self.summary.of(pass.step.entity.name).read += 1;
        }
        self
    }

    fn repeated(&mut self, pass: &Pass) {
        if !pass.late {
            self.summary.of(pass.step.entity.name).repeated += 1;
        }
    }

    fn key(&self, pass: &Pass, row: &Row) -> Result<String, Bad> {
        let key = pass.step.key.raw(row, &self.tables)?;
        let key = written(&key);
        if key.is_empty() { Err(Bad::new("", "the key is empty")) } else { Ok(key.into_owned()) }
    }

    fn value(&self, assignment: &Assignment, row: &Row) -> Result<Value, Bad> {
        let raw = assignment.expression.raw(row, &self.tables)?;
        let value = assignment.expression.convert(raw, assignment.column.column_type, row)?;
        // The organisation as a subject has no key.
        let needed = assignment.column.required && assignment.column.column_type != ColumnType::Subject;
        if value.is_null() && needed {
            return Err(Bad::new("", "unknown, but the record needs it"));
        }
        Ok(value)
    }

    /// Puts the record into the batch, and before it what is created by reference.
    fn enlist(&mut self, pass: &Pass, key: String, values: Vec<Value>, line: u64, pending: &mut Pending) {
        self.loaded.note(pass.step.entity, &key);
        for (assignment, value) in pass.step.columns.iter().zip(&values) {
            if let (Some(entity), Value::Text(key)) = (assignment.create, value)
                && self.loaded.lacks(entity, key)
            {
                pending.create(entity, key);
            }
        }
        let sent = pass.step.columns.iter().zip(values).filter(|(assignment, _)| pass.sends(assignment));
        pending.push(key, sent.map(|(_, value)| value).collect(), line);
    }

    pub(super) fn bad(&mut self, pass: &Pass, line: u64, column: &str, bad: Bad) -> Result<(), ImportError> {
        // The first pass has told of it.
        if pass.late && self.options.on_error == OnError::Skip {
            return Ok(());
        }
        self.report(pass, line, column, bad)
    }

    pub(super) fn report(&mut self, pass: &Pass, line: u64, column: &str, bad: Bad) -> Result<(), ImportError> {
        let Bad { value, reason } = bad;
        let (file, entity, column) = (pass.file.path.clone(), pass.step.entity.name, column.to_owned());
        let row = BadRow { file, line, entity, column, value, reason };
        if self.options.on_error == OnError::Stop {
            return Err(ImportError::Stopped { row });
        }
        self.summary.skip(row);
        Ok(())
    }
}

/// Whether it refers to records of the very entity it is a column of.
fn is_inward(step: &Step, assignment: &Assignment) -> bool {
    assignment.column.column_type == ColumnType::Reference(step.entity.name)
}

impl Pass<'_> {
    fn sends(&self, assignment: &Assignment) -> bool {
        self.late || !is_inward(self.step, assignment)
    }

    fn batch(&self) -> Batch {
        let sent = self.step.columns.iter().filter(|assignment| self.sends(assignment));
        Batch::new(self.step.entity, sent.map(|assignment| assignment.column).collect())
    }

    /// Row numbers don't repeat, and need no memory.
    fn admit(&self, seen: &mut Seen, key: &str, values: &[Value]) -> Admission {
        match (&self.step.key.source, &self.step.pivot) {
            (Source::RowNumber, None) => Admission::New,
            _ => seen.admit(self.step.repeats, key, values),
        }
    }

    /// Whether the column of that name is one that only the second pass sets.
    pub fn is_inward(&self, column: &str) -> bool {
        self.step.columns.iter().any(|assignment| assignment.column.name == column && is_inward(self.step, assignment))
    }

    /// What the file calls the column that the store names.
    pub fn blame(&self, column: &str) -> String {
        let found = self.step.columns.iter().find(|assignment| assignment.column.name == column);
        let found = found.map(|assignment| blame(&assignment.expression, assignment.column.name));
        found.unwrap_or_else(|| blame(&self.step.key, column)).to_owned()
    }
}

fn blame<'e>(expression: &'e Expression, column: &'e str) -> &'e str {
    if expression.origin.is_empty() { column } else { &expression.origin }
}
