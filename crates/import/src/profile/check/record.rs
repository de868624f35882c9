//! From a `[[record]]` as it is written to a step.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use chrono_tz::Tz;
use store::entity::{ColumnType, Entity};
use toml::Spanned;

use super::Faults;
use crate::marks::PLAIN;
use crate::name::near;
use crate::profile::expression::{Scope, Shared};
use crate::profile::spec::{ColumnName, Record, Scalar, Value, ValueTable};
use crate::profile::{Assignment, Feed, FilePlan, Layout, Step};

/// The columns that a record sets; inline rows set those they name, without a value of their own.
type Set<'r> = BTreeMap<String, Written<'r>>;
type Written<'r> = Option<&'r Spanned<Value>>;

impl Faults<'_> {
    pub fn record(&mut self, record: &Spanned<Record>, files: &BTreeMap<String, FilePlan>, shared: &mut Shared) -> Option<Step> {
        let at = record.span().start;
        let record = record.get_ref();
        let entity = self.entity(&record.entity)?;
        let feed = self.feed(at, record, shared)?;
        let plan = match &feed {
            Feed::File(name) => files.get(name)?,
            Feed::Inline { plan, .. } => plan,
        };
        let mut scope = Scope::new(shared, plan, record.unpivot.as_ref());
        let pivot = scope.pivot();
        let when = scope.conditions(&record.when.0);
        let when = self.take(at, entity, "when", when);
        let expect = scope.conditions(&record.expect.0);
        let expect = self.take(at, entity, "expect", expect);
        let set = set_of(record);
        let key = self.key(at, entity, &set, &mut scope);
        let columns = self.columns(at, entity, &set, &mut scope);
        let needs = scope.needs();
        self.required(at, entity, &set);
        Some(Step { entity, feed, needs, when: when?, expect: expect?, pivot, repeats: record.repeats, key: key?, columns: columns? })
    }

    fn entity(&mut self, name: &Spanned<String>) -> Option<&'static Entity> {
        let found = store::entity::entity(name.get_ref());
        if found.is_none() {
            let known = store::entity::entities().iter().map(|entity| entity.name);
            self.add(name.span().start, format!("there is no entity `{}`{}", name.get_ref(), near(name.get_ref(), known)));
        }
        found
    }

    fn feed(&mut self, at: usize, record: &Record, shared: &Shared) -> Option<Feed> {
        match (&record.from, record.rows.is_empty()) {
            (Some(from), true) if shared.files.contains(from.get_ref()) => Some(Feed::File(from.get_ref().clone())),
            (Some(from), true) => {
                let known = shared.files.iter().map(String::as_str);
                self.add(from.span().start, format!("there is no [file.{}]{}", from.get_ref(), near(from.get_ref(), known)));
                None
            }
            (None, false) => Some(inline(record, shared)),
            _ => {
                self.add(at, format!("a record of {} takes either `from` (a file) or `rows` (written here)", record.entity.get_ref()));
                None
            }
        }
    }

    fn key(&mut self, at: usize, entity: &Entity, set: &Set, scope: &mut Scope) -> Option<crate::expression::Expression> {
        let (value, at) = value_of("external_key", *set.get("external_key")?, at);
        self.take(at, entity, "external_key", scope.expression(&value, None))
    }

    /// All of them are looked at, so that every fault is told at once.
    fn columns(&mut self, at: usize, entity: &'static Entity, set: &Set, scope: &mut Scope) -> Option<Vec<Assignment>> {
        let others: Vec<_> = set.iter().filter(|(name, _)| *name != "external_key").collect();
        let columns: Vec<_> = others.into_iter().map(|(name, value)| self.column(at, entity, name, *value, scope)).collect();
        let mut columns = columns.into_iter().collect::<Option<Vec<_>>>()?;
        if set.contains_key("subject_kind") && !set.contains_key("subject") {
            columns.extend(self.no_subject(at, entity, scope));
        }
        Some(columns)
    }

    /// The organisation has no key; for any other kind of subject the store asks for one.
    fn no_subject(&mut self, at: usize, entity: &'static Entity, scope: &mut Scope) -> Option<Assignment> {
        let nothing = Value(ValueTable { constant: Some(Scalar(String::new())), ..ValueTable::default() });
        let column = entity.column("subject")?;
        let expression = self.take(at, entity, "subject", scope.expression(&nothing, Some(column)))?;
        Some(Assignment { column, expression, create: None })
    }

    fn column(&mut self, at: usize, entity: &'static Entity, name: &str, value: Written, scope: &mut Scope) -> Option<Assignment> {
        let (value, at) = value_of(name, value, at);
        let Some(column) = entity.column(name) else {
            let known = entity.columns.iter().map(|column| column.name).chain(["external_key"]);
            self.add(at, format!("{} has no column `{name}`{}", entity.name, near(name, known)));
            return None;
        };
        let expression = self.take(at, entity, name, scope.expression(&value, Some(column)))?;
        let create = match column.column_type {
            ColumnType::Reference(to) if value.0.create => store::entity::entity(to),
            _ => None,
        };
        Some(Assignment { column, expression, create })
    }

    fn take<T>(&mut self, at: usize, entity: &Entity, column: &str, found: Result<T, Vec<String>>) -> Option<T> {
        found.map_err(|messages| messages.into_iter().for_each(|message| self.add(at, format!("{}.{column}: {message}", entity.name)))).ok()
    }

    /// The organisation as a subject has no key, so a subject need not be set.
    fn required(&mut self, at: usize, entity: &Entity, set: &Set) {
        let needed = entity.columns.iter().filter(|column| column.required && column.column_type != ColumnType::Subject);
        let needed = needed.map(|column| column.name).chain(["external_key"]);
        let missing: Vec<_> = needed.filter(|name| !set.contains_key(*name)).map(|name| format!("`{name}`")).collect();
        if !missing.is_empty() {
            self.add(at, format!("a record of {} also needs {}", entity.name, missing.join(", ")));
        }
    }
}

fn set_of(record: &Record) -> Set<'_> {
    let inline = record.rows.iter().flat_map(|row| row.keys()).map(|column| (column.clone(), None));
    let set = record.set.iter().map(|(column, value)| (column.clone(), Some(value)));
    inline.chain(set).collect()
}

fn value_of<'v>(name: &str, value: Written<'v>, at: usize) -> (Cow<'v, Value>, usize) {
    match value {
        Some(value) => (Cow::Borrowed(value.get_ref()), value.span().start),
        None => (Cow::Owned(Value(ValueTable { column: Some(ColumnName::Name(name.to_owned())), ..ValueTable::default() })), at),
    }
}

fn inline(record: &Record, shared: &Shared) -> Feed {
    let columns: BTreeSet<String> = record.rows.iter().flat_map(|row| row.keys().cloned()).collect();
    let rows =
        record.rows.iter().map(|row| columns.iter().map(|column| row.get(column).map_or(String::new(), |value| value.0.clone())).collect());
    let rows = rows.collect();
    let plan = FilePlan {
        path: "the mapping's own rows".into(),
        layout: Layout::Blanks,
        header: false,
        columns: columns.into_iter().collect(),
        encoding: encoding_rs::UTF_8,
        trim: true,
        null: vec![String::new()],
        formats: Vec::new(),
        zone: shared.zone.unwrap_or(Tz::UTC),
        marks: PLAIN.clone(),
    };
    Feed::Inline { plan, rows }
}
