//! Records by the page, by parent, by id: never more rows than were asked for, and never one statement per record.
//!
//! Pages are cut by the values of the last record, not by counting: a record inserted meanwhile moves no page. Unknown values come
//! last, in whatever direction; the id settles ties.

use std::collections::HashMap;
use std::sync::Arc;

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Text};
use manifest::SubjectKind;
use serde::{Deserialize, Serialize};

use crate::connection::Store;
use crate::entity::{ColumnType, Entity, subject_entity};
use crate::predicate::{Predicate, Writer, among, known_column, sql_column};
use crate::row::{Cells, Row, Selection};
use crate::statement::{Bind, Numbers, Statement};
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
    /// Where a row stands that was read by this order, and so knows the columns that it is ordered by.
    pub fn of(row: &Row, order: &[(&'static str, Order)]) -> Cursor {
        Cursor { values: order.iter().map(|(column, _)| row.value(column).cloned().unwrap_or(Value::Null)).collect(), id: row.id() }
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

impl Query {
    fn columns(&self) -> impl Iterator<Item = &'static str> {
        self.order.iter().map(|(column, _)| *column)
    }
}

impl Store {
    /// A page of records with the columns selected, and those that they are ordered by.
    pub async fn page(&self, selection: &Arc<Selection>, query: &Query) -> Result<Vec<Row>> {
        let selection = selection.with(query.columns())?;
        let mut rows = self.selected(&selection, page_statement(&selection, query)?).await?;
        if query.backwards {
            rows.reverse();
        }
        Ok(rows)
    }

    pub async fn count(&self, entity: &Entity, predicate: &Predicate) -> Result<i64> {
        let mut statement = Statement::default();
        let condition = Writer::of(&mut statement).write(entity, "r", predicate)?;
        statement.text = format!("SELECT COUNT(*) FROM {} AS r WHERE {condition}", entity.table);
        let counts = self.pairs(&statement).await?;
        Ok(counts.first().map_or(0, |(count, _)| *count))
    }

    /// In the order of the ids given; those that do not exist are left out.
    pub async fn by_ids(&self, selection: &Arc<Selection>, ids: &[i64]) -> Result<Vec<Row>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut statement = Statement::default();
        let wanted = among(&mut statement, "r.id", ids);
        statement.text = format!("SELECT {} FROM {} AS r WHERE {wanted}", selection.sql("r"), selection.entity().table);
        let rows = self.selected(selection, statement).await?;
        let by_id: HashMap<i64, Row> = rows.into_iter().map(|row| (row.id(), row)).collect();
        Ok(ids.iter().filter_map(|id| by_id.get(id).cloned()).collect())
    }

    /// The children of many parents, each parent's page by itself, in one statement. `column` is the child's reference. The children of
    /// one parent come one after the other.
    pub async fn children(
        &self,
        selection: &Arc<Selection>,
        column: &'static str,
        parents: &[i64],
        query: &Query,
    ) -> Result<Vec<(i64, Row)>> {
        if parents.is_empty() {
            return Ok(Vec::new());
        }
        let selection = selection.with(query.columns())?;
        let mut rows = self.selected(&selection, children_statement(&selection, column, parents, query)?).await?;
        if query.backwards {
            rows.reverse();
        }
        Ok(rows.into_iter().map(|row| (row.beyond(), row)).collect())
    }

    /// How many children each parent has; parents without any are left out.
    pub async fn child_counts(
        &self,
        entity: &Entity,
        column: &'static str,
        parents: &[i64],
        predicate: &Predicate,
    ) -> Result<Vec<(i64, i64)>> {
        if parents.is_empty() {
            return Ok(Vec::new());
        }
        let parent = parent_column(entity, column)?;
        let mut statement = Statement::default();
        let of_parents = among(&mut statement, &format!("r.{parent}"), parents);
        let condition = Writer::of(&mut statement).write(entity, "r", predicate)?;
        let table = entity.table;
        statement.text = format!(
            "SELECT r.{parent}, COUNT(*) FROM {table} AS r WHERE {of_parents} AND {condition} GROUP BY r.{parent} ORDER BY r.{parent}"
        );
        self.pairs(&statement).await
    }

    /// The subjects of a kind that meet a condition, by id. The organisation is 0 and has no columns to test.
    pub async fn subject_ids(&self, kind: SubjectKind, predicate: &Predicate) -> Result<Vec<i64>> {
        let Some(entity) = subject_entity(kind) else {
            return Ok(vec![ORGANISATION]);
        };
        let mut statement = Statement::default();
        let condition = Writer::of(&mut statement).write(entity, "r", predicate)?;
        statement.text = format!("SELECT r.id FROM {} AS r WHERE {condition} ORDER BY r.id", entity.table);
        Ok(self.pairs(&statement).await?.into_iter().map(|(id, _)| id).collect())
    }

    /// What people call the subjects: id and label, for those that exist, in order of id.
    pub async fn subject_labels(&self, kind: SubjectKind, ids: &[i64]) -> Result<Vec<(i64, String)>> {
        let mut statement = Statement::default().kept();
        statement.text = match subject_entity(kind) {
            None => "SELECT CAST(0 AS BIGINT) AS id, name AS label FROM organisation".into(),
            Some(_) if ids.is_empty() => return Ok(Vec::new()),
            Some(entity) => {
                let wanted = among(&mut statement, "id", ids);
                format!("SELECT id, {} AS label FROM {} WHERE {wanted} ORDER BY id", entity.label(), entity.table)
            }
        };
        let labels = self.rows::<Label>(&statement).await?;
        Ok(labels.into_iter().map(|row| (row.id, row.label)).collect())
    }

    async fn selected(&self, selection: &Arc<Selection>, mut statement: Statement) -> Result<Vec<Row>> {
        statement.kept = self.keeps(&statement.text);
        let rows = self.rows::<Cells>(&statement).await?;
        Ok(rows.into_iter().map(|cells| Row::of(selection, cells)).collect())
    }

    /// Rows of one or two integers, none of them null.
    async fn pairs(&self, statement: &Statement) -> Result<Vec<(i64, i64)>> {
        let rows = self.rows::<Numbers>(statement).await?;
        let at = |row: &Numbers, index: usize| row.0.get(index).copied().flatten().unwrap_or_default();
        Ok(rows.iter().map(|row| (at(row, 0), at(row, 1))).collect())
    }
}

/// The subject id of the organisation.
pub const ORGANISATION: i64 = 0;

#[derive(QueryableByName)]
struct Label {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    label: String,
}

fn page_statement(selection: &Selection, query: &Query) -> Result<Statement> {
    let entity = selection.entity();
    let mut statement = Statement::default();
    let condition = condition(entity, query, &mut statement)?;
    let order = sorting(entity, query)?;
    let limit = limit(query, &mut statement)?.map_or(String::new(), |limit| format!(" LIMIT {limit}"));
    statement.text = format!("SELECT {} FROM {} AS r WHERE {condition} ORDER BY {order}{limit}", selection.sql("r"), entity.table);
    Ok(statement)
}

/// Numbers each parent's children in the order asked for, and keeps those up to the limit. The parent follows the columns selected.
fn children_statement(selection: &Selection, column: &str, parents: &[i64], query: &Query) -> Result<Statement> {
    let entity = selection.entity();
    let parent = parent_column(entity, column)?;
    let mut statement = Statement::default();
    let of_parents = among(&mut statement, &format!("r.{parent}"), parents);
    let condition = condition(entity, query, &mut statement)?;
    let order = sorting(entity, query)?;
    let (columns, table) = (selection.sql("r"), entity.table);
    statement.text = match limit(query, &mut statement)? {
        None => {
            format!("SELECT {columns}, r.{parent} FROM {table} AS r WHERE {of_parents} AND {condition} ORDER BY r.{parent}, {order}")
        }
        Some(limit) => format!(
            "SELECT {columns}, r.of_parent FROM (SELECT {columns}, r.{parent} AS of_parent, \
             ROW_NUMBER() OVER (PARTITION BY r.{parent} ORDER BY {order}) AS place \
             FROM {table} AS r WHERE {of_parents} AND {condition}) AS r WHERE place <= {limit} ORDER BY r.of_parent, place"
        ),
    };
    Ok(statement)
}

fn parent_column(entity: &Entity, column: &str) -> Result<&'static str> {
    let column = known_column(entity, column)?;
    match column.column_type {
        ColumnType::Reference(_) => Ok(column.sql),
        _ => Err(Error::Invalid { what: entity.name.into(), reason: format!("`{}` refers to no parent", column.name) }),
    }
}

/// The placeholder of the limit, if there is one.
fn limit(query: &Query, statement: &mut Statement) -> Result<Option<String>> {
    match query.limit {
        Some(limit) if limit < 0 => Err(Error::Invalid { what: "a page".into(), reason: format!("its limit is {limit}, below nothing") }),
        limit => Ok(limit.map(|limit| statement.bind(Bind::BigInt(limit)))),
    }
}

fn condition(entity: &Entity, query: &Query, statement: &mut Statement) -> Result<String> {
    let mut writer = Writer::of(statement);
    let mut condition = writer.write(entity, "r", &query.filter)?;
    for (cursor, forward) in [(&query.after, true), (&query.before, false)] {
        if let Some(cursor) = cursor {
            condition = format!("{condition} AND {}", beyond(entity, query, cursor, forward, &mut writer)?);
        }
    }
    Ok(condition)
}

fn sorting(entity: &Entity, query: &Query) -> Result<String> {
    let mut keys = Vec::new();
    for (name, order) in &query.order {
        let (sql, nullable) = sort_column(entity, name)?;
        let descending = (*order == Order::Descending) != query.backwards;
        // Where there are no nulls, saying nothing of them lets an index serve the order.
        let nulls = match (nullable, query.backwards) {
            (false, _) => "",
            (true, false) => " NULLS LAST",
            (true, true) => " NULLS FIRST",
        };
        keys.push(format!("r.{sql} {}{nulls}", if descending { "DESC" } else { "ASC" }));
    }
    keys.push(if query.backwards { "r.id DESC" } else { "r.id ASC" }.into());
    Ok(keys.join(", "))
}

fn sort_column(entity: &Entity, name: &str) -> Result<(&'static str, bool)> {
    let (sql, _) = sql_column(entity, name)?;
    Ok((sql, entity.column(name).is_some_and(|column| !column.required && column.default.is_none())))
}

/// The records after the cursor's place in the order asked for (`forward`), or before it.
fn beyond(entity: &Entity, query: &Query, cursor: &Cursor, forward: bool, writer: &mut Writer<'_>) -> Result<String> {
    if cursor.values.len() != query.order.len() {
        return Err(Error::Invalid { what: "a cursor".into(), reason: "it belongs to a page in another order".into() });
    }
    let (mut ways, mut ties, mut range) = (Vec::new(), String::new(), String::new());
    for ((name, order), value) in query.order.iter().zip(&cursor.values) {
        let (sql, nullable) = sort_column(entity, name)?;
        let (_, column_type) = sql_column(entity, name)?;
        let ascending = (*order == Order::Ascending) == forward;
        let sign = if ascending { '>' } else { '<' };
        let (past, tie) = if value.is_null() {
            // The unknown come last: nothing is past them but ties, everything known is before them.
            (if forward { "FALSE".into() } else { format!("r.{sql} IS NOT NULL") }, format!("r.{sql} IS NULL"))
        } else {
            let value = writer.value(entity, name, column_type, value)?;
            let unknown = if forward && nullable { format!(" OR r.{sql} IS NULL") } else { String::new() };
            // Follows from the rest, but lets an index begin where the page does.
            if ways.is_empty() && unknown.is_empty() {
                range = format!("r.{sql} {sign}= {value} AND ");
            }
            (format!("(r.{sql} {sign} {value}{unknown})"), format!("r.{sql} = {value}"))
        };
        ways.push(format!("({ties}{past})"));
        ties.push_str(&format!("{tie} AND "));
    }
    let id = writer.value(entity, "id", ColumnType::Integer, &Value::Integer(cursor.id))?;
    ways.push(format!("({ties}r.id {} {id})", if forward { '>' } else { '<' }));
    Ok(format!("{range}({})", ways.join(" OR ")))
}
