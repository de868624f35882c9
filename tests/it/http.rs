//! The service as a thing on the network: the page, ids, addresses.

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
    let output =
        counterpoise().args(["serve", "--listen", "0.0.0.0:0", "--database-url", &database.url]).output().expect("counterpoise runs");
    assert!(!output.status.success());
    assert!(text(&output).contains("--allow-unauthenticated"), "{}", text(&output));
}
