//! The service as a thing on the network: health, ids, shutdown, addresses.

use std::io::Write;
use std::net::TcpStream;

use serde_json::json;

use tests::database::Database;
use tests::service::{Service, counterpoise, text};

#[test]
fn the_page_for_analysts_needs_no_other_host() {
    let service = Service::over(Database::sqlite());
    let page = service.get("/");
    assert_eq!(page.status(), 200);
    let html = page.text().expect("text");
    assert!(!html.contains("https://") && !html.contains("http://"), "the page names another host");
}

#[test]
fn a_request_carries_its_id_back() {
    let service = Service::over(Database::sqlite());
    let client = reqwest::blocking::Client::new();
    let given = client.get(format!("{}/health/live", service.url)).header("x-request-id", "abc-123").send().expect("an answer");
    assert_eq!(given.headers()["x-request-id"], "abc-123");
    assert!(!service.get("/health/live").headers()["x-request-id"].is_empty());
}

#[test]
fn an_address_that_others_can_reach_is_refused() {
    let database = Database::sqlite();
    let output = counterpoise().args(["serve", "--listen", "0.0.0.0:0", "--database-url", &database.url]).output().expect("counterpoise runs");
    assert!(!output.status.success());
    assert!(text(&output).contains("--allow-unauthenticated"), "{}", text(&output));
}

#[test]
fn shutdown_finishes_what_is_in_flight() {
    let service = Service::of_sample(Database::sqlite());
    let address = service.url.trim_start_matches("http://").to_owned();
    let body = json!({ "query": "{ organisation { metrics(period: \"2025\") { sales { cycleMedian { value { seconds } } } } } }" }).to_string();
    let mut stream = TcpStream::connect(address).expect("connects");
    let head = format!("POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).expect("writes");
    stream.write_all(body.as_bytes()).expect("writes");
    stream.flush().expect("flushes");
    let reader = std::thread::spawn(move || {
        let mut answer = String::new();
        std::io::Read::read_to_string(&mut stream, &mut answer).map(|_| answer)
    });
    let status = service.terminate();
    assert!(status.success(), "{status}");
    let answer = reader.join().expect("the reader ends");
    assert!(answer.as_ref().is_ok_and(|answer| answer.starts_with("HTTP/1.1 200")), "{answer:?}");
}
