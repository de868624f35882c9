//! What a query costs in SQL statements depends on the sources it touches, not on how many subjects, metrics or periods it names.

use tests::both_backends;
use tests::database::Database;
use tests::service::Service;

fn employees(first: usize, period: &str, metrics: &str) -> String {
    format!("{{ employees(first: {first}) {{ nodes {{ id metrics(period: \"{period}\") {{ sales {{ {metrics} }} }} }} }} }}")
}

both_backends!(subjects_do_not_multiply_statements);
fn subjects_do_not_multiply_statements(database: Database) {
    let service = Service::of_sample(database);
    let metrics = "amount { value { amount } } opportunityConversionRate { value }";
    let one = service.cost(&employees(1, "2026-Q1", metrics));
    assert_eq!(service.cost(&employees(20, "2026-Q1", metrics)), one);
}

both_backends!(metrics_on_one_source_share_a_statement);
fn metrics_on_one_source_share_a_statement(database: Database) {
    let service = Service::of_sample(database);
    let one = service.cost(&employees(10, "2026-Q1", "amount { value { amount } }"));
    let three = service.cost(&employees(
        10,
        "2026-Q1",
        "amount { value { amount } } orderCount { value } avgOrderSize { value { amount } } growthRate { value }",
    ));
    assert_eq!(three, one);
}

both_backends!(periods_do_not_multiply_statements);
fn periods_do_not_multiply_statements(database: Database) {
    let service = Service::of_sample(database);
    let one = service.cost(r#"{ organisation { metrics(period: "2026-03") { sales { amount { value { amount } } } } } }"#);
    let many = r#"{ organisation { metrics(period: "2025") { sales { amount {
        value { amount } series(by: MONTH) { period value { amount } } changes(from: [PREVIOUS_PERIOD, YEAR_AGO]) { absolute }
    } } } } }"#;
    assert_eq!(service.cost(many), one);
}

both_backends!(the_same_measure_is_read_once_wherever_it_is_selected);
fn the_same_measure_is_read_once_wherever_it_is_selected(database: Database) {
    let service = Service::of_sample(database);
    let once = service.cost(r#"{ organisation { a: metrics(period: "2026-Q1") { sales { orderCount { value } } } } }"#);
    let twice = r#"{ organisation { a: metrics(period: "2026-Q1") { sales { orderCount { value } } } b: metrics(period: "2026-Q1") { sales { orderCount { value explain { inputs { value } } } } } } }"#;
    assert_eq!(service.cost(twice), once);
}

both_backends!(nested_lists_cost_one_statement_a_level);
fn nested_lists_cost_one_statement_a_level(database: Database) {
    let service = Service::of_sample(database);
    let operation = |first: usize| {
        format!(
            "{{ customers(first: {first}) {{ nodes {{ name orders(last: 5) {{ nodes {{ orderedAt amount }} }} tickets(first: 3) {{ nodes {{ createdAt }} }} }} }} }}"
        )
    };
    assert_eq!(service.cost(&operation(50)), 3);
    assert_eq!(service.cost(&operation(2)), 3);
}

both_backends!(nobody_counts_what_nobody_asked_for);
fn nobody_counts_what_nobody_asked_for(database: Database) {
    let service = Service::of_sample(database);
    let plain = service.cost("{ customers(first: 5) { nodes { name } } }");
    let counted = service.cost("{ customers(first: 5) { totalCount nodes { name } } }");
    assert_eq!((plain, counted), (1, 2));
}

both_backends!(a_scorecard_of_many_subjects_is_one_batch);
fn a_scorecard_of_many_subjects_is_one_batch(database: Database) {
    let service = Service::of_sample(database);
    let operation = |first: usize| {
        format!(
            "{{ employees(first: {first}) {{ nodes {{ q1: scorecard(key: \"sales-rep\", period: \"2026-Q1\") {{ score }} q2: scorecard(key: \"sales-rep\", period: \"2026-Q2\") {{ score }} }} }} }}"
        )
    };
    assert_eq!(service.cost(&operation(20)), service.cost(&operation(1)));
}
