//! What an operation costs in statements depends on the sources it touches, not on how much it names.

use crate::support::Service;

#[tokio::test]
async fn figures_of_every_level_share_their_statements() {
    let service = Service::of_sample().await;
    let figure = r#"metrics(period: "2026-Q2") { sales { amount { formatted } orderCount { value } } }"#;
    let deep =
        |first: u32| format!("{{ organisation {{ {figure} }} employees(first: {first}) {{ nodes {{ {figure} team {{ name }} }} }} }}");
    // The context, the employees, their teams; and one statement each for orders by nobody and by employee.
    assert_eq!(service.cost(&deep(20)).await, 5);
    assert_eq!(service.cost(&deep(2)).await, 5);
}

#[tokio::test]
async fn periods_cost_nothing_more() {
    let service = Service::of_sample().await;
    let of = |fields: &str| format!("{{ organisation {{ metrics(period: \"2025\") {{ sales {{ amount {{ {fields} }} }} }} }} }}");
    let one = service.cost(&of("outcome")).await;
    let many = of("outcome series(by: MONTH) { outcome } changes(from: [PREVIOUS_PERIOD, YEAR_AGO]) { outcome }");
    assert_eq!(service.cost(&many).await, one);
}

#[tokio::test]
async fn a_scorecard_beside_its_metrics_costs_nothing_more() {
    let service = Service::of_sample().await;
    let card = r#"scorecard(key: "sales-rep", period: "2026-Q2") { score nodes { metric { outcome } children { metric { outcome } } } }"#;
    let metrics = r#"metrics(period: "2026-Q2") { sales { opportunityConversionRate { outcome } amount { outcome } } }"#;
    let of = |fields: &str| format!("{{ employees(first: 10) {{ nodes {{ {fields} }} }} }}");
    service.data(crate::scorecard::CREATE).await;
    assert_eq!(service.cost(&of(&format!("{card} {metrics}"))).await, service.cost(&of(card)).await);
}

#[tokio::test]
async fn a_scorecard_over_more_periods_costs_nothing_more() {
    let service = Service::of_sample().await;
    service.data(crate::scorecard::CREATE).await;
    let card = |month: u32| format!(r#"m{month}: scorecard(key: "sales-rep", period: "2026-0{month}") {{ score weightsFrom }}"#);
    let of = |months: &[u32]| {
        let cards = months.iter().copied().map(card).collect::<Vec<_>>().join(" ");
        format!("{{ employees(first: 10) {{ nodes {{ {cards} }} }} }}")
    };
    assert_eq!(service.cost(&of(&[1, 2, 3, 4, 5])).await, service.cost(&of(&[2])).await);
}

#[tokio::test]
async fn nested_lists_and_references_cost_one_statement_a_level() {
    let service = Service::of_sample().await;
    let of = |first: u32| {
        format!(
            "{{ customers(first: {first}) {{ nodes {{ orders(last: 5) {{ nodes {{ lines(first: 2) {{ nodes {{ product {{ name }} }} }} }} }} tickets(first: 3) {{ nodes {{ kind }} }} }} }} }}"
        )
    };
    assert_eq!(service.cost(&of(50)).await, 5);
}

#[tokio::test]
async fn only_what_is_selected_is_counted_or_read() {
    let service = Service::of_sample().await;
    assert_eq!(service.cost("{ customers(first: 5) { nodes { name } } }").await, 1);
    assert_eq!(service.cost("{ customers { totalCount } }").await, 1);
    assert_eq!(service.cost("{ packs { metrics { key } } metricDefinitions { formula } }").await, 0);
}
