//! The facts that a question reads: which rows, traced to which subjects, in which slots. The shapes only aggregate them.
//!
//! The way to a subject belongs to the source: the vocabulary gives the direct reference, and here a team becomes the team with
//! all its ancestors, a segment the memberships that held when the fact happened.

use manifest::{Source, SubjectKind};

use super::parting::Parting;
use super::text::joins_for;
use super::vocabulary::{Mapping, mapping};
use super::{Fault, Group, Question};

/// More subjects than this are not listed: reading every one and keeping those asked for is then the lesser work, and SQLite
/// bounds the length of a statement.
pub(super) const LISTED: usize = 10_000;

pub(super) struct Facts {
    mapping: &'static Mapping,
    subject: Axis,
    within: Axis,
    parting: Parting,
    pub conditions: Vec<String>,
}

/// How a fact is traced to a kind of subject.
struct Axis {
    sql: String,
    /// The same for every fact, so that there is nothing to group by.
    constant: bool,
    joins: Vec<String>,
    conditions: Vec<String>,
}

impl Facts {
    /// `moment` is when a fact happens, which decides the memberships that it counts for.
    pub fn new(question: &Question, moment: &str, parting: Parting) -> Result<Facts, Fault> {
        let mapping = mapping(question.source);
        let subject = Axis::of(question.source, &question.subject, moment, "")?;
        let within = match &question.within {
            Some(group) => Axis::of(question.source, group, moment, "2")?,
            None => Axis::none(),
        };
        Ok(Facts { mapping, subject, within, parting, conditions: Vec::new() })
    }

    /// The columns that say which cell a row is.
    pub fn keys(&self) -> Vec<String> {
        let number = |sql: &str, constant: bool| if constant { format!("CAST({sql} AS BIGINT)") } else { sql.to_owned() };
        vec![
            format!("{} AS subject", number(&self.subject.sql, self.subject.constant)),
            format!("{} AS within", number(&self.within.sql, self.within.constant)),
            format!("CAST({} AS BIGINT) AS slot", self.parting.slot),
        ]
    }

    /// Positions of the keys that differ between facts.
    pub fn grouping(&self) -> Vec<&'static str> {
        let constant = [self.subject.constant, self.within.constant, self.parting.constant];
        ["1", "2", "3"].into_iter().zip(constant).filter(|(_, constant)| !constant).map(|(position, _)| position).collect()
    }

    /// FROM and WHERE for a statement that selects these texts.
    pub fn from(&self, selected: &[String]) -> String {
        let ways = [self.subject.joins.as_slice(), &self.within.joins].concat();
        let conditions = self.all_conditions();
        let own = joins_for(&[selected, &ways, &conditions].concat().join("\n"), self.mapping.joins);
        let table = format!("{} AS f", self.mapping.table);
        // The list first: each row of it then searches the facts by an index, and not the other way round.
        let mut lines = match &self.parting.list {
            Some(list) => vec![format!("FROM {list}"), format!("CROSS JOIN {table}")],
            None => vec![format!("FROM {table}")],
        };
        lines.extend(own);
        lines.extend(ways);
        if !conditions.is_empty() {
            lines.push(format!("WHERE {}", conditions.join("\n  AND ")));
        }
        lines.join("\n")
    }

    fn all_conditions(&self) -> Vec<String> {
        let only = self.mapping.only.map(str::to_owned);
        let parts = [self.parting.conditions.as_slice(), &self.subject.conditions, &self.within.conditions, &self.conditions];
        only.into_iter().chain(parts.concat()).collect()
    }
}

impl Axis {
    fn none() -> Axis {
        Axis { sql: "0".into(), constant: true, joins: Vec::new(), conditions: Vec::new() }
    }

    fn of(source: Source, group: &Group, moment: &str, suffix: &str) -> Result<Axis, Fault> {
        if group.kind == SubjectKind::Organisation {
            return Ok(Axis::none());
        }
        let direct = mapping(source).way(group.kind).ok_or_else(|| no_way(source, group.kind))?;
        let (sql, joins) = match group.kind {
            SubjectKind::Team => (format!("a{suffix}.ancestor_id"), vec![ancestors(direct, suffix)]),
            SubjectKind::Segment => (format!("m{suffix}.segment_id"), vec![memberships(direct, moment, suffix)]),
            _ => (direct.to_owned(), Vec::new()),
        };
        let mut conditions = restriction(&sql, group, joins.is_empty());
        if group.kind == SubjectKind::Employee && group.ids.is_none() {
            // The same as known, but so PostgreSQL searches its index once for each of a few employees.
            conditions = vec![format!("{sql} IN (SELECT id FROM employee)")];
        }
        Ok(Axis { sql, constant: false, joins, conditions })
    }
}

pub(super) fn no_way(source: Source, kind: SubjectKind) -> Fault {
    let ways: Vec<_> = source.description().ways.iter().map(|kind| kind.name()).collect();
    Fault::NoWay { source_name: source.name(), kind: kind.name(), ways: ways.join(", ") }
}

/// The listed subjects only; else those that are known, where a join does not see to that.
pub(super) fn restriction(sql: &str, group: &Group, nullable: bool) -> Vec<String> {
    match group.ids.as_deref() {
        Some([]) => vec!["1 = 0".into()],
        Some([id]) => vec![format!("{sql} = {id}")],
        Some(ids) if ids.len() <= LISTED => {
            vec![format!("{sql} IN ({})", ids.iter().map(i64::to_string).collect::<Vec<_>>().join(", "))]
        }
        Some(_) | None if nullable => vec![format!("{sql} IS NOT NULL")],
        Some(_) | None => Vec::new(),
    }
}

fn ancestors(team: &str, suffix: &str) -> String {
    format!("JOIN team_ancestor AS a{suffix} ON a{suffix}.team_id = {team}")
}

/// A customer may be a member twice at a time, by two overlapping records. A fact still counts once: for the first of them.
fn memberships(customer: &str, moment: &str, suffix: &str) -> String {
    let (m, d) = (format!("m{suffix}"), format!("d{suffix}"));
    let holds = |alias: &str| {
        format!("({alias}.starts_at IS NULL OR {alias}.starts_at <= {moment}) AND ({alias}.ends_at IS NULL OR {alias}.ends_at > {moment})")
    };
    format!(
        "JOIN segment_member AS {m} ON {m}.customer_id = {customer} AND {}\n  \
         AND NOT EXISTS (SELECT 1 FROM segment_member AS {d} WHERE {d}.customer_id = {m}.customer_id AND {d}.segment_id = {m}.segment_id \
         AND {d}.id < {m}.id AND {})",
        holds(&m),
        holds(&d)
    )
}

/// Lines of a SELECT.
pub(super) fn select(columns: &[String], from: &str, grouping: &[&str]) -> String {
    let mut text = format!("SELECT {}\n{from}", columns.join(",\n       "));
    if !grouping.is_empty() {
        text.push_str(&format!("\nGROUP BY {}", grouping.join(", ")));
    }
    text
}

/// An aggregate over the facts that also meet conditions of its own.
pub(super) fn filtered(aggregate: &str, conditions: &[String]) -> String {
    if conditions.is_empty() { aggregate.to_owned() } else { format!("{aggregate} FILTER (WHERE {})", conditions.join(" AND ")) }
}

/// Takes what every column demands out of the columns, to be demanded of the facts once.
pub(super) fn hoist(filters: &mut [Vec<String>]) -> Vec<String> {
    let Some((first, rest)) = filters.split_first() else { return Vec::new() };
    let common: Vec<_> = first.iter().filter(|condition| rest.iter().all(|other| other.contains(condition))).cloned().collect();
    for filter in filters {
        filter.retain(|condition| !common.contains(condition));
    }
    common
}
