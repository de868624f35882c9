//! Records as they are read: of any entity, and only the columns that somebody asked for.

use std::sync::Arc;

use chrono::NaiveDate;
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::pg::Pg;
use diesel::row::Field;
use diesel::sql_types::{BigInt, Bool, Date, Text, Untyped};
use diesel::sqlite::Sqlite;

use crate::Result;
use crate::entity::{Column, ColumnType, Entity};
use crate::predicate::sql_column;
use crate::value::Value;

/// Which columns of an entity's records are read. The id always is, and is the first.
#[derive(Clone, Debug, PartialEq)]
pub struct Selection {
    entity: &'static Entity,
    columns: Vec<Selected>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Selected {
    name: &'static str,
    sql: &'static str,
    column_type: ColumnType,
}

impl Selection {
    /// The id alone.
    pub fn of(entity: &'static Entity) -> Selection {
        Selection { entity, columns: vec![Selected { name: "id", sql: "id", column_type: ColumnType::Integer }] }
    }

    /// Every column, the source system's key first.
    pub fn whole(entity: &'static Entity) -> Selection {
        let mut selection = Selection::of(entity);
        selection.select_key();
        entity.columns.iter().for_each(|column| selection.select(column));
        selection
    }

    /// Reads a column of the entity too.
    pub fn select(&mut self, column: &'static Column) {
        self.push(Selected { name: column.name, sql: column.sql, column_type: column.column_type });
    }

    /// Reads the source system's key too.
    pub fn select_key(&mut self) {
        self.push(Selected { name: "external_key", sql: "external_key", column_type: ColumnType::Text });
    }

    fn push(&mut self, column: Selected) {
        if self.place(column.name).is_none() {
            self.columns.push(column);
        }
    }

    pub fn entity(&self) -> &'static Entity {
        self.entity
    }

    /// Where a column's values are in the rows; none if it is not selected.
    pub fn place(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// The columns in SQL, each after the alias and a point.
    pub(crate) fn sql(&self, alias: &str) -> String {
        let mut list = String::with_capacity(self.columns.len() * 16);
        for column in &self.columns {
            let comma = if list.is_empty() { "" } else { ", " };
            list.extend([comma, alias, ".", column.sql]);
        }
        list
    }

    /// The same with some columns more, by their names; it is copied only where they are not all there yet.
    pub(crate) fn with(self: &Arc<Self>, names: impl IntoIterator<Item = &'static str>) -> Result<Arc<Selection>> {
        let mut selection = self.clone();
        for name in names.into_iter().filter(|name| self.place(name).is_none()) {
            let (sql, column_type) = sql_column(self.entity, name)?;
            Arc::make_mut(&mut selection).push(Selected { name, sql, column_type });
        }
        Ok(selection)
    }
}

/// A record, as far as it was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    selection: Arc<Selection>,
    cells: Vec<Value>,
}

impl Row {
    /// What a statement has read for a selection; what follows its columns is left in place.
    pub(crate) fn of(selection: &Arc<Selection>, Cells(mut cells): Cells) -> Row {
        for (cell, column) in cells.iter_mut().zip(&selection.columns) {
            settle(cell, column.column_type);
        }
        Row { selection: selection.clone(), cells }
    }

    pub fn entity(&self) -> &'static Entity {
        self.selection.entity
    }

    pub fn selection(&self) -> &Arc<Selection> {
        &self.selection
    }

    pub fn id(&self) -> i64 {
        self.integer(0)
    }

    /// The value of the column at a place of the selection.
    pub fn at(&self, place: usize) -> &Value {
        &self.cells[place]
    }

    /// The value of a column by its name; none if it was not read.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.selection.place(name).map(|place| &self.cells[place])
    }

    /// The column that a statement gives after those of the selection.
    pub(crate) fn beyond(&self) -> i64 {
        self.integer(self.selection.columns.len())
    }

    fn integer(&self, place: usize) -> i64 {
        match self.cells.get(place) {
            Some(Value::Integer(integer)) => *integer,
            _ => unreachable!("ids and references that are joined by are integers in both databases"),
        }
    }
}

/// SQLite has no truth values and no days, but keeps them as numbers and texts.
fn settle(cell: &mut Value, column_type: ColumnType) {
    match (column_type, &*cell) {
        (ColumnType::Bool, Value::Integer(number)) => *cell = Value::Bool(*number != 0),
        (ColumnType::Day, Value::Text(text)) => {
            if let Ok(day) = text.parse() {
                *cell = Value::Day(day);
            }
        }
        _ => {}
    }
}

/// A row of values as the database names their types, in the order of the statement's columns.
pub(crate) struct Cells(Vec<Value>);

/// For each database apart, as with [`Numbers`](crate::statement::Numbers).
macro_rules! read_cells {
    ($($backend:ty: $read:ident),*) => {$(
        impl FromSqlRow<Untyped, $backend> for Cells {
            fn build_from_row<'a>(row: &impl diesel::row::Row<'a, $backend>) -> deserialize::Result<Self> {
                let cell = |index| {
                    let field = row.get(index).ok_or("the row ends early")?;
                    field.value().map_or(Ok(Value::Null), $read)
                };
                let mut cells = Vec::with_capacity(row.field_count());
                for index in 0..row.field_count() {
                    cells.push(cell(index)?);
                }
                Ok(Cells(cells))
            }
        }
    )*};
}

read_cells!(Sqlite: of_sqlite, Pg: of_postgres);

fn of_sqlite(value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Value> {
    use diesel::sqlite::SqliteType;
    match value.value_type() {
        None => Ok(Value::Null),
        Some(SqliteType::Text) => <String as FromSql<Text, Sqlite>>::from_sql(value).map(Value::Text),
        Some(_) => <i64 as FromSql<BigInt, Sqlite>>::from_sql(value).map(Value::Integer),
    }
}

/// PostgreSQL's numbers of the types that the tables have.
mod oid {
    pub const BOOL: u32 = 16;
    pub const TEXT: u32 = 25;
    pub const DATE: u32 = 1082;
}

fn of_postgres(value: <Pg as Backend>::RawValue<'_>) -> deserialize::Result<Value> {
    match value.get_oid().get() {
        oid::TEXT => <String as FromSql<Text, Pg>>::from_sql(value).map(Value::Text),
        oid::BOOL => <bool as FromSql<Bool, Pg>>::from_sql(value).map(Value::Bool),
        oid::DATE => <NaiveDate as FromSql<Date, Pg>>::from_sql(value).map(Value::Day),
        _ => <i64 as FromSql<BigInt, Pg>>::from_sql(value).map(Value::Integer),
    }
}
