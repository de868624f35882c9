//! Facts that hold for a span of days: targets, and figures that arrive aggregated.
//!
//! A span belongs to the subject it names. A team or the organisation also sees the spans of the employees below it, each
//! marked with the employee: the engine lets its own win over their sum.

use chrono::NaiveDate;
use manifest::SubjectKind;

use super::compile::{Reading, aggregate, filters, scale_of};
use super::facts::{hoist, no_way, restriction, select};
use super::text::Binds;
use super::vocabulary::mapping;
use super::{Fault, Question};

pub(super) fn compile(question: &Question, from: NaiveDate, to: NaiveDate, binds: &mut Binds) -> Result<(String, Reading), Fault> {
    let mut filters = filters(question, "", binds)?;
    let common = hoist(&mut filters);
    let rows = rows(question, from, to)?;
    let mut columns = vec![
        format!("{} AS subject", rows.subject),
        format!("{} AS starts_on", day("f.starts_on")),
        format!("{} AS ends_on", day("f.ends_on")),
    ];
    columns.push(format!("{} AS below", rows.below));
    let mut scales = Vec::new();
    for (index, (ask, filter)) in question.columns.iter().zip(&filters).enumerate() {
        columns.push(format!("{} AS v{index}", aggregate(question, &ask.what, filter, "")?));
        scales.push(scale_of(question, &ask.what));
    }
    Ok((select(&columns, &rows.from(&common), &rows.grouping), Reading::Spans(scales)))
}

/// Stands for no employee; ids begin at 1.
pub(super) const OWN: i64 = 0;

pub(super) struct Rows {
    subject: String,
    /// An employee, or `OWN`.
    below: String,
    grouping: Vec<&'static str>,
    joins: Vec<&'static str>,
    table: &'static str,
    conditions: Vec<String>,
}

impl Rows {
    pub fn from(&self, conditions: &[String]) -> String {
        let lines = std::iter::once(format!("FROM {} AS f", self.table)).chain(self.joins.iter().map(|join| (*join).to_owned()));
        let conditions = [self.conditions.as_slice(), conditions].concat().join("\n  AND ");
        format!("{}\nWHERE {conditions}", lines.collect::<Vec<_>>().join("\n"))
    }
}

pub(super) fn rows(question: &Question, from: NaiveDate, to: NaiveDate) -> Result<Rows, Fault> {
    if question.within.is_some() {
        return Err(Fault::Mix("a span belongs to one subject and cannot be split by a second".into()));
    }
    if from >= to {
        return Err(Fault::Time(format!("it ends on {to}, not after its beginning on {from}")));
    }
    let days = format!("f.starts_on >= '{from}' AND f.ends_on <= '{to}'");
    let table = mapping(question.source).table;
    let mut rows = match question.subject.kind {
        SubjectKind::Organisation => organisation(),
        SubjectKind::Team => teams(),
        kind if question.source.reaches(kind) => named(kind),
        kind => return Err(no_way(question.source, kind)),
    };
    if question.subject.kind != SubjectKind::Organisation {
        rows.conditions.extend(restriction(&rows.subject, &question.subject, true));
    }
    rows.conditions.push(days);
    Ok(Rows { table, ..rows })
}

fn organisation() -> Rows {
    Rows {
        subject: "CAST(0 AS BIGINT)".into(),
        below: below(),
        grouping: vec!["2", "3", "4"],
        joins: Vec::new(),
        table: "",
        conditions: vec!["f.subject_kind IN ('ORGANISATION', 'EMPLOYEE')".into()],
    }
}

fn teams() -> Rows {
    Rows {
        subject: "CASE WHEN f.subject_kind = 'TEAM' THEN f.subject_id ELSE a.ancestor_id END".into(),
        below: below(),
        grouping: vec!["1", "2", "3", "4"],
        joins: vec![
            "LEFT JOIN employee AS e ON e.id = f.subject_id AND f.subject_kind = 'EMPLOYEE'",
            "LEFT JOIN team_ancestor AS a ON a.team_id = e.team_id",
        ],
        table: "",
        conditions: vec!["f.subject_kind IN ('TEAM', 'EMPLOYEE')".into()],
    }
}

fn named(kind: SubjectKind) -> Rows {
    Rows {
        subject: "f.subject_id".into(),
        below: format!("CAST({OWN} AS BIGINT)"),
        grouping: vec!["1", "2", "3"],
        joins: Vec::new(),
        table: "",
        conditions: vec![format!("f.subject_kind = '{}'", kind.name())],
    }
}

fn below() -> String {
    format!("CAST(CASE WHEN f.subject_kind = 'EMPLOYEE' THEN f.subject_id ELSE {OWN} END AS BIGINT)")
}

/// As the number yyyymmdd: SQLite keeps days as texts, PostgreSQL as dates, and an answer is integers only.
fn day(sql: &str) -> String {
    format!("CAST(REPLACE(CAST({sql} AS TEXT), '-', '') AS BIGINT)")
}
