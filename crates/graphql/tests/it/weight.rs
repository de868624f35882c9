//! Sets of weights: each holds from its day on, and says where it comes from.

use serde_json::{Value, json};
use testbed::on_both;

use crate::scorecard::CREATE;
use crate::support::Service;

/// From the last day of the second quarter on.
const PUT: &str = r#"mutation { putWeightSet(input: {scorecard: "sales-rep", startsOn: "2026-06-30", method: AHP, weights: [
    {node: "cycle", weight: "1"}, {node: "results", weight: "7"}, {node: "conv", weight: "0"}, {node: "amount", weight: "1"}]}) {
  scorecard { version weightSets { startsOn method } nodes { key weight } } weightSet { startsOn method weights { node { key title } weight } } errors { code path message } } }"#;

const SETS: &str = "{ scorecards { version weightSets { startsOn method weights { node { key } weight } } } }";

/// The codes and places of the errors of a change that must be refused.
async fn refusals(service: &Service, operation: &str, field: &str) -> Vec<(String, String)> {
    let payload = service.data(operation).await[field].clone();
    assert_eq!(payload["scorecard"], Value::Null, "{payload:#}");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let place = |error: &Value| error["path"].as_array().expect("a path").iter().map(text).collect::<Vec<_>>().join(".");
    let errors = payload["errors"].as_array().expect("errors").iter();
    errors.map(|error| (text(&error["code"]), place(error))).collect()
}

on_both! {
    async fn a_result_has_the_weights_of_the_last_day_of_its_period(database: Database) {
        let service = Service::of_sample_in(database).await;
        service.data(CREATE).await;
        let card = |period: &str| format!(r#"scorecard(key: "sales-rep", period: "{period}") {{ method weightsFrom score nodes {{ weight children {{ key weight contribution }} }} }}"#);
        let operation = format!(
            r#"{{ employees(where: {{role: {{eq: REP}}}}, first: 1) {{ nodes {{ quarter: {} may: {} to: {} }} }} }}"#,
            card("2026-Q2"), card("2026-05"), card("2026-04-01/2026-06-30")
        );
        let before = service.data(&operation).await["employees"]["nodes"][0].clone();
        assert_eq!(service.data(PUT).await["putWeightSet"]["errors"], json!([]));
        let after = service.data(&operation).await["employees"]["nodes"][0].clone();
        let of = |card: &Value| json!([card["method"], card["weightsFrom"], card["nodes"][0]["weight"], card["nodes"][0]["children"][1]["weight"]]);
        assert_eq!(of(&before["quarter"]), json!(["MANUAL", null, "3", "1"]));
        assert_eq!(of(&after["quarter"]), json!(["AHP", "2026-06-30", "7", "0"]));
        assert_ne!(after["quarter"]["score"], before["quarter"]["score"]);
        assert_eq!((&after["may"], &after["to"]), (&before["may"], &before["to"]), "the set begins after the last day of these");
    }

    async fn a_set_is_kept_shown_replaced_and_deleted(database: Database) {
        let service = Service::of_sample_in(database).await;
        service.data(CREATE).await;
        let put = service.data(PUT).await["putWeightSet"].clone();
        assert_eq!(put["errors"], json!([]));
        assert_eq!(put["weightSet"]["weights"][1], json!({ "node": { "key": "results", "title": "Results" }, "weight": "7" }));
        assert_eq!(put["scorecard"]["weightSets"], json!([{ "startsOn": null, "method": "MANUAL" }, { "startsOn": "2026-06-30", "method": "AHP" }]));
        assert_eq!(put["scorecard"]["nodes"][0], json!({ "key": "results", "weight": "7" }), "they hold now");
        let again = service.data(&PUT.replace("AHP", "DELPHI").replace("\"7\"", "\"8\"")).await["putWeightSet"].clone();
        assert_eq!((&again["scorecard"]["version"], &again["weightSet"]["method"]), (&json!(3), &json!("DELPHI")));
        let first = service.data(&PUT.replace(r#"startsOn: "2026-06-30", "#, "").replace("AHP", "ENTROPY")).await["putWeightSet"].clone();
        assert_eq!(first["weightSet"]["startsOn"], Value::Null);
        let sets = service.data(SETS).await["scorecards"][0].clone();
        assert_eq!((&sets["version"], &sets["weightSets"][0]["method"], &sets["weightSets"][1]["method"]), (&json!(4), &json!("ENTROPY"), &json!("DELPHI")));
        assert_eq!(sets["weightSets"][1]["weights"][0], json!({ "node": { "key": "results" }, "weight": "8" }));
        let gone = service.data(r#"mutation { deleteWeightSet(input: {scorecard: "sales-rep", startsOn: "2026-06-30"}) {
            deletedStartsOn scorecard { weightSets { startsOn method } } errors { code } } }"#).await["deleteWeightSet"].clone();
        assert_eq!(gone, json!({ "deletedStartsOn": "2026-06-30", "scorecard": { "weightSets": [{ "startsOn": null, "method": "ENTROPY" }] }, "errors": [] }));
    }

    async fn what_is_wrong_with_a_set_is_told_and_nothing_is_kept(database: Database) {
        let service = Service::of_sample_in(database).await;
        service.data(CREATE).await;
        let before = service.data(SETS).await;
        let cases = [
            (PUT.replace("\"sales-rep\"", "\"sales-reps\""), vec![("NOT_FOUND", "input.scorecard")]),
            (PUT.replace("\"conv\"", "\"conf\""), vec![("UNKNOWN_NODE", "input.weights.2.node"), ("MISSING_NODE", "input.weights")]),
            (PUT.replace("\"conv\"", "\"cycle\""), vec![("DUPLICATE_KEY", "input.weights.2.node"), ("MISSING_NODE", "input.weights")]),
            (PUT.replace(r#"{node: "conv", weight: "0"}, "#, ""), vec![("MISSING_NODE", "input.weights")]),
            (PUT.replace("\"7\"", "\"-7\""), vec![("NEGATIVE_WEIGHT", "input.weights.1.weight")]),
            (PUT.replace("\"7\"", "\"0.12345678901\""), vec![("BAD_WEIGHT", "input.weights.1.weight")]),
            (PUT.replace(r#""amount", weight: "1""#, r#""amount", weight: "0""#), vec![("ALL_WEIGHTS_ZERO", "input.weights")]),
            (PUT.replace("method: AHP", "method: AHP, version: 7"), vec![("CHANGED", "input.version")]),
        ];
        for (operation, expected) in cases {
            let expected: Vec<_> = expected.into_iter().map(|(code, place)| (code.to_owned(), place.to_owned())).collect();
            assert_eq!(refusals(&service, &operation, "putWeightSet").await, expected, "{operation}");
        }
        let delete = |input: &str| format!("mutation {{ deleteWeightSet(input: {{{input}}}) {{ scorecard {{ key }} errors {{ code path message }} }} }}");
        for (input, code, place) in [
            (r#"scorecard: "sales-rep""#, "FIRST_WEIGHTS", "input.startsOn"),
            (r#"scorecard: "sales-rep", startsOn: "2026-06-30""#, "NOT_FOUND", "input.startsOn"),
            (r#"scorecard: "sales-reps", startsOn: "2026-06-30""#, "NOT_FOUND", "input.scorecard"),
        ] {
            assert_eq!(refusals(&service, &delete(input), "deleteWeightSet").await, [(code.to_owned(), place.to_owned())], "{input}");
        }
        assert_eq!(service.data(SETS).await, before);
    }

    async fn a_scorecard_is_not_changed_into_one_that_its_other_weights_do_not_fit(database: Database) {
        let service = Service::of_sample_in(database).await;
        service.data(CREATE).await;
        service.data(PUT).await;
        let update = CREATE.replace("createScorecard(", "updateScorecard(version: 2, ");
        let grown = update.replace(r#"{key: "cycle","#, r#"{key: "more", title: "More", weight: "1", metric: "sales.amount", scoring: {target: {}}}, {key: "cycle","#);
        assert_eq!(refusals(&service, &grown, "updateScorecard").await, [("MISSING_NODE".to_owned(), "input.nodes".to_owned())]);
        let alone = update.replace(r#"{key: "amount", parent: "results""#, r#"{key: "amount""#);
        assert_eq!(refusals(&service, &alone, "updateScorecard").await, [("ALL_WEIGHTS_ZERO".to_owned(), "input.nodes".to_owned())]);
        let made = service.data(&update).await["updateScorecard"].clone();
        assert_eq!((&made["errors"], &made["scorecard"]["version"]), (&json!([]), &json!(3)));
        assert_eq!(made["scorecard"]["nodes"][0]["weight"], "7", "the weights that hold now are shown");
    }

    async fn the_sets_of_all_scorecards_cost_one_statement(database: Database) {
        let service = Service::of_sample_in(database).await;
        service.data(CREATE).await;
        let one = service.cost(SETS).await;
        service.data(&CREATE.replace("\"sales-rep\"", "\"other\"")).await;
        service.data(PUT).await;
        assert_eq!(service.cost(SETS).await, one);
    }

    async fn the_organisation_and_scorecards_are_found_again_by_their_ids(database: Database) {
        let service = Service::of_sample_in(database).await;
        service.data(CREATE).await;
        let data = service.data("{ organisation { id name } scorecards { id nodes { id key } } customers(first: 1) { nodes { id name } } }").await;
        let (organisation, card, node, customer) =
            (&data["organisation"], &data["scorecards"][0], &data["scorecards"][0]["nodes"][1], &data["customers"]["nodes"][0]);
        let ids = [&customer["id"], &node["id"], &organisation["id"], &card["id"]].map(Value::to_string).join(", ");
        let found = service.data(&format!(
            "{{ nodes(ids: [{ids}]) {{ __typename id ... on Organisation {{ name }} ... on Customer {{ name }} ... on Scorecard {{ key nodes {{ key }} }} ... on ScorecardNode {{ key metric }} }}
               node(id: {}) {{ ... on Node {{ id }} ... on Scorecard {{ weightSets {{ method }} }} }} }}",
            card["id"]
        )).await;
        assert_eq!(found["nodes"], json!([
            { "__typename": "Customer", "id": customer["id"], "name": customer["name"] },
            { "__typename": "ScorecardNode", "id": node["id"], "key": "amount", "metric": "sales.amount" },
            { "__typename": "Organisation", "id": organisation["id"], "name": organisation["name"] },
            { "__typename": "Scorecard", "id": card["id"], "key": "sales-rep", "nodes": [{ "key": "results" }, { "key": "amount" }, { "key": "conv" }, { "key": "cycle" }] },
        ]));
        assert_eq!(found["node"], json!({ "id": card["id"], "weightSets": [{ "method": "MANUAL" }] }));
        service.data(r#"mutation { deleteScorecard(key: "sales-rep") { deletedKey } }"#).await;
        let gone = service.data(&format!("{{ nodes(ids: [{ids}]) {{ id }} }}")).await["nodes"].clone();
        assert_eq!(gone, json!([{ "id": customer["id"] }, null, { "id": organisation["id"] }, null]));
    }
}
