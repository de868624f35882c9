//! A cell: one metric of one subject over one period.

use std::sync::Arc;

use manifest::SubjectKind;

use crate::parameter::Parameters;
use crate::period::Period;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Subject {
    pub kind: SubjectKind,
    pub id: i64,
}

impl Subject {
    /// There is one organisation in a database.
    pub const ORGANISATION: Subject = Subject { kind: SubjectKind::Organisation, id: 0 };
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Cell {
    /// The whole key: `sales.amount`.
    pub metric: Arc<str>,
    /// Its parameters; figures of one metric with others are columns of the same batch.
    pub parameters: Parameters,
    pub subject: Subject,
    /// Only the facts that are also of this subject: an employee's sales in one region.
    pub within: Option<Subject>,
    pub period: Period,
}
