//! Conditions on the records of an entity, and their SQL.
//!
//! A column that is unknown never meets a condition, except `Known(false)`; nor does its negation: `Not` of a condition on an
//! unknown column holds, since the condition does not. So every record is on exactly one side of a condition.

use crate::entity::{Column, ColumnType, Entity, entity};
use crate::statement::{Bind, Statement};
use crate::value::Value;
use crate::{Error, Result};

#[derive(Clone, Debug, PartialEq)]
pub enum Predicate {
    /// Every one holds; of none, always.
    All(Vec<Predicate>),
    /// At least one holds; of none, never.
    Any(Vec<Predicate>),
    Not(Box<Predicate>),
    /// The column's value passes the test. Also `id` and `external_key`.
    Test {
        column: &'static str,
        test: Test,
    },
    /// The record that the reference points to meets the condition.
    To {
        column: &'static str,
        predicate: Box<Predicate>,
    },
    Ids(Vec<i64>),
    /// Some record of another entity that refers to this one by `column` meets the condition.
    Has {
        entity: &'static str,
        column: &'static str,
        predicate: Box<Predicate>,
    },
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
    /// It begins with the text, likewise.
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

/// Writes the conditions of one statement, and binds their values to it.
pub(crate) struct Writer<'a> {
    statement: &'a mut Statement,
    /// Tables named so far; each gets an alias of its own.
    aliases: usize,
}

impl Writer<'_> {
    pub fn of(statement: &mut Statement) -> Writer<'_> {
        Writer { statement, aliases: 0 }
    }

    /// The condition on the entity's table under that alias, as a SQL expression that may be null.
    pub fn write(&mut self, entity: &Entity, alias: &str, predicate: &Predicate) -> Result<String> {
        match predicate {
            Predicate::All(parts) => self.join(entity, alias, parts, " AND ", "TRUE"),
            Predicate::Any(parts) => self.join(entity, alias, parts, " OR ", "FALSE"),
            Predicate::Not(part) => Ok(format!("({}) IS NOT TRUE", self.write(entity, alias, part)?)),
            Predicate::Test { column, test } => self.test(entity, alias, column, test),
            Predicate::To { column, predicate } => self.reference(entity, alias, column, predicate),
            Predicate::Ids(ids) => Ok(among(self.statement, &format!("{alias}.id"), ids)),
            Predicate::Has { entity: child, column, predicate } => self.child(entity, alias, child, column, predicate),
        }
    }

    fn join(&mut self, entity: &Entity, alias: &str, parts: &[Predicate], with: &str, of_none: &str) -> Result<String> {
        if parts.is_empty() {
            return Ok(of_none.into());
        }
        let parts: Vec<String> = parts.iter().map(|part| self.write(entity, alias, part)).collect::<Result<_>>()?;
        Ok(format!("({})", parts.join(with)))
    }

    fn reference(&mut self, entity: &Entity, alias: &str, column: &str, predicate: &Predicate) -> Result<String> {
        let column = known_column(entity, column)?;
        let ColumnType::Reference(target) = column.column_type else {
            return invalid(entity, format!("`{}` refers to no record", column.name));
        };
        let target = known_entity(target)?;
        let inner = self.alias();
        let condition = self.write(target, &inner, predicate)?;
        Ok(format!("EXISTS (SELECT 1 FROM {} AS {inner} WHERE {inner}.id = {alias}.{} AND {condition})", target.table, column.sql))
    }

    fn child(&mut self, entity: &Entity, alias: &str, child: &str, column: &str, predicate: &Predicate) -> Result<String> {
        let child = known_entity(child)?;
        let column = known_column(child, column)?;
        if column.column_type != ColumnType::Reference(entity.name) {
            return invalid(child, format!("`{}` does not refer to {}", column.name, entity.name));
        }
        let inner = self.alias();
        let condition = self.write(child, &inner, predicate)?;
        Ok(format!("EXISTS (SELECT 1 FROM {} AS {inner} WHERE {inner}.{} = {alias}.id AND {condition})", child.table, column.sql))
    }

    fn test(&mut self, entity: &Entity, alias: &str, name: &str, test: &Test) -> Result<String> {
        let (sql, column_type) = sql_column(entity, name)?;
        let sql = format!("{alias}.{sql}");
        let mut compare = |sign: &str, value: &Value| Ok(format!("{sql} {sign} {}", self.value(entity, name, column_type, value)?));
        match test {
            Test::Eq(value) => compare("=", value),
            Test::Lt(value) => compare("<", value),
            Test::Lte(value) => compare("<=", value),
            Test::Gt(value) => compare(">", value),
            Test::Gte(value) => compare(">=", value),
            Test::In(values) => {
                let list = list(entity, name, column_type, values)?;
                Ok(format!("{sql} = ANY({})", self.statement.bind(list)))
            }
            Test::Known(true) => Ok(format!("{sql} IS NOT NULL")),
            Test::Known(false) => Ok(format!("{sql} IS NULL")),
            Test::Contains(text) => self.like(entity, name, column_type, &sql, format!("%{}%", escaped(text))),
            Test::StartsWith(text) => self.like(entity, name, column_type, &sql, format!("{}%", escaped(text))),
        }
    }

    fn like(&mut self, entity: &Entity, name: &str, column_type: ColumnType, sql: &str, pattern: String) -> Result<String> {
        if !matches!(column_type, ColumnType::Text | ColumnType::OneOf(_)) {
            return invalid(entity, format!("`{name}` is no text, in which another could occur"));
        }
        // The tables compare texts by their bytes, so that LOWER folds ASCII alone on both databases.
        Ok(format!("LOWER({sql}) LIKE {} ESCAPE '\\'", self.statement.bind(Bind::Text(pattern.to_ascii_lowercase()))))
    }

    /// Binds a value to compare a column with, and gives its placeholder.
    pub fn value(&mut self, entity: &Entity, name: &str, column_type: ColumnType, value: &Value) -> Result<String> {
        comparable(entity, name, column_type, value)?;
        Ok(self.statement.bind(match value {
            Value::Text(text) => Bind::Text(text.clone()),
            Value::Integer(integer) => Bind::BigInt(*integer),
            Value::Day(day) => Bind::Day(*day),
            Value::Bool(truth) => Bind::Bool(*truth),
            Value::Null => Bind::MaybeBigInt(None),
        }))
    }

    fn alias(&mut self) -> String {
        self.aliases += 1;
        format!("r{}", self.aliases)
    }
}

/// The column under a name, with its type; also the two columns that every entity has.
pub(crate) fn sql_column(entity: &Entity, name: &str) -> Result<(&'static str, ColumnType)> {
    match name {
        "id" => Ok(("id", ColumnType::Integer)),
        "external_key" => Ok(("external_key", ColumnType::Text)),
        _ => known_column(entity, name).map(|column| (column.sql, column.column_type)),
    }
}

pub(crate) fn known_column(entity: &Entity, name: &str) -> Result<&'static Column> {
    entity.column(name).map_or_else(|| invalid(entity, format!("it has no column `{name}`")), Ok)
}

fn known_entity(name: &str) -> Result<&'static Entity> {
    entity(name).ok_or_else(|| Error::Invalid { what: name.into(), reason: "there is no such entity".into() })
}

fn invalid<T>(entity: &Entity, reason: String) -> Result<T> {
    Err(Error::Invalid { what: entity.name.into(), reason })
}

pub(crate) fn among(statement: &mut Statement, column: &str, ids: &[i64]) -> String {
    format!("{column} = ANY({})", statement.bind(Bind::ids(ids)))
}

/// Whether a value is one that the column could hold; nothing is none.
fn comparable(entity: &Entity, name: &str, column_type: ColumnType, value: &Value) -> Result<()> {
    use ColumnType as Type;
    let fits = match value {
        Value::Null => false,
        Value::Text(_) => matches!(column_type, Type::Text | Type::OneOf(_)),
        Value::Day(_) => column_type == Type::Day,
        Value::Bool(_) => column_type == Type::Bool,
        Value::Integer(_) => !matches!(column_type, Type::Text | Type::OneOf(_) | Type::Day | Type::Bool),
    };
    if fits { Ok(()) } else { invalid(entity, format!("`{name}` cannot be compared with {value}")) }
}

fn list(entity: &Entity, name: &str, column_type: ColumnType, values: &[Value]) -> Result<Bind> {
    values.iter().try_for_each(|value| comparable(entity, name, column_type, value))?;
    let sql_type = match column_type {
        ColumnType::Text | ColumnType::OneOf(_) => "TEXT",
        ColumnType::Day => "DATE",
        ColumnType::Bool => "BOOLEAN",
        _ => "BIGINT",
    };
    Ok(Bind::list(sql_type, values.iter()))
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}
