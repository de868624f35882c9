//! What happens when the database goes away: a clear answer, and recovery without a restart.

use tests::database::{Cluster, Database};
use tests::service::{Service, counterpoise, text};

#[test]
fn a_service_whose_database_is_down_says_so_and_ends() {
    let output = counterpoise()
        .args(["serve", "--listen", "127.0.0.1:0", "--database-url", "postgres://nobody@127.0.0.1:9/nothing"])
        .output()
        .expect("counterpoise runs");
    assert!(!output.status.success());
    let said = text(&output);
    assert!(said.contains("127.0.0.1:9") && said.contains("database"), "{said}");
}

#[test]
fn a_database_that_goes_away_during_service_is_an_error_of_its_requests_alone() {
    let cluster = Cluster::start();
    let service = Service::of_sample(Database::in_cluster(&cluster));
    let operation = "{ organisation { metrics(period: \"2026-Q1\") { sales { orderCount { value } } } } }";
    let before = service.data(operation);
    cluster.stop();
    let answer = service.answer(operation, serde_json::Value::Null);
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAVAILABLE", "{answer:#}");
    assert_eq!(service.get("/health/live").status(), 200);
    assert_eq!(service.get("/health/ready").status(), 503);
    cluster.resume();
    assert_eq!(service.data(operation), before);
    assert_eq!(service.get("/health/ready").status(), 200);
}
