//! Scorecards from creation to score, over the pipeline of the generated company.

use rust_decimal::Decimal;
use serde_json::Value;

use tests::both_backends;
use tests::database::Database;
use tests::service::Service;

const CREATE: &str = r#"mutation { createScorecard(input: {key: "rep", title: "Sales rep", subject: EMPLOYEE, missing: RENORMALISE, minCoverage: "0.5", nodes: [
    {key: "conv", title: "Conversion", weight: "50", metric: "sales.opportunity_conversion_rate", scoring: {minmax: {worst: "0.4", best: "0.8"}}},
    {key: "amount", title: "Amount", weight: "30", metric: "sales.amount", scoring: {target: {value: "100000"}}},
    {key: "cycle", title: "Cycle", weight: "20", metric: "sales.cycle_days", scoring: {points: [{at: "20", score: "120"}, {at: "50", score: "100"}, {at: "100", score: "0"}]}}]}) {
  scorecard { key } errors { code path message } } }"#;

const SCORES: &str = r#"{ employees(first: 50) { nodes { name scorecard(key: "rep", period: "2026-Q1") {
    score grade coverage nodes { key title weight score contribution metric { key outcome formatted } } } } } }"#;

fn decimal(value: &Value) -> Decimal {
    value.as_str().unwrap_or_else(|| panic!("{value} is no decimal")).parse().expect("a decimal")
}

/// Creates a scorecard of one node with the given parts and returns the codes of the errors.
fn refusal(service: &Service, nodes: &str) -> Vec<String> {
    let operation = format!(
        "mutation {{ createScorecard(input: {{key: \"broken\", title: \"Broken\", subject: EMPLOYEE, missing: RENORMALISE, minCoverage: \"0.5\", nodes: [{nodes}]}}) {{ scorecard {{ key }} errors {{ code path message }} }} }}"
    );
    let data = service.data(&operation);
    assert!(data["createScorecard"]["scorecard"].is_null(), "{data:#}");
    let errors = data["createScorecard"]["errors"].as_array().expect("a list");
    errors.iter().map(|error| error["code"].as_str().expect("a code").to_owned()).collect()
}

both_backends!(contributions_add_up_to_the_score_exactly);
fn contributions_add_up_to_the_score_exactly(database: Database) {
    let service = Service::of_sample(database);
    assert_eq!(service.data(CREATE)["createScorecard"]["errors"], serde_json::json!([]));
    let data = service.data(SCORES);
    let employees = data["employees"]["nodes"].as_array().expect("a list");
    let cards = employees.iter().map(|employee| &employee["scorecard"]).filter(|card| !card["score"].is_null());
    let mut scored = 0;
    for card in cards {
        let nodes = card["nodes"].as_array().expect("a list");
        let sum: Decimal = nodes.iter().filter(|node| !node["contribution"].is_null()).map(|node| decimal(&node["contribution"])).sum();
        assert_eq!(sum, decimal(&card["score"]), "{card:#}");
        assert!(card["grade"].is_string(), "{card:#}");
        scored += 1;
    }
    assert!(scored > 5, "hardly anyone was scored: {data:#}");
}

both_backends!(scorings_are_in_the_unit_of_the_metric);
fn scorings_are_in_the_unit_of_the_metric(database: Database) {
    let service = Service::of_sample(database);
    service.data(CREATE);
    let data = service.data(
        r#"{ employees(first: 50) { nodes { metrics(period: "2026-Q1") { sales { cycleDays { value { seconds } } } }
            scorecard(key: "rep", period: "2026-Q1") { nodes { key score value } } } } }"#,
    );
    let mut compared = 0;
    for employee in data["employees"]["nodes"].as_array().expect("a list") {
        let Some(seconds) = tests::figure::decimal(&employee["metrics"]["sales"]["cycleDays"]["value"]["seconds"]) else { continue };
        let node = &employee["scorecard"]["nodes"][2];
        let days = seconds / Decimal::from(86_400);
        assert_eq!(decimal(&node["value"]).round_dp(9), days.round_dp(9), "{employee:#}");
        let (at, score) = (|day: i64| Decimal::from(day), decimal(&node["score"]));
        if days > at(20) && days < at(50) {
            assert_eq!((at(120) - (days - at(20)) * at(20) / at(30)).round_dp(9), score.round_dp(9), "{employee:#}");
            compared += 1;
        }
    }
    assert!(compared > 0, "no cycle of 20 to 50 days: {data:#}");
}

both_backends!(a_key_is_given_once);
fn a_key_is_given_once(database: Database) {
    let service = Service::of_sample(database);
    service.data(CREATE);
    let again = service.data(CREATE);
    assert!(again["createScorecard"]["scorecard"].is_null());
    assert_eq!(again["createScorecard"]["errors"].as_array().map(Vec::len), Some(1), "{again:#}");
}

both_backends!(broken_scorecards_are_refused_with_the_place);
fn broken_scorecards_are_refused_with_the_place(database: Database) {
    let service = Service::of_sample(database);
    let leaf = |key: &str, weight: &str, metric: &str, scoring: &str| {
        format!("{{key: \"{key}\", title: \"T\", weight: \"{weight}\", metric: \"{metric}\", scoring: {{{scoring}}}}}")
    };
    let good = "minmax: {worst: \"0\", best: \"1\"}";
    let cases = [
        leaf("a", "1", "sales.nothing", good),
        leaf("a", "-1", "sales.amount", good),
        leaf("a", "0", "sales.amount", good),
        leaf("a", "1", "sales.amount", "minmax: {worst: \"1\", best: \"1\"}"),
        leaf("a", "1", "sales.amount", "points: [{at: \"5\", score: \"1\"}, {at: \"5\", score: \"2\"}]"),
        format!("{}, {}", leaf("a", "1", "sales.amount", good), leaf("a", "1", "sales.amount", good)),
    ];
    let codes: Vec<Vec<String>> = cases.iter().map(|nodes| refusal(&service, nodes)).collect();
    let expected = ["UNKNOWN_METRIC", "NEGATIVE_WEIGHT", "ALL_WEIGHTS_ZERO", "WORST_EQUALS_BEST", "POINTS_NOT_ASCENDING", "DUPLICATE_KEY"];
    assert_eq!(codes, expected.map(|code| vec![code.to_owned()]));
}
