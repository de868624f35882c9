//! From a question to its statement: pure, and in one place for each shape. What a statement means is said in [`super`].

use manifest::source::Shape;
use manifest::{Aggregate, Measure, Shift, SubjectKind};

use super::facts::{Facts, LISTED, filtered, hoist, select};
use super::filter::conditions;
use super::parting::{LIST, Parting};
use super::text::{Binds, bracketed, indented};
use super::vocabulary::{Time, mapping, scale};
use super::{Ask, Fault, Group, Over, Percentile, Question, What, span};
use crate::statement::Statement;

pub(super) struct Compiled {
    pub statement: Statement,
    pub reading: Reading,
}

/// How the integers of a row are read.
#[derive(Debug, PartialEq)]
pub(super) enum Reading {
    /// subject, within, slot, then values with so many decimal places.
    Cells(Vec<Places>),
    /// subject, within, slot, index of the last value, then the two neighbours of each percentile.
    /// None stands for the number of values, which has no neighbours.
    Percentiles { scale: u32, asked: Vec<Option<Percentile>> },
    /// subject, first day, day after the last (as yyyymmdd), the employee below or `OWN`, then values.
    Spans(Vec<u32>),
}

/// Decimal places of a value's one integer, or of the two that it is the sum of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Places {
    One(u32),
    Two(u32, u32),
}

/// More slots than this are told apart by a ladder: a branch for each would cost more to plan than it saves.
const BRANCHES: usize = 40;

pub(super) fn compile(question: &Question) -> Result<Compiled, Fault> {
    check(question)?;
    let mut binds = Binds::default();
    let (text, reading) = match &question.over {
        Over::Spans { from, to } => span::compile(question, *from, *to, &mut binds)?,
        _ if in_branches(question) => branches(question, &mut binds)?,
        _ => whole(question, None, &mut binds)?,
    };
    Ok(Compiled { statement: binds.statement(&text), reading })
}

/// Whether each slot is a branch of its own: then each is one search of an index, and nothing is sorted or looked up in a ladder
/// (3 × faster for 36 months of 2 M orders). Not where a branch would read too much again: without an index on the time, or
/// through a large join. And not for a few customers, whose facts are found by customer, all at once.
fn in_branches(question: &Question) -> bool {
    let groups = || std::iter::once(&question.subject).chain(&question.within);
    let light = |group: &Group| match group.kind {
        SubjectKind::Segment => false,
        SubjectKind::Customer => group.ids.is_none(),
        kind => !mapping(question.source).way(kind).is_some_and(|way| way.starts_with("o.")),
    };
    let slots = match &question.over {
        Over::Intervals { time, bounds } | Over::Periods { time, bounds } => {
            mapping(question.source).time(time).filter(|time| time.indexed).map_or(0, |_| bounds.len())
        }
        Over::Instants(instants) => instants.len(),
        Over::Spans { .. } => 0,
    };
    let listed: usize = groups().filter_map(|group| group.ids.as_ref()).map(Vec::len).sum();
    (2..=BRANCHES).contains(&slots) && slots * listed <= LISTED && groups().all(light)
}

fn branches(question: &Question, binds: &mut Binds) -> Result<(String, Reading), Fault> {
    // Sees to it that the bounds make sense together.
    let (_, reading) = whole(question, None, binds)?;
    let slots = match &question.over {
        Over::Intervals { bounds, .. } | Over::Periods { bounds, .. } => bounds.len(),
        Over::Instants(instants) => instants.len(),
        Over::Spans { .. } => 0,
    };
    let texts = (0..slots).map(|slot| whole(question, Some(slot), binds).map(|(text, _)| text));
    Ok((texts.collect::<Result<Vec<_>, _>>()?.join("\nUNION ALL\n"), reading))
}

/// The text for all slots together, or for one of them.
fn whole(question: &Question, slot: Option<usize>, binds: &mut Binds) -> Result<(String, Reading), Fault> {
    let (facts, at) = facts(question, slot)?;
    match &question.over {
        Over::Periods { .. } => periods(question, facts, binds),
        _ => aggregates(question, facts, &at, binds),
    }
}

/// The facts of all slots or one, with what stands for the instant of a stock.
pub(super) fn facts(question: &Question, slot: Option<usize>) -> Result<(Facts, String), Fault> {
    match &question.over {
        Over::Intervals { time, bounds } => {
            let time = moment(question, time)?.sql;
            Ok((Facts::new(question, time, picked(slot, bounds, |bounds| Parting::intervals(time, bounds))?)?, String::new()))
        }
        Over::Periods { time, bounds } => {
            let time = moment(question, time)?.sql;
            Ok((Facts::new(question, time, picked(slot, bounds, |bounds| Parting::periods(time, bounds))?)?, String::new()))
        }
        Over::Instants(instants) => {
            let at = match (slot, instants.as_slice()) {
                (Some(slot), _) => instants[slot].to_string(),
                (None, [instant]) => instant.to_string(),
                _ => format!("{LIST}.column2"),
            };
            let parting = picked(slot, instants, |instants| Parting::instants(mapping(question.source).stock, instants))?;
            // A stock is what there was just before: a membership that ends at the instant still held.
            Ok((Facts::new(question, &format!("({at} - 1)"), parting)?, at))
        }
        Over::Spans { .. } => Err(Fault::Mix("spans have no moment".into())),
    }
}

fn picked<T: Copy>(slot: Option<usize>, all: &[T], part: impl Fn(&[T]) -> Result<Parting, Fault>) -> Result<Parting, Fault> {
    match slot {
        Some(slot) => part(&[all[slot]]).map(|parting| Parting { slot: slot.to_string(), ..parting }),
        None => part(all),
    }
}

pub(super) fn moment(question: &Question, time: &str) -> Result<&'static Time, Fault> {
    let about = question.source.description();
    let unknown = || Fault::Time(format!("`{}` has no time column `{time}`; it has {}", about.name, about.times.join(", ")));
    mapping(question.source).time(time).ok_or_else(unknown)
}

/// Counts, sums and the like: one column each.
fn aggregates(question: &Question, mut facts: Facts, at: &str, binds: &mut Binds) -> Result<(String, Reading), Fault> {
    let mut filters = filters(question, at, binds)?;
    facts.conditions = hoist(&mut filters);
    let mut columns = facts.keys();
    let mut scales = Vec::new();
    for (index, (ask, filter)) in question.columns.iter().zip(&filters).enumerate() {
        // A row that is there only for other facts than the column's, or for no grouping.
        let may_lack = !filter.is_empty() || facts.grouping().is_empty();
        match (&ask.what, summands(question, &ask.what)) {
            (_, Some([high, low])) => {
                columns.push(format!("{} AS v{index}", sum(high.0, filter, may_lack)));
                columns.push(format!("{} AS w{index}", sum(low.0, filter, may_lack)));
                scales.push(Places::Two(high.1, low.1));
                continue;
            }
            (What::Sum(of), None) => columns.push(format!("{} AS v{index}", sum(&expression(question, of, at)?, filter, may_lack))),
            (what, None) => columns.push(format!("{} AS v{index}", aggregate(question, what, filter, at)?)),
        }
        scales.push(Places::One(scale_of(question, &ask.what)));
    }
    Ok((select(&columns, &facts.from(&columns), &facts.grouping()), Reading::Cells(scales)))
}

/// The sum where there is a known value, and else null; but 0 where there is no fact at all, if a row may lack facts.
fn sum(sql: &str, filter: &[String], may_lack: bool) -> String {
    let sum = format!("CAST({} AS BIGINT)", filtered(&format!("SUM({sql})"), filter));
    if may_lack { format!("COALESCE({sum}, CASE WHEN {} = 0 THEN 0 END)", filtered("COUNT(*)", filter)) } else { sum }
}

pub(super) fn summands(question: &Question, what: &What) -> Option<[(&'static str, u32); 2]> {
    match what {
        What::Sum(of) => mapping(question.source).column(of)?.parts,
        _ => None,
    }
}

pub(super) fn aggregate(question: &Question, what: &What, filter: &[String], at: &str) -> Result<String, Fault> {
    let sql = |of: &str| expression(question, of, at);
    Ok(match what {
        What::Count => filtered("COUNT(*)", filter),
        What::Known(of) => filtered(&format!("COUNT({})", sql(of)?), filter),
        What::Sum(of) => sum(&sql(of)?, filter, false),
        What::Min(of) => filtered(&format!("MIN({})", sql(of)?), filter),
        What::Max(of) => filtered(&format!("MAX({})", sql(of)?), filter),
        What::Distinct { .. } | What::Percentile { .. } => {
            return Err(mixed("distinct counts and percentiles are asked over periods, apart from others"));
        }
    })
}

fn periods(question: &Question, facts: Facts, binds: &mut Binds) -> Result<(String, Reading), Fault> {
    match question.columns[0].what.clone() {
        What::Distinct { of, .. } => distinct(question, facts, &of, binds),
        What::Percentile { of, .. } => percentiles(question, facts, &of, binds),
        _ => Err(mixed("over periods only distinct counts and percentiles are asked; the others are put together from intervals")),
    }
}

/// Facts are counted for each record behind the field, then the records that have enough of them.
fn distinct(question: &Question, mut facts: Facts, of: &str, binds: &mut Binds) -> Result<(String, Reading), Fault> {
    let mut filters = filters(question, "", binds)?;
    let field = expression(question, of, "")?;
    facts.conditions = hoist(&mut filters);
    facts.conditions.push(format!("{field} IS NOT NULL"));
    let (mut inner, mut outer) = (facts.keys(), ["subject", "within", "slot"].map(|key| format!("g.{key}")).to_vec());
    for (index, (ask, filter)) in question.columns.iter().zip(&filters).enumerate() {
        let What::Distinct { of: other, at_least } = &ask.what else { return Err(mixed("distinct counts stand apart from others")) };
        if other != of {
            return Err(mixed(&format!("distinct counts of `{of}` and of `{other}` group the facts differently")));
        }
        inner.push(format!("{} AS n{index}", filtered("COUNT(*)", filter)));
        outer.push(format!("COUNT(*) FILTER (WHERE g.n{index} >= {}) AS v{index}", (*at_least).max(1)));
    }
    let mut grouping = facts.grouping();
    let position = bracketed(&field);
    grouping.push(&position);
    let records = select(&inner, &facts.from(&inner), &grouping);
    let from = format!("FROM (\n    {}\n) AS g", indented(&records));
    Ok((select(&outer, &from, &["1", "2", "3"]), Reading::Cells(vec![Places::One(0); question.columns.len()])))
}

/// Type 7: between the neighbours of `last × p`, where `last` is the index of the last value. The two neighbours come from the
/// database, the point between them is computed exactly outside.
fn percentiles(question: &Question, mut facts: Facts, of: &str, binds: &mut Binds) -> Result<(String, Reading), Fault> {
    let field = expression(question, of, "")?;
    facts.conditions = conditions(question.source, &question.columns[0].filter, "", binds)?;
    facts.conditions.push(format!("{} IS NOT NULL", bracketed(&field)));
    let mut asked = Vec::new();
    let mut outer = ["r.subject", "r.within", "r.slot", "MAX(r.last) AS last"].map(str::to_owned).to_vec();
    for (index, ask) in question.columns.iter().enumerate() {
        let p = same_percentile(question, ask, of)?;
        asked.push(p);
        let Some((share, of)) = p.map(Percentile::share) else { continue };
        outer.push(format!("MAX(r.x) FILTER (WHERE r.i = r.last * {share} / {of}) AS low{index}"));
        outer.push(format!("MAX(r.x) FILTER (WHERE r.i = (r.last * {share} + {}) / {of}) AS high{index}", of - 1));
    }
    let mut inner = facts.keys();
    inner.push(format!("{field} AS x"));
    let values = select(&inner, &facts.from(&inner), &[]);
    let cell = "PARTITION BY k.subject, k.within, k.slot";
    let ranked = format!(
        "SELECT k.subject, k.within, k.slot, k.x,\n       ROW_NUMBER() OVER ({cell} ORDER BY k.x) - 1 AS i,\n       \
         COUNT(*) OVER ({cell}) - 1 AS last\nFROM (\n    {}\n) AS k",
        indented(&values)
    );
    let from = format!("FROM (\n    {}\n) AS r", indented(&ranked));
    Ok((select(&outer, &from, &["1", "2", "3"]), Reading::Percentiles { scale: scale_of(question, &question.columns[0].what), asked }))
}

fn same_percentile(question: &Question, ask: &Ask, of: &str) -> Result<Option<Percentile>, Fault> {
    let same_facts = |other: &String| other == of && ask.filter == question.columns[0].filter;
    match &ask.what {
        What::Percentile { of: other, p } if same_facts(other) => Ok(Some(*p)),
        What::Known(other) if same_facts(other) => Ok(None),
        _ => Err(mixed("percentiles stand apart from others, those of one field and one filter together")),
    }
}

impl Percentile {
    /// As a fraction.
    pub(super) fn share(self) -> (i64, i64) {
        match self {
            Percentile::Median => (1, 2),
            Percentile::P75 => (3, 4),
            Percentile::P90 => (9, 10),
        }
    }
}

pub(super) fn filters(question: &Question, at: &str, binds: &mut Binds) -> Result<Vec<Vec<String>>, Fault> {
    question.columns.iter().map(|ask| conditions(question.source, &ask.filter, at, binds)).collect()
}

pub(super) fn expression(question: &Question, of: &str, at: &str) -> Result<String, Fault> {
    let column =
        mapping(question.source).column(of).ok_or_else(|| Fault::Measure(format!("`{}` has no field `{of}`", question.source.name())))?;
    Ok(column.sql.replace("{at}", at))
}

pub(super) fn scale_of(question: &Question, what: &What) -> u32 {
    match what {
        What::Count | What::Known(_) | What::Distinct { .. } => 0,
        What::Sum(of) | What::Min(of) | What::Max(of) | What::Percentile { of, .. } => {
            mapping(question.source).column(of).map_or(0, |column| scale(question.source, column))
        }
    }
}

fn mixed(problem: &str) -> Fault {
    Fault::Mix(problem.into())
}

/// What a manifest may not say, a question may not ask either; and what the shape of the source does not have.
fn check(question: &Question) -> Result<(), Fault> {
    if question.columns.is_empty() {
        return Err(mixed("there is nothing to measure"));
    }
    let shape = question.source.description().shape;
    let fits = match &question.over {
        Over::Intervals { .. } | Over::Periods { .. } => matches!(shape, Shape::Event { .. }),
        Over::Instants(_) => shape == Shape::Event { stock: true },
        Over::Spans { .. } => shape == Shape::Span,
    };
    if !fits {
        return Err(Fault::Time(format!("facts of `{}` do not lie in time that way", question.source.name())));
    }
    question.columns.iter().find_map(|ask| fault_of(question, ask)).map_or(Ok(()), |fault| Err(Fault::Measure(fault)))
}

fn fault_of(question: &Question, ask: &Ask) -> Option<String> {
    let (time, shift) = match &question.over {
        Over::Intervals { time, .. } | Over::Periods { time, .. } => (Some(time.clone()), Shift::This),
        Over::Instants(_) => (None, Shift::End),
        Over::Spans { .. } => (None, Shift::This),
    };
    let (agg, of, at_least) = parts(&ask.what);
    let measure = Measure { agg, source: question.source, of: of.cloned(), time, filter: ask.filter.clone(), at_least };
    measure.fault(shift)
}

fn parts(what: &What) -> (Aggregate, Option<&String>, Option<u32>) {
    match what {
        What::Count => (Aggregate::Count, None, None),
        // Half of an average.
        What::Known(of) => (Aggregate::Avg, Some(of), None),
        What::Sum(of) => (Aggregate::Sum, Some(of), None),
        What::Min(of) => (Aggregate::Min, Some(of), None),
        What::Max(of) => (Aggregate::Max, Some(of), None),
        What::Distinct { of, at_least } => (Aggregate::Distinct, Some(of), Some(*at_least)),
        What::Percentile { of, p: Percentile::Median } => (Aggregate::Median, Some(of), None),
        What::Percentile { of, p: Percentile::P75 } => (Aggregate::P75, Some(of), None),
        What::Percentile { of, p: Percentile::P90 } => (Aggregate::P90, Some(of), None),
    }
}
