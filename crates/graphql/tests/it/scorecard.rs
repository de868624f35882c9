//! Scorecards: created, replaced, refused with the place, scored.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::support::Service;

pub const CREATE: &str = r#"mutation { createScorecard(input: {key: "sales-rep", title: "Sales rep", subject: EMPLOYEE, missing: RENORMALISE, minCoverage: "0.5",
    grades: [{from: "0", grade: "C"}, {from: "60", grade: "B"}, {from: "80", grade: "A"}], nodes: [
    {key: "results", title: "Results", weight: "3"},
    {key: "amount", parent: "results", title: "Amount", weight: "2", metric: "sales.amount", scoring: {target: {value: "100000"}}},
    {key: "conv", parent: "results", title: "Conversion", weight: "1", metric: "sales.opportunity_conversion_rate", scoring: {minmax: {worst: "0.2", best: "0.8"}}},
    {key: "cycle", title: "Cycle", weight: "1", metric: "sales.cycle_days", scoring: {points: [{at: "0", score: "120"}, {at: "8640000", score: "0"}]}}]}) {
  scorecard { key version grades { from grade } nodes { key parent weight metric scoring } } errors { code path message } } }"#;

fn decimal(value: &Value) -> Decimal {
    value.as_str().unwrap_or_else(|| panic!("{value} is no decimal")).parse().expect("a decimal")
}

#[tokio::test]
async fn contributions_add_up_to_the_score_exactly() {
    let service = Service::of_sample().await;
    let created = service.data(CREATE).await;
    assert_eq!(created["createScorecard"]["errors"], json!([]));
    let operation = r#"{ employees(first: 50) { nodes { scorecard(key: "sales-rep", period: "2026-Q2") { score grade outcome coverage
        nodes { key contribution effectiveWeight metric { key } children { key contribution metric { key outcome ... on MoneyMetric { value { amount } } } } } } } } }"#;
    let data = service.data(operation).await;
    let cards: Vec<_> = data["employees"]["nodes"]
        .as_array()
        .expect("nodes")
        .iter()
        .map(|node| &node["scorecard"])
        .filter(|card| !card["score"].is_null())
        .collect();
    assert!(cards.len() > 3, "{data:#}");
    for card in cards {
        let nodes = card["nodes"].as_array().expect("nodes");
        let sum: Decimal = nodes.iter().filter(|node| !node["contribution"].is_null()).map(|node| decimal(&node["contribution"])).sum();
        assert_eq!(sum, decimal(&card["score"]));
        assert_eq!((&nodes[0]["metric"], &nodes[0]["children"][0]["metric"]["key"]), (&Value::Null, &json!("sales.amount")));
    }
}

#[tokio::test]
async fn an_assumption_changes_the_answer_and_nothing_else() {
    let service = Service::of_sample().await;
    service.data(CREATE).await;
    let of = |what_if: &str| {
        format!(
            r#"{{ employees(where: {{role: {{eq: REP}}}}, first: 1) {{ nodes {{ scorecard(key: "sales-rep", period: "2026-Q2"{what_if}) {{ score nodes {{ key weight children {{ key value score }} }} }} }} }} }}"#
        )
    };
    let before = service.data(&of("")).await;
    let assumed =
        service.data(&of(r#", whatIf: {values: [{node: "amount", value: "120000"}], weights: [{node: "cycle", value: "0"}]}"#)).await;
    let nodes = &assumed["employees"]["nodes"][0]["scorecard"]["nodes"];
    assert_eq!((&nodes[0]["children"][0]["score"], &nodes[1]["weight"]), (&json!("120"), &json!("0")));
    assert_eq!(service.data(&of("")).await, before);
}

#[tokio::test]
async fn faults_come_with_code_place_and_advice() {
    let service = Service::of_sample().await;
    let broken = CREATE.replace("sales.amount", "sales.amuont").replace("weight: \"1\"", "weight: \"-1\"");
    let refused = service.data(&broken).await["createScorecard"].clone();
    assert_eq!(refused["scorecard"], Value::Null);
    let codes: Vec<_> = refused["errors"].as_array().expect("errors").iter().map(|error| error["code"].as_str().expect("a code")).collect();
    assert!(codes.contains(&"UNKNOWN_METRIC") && codes.contains(&"NEGATIVE_WEIGHT"), "{refused:#}");
    assert!(refused["errors"].as_array().expect("errors").iter().all(|error| error["path"][0] == "input"), "{refused:#}");
    assert_eq!(service.data("{ scorecards { key } }").await["scorecards"], json!([]));
}

#[tokio::test]
async fn a_change_is_of_the_version_it_was_made_for() {
    let service = Service::of_sample().await;
    service.data(CREATE).await;
    let again = service.data(CREATE).await;
    assert_eq!(again["createScorecard"]["errors"][0]["code"], "EXISTS");
    let update = |version: u32| {
        CREATE
            .replace("createScorecard(", "updateScorecard(version: VERSION, ")
            .replace("VERSION", &version.to_string())
            .replace("Sales rep", "Seller")
    };
    let made = service.data(&update(1)).await;
    assert_eq!(made["updateScorecard"]["scorecard"]["version"], 2, "{made:#}");
    assert_eq!(service.data(&update(1)).await["updateScorecard"]["errors"][0]["code"], "CHANGED");
    assert_eq!(service.data("{ scorecards { title } }").await["scorecards"], json!([{ "title": "Seller" }]));
    let gone = service.data(r#"mutation { a: deleteScorecard(key: "sales-rep") { deletedKey errors { code } } b: deleteScorecard(key: "sales-rep") { deletedKey errors { code } } }"#).await;
    assert_eq!((&gone["a"]["deletedKey"], &gone["b"]["errors"][0]["code"]), (&json!("sales-rep"), &json!("NOT_FOUND")));
}

#[tokio::test]
async fn every_worked_example_runs_over_the_generated_company() {
    let service = Service::of_sample().await;
    for scorecard in sample::scorecards() {
        service.store.create_scorecard(&scorecard).await.expect("a scorecard");
    }
    for (name, operation) in crate::document::examples() {
        let response = service.example(operation).await;
        assert!(response.errors.is_empty(), "{name}: {:#?}", response.errors);
    }
}
