//! From a mapping as it is written to a plan that can be run, or everything that is wrong with it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono_tz::Tz;
use encoding_rs::Encoding;
use store::entity::{Column, ColumnType, Entity};
use toml::Spanned;

use super::expression::{Scope, Shared};
use super::spec::{self, ColumnName, Document, Organisation, Record, Value};
use super::{Assignment, Feed, FilePlan, Layout, Profile, Step, line_of};
use crate::date::{Format, ISO};
use crate::error::Fault;
use crate::name::near;

pub(super) fn check(document: Document, text: &str) -> Result<Profile, Vec<Fault>> {
    let mut faults = Faults { text, list: Vec::new() };
    let organisation = document.organisation.map(|organisation| faults.organisation(organisation));
    let zone = organisation.as_ref().and_then(|organisation| organisation.time_zone.parse::<Tz>().ok());
    let mut files = BTreeMap::new();
    for (name, file) in &document.file {
        faults.file(name, file, zone).map(|plan| files.insert(name.clone(), plan));
    }
    let maps = document.map.into_iter().map(|(name, map)| (name, plain(map))).collect();
    let file_names = document.file.keys().cloned().collect();
    let mut shared = Shared { maps, files: file_names, lookups: Vec::new(), zone };
    let mut steps = Vec::new();
    let mut used = BTreeSet::new();
    for record in &document.record {
        if let Some(from) = &record.get_ref().from {
            used.insert(from.get_ref().clone());
        }
        steps.extend(faults.record(record, &files, &mut shared));
    }
    used.extend(shared.lookups.iter().map(|lookup| lookup.file.clone()));
    faults.unused(&document.file, &used);
    if document.record.is_empty() {
        faults.list.push(Fault { line: None, message: "there is no [[record]], so nothing would be loaded".into() });
    }
    faults.order(&document.record, &steps);
    if !faults.list.is_empty() {
        return Err(faults.list);
    }
    Ok(Profile { name: document.name, about: document.about, organisation, files, lookups: shared.lookups, steps })
}

pub(super) fn plain(map: BTreeMap<String, spec::Scalar>) -> HashMap<String, String> {
    map.into_iter().map(|(from, to)| (from, to.0)).collect()
}

struct Faults<'t> {
    text: &'t str,
    list: Vec<Fault>,
}

impl Faults<'_> {
    fn add(&mut self, at: usize, message: impl Into<String>) {
        self.list.push(Fault { line: Some(line_of(self.text, at)), message: message.into() });
    }

    fn organisation(&mut self, organisation: Spanned<Organisation>) -> Organisation {
        let at = organisation.span().start;
        let organisation = organisation.into_inner();
        if organisation.time_zone.parse::<Tz>().is_err() {
            self.add(at, format!("[organisation]: {}", unknown_zone(&organisation.time_zone)));
        }
        if organisation.currency.len() != 3 || !organisation.currency.bytes().all(|letter| letter.is_ascii_uppercase()) {
            self.add(at, format!("[organisation]: currency is `{}`, but should be a code of three letters such as USD", organisation.currency));
        }
        if !["MONDAY", "SUNDAY"].contains(&organisation.week_start.as_str()) {
            self.add(at, format!("[organisation]: week_start is `{}`, but should be MONDAY or SUNDAY", organisation.week_start));
        }
        if !(1..=12).contains(&organisation.fiscal_year_start) {
            self.add(at, format!("[organisation]: fiscal_year_start is {}, but should be a month from 1 to 12", organisation.fiscal_year_start));
        }
        organisation
    }

    fn file(&mut self, name: &str, file: &Spanned<spec::File>, zone: Option<Tz>) -> Option<FilePlan> {
        let at = file.span().start;
        let before = self.list.len();
        let mut complain = |message: String| self.add(at, format!("[file.{name}]: {message}"));
        let file = file.get_ref();
        let encoding = Encoding::for_label(file.encoding.as_bytes());
        if encoding.is_none() {
            complain(format!("no encoding is called `{}`; utf-8, latin1, windows-1252, utf-16le and utf-16be are some that are", file.encoding));
        }
        let separator = one_byte(&file.separator);
        if separator.is_none() {
            complain(format!("separator is `{}`, but should be one ASCII character", file.separator));
        }
        let quote = one_byte(&file.quote);
        if quote.is_none() && !file.quote.is_empty() {
            complain(format!("quote is `{}`, but should be one ASCII character, or empty for none", file.quote));
        }
        let formats = formats(&file.date.0).unwrap_or_else(|error| {
            complain(error);
            Vec::new()
        });
        let zone = match &file.time_zone {
            Some(name) => name.parse().map_err(|_| complain(unknown_zone(name))).ok(),
            None => zone.or(Some(Tz::UTC)),
        };
        if file.decimal_mark.is_empty() || file.decimal_mark == file.thousands_mark {
            complain("decimal_mark must be given and differ from thousands_mark".into());
        }
        if file.path.starts_with('/') || file.path.split(['/', '\\']).any(|part| part == "..") {
            complain(format!("path is `{}`, but should lie in the folder that is imported", file.path));
        }
        if self.list.len() > before {
            return None;
        }
        let layout = match file.format {
            spec::Format::Csv => Layout::Csv { separator: separator?, quote },
            spec::Format::Blanks => Layout::Blanks,
        };
        Some(FilePlan {
            path: file.path.clone(),
            layout,
            header: file.header,
            columns: file.columns.clone(),
            encoding: encoding?,
            trim: file.trim,
            null: file.null.clone(),
            formats,
            zone: zone?,
            decimal_mark: file.decimal_mark.clone(),
            thousands_mark: file.thousands_mark.clone(),
        })
    }

    fn record(&mut self, record: &Spanned<Record>, files: &BTreeMap<String, FilePlan>, shared: &mut Shared) -> Option<Step> {
        let at = record.span().start;
        let record = record.get_ref();
        let name = record.entity.get_ref();
        let Some(entity) = store::entity::entity(name) else {
            let known = store::entity::entities().iter().map(|entity| entity.name);
            self.add(record.entity.span().start, format!("there is no entity `{name}`{}", near(name, known)));
            return None;
        };
        let feed = self.feed(at, record, shared)?;
        let plan = match &feed {
            Feed::File(name) => files.get(name)?,
            Feed::Inline { plan, .. } => plan,
        };
        let mut scope = Scope::new(shared, plan, record.unpivot.as_ref());
        let pivot = scope.pivot();
        let when = scope.conditions(&record.when.0);
        let when = self.take(at, entity, "when", when)?;
        let set = assignments(record);
        let mut key = None;
        let mut columns = Vec::new();
        let mut sound = true;
        for (column, value) in &set {
            let at = value.as_ref().map_or(at, |value| value.span().start);
            let named = Value(spec::ValueTable { column: Some(ColumnName::Name(column.clone())), ..Default::default() });
            let value = value.as_ref().map_or(&named, |value| value.get_ref());
            if column == "external_key" {
                key = self.take(at, entity, column, scope.expression(value, None));
                sound &= key.is_some();
                continue;
            }
            let Some(column) = entity.column(column) else {
                let known = entity.columns.iter().map(|column| column.name).chain(["external_key"]);
                self.add(at, format!("{name} has no column `{column}`{}", near(column, known)));
                sound = false;
                continue;
            };
            match self.take(at, entity, column.name, scope.expression(value, Some(column))) {
                Some(expression) => columns.push(Assignment { column, expression, create: value.0.create.then(|| created(column)).flatten() }),
                None => sound = false,
            }
        }
        let needs = scope.needs();
        self.required(at, entity, &set);
        let key = key.filter(|_| sound)?;
        Some(Step { entity, feed, needs, when, pivot, repeats: record.repeats, key, columns })
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

    fn take<T>(&mut self, at: usize, entity: &Entity, column: &str, found: Result<T, Vec<String>>) -> Option<T> {
        found
            .map_err(|messages| messages.into_iter().for_each(|message| self.add(at, format!("{}.{column}: {message}", entity.name))))
            .ok()
    }

    fn required(&mut self, at: usize, entity: &Entity, set: &BTreeMap<String, Option<&Spanned<Value>>>) {
        let needed = entity.columns.iter().filter(|column| column.required && column.column_type != ColumnType::Subject).map(|column| column.name).chain(["external_key"]);
        let missing: Vec<_> = needed.filter(|name| !set.contains_key(*name)).map(|name| format!("`{name}`")).collect();
        if !missing.is_empty() {
            self.add(at, format!("a record of {} also needs {}", entity.name, missing.join(", ")));
        }
    }

    fn unused(&mut self, files: &BTreeMap<String, Spanned<spec::File>>, used: &BTreeSet<String>) {
        for (name, file) in files.iter().filter(|(name, _)| !used.contains(*name)) {
            self.add(file.span().start, format!("[file.{name}] is used by no record"));
        }
    }

    /// A reference to an entity that only a later record loads could never be found.
    fn order(&mut self, records: &[Spanned<Record>], steps: &[Step]) {
        if records.len() != steps.len() {
            return;
        }
        for (place, step) in steps.iter().enumerate() {
            for assignment in step.columns.iter().filter(|assignment| assignment.create.is_none()) {
                let ColumnType::Reference(to) = assignment.column.column_type else { continue };
                let loads = |steps: &[Step]| steps.iter().any(|step| step.entity.name == to);
                if !loads(&steps[..=place]) && loads(&steps[place..]) {
                    let message = format!("{}.{} refers to {to}, which is loaded further down; move that record before this one", step.entity.name, assignment.column.name);
                    self.add(records[place].span().start, message);
                }
            }
        }
    }
}

/// Inline rows set the columns they name; `set` may add to them.
fn assignments(record: &Record) -> BTreeMap<String, Option<&Spanned<Value>>> {
    let inline = record.rows.iter().flat_map(|row| row.keys()).map(|column| (column.clone(), None));
    let set = record.set.iter().map(|(column, value)| (column.clone(), Some(value)));
    inline.chain(set).collect()
}

fn inline(record: &Record, shared: &Shared) -> Feed {
    let columns: BTreeSet<String> = record.rows.iter().flat_map(|row| row.keys().cloned()).collect();
    let rows = record.rows.iter().map(|row| {
        columns.iter().map(|column| row.get(column).map_or(String::new(), |value| value.0.clone())).collect()
    });
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
        decimal_mark: ".".into(),
        thousands_mark: String::new(),
    };
    Feed::Inline { plan, rows }
}

fn created(column: &'static Column) -> Option<&'static Entity> {
    match column.column_type {
        ColumnType::Reference(name) => store::entity::entity(name),
        _ => None,
    }
}

pub(super) fn formats(texts: &[String]) -> Result<Vec<Format>, String> {
    texts.iter().map(|text| Format::parse(text)).collect()
}

pub(super) fn iso() -> Vec<Format> {
    ISO.iter().filter_map(|text| Format::parse(text).ok()).collect()
}

pub(super) fn unknown_zone(name: &str) -> String {
    let known = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
    let hint = near(name, known);
    // Six hundred names are no help.
    let hint = if hint.starts_with("; there are") { String::new() } else { hint };
    format!("there is no time zone `{name}`{hint}; use a name such as Europe/Berlin or UTC")
}

fn one_byte(text: &str) -> Option<u8> {
    match text.as_bytes() {
        [byte] if byte.is_ascii() => Some(*byte),
        _ => None,
    }
}
