//! Records in groups: what they add up to is what lists and metrics say.

use std::collections::BTreeMap;

use async_graphql::Request;
use chrono::Utc;
use graphql::Limits;
use rust_decimal::Decimal;
use serde_json::Value;
use testbed::on_both;

use crate::support::Service;

fn decimal(value: &Value) -> Decimal {
    value.as_str().map_or(Decimal::ZERO, |text| text.parse().expect("a decimal"))
}

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().expect("a list")
}

on_both! {
    async fn groups_are_those_of_the_listed_records(database: Database) {
        let service = Service::of_sample_in(database).await;
        let data = service.data(
            "{ ordersAggregate(groupBy: [{reference: EMPLOYEE}, {field: STATE}]) { groups { keys { value record { __typename id } } count sum(field: AMOUNT) } }
               all: ordersAggregate(groupBy: []) { groups { keys { value } count sum(field: AMOUNT) } }
               none: ordersAggregate(where: {amount: {lt: 0}}, groupBy: {field: STATE}) { groups { count } }
               orders(first: 1000) { nodes { state amount employee { id } } } }",
        ).await;
        let mut expected: BTreeMap<(String, String), (i64, Decimal)> = BTreeMap::new();
        for order in list(&data["orders"]["nodes"]) {
            let group = expected.entry((order["employee"]["id"].to_string(), order["state"].to_string())).or_default();
            *group = (group.0 + 1, group.1 + decimal(&order["amount"]));
        }
        let found: BTreeMap<_, _> = list(&data["ordersAggregate"]["groups"]).iter().map(|group| {
            let key = (group["keys"][0]["record"]["id"].to_string(), group["keys"][1]["value"].to_string());
            (key, (group["count"].as_i64().expect("a count"), decimal(&group["sum"])))
        }).collect();
        assert!(found.len() > 5, "{data:#}");
        assert_eq!(found, expected);
        let all = &data["all"]["groups"];
        let (count, sum) = expected.values().fold((0, Decimal::ZERO), |all, group| (all.0 + group.0, all.1 + group.1));
        assert_eq!((list(all).len(), all[0]["count"].as_i64(), decimal(&all[0]["sum"])), (1, Some(count), sum));
        assert_eq!(list(&data["none"]["groups"]).len(), 0);
    }

    async fn buckets_are_those_of_the_calendar_that_metrics_have(database: Database) {
        let service = Service::of_sample_in(database).await;
        let data = service.data(
            r#"{ ordersAggregate(where: {state: {eq: BOOKED}}, groupBy: {time: {field: ORDERED_AT, period: "2026-Q2", grain: WEEK}}) {
                   groups { keys { period value } count sum(field: AMOUNT) } }
                 organisation { metrics(period: "2026-Q2") { sales { amount { series(by: WEEK) { period ... on MoneyPoint { value { amount } } } } } } } }"#,
        ).await;
        let found: BTreeMap<_, _> = list(&data["ordersAggregate"]["groups"]).iter().map(|group| (group["keys"][0]["period"].to_string(), decimal(&group["sum"]))).collect();
        let series = list(&data["organisation"]["metrics"]["sales"]["amount"]["series"]).iter();
        let expected: BTreeMap<_, _> = series.map(|point| (point["period"].to_string(), decimal(&point["value"]["amount"]))).filter(|(_, sum)| !sum.is_zero()).collect();
        assert!(found.len() > 5, "{data:#}");
        assert_eq!(found, expected);
        let parted = service.data(
            r#"{ opportunitiesAggregate(groupBy: [{time: {field: CLOSED_AT, period: "2026", grain: QUARTER}}, {field: OUTCOME}]) { groups { keys { period value } count } }
                 ticketsAggregate(groupBy: {field: KIND}) { groups { keys { value } count } } tickets { totalCount } }"#,
        ).await;
        assert!(list(&parted["opportunitiesAggregate"]["groups"]).len() > 2, "{parted:#}");
        let tickets: i64 = list(&parted["ticketsAggregate"]["groups"]).iter().filter_map(|group| group["count"].as_i64()).sum();
        assert_eq!(Some(tickets), parted["tickets"]["totalCount"].as_i64());
    }

    async fn groups_are_one_statement_and_never_cut(database: Database) {
        let service = Service::of_sample_in(database).await;
        assert_eq!(service.cost("{ ordersAggregate(groupBy: {field: STATE}) { groups { count sum(field: AMOUNT) } } }").await, 1);
        let by_customer = "{ ordersAggregate(groupBy: {reference: CUSTOMER}) { groups { count } } }";
        let groups = list(&service.data(by_customer).await["ordersAggregate"]["groups"]).len();
        let limited = |page: usize| service.limited(Limits { page: page as i64, ..Limits::default() });
        assert!(limited(groups).execute(Request::new(by_customer), Utc::now()).await.errors.is_empty());
        let refused = limited(groups - 1).execute(Request::new(by_customer), Utc::now()).await;
        assert!(refused.errors[0].message.starts_with("there are more than"), "{:?}", refused.errors);
        for broken in [
            "{ ordersAggregate(groupBy: {field: AMOUNT}) { groups { count } } }",
            r#"{ ordersAggregate(groupBy: {field: STATE, reference: EMPLOYEE}) { groups { count } } }"#,
            r#"{ ordersAggregate(groupBy: {time: {field: ORDERED_AT, period: "2026-13", grain: MONTH}}) { groups { count } } }"#,
        ] {
            assert!(service.answer(broken).await["errors"][0]["message"].is_string(), "{broken}");
        }
    }
}
