//! Records as objects: whatever the document's form, each field under its key, in order, and its failures at their places.

use async_graphql::{Request, Variables};
use chrono::Utc;
use serde_json::{Value, json};

use crate::support::Service;

async fn text(service: &Service, operation: &str) -> String {
    let response = service.schema.execute(Request::new(operation), Utc::now()).await;
    assert!(response.errors.is_empty(), "{operation}: {:?}", response.errors);
    serde_json::to_string(&response.data).expect("JSON")
}

#[tokio::test]
async fn fields_under_one_key_are_one_with_all_that_is_selected_below() {
    let service = Service::of_sample().await;
    let apart = "{ customers(first: 3) { nodes { name region { id } orders(first: 1) { nodes { id } } name } \
                 nodes { region { name } orders(first: 1) { totalCount nodes { amount } } } } }";
    let whole = "{ customers(first: 3) { nodes { name region { id name } orders(first: 1) { nodes { id amount } totalCount } } } }";
    assert_eq!(service.data(apart).await, service.data(whole).await);
    assert_eq!(service.cost(apart).await, service.cost(whole).await);
}

#[tokio::test]
async fn fragments_aliases_and_directives_say_what_fields_would() {
    let service = Service::of_sample().await;
    let plain = "{ orders(first: 2) { nodes { id key: externalKey customer { __typename who: name } state } pageInfo { hasNextPage } } }";
    let formed = "{ orders(first: 2) { ...Page ... on OrderConnection @include(if: true) { pageInfo { hasNextPage } } } } \
        fragment Page on OrderConnection { nodes { ... on Node { id } ...Own state amount @skip(if: true) } } \
        fragment Own on Order { key: externalKey customer { ... { __typename } who: name } }";
    assert_eq!(text(&service, formed).await, text(&service, plain).await);
}

#[tokio::test]
async fn edges_hold_what_nodes_hold() {
    let service = Service::of_sample().await;
    let data = service
        .data(
            "{ customers(first: 4) { nodes { name tickets(last: 2) { nodes { kind createdAt } } } \
              edges { __typename cursor node { name tickets(last: 2) { nodes { kind createdAt } } } } pageInfo { startCursor endCursor } } }",
        )
        .await;
    let edges = data["customers"]["edges"].as_array().expect("edges");
    let nodes: Vec<&Value> = edges.iter().map(|edge| &edge["node"]).collect();
    assert_eq!(json!(nodes), data["customers"]["nodes"]);
    assert_eq!(edges[0]["__typename"], "CustomerEdge");
    let ends = &data["customers"]["pageInfo"];
    assert_eq!((&edges[0]["cursor"], &edges[3]["cursor"]), (&ends["startCursor"], &ends["endCursor"]));
}

#[tokio::test]
async fn a_field_fails_in_its_own_record_at_its_own_path() {
    let service = Service::of_sample().await;
    let operation = "{ employees(first: 2) { nodes { card: scorecard(key: \"x\", period: \"2026\") { score } name } } }";
    let answer = service.answer(operation).await;
    let paths: Vec<&Value> = answer["errors"].as_array().expect("errors").iter().map(|error| &error["path"]).collect();
    assert_eq!(json!(paths), json!([["employees", "nodes", 0, "card"], ["employees", "nodes", 1, "card"]]));
    let nodes = answer["data"]["employees"]["nodes"].as_array().expect("nodes");
    assert!(nodes.iter().all(|node| node["card"].is_null() && node["name"].is_string()), "{answer:#}");
    // A list may not be null, and so takes everything above it along.
    let answer = service.answer("{ version customers(first: 2) { nodes { bad: orders(first: -1) { nodes { id } } } } }").await;
    let paths: Vec<&Value> = answer["errors"].as_array().expect("errors").iter().map(|error| &error["path"]).collect();
    assert_eq!(json!(paths), json!([["customers", "nodes", 0, "bad"], ["customers", "nodes", 1, "bad"]]));
    assert_eq!(answer["data"], Value::Null);
}

#[tokio::test]
async fn an_order_by_what_is_not_selected_is_that_order() {
    let service = Service::of_sample().await;
    let operation = "query($order: [CustomerOrder!]) { customers(first: 1000, orderBy: $order) { nodes { id } edges { cursor } } }";
    let ordered = async |order: Value| {
        let request = Request::new(operation).variables(Variables::from_json(json!({ "order": order })));
        let response = service.schema.execute(request, Utc::now()).await;
        assert!(response.errors.is_empty(), "{:?}", response.errors);
        let data = serde_json::to_value(&response.data).expect("JSON");
        let nodes = data["customers"]["nodes"].as_array().expect("nodes").iter();
        nodes.map(|node| node["id"].as_str().expect("an id").to_owned()).collect::<Vec<_>>()
    };
    let by_name = ordered(json!([{ "field": "NAME" }])).await;
    // Nobody bought anything then, so that the name decides.
    let by_metric = ordered(json!([{ "metric": { "key": "sales.amount", "period": "1999" } }, { "field": "NAME" }])).await;
    assert_eq!(by_metric, by_name);
    let named = service.data("{ customers(first: 1000, orderBy: {field: NAME}) { nodes { id name } } }").await;
    let ids: Vec<&str> = named["customers"]["nodes"].as_array().expect("nodes").iter().filter_map(|node| node["id"].as_str()).collect();
    assert_eq!(by_name, ids);
}

#[tokio::test]
async fn a_document_that_comes_again_is_answered_anew_and_checked_with_its_variables() {
    let service = Service::of_sample().await;
    let operation = "query($first: Int, $named: Boolean!) { customers(first: $first) { nodes { id name @include(if: $named) \
        orders(first: $first) { nodes { id lines(first: $first) { nodes { id } } } } } } }";
    let asked = async |first: u32, named: bool| {
        let request = Request::new(operation).variables(Variables::from_json(json!({ "first": first, "named": named })));
        serde_json::to_value(service.schema.execute(request, Utc::now()).await).expect("JSON")
    };
    let names = |answer: &Value| {
        answer["data"]["customers"]["nodes"].as_array().map(|nodes| nodes.iter().filter(|node| node["name"].is_string()).count())
    };
    assert_eq!(names(&asked(2, true).await), Some(2));
    assert_eq!(names(&asked(3, false).await), Some(0));
    assert_eq!(asked(1000, true).await["errors"][0]["extensions"]["code"], "TOO_COMPLEX");
    assert_eq!(names(&asked(3, true).await), Some(3));
    let constant = "{ customers(first: 1) { totalCount } }";
    let before = service.data(constant).await;
    assert_eq!((service.data(constant).await, service.cost(constant).await), (before, 1));
    let wrong = "{ customers(first: 1) { nothing } }";
    let refused = service.answer(wrong).await;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED");
    assert_eq!(service.answer(wrong).await, refused);
}
