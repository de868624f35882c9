//! A profile: a mapping file, read and checked, ready to be run over a folder of files.
//!
//! Whatever can be wrong in a mapping without looking at the data is found here, all of it at once, each fault with its line.

use std::collections::BTreeMap;
use std::path::Path;

use chrono_tz::Tz;
use encoding_rs::Encoding;
use rust_decimal::Decimal;
use store::entity::{Column, Entity};

use crate::condition::Condition;
use crate::date::Format;
use crate::error::{Fault, ImportError};
use crate::expression::Expression;
use crate::marks::Marks;
use spec::{ColumnName, Organisation, Repeats};

mod check;
mod expression;
pub(crate) mod spec;

macro_rules! builtin {
    ($($name:literal),*) => {
        /// The profiles that come with the program: plain mapping files, to use and to copy from.
        pub const BUILTIN: &[(&str, &str)] = &[$(($name, include_str!(concat!("../profiles/", $name, ".toml")))),*];
    };
}

builtin!("adventureworks-quota", "bank-marketing", "cdnow", "cfpb-complaints", "maven-crm", "northwind", "nyc311", "telco-churn");

#[derive(Debug)]
pub struct Profile {
    pub name: String,
    pub about: String,
    pub(crate) organisation: Option<Organisation>,
    pub(crate) files: BTreeMap<String, FilePlan>,
    pub(crate) lookups: Vec<LookupPlan>,
    pub(crate) steps: Vec<Step>,
}

/// How to read a file.
#[derive(Debug)]
pub(crate) struct FilePlan {
    pub path: String,
    pub layout: Layout,
    pub header: bool,
    pub columns: Vec<String>,
    pub encoding: &'static Encoding,
    pub trim: bool,
    pub null: Vec<String>,
    pub formats: Vec<Format>,
    pub zone: Tz,
    pub marks: Marks,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Layout {
    Csv { separator: u8, quote: Option<u8> },
    Blanks,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct LookupPlan {
    pub file: String,
    pub by: ColumnName,
    pub take: ColumnName,
}

/// One pass over one file that makes records of one entity.
#[derive(Debug)]
pub(crate) struct Step {
    pub entity: &'static Entity,
    pub feed: Feed,
    /// The columns needed of the file; cells count into this list.
    pub needs: Vec<ColumnName>,
    pub when: Vec<Condition>,
    /// What every row has to meet.
    pub expect: Vec<Condition>,
    pub pivot: Option<Vec<(String, usize)>>,
    pub repeats: Repeats,
    pub key: Expression,
    pub columns: Vec<Assignment>,
}

#[derive(Debug)]
pub(crate) enum Feed {
    File(String),
    Inline { plan: FilePlan, rows: Vec<Vec<String>> },
}

#[derive(Debug)]
pub(crate) struct Assignment {
    pub column: &'static Column,
    pub expression: Expression,
    /// Records of this entity are created for keys that no mapping has loaded.
    pub create: Option<&'static Entity>,
}

impl FilePlan {
    /// The text of a cell, nothing where it is a word for unknown.
    pub fn known<'t>(&self, text: &'t str) -> Option<&'t str> {
        let text = if self.trim { text.trim() } else { text };
        (!self.null.iter().any(|word| word == text)).then_some(text)
    }

    /// A number as this file writes them.
    pub fn decimal(&self, text: &str) -> Option<Decimal> {
        self.marks.read(text)
    }
}

impl Profile {
    /// One of the profiles that come with the program.
    pub fn builtin(name: &str) -> Result<Profile, ImportError> {
        let known = || BUILTIN.iter().map(|(known, _)| *known).collect::<Vec<_>>().join(", ");
        let found = BUILTIN.iter().find(|(known, _)| *known == name);
        let (_, text) = found.ok_or_else(|| ImportError::UnknownProfile { name: name.to_owned(), known: known() })?;
        Profile::parse(text, name)
    }

    /// The name of a built-in profile, or the path of a mapping file (it ends in `.toml`).
    pub fn open(name_or_path: &str) -> Result<Profile, ImportError> {
        if !name_or_path.ends_with(".toml") {
            return Profile::builtin(name_or_path);
        }
        let path = Path::new(name_or_path);
        let text = std::fs::read_to_string(path).map_err(|source| ImportError::UnreadableProfile { path: path.to_owned(), source })?;
        Profile::parse(&text, name_or_path)
    }

    /// Reads a mapping. `origin` is what errors call it: its path or its name.
    pub fn parse(text: &str, origin: &str) -> Result<Profile, ImportError> {
        let document: spec::Document = toml::from_str(text).map_err(|error| {
            let line = error.span().map(|span| line_of(text, span.start));
            let fault = Fault { line, message: error.message().to_owned() };
            ImportError::Mapping { origin: origin.to_owned(), faults: vec![fault] }
        })?;
        check::check(document, text).map_err(|faults| ImportError::Mapping { origin: origin.to_owned(), faults })
    }
}

/// The line of a byte, counted from 1.
pub(crate) fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes()[..at.min(text.len())].iter().filter(|byte| **byte == b'\n').count() + 1
}
