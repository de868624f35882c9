//! A batch on its way into its table, through a temporary one.
//!
//! The stage holds each row with what the database knows about it: the id of the record with its key (`record_id`, null for a new
//! one) and, for each reference, the id behind the key (`r_…` beside the key in `v_…`). Then every check and every write is one
//! statement over all rows. Only how the rows get into the stage differs between the databases.

use super::check::KEY;
use super::{Batch, LoadError, Loaded, Reject};
use crate::entity::{Column, ColumnType, entity};
use crate::statement::{Bind, Numbers, Statement};
use crate::value::Value;
use crate::{Error, Result, Session};

/// The temporary table of a transaction. Batches with the same columns use the same one after the other: each table that a transaction
/// makes and drops would hold a lock to its end, and an import may have thousands of batches.
#[derive(Default)]
pub(super) struct Stage {
    /// How the table was made; empty where there is none.
    made: String,
}

impl Stage {
    pub async fn load(&mut self, session: &mut Session, batch: &Batch) -> Result<Loaded, LoadError> {
        if batch.is_empty() {
            return Ok(Loaded::default());
        }
        self.open(session, batch).await?;
        session.execute(&fill(batch, session.is_postgres())?).await?;
        let known = check(session, batch).await?;
        let inserted = if known < batch.len() as u64 { session.execute(&Statement::new(insert(batch))).await? } else { 0 };
        resolve_own_references(session, batch).await?;
        let updated = if known > 0 && !batch.columns.is_empty() { session.execute(&Statement::new(update(batch))).await? } else { 0 };
        link_new(session, batch).await?;
        Ok(Loaded { inserted, updated, unchanged: batch.len() as u64 - inserted - updated })
    }

    /// An empty table for the columns of the batch.
    async fn open(&mut self, session: &mut Session, batch: &Batch) -> Result<()> {
        let wanted = create(batch);
        if self.made == wanted {
            return session.script(if session.is_postgres() { "TRUNCATE load_stage" } else { "DELETE FROM load_stage" }).await;
        }
        self.close(session).await?;
        session.script(&wanted).await?;
        self.made = wanted;
        Ok(())
    }

    /// Leaves nothing behind on the connection. Where the transaction is rolled back, the table goes by itself.
    pub async fn close(&mut self, session: &mut Session) -> Result<()> {
        match std::mem::take(&mut self.made).as_str() {
            "" => Ok(()),
            _ => session.script("DROP TABLE load_stage").await,
        }
    }
}

fn create(batch: &Batch) -> String {
    let values = batch.columns.iter().map(|column| format!(", v_{} {}", column.sql, stage_type(column.column_type)));
    let ids = batch.columns.iter().filter(|column| refers(column)).map(|column| format!(", r_{} BIGINT", column.sql));
    format!(
        "CREATE TEMPORARY TABLE load_stage (row_number BIGINT, external_key TEXT, record_id BIGINT{})",
        values.chain(ids).collect::<String>()
    )
}

fn fill(batch: &Batch, postgres: bool) -> Result<Statement> {
    let (source, binds) = if postgres { arrays(batch)? } else { json(batch)? };
    let (mut names, mut values, mut joins) = (String::new(), String::new(), String::new());
    for column in &batch.columns {
        names.push_str(&format!(", v_{}", column.sql));
        values.push_str(&format!(", s.v_{}", column.sql));
    }
    for column in batch.columns.iter().filter(|column| refers(column)) {
        names.push_str(&format!(", r_{}", column.sql));
        match column.column_type {
            ColumnType::Reference(target) => {
                let table = table_of(target)?;
                values.push_str(&format!(", t_{}.id", column.sql));
                joins.push_str(&format!(" LEFT JOIN {table} AS t_{0} ON t_{0}.external_key = s.v_{0}", column.sql));
            }
            _ => values.push_str(&format!(", {}", subject_id(column))),
        }
    }
    let text = format!(
        "INSERT INTO load_stage (row_number, external_key, record_id{names}) SELECT s.row_number, s.external_key, known.id{values} \
         FROM ({source}) AS s LEFT JOIN {} AS known ON known.external_key = s.external_key{joins}",
        batch.entity.table
    );
    Ok(Statement { text, binds, kept: false })
}

/// One array per column.
fn arrays(batch: &Batch) -> Result<(String, Vec<Bind>)> {
    let mut binds = vec![Bind::Texts(batch.keys.iter().cloned().map(Some).collect())];
    for (index, column) in batch.columns.iter().enumerate() {
        binds.push(Bind::list(stage_type(column.column_type), batch.rows.iter().map(|row| &row[index])));
    }
    let places: Vec<String> = (1..=binds.len()).map(|place| format!("${place}")).collect();
    let names: String = batch.columns.iter().map(|column| format!(", v_{}", column.sql)).collect();
    let source = format!(
        "SELECT u.row_number - 1 AS row_number, u.external_key{} FROM unnest({}) WITH ORDINALITY AS u (external_key{names}, row_number)",
        names.replace("v_", "u.v_"),
        places.join(", ")
    );
    Ok((source, binds))
}

/// One array of rows, each an array of the key and the values.
fn json(batch: &Batch) -> Result<(String, Vec<Bind>)> {
    let rows: Vec<Vec<serde_json::Value>> = batch.keys.iter().zip(&batch.rows).map(|(key, row)| json_row(key, row)).collect();
    let corrupt =
        |error: serde_json::Error| Error::Invalid { what: format!("a batch of {}", batch.entity.name), reason: error.to_string() };
    let text = serde_json::to_string(&rows).map_err(corrupt)?;
    let names = batch.columns.iter().enumerate().map(|(index, column)| format!(", value ->> {} AS v_{}", index + 1, column.sql));
    let source = format!("SELECT key AS row_number, value ->> 0 AS external_key{} FROM json_each($1)", names.collect::<String>());
    Ok((source, vec![Bind::Text(text)]))
}

fn json_row(key: &str, row: &[Value]) -> Vec<serde_json::Value> {
    let value = |value: &Value| match value {
        Value::Null => serde_json::Value::Null,
        Value::Text(text) => text.as_str().into(),
        Value::Integer(integer) => (*integer).into(),
        Value::Day(day) => day.to_string().into(),
        Value::Bool(truth) => (*truth).into(),
    };
    std::iter::once(key.into()).chain(row.iter().map(value)).collect()
}

/// Refuses what only the database can know to be wrong; gives how many rows are records known already.
async fn check(session: &mut Session, batch: &Batch) -> Result<u64, LoadError> {
    let references: Vec<_> = batch.columns.iter().copied().filter(|column| refers(column) && !is_own(batch, column)).collect();
    let unknown = references.iter().map(|column| format!(", COUNT(*) FILTER (WHERE {})", is_unknown(column)));
    let text = format!("SELECT COUNT(record_id){} FROM load_stage", unknown.collect::<String>());
    let counts = session.rows::<Numbers>(&Statement::new(text)).await?.pop().unwrap_or(Numbers(Vec::new())).0;
    let count = |index: usize| counts.get(index).copied().flatten().unwrap_or_default();
    let mut rejects = Vec::new();
    for (index, column) in references.iter().enumerate() {
        if count(index + 1) > 0 {
            rejects.extend(unknown_references(session, batch, column).await?);
        }
    }
    let known = count(0) as u64;
    if known < batch.len() as u64 {
        rejects.extend(incomplete(session, batch).await?);
    }
    rejects.extend(broken_rules(session, batch).await?);
    if rejects.is_empty() { Ok(known) } else { Err(LoadError::Rejected(rejects)) }
}

async fn unknown_references(session: &mut Session, batch: &Batch, column: &Column) -> Result<Vec<Reject>> {
    let text = format!("SELECT row_number FROM load_stage WHERE {} ORDER BY row_number", is_unknown(column));
    let target = match column.column_type {
        ColumnType::Reference(target) => target,
        _ => "subject",
    };
    let name = batch.entity.column(column.name).map_or("", |column| column.name);
    let rows = row_numbers(session, text).await?;
    Ok(rows.into_iter().map(|row| reject(batch, row, name, format!("there is no {target} with this key"))).collect())
}

/// New records that lack a column which is not in the batch at all.
async fn incomplete(session: &mut Session, batch: &Batch) -> Result<Vec<Reject>> {
    let given = |wanted: &Column| batch.columns.iter().any(|column| column.name == wanted.name);
    let Some(missing) = batch.entity.columns.iter().find(|column| column.required && !given(column)) else {
        return Ok(Vec::new());
    };
    let rows = row_numbers(session, "SELECT row_number FROM load_stage WHERE record_id IS NULL ORDER BY row_number".into()).await?;
    let reason = format!("there is no {0} with this key yet, and a new {0} needs `{1}`", batch.entity.name, missing.name);
    Ok(rows.into_iter().map(|row| Reject { value: batch.keys[row].clone(), ..reject(batch, row, missing.name, reason.clone()) }).collect())
}

async fn broken_rules(session: &mut Session, batch: &Batch) -> Result<Vec<Reject>> {
    let concerns = |holds: &str| batch.columns.iter().any(|column| mentions(holds, column.sql));
    let mut rejects = Vec::new();
    let rules: Vec<_> = batch.entity.rules.iter().filter(|rule| concerns(rule.holds)).collect();
    if rules.is_empty() {
        return Ok(rejects);
    }
    let flags: Vec<String> = rules.iter().map(|rule| format!("CAST(CASE WHEN NOT ({}) THEN 1 ELSE 0 END AS BIGINT)", rule.holds)).collect();
    let broken: Vec<String> = rules.iter().map(|rule| format!("NOT ({})", rule.holds)).collect();
    let columns: String = batch.entity.columns.iter().map(|column| format!(", {} AS {}", after_load(batch, column), column.sql)).collect();
    let text = format!(
        "SELECT row_number, {} FROM (SELECT s.row_number{columns} FROM load_stage AS s LEFT JOIN {} AS known ON known.id = s.record_id) AS r \
         WHERE {} ORDER BY row_number",
        flags.join(", "),
        batch.entity.table,
        broken.join(" OR ")
    );
    for Numbers(numbers) in session.rows::<Numbers>(&Statement::new(text)).await? {
        let row = numbers[0].unwrap_or_default() as usize;
        let of_row = rules.iter().zip(&numbers[1..]).filter(|(_, flag)| **flag == Some(1));
        rejects.extend(of_row.map(|(rule, _)| reject(batch, row, rule.column, rule.reason.into())));
    }
    Ok(rejects)
}

/// What the record will hold in a column once the row is in.
fn after_load(batch: &Batch, column: &Column) -> String {
    let default = column.default.unwrap_or("NULL");
    match batch.columns.iter().find(|given| given.name == column.name) {
        Some(_) => written(column),
        None => format!("CASE WHEN s.record_id IS NULL THEN {default} ELSE known.{} END", column.sql),
    }
}

fn insert(batch: &Batch) -> String {
    let names: String = batch.columns.iter().map(|column| format!(", {}", column.sql)).collect();
    let values: String = batch.columns.iter().map(|column| format!(", {}", written(column))).collect();
    format!(
        "INSERT INTO {} (external_key{names}) SELECT s.external_key{values} FROM load_stage AS s WHERE s.record_id IS NULL ORDER BY s.row_number",
        batch.entity.table
    )
}

fn update(batch: &Batch) -> String {
    let mut changes = Vec::new();
    for column in &batch.columns {
        let value = written(column);
        match column.derived {
            None => changes.push((column.sql, value)),
            // Given nothing, what was derived stays so.
            Some(flag) => {
                changes.push((column.sql, format!("CASE WHEN {value} IS NULL AND t.{flag} THEN t.{} ELSE {value} END", column.sql)));
                changes.push((flag, format!("({value} IS NULL AND t.{flag})")));
            }
        }
    }
    let set: Vec<String> = changes.iter().map(|(sql, value)| format!("{sql} = {value}")).collect();
    let differs: Vec<String> = changes.iter().map(|(sql, value)| format!("t.{sql} IS DISTINCT FROM {value}")).collect();
    format!(
        "UPDATE {} AS t SET {} FROM load_stage AS s WHERE t.id = s.record_id AND ({})",
        batch.entity.table,
        set.join(", "),
        differs.join(" OR ")
    )
}

/// References within the entity itself may point to records of the same batch, which exist only now.
async fn resolve_own_references(session: &mut Session, batch: &Batch) -> Result<(), LoadError> {
    for column in own_references(batch) {
        let (sql, table) = (column.sql, batch.entity.table);
        let resolve = format!(
            "UPDATE load_stage SET r_{sql} = (SELECT t.id FROM {table} AS t WHERE t.external_key = v_{sql}) WHERE {}",
            is_unknown(column)
        );
        session.execute(&Statement::new(resolve)).await?;
        let rejects = unknown_references(session, batch, column).await?;
        if !rejects.is_empty() {
            return Err(LoadError::Rejected(rejects));
        }
    }
    Ok(())
}

/// Gives new records their references within the entity, and refuses circles.
async fn link_new(session: &mut Session, batch: &Batch) -> Result<(), LoadError> {
    for column in own_references(batch) {
        let (sql, table) = (column.sql, batch.entity.table);
        let link = format!(
            "UPDATE {table} AS t SET {sql} = s.r_{sql} FROM load_stage AS s \
             WHERE s.record_id IS NULL AND s.r_{sql} IS NOT NULL AND t.external_key = s.external_key"
        );
        session.execute(&Statement::new(link)).await?;
        let circles = format!(
            "WITH RECURSIVE above (id, over) AS (SELECT id, {sql} FROM {table} WHERE {sql} IS NOT NULL \
             UNION SELECT above.id, t.{sql} FROM above JOIN {table} AS t ON t.id = above.over WHERE t.{sql} IS NOT NULL) \
             SELECT s.row_number FROM above JOIN {table} AS t ON t.id = above.id JOIN load_stage AS s ON s.external_key = t.external_key \
             WHERE above.id = above.over ORDER BY s.row_number"
        );
        let rows = row_numbers(session, circles).await?;
        if !rows.is_empty() {
            let reason = format!("the {0} is, through others, its own `{1}`", batch.entity.name, column.name);
            return Err(LoadError::Rejected(rows.into_iter().map(|row| reject(batch, row, column.name, reason.clone())).collect()));
        }
    }
    Ok(())
}

async fn row_numbers(session: &mut Session, text: String) -> Result<Vec<usize>> {
    let rows = session.rows::<Numbers>(&Statement::new(text)).await?;
    Ok(rows.iter().filter_map(|row| row.0[0].map(|number| number as usize)).collect())
}

fn reject(batch: &Batch, row: usize, column: &'static str, reason: String) -> Reject {
    let at = batch.columns.iter().position(|given| given.name == column);
    let value = at.map_or_else(|| batch.keys[row].clone(), |at| batch.rows[row][at].to_string());
    Reject { batch: 0, row, column: if column.is_empty() { KEY } else { column }, value, reason }
}

/// The value of a staged row as it goes into the table.
fn written(column: &Column) -> String {
    let value = if refers(column) { format!("s.r_{}", column.sql) } else { format!("s.v_{}", column.sql) };
    match column.default {
        Some(default) => format!("COALESCE({value}, {default})"),
        None => value,
    }
}

fn refers(column: &Column) -> bool {
    matches!(column.column_type, ColumnType::Reference(_) | ColumnType::Subject)
}

fn is_own(batch: &Batch, column: &Column) -> bool {
    column.column_type == ColumnType::Reference(batch.entity.name)
}

fn own_references(batch: &Batch) -> Vec<&'static Column> {
    batch.columns.iter().copied().filter(|column| is_own(batch, column)).collect()
}

fn is_unknown(column: &Column) -> String {
    format!("v_{0} IS NOT NULL AND r_{0} IS NULL", column.sql)
}

/// Whether a SQL expression names the column.
fn mentions(expression: &str, column: &str) -> bool {
    expression.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_')).any(|word| word == column)
}

fn table_of(name: &str) -> Result<&'static str> {
    entity(name).map(|entity| entity.table).ok_or_else(|| Error::Invalid { what: name.into(), reason: "there is no such entity".into() })
}

/// The id of the subject behind the kind and the key of a row.
fn subject_id(column: &Column) -> String {
    use manifest::SubjectKind;
    let kinds = SubjectKind::ALL.into_iter().filter_map(|kind| crate::entity::subject_entity(kind).map(|entity| (kind, entity.table)));
    let cases = kinds.map(|(kind, table)| {
        format!(" WHEN '{}' THEN (SELECT t.id FROM {table} AS t WHERE t.external_key = s.v_{})", kind.name(), column.sql)
    });
    format!("CASE s.v_subject_kind WHEN 'ORGANISATION' THEN 0{} END", cases.collect::<String>())
}

fn stage_type(column_type: ColumnType) -> &'static str {
    match column_type {
        ColumnType::Text | ColumnType::OneOf(_) | ColumnType::Reference(_) | ColumnType::Subject => "TEXT",
        ColumnType::Money | ColumnType::Number | ColumnType::Integer | ColumnType::Duration | ColumnType::Instant => "BIGINT",
        ColumnType::Day => "DATE",
        ColumnType::Bool => "BOOLEAN",
    }
}
