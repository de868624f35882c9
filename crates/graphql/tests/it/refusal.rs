//! What is asked wrongly is refused by name, with a code, and without telling what goes on inside.

use async_graphql::{Request, Variables};
use chrono::Utc;

use crate::support::Service;

async fn assert_refused(service: &Service, operation: &str, code: &str, names: &str) {
    let error = service.error(operation).await;
    assert_eq!(error["extensions"]["code"], code, "{operation}: {error:#}");
    assert!(error["message"].as_str().is_some_and(|message| message.contains(names)), "{operation}: {error:#}");
}

#[tokio::test]
async fn unknown_keys_are_named_with_those_that_look_like_them() {
    let service = Service::of_sample().await;
    let order = r#"{ employees(orderBy: {metric: {key: "sales.amuont", period: "2026"}}) { totalCount nodes { id } } }"#;
    assert_refused(&service, order, "BAD_USER_INPUT", "`sales.amuont`; did you mean `sales.amount`").await;
    assert_refused(&service, r#"{ organisation { scorecard(key: "nobody", period: "2026") { score } } }"#, "NOT_FOUND", "`nobody`").await;
    assert_refused(&service, r#"{ metricDefinitions(pack: "sails") { key } }"#, "NOT_FOUND", "did you mean `sales`").await;
}

#[tokio::test]
async fn periods_are_taken_literally_or_not_at_all() {
    let service = Service::of_sample().await;
    for period in ["2026-Q5", "2026-02-30", "2026-03-01/2026-01-01", "yesterday", ""] {
        let operation = format!("{{ organisation {{ metrics(period: \"{period}\") {{ period }} }} }}");
        assert_refused(&service, &operation, "BAD_USER_INPUT", &format!("`{period}`")).await;
    }
    let calendar = r#"{ organisation { metrics(period: "2025-W53") { period } } }"#;
    assert_refused(&service, calendar, "BAD_USER_INPUT", "2025").await;
}

#[tokio::test]
async fn ids_and_cursors_of_something_else_are_refused() {
    let service = Service::of_sample().await;
    let data = service.data("{ teams(first: 1) { nodes { id } edges { cursor } } customers(first: 1) { nodes { id } } }").await;
    let (team, customer, cursor) =
        (&data["teams"]["nodes"][0]["id"], &data["customers"]["nodes"][0]["id"], &data["teams"]["edges"][0]["cursor"]);
    assert_refused(
        &service,
        &format!("{{ employees(where: {{id: {{eq: {team}}}}}) {{ totalCount }} }}"),
        "BAD_USER_INPUT",
        "the id of a Team, where the id of an Employee is wanted",
    )
    .await;
    let rank = format!(
        "{{ employees(first: 1) {{ nodes {{ metrics(period: \"2026\") {{ sales {{ amount {{ rank(within: {customer}) {{ of }} }} }} }} }} }} }}"
    );
    assert_refused(&service, &rank, "BAD_USER_INPUT", "Customer").await;
    assert_refused(&service, &format!("{{ customers(after: {cursor}) {{ nodes {{ id }} }} }}"), "BAD_USER_INPUT", "another list").await;
    assert_refused(&service, "{ customers(first: -1) { nodes { id } } }", "BAD_USER_INPUT", "-1").await;
}

#[tokio::test]
async fn documents_beyond_a_limit_are_refused_before_anything_runs() {
    let service = Service::of_sample().await;
    let before = service.store.statements();
    let deep = format!("{{ teams(first: 1) {{ nodes {{ {} id {} }} }} }}", "parent { ".repeat(60), "}".repeat(60));
    let aliases: String = (0..2000).map(|at| format!("a{at}: version ")).collect();
    let lists = "{ customers(first: 1000) { nodes { orders(first: 1000) { nodes { lines(first: 1000) { nodes { id } } } } } } }";
    let fragments: String = (0..40).map(|at| format!("fragment F{at} on Query {{ ...F{next} ...F{next} }} ", next = at + 1)).collect();
    assert_refused(&service, &deep, "TOO_COMPLEX", "depth").await;
    assert_refused(&service, &format!("{{ {aliases} }}"), "TOO_COMPLEX", "aliases").await;
    assert_refused(&service, lists, "TOO_COMPLEX", "complexity").await;
    assert_refused(&service, &format!("{{ ...F0 }} {fragments} fragment F40 on Query {{ version }}"), "TOO_COMPLEX", "number of fields")
        .await;
    assert_refused(
        &service,
        "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
        "GRAPHQL_VALIDATION_FAILED",
        "contains itself",
    )
    .await;
    assert_eq!(service.store.statements(), before);
}

#[tokio::test]
async fn what_does_not_fit_the_schema_is_not_executed() {
    let service = Service::empty().await;
    for operation in
        ["", "{", "{ nothing }", "subscription { x }", "query Q($p: Period!) { organisation { metrics(period: $p) { period } } }"]
    {
        let response = service.schema.execute(Request::new(operation).variables(Variables::default()), Utc::now()).await;
        assert!(!response.executed && response.data.is_none() && !response.errors.is_empty(), "{operation}");
    }
}

#[tokio::test]
async fn an_empty_database_says_what_to_do() {
    let service = Service::empty().await;
    assert_refused(&service, "{ organisation { name } }", "BAD_USER_INPUT", "import").await;
}

#[tokio::test]
async fn a_field_that_fails_is_null_and_the_others_stand_in_order() {
    let service = Service::of_sample().await;
    let operation = r#"{ version node(id: "rubbish") { id } organisation { scorecard(key: "x", period: "2026") { score } name } }"#;
    let response = service.schema.execute(Request::new(operation), Utc::now()).await;
    let text = serde_json::to_string(&response.data).expect("JSON");
    assert!(text.starts_with(r#"{"version":"#) && text.contains(r#""node":null,"organisation":{"scorecard":null,"name":"#), "{text}");
    assert_eq!(response.errors.len(), 2);
}
