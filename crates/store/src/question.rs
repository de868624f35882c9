//! Questions: what the engine asks of the facts. One question is exactly one statement, the same text on both backends.
//!
//! What a question may hold together, so that it stays one statement:
//! * over **intervals** (disjoint): any of count, known, sum, min and max, each with its own filter;
//! * over **periods** (they may overlap): either distinct counts of one field, each with its own filter and `at_least`; or
//!   percentiles of one field under one filter, and behind the first of them how many facts have it known;
//! * over **instants**: the stock, as count, known or sum, each with its own filter;
//! * over **spans** (targets, figures that arrive aggregated): sums, each with its own filter.
//!
//! Any other mix is refused with a [`Fault`], never answered by a second statement or a guess.

mod answer;
mod compile;
mod facts;
mod filter;
#[cfg(test)]
mod golden;
pub(crate) mod parting;
mod record;
mod span;
mod text;
mod vocabulary;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use manifest::{Filter, Source, SubjectKind};
use rust_decimal::Decimal;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    pub source: Source,
    pub subject: Group,
    /// A second subject that every fact must also belong to: the cells are then subject × within.
    pub within: Option<Group>,
    pub over: Over,
    pub columns: Vec<Ask>,
}

/// Subjects of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    pub kind: SubjectKind,
    /// None: every one. Of no meaning for the organisation, whose id is always 0.
    pub ids: Option<Vec<i64>>,
}

/// Which facts, and how they are parted in time. Instants are microseconds since 1970 UTC, ranges half-open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Over {
    /// Disjoint and ascending; for aggregates that can be put together again.
    Intervals { time: String, bounds: Vec<(i64, i64)> },
    /// In any order, and they may overlap; for distinct counts and percentiles.
    Periods { time: String, bounds: Vec<(i64, i64)> },
    /// What existed just before each instant.
    Instants(Vec<i64>),
    /// Spans that lie in these days as a whole.
    Spans { from: NaiveDate, to: NaiveDate },
}

/// One column of the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    pub what: What,
    pub filter: BTreeMap<String, Filter>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// How many facts.
    Count,
    /// How many facts where the field is known.
    Known(String),
    /// Null where there are facts, but none has the field known: a sum of nothing but unknowns is no zero. Spans likewise, also
    /// where there is none.
    Sum(String),
    /// Null where no fact has the field known. Likewise below.
    Min(String),
    Max(String),
    /// How many different records stand behind the field, each with at least so many facts.
    Distinct {
        of: String,
        at_least: u32,
    },
    Percentile {
        of: String,
        p: Percentile,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Percentile {
    Median,
    P75,
    P90,
}

/// Cells that have facts. A cell without facts has no row (or, for the organisation, may have one with count 0 and nulls).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    pub rows: Vec<AnswerRow>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerRow {
    pub subject: i64,
    /// 0 where the question has no `within`.
    pub within: i64,
    pub slot: Slot,
    /// One for each column asked for, in units of outside: money 1.0000, durations in seconds.
    pub values: Vec<Option<Decimal>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Slot {
    /// Index into the bounds or the instants of the question.
    At(u32),
    /// `below`: the employee below the team or the organisation that it is of; none where it is the subject's own. What several
    /// employees have is not added up here, because one may have a year where another has its quarters.
    Span { starts_on: NaiveDate, ends_on: NaiveDate, below: Option<i64> },
}

/// A record behind a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RecordRef {
    /// Name of the entity, as in [`crate::entity`].
    pub entity: &'static str,
    pub id: i64,
}

/// Why a question cannot be put to the store. Always a mistake of the asker: manifests are checked before.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("the measure cannot be taken: {0}")]
    Measure(String),
    #[error("facts of `{source_name}` cannot be traced to {kind}; they can be traced to {ways}")]
    NoWay { source_name: &'static str, kind: &'static str, ways: String },
    #[error("one question cannot hold this: {0}")]
    Mix(String),
    #[error("the time of the question is not usable: {0}")]
    Time(String),
    #[error("the filter on `{field}` is not usable: {problem}")]
    Filter { field: String, problem: String },
}
