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
async fn conditions_beyond_what_a_database_takes_are_refused() {
    let service = Service::of_sample().await;
    let many = "{name: {eq: \"x\"}},".repeat(5_000);
    assert_refused(&service, &format!("{{ employees(where: {{or: [{many}]}}) {{ totalCount }} }}"), "TOO_COMPLEX", "conditions").await;
    let keys = "\"x\",".repeat(10_000);
    let data = service.data(&format!("{{ employees(where: {{name: {{in: [{keys}]}}}}) {{ totalCount }} }}")).await;
    assert_eq!(data["employees"]["totalCount"], 0);
}

#[tokio::test]
async fn a_null_condition_is_neither_any_nor_none() {
    let service = Service::of_sample().await;
    for filter in ["name: {eq: null}", "name: null", "team: null", "team: {id: {in: null}}", "not: {name: {eq: null}}"] {
        assert_refused(&service, &format!("{{ employees(where: {{{filter}}}) {{ totalCount }} }}"), "BAD_USER_INPUT", "is null").await;
    }
    let bound = r#"{ employees(where: {metric: {key: "sales.amount", period: "2026", gt: null}}) { totalCount } }"#;
    assert_refused(&service, bound, "BAD_USER_INPUT", "`gt` is null").await;
    let data = service.data("{ employees(where: null, orderBy: null, first: null) { totalCount } }").await;
    assert_ne!(data["employees"]["totalCount"], 0);
}

#[tokio::test]
async fn one_fragment_may_stand_under_every_metric() {
    let service = Service::of_sample().await;
    let metrics =
        ["amount", "orderCount", "units", "wonCount", "lossCount", "avgOrderSize"].map(|name| format!("{name} {{ ...F }}")).concat();
    let periods: String =
        (1..=9).map(|month| format!("m{month}: metrics(period: \"2026-0{month}\") {{ sales {{ {metrics} }} }} ")).collect();
    let aliases = "a: formatted b: formatted c: formatted d: formatted e: formatted";
    service.data(&format!("{{ organisation {{ {periods} }} }} fragment F on Metric {{ {aliases} }}")).await;
}

#[tokio::test]
async fn input_fields_without_their_variable_are_not_written() {
    let service = Service::of_sample().await;
    for operation in [
        "query($name: String) { employees(where: {name: {eq: $name}}) { totalCount } }",
        "query($name: String) { ...F } fragment F on Query { employees(where: {name: {eq: $name}}) { totalCount } }",
        "query($name: String, $first: Int) { employees(first: $first, where: {or: [{name: {eq: $name}}]}) { totalCount } }",
    ] {
        assert_ne!(service.data(operation).await["employees"]["totalCount"], 0, "{operation}");
    }
    let create = r#"mutation($least: Decimal, $missing: Missing) { createScorecard(input: {key: "omitted", title: "Omitted", subject: EMPLOYEE,
        minCoverage: $least, missing: $missing, nodes: [{key: "a", title: "A", weight: 1, metric: "sales.amount", scoring: {target: {value: 1}}}]}) {
        scorecard { minCoverage missing } } }"#;
    let made = service.data(create).await["createScorecard"]["scorecard"].take();
    assert_eq!(made, serde_json::json!({ "minCoverage": "0.7", "missing": "RENORMALISE" }));
    assert_refused(&service, "query($name: String) { version }", "GRAPHQL_VALIDATION_FAILED", "not used").await;
}

#[tokio::test]
async fn a_value_that_cannot_be_read_is_told_without_what_goes_on_inside() {
    let service = Service::empty().await;
    let create = |weight: &str| {
        format!(
            r#"mutation {{ createScorecard(input: {{key: "a", title: "A", subject: EMPLOYEE, nodes: [{{key: "a", title: "A", weight: {weight}}}]}}) {{ errors {{ code }} }} }}"#
        )
    };
    let error = service.error(&create("0.1")).await;
    let message = r#"Decimal: 0.1 is no exact decimal: write it as a string, such as "0.5", in ScorecardNodeInput of ScorecardInput"#;
    assert_eq!(error["message"], message);
    let error = service.error(r#"{ organisation { metrics(period: "2026-13") { period } } }"#).await;
    assert_eq!(error["message"], "`2026-13` is no period: months are 01 to 12");
}

#[tokio::test]
async fn a_deletion_names_its_own_argument() {
    let service = Service::of_sample().await;
    let data = service.data(r#"mutation { deleteScorecard(key: "nobody") { errors { code path } } }"#).await;
    assert_eq!(data["deleteScorecard"]["errors"], serde_json::json!([{ "code": "NOT_FOUND", "path": ["key"] }]));
}

#[tokio::test]
async fn assumptions_made_twice_are_refused() {
    let service = Service::of_sample().await;
    service
        .data(
            r#"mutation { createScorecard(input: {key: "sure", title: "Sure", subject: EMPLOYEE, nodes: [
                {key: "quota", title: "Q", weight: 1, metric: "sales.amount", scoring: {target: {value: 1}}}]}) { errors { code } } }"#,
        )
        .await;
    let operation = r#"{ employees(first: 1) { nodes { scorecard(key: "sure", period: "2026-Q2", whatIf: {values: [{node: "quota", value: 1}, {node: "quota", value: 2}]}) { score } } } }"#;
    assert_refused(&service, operation, "BAD_USER_INPUT", "2 times").await;
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
