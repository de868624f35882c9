//! The WebSocket at `/graphql`: who gets one, what it says, and what subscriptions tell.

use serde_json::{Value, json};
use tests::both_backends;
use tests::database::Database;
use tests::service::{Service, counterpoise, text};
use tests::socket::Socket;

const CREATE: &str = r#"mutation { createScorecard(input: {key: "org", title: "Organisation", subject: ORGANISATION, minCoverage: "0", nodes: [
    {key: "amount", title: "Amount", weight: 1, metric: "sales.amount", scoring: {minmax: {worst: 0, best: 1000}}},
    {key: "none", title: "None", weight: 1, metric: "sales.amount", scoring: {minmax: {worst: 1, best: 0}}}]}) { errors { message } } }"#;

fn put_weights(amount: u32, none: u32) -> String {
    format!(
        r#"mutation {{ putWeightSet(input: {{scorecard: "org", method: MANUAL, weights: [{{node: "amount", weight: {amount}}}, {{node: "none", weight: {none}}}]}}) {{
            errors {{ message }} }} }}"#
    )
}

/// Subscribes to the organisation's score over a period.
fn score(service: &Service, period: &str, every: u32) -> String {
    let id = service.data("{ organisation { id } }")["organisation"]["id"].as_str().expect("an id").to_owned();
    format!(
        r#"subscription {{ scorecardChanged(key: "org", id: "{id}", period: "{period}", every: {every}) {{ score coverage nodes {{ key value }} }} }}"#
    )
}

#[test]
fn an_operation_over_a_socket_is_answered_as_over_http() {
    let service = Service::of_sample(Database::sqlite());
    let mut socket = Socket::open(&service);
    let query = "{ version organisation { name metrics(period: \"2026\") { sales { amount { formatted } } } } }";
    socket.subscribe("1", query);
    assert_eq!(socket.data("1"), service.data(query));
    assert_eq!(socket.message(), json!({ "type": "complete", "id": "1" }));
    socket.subscribe("1", CREATE);
    assert_eq!(socket.data("1")["createScorecard"]["errors"], json!([]));
    assert_eq!(socket.message(), json!({ "type": "complete", "id": "1" }));
    assert_eq!(
        service.data("{ scorecards { key } }")["scorecards"].as_array().map(|cards| cards.iter().any(|card| card["key"] == "org")),
        Some(true)
    );
    let metrics = service.get("/metrics").text().expect("text");
    assert!(metrics.contains("counterpoise_sockets_open 1"), "{metrics}");
}

#[test]
fn the_bounds_of_http_hold_over_a_socket() {
    let service =
        Service::with(Database::sqlite(), &["--max-depth", "4", "--max-aliases", "3", "--max-operations", "2", "--max-subscriptions", "1"]);
    let mut socket = Socket::open(&service);
    let refused = |socket: &mut Socket, operation: &str, code: &str| {
        socket.subscribe("x", operation);
        let message = socket.message();
        assert_eq!(
            (message["type"].as_str(), &message["payload"][0]["extensions"]["code"]),
            (Some("error"), &json!(code)),
            "{operation}: {message:#}"
        );
    };
    refused(&mut socket, "subscription { packsChanged { metrics { inputs { name { x } } } } }", "TOO_COMPLEX");
    refused(&mut socket, "subscription { packsChanged { a: name b: name c: name d: name } }", "TOO_COMPLEX");
    refused(&mut socket, &"{a".repeat(201), "TOO_COMPLEX");
    refused(&mut socket, "subscription { packsChanged { nothing } }", "GRAPHQL_VALIDATION_FAILED");
    refused(&mut socket, "subscription { a: packsChanged { name } b: packsChanged { name } }", "GRAPHQL_VALIDATION_FAILED");
    refused(&mut socket, "subscription { ...F } fragment F on Subscription { packsChanged { name } }", "GRAPHQL_VALIDATION_FAILED");
    refused(&mut socket, "{ packs { name ", "GRAPHQL_PARSE_FAILED");
    refused(&mut socket, r#"subscription { scorecardChanged(key: "a", id: "b", period: "2026", every: 1) { score } }"#, "BAD_USER_INPUT");
    socket.subscribe("held", "subscription { packsChanged { name } }");
    socket.data("held");
    refused(&mut socket, "subscription { packsChanged { name } }", "TOO_MANY");
    socket.say(&json!({ "type": "complete", "id": "held" }));
    socket.subscribe("again", "subscription { packsChanged { name } }");
    socket.data("again");
    let over_http = service.answer("subscription { packsChanged { name } }", Value::Null);
    assert_eq!(over_http["errors"][0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED", "{over_http:#}");
}

#[test]
fn whoever_breaks_the_protocol_is_told_so_by_the_code_of_the_end() {
    let service = Service::over(Database::sqlite());
    let said = |greeted: bool, texts: &[&str]| {
        let mut socket = if greeted { Socket::open(&service) } else { Socket::connect(&service, &[]).expect("a socket") };
        texts.iter().for_each(|text| socket.say_text(text));
        socket
    };
    let subscribe = r#"{"type":"subscribe","id":"1","payload":{"query":"subscription { packsChanged { name } }"}}"#;
    assert_eq!(said(true, &["no JSON"]).closed(), 4400);
    assert_eq!(said(true, &[r#"{"type":"start"}"#]).closed(), 4400);
    assert_eq!(said(true, &[r#"{"type":"subscribe","id":"","payload":{"query":"{ version }"}}"#]).closed(), 4400);
    assert_eq!(said(false, &[subscribe]).closed(), 4401);
    assert_eq!(said(true, &[r#"{"type":"connection_init"}"#]).closed(), 4429);
    assert_eq!(said(true, &[subscribe, subscribe]).closed(), 4409);
    let mut socket = said(false, &[r#"{"type":"ping","payload":{"a":1}}"#]);
    assert_eq!(socket.message(), json!({ "type": "pong", "payload": { "a": 1 } }));
}

#[test]
fn pages_of_other_sites_open_no_socket() {
    let service = Service::with(Database::sqlite(), &["--cors-origin", "https://crm.test"]);
    let opened = |origin: &str| Socket::connect(&service, &[("origin", origin)]).map(drop);
    assert_eq!(opened("https://evil.test"), Err(403));
    assert_eq!(opened("null"), Err(403));
    assert_eq!(opened("https://crm.test"), Ok(()));
    assert_eq!(opened(&service.url), Ok(()));
    assert_eq!(Socket::connect(&service, &[("sec-websocket-protocol", "graphql-ws")]).map(drop), Err(400));
    assert_eq!(Socket::connect(&service, &[("sec-websocket-protocol", "")]).map(drop), Err(400));
}

#[test]
fn stopping_says_farewell_to_every_socket() {
    let mut service = Service::over(Database::sqlite());
    let (mut told, silent) = (Socket::open(&service), Socket::open(&service));
    told.subscribe("1", "subscription { packsChanged { name } }");
    told.data("1");
    service.terminate();
    assert_eq!((told.closed(), silent.closed()), (1001, 1001));
    assert!(service.ended().success());
}

both_backends!(a_score_is_told_when_its_weights_change);
fn a_score_is_told_when_its_weights_change(database: Database) {
    let service = Service::of_sample(database);
    service.data(CREATE);
    let mut socket = Socket::open(&service);
    socket.subscribe("score", &score(&service, "2026", 3600));
    assert_eq!(socket.data("score")["scorecardChanged"]["score"], "50");
    assert_eq!(service.data(&put_weights(3, 1))["putWeightSet"]["errors"], json!([]));
    assert_eq!(socket.data("score")["scorecardChanged"]["score"], "75");
    // The same weights again are a change of the scorecard, but of nothing that was asked for.
    assert_eq!(service.data(&put_weights(3, 1))["putWeightSet"]["errors"], json!([]));
    assert_eq!(service.data(&put_weights(1, 0))["putWeightSet"]["errors"], json!([]));
    assert_eq!(socket.data("score")["scorecardChanged"]["score"], "100");
    // Gone, and back: both are answers of the one subscription.
    service.data(r#"mutation { deleteScorecard(key: "org") { deletedKey } }"#);
    assert_eq!(socket.answer("score")["errors"][0]["extensions"]["code"], "NOT_FOUND");
    service.data(CREATE);
    assert_eq!(socket.data("score")["scorecardChanged"]["score"], "50");
}

both_backends!(facts_that_another_process_imports_are_told);
fn facts_that_another_process_imports_are_told(database: Database) {
    let url = database.url.clone();
    let output = counterpoise().args(["generate", "--scale", "0.001", "--database-url", &url]).output().expect("counterpoise runs");
    assert!(output.status.success(), "{}", text(&output));
    let service = Service::over(database);
    service.data(CREATE);
    let mut socket = Socket::open(&service);
    socket.subscribe("score", &score(&service, "2026", 5));
    let before = socket.data("score")["scorecardChanged"]["nodes"][0]["value"].take();
    // Ten times the company under the same keys: other orders, so other amounts.
    let output = counterpoise().args(["generate", "--scale", "0.002", "--database-url", &url]).output().expect("counterpoise runs");
    assert!(output.status.success(), "{}", text(&output));
    let after = socket.data("score")["scorecardChanged"]["nodes"][0]["value"].take();
    assert_ne!(before, after);
}
