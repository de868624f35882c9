//! Filters that compare with a parameter of the metric: from the field's argument to the SQL, its records and a scorecard's leaf.

use serde_json::{Value, json};
use tests::both_backends;
use tests::database::Database;
use tests::figure::decimal;
use tests::pack::{Folder, declarative};
use tests::service::Service;

const OLD: &str = r#"inputs = [{ name = "waiting", shift = "end", measure = { agg = "count", source = "tickets", where = { age = { gt = { parameter = "days" } } } } }]
parameters = [{ name = "days", description.en = "When a case is old.", type = "decimal", unit = "days", default = 7, min = 0 }]"#;
const SWIFT: &str = r#"inputs = [
  { name = "swift", measure = { agg = "count", source = "leads", where = { response = { gte = 0, lte = { parameter = "minutes" } } } } },
  { name = "leads", measure = { agg = "count", source = "leads" } },
]
parameters = [{ name = "minutes", description.en = "What is swift.", type = "integer", unit = "minutes", default = 60, min = 0, max = 100000 }]"#;

fn serve(database: Database) -> (Service, Folder) {
    let folder = Folder::standard();
    let metrics = [("old", "waiting", OLD), ("swift", "swift / leads", SWIFT)];
    folder.lay("acme.toml", declarative("acme", "1.0.0", &metrics).as_bytes());
    let flags = folder.flags();
    (Service::of_sample_with(database, &flags.iter().map(String::as_str).collect::<Vec<_>>()), folder)
}

fn organisation(service: &Service, fields: &str) -> Value {
    service.data(&format!("{{ organisation {{ metrics(period: \"2026-Q1\") {{ {fields} }} }} }}"))["organisation"]["metrics"].take()
}

fn number(value: &Value) -> rust_decimal::Decimal {
    decimal(value).unwrap_or_else(|| panic!("{value} is no number"))
}

both_backends!(a_filter_compares_with_what_the_argument_says);
fn a_filter_compares_with_what_the_argument_says(database: Database) {
    let (service, _folder) = serve(database);
    let figure = "value explain { inputs { value filter sql records(first: 500) { ... on Ticket { createdAt } } } }";
    let found = organisation(
        &service,
        &format!(
            r#"acme {{ usual: old {{ {figure} }} month: old(days: 30) {{ {figure} }} half: old(days: "0.5") {{ {figure} }}
                never: old(days: "79228162514264337593543950335") {{ value }} none: swift(minutes: 0) {{ value }} swift {{ value }} }}
                service {{ backlog {{ value }} same: backlogOldShare {{ value }} share: backlogOldShare(olderThan: 30) {{ value explain {{ inputs {{ value filter }} }} }} }}
                sales {{ leadSlaRate {{ value }} }}"#
        ),
    );
    let (acme, standard) = (&found["acme"], &found["service"]);
    for (set, filter, before) in
        [("usual", "age > 604800", "2026-03-26"), ("month", "age > 2592000", "2026-03-03"), ("half", "age > 43200", "2026-04-01")]
    {
        let input = &acme[set]["explain"]["inputs"][0];
        assert_eq!((&input["filter"], &input["value"]), (&json!(filter), &acme[set]["value"]), "{set}");
        assert!(input["sql"].as_str().is_some_and(|sql| sql.contains(&format!("> {}000000", &filter["age > ".len()..]))), "{input:#}");
        let records = input["records"].as_array().expect("a list");
        assert_eq!(number(&acme[set]["value"]), records.len().into(), "{set}: every record behind it is there");
        assert!(records.iter().all(|record| record["createdAt"].as_str().is_some_and(|at| at < before)), "{records:#?}");
    }
    let [usual, month, half] = ["usual", "month", "half"].map(|set| number(&acme[set]["value"]));
    assert!(month < usual && usual < half && half <= number(&standard["backlog"]["value"]), "{acme:#}");
    assert_eq!(acme["never"]["value"], "0");
    assert_eq!(
        (number(&acme["none"]["value"]), number(&acme["swift"]["value"])),
        (0.into(), number(&found["sales"]["leadSlaRate"]["value"]))
    );
    assert_eq!(number(&standard["share"]["explain"]["inputs"][0]["value"]), month);
    assert!(number(&standard["share"]["value"]) < number(&standard["same"]["value"]));
}

both_backends!(filters_with_other_parameters_are_columns_of_one_statement);
fn filters_with_other_parameters_are_columns_of_one_statement(database: Database) {
    let (service, _folder) = serve(database);
    let ask = |sets: usize| {
        let fields: String =
            (0..sets).map(|at| format!("a{at}: old(days: {at}) {{ value }} b{at}: swift(minutes: {at}) {{ value }} ")).collect();
        format!("{{ employees(first: 20) {{ nodes {{ metrics(period: \"2026\") {{ acme {{ {fields} }} }} }} }} }}")
    };
    assert_eq!(service.cost(&ask(1)), service.cost(&ask(9)));
}

both_backends!(a_leaf_is_scored_by_the_filter_that_its_parameters_make);
fn a_leaf_is_scored_by_the_filter_that_its_parameters_make(database: Database) {
    let (service, _folder) = serve(database);
    let leaf = |key: &str, parameters: &str| {
        format!(
            r#"{{key: "{key}", title: "T", weight: 1, metric: "acme.old", parameters: {parameters}, scoring: {{minmax: {{worst: 1000000, best: 0}}}}}}"#
        )
    };
    let nodes = [leaf("usual", "[]"), leaf("month", r#"[{name: "days", value: 30}]"#)].join(", ");
    service.data(&format!(
        r#"mutation {{ createScorecard(input: {{key: "org", title: "T", subject: ORGANISATION, minCoverage: "0", nodes: [{nodes}]}}) {{ errors {{ message }} }} }}"#
    ));
    let card = service.data(
        r#"{ organisation { scorecard(key: "org", period: "2026-Q1") { nodes { value } } metrics(period: "2026-Q1") { acme { old { value } month: old(days: 30) { value } } } } }"#,
    );
    let (nodes, acme) = (&card["organisation"]["scorecard"]["nodes"], &card["organisation"]["metrics"]["acme"]);
    assert_eq!((&nodes[0]["value"], &nodes[1]["value"]), (&acme["old"]["value"], &acme["month"]["value"]));
}
