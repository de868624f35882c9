//! The worked examples run as they are written, over the generated company.

use std::path::Path;

use tests::both_backends;
use tests::database::Database;
use tests::service::Service;
use tests::socket::Socket;

both_backends!(every_worked_example_runs);
fn every_worked_example_runs(database: Database) {
    let service = Service::of_sample(database);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schema/operations");
    let mut files: Vec<_> = std::fs::read_dir(folder).expect("the folder is there").map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    assert!(files.len() >= 4, "only {} examples", files.len());
    for file in files {
        let operation = std::fs::read_to_string(&file).expect("text");
        let answer = match operation.contains("\nsubscription ") {
            true => first_told(&service, &operation),
            false => service.answer(&operation, serde_json::Value::Null),
        };
        assert!(answer.get("errors").is_none(), "{}: {answer:#}", file.display());
    }
}

fn first_told(service: &Service, operation: &str) -> serde_json::Value {
    let mut socket = Socket::open(service);
    socket.subscribe("1", operation);
    socket.answer("1")
}

both_backends!(a_ratio_of_a_year_is_not_the_mean_of_its_quarters);
fn a_ratio_of_a_year_is_not_the_mean_of_its_quarters(database: Database) {
    let service = Service::of_sample(database);
    let data = service.data(
        r#"{ organisation { metrics(period: "2025") { sales { opportunityConversionRate { value explain { inputs { name value } } series(by: QUARTER) { value } } } } } }"#,
    );
    let metric = &data["organisation"]["metrics"]["sales"]["opportunityConversionRate"];
    let input = |name: &str| {
        let inputs = metric["explain"]["inputs"].as_array().expect("a list");
        let input = inputs.iter().find(|input| input["name"] == name).unwrap_or_else(|| panic!("no input {name}"));
        tests::figure::decimal(&input["value"]).expect("a value")
    };
    let value = tests::figure::decimal(&metric["value"]).expect("a value");
    let exact = input("won") / (input("won") + input("lost"));
    assert!((value - exact).abs() < rust_decimal::Decimal::new(1, 11), "{value} is not {exact}");
    let quarters: Vec<_> = metric["series"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|point| tests::figure::decimal(&point["value"]).expect("a value"))
        .collect();
    let mean = quarters.iter().sum::<rust_decimal::Decimal>() / rust_decimal::Decimal::from(quarters.len());
    assert_ne!(value.round_dp(8), mean.round_dp(8));
}

both_backends!(the_records_behind_a_number_are_as_many_as_it_says);
fn the_records_behind_a_number_are_as_many_as_it_says(database: Database) {
    let service = Service::of_sample(database);
    let data = service.data(
        r#"{ organisation { metrics(period: "2026-03") { sales { lossCount { value explain { inputs { name value sql records(first: 500) { id __typename } } } } } } } }"#,
    );
    let metric = &data["organisation"]["metrics"]["sales"]["lossCount"];
    let records = metric["explain"]["inputs"][0]["records"].as_array().expect("a list");
    let value = tests::figure::decimal(&metric["value"]).expect("a value");
    assert_eq!(rust_decimal::Decimal::from(records.len()), value);
    assert!(records.iter().all(|record| record["__typename"] == "Opportunity"), "{records:?}");
}

both_backends!(every_metric_has_something_to_say_about_the_generated_company);
fn every_metric_has_something_to_say_about_the_generated_company(database: Database) {
    let service = Service::of_sample(database);
    let data = service.data("{ packs { name metrics { key } } }");
    let keys: Vec<String> = data["packs"]
        .as_array()
        .expect("a list")
        .iter()
        .flat_map(|pack| pack["metrics"].as_array().expect("a list"))
        .map(|metric| metric["key"].as_str().expect("a key").to_owned())
        .collect();
    assert!(keys.len() >= 45, "only {} metrics", keys.len());
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let values = tests::figure::Asker::of(&service).organisation("2026-Q2", &keys);
    let silent: Vec<_> = values.iter().filter(|(_, value)| value.is_none()).map(|(key, _)| key).collect();
    assert!(silent.is_empty(), "no value of {silent:?}");
}
