//! From a mapping as it is written to a plan that can be run, or everything that is wrong with it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono_tz::Tz;
use store::entity::ColumnType;
use toml::Spanned;

use super::expression::Shared;
use super::spec::{self, Document, Organisation, Record};
use super::{Profile, Step, line_of};
use crate::date::Format;
use crate::error::Fault;
use crate::name::near;

mod file;
mod record;

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
            self.add(
                at,
                format!("[organisation]: currency is `{}`, but should be a code of three letters such as USD", organisation.currency),
            );
        }
        if !["MONDAY", "SUNDAY"].contains(&organisation.week_start.as_str()) {
            self.add(at, format!("[organisation]: week_start is `{}`, but should be MONDAY or SUNDAY", organisation.week_start));
        }
        if !(1..=12).contains(&organisation.fiscal_year_start) {
            self.add(
                at,
                format!("[organisation]: fiscal_year_start is {}, but should be a month from 1 to 12", organisation.fiscal_year_start),
            );
        }
        organisation
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
                    let message = format!(
                        "{}.{} refers to {to}, which is loaded further down; move that record before this one",
                        step.entity.name, assignment.column.name
                    );
                    self.add(records[place].span().start, message);
                }
            }
        }
    }
}

pub(super) fn formats(texts: &[String]) -> Result<Vec<Format>, String> {
    texts.iter().map(|text| Format::parse(text)).collect()
}

pub(super) fn unknown_zone(name: &str) -> String {
    let known = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
    let hint = near(name, known);
    // Six hundred names are no help.
    let hint = if hint.starts_with("; there are") { String::new() } else { hint };
    format!("there is no time zone `{name}`{hint}; use a name such as Europe/Berlin or UTC")
}
