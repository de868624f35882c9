use manifest::Visibility;
use store::question::{AnswerRow, Question, What};

use crate::cell::Subject;
use crate::evaluate::tests::{at, evaluations};
use crate::outcome::{Cause, Evaluation, Outcome};
use crate::parameter::Parameters;
use crate::plan::Plan;
use crate::plan::tests::{Shelf, context, employee};

const LEFT: &str = r#"{"name": "gone", "measure": {"agg": "count", "source": "employees", "time": "left_at"}}"#;
const STAFF: &str = r#"{"name": "staff", "shift": "end", "measure": {"agg": "count", "source": "employees"}}"#;
const SCORE: &str = r#"{"name": "score", "measure": {"agg": "sum", "source": "survey_responses", "of": "score"}}"#;
const LEAST: &str = r#"{"name": "least", "measure": {"agg": "min", "source": "survey_responses", "of": "score"}}"#;
const MEDIAN: &str = r#"{"name": "middle", "measure": {"agg": "median", "source": "survey_responses", "of": "score"}}"#;
const ASKED: &str = r#"{"name": "asked", "measure": {"agg": "distinct", "source": "survey_responses", "of": "customer"}}"#;
const GOAL: &str = r#"{"name": "goal", "measure": {"agg": "sum", "source": "targets", "of": "value", "where": {"kind": "QUOTA"}}}"#;

fn shelf() -> Shelf {
    let of = |name: &str, key: &str, shift: &str| format!(r#"{{"name": "{name}", "metric": "{key}", "shift": "{shift}"}}"#);
    let metrics = [
        ("hr.leaving", "gone / staff", format!("[{LEFT}, {STAFF}]")),
        ("hr.plain", "gone / staff", format!("[{LEFT}, {STAFF}]")),
        ("hr.mood", "score + least + middle - asked", format!("[{SCORE}, {LEAST}, {MEDIAN}, {ASKED}]")),
        ("hr.kept", "1 - coalesce(leaving, 0) + 0 * staff", format!("[{}, {STAFF}]", of("leaving", "hr.leaving", "this"))),
        ("hr.trend", "growth(now, then)", format!("[{}, {}]", of("now", "hr.kept", "this"), of("then", "hr.kept", "prev"))),
        ("hr.wrapped", "plain", format!("[{}]", of("plain", "hr.plain", "this"))),
        ("hr.goal", "goal", format!("[{GOAL}]")),
    ];
    let shelf = Shelf::of(&metrics.each_ref().map(|(key, formula, inputs)| (*key, *formula, inputs.as_str())));
    let wide = |metric: &mut manifest::Metric| metric.visibility = Visibility::OrganisationWide { minimum_group: 5 };
    ["hr.leaving", "hr.mood", "hr.wrapped", "hr.goal"].into_iter().fold(shelf, |shelf, key| shelf.change(key, wide))
}

/// The same for each column of a kind.
fn rows(question: &Question, value: &dyn Fn(&What) -> i64) -> Vec<AnswerRow> {
    let values: Vec<_> = question.columns.iter().map(|ask| Some(value(&ask.what).into())).collect();
    vec![at(1, 0, &values)]
}

/// Of so many employees, one has left.
fn staff(numbers: &'static [(i64, i64)]) -> impl Fn(&Question) -> Vec<AnswerRow> {
    move |question| {
        let stock = matches!(question.over, store::question::Over::Instants(_));
        let of = |&(id, number): &(i64, i64)| at(id, 0, &[Some(if stock { number } else { 1 }.into())]);
        numbers.iter().map(of).collect()
    }
}

fn ask(key: &'static str, ids: &[i64], rows: &dyn Fn(&Question) -> Vec<AnswerRow>) -> Vec<Evaluation> {
    let cells: Vec<(&str, Subject, &str)> = ids.iter().map(|&id| (key, employee(id), "2017-Q1")).collect();
    evaluations(&shelf(), &context(), &cells, rows)
}

#[test]
fn a_value_over_too_few_records_is_denied_and_nothing_is_told_of_them() {
    let answers = ask("hr.leaving", &[1, 2, 3], &staff(&[(1, 5), (2, 4)]));
    assert_eq!(answers[0].value, Some(dec!(0.2)));
    assert_eq!(answers[0].inputs.len(), 2);
    for denied in &answers[1..] {
        assert_eq!((denied.outcome, denied.cause, denied.value), (Outcome::Denied, Some(Cause::SmallGroup), None));
        assert_eq!(denied.inputs, [], "inputs would tell the value");
        let reason = "fewer than 5 records are behind it, and it is shown over groups of 5 or more only";
        assert_eq!(denied.reason.as_deref(), Some(reason), "the same for four and for none, be it a division by zero");
    }
    let plain = ask("hr.plain", &[2], &staff(&[(2, 4)]));
    assert_eq!(plain[0].value, Some(dec!(0.25)), "only where the metric says so");
}

#[test]
fn what_is_built_on_a_denied_value_is_denied_too() {
    let kept = ask("hr.kept", &[1, 2], &staff(&[(1, 5), (2, 4)]));
    assert_eq!((kept[0].value, kept[1].cause), (Some(dec!(0.8)), Some(Cause::SmallGroup)), "whatever its formula makes of no value");
    assert_eq!(kept[1].inputs, []);
    assert!(kept[1].reason.as_deref().is_some_and(|reason| reason.starts_with("input `leaving` (hr.leaving): fewer than 5 records")));
    let trend = ask("hr.trend", &[2], &staff(&[(2, 4)]));
    assert_eq!((trend[0].outcome, trend[0].inputs.len()), (Outcome::Denied, 0), "and what is built on that");
    let wrapped = ask("hr.wrapped", &[1, 2], &staff(&[(1, 5), (2, 4)]));
    assert_eq!(
        (wrapped[0].value, wrapped[1].outcome),
        (Some(dec!(0.2)), Outcome::Denied),
        "records behind a metric are those of its inputs"
    );
}

#[test]
fn a_fault_of_the_pack_says_nothing_of_a_row_that_is_denied() {
    let answers = ask("hr.mood", &[1], &|question| {
        rows(question, &|what| match what {
            What::Sum(_) => 666,
            _ => 1,
        })
    });
    assert_eq!((answers[0].outcome, answers[0].cause), (Outcome::Denied, Some(Cause::SmallGroup)));
}

#[test]
fn records_are_those_that_have_the_field_known_and_spans_are_none() {
    let with = |known: i64, different: i64| {
        let answers = ask("hr.mood", &[1], &|question| {
            rows(question, &|what| match what {
                What::Known(_) => known,
                What::Distinct { .. } => different,
                _ => 100,
            })
        });
        answers[0].outcome
    };
    assert_eq!([with(4, 4), with(5, 4), with(4, 5)], [Outcome::Denied, Outcome::Value, Outcome::Value]);
    assert_eq!(ask("hr.goal", &[1], &|_| Vec::new())[0].outcome, Outcome::Denied);
}

#[test]
fn counting_the_records_asks_no_further_question() {
    let context = context();
    let questions = |shelf: Shelf, key: &str| {
        let mut plan = Plan::new(&context, shelf.book());
        let definition = plan.book.metric(key, &Parameters::default()).unwrap();
        plan.want(definition, employee(1), None, "2017".parse().unwrap());
        plan.close();
        (plan.questions.len(), plan.questions.iter().map(|question| question.columns.len()).sum::<usize>())
    };
    for (key, columns) in [("hr.leaving", 0), ("hr.mood", 2), ("hr.goal", 0), ("hr.kept", 0)] {
        let seen = |metric: &mut manifest::Metric| metric.visibility = Visibility::RowFiltered;
        let (asked, plain) = (questions(shelf(), key), questions(shelf().change(key, seen), key));
        assert_eq!(asked, (plain.0, plain.1 + columns), "{key}");
    }
}
