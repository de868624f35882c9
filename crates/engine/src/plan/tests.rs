//! How many questions typical requests cost, and that each holds what it should.

use std::sync::{Arc, LazyLock};

use chrono::DateTime;
use manifest::{Direction, Formula, Input, Kind, Metric};
use rust_decimal::Decimal;
use store::question::{Over, What};

use super::*;
use crate::calendar::Calendar;
use crate::parameter::Parameters;

/// Metrics by key, formula and inputs as they stand in a manifest.
pub(crate) struct Shelf(Vec<(String, Metric, Arc<Formula>)>);

impl Shelf {
    pub(crate) fn of(metrics: &[(&str, &str, &str)]) -> Shelf {
        Shelf(
            metrics
                .iter()
                .map(|(key, formula, inputs)| ((*key).to_owned(), metric(formula, inputs), Arc::new(Formula::parse(formula).unwrap())))
                .collect(),
        )
    }

    pub(crate) fn change(mut self, key: &str, change: impl FnOnce(&mut Metric)) -> Shelf {
        let metric = self.0.iter_mut().find(|(other, ..)| other == key).unwrap();
        change(&mut metric.1);
        self
    }

    pub(crate) fn book(&self) -> Book {
        let found: Vec<Found<'_>> = self.0.iter().map(|(key, metric, formula)| found(key, metric, formula)).collect();
        Book::of(&found)
    }

    pub(crate) fn formula(&self, definition: u32) -> &Formula {
        &self.0[definition as usize].2
    }
}

/// None of these has a parameter.
static NO_PARAMETERS: LazyLock<Parameters> = LazyLock::new(Parameters::default);

fn found<'a>(key: &'a str, metric: &'a Metric, formula: &'a Arc<Formula>) -> Found<'a> {
    Found { key, parameters: &NO_PARAMETERS, values: &[], metric, formula }
}

fn metric(formula: &str, inputs: &str) -> Metric {
    let inputs: Vec<Input> = serde_json::from_str(inputs).unwrap();
    Metric {
        key: "any".into(),
        title: Default::default(),
        description: Default::default(),
        kind: Kind::Number,
        unit: "count".into(),
        direction: Direction::Up,
        class: String::new(),
        source: String::new(),
        subjects: Vec::new(),
        inputs,
        output: Default::default(),
        parameters: Vec::new(),
        formula: formula.into(),
        minimum_sample: None,
        synonyms: Default::default(),
        accumulation: Default::default(),
        visibility: Default::default(),
        bands: Vec::new(),
        intended_behaviour: Default::default(),
        side_effect: Default::default(),
        examples: Vec::new(),
    }
}

const WON: &str =
    r#"{"name": "won", "measure": {"agg": "count", "source": "opportunities", "time": "closed_at", "where": {"outcome": "WON"}}}"#;
const LOST: &str = r#"{"name": "lost", "measure": {"agg": "count", "source": "opportunities", "where": {"outcome": "LOST"}}}"#;
const AMOUNT: &str = r#"{"name": "amount", "measure": {"agg": "sum", "source": "orders", "of": "amount"}}"#;
const BEFORE: &str = r#"{"name": "before", "shift": "yoy", "measure": {"agg": "sum", "source": "orders", "of": "amount"}}"#;
const BUYERS: &str = r#"{"name": "buyers", "measure": {"agg": "distinct", "source": "orders", "of": "customer"}}"#;
const CYCLE: &str =
    r#"{"name": "cycle", "measure": {"agg": "avg", "source": "opportunities", "of": "cycle", "where": {"outcome": "WON"}}}"#;
const QUOTA: &str = r#"{"name": "quota", "measure": {"agg": "sum", "source": "targets", "of": "value", "where": {"kind": "QUOTA"}}}"#;
const OPEN: &str =
    r#"{"name": "open", "shift": "end", "measure": {"agg": "count", "source": "opportunities", "where": {"outcome": "OPEN"}}}"#;
const MEDIAN: &str = r#"{"name": "median", "measure": {"agg": "median", "source": "tickets", "of": "resolution"}}"#;
const P90: &str = r#"{"name": "p90", "measure": {"agg": "p90", "source": "tickets", "of": "resolution"}}"#;

pub(crate) fn sales() -> Shelf {
    Shelf::of(&[
        ("sales.conversion", "won / (won + lost)", &format!("[{WON}, {LOST}]")),
        ("sales.amount", "amount", &format!("[{AMOUNT}]")),
        ("sales.growth", "growth(amount, before)", &format!("[{AMOUNT}, {BEFORE}]")),
        ("sales.cycle", "cycle", &format!("[{CYCLE}]")),
        ("sales.buyers", "buyers", &format!("[{BUYERS}]")),
        ("sales.frequency", "amount / buyers", &format!("[{AMOUNT}, {BUYERS}]")),
        ("sales.attainment", "amount / quota", &format!("[{AMOUNT}, {QUOTA}]")),
        ("sales.open", "open", &format!("[{OPEN}]")),
        ("service.median", "median", &format!("[{MEDIAN}]")),
        ("service.p90", "p90", &format!("[{P90}]")),
        (
            "mix.steady",
            "now / before",
            r#"[{"name": "now", "metric": "sales.growth"}, {"name": "before", "metric": "sales.growth", "shift": "yoy"}]"#,
        ),
    ])
}

pub(crate) fn context() -> Context {
    let as_of = DateTime::parse_from_rfc3339("2017-06-30T12:00:00Z").unwrap().to_utc();
    Context { as_of, calendar: Calendar::default(), currency: "EUR".into() }
}

pub(crate) fn employee(id: i64) -> Subject {
    Subject { kind: SubjectKind::Employee, id }
}

fn planned(context: &Context, shelf: &Shelf, cells: &[(&str, Subject, &str)]) -> Plan {
    let mut plan = Plan::new(context, shelf.book());
    for (key, subject, period) in cells {
        let definition = plan.book.metric(key, &Parameters::default()).unwrap();
        plan.want(definition, *subject, None, period.parse().unwrap());
    }
    plan.close();
    plan
}

/// Every metric for every subject and period.
fn every<'c>(keys: &[&'c str], subjects: &[Subject], periods: &[&'c str]) -> Vec<(&'c str, Subject, &'c str)> {
    let cells =
        keys.iter().flat_map(|key| subjects.iter().flat_map(move |subject| periods.iter().map(move |period| (*key, *subject, *period))));
    cells.collect()
}

fn employees() -> Vec<Subject> {
    (1..=200).map(employee).collect()
}

#[test]
fn metrics_of_one_source_and_way_are_one_question() {
    let (context, shelf) = (context(), sales());
    let plan = planned(&context, &shelf, &every(&["sales.conversion", "sales.cycle"], &employees(), &["2017-Q1", "2017-Q2"]));
    let [question] = plan.questions.as_slice() else { panic!("{:?}", plan.questions) };
    assert_eq!(question.subject.ids.as_ref().map(Vec::len), Some(200));
    // Won, lost, and the sum and number of known cycles; `time: closed_at` and the default are the same.
    assert_eq!(question.columns.len(), 4);
    let Over::Intervals { time, bounds } = &question.over else { panic!() };
    assert_eq!((time.as_str(), bounds.len()), ("closed_at", 2));
}

#[test]
fn the_number_of_questions_does_not_depend_on_subjects_metrics_or_periods() {
    let (context, shelf) = (context(), sales());
    let keys = ["sales.conversion", "sales.cycle", "sales.amount", "sales.growth", "sales.attainment", "sales.open"];
    let few = planned(&context, &shelf, &every(&keys, &[employee(1)], &["2017-Q1"]));
    let months = ["2016-12", "2017-01", "2017-02", "2017-03", "2017", "2017-Q1", "YTD", "2017-W09"];
    let many = planned(&context, &shelf, &every(&keys, &employees(), &months));
    // Opportunities that closed, orders, targets, and the stock of opportunities.
    assert_eq!((few.questions.len(), many.questions.len()), (4, 4));
}

#[test]
fn the_same_measure_of_two_metrics_is_one_column() {
    let (context, shelf) = (context(), sales());
    let plan =
        planned(&context, &shelf, &every(&["sales.amount", "sales.growth", "sales.attainment"], &[Subject::ORGANISATION], &["2017-Q1"]));
    assert_eq!(plan.questions.len(), 2);
    let orders = plan.questions.iter().find(|question| question.source == manifest::Source::Orders).unwrap();
    assert_eq!(orders.columns.len(), 1);
    assert_eq!(orders.subject.ids, None);
    let Over::Intervals { bounds, .. } = &orders.over else { panic!() };
    assert_eq!(bounds.len(), 2, "the quarter and the one a year ago, nothing between them");
}

#[test]
fn distinct_counts_and_percentiles_stand_apart() {
    let (context, shelf) = (context(), sales());
    let plan = planned(
        &context,
        &shelf,
        &every(&["sales.frequency", "sales.buyers"], &[employee(1)], &["2017-Q1", "2017-01-01/2017-04-01", "2017"]),
    );
    assert_eq!(plan.questions.len(), 2);
    let distinct = plan.questions.iter().find(|question| matches!(question.columns[0].what, What::Distinct { .. })).unwrap();
    assert!(matches!(&distinct.over, Over::Periods { bounds, .. } if bounds.len() == 2), "two names of one quarter are asked once");
    let plan = planned(&context, &shelf, &every(&["service.median", "service.p90"], &[employee(1)], &["2017"]));
    assert_eq!(plan.questions.len(), 1, "percentiles of one field and one filter are one question");
}

#[test]
fn each_kind_of_subject_is_a_question_of_its_own() {
    let (context, shelf) = (context(), sales());
    let team = Subject { kind: SubjectKind::Team, id: 1 };
    let plan = planned(&context, &shelf, &every(&["sales.amount"], &[employee(1), team, Subject::ORGANISATION, employee(2)], &["2017"]));
    assert_eq!(plan.questions.len(), 3);
}

#[test]
fn shifts_of_metrics_and_of_their_inputs_are_composed() {
    let (context, shelf) = (context(), sales());
    let plan = planned(&context, &shelf, &every(&["mix.steady"], &[Subject::ORGANISATION], &["2017"]));
    let [question] = plan.questions.as_slice() else { panic!("{:?}", plan.questions) };
    let Over::Intervals { bounds, .. } = &question.over else { panic!() };
    assert_eq!(bounds.len(), 3, "2015, 2016 and 2017");
}

#[test]
fn stocks_are_read_at_the_end_but_not_after_the_as_of_instant() {
    let (context, shelf) = (context(), sales());
    let plan = planned(&context, &shelf, &every(&["sales.open"], &[Subject::ORGANISATION], &["2017-Q1", "2017-Q2", "2017"]));
    let Over::Instants(instants) = &plan.questions[0].over else { panic!() };
    let end_of_q1 = DateTime::parse_from_rfc3339("2017-04-01T00:00:00Z").unwrap().timestamp_micros();
    assert_eq!(instants.as_slice(), [end_of_q1, context.as_of.timestamp_micros()]);
}

#[test]
fn what_does_not_apply_is_said_without_a_question() {
    let (context, shelf) = (context(), sales());
    let mut plan = Plan::new(&context, shelf.book());
    let definition = plan.book.metric("sales.amount", &Parameters::default()).unwrap();
    let product = Subject { kind: SubjectKind::Product, id: 1 };
    let Place::Blank(at) = plan.want(definition, product, None, "2017".parse().unwrap()) else { panic!() };
    plan.close();
    assert_eq!(plan.blanks[at as usize].cause, crate::Cause::NotApplicable);
    assert!(plan.questions.is_empty());
}

#[test]
fn metrics_that_need_each_other_are_faults_and_end() {
    let context = context();
    let shelf = Shelf::of(&[
        ("x.a", "b", r#"[{"name": "b", "metric": "x.b", "shift": "prev"}]"#),
        ("x.b", "a + amount", &format!(r#"[{{"name": "a", "metric": "x.a"}}, {AMOUNT}]"#)),
        ("x.c", "d", r#"[{"name": "d", "metric": "x.none"}]"#),
        ("x.amount", "amount", &format!("[{AMOUNT}]")),
    ]);
    let mut plan = Plan::new(&context, shelf.book());
    let mut cause = |key: &str| {
        let definition = plan.book.metric(key, &Parameters::default()).unwrap();
        match plan.want(definition, Subject::ORGANISATION, None, "2017".parse().unwrap()) {
            Place::Blank(at) => Some(plan.blanks[at as usize].cause),
            Place::Row { .. } => None,
        }
    };
    assert_eq!(cause("x.a"), Some(crate::Cause::Cycle));
    assert_eq!(cause("x.c"), Some(crate::Cause::UnknownMetric));
    assert_eq!(cause("x.amount"), None);
}

#[test]
fn targets_of_metrics_share_the_question_of_quotas() {
    let (context, shelf) = (context(), sales());
    let mut plan = Plan::new(&context, shelf.book());
    let attainment = plan.book.metric("sales.attainment", &Parameters::default()).unwrap();
    plan.want(attainment, employee(1), None, "2017-Q1".parse().unwrap());
    for key in ["sales.amount", "sales.conversion"] {
        let target = plan.book.target(&key.into());
        plan.want(target, employee(1), None, "2017-Q1".parse().unwrap());
    }
    plan.close();
    assert_eq!(plan.questions.len(), 2);
    let targets = plan.questions.iter().find(|question| question.source == manifest::Source::Targets).unwrap();
    assert_eq!(targets.columns.len(), 3);
}

#[test]
fn a_filter_with_other_parameters_is_another_column_of_the_same_question() {
    let inputs = r#"[{"name": "old", "shift": "end", "measure": {"agg": "count", "source": "tickets", "where": {"age": {"gt": {"parameter": "days"}}}}}]"#;
    let parameter = r#"{"name": "days", "description": {}, "type": "integer", "unit": "days", "default": 7}"#;
    let metric = Metric { parameters: vec![serde_json::from_str(parameter).unwrap()], ..metric("old", inputs) };
    let formula = Arc::new(Formula::parse("old").unwrap());
    let sets = [7, 30, 30].map(|days| ([Decimal::from(days)], Parameters::kept(&[("days".to_owned(), days.into())].into())));
    let found = |(values, parameters)| Found { key: "service.old", parameters, values, metric: &metric, formula: &formula };
    let all: Vec<Found<'_>> = sets[..2].iter().map(|(values, parameters)| found((values, parameters))).collect();
    let context = context();
    let mut plan = Plan::new(&context, Book::of(&all));
    for (_, parameters) in &sets {
        let definition = plan.book.metric("service.old", parameters).unwrap();
        plan.want(definition, employee(7), None, "2017".parse().unwrap());
    }
    plan.close();
    let [question] = plan.questions.as_slice() else { panic!("one question, not {}", plan.questions.len()) };
    let mut filters: Vec<String> = question.columns.iter().map(|ask| serde_json::to_string(&ask.filter).unwrap()).collect();
    filters.sort();
    assert_eq!(filters, [r#"{"age":{"gt":"2592000"}}"#, r#"{"age":{"gt":"604800"}}"#]);
}
