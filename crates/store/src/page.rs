//! Records by the page, by parent, by id: never more rows than were asked for, and never one statement per record.
//!
//! Pages are cut by the values of the last record, not by counting: a record inserted meanwhile moves no page. Unknown values come
//! last, in whatever direction; the id settles ties.

use manifest::SubjectKind;
use serde::{Deserialize, Serialize};

use crate::connection::Store;
use crate::entity::Record;
use crate::predicate::Predicate;
use crate::value::Value;
use crate::{Error, Result};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    Ascending,
    Descending,
}

/// Where a record stands in an order: its values in the columns ordered by, and its id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cursor {
    pub values: Vec<Value>,
    pub id: i64,
}

impl Cursor {
    pub fn of<R: Record>(record: &R, order: &[(&'static str, Order)]) -> Cursor {
        Cursor { values: order.iter().map(|(column, _)| record.value(column).unwrap_or(Value::Null)).collect(), id: record.id() }
    }
}

/// A page of records: those that meet the filter, after one place in the order and before another, at most so many.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    pub filter: Predicate,
    pub order: Vec<(&'static str, Order)>,
    pub after: Option<Cursor>,
    pub before: Option<Cursor>,
    pub limit: Option<i64>,
    /// Take the last ones, not the first; they still come in order.
    pub backwards: bool,
}

impl Default for Query {
    fn default() -> Query {
        Query { filter: Predicate::always(), order: Vec::new(), after: None, before: None, limit: None, backwards: false }
    }
}

fn later<T>() -> Result<T> {
    Err(Error::Invalid { what: "this".into(), reason: "it is being built".into() })
}

impl Store {
    pub async fn page<R: Record>(&self, _query: &Query) -> Result<Vec<R>> {
        later()
    }

    pub async fn count<R: Record>(&self, _predicate: &Predicate) -> Result<i64> {
        later()
    }

    /// In the order of the ids given; those that do not exist are left out.
    pub async fn by_ids<R: Record>(&self, _ids: &[i64]) -> Result<Vec<R>> {
        later()
    }

    /// The children of many parents, each parent's page by itself, in one statement. `column` is the child's reference.
    pub async fn children<R: Record>(&self, _column: &'static str, _parents: &[i64], _query: &Query) -> Result<Vec<(i64, R)>> {
        later()
    }

    /// How many children each parent has; parents without any are left out.
    pub async fn child_counts<R: Record>(&self, _column: &'static str, _parents: &[i64], _predicate: &Predicate) -> Result<Vec<(i64, i64)>> {
        later()
    }

    /// The subjects of a kind that meet a condition, by id. The organisation is 0.
    pub async fn subject_ids(&self, _kind: SubjectKind, _predicate: &Predicate) -> Result<Vec<i64>> {
        later()
    }

    /// What people call the subjects: id and label, for those that exist.
    pub async fn subject_labels(&self, _kind: SubjectKind, _ids: &[i64]) -> Result<Vec<(i64, String)>> {
        later()
    }
}
