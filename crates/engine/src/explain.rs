//! Where a value comes from: each input with its definition, its filter, its period and the SQL that reads it.
//!
//! The SQL is that of this one input. In a request, inputs that can be read together are columns of one statement.

use std::sync::Arc;

use manifest::measure::{Comparison, Literal};
use manifest::{Filter, Measure, Shift};
use store::Store;
use store::question::Question;

use crate::calendar::Context;
use crate::cell::Cell;
use crate::error::Error;
use crate::plan::book::Input;
use crate::plan::group::{Group, GroupKey};
use crate::plan::periods::Periods;
use crate::plan::{Book, Part, Scope};

#[derive(Clone, Debug)]
pub struct InputExplanation {
    pub name: Arc<str>,
    /// In words: `sum of amount over orders`, or `metric sales.amount`.
    pub measure: String,
    /// Empty where nothing is filtered.
    pub filter: String,
    /// The period it is read over, shifts applied.
    pub period: String,
    /// For an input that is a metric, its whole key.
    pub metric: Option<String>,
    /// None for metrics and where the subject cannot be reached.
    pub sql: Option<String>,
    /// What `Engine::records` takes; none also where the metric is shown over groups only.
    pub question: Option<Question>,
}

pub(crate) fn explain(store: &Store, context: &Context, book: Book, cell: &Cell) -> Result<Vec<InputExplanation>, Error> {
    let Some(definition) = book.metric(&cell.metric, &cell.parameters) else { return Ok(Vec::new()) };
    let mut periods = Periods::new(context);
    let period = periods.of(cell.period);
    let scope = Scope { subject: cell.subject, within: cell.within };
    let definition = &book.definitions[definition as usize];
    let explained = |input| {
        let explanation = explained(store, &book, &mut periods, (scope, period), input)?;
        // What is shown over groups only is shown without the records of those in them.
        Ok(InputExplanation { question: explanation.question.filter(|_| !definition.guarded), ..explanation })
    };
    definition.inputs.iter().map(explained).collect()
}

fn explained(
    store: &Store,
    book: &Book,
    periods: &mut Periods,
    (scope, period): (Scope, u32),
    input: &Input,
) -> Result<InputExplanation, Error> {
    let period = periods.shifted(period, input.shift);
    let label = label(periods, period, input.shift);
    let metric = |key: &str| InputExplanation {
        name: input.name.clone(),
        measure: format!("metric {key}"),
        filter: String::new(),
        period: label.clone(),
        metric: Some(key.to_owned()),
        sql: None,
        question: None,
    };
    let reading = match &input.part {
        Part::Metric(at) => return Ok(metric(&book.definitions[*at as usize].key)),
        Part::Missing(key) => return Ok(metric(key)),
        Part::Reading(at) => &book.readings[*at as usize],
    };
    let measure = &reading.measure;
    let question = reading.unreachable(&input.name, scope.kinds()).is_none().then(|| {
        let mut group = Group::new(GroupKey::of(measure, input.shift, scope.kinds()));
        let binding = group.bind(0, reading, input.shift, false);
        group.want(binding.side, 0, period);
        group.close(&[scope], periods)
    });
    let sql = question.as_ref().map(|question| store.sql(question)).transpose()?;
    Ok(InputExplanation {
        name: input.name.clone(),
        measure: words(measure),
        filter: filter(measure),
        period: label,
        metric: None,
        sql,
        question,
    })
}

fn label(periods: &Periods, period: u32, shift: Shift) -> String {
    match shift {
        Shift::Start => format!("at the start of {}", periods.period(period)),
        Shift::End => format!("at the end of {}", periods.period(period)),
        Shift::This | Shift::Prev | Shift::Yoy => periods.period(period).to_string(),
    }
}

/// A measure in words.
pub fn words(measure: &Measure) -> String {
    let source = measure.source.name();
    let mut words = match &measure.of {
        Some(of) => format!("{} of {of} over {source}", measure.agg.name()),
        None => format!("{} of {source}", measure.agg.name()),
    };
    if let Some(time) = &measure.time {
        words.push_str(&format!(" by {time}"));
    }
    if let Some(at_least) = measure.at_least {
        words.push_str(&format!(", each with at least {at_least} facts"));
    }
    words
}

fn filter(measure: &Measure) -> String {
    measure.filter.iter().map(|(field, filter)| condition(field, filter)).collect::<Vec<_>>().join(" and ")
}

fn condition(field: &str, filter: &Filter) -> String {
    match filter {
        Filter::Is(literal) => format!("{field} is {}", text(literal)),
        Filter::OneOf(literals) => format!("{field} is one of {}", literals.iter().map(text).collect::<Vec<_>>().join(", ")),
        Filter::Compare(Comparison { gt, gte, lt, lte, known }) => {
            let bounds = [(">", gt), (">=", gte), ("<", lt), ("<=", lte)];
            let bounds = bounds.into_iter().filter_map(|(sign, bound)| bound.as_ref().map(|bound| format!("{field} {sign} {bound}")));
            let known = known.map(|known| format!("{field} is {}", if known { "known" } else { "unknown" }));
            bounds.chain(known).collect::<Vec<_>>().join(" and ")
        }
    }
}

fn text(literal: &Literal) -> String {
    match literal {
        Literal::Bool(value) => value.to_string(),
        Literal::Number(value) => value.to_string(),
        Literal::Text(value) => value.clone(),
    }
}
