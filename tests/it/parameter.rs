//! Parameters of metrics: from the field's arguments, inputs and scorecards to the pack, in one batch.

use serde_json::{Value, json};
use tests::both_backends;
use tests::database::Database;
use tests::pack::{Folder, declarative};
use tests::service::Service;

const INPUTS: &str = r#"inputs = [{ name = "orders", measure = { agg = "count", source = "orders" } }]
parameters = [
  { name = "at_least", description.en = "Orders that are counted at least.", type = "integer", default = 1, min = 0, max = 1000000 },
  { name = "factor", title.en = "Factor", description.en = "What each counts.", type = "decimal", default = "1.5", min = "0.5" },
]"#;
const OF_METRIC: &str = r#"inputs = [{ name = "weighed", metric = "acme.weighed" }]"#;

fn serve(database: Database) -> (Service, Folder) {
    let folder = Folder::standard();
    let metrics = [("weighed", "max(orders, at_least) * factor", INPUTS), ("twice", "weighed + weighed", OF_METRIC)];
    folder.lay("acme.toml", declarative("acme", "1.0.0", &metrics).as_bytes());
    let flags = folder.flags();
    (Service::of_sample_with(database, &flags.iter().map(String::as_str).collect::<Vec<_>>()), folder)
}

fn organisation(service: &Service, fields: &str) -> Value {
    let mut data = service
        .data(&format!("{{ organisation {{ metrics(period: \"2026\") {{ acme {{ {fields} }} sales {{ orderCount {{ value }} }} }} }} }}"));
    data["organisation"]["metrics"].take()
}

fn number(value: &Value) -> rust_decimal::Decimal {
    tests::figure::decimal(value).unwrap_or_else(|| panic!("{value} is no number"))
}

both_backends!(a_metric_is_computed_with_the_parameters_of_its_field);
fn a_metric_is_computed_with_the_parameters_of_its_field(database: Database) {
    let (service, _folder) = serve(database);
    let found = organisation(
        &service,
        r#"usual: weighed { value parameters { name value } } same: weighed(atLeast: 1, factor: "1.50") { value } null: weighed(atLeast: null) { value }
           twelve: weighed(factor: 12) { value parameters { name value } explain { formula parameters { name value } pack { name version sha256 } } }
           most: weighed(atLeast: 1000000, factor: "0.5") { value changes(from: [PREVIOUS_PERIOD]) { absolute } series(by: QUARTER) { value }
             breakdown(by: REGION) { value } } twice { value explain { inputs { name value } } }"#,
    );
    let (acme, orders) = (&found["acme"], number(&found["sales"]["orderCount"]["value"]));
    let half = rust_decimal::Decimal::new(5, 1);
    let usual = orders + orders * half;
    assert_eq!([&acme["usual"], &acme["same"], &acme["null"]].map(|figure| number(&figure["value"])), [usual; 3]);
    assert_eq!(acme["usual"]["parameters"], json!([{ "name": "at_least", "value": "1" }, { "name": "factor", "value": "1.5" }]));
    assert_eq!(number(&acme["twelve"]["value"]), orders * rust_decimal::Decimal::from(12));
    assert_eq!(acme["twelve"]["explain"]["parameters"], json!([{ "name": "at_least", "value": "1" }, { "name": "factor", "value": "12" }]));
    assert_eq!(acme["twelve"]["explain"]["pack"]["version"], "1.0.0");
    assert_eq!(acme["twelve"]["explain"]["pack"]["sha256"].as_str().map(str::len), Some(64));
    // Every part of a figure is made with its parameters: none of these counts reaches a million.
    let most = &acme["most"];
    assert_eq!((&most["value"], &most["changes"][0]["absolute"]), (&json!("500000"), &json!("0")));
    let all = |list: &Value| list.as_array().expect("a list").iter().all(|part| part["value"] == "500000");
    assert!(all(&most["series"]) && all(&most["breakdown"]), "{most:#}");
    // What a metric is made from stands at its defaults.
    assert_eq!(number(&acme["twice"]["value"]), usual + usual);
    assert_eq!(number(&acme["twice"]["explain"]["inputs"][0]["value"]), usual);
}

both_backends!(parameters_do_not_multiply_statements);
fn parameters_do_not_multiply_statements(database: Database) {
    let (service, _folder) = serve(database);
    let ask = |sets: usize| {
        let fields: String = (0..sets).map(|at| format!("a{at}: weighed(atLeast: {at}, factor: {}) {{ value }} ", at + 1)).collect();
        format!("{{ employees(first: 20) {{ nodes {{ metrics(period: \"2026\") {{ acme {{ {fields} }} }} }} }} }}")
    };
    assert_eq!(service.cost(&ask(1)), service.cost(&ask(9)));
}

both_backends!(lists_are_filtered_and_ordered_by_a_metric_with_parameters);
fn lists_are_filtered_and_ordered_by_a_metric_with_parameters(database: Database) {
    let (service, _folder) = serve(database);
    let metric = |parameters: &str, more: &str| format!(r#"{{key: "acme.weighed", period: "2026", parameters: {parameters} {more}}}"#);
    let count = |condition: &str| {
        let data = service.data(&format!("{{ customers(where: {{metric: {condition}}}) {{ totalCount }} }}"));
        data["customers"]["totalCount"].as_u64().expect("a count")
    };
    let everyone = service.data("{ customers { totalCount } }")["customers"]["totalCount"].as_u64().expect("a count");
    assert_eq!(count(&metric(r#"[{name: "at_least", value: 1000}]"#, r#", eq: "1500""#)), everyone);
    assert_eq!(count(&metric(r#"{name: "factor", value: "0.5"}"#, ", gt: 1000000")), 0);
    let order = metric(r#"[{name: "factor", value: 2}]"#, ", direction: DESC");
    let page = service.data(&format!(
        "{{ customers(first: 5, orderBy: [{{metric: {order}}}]) {{ edges {{ cursor }} nodes {{ metrics(period: \"2026\") {{ acme {{ weighed(factor: 2) {{ value }} }} }} }} }} }}"
    ));
    let values: Vec<_> = page["customers"]["nodes"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|node| number(&node["metrics"]["acme"]["weighed"]["value"]))
        .collect();
    assert!(values.len() == 5 && values.is_sorted_by(|left, right| left >= right), "{values:?}");
    // A cursor belongs to the order that it was made under, parameters included.
    let cursor = &page["customers"]["edges"][0]["cursor"];
    let other = service.answer(
        &format!(r#"{{ customers(after: {cursor}, orderBy: [{{metric: {{key: "acme.weighed", period: "2026", direction: DESC}}}}]) {{ nodes {{ id }} }} }}"#),
        Value::Null,
    );
    assert_eq!(other["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{other:#}");
}

#[test]
fn parameters_out_of_their_range_or_of_nobody_are_refused_by_name() {
    let (service, _folder) = serve(Database::sqlite());
    let refused = |fields: &str| {
        let answer = service
            .answer(&format!("{{ organisation {{ metrics(period: \"2026\") {{ acme {{ {fields} {{ value }} }} }} }} }}"), Value::Null);
        let error = &answer["errors"][0];
        (error["extensions"]["code"].as_str().expect("a code").to_owned(), error["message"].as_str().expect("words").to_owned())
    };
    let (code, message) = refused("weighed(atLeast: -1)");
    assert_eq!((code.as_str(), message.contains("`at_least` is at least 0, and -1 is less")), ("BAD_USER_INPUT", true), "{message}");
    let (code, message) = refused("weighed(factor: \"0.4\")");
    assert_eq!((code.as_str(), message.contains("`factor` is at least 0.5, and 0.4 is less")), ("BAD_USER_INPUT", true), "{message}");
    assert_eq!(refused("weighed(atLeast: \"2\")").0, "GRAPHQL_VALIDATION_FAILED");
    assert_eq!(refused("weighed(other: 2)").0, "GRAPHQL_VALIDATION_FAILED");
    let list = |parameters: &str| {
        let filter = format!(r#"{{metric: {{key: "acme.weighed", period: "2026", parameters: {parameters}, gt: 0}}}}"#);
        service.answer(&format!("{{ customers(where: {filter}) {{ totalCount }} }}"), Value::Null)["errors"][0]["message"]
            .as_str()
            .expect("words")
            .to_owned()
    };
    assert!(list(r#"[{name: "atLeast", value: 1}]"#).contains("there is no parameter `atLeast`; there are `at_least`, `factor`"));
    assert!(list(r#"[{name: "factor", value: 1}, {name: "factor", value: 2}]"#).contains("`factor` is given twice"));
    let arguments =
        service.data(r#"{ __type(name: "AcmeMetrics") { fields { name args { name description defaultValue type { name } } } } }"#);
    let weighed = &arguments["__type"]["fields"][0];
    assert_eq!(
        weighed["args"],
        json!([
            { "name": "atLeast", "description": "Orders that are counted at least. From 0 to 1000000.", "defaultValue": "1", "type": { "name": "Int" } },
            { "name": "factor", "description": "**Factor**\n\nWhat each counts. At least 0.5.", "defaultValue": "\"1.5\"", "type": { "name": "Decimal" } },
        ])
    );
    let catalogue = service
        .data(r#"{ metricDefinitions(pack: "acme", search: "weighed") { parameters { name argument number default min max title } } }"#);
    assert_eq!(
        catalogue["metricDefinitions"][0]["parameters"][1],
        json!({ "name": "factor", "argument": "factor", "number": "DECIMAL", "default": "1.5", "min": "0.5", "max": null, "title": "Factor" })
    );
}

both_backends!(a_scorecard_keeps_the_parameters_of_its_leaves);
fn a_scorecard_keeps_the_parameters_of_its_leaves(database: Database) {
    let (service, folder) = serve(database);
    let create = |parameters: &str| {
        let leaf = |key: &str, parameters: &str| {
            format!(
                r#"{{key: "{key}", title: "T", weight: 1, metric: "acme.weighed", parameters: {parameters}, scoring: {{minmax: {{worst: 0, best: 1000000}}}}}}"#
            )
        };
        let nodes = [leaf("usual", "[]"), leaf("set", parameters)].join(", ");
        service.data(&format!(
            r#"mutation {{ createScorecard(input: {{key: "org", title: "T", subject: ORGANISATION, minCoverage: "0", nodes: [{nodes}]}}) {{
                scorecard {{ nodes {{ key parameters {{ name value }} }} }} errors {{ code path message }} }} }}"#
        ))["createScorecard"]
            .take()
    };
    let refused = create(r#"[{name: "at_least", value: "0.5"}]"#);
    assert_eq!(
        (&refused["errors"][0]["code"], &refused["errors"][0]["path"]),
        (&json!("BAD_PARAMETER"), &json!(["input", "nodes", "1", "parameters"])),
        "{refused:#}"
    );
    let made = create(r#"[{name: "at_least", value: 1000000}, {name: "factor", value: "0.50"}]"#);
    assert_eq!(made["errors"], json!([]));
    let kept = service.data("{ scorecards { key nodes { key parameters { name value } } } }");
    let kept = kept["scorecards"].as_array().expect("a list").iter().find(|card| card["key"] == "org").expect("it is kept").clone();
    assert_eq!(kept["nodes"][0]["parameters"], json!([]));
    assert_eq!(kept["nodes"][1]["parameters"], json!([{ "name": "at_least", "value": "1000000" }, { "name": "factor", "value": "0.5" }]));
    assert_eq!(made["scorecard"]["nodes"], kept["nodes"]);
    let score = || {
        service.data(r#"{ organisation { scorecard(key: "org", period: "2026") { nodes { key value reason metric { outcome cause parameters { name value } ... on NumberMetric { value } } } } } }"#)
            ["organisation"]["scorecard"]["nodes"]
            .take()
    };
    let nodes = score();
    assert_eq!(
        (&nodes[1]["value"], &nodes[1]["metric"]["value"], &nodes[1]["metric"]["parameters"][1]["value"]),
        (&json!("500000"), &json!("500000"), &json!("0.5"))
    );
    assert_ne!(nodes[0]["value"], nodes[1]["value"]);
    // A version of the pack without the parameter leaves the scorecard as it is kept, and says what is wrong with it.
    let mut socket = tests::socket::Socket::open(&service);
    socket.subscribe("packs", "subscription { packsChanged { name version state } }");
    socket.data("packs");
    folder.lay("acme.toml", declarative("acme", "2.0.0", &[("weighed", "orders", tests::pack::ORDERS)]).as_bytes());
    let newer = json!({ "name": "acme", "version": "2.0.0", "state": "PROBATION" });
    while !socket.data("packs")["packsChanged"].as_array().expect("a list").contains(&newer) {}
    let nodes = score();
    assert_eq!(nodes[0]["metric"]["outcome"], "VALUE");
    assert_eq!((&nodes[1]["metric"]["outcome"], &nodes[1]["metric"]["cause"]), (&json!("FAULT"), &json!("BAD_PARAMETER")));
    assert!(nodes[1]["reason"].as_str().is_some_and(|reason| reason.contains("there is no parameter `at_least`")), "{nodes:#}");
}
