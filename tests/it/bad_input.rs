//! Whatever a client sends wrong is answered with an error that names it; nothing is guessed.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;

use serde_json::{Value, json};

use tests::both_backends;
use tests::database::Database;
use tests::service::Service;

/// The first error of an operation that must fail.
fn error(service: &Service, operation: &str) -> Value {
    let mut answer = service.answer(operation, Value::Null);
    let error = answer["errors"][0].take();
    assert!(!error.is_null(), "no error for {operation}: {answer:#}");
    error
}

fn assert_error(service: &Service, operation: &str, code: &str, names: &str) {
    let error = error(service, operation);
    assert_eq!(error["extensions"]["code"], code, "{operation}: {error:#}");
    let message = error["message"].as_str().expect("a message");
    assert!(message.contains(names), "{operation}: the message does not name `{names}`: {message}");
}

both_backends!(unknown_things_are_named);
fn unknown_things_are_named(database: Database) {
    let service = Service::of_sample(database);
    let order_by =
        r#"{ employees(first: 1, orderBy: [{metric: {key: "sales.amuont", period: "2026-Q1", direction: DESC}}]) { nodes { id } } }"#;
    assert_error(&service, order_by, "BAD_USER_INPUT", "sales.amuont");
    assert_error(&service, r#"{ organisation { scorecard(key: "nobody", period: "2026") { score } } }"#, "NOT_FOUND", "nobody");
    assert_error(
        &service,
        r#"{ organisation { metrics(period: "2026-Q1") { sales { amuont { outcome } } } } }"#,
        "GRAPHQL_VALIDATION_FAILED",
        "amuont",
    );
}

both_backends!(periods_are_taken_literally_or_not_at_all);
fn periods_are_taken_literally_or_not_at_all(database: Database) {
    let service = Service::of_sample(database);
    for period in [
        "2026-Q5",
        "2026-13",
        "2026-02-30",
        "2026-W60",
        "yesterday",
        "",
        "2026-03-01/2026-01-01",
        "2026-01-01/2026-01-01",
        "P0D/2026-01-01",
        "FY",
    ] {
        let operation = format!("{{ organisation {{ metrics(period: {}) {{ sales {{ amount {{ outcome }} }} }} }} }}", json!(period));
        let error = error(&service, &operation);
        let message = error["message"].as_str().expect("a message");
        assert!(message.contains(period) && message.to_lowercase().contains("period"), "{period}: {message}");
    }
}

both_backends!(an_id_of_another_kind_is_refused_by_name);
fn an_id_of_another_kind_is_refused_by_name(database: Database) {
    let service = Service::of_sample(database);
    let data = service.data("{ customers(first: 1) { nodes { id } } teams(first: 1) { nodes { id } } }");
    let customer = data["customers"]["nodes"][0]["id"].as_str().expect("an id");
    let rank = format!(
        "{{ employees(first: 1) {{ nodes {{ metrics(period: \"2026-Q1\") {{ sales {{ amount {{ rank(among: EMPLOYEE, within: {}) {{ position }} }} }} }} }} }} }}",
        json!(customer)
    );
    assert_error(&service, &rank, "BAD_USER_INPUT", "Customer");
    assert_error(&service, r#"{ node(id: "rubbish") { id } }"#, "BAD_USER_INPUT", "rubbish");
}

both_backends!(operations_that_are_too_large_are_refused_before_they_run);
fn operations_that_are_too_large_are_refused_before_they_run(database: Database) {
    let service = Service::of_sample(database);
    let deep = format!("{{ teams(first: 1) {{ nodes {{ {} id {} }} }} }}", "parent { ".repeat(60), "}".repeat(60));
    let aliases: String = (0..2000).map(|at| format!("a{at}: organisation {{ name }} ")).collect();
    let before = service.statements();
    for operation in [
        deep,
        format!("{{ {aliases} }}"),
        "{ customers(first: 100000) { nodes { orders(first: 100000) { nodes { lines(first: 100000) { nodes { id } } } } } } }".into(),
    ] {
        let error = error(&service, &operation);
        assert!(error["message"].as_str().is_some_and(|message| !message.is_empty()), "{error:#}");
    }
    assert_eq!(service.statements(), before);
    assert_eq!(status_of_announced(&service, 4 << 20), "HTTP/1.1 413 Payload Too Large");
}

/// The status line that a request gets whose head announces a body of so many bytes. None of them is sent: an answer given before a body
/// has arrived can be lost to a client that is still writing.
fn status_of_announced(service: &Service, bytes: usize) -> String {
    let mut stream = TcpStream::connect(service.url.trim_start_matches("http://")).expect("connects");
    let head = format!("POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {bytes}\r\n\r\n");
    stream.write_all(head.as_bytes()).expect("writes");
    let mut status = String::new();
    BufReader::new(stream).read_line(&mut status).expect("the service answers");
    status.trim_end().to_owned()
}

both_backends!(operations_that_cannot_be_parsed_are_client_errors);
fn operations_that_cannot_be_parsed_are_client_errors(database: Database) {
    let service = Service::over(database);
    for operation in ["", "{", "query {", "{ organisation { nmae } }", "subscription { x }"] {
        let client = reqwest::blocking::Client::new();
        let request = client.post(format!("{}/graphql", service.url)).header("accept", "application/graphql-response+json");
        let response = request.json(&json!({ "query": operation })).send().expect("an answer");
        assert_eq!(response.status(), 400, "{operation}");
    }
}

both_backends!(an_empty_database_says_what_to_do);
fn an_empty_database_says_what_to_do(database: Database) {
    let service = Service::over(database);
    let error = error(&service, "{ organisation { name } }");
    let message = error["message"].as_str().expect("a message");
    assert!(message.contains("import"), "{message}");
}
