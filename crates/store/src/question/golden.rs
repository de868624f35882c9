//! The statements of typical questions, word for word. A change of the compiler shows here as a change of SQL to be reviewed:
//! run the tests with `UPDATE_GOLDEN=1` to write the files anew.

use std::path::Path;

use super::text::readable;
use super::*;
use crate::question::compile::compile;

const Q1: (i64, i64) = (1_483_228_800_000_000, 1_491_004_800_000_000);
const Q2: (i64, i64) = (1_491_004_800_000_000, 1_498_867_200_000_000);
const Q1_2016: (i64, i64) = (1_451_606_400_000_000, 1_459_468_800_000_000);
const Y2017: (i64, i64) = (1_483_228_800_000_000, 1_514_764_800_000_000);

fn all(kind: SubjectKind) -> Group {
    Group { kind, ids: None }
}

fn some(kind: SubjectKind, ids: &[i64]) -> Group {
    Group { kind, ids: Some(ids.to_vec()) }
}

fn ask(what: What, filter: &str) -> Ask {
    Ask { what, filter: serde_json::from_str(filter).unwrap() }
}

fn question(source: Source, subject: Group, over: Over, columns: Vec<Ask>) -> Question {
    Question { source, subject, within: None, over, columns }
}

fn intervals(time: &str, bounds: &[(i64, i64)]) -> Over {
    Over::Intervals { time: time.into(), bounds: bounds.to_vec() }
}

fn periods(time: &str, bounds: &[(i64, i64)]) -> Over {
    Over::Periods { time: time.into(), bounds: bounds.to_vec() }
}

fn compare(name: &str, question: &Question) {
    let text = readable(&compile(question).unwrap().statement) + "\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("src/question/golden/{name}.sql"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(text, golden, "{} differs; review, then write it with UPDATE_GOLDEN=1", path.display());
}

#[test]
fn one_quarter_of_two_hundred_employees_is_one_range_of_an_index() {
    let columns = vec![
        ask(What::Count, r#"{"outcome": "WON"}"#),
        ask(What::Count, r#"{"outcome": "LOST"}"#),
        ask(What::Sum("amount".into()), r#"{"outcome": "WON"}"#),
        ask(What::Sum("cycle".into()), r#"{"outcome": "WON"}"#),
        ask(What::Known("cycle".into()), r#"{"outcome": "WON"}"#),
    ];
    compare("employee_quarter", &question(Source::Opportunities, all(SubjectKind::Employee), intervals("closed_at", &[Q1]), columns));
}

#[test]
fn each_interval_is_a_search_of_its_own() {
    let columns = vec![ask(What::Sum("amount".into()), "{}"), ask(What::Count, "{}"), ask(What::Max("amount".into()), r#"{"late": true}"#)];
    let over = intervals("ordered_at", &[Q1_2016, Q1, Q2]);
    compare("employees_with_last_year", &question(Source::Orders, some(SubjectKind::Employee, &[3, 5, 8]), over, columns));
}

#[test]
fn the_organisation_is_not_grouped_by() {
    let months: Vec<_> = (0..12).map(|month| (Y2017.0 + month * 2_628_000_000_000, Y2017.0 + (month + 1) * 2_628_000_000_000)).collect();
    let columns = vec![ask(What::Count, r#"{"kind": "COMPLAINT"}"#), ask(What::Count, r#"{"kind": "COMPLAINT", "accepted": true}"#)];
    compare("organisation_months", &question(Source::Tickets, all(SubjectKind::Organisation), intervals("closed_at", &months), columns));
}

#[test]
fn a_team_is_its_whole_tree_within_regions() {
    let mut question =
        question(Source::Tickets, some(SubjectKind::Team, &[7]), intervals("created_at", &[Q1]), vec![ask(What::Count, "{}")]);
    question.within = Some(all(SubjectKind::Region));
    compare("team_by_region", &question);
}

#[test]
fn segments_are_those_of_the_moment() {
    let columns = vec![ask(What::Sum("quantity".into()), "{}"), ask(What::Sum("discount".into()), r#"{"list_amount": {"known": true}}"#)];
    compare("segment_lines", &question(Source::OrderLines, all(SubjectKind::Segment), intervals("ordered_at", &[Q1]), columns));
}

#[test]
fn distinct_records_are_counted_after_their_facts() {
    let distinct = |at_least| What::Distinct { of: "customer".into(), at_least };
    let columns = vec![ask(distinct(1), "{}"), ask(distinct(2), "{}"), ask(distinct(1), r#"{"late": false}"#)];
    compare("distinct_customers", &question(Source::Orders, all(SubjectKind::Channel), periods("ordered_at", &[Y2017, Q1]), columns));
}

#[test]
fn months_of_lines_are_told_apart_by_a_ladder() {
    let months: Vec<_> = (0..6).map(|month| (Y2017.0 + month * 2_628_000_000_000, Y2017.0 + (month + 1) * 2_628_000_000_000)).collect();
    let columns = vec![ask(What::Sum("amount".into()), r#"{"cross_sell": true}"#)];
    compare("line_months", &question(Source::OrderLines, all(SubjectKind::Product), intervals("ordered_at", &months), columns));
}

#[test]
fn periods_that_overlap_are_listed_where_memberships_are_joined() {
    let columns = vec![ask(What::Distinct { of: "customer".into(), at_least: 1 }, "{}")];
    compare("segment_periods", &question(Source::Orders, all(SubjectKind::Segment), periods("ordered_at", &[Y2017, Q1]), columns));
}

#[test]
fn percentiles_pick_two_neighbours() {
    let of = |p| What::Percentile { of: "resolution".into(), p };
    let filter = r#"{"kind": ["INCIDENT", "COMPLAINT"]}"#;
    let columns = vec![ask(of(Percentile::Median), filter), ask(of(Percentile::P90), filter)];
    compare("percentiles", &question(Source::Tickets, all(SubjectKind::Employee), periods("closed_at", &[Q1, Q2]), columns));
}

#[test]
fn one_instant_of_a_stock_needs_no_list() {
    let columns = vec![ask(What::Count, "{}"), ask(What::Sum("age".into()), "{}"), ask(What::Count, r#"{"age": {"gt": "604800"}}"#)];
    compare("stock", &question(Source::Tickets, all(SubjectKind::Organisation), Over::Instants(vec![Q1.1]), columns));
}

#[test]
fn each_instant_of_a_stock_is_a_search_of_its_own() {
    let columns = vec![ask(What::Sum("weighted_amount".into()), "{}"), ask(What::Count, r#"{"stage": "PROPOSAL"}"#)];
    compare("stocks", &question(Source::Opportunities, all(SubjectKind::Employee), Over::Instants(vec![Q1.0, Q1.1, Q2.1]), columns));
}

#[test]
fn a_team_sees_its_own_spans_and_those_of_its_people() {
    let day = |text: &str| text.parse().unwrap();
    let over = Over::Spans { from: day("2017-01-01"), to: day("2018-01-01") };
    let columns = vec![
        ask(What::Sum("value".into()), r#"{"kind": "QUOTA"}"#),
        ask(What::Sum("value".into()), r#"{"kind": "METRIC", "metric": "sales.amount"}"#),
    ];
    compare("team_spans", &question(Source::Targets, some(SubjectKind::Team, &[7, 9]), over, columns));
}
