//! Records: pages, filters, orders, relations, ids.

use serde_json::Value;

use crate::support::Service;

fn names(list: &Value) -> Vec<String> {
    list["nodes"].as_array().expect("nodes").iter().map(|node| node["name"].as_str().expect("a name").to_owned()).collect()
}

#[tokio::test]
async fn pages_by_cursor_give_every_record_once_and_in_order() {
    let service = Service::of_sample().await;
    for order in [r#"{field: NAME, direction: DESC}"#, r#"{metric: {key: "sales.amount", period: "2026", direction: DESC}}, {field: NAME}"#]
    {
        let whole =
            names(&service.data(&format!("{{ customers(first: 1000, orderBy: [{order}]) {{ nodes {{ name }} }} }}")).await["customers"]);
        let mut paged = Vec::new();
        let mut after = "null".to_owned();
        loop {
            let page = service.data(&format!("{{ customers(first: 37, after: {after}, orderBy: [{order}]) {{ nodes {{ name }} pageInfo {{ hasNextPage endCursor }} }} }}")).await;
            paged.extend(names(&page["customers"]));
            if page["customers"]["pageInfo"]["hasNextPage"] == false {
                break;
            }
            after = page["customers"]["pageInfo"]["endCursor"].to_string();
        }
        assert_eq!(paged, whole, "{order}");
    }
}

#[tokio::test]
async fn the_last_ones_come_in_order() {
    let service = Service::of_sample().await;
    let all = names(&service.data("{ employees(orderBy: {field: NAME}) { nodes { name } } }").await["employees"]);
    let last =
        service.data("{ employees(last: 3, orderBy: {field: NAME}) { nodes { name } pageInfo { hasPreviousPage hasNextPage } } }").await;
    assert_eq!(names(&last["employees"]), all[all.len() - 3..]);
    assert_eq!(last["employees"]["pageInfo"], serde_json::json!({ "hasPreviousPage": true, "hasNextPage": false }));
}

#[tokio::test]
async fn filters_reach_through_relations() {
    let service = Service::of_sample().await;
    let segment = service.data("{ segments(first: 1) { nodes { id name segmentMembers { nodes { customer { name } } } } } }").await;
    let segment = &segment["segments"]["nodes"][0];
    let filter = format!("{{segment: {{name: {{eq: {}}}}}}}", segment["name"]);
    let found = names(&service.data(&format!("{{ customers(first: 1000, where: {filter}) {{ nodes {{ name }} }} }}")).await["customers"]);
    let members = segment["segmentMembers"]["nodes"].as_array().expect("members");
    assert!(!found.is_empty());
    assert!(found.iter().all(|name| members.iter().any(|member| member["customer"]["name"] == name.as_str())));
    let others = format!("{{ customers(where: {{not: {filter}}}) {{ totalCount }} all: customers {{ totalCount }} }}");
    let others = service.data(&others).await;
    let count = |list: &str| others[list]["totalCount"].as_u64().expect("a count");
    assert_eq!(count("customers") + found.len() as u64, count("all"));
}

#[tokio::test]
async fn filters_compare_metrics_exactly() {
    let service = Service::of_sample().await;
    let of = |bound: &str| {
        format!(
            r#"{{ employees(where: {{metric: {{key: "sales.amount", period: "2026-Q2", {bound}}}}}) {{ totalCount nodes {{ metrics(period: "2026-Q2") {{ sales {{ amount {{ value {{ amount }} }} }} }} }} }} }}"#
        )
    };
    let above = service.data(&of(r#"gt: "50000""#)).await;
    let below = service.data(&of(r#"lte: "50000""#)).await;
    let amounts =
        above["employees"]["nodes"].as_array().expect("nodes").iter().map(|node| &node["metrics"]["sales"]["amount"]["value"]["amount"]);
    assert!(amounts.clone().count() > 0);
    assert!(amounts.into_iter().all(|amount| amount.as_str().expect("a decimal").parse::<f64>().expect("a number") > 50_000.0));
    let count = |data: &Value| data["employees"]["totalCount"].as_u64().expect("a count");
    assert_eq!(count(&above) + count(&below), 28);
}

#[tokio::test]
async fn a_record_is_found_again_by_its_id() {
    let service = Service::of_sample().await;
    let order = service.data("{ orders(first: 1) { nodes { id externalKey } } }").await["orders"]["nodes"][0].clone();
    let again = service
        .data(&format!("{{ node(id: {0}) {{ __typename id ... on Order {{ externalKey }} }} nodes(ids: [{0}]) {{ id }} }}", order["id"]))
        .await;
    assert_eq!(again["node"]["__typename"], "Order");
    assert_eq!((&again["node"]["externalKey"], &again["nodes"][0]["id"]), (&order["externalKey"], &order["id"]));
}
