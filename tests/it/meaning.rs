//! What a metric says it means, beside how it is computed: bands that say how a value stands, and values shown over groups only.

use serde_json::{Value, json};
use tests::both_backends;
use tests::database::Database;
use tests::figure::decimal;
use tests::pack::{Folder, declarative};
use tests::service::Service;

both_backends!(bands_say_how_a_value_stands_where_no_target_is_kept);
fn bands_say_how_a_value_stands_where_no_target_is_kept(database: Database) {
    let service = Service::of_sample(database);
    let metrics = [
        ("sales", "leadResponseMinutes", "value { seconds }"),
        ("service", "resolutionSlaRate", "value"),
        ("service", "csatRate", "value"),
        ("sales", "quotaAttainment", "value"),
    ];
    let figure = |(pack, metric, value): (&str, &str, &str)| {
        format!(
            "{metric}: metrics(period: \"2026-06\") {{ {pack} {{ {metric} {{ {value} status statusBasis target {{ status }} definition {{ unit bands {{ status from to }} }} }} }} }} "
        )
    };
    let fields: String = metrics.into_iter().map(figure).collect();
    let data = service.data(&format!(
        "{{ organisation {{ {fields} }} employees(first: 60) {{ nodes {{ {fields} }} }} teams(first: 20) {{ nodes {{ {fields} }} }} }}"
    ));
    let lists = ["employees", "teams"].map(|list| data[list]["nodes"].as_array().expect("a list").as_slice());
    let mut bases = std::collections::BTreeMap::new();
    for (subject, (pack, metric, _)) in std::iter::once(&data["organisation"])
        .chain(lists.concat().iter())
        .flat_map(|subject| metrics.map(|metric| (subject.clone(), metric)))
    {
        let figure = &subject[metric][pack][metric];
        let value = decimal(figure["value"].get("seconds").unwrap_or(&figure["value"]));
        let minutes = figure["definition"]["unit"] == "minutes";
        let expected = match (value, &figure["target"]) {
            (None, _) => (Value::Null, Value::Null),
            (Some(value), Value::Null) => {
                let value = if minutes { value / rust_decimal::Decimal::from(60) } else { value };
                let band = figure["definition"]["bands"]
                    .as_array()
                    .expect("a list")
                    .iter()
                    .find(|band| decimal(&band["to"]).is_none_or(|to| value < to));
                (band.expect("bands cover all values")["status"].clone(), json!("BAND"))
            }
            (Some(_), target) => (target["status"].clone(), json!("TARGET")),
        };
        assert_eq!((&figure["status"], &figure["statusBasis"]), (&expected.0, &expected.1), "{metric}: {figure:#}");
        *bases.entry(expected.1.to_string()).or_insert(0) += 1;
    }
    assert!(bases.len() == 3 && bases.values().all(|number| *number > 1), "{bases:?}");
    let without = service
        .data(r#"{ organisation { metrics(period: "2026-06") { sales { orderCount { value status statusBasis target { value } } } } } }"#);
    let figure = &without["organisation"]["metrics"]["sales"]["orderCount"];
    assert_eq!([&figure["status"], &figure["statusBasis"]], [&figure["target"]; 2], "without bands and target nothing is said");
}

const PLAIN: &str = r#"inputs = [
  { name = "amount", measure = { agg = "sum", source = "orders", of = "amount" } },
  { name = "orders", measure = { agg = "count", source = "orders" } },
]"#;

/// The mean order, shown over five orders or more; the same without a rule; and two that are built on the first.
fn serve(database: Database) -> (Service, Folder) {
    let folder = Folder::standard();
    let wide = format!("visibility = {{ organisation_wide = {{ minimum_group = 5 }} }}\n{PLAIN}");
    let of_wide = r#"inputs = [{ name = "wide", metric = "acme.wide" }]"#;
    let change = r#"inputs = [{ name = "wide", metric = "acme.wide" }, { name = "before", metric = "acme.wide", shift = "prev" }]"#;
    let metrics = [
        ("wide", "amount / orders", wide.as_str()),
        ("plain", "amount / orders", PLAIN),
        ("orders", "orders", tests::pack::ORDERS),
        ("made", "coalesce(wide, -1)", of_wide),
        ("change", "wide - before", change),
    ];
    folder.lay("acme.toml", declarative("acme", "1.0.0", &metrics).as_bytes());
    let flags = folder.flags();
    (Service::of_sample_with(database, &flags.iter().map(String::as_str).collect::<Vec<_>>()), folder)
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name]["nodes"].as_array().expect("a list")
}

/// Whether a figure is denied as it should be: with nothing but the reason.
fn denied(figure: &Value) -> bool {
    if figure["outcome"] != "DENIED" {
        assert!(figure["value"].is_string(), "{figure:#}");
        return false;
    }
    assert_eq!((&figure["value"], &figure["cause"]), (&Value::Null, &json!("SMALL_GROUP")), "{figure:#}");
    assert!(figure["reason"].as_str().is_some_and(|reason| reason.contains("fewer than 5 records are behind it")), "{figure:#}");
    true
}

both_backends!(a_value_over_a_small_group_is_denied_wherever_it_is_asked_for);
fn a_value_over_a_small_group_is_denied_wherever_it_is_asked_for(database: Database) {
    let (service, _folder) = serve(database);
    let told = "value outcome cause reason";
    let data = service.data(&format!(
        r#"{{ customers(first: 60) {{ nodes {{ id metrics(period: "2026") {{ acme {{
            orders {{ value series(by: QUARTER) {{ value }} breakdown(by: CHANNEL) {{ subject {{ id }} value }} }} plain {{ value explain {{ inputs {{ records(first: 9) {{ id }} }} }} }}
            made {{ {told} explain {{ inputs {{ value records(first: 9) {{ id }} }} }} }} change {{ outcome cause }}
            wide {{ {told} status rank {{ position of }} changes(from: [PREVIOUS_PERIOD]) {{ absolute ratio }} series(by: QUARTER) {{ {told} }}
              breakdown(by: CHANNEL) {{ subject {{ id }} {told} }} explain {{ inputs {{ value records(first: 9) {{ id }} }} }} }} }} }} }} }} }}"#
    ));
    let (mut shown, mut hidden) = (0, 0);
    for customer in list(&data, "customers") {
        let acme = &customer["metrics"]["acme"];
        let wide = &acme["wide"];
        let many = |figure: &Value| decimal(&figure["value"]).is_some_and(|orders| orders >= rust_decimal::Decimal::from(5));
        assert_eq!(denied(wide), !many(&acme["orders"]), "{customer:#}");
        assert_eq!(denied(&acme["made"]), denied(wide), "what is built on it is denied with it");
        let inputs = |figure: &Value| figure["explain"]["inputs"].as_array().expect("a list").clone();
        assert!([wide, &acme["made"]].into_iter().flat_map(inputs).all(|input| input["records"] == json!([])), "{wide:#}");
        for (quarter, orders) in wide["series"].as_array().expect("a list").iter().zip(acme["orders"]["series"].as_array().expect("a list"))
        {
            assert_eq!(denied(quarter), !many(orders));
        }
        for slice in wide["breakdown"].as_array().expect("a list") {
            let orders =
                acme["orders"]["breakdown"].as_array().expect("a list").iter().find(|orders| orders["subject"] == slice["subject"]);
            assert_eq!(denied(slice), !many(orders.expect("the same subjects")));
        }
        if denied(wide) {
            hidden += 1;
            assert!(inputs(wide).iter().chain(&inputs(&acme["made"])).all(|input| input["value"].is_null()), "{wide:#}");
            assert_eq!((&wide["rank"], &wide["changes"][0]["absolute"], &wide["status"]), (&Value::Null, &Value::Null, &Value::Null));
            assert_eq!((&acme["change"]["outcome"], &acme["change"]["cause"]), (&json!("DENIED"), &json!("SMALL_GROUP")));
        } else {
            shown += 1;
            assert_eq!(wide["value"], acme["plain"]["value"]);
            assert!(inputs(wide).iter().all(|input| input["value"].is_string()));
            assert!(inputs(&acme["plain"]).iter().all(|input| input["records"].as_array().is_some_and(|records| records.len() >= 5)));
        }
    }
    assert!(shown > 2 && hidden > 2, "{shown} shown, {hidden} hidden");
}

both_backends!(lists_and_scorecards_tell_nothing_of_a_small_group);
fn lists_and_scorecards_tell_nothing_of_a_small_group(database: Database) {
    let (service, _folder) = serve(database);
    let metric = |more: &str| format!(r#"{{key: "acme.wide", period: "2026", {more}}}"#);
    let figures = r#"metrics(period: "2026") { acme { wide { outcome } orders { value } } }"#;
    let order = |direction: &str| {
        let data = service.data(&format!(
            "{{ customers(first: 500, orderBy: [{{metric: {}}}]) {{ totalCount nodes {{ {figures} }} }} }}",
            metric(&format!("direction: {direction}"))
        ));
        list(&data, "customers").iter().map(|node| node["metrics"]["acme"]["wide"]["outcome"] == "VALUE").collect::<Vec<bool>>()
    };
    for direction in ["ASC", "DESC"] {
        let order = order(direction);
        let shown = order.iter().filter(|shown| **shown).count();
        assert!(shown > 0 && order[..shown].iter().all(|shown| *shown), "{direction}: those that are denied stand behind all others");
    }
    let data = service
        .data(&format!("{{ customers(first: 500, where: {{metric: {}}}) {{ nodes {{ {figures} }} }} }}", metric("gte: \"-1000000\"")));
    assert!(list(&data, "customers").iter().all(|node| node["metrics"]["acme"]["wide"]["outcome"] == "VALUE"), "no filter finds them");
    let leaf = |key: &str, metric: &str| {
        format!(r#"{{key: "{key}", title: "T", weight: 1, metric: "acme.{metric}", scoring: {{minmax: {{worst: 0, best: 10000}}}}}}"#)
    };
    let nodes = [leaf("wide", "wide"), leaf("orders", "orders")].join(", ");
    service.data(&format!(
        r#"mutation {{ createScorecard(input: {{key: "customer", title: "T", subject: CUSTOMER, minCoverage: "0", nodes: [{nodes}]}}) {{ errors {{ message }} }} }}"#
    ));
    let data = service.data(
        r#"{ customers(first: 60) { nodes { metrics(period: "2026") { acme { wide { outcome } } }
            scorecard(key: "customer", period: "2026") { coverage nodes { value score contribution reason metric { outcome reason } } } } } }"#,
    );
    let mut hidden = 0;
    for customer in list(&data, "customers") {
        let (outcome, card) = (&customer["metrics"]["acme"]["wide"]["outcome"], &customer["scorecard"]);
        let node = &card["nodes"][0];
        assert_eq!(&node["metric"]["outcome"], outcome);
        if outcome == "DENIED" {
            hidden += 1;
            assert_eq!([&node["value"], &node["score"], &node["contribution"]], [&Value::Null; 3], "{node:#}");
            assert_eq!(card["coverage"], "0.5");
        }
    }
    assert!(hidden > 2, "{hidden} hidden");
}

both_backends!(counting_the_records_behind_a_value_costs_no_statement);
fn counting_the_records_behind_a_value_costs_no_statement(database: Database) {
    let (service, _folder) = serve(database);
    let ask = |metric: &str| {
        format!("{{ customers(first: 20) {{ nodes {{ metrics(period: \"2026\") {{ acme {{ {metric} {{ value }} }} }} }} }} }}")
    };
    assert_eq!(service.cost(&ask("wide")), service.cost(&ask("plain")));
    assert_eq!(service.cost(&ask("made")), service.cost(&ask("plain")));
}
