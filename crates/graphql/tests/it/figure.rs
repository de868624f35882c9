//! Figures: values by kind, their comparisons, and where they come from.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::support::Service;

fn decimal(value: &Value) -> Decimal {
    value.as_str().unwrap_or_else(|| panic!("{value} is no decimal")).parse().expect("a decimal")
}

#[tokio::test]
async fn parts_of_a_period_and_of_the_organisation_add_up() {
    let service = Service::of_sample().await;
    let amount = r#"{ organisation { metrics(period: "2025") { sales { amount { value { amount } series(by: MONTH) { value { amount } } breakdown(by: REGION) { value { amount } } } } } } }"#;
    let data = service.data(amount).await;
    let amount = &data["organisation"]["metrics"]["sales"]["amount"];
    let sum = |parts: &str| amount[parts].as_array().expect("a list").iter().map(|part| decimal(&part["value"]["amount"])).sum::<Decimal>();
    assert_eq!(sum("series"), decimal(&amount["value"]["amount"]));
    assert_eq!(sum("breakdown"), decimal(&amount["value"]["amount"]));
}

#[tokio::test]
async fn a_breakdown_of_a_subject_is_narrowed_to_both() {
    let service = Service::of_sample().await;
    let operation = r#"{ employees(first: 28) { nodes { metrics(period: "2025") { sales { orderCount { value breakdown(by: REGION, first: 2) { subject { kind } value } whole: breakdown(by: REGION) { value } } } } } } }"#;
    let data = service.data(operation).await;
    for employee in data["employees"]["nodes"].as_array().expect("nodes") {
        let count = &employee["metrics"]["sales"]["orderCount"];
        let whole: Decimal = count["whole"].as_array().expect("slices").iter().map(|slice| decimal(&slice["value"])).sum();
        assert_eq!(whole, decimal(&count["value"]));
        assert!(count["breakdown"].as_array().expect("slices").len() <= 2);
    }
}

#[tokio::test]
async fn every_metric_answers_through_the_interface() {
    let service = Service::of_sample().await;
    let fragment = "fragment All on Metric { __typename key outcome cause reason formatted period definition { kind } }";
    let operation = format!(
        r#"{{ organisation {{ metrics(period: "2026-Q2") {{ sales {{ amount {{ ...All }} cycleDays {{ ...All }} orderCount {{ ...All }} }} }} }} }} {fragment}"#
    );
    let sales = service.data(&operation).await["organisation"]["metrics"]["sales"].clone();
    let kinds = ["amount", "cycleDays", "orderCount"].map(|metric| sales[metric]["__typename"].clone());
    assert_eq!(kinds, ["MoneyMetric", "DurationMetric", "CountMetric"].map(|name| json!(name)));
    assert_eq!(sales["amount"]["key"], "sales.amount");
}

#[tokio::test]
async fn what_has_no_value_says_why_and_is_never_zero() {
    let service = Service::of_sample().await;
    let data = service.data(r#"{ organisation { metrics(period: "1990") { sales { opportunityConversionRate { value outcome cause reason formatted rank { position } changes(from: [YEAR_AGO]) { absolute ratio outcome reason } } } } } }"#).await;
    let rate = &data["organisation"]["metrics"]["sales"]["opportunityConversionRate"];
    assert_eq!(
        (&rate["value"], &rate["outcome"], &rate["formatted"], &rate["rank"]),
        (&Value::Null, &json!("ZERO_DENOMINATOR"), &json!("–"), &Value::Null)
    );
    assert!(rate["reason"].is_string() && rate["cause"].is_string(), "{rate}");
    assert_eq!((&rate["changes"][0]["absolute"], &rate["changes"][0]["ratio"]), (&Value::Null, &Value::Null));
}

#[tokio::test]
async fn the_records_behind_a_count_are_as_many() {
    let service = Service::of_sample().await;
    let data = service.data(r#"{ organisation { metrics(period: "2026-06") { sales { orderCount { value explain { formula inputs { name value sql records(first: 500) { __typename id } } } } } } } }"#).await;
    let count = &data["organisation"]["metrics"]["sales"]["orderCount"];
    let input = &count["explain"]["inputs"][0];
    let records = input["records"].as_array().expect("records");
    assert_eq!(Decimal::from(records.len()), decimal(&count["value"]));
    assert!(records.iter().all(|record| record["__typename"] == "Order"));
    assert!(input["sql"].as_str().is_some_and(|sql| sql.contains("SELECT")));
}

#[tokio::test]
async fn ranks_are_among_those_of_the_same_team() {
    let service = Service::of_sample().await;
    let team =
        service.data(r#"{ teams(where: {name: {eq: "Inside sales"}}) { nodes { id employees { totalCount } } } }"#).await["teams"]["nodes"]
            [0]
        .clone();
    let operation = format!(
        "{{ employees(where: {{team: {{id: {{eq: {0}}}}}}}) {{ nodes {{ metrics(period: \"2026-Q2\") {{ sales {{ amount {{ rank(within: {0}) {{ position of }} }} }} }} }} }} }}",
        team["id"]
    );
    let data = service.data(&operation).await;
    let ranks: Vec<_> =
        data["employees"]["nodes"].as_array().expect("nodes").iter().map(|node| &node["metrics"]["sales"]["amount"]["rank"]).collect();
    assert!(ranks.iter().all(|rank| rank["of"] == team["employees"]["totalCount"]), "{ranks:?}");
    assert!(ranks.iter().any(|rank| rank["position"] == 1));
}
