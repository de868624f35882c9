//! Conditions on the columns of a row. One on an unknown value never holds, except `known = false`.

use rust_decimal::Decimal;

use crate::expression::{Bad, Cell, Row};

#[derive(Debug)]
pub(crate) struct Condition {
    pub cell: Cell,
    pub tests: Vec<Test>,
}

#[derive(Debug)]
pub(crate) enum Test {
    Known(bool),
    In(Vec<String>),
    NotIn(Vec<String>),
    Above(Decimal, /* or equal */ bool),
    Below(Decimal, bool),
}

impl Condition {
    pub fn holds(&self, row: &Row) -> Result<bool, Bad> {
        let text = row.text(self.cell);
        for test in &self.tests {
            let holds = match (test, text) {
                (Test::Known(known), text) => text.is_some() == *known,
                (_, None) => false,
                (Test::In(words), Some(text)) => words.iter().any(|word| word == text),
                (Test::NotIn(words), Some(text)) => words.iter().all(|word| word != text),
                (Test::Above(bound, equal), Some(text)) => exceeds(number(row, text)?, *bound, *equal),
                (Test::Below(bound, equal), Some(text)) => exceeds(*bound, number(row, text)?, *equal),
            };
            if !holds {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

fn exceeds(a: Decimal, b: Decimal, equal: bool) -> bool {
    a > b || equal && a == b
}

fn number(row: &Row, text: &str) -> Result<Decimal, Bad> {
    row.file.decimal(text).ok_or_else(|| Bad::new(text, "not a number, but a condition compares it with one"))
}
