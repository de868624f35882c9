//! Puts a question to the database and reads what comes back. Integers of the store become decimals here, exactly.

use std::collections::HashSet;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::compile::{Places, Reading, compile};
use super::facts::LISTED;
use super::span::OWN;
use super::text::readable;
use super::{Answer, AnswerRow, Group, Percentile, Question, Slot};
use crate::statement::Numbers;
use crate::{Error, Result, Store};

impl Store {
    /// One statement. Facts whose subject is unknown are left out, except for the organisation.
    pub async fn ask(&self, question: &Question) -> Result<Answer> {
        let compiled = compile(question)?;
        let rows = self.rows::<Numbers>(&compiled.statement).await?;
        let read = rows.into_iter().map(|Numbers(row)| compiled.reading.read(&row).ok_or_else(|| unreadable(&row)));
        let mut rows = read.collect::<Result<Vec<_>>>()?;
        keep(&mut rows, &question.subject, |row| row.subject);
        if let Some(within) = &question.within {
            keep(&mut rows, within, |row| row.within);
        }
        Ok(Answer { rows })
    }

    /// The statement of a question with its values in it, for people to read.
    pub fn sql(&self, question: &Question) -> Result<String> {
        Ok(readable(&compile(question)?.statement))
    }
}

/// Subjects too many to be listed in the statement are picked from its answer.
fn keep(rows: &mut Vec<AnswerRow>, group: &Group, id: impl Fn(&AnswerRow) -> i64) {
    if let Some(ids) = group.ids.as_ref().filter(|ids| ids.len() > LISTED) {
        let ids: HashSet<_> = ids.iter().copied().collect();
        rows.retain(|row| ids.contains(&id(row)));
    }
}

fn unreadable(row: &[Option<i64>]) -> Error {
    Error::Corrupt { what: "a measure".into(), reason: format!("a row is {row:?}") }
}

impl Reading {
    fn read(&self, row: &[Option<i64>]) -> Option<AnswerRow> {
        match (self, row) {
            (Reading::Cells(scales), [Some(subject), Some(within), Some(slot), values @ ..]) => {
                Some(AnswerRow { subject: *subject, within: *within, slot: at(*slot)?, values: cells(values, scales)? })
            }
            (Reading::Percentiles { scale, asked }, [Some(subject), Some(within), Some(slot), Some(last), neighbours @ ..]) => {
                let mut pairs = neighbours.chunks(2);
                let value = |p: &Option<Percentile>| match p {
                    Some(p) => between(*p, *last, pairs.next()?, *scale).map(Some),
                    None => Some(Some(Decimal::from(*last + 1))),
                };
                let values = asked.iter().map(value).collect::<Option<_>>()?;
                Some(AnswerRow { subject: *subject, within: *within, slot: at(*slot)?, values })
            }
            (Reading::Spans(scales), [Some(subject), Some(starts_on), Some(ends_on), Some(below), values @ ..]) => {
                let slot = Slot::Span {
                    starts_on: day(*starts_on)?,
                    ends_on: day(*ends_on)?,
                    below: Some(*below).filter(|&employee| employee != OWN),
                };
                Some(AnswerRow { subject: *subject, within: 0, slot, values: decimals(values, scales) })
            }
            _ => None,
        }
    }
}

fn at(slot: i64) -> Option<Slot> {
    u32::try_from(slot).ok().map(Slot::At)
}

fn cells(values: &[Option<i64>], places: &[Places]) -> Option<Vec<Option<Decimal>>> {
    let mut values = values.iter().copied();
    let read = |places: &Places| {
        let first = values.next()?;
        Some(match *places {
            Places::One(scale) => first.map(|value| Decimal::new(value, scale)),
            Places::Two(high, low) => first.zip(values.next()?).map(|(a, b)| Decimal::new(a, high) + Decimal::new(b, low)),
        })
    };
    places.iter().map(read).collect()
}

fn decimals(values: &[Option<i64>], scales: &[u32]) -> Vec<Option<Decimal>> {
    values.iter().zip(scales).map(|(value, scale)| value.map(|value| Decimal::new(value, *scale))).collect()
}

/// The point between two neighbours that a percentile of type 7 names. Its denominators are 2, 4 and 10, so it is exact.
fn between(p: Percentile, last: i64, pair: &[Option<i64>], scale: u32) -> Option<Decimal> {
    let [Some(low), Some(high)] = pair else { return None };
    let (share, of) = p.share();
    let rest = last.checked_mul(share)? % of;
    let weighed = i128::from(*low) * i128::from(of - rest) + i128::from(*high) * i128::from(rest);
    let whole = Decimal::try_from_i128_with_scale(weighed, scale).ok()?;
    whole.checked_div(Decimal::from(of))
}

fn day(number: i64) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(
        i32::try_from(number / 10_000).ok()?,
        u32::try_from(number / 100 % 100).ok()?,
        u32::try_from(number % 100).ok()?,
    )
}
