//! Conditions on the records of an entity, and their SQL.
//!
//! A column that is unknown never meets a condition, except `Known(false)`; nor does its negation: `Not` of a condition on an
//! unknown column holds, since the condition does not. So every record is on exactly one side of a condition.

use crate::value::Value;

#[derive(Clone, Debug, PartialEq)]
pub enum Predicate {
    /// Every one holds; of none, always.
    All(Vec<Predicate>),
    /// At least one holds; of none, never.
    Any(Vec<Predicate>),
    Not(Box<Predicate>),
    /// The column's value passes the test. Also `id` and `external_key`.
    Test { column: &'static str, test: Test },
    /// The record that the reference points to meets the condition.
    To { column: &'static str, predicate: Box<Predicate> },
    Ids(Vec<i64>),
    /// Some record of another entity that refers to this one by `column` meets the condition.
    Has { entity: &'static str, column: &'static str, predicate: Box<Predicate> },
}

/// A test of one value. References are compared by id.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    Eq(Value),
    In(Vec<Value>),
    Lt(Value),
    Lte(Value),
    Gt(Value),
    Gte(Value),
    /// The text occurs in it, whatever the case of its ASCII letters.
    Contains(String),
    /// It begins with the text, whatever the case of its ASCII letters.
    StartsWith(String),
    Known(bool),
}

impl Predicate {
    pub fn always() -> Predicate {
        Predicate::All(Vec::new())
    }

    pub fn test(column: &'static str, test: Test) -> Predicate {
        Predicate::Test { column, test }
    }
}
