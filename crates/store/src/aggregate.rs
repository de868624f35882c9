//! Records of an entity in groups: how many, and the sums of their numbers, in one statement.

use rust_decimal::Decimal;

use crate::entity::{ColumnType, Entity};
use crate::predicate::{Predicate, Writer, known_column};
use crate::question::parting::Parting;
use crate::statement::{Numbers, Statement};
use crate::{Error, Result, Store};

/// One way to part records.
#[derive(Clone, Debug, PartialEq)]
pub enum By {
    /// By a column with listed values, whose place in the list is the key, or by a reference, whose record's id is.
    Column(&'static str),
    /// By the intervals that an instant falls in, in microseconds since 1970, disjoint and ascending; the key is the interval's place.
    /// Records in none of them are left out.
    Time { column: &'static str, bounds: Vec<(i64, i64)> },
}

#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// In the order of the ways to part; none where the column is unknown.
    pub keys: Vec<Option<i64>>,
    pub count: i64,
    /// None where no record of the group knows the column. Durations in seconds.
    pub sums: Vec<Option<Decimal>>,
}

impl Store {
    /// The groups of the records that meet a condition, by their keys, unknown ones last; no more than `most`. Groups without a
    /// record are left out, but for the only one where nothing parts the records.
    pub async fn groups(
        &self,
        entity: &'static Entity,
        filter: &Predicate,
        by: &[By],
        sums: &[&'static str],
        most: usize,
    ) -> Result<Vec<Group>> {
        let scales = sums.iter().map(|sum| scale(entity, sum)).collect::<Result<Vec<_>>>()?;
        let rows = self.rows::<Numbers>(&statement(entity, filter, by, sums, most)?).await?;
        let group = |Numbers(row): Numbers| {
            let (keys, rest) = row.split_at(by.len().min(row.len()));
            let [Some(count), sums @ ..] = rest else {
                return Err(Error::Corrupt { what: entity.name.into(), reason: "a group has no count".into() });
            };
            let sums = sums.iter().zip(&scales).map(|(sum, scale)| sum.map(|sum| Decimal::new(sum, *scale))).collect();
            Ok(Group { keys: keys.to_vec(), count: *count, sums })
        };
        let mut groups = rows.into_iter().map(group).collect::<Result<Vec<_>>>()?;
        groups.sort_by_key(|group| group.keys.iter().map(|key| (key.is_none(), *key)).collect::<Vec<_>>());
        Ok(groups)
    }
}

fn statement(entity: &'static Entity, filter: &Predicate, by: &[By], sums: &[&'static str], most: usize) -> Result<Statement> {
    let mut statement = Statement::default();
    let mut conditions = vec![Writer::of(&mut statement).write(entity, "r", filter)?];
    let mut columns = Vec::new();
    for by in by {
        columns.push(format!("CAST({} AS BIGINT)", key(entity, by, &mut conditions)?));
    }
    columns.push("COUNT(*)".into());
    for sum in sums {
        columns.push(format!("CAST(SUM(r.{}) AS BIGINT)", known_column(entity, sum)?.sql));
    }
    let places: Vec<String> = (1..=by.len()).map(|place| place.to_string()).collect();
    let grouped = if by.is_empty() { String::new() } else { format!("\nGROUP BY {0}\nORDER BY {0}", places.join(", ")) };
    let (columns, conditions) = (columns.join(", "), conditions.join(" AND "));
    statement.text = format!("SELECT {columns}\nFROM {} AS r\nWHERE {conditions}{grouped}\nLIMIT {most}", entity.table);
    Ok(statement)
}

fn key(entity: &'static Entity, by: &By, conditions: &mut Vec<String>) -> Result<String> {
    let refused = |reason: String| Err(Error::Invalid { what: entity.name.into(), reason });
    match by {
        By::Column(name) => {
            let column = known_column(entity, name)?;
            match column.column_type {
                ColumnType::Reference(_) => Ok(format!("r.{}", column.sql)),
                ColumnType::OneOf(values) => {
                    let cases: Vec<_> = values.iter().enumerate().map(|(place, value)| format!("WHEN '{value}' THEN {place}")).collect();
                    Ok(format!("CASE r.{} {} END", column.sql, cases.join(" ")))
                }
                _ => refused(format!("records are not parted by `{name}`, which neither refers to a record nor has listed values")),
            }
        }
        By::Time { column: name, bounds } => {
            let column = known_column(entity, name)?;
            if column.column_type != ColumnType::Instant {
                return refused(format!("`{name}` is no instant"));
            }
            let parting = Parting::intervals(&format!("r.{}", column.sql), bounds)?;
            conditions.extend(parting.conditions);
            Ok(parting.slot)
        }
    }
}

/// How many decimals the integers of a column have.
fn scale(entity: &'static Entity, name: &str) -> Result<u32> {
    match known_column(entity, name)?.column_type {
        ColumnType::Money | ColumnType::Number => Ok(4),
        ColumnType::Duration => Ok(6),
        ColumnType::Integer => Ok(0),
        _ => Err(Error::Invalid { what: entity.name.into(), reason: format!("`{name}` is no number") }),
    }
}
