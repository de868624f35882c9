//! Outcomes from answers: what is put together, and why there is no value where there is none. The store's answers and the
//! packs' computing are played by the test; the packs' by the formulas.

use store::question::{Answer, AnswerRow, Over, Slot, What};

use super::*;
use crate::calendar::Context;
use crate::cell::Subject;
use crate::parameter::Parameters;
use crate::plan::tests::{Shelf, context, employee, sales};

/// Answers every question with rows made by `row` for each subject id (0 for the organisation) and slot.
pub(super) fn evaluations(
    shelf: &Shelf,
    context: &Context,
    cells: &[(&str, Subject, &str)],
    rows: &dyn Fn(&store::question::Question) -> Vec<AnswerRow>,
) -> Vec<Evaluation> {
    let mut plan = Plan::new(context, shelf.book());
    let places: Vec<Place> = cells
        .iter()
        .map(|(key, subject, period)| {
            let definition = plan.book.metric(key, &Parameters::default()).unwrap();
            plan.want(definition, *subject, None, period.parse().unwrap())
        })
        .collect();
    plan.close();
    let answers = plan.questions.iter().map(|question| Answer { rows: rows(question) });
    let tables: Vec<Table> = plan.groups.iter().zip(answers).map(|(group, answer)| Table::of(group, &plan.scopes, answer)).collect();
    let compute = |definition: u32, columns: &[Column], rows: usize| computed(&plan, shelf, definition, columns, rows);
    let results = Results::of(&plan, &tables, &compute);
    places.into_iter().map(|place| results.evaluation(&plan, place)).collect()
}

fn computed(plan: &Plan, shelf: &Shelf, definition: u32, columns: &[Column], rows: usize) -> Result<Vec<Option<Decimal>>, Fault> {
    let inputs = &plan.book.definitions[definition as usize].inputs;
    let value = |name: &str, row: usize| columns[inputs.iter().position(|input| &*input.name == name).unwrap()].values[row];
    if let Some(row) = (0..rows).find(|&row| columns.iter().any(|column| column.values[row] == Some(dec!(666)))) {
        return Err(Fault { code: "E_OVERFLOW".into(), message: "too large".into(), row: Some(row as u64) });
    }
    Ok((0..rows).map(|row| shelf.formula(definition).evaluate(&|name| value(name, row)).ok()).collect())
}

pub(super) fn at(subject: i64, slot: u32, values: &[Option<Decimal>]) -> AnswerRow {
    AnswerRow { subject, within: 0, slot: Slot::At(slot), values: values.to_vec() }
}

fn none(_: &store::question::Question) -> Vec<AnswerRow> {
    Vec::new()
}

#[test]
fn a_year_is_put_together_from_its_quarters_and_ratios_from_their_sums() {
    let cells = ["2017", "2017-Q1", "2017-Q2"].map(|period| ("sales.conversion", employee(7), period));
    let answers = evaluations(&sales(), &context(), &cells, &|_| {
        let row = |subject, slot, won, lost| at(subject, slot, &[Some(won), Some(lost)]);
        vec![row(7, 0, dec!(1), dec!(0)), row(7, 1, dec!(1), dec!(2)), row(8, 1, dec!(9), dec!(9))]
    });
    let values: Vec<_> = answers.iter().map(|answer| answer.value).collect();
    assert_eq!(values, [Some(dec!(0.5)), Some(dec!(1)), Some(dec!(1) / dec!(3))]);
    assert_eq!(answers[0].inputs[1], InputValue { name: "lost".into(), value: Some(dec!(2)) });
}

#[test]
fn a_mean_is_the_sum_over_all_parts_by_the_number_of_known_values() {
    let cells = ["2017", "2017-Q1"].map(|period| ("sales.cycle", employee(7), period));
    let answers = evaluations(&sales(), &context(), &cells, &|_| {
        vec![at(7, 0, &[Some(dec!(100.5)), Some(dec!(1))]), at(7, 1, &[Some(dec!(50)), Some(dec!(2))])]
    });
    assert_eq!(answers.iter().map(|answer| answer.value).collect::<Vec<_>>(), [Some(dec!(50.166666666667)), Some(dec!(100.5))]);
}

#[test]
fn no_facts_are_a_true_zero_for_sums_and_nothing_for_means() {
    let cells = [
        ("sales.amount", employee(1), "2017"),
        ("sales.cycle", employee(1), "2017"),
        ("sales.conversion", employee(1), "2017"),
        ("service.median", employee(1), "2017"),
        ("sales.buyers", employee(1), "2017"),
        ("sales.open", employee(1), "2017"),
    ];
    let answers = evaluations(&sales(), &context(), &cells, &none);
    let causes: Vec<_> = answers.iter().map(|answer| (answer.value, answer.cause)).collect();
    let zero = (Some(Decimal::ZERO), None);
    assert_eq!(
        causes,
        [zero, (None, Some(Cause::NoRecords)), (None, Some(Cause::ZeroDenominator)), (None, Some(Cause::NoRecords)), zero, zero]
    );
    assert_eq!(answers[1].reason.as_deref(), Some("`cycle` is not known: nothing in `opportunities` over 2017 gives it"));
    assert_eq!(answers[2].reason.as_deref(), Some("`won + lost` is zero, and nothing can be divided by it"));
}

#[test]
fn a_sum_of_facts_without_an_amount_is_not_known() {
    let cells = ["2017", "2017-Q1", "2017-Q2", "2017-Q3"].map(|period| ("sales.amount", employee(7), period));
    let amounts = |first| evaluations(&sales(), &context(), &cells, &move |_| vec![at(7, 0, &[first]), at(7, 1, &[None])]);
    let values = |answers: Vec<Evaluation>| answers.iter().map(|answer| answer.value).collect::<Vec<_>>();
    assert_eq!(values(amounts(Some(dec!(5)))), [Some(dec!(5)), Some(dec!(5)), None, Some(dec!(0))]);
    assert_eq!(values(amounts(None)), [None, None, None, Some(dec!(0))]);
    assert_eq!(amounts(None)[0].reason.as_deref(), Some("`amount` is not known: nothing in `orders` over 2017 gives it"));
}

#[test]
fn a_quota_that_nobody_set_and_one_of_zero_are_different_causes() {
    let span = |value| AnswerRow {
        subject: 2,
        within: 0,
        slot: Slot::Span { starts_on: "2017-01-01".parse().unwrap(), ends_on: "2017-04-01".parse().unwrap(), below: None },
        values: vec![Some(value)],
    };
    let cells = [("sales.attainment", employee(1), "2017-Q1"), ("sales.attainment", employee(2), "2017-Q1")];
    let quota = |value| {
        evaluations(&sales(), &context(), &cells, &move |question| {
            if matches!(question.over, Over::Spans { .. }) { vec![span(value)] } else { Vec::new() }
        })
    };
    let causes: Vec<_> = quota(dec!(0)).iter().map(|answer| answer.cause).collect();
    assert_eq!(causes, [Some(Cause::NoTarget), Some(Cause::ZeroTarget)]);
    assert_eq!(quota(dec!(10))[1].value, Some(Decimal::ZERO));
}

#[test]
fn an_input_metric_without_a_value_hands_on_its_outcome_and_is_named() {
    let answers = evaluations(&sales(), &context(), &[("mix.steady", Subject::ORGANISATION, "2017")], &none);
    assert_eq!((answers[0].outcome, answers[0].cause), (crate::Outcome::ZeroDenominator, Some(Cause::ZeroDenominator)));
    assert_eq!(
        answers[0].reason.as_deref(),
        Some("input `now` (sales.growth over 2017): `before` is zero, and nothing can be divided by it")
    );
}

#[test]
fn too_few_records_are_withheld_and_none_are_no_data() {
    let inputs = r#"[{"name": "median", "measure": {"agg": "median", "source": "tickets", "of": "resolution"}}, {"name": "n", "measure": {"agg": "count", "source": "tickets"}}]"#;
    let shelf = Shelf::of(&[("service.median", "median + 0 * n", inputs)]);
    let shelf = shelf.change("service.median", |metric| {
        metric.minimum_sample = Some(manifest::pack::MinimumSample { input: "n".into(), at_least: dec!(5) })
    });
    let cells = [1, 2, 3].map(|id| ("service.median", employee(id), "2017"));
    let answers = evaluations(&shelf, &context(), &cells, &|question| match question.columns[0].what {
        What::Count => vec![at(1, 0, &[Some(dec!(5))]), at(2, 0, &[Some(dec!(4))])],
        _ => vec![at(1, 0, &[Some(dec!(60))]), at(2, 0, &[Some(dec!(60))])],
    });
    let causes: Vec<_> = answers.iter().map(|answer| (answer.value, answer.cause)).collect();
    assert_eq!(causes, [(Some(dec!(60)), None), (None, Some(Cause::Suppressed)), (None, Some(Cause::NoRecords))]);
}

#[test]
fn a_pack_that_fails_on_one_row_fails_for_that_row_alone() {
    let cells = [1, 2, 3].map(|id| ("sales.amount", employee(id), "2017"));
    let answers = evaluations(&sales(), &context(), &cells, &|_| vec![at(1, 0, &[Some(dec!(5))]), at(2, 0, &[Some(dec!(666))])]);
    let causes: Vec<_> = answers.iter().map(|answer| (answer.value, answer.cause)).collect();
    assert_eq!(causes, [(Some(dec!(5)), None), (None, Some(Cause::Overflow)), (Some(dec!(0)), None)]);
}

#[test]
fn surveys_without_a_response_are_no_data() {
    // MET-18 and MET-21 of the method cases: every count is zero, and neither a rate nor a net score is to be had.
    let count = |name: &str, field: &str| {
        format!(r#"{{"name": "{name}", "measure": {{"agg": "count", "source": "survey_responses", "where": {{"{field}": true}}}}}}"#)
    };
    let shelf = Shelf::of(&[
        ("service.csat", "top2 / n", &format!("[{}, {}]", count("top2", "top2"), count("n", "responded"))),
        (
            "service.nps",
            "100 * (promoters - detractors) / n",
            &format!("[{}, {}, {}]", count("promoters", "promoter"), count("detractors", "detractor"), count("n", "responded")),
        ),
    ]);
    let sample = |metric: &mut manifest::Metric| {
        metric.minimum_sample = Some(manifest::pack::MinimumSample { input: "n".into(), at_least: dec!(30) })
    };
    let shelf = shelf.change("service.csat", sample).change("service.nps", sample);
    let cells = ["service.csat", "service.nps"].map(|key| (key, Subject::ORGANISATION, "2017"));
    let answers = evaluations(&shelf, &context(), &cells, &none);
    assert!(answers.iter().all(|answer| answer.outcome == crate::Outcome::NoData && answer.cause == Some(Cause::NoRecords)));
}

/// The spans of employee 1 and what is below team 2, for every question about spans.
fn spans(question: &store::question::Question, kept: &[(&str, &str, Option<i64>, Decimal)]) -> Vec<AnswerRow> {
    let Over::Spans { .. } = question.over else { return Vec::new() };
    let row = |&(from, to, below, value): &(&str, &str, Option<i64>, Decimal)| AnswerRow {
        subject: 1,
        within: 0,
        slot: Slot::Span { starts_on: from.parse().unwrap(), ends_on: to.parse().unwrap(), below },
        values: vec![Some(value)],
    };
    kept.iter().map(row).collect()
}

#[test]
fn the_target_of_a_rate_is_never_added_up_where_a_metric_reads_it_either() {
    let count = |name: &str, kind: &str| {
        format!(r#"{{"name": "{name}", "measure": {{"agg": "count", "source": "tickets", "where": {{"kind": "{kind}"}}}}}}"#)
    };
    let goal = |key: &str| {
        format!(
            r#"[{{"name": "goal", "measure": {{"agg": "sum", "source": "targets", "of": "value", "where": {{"kind": "METRIC", "metric": "{key}"}}}}}}]"#
        )
    };
    let shelf = Shelf::of(&[
        ("service.rate", "a / b", &format!("[{}, {}]", count("a", "COMPLAINT"), count("b", "REQUEST"))),
        ("service.goal", "goal", &goal("service.rate")),
        ("sales.amount", "amount", r#"[{"name": "amount", "measure": {"agg": "sum", "source": "orders", "of": "amount"}}]"#),
        ("sales.goal", "goal", &goal("sales.amount")),
        ("sales.buyers", "buyers", r#"[{"name": "buyers", "measure": {"agg": "distinct", "source": "orders", "of": "customer"}}]"#),
        ("sales.buyers_goal", "goal", &goal("sales.buyers")),
    ]);
    let quarters = [("2017-01-01", "2017-04-01", None, dec!(0.8)), ("2017-04-01", "2017-07-01", None, dec!(0.9))];
    let year = [("2017-01-01", "2018-01-01", None, dec!(0.7))];
    let long = [("2010-01-01", "2030-01-01", None, dec!(0.6))];
    let below = [("2017-01-01", "2018-01-01", Some(8), dec!(0.8)), ("2017-01-01", "2018-01-01", Some(9), dec!(0.9))];
    let values = |key: &str, kept: &[(&str, &str, Option<i64>, Decimal)]| {
        let cells = ["2017", "2017-Q1"].map(|period| (key, employee(1), period));
        evaluations(&shelf, &context(), &cells, &|question| spans(question, kept))
            .into_iter()
            .map(|answer| answer.value)
            .collect::<Vec<_>>()
    };
    assert_eq!(values("service.goal", &quarters), [None, Some(dec!(0.8))]);
    assert_eq!(values("service.goal", &year), [Some(dec!(0.7)), Some(dec!(0.7))]);
    assert_eq!(values("service.goal", &long), [Some(dec!(0.6)), Some(dec!(0.6))]);
    assert_eq!(values("service.goal", &below), [None, None]);
    assert_eq!(values("sales.goal", &quarters), [Some(dec!(1.7)), Some(dec!(0.8))]);
    assert_eq!(values("sales.goal", &below), [Some(dec!(1.7)), None]);
    assert_eq!(values("sales.buyers_goal", &year), [Some(dec!(0.7)), None]);
    assert_eq!(values("sales.buyers_goal", &quarters), [None, Some(dec!(0.8))]);
}
