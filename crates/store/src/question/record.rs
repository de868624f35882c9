//! The records behind a value: the very facts that its aggregate was taken over.

use super::compile::{compile, expression, facts, moment, summands};
use super::filter::conditions;
use super::parting::anywhere;
use super::text::{Binds, bracketed};
use super::vocabulary::mapping;
use super::{Ask, Fault, Over, Question, RecordRef, What, span};
use crate::statement::{Numbers, Statement};
use crate::{Error, Result, Store};

impl Store {
    /// Facts of one column, over all slots of the question, in the order of their ids after `after`. Name one subject and one
    /// slot to see one cell. Facts that have the measured field unknown stand behind no value and are left out.
    pub async fn records(&self, question: &Question, ask: usize, after: Option<i64>, limit: i64) -> Result<Vec<RecordRef>> {
        let entity = entity_of(question)?;
        let statement = listing(question, ask, after, limit)?;
        let ids = self.rows::<Numbers>(&statement).await?;
        Ok(ids.into_iter().filter_map(|Numbers(row)| row.first().copied().flatten()).map(|id| RecordRef { entity, id }).collect())
    }
}

fn entity_of(question: &Question) -> Result<&'static str> {
    let table = mapping(question.source).table;
    let entity = crate::entity::entities().iter().find(|entity| entity.table == table);
    entity
        .map(|entity| entity.name)
        .ok_or_else(|| Error::Corrupt { what: format!("the table {table}"), reason: "no entity is kept in it".into() })
}

pub(super) fn listing(question: &Question, ask: usize, after: Option<i64>, limit: i64) -> Result<Statement, Fault> {
    compile(question)?;
    let ask = question.columns.get(ask).ok_or_else(|| Fault::Mix(format!("there is no column {ask}")))?;
    let mut binds = Binds::default();
    let mut extra = Vec::new();
    extra.extend(after.map(|after| format!("f.id > {after}")));
    let rows = match &question.over {
        Over::Spans { from, to } => {
            extra.extend(wanted(question, ask, "", &mut binds)?);
            span::rows(question, *from, *to)?.from(&extra)
        }
        _ => events(question, ask, extra, &mut binds)?,
    };
    // A fact can be reached twice: by two teams asked for, or at two instants.
    Ok(binds.statement(&format!("SELECT DISTINCT f.id\n{rows}\nORDER BY 1\nLIMIT {}", limit.max(0))))
}

fn events(question: &Question, ask: &Ask, extra: Vec<String>, binds: &mut Binds) -> Result<String, Fault> {
    let (mut facts, at) = facts(question, None)?;
    facts.conditions = extra;
    facts.conditions.extend(wanted(question, ask, &at, binds)?);
    if let Over::Periods { time, bounds } = &question.over {
        facts.conditions.push(anywhere(moment(question, time)?.sql, bounds)?);
    }
    Ok(facts.from(&["f.id".to_owned()]))
}

fn wanted(question: &Question, ask: &Ask, at: &str, binds: &mut Binds) -> Result<Vec<String>, Fault> {
    let mut wanted = conditions(question.source, &ask.filter, at, binds)?;
    if let What::Known(of) | What::Sum(of) | What::Min(of) | What::Max(of) | What::Distinct { of, .. } | What::Percentile { of, .. } =
        &ask.what
    {
        let sql = summands(question, &ask.what).map_or_else(|| expression(question, of, at), |parts| Ok(parts[0].0.to_owned()))?;
        wanted.push(format!("{} IS NOT NULL", bracketed(&sql)));
    }
    Ok(wanted)
}
