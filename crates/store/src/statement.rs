//! One SQL text with its values, for either database.
//!
//! Values are always bound; a text is never put together from them. Only integers that we made ourselves (ids, instants) may
//! stand in the text. Placeholders are `$1`, `$2`, …, the values in the order of the binds, and a list is met by `= ANY($1)`.

use chrono::NaiveDate;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::row::{Field, Row};
use diesel::sql_types::{Array, BigInt, Bool, Date, Nullable, Text, Untyped};
use diesel::sqlite::Sqlite;

use crate::value::Value;

#[derive(Clone, Debug, PartialEq)]
pub enum Bind {
    Text(String),
    BigInt(i64),
    Day(NaiveDate),
    Bool(bool),
    MaybeText(Option<String>),
    MaybeBigInt(Option<i64>),
    MaybeDay(Option<NaiveDate>),
    MaybeBool(Option<bool>),
    /// Lists, for `= ANY($1)`; to PostgreSQL also whole columns, for `unnest($1, $2)`.
    Texts(Vec<Option<String>>),
    BigInts(Vec<Option<i64>>),
    Days(Vec<Option<NaiveDate>>),
    Bools(Vec<Option<bool>>),
}

impl Bind {
    pub fn ids(ids: &[i64]) -> Bind {
        Bind::BigInts(ids.iter().copied().map(Some).collect())
    }

    /// The values as a list of a SQL type; those of other types, which were refused before, as null.
    pub(crate) fn list<'a>(sql_type: &str, values: impl Iterator<Item = &'a Value>) -> Bind {
        match sql_type {
            "TEXT" => Bind::Texts(values.map(|value| if let Value::Text(text) = value { Some(text.clone()) } else { None }).collect()),
            "DATE" => Bind::Days(values.map(|value| if let Value::Day(day) = value { Some(*day) } else { None }).collect()),
            "BOOLEAN" => Bind::Bools(values.map(|value| if let Value::Bool(truth) = value { Some(*truth) } else { None }).collect()),
            _ => Bind::BigInts(values.map(|value| if let Value::Integer(integer) = value { Some(*integer) } else { None }).collect()),
        }
    }

    fn for_sqlite(&self) -> Bind {
        match self {
            Bind::Texts(values) => json(values, |text| text.as_str().into()),
            Bind::BigInts(values) => json(values, |integer| (*integer).into()),
            Bind::Days(values) => json(values, |day| day.to_string().into()),
            Bind::Bools(values) => json(values, |truth| (*truth).into()),
            scalar => scalar.clone(),
        }
    }
}

fn json<T>(values: &[Option<T>], of: impl Fn(&T) -> serde_json::Value) -> Bind {
    let values = values.iter().map(|value| value.as_ref().map_or(serde_json::Value::Null, &of));
    Bind::Text(serde_json::Value::Array(values.collect()).to_string())
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Statement {
    pub text: String,
    pub binds: Vec<Bind>,
    /// Whether the database should keep it prepared: only for texts that come again unchanged, since each is kept for good.
    pub kept: bool,
}

impl Statement {
    pub fn new(text: impl Into<String>) -> Statement {
        Statement { text: text.into(), binds: Vec::new(), kept: false }
    }

    /// Binds a value and gives its placeholder.
    pub fn bind(&mut self, bind: Bind) -> String {
        self.binds.push(bind);
        format!("${}", self.binds.len())
    }

    pub fn with(mut self, bind: Bind) -> Statement {
        self.binds.push(bind);
        self
    }

    pub fn kept(mut self) -> Statement {
        self.kept = true;
        self
    }

    /// The same statement as SQLite says it. It takes `$2` for a name, numbered by its first appearance, where `?2` is the second
    /// value wherever it stands; and it has no arrays, but reads a list from JSON.
    pub(crate) fn for_sqlite(&self) -> Statement {
        let mut parts = self.text.split('$');
        let mut text = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let digits = part.len() - part.trim_start_matches(|digit: char| digit.is_ascii_digit()).len();
            let (number, rest) = part.split_at(digits);
            match (text.strip_suffix("= ANY("), rest.strip_prefix(')')) {
                (Some(before), Some(after)) => text = format!("{before}IN (SELECT value FROM json_each(?{number})){after}"),
                _ => text.extend([if digits > 0 { "?" } else { "$" }, part]),
            }
        }
        Statement { text, binds: self.binds.iter().map(Bind::for_sqlite).collect(), kept: self.kept }
    }
}

impl Query for Statement {
    type SqlType = Untyped;
}

impl QueryId for Statement {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Connection> diesel::RunQueryDsl<Connection> for Statement {}

/// The binds that both databases know, in one place for the two implementations below.
macro_rules! push_scalar {
    ($out:ident, $bind:expr, $other:pat => $else:expr) => {
        match $bind {
            Bind::Text(value) => $out.push_bind_param_value_only::<Text, _>(value)?,
            Bind::BigInt(value) => $out.push_bind_param_value_only::<BigInt, _>(value)?,
            Bind::Day(value) => $out.push_bind_param_value_only::<Date, _>(value)?,
            Bind::Bool(value) => $out.push_bind_param_value_only::<Bool, _>(value)?,
            Bind::MaybeText(value) => $out.push_bind_param_value_only::<Nullable<Text>, _>(value)?,
            Bind::MaybeBigInt(value) => $out.push_bind_param_value_only::<Nullable<BigInt>, _>(value)?,
            Bind::MaybeDay(value) => $out.push_bind_param_value_only::<Nullable<Date>, _>(value)?,
            Bind::MaybeBool(value) => $out.push_bind_param_value_only::<Nullable<Bool>, _>(value)?,
            $other => $else,
        }
    };
}

impl QueryFragment<Sqlite> for Statement {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        if !self.kept {
            out.unsafe_to_cache_prepared();
        }
        out.push_sql(&self.text);
        for bind in &self.binds {
            push_scalar!(out, bind, array => return Err(diesel::result::Error::QueryBuilderError(format!("SQLite has no arrays, and {array:?} is one").into())));
        }
        Ok(())
    }
}

impl QueryFragment<Pg> for Statement {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        if !self.kept {
            out.unsafe_to_cache_prepared();
        }
        out.push_sql(&self.text);
        for bind in &self.binds {
            push_scalar!(out, bind, array => push_array(&mut out, array)?);
        }
        Ok(())
    }
}

fn push_array<'b>(out: &mut AstPass<'_, 'b, Pg>, array: &'b Bind) -> QueryResult<()> {
    match array {
        Bind::Texts(values) => out.push_bind_param_value_only::<Array<Nullable<Text>>, _>(values),
        Bind::BigInts(values) => out.push_bind_param_value_only::<Array<Nullable<BigInt>>, _>(values),
        Bind::Days(values) => out.push_bind_param_value_only::<Array<Nullable<Date>>, _>(values),
        Bind::Bools(values) => out.push_bind_param_value_only::<Array<Nullable<Bool>>, _>(values),
        scalar => unreachable!("{scalar:?} is pushed as a scalar"),
    }
}

/// What can be read from a row of either database: everything that derives `QueryableByName`, and [`Numbers`].
pub trait Readable: FromSqlRow<Untyped, Sqlite> + FromSqlRow<Untyped, Pg> + Send + 'static {}

impl<T: FromSqlRow<Untyped, Sqlite> + FromSqlRow<Untyped, Pg> + Send + 'static> Readable for T {}

/// A row of integers, however many columns the statement has, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbers(pub Vec<Option<i64>>);

/// For each database apart: one implementation for all would collide with the one for `QueryableByName`.
macro_rules! read_numbers {
    ($($backend:ty),*) => {$(
        impl FromSqlRow<Untyped, $backend> for Numbers {
            fn build_from_row<'a>(row: &impl Row<'a, $backend>) -> deserialize::Result<Self> {
                let number = |index| {
                    let field = Row::get(row, index).ok_or("the row ends early")?;
                    <Option<i64> as FromSql<Nullable<BigInt>, $backend>>::from_nullable_sql(Field::value(&field))
                };
                (0..row.field_count()).map(number).collect::<deserialize::Result<_>>().map(Numbers)
            }
        }
    )*};
}

read_numbers!(Sqlite, Pg);
