//! Packs that come, change, fail and go while the service runs.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use serde_json::{Value, json};
use tests::both_backends;
use tests::database::Database;
use tests::pack::{Folder, ORDERS, declarative, failing_on};
use tests::service::{Service, counterpoise, text};
use tests::socket::Socket;

const PACKS: &str = "subscription { packsChanged { name version state reason } }";

/// The generated company, served with the packs of a folder.
fn serve(database: Database, folder: &Folder) -> Service {
    let flags = folder.flags();
    Service::of_sample_with(database, &flags.iter().map(String::as_str).collect::<Vec<_>>())
}

fn acme(version: &str, formula: &str) -> Vec<u8> {
    declarative("acme", version, &[("orders_seen", formula, ORDERS)]).into_bytes()
}

/// Waits until a pack stands as a condition says; a pack that is not there is null. While it is tried, it is not there yet.
fn told(socket: &mut Socket, pack: &str, condition: impl Fn(&Value) -> bool) -> Value {
    loop {
        let packs = socket.data("packs")["packsChanged"].take();
        let found = packs
            .as_array()
            .expect("a list")
            .iter()
            .find(|found| found["name"] == pack && found["state"] != "TRYING")
            .cloned()
            .unwrap_or_default();
        if condition(&found) {
            return found;
        }
    }
}

fn organisation(service: &Service, fields: &str) -> Value {
    let mut data = service.data(&format!("{{ organisation {{ metrics(period: \"2026\") {{ {fields} }} }} }}"));
    data["organisation"]["metrics"].take()
}

/// Asks the same question until told to stop, and gives how often it was answered; every answer must be the same.
fn ask_on(service: &Service, stop: &Arc<AtomicBool>) -> thread::JoinHandle<u64> {
    let (url, stop) = (format!("{}/graphql", service.url), stop.clone());
    let body = json!({ "query": "{ organisation { metrics(period: \"2026\") { sales { amount { outcome value { amount } } orderCount { value } } } } }" });
    thread::spawn(move || {
        let client = reqwest::blocking::Client::new();
        let ask = || client.post(&url).json(&body).send().expect("an answer").json::<Value>().expect("JSON");
        let first = ask();
        assert_eq!(first["data"]["organisation"]["metrics"]["sales"]["amount"]["outcome"], "VALUE", "{first:#}");
        let mut answered = 1;
        while !stop.load(Ordering::Relaxed) {
            assert_eq!(ask(), first);
            answered += 1;
        }
        answered
    })
}

both_backends!(a_pack_comes_is_replaced_and_goes_while_queries_run);
fn a_pack_comes_is_replaced_and_goes_while_queries_run(database: Database) {
    let folder = Folder::standard();
    let service = serve(database, &folder);
    let stop = Arc::new(AtomicBool::new(false));
    let (one, other) = (ask_on(&service, &stop), ask_on(&service, &stop));
    let mut socket = Socket::open(&service);
    socket.subscribe("packs", PACKS);
    assert_eq!(socket.data("packs")["packsChanged"].as_array().map(Vec::len), Some(3));
    let orders: u64 = organisation(&service, "sales { orderCount { value } }")["sales"]["orderCount"]["value"]
        .as_str()
        .expect("a number")
        .parse()
        .expect("a count");
    let seen = |version: &str| {
        let figure = organisation(&service, "acme { ordersSeen { value explain { pack { name version } } } }")["acme"]["ordersSeen"].take();
        assert_eq!(figure["explain"]["pack"], json!({ "name": "acme", "version": version }));
        figure["value"].as_str().expect("a number").parse::<u64>().expect("a count")
    };
    let sdl = || service.get("/schema.graphql").text().expect("text");

    folder.lay("acme.toml", &acme("1.0.0", "2 * orders"));
    assert_eq!(told(&mut socket, "acme", |pack| pack["version"] == "1.0.0")["state"], "LOADED");
    assert_eq!(seen("1.0.0"), 2 * orders);
    assert!(sdl().contains("acme: AcmeMetrics!"));
    let introspected = service.data("{ __type(name: \"AcmeMetrics\") { fields { name description } } }");
    assert_eq!(introspected["__type"]["fields"][0]["name"], "ordersSeen", "{introspected:#}");

    folder.lay("acme.toml", &acme("1.1.0", "3 * orders"));
    assert_eq!(told(&mut socket, "acme", |pack| pack["version"] == "1.1.0")["state"], "PROBATION");
    assert_eq!(seen("1.1.0"), 3 * orders);

    folder.remove("acme.toml");
    told(&mut socket, "acme", Value::is_null);
    let gone = service.answer("{ organisation { metrics(period: \"2026\") { acme { ordersSeen { value } } } } }", Value::Null);
    assert_eq!(gone["errors"][0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED", "{gone:#}");
    assert!(!sdl().contains("AcmeMetrics"));

    stop.store(true, Ordering::Relaxed);
    let answered = one.join().expect("no query failed") + other.join().expect("no query failed");
    assert!(answered > 2, "hardly a query ran beside");
    let metrics = service.get("/metrics").text().expect("text");
    assert!(metrics.contains("counterpoise_schema_stale 0"), "{metrics}");
}

both_backends!(a_fault_is_an_outcome_of_its_own_metrics_and_of_nothing_else);
fn a_fault_is_an_outcome_of_its_own_metrics_and_of_nothing_else(database: Database) {
    let folder = Folder::standard();
    let service = serve(database, &folder);
    let mut socket = Socket::open(&service);
    socket.subscribe("packs", PACKS);
    socket.data("packs");
    let sales = "sales { amount { outcome reason value { amount } } orderCount { value } }";
    let alone = organisation(&service, sales);
    let orders = alone["sales"]["orderCount"]["value"].as_str().expect("a number").parse().expect("a count");
    folder.compile("bad.so", &failing_on("bad", orders));
    told(&mut socket, "bad", |pack| pack["state"] == "LOADED");

    let both = organisation(&service, &format!("{sales} bad {{ same {{ outcome cause reason value }} }}"));
    assert_eq!(both["sales"], alone["sales"]);
    let bad = &both["bad"]["same"];
    assert_eq!((&bad["outcome"], &bad["cause"], &bad["value"]), (&json!("FAULT"), &json!("FAULT"), &Value::Null));
    assert!(bad["reason"].as_str().is_some_and(|reason| reason.contains("E_PANIC: it cannot count so far")), "{bad:#}");
    // Where it does not fail, it is computed: another period has another number of orders.
    let fine =
        service.data("{ organisation { metrics(period: \"2025\") { bad { same { outcome value } } sales { orderCount { value } } } } }");
    let fine = &fine["organisation"]["metrics"];
    assert_eq!(fine["bad"]["same"], json!({ "outcome": "VALUE", "value": fine["sales"]["orderCount"]["value"] }));

    // It goes on failing, so that it is not asked any more; and that is told, by the pack and by its metrics.
    let ask = || organisation(&service, &format!("{sales} bad {{ same {{ outcome reason }} }}"));
    ask();
    ask();
    told(&mut socket, "bad", |pack| pack["state"] == "QUARANTINED");
    let barred = ask();
    assert_eq!((&barred["sales"], &barred["bad"]["same"]["outcome"]), (&alone["sales"], &json!("FAULT")));
    let reason = barred["bad"]["same"]["reason"].as_str().expect("a reason");
    assert!(reason.contains("quarantined since") && reason.contains("because E_PANIC"), "{reason}");
    let packs = service
        .data("{ packs { name state reason faults calls tier mappedVersions sha256 since time { seconds } warnings { code message } } }");
    let bad = packs["packs"].as_array().expect("a list").iter().find(|pack| pack["name"] == "bad").expect("it is listed").clone();
    assert_eq!((&bad["state"], &bad["faults"], &bad["calls"]), (&json!("QUARANTINED"), &json!("3"), &json!("4")), "{bad:#}");
    assert!(bad["reason"].as_str().is_some_and(|reason| reason.contains("`same` is quarantined since")), "{bad:#}");
    let metrics = service.get("/metrics").text().expect("text");
    let tier = bad["tier"].as_str().expect("a tier").to_lowercase();
    for line in [
        format!("counterpoise_pack_faults_total{{pack=\"bad\",tier=\"{tier}\",version=\"1.0.0\"}} 3"),
        format!("counterpoise_pack_calls_total{{pack=\"bad\",tier=\"{tier}\",version=\"1.0.0\"}} 4"),
        "counterpoise_packs{state=\"quarantined\"} 1".into(),
        "counterpoise_packs{state=\"loaded\"} 3".into(),
    ] {
        assert!(metrics.contains(&line), "no {line} in {metrics}");
    }
}

both_backends!(a_score_outlives_the_metric_that_it_is_made_of);
fn a_score_outlives_the_metric_that_it_is_made_of(database: Database) {
    let folder = Folder::standard();
    folder.lay("acme.toml", &acme("1.0.0", "2 * orders"));
    let service = serve(database, &folder);
    let created = service.data(
        r#"mutation { createScorecard(input: {key: "org", title: "Organisation", subject: ORGANISATION, minCoverage: "0", nodes: [
            {key: "seen", title: "Seen", weight: 1, metric: "acme.orders_seen", scoring: {minmax: {worst: 0, best: 1}}},
            {key: "amount", title: "Amount", weight: 1, metric: "sales.amount", scoring: {minmax: {worst: 0, best: 1}}}]}) { errors { message } } }"#,
    );
    assert_eq!(created["createScorecard"]["errors"], json!([]));
    let id = service.data("{ organisation { id } }")["organisation"]["id"].as_str().expect("an id").to_owned();
    let mut socket = Socket::open(&service);
    socket.subscribe(
        "score",
        &format!(
            r#"subscription {{ scorecardChanged(key: "org", id: "{id}", period: "2026", every: 3600) {{
                score coverage nodes {{ key score outcome reason metric {{ outcome }} }} }} }}"#
        ),
    );
    let whole = socket.data("score");
    assert_eq!((&whole["scorecardChanged"]["score"], &whole["scorecardChanged"]["coverage"]), (&json!("100"), &json!("1")));
    folder.remove("acme.toml");
    let half = socket.data("score")["scorecardChanged"].take();
    assert_eq!((&half["score"], &half["coverage"]), (&json!("100"), &json!("0.5")));
    let seen = &half["nodes"][0];
    assert_eq!((&seen["score"], &seen["outcome"], &seen["metric"]), (&Value::Null, &json!("FAULT"), &Value::Null));
    assert!(seen["reason"].as_str().is_some_and(|reason| reason.contains("no loaded pack has the metric `acme.orders_seen`")), "{seen:#}");
    folder.lay("acme.toml", &acme("1.0.0", "2 * orders"));
    assert_eq!(socket.data("score"), whole);
}

#[test]
fn a_pack_that_the_schema_has_no_place_for_is_refused_alone() {
    let folder = Folder::standard();
    let service = serve(Database::sqlite(), &folder);
    let mut socket = Socket::open(&service);
    socket.subscribe("packs", PACKS);
    socket.data("packs");
    // Every subject's metrics have a field `period`.
    folder.lay("period.toml", declarative("period", "1.0.0", &[("orders_seen", "orders", ORDERS)]).as_bytes());
    let refused = told(&mut socket, "period", |pack| !pack.is_null());
    assert_eq!(refused["state"], "REFUSED");
    assert!(refused["reason"].as_str().is_some_and(|reason| reason.contains("would be named `period`")), "{refused:#}");
    let packs = service.data("{ packs { name refusals { code } } }");
    let period = packs["packs"].as_array().expect("a list").iter().find(|pack| pack["name"] == "period").expect("it is listed");
    assert_eq!(period["refusals"], json!([{ "code": "E_SCHEMA" }]));
    assert!(service.get("/metrics").text().expect("text").contains("counterpoise_schema_stale 1"));

    // Neither a good pack that comes later nor one that was there before suffers, over a restart either.
    folder.lay("acme.toml", &acme("1.0.0", "2 * orders"));
    assert_eq!(told(&mut socket, "acme", |pack| !pack.is_null())["state"], "LOADED");
    let asked = "acme { ordersSeen { outcome } } sales { orderCount { outcome } }";
    let expected = json!({ "acme": { "ordersSeen": { "outcome": "VALUE" } }, "sales": { "orderCount": { "outcome": "VALUE" } } });
    assert_eq!(organisation(&service, asked), expected);
    drop(service);
    let service = serve(Database::sqlite(), &folder);
    assert_eq!(organisation(&service, asked), expected);

    folder.remove("period.toml");
    let mut socket = Socket::open(&service);
    socket.subscribe("packs", PACKS);
    told(&mut socket, "period", Value::is_null);
    assert!(service.get("/metrics").text().expect("text").contains("counterpoise_schema_stale 0"));
}

#[test]
fn what_led_to_a_quarantine_is_run_again_from_the_command_line() {
    let folder = Folder::standard();
    let service = serve(Database::sqlite(), &folder);
    let mut socket = Socket::open(&service);
    socket.subscribe("packs", PACKS);
    let counted = organisation(&service, "sales { orderCount { value } }");
    let orders = counted["sales"]["orderCount"]["value"].as_str().expect("a number").parse().expect("a count");
    folder.compile("bad.so", &failing_on("bad", orders));
    told(&mut socket, "bad", |pack| pack["state"] == "LOADED");
    for _ in 0..3 {
        organisation(&service, "bad { same { outcome } }");
    }
    told(&mut socket, "bad", |pack| pack["state"] == "QUARANTINED");
    let mut bundles = fs::read_dir(folder.store().join("private/bundles")).expect("a folder");
    let bundle = bundles.next().expect("one bundle").expect("an entry").path();
    let replay = |file: Option<&Path>| {
        let mut command = counterpoise();
        command.args(["pack", "replay"]).args(folder.flags()).arg(&bundle).args(file).output().expect("counterpoise runs")
    };
    let again = replay(None);
    assert!(!again.status.success() && text(&again).contains("it happens again: E_PANIC: it cannot count so far"), "{}", text(&again));

    folder.compile("bad.so", &failing_on("bad", orders + 1));
    let mended = replay(Some(&folder.packs().join("bad.so")));
    assert!(mended.status.success() && text(&mended).contains("it does not happen: 1 rows"), "{}", text(&mended));
    let other = replay(Some(&folder.packs().join("libsales.so")));
    assert!(!other.status.success() && text(&other).contains("`same`"), "{}", text(&other));
}
