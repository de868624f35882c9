//! The five cases, each with what it is compared to: a bare endpoint's processor time, or the time of hand-written SQL.

use std::time::Instant;

use anyhow::{Result, ensure};
use chrono::{Months, NaiveDate, NaiveTime, TimeZone};
use serde_json::{Value, json};

use crate::Options;
use crate::database::{Backend, Database};
use crate::load::{self, Latencies};
use crate::process::Server;

pub struct Row {
    pub case: &'static str,
    pub connections: usize,
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub per_second: f64,
    pub cpu_ms: f64,
    /// Resident now and at its peak, MiB.
    pub memory: (f64, f64),
    pub baseline: Option<Baseline>,
}

pub struct Baseline {
    pub name: &'static str,
    pub ms: f64,
    pub ratio: f64,
}

struct Case {
    name: &'static str,
    operation: String,
    compared: Compared,
}

enum Compared {
    /// Server CPU per request with that of the bare endpoint at this path. PostgreSQL only.
    Peer(&'static str),
    /// The p50 with that of these statements, one after the other on one connection.
    Sql(Vec<String>),
}

pub async fn measure(database: &Database, options: &Options) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for case in cases(database.backend) {
        // A service of its own for each case, so that its memory is its own.
        let server = database.serve()?;
        prepare(&server).await?;
        let answer = post(&server, &case.operation).await?;
        ensure!(answer.get("errors").is_none(), "{}: {answer:#}", case.name);
        for connections in &options.connections {
            rows.push(one(database, &case, &server, *connections, options).await?);
        }
        println!("({}: first line of the service after {:.0} ms)", case.name, server.start.as_secs_f64() * 1000.0);
    }
    Ok(rows)
}

async fn one(database: &Database, case: &Case, server: &Server, connections: usize, options: &Options) -> Result<Row> {
    let body = json!({ "query": case.operation }).to_string();
    let (latencies, cpu_ms) = under_load(server, "/graphql", &body, connections, options).await?;
    let baseline = match &case.compared {
        Compared::Peer(path) if database.backend == Backend::Postgres => {
            let peer = database.peer()?;
            let (_, ms) = under_load(&peer, path, "", connections, options).await?;
            Some(Baseline { name: "CPU of a bare endpoint", ms, ratio: cpu_ms / ms })
        }
        Compared::Sql(statements) if connections == 1 => {
            let ms = sql_p50(database, statements, options).await?;
            Some(Baseline { name: "p50 of the SQL", ms, ratio: latencies.quantile_ms(0.5) / ms })
        }
        _ => None,
    };
    let (p50_ms, p99_ms, per_second) = (latencies.quantile_ms(0.5), latencies.quantile_ms(0.99), latencies.per_second());
    Ok(Row { case: case.name, connections, p50_ms, p99_ms, per_second, cpu_ms, memory: server.memory()?, baseline })
}

/// Latencies, and the server's processor time per request in milliseconds.
async fn under_load(server: &Server, path: &str, body: &str, connections: usize, options: &Options) -> Result<(Latencies, f64)> {
    let url = format!("{}{path}", server.url);
    load::run(&url, body, connections, options.seconds / 4).await?;
    let before = server.processor_time()?;
    let latencies = load::run(&url, body, connections, options.seconds).await?;
    let used = server.processor_time()? - before;
    let cpu_ms = used.as_secs_f64() * 1000.0 / latencies.requests() as f64;
    Ok((latencies, cpu_ms))
}

async fn sql_p50(database: &Database, statements: &[String], options: &Options) -> Result<f64> {
    let connection = database.connection().await?;
    let mut times = Vec::new();
    let started = Instant::now();
    while times.len() < 3 || started.elapsed() < options.seconds {
        let once = Instant::now();
        for statement in statements {
            ensure!(connection.rows(statement).await? > 0, "no rows: {statement}");
        }
        times.push(once.elapsed().as_secs_f64() * 1000.0);
    }
    times.sort_by(f64::total_cmp);
    Ok(times[times.len() / 2])
}

async fn post(server: &Server, operation: &str) -> Result<Value> {
    let request = reqwest::Client::new().post(format!("{}/graphql", server.url)).json(&json!({ "query": operation }));
    Ok(request.send().await?.json().await?)
}

/// The scorecard of case (d), unless the database has it already.
async fn prepare(server: &Server) -> Result<()> {
    let node = |(at, (pack, metric)): (usize, &(&str, &str))| {
        let key = snake_case(metric);
        format!("{{key: \"n{at}\", title: \"{metric}\", weight: \"1\", metric: \"{pack}.{key}\", scoring: {{minmax: {{worst: \"0\", best: \"1000000\"}}}}}}")
    };
    let nodes: Vec<String> = METRICS.iter().enumerate().map(node).collect();
    let operation = format!(
        "mutation {{ createScorecard(input: {{key: \"bench\", title: \"Bench\", subject: EMPLOYEE, missing: RENORMALISE, minCoverage: \"0\", nodes: [{}]}}) {{ errors {{ code message }} }} }}",
        nodes.join(", ")
    );
    let answer = post(server, &operation).await?;
    ensure!(answer.get("errors").is_none(), "{answer:#}");
    Ok(())
}

fn snake_case(camel: &str) -> String {
    camel.chars().flat_map(|letter| if letter.is_uppercase() { vec!['_', letter.to_ascii_lowercase()] } else { vec![letter] }).collect()
}

/// Twelve metrics over three tables and five time columns.
const METRICS: [(&str, &str); 12] = [
    ("sales", "amount"),
    ("sales", "orderCount"),
    ("sales", "avgOrderSize"),
    ("sales", "opportunityConversionRate"),
    ("sales", "wonAmount"),
    ("sales", "avgDealSize"),
    ("sales", "cycleDays"),
    ("sales", "lossCount"),
    ("sales", "winRateValue"),
    ("sales", "opportunityCreatedCount"),
    ("service", "caseVolume"),
    ("service", "resolutionTimeAvg"),
];

fn selection(metrics: &[(&str, &str)], of_metric: &str) -> String {
    let of_pack = |name: &str| {
        let fields = metrics.iter().filter(|(pack, _)| *pack == name).map(|(_, metric)| format!("{metric} {{ {of_metric} }} "));
        fields.collect::<String>()
    };
    let packs = ["sales", "service"].map(|pack| (pack, of_pack(pack)));
    packs.iter().filter(|(_, fields)| !fields.is_empty()).map(|(pack, fields)| format!("{pack} {{ {fields} }} ")).collect()
}

fn cases(backend: Backend) -> Vec<Case> {
    let employees = "employees(first: 200)";
    let quarters = ["2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4"];
    let cards: String = quarters.iter().enumerate().map(|(at, quarter)| format!("q{at}: scorecard(key: \"bench\", period: \"{quarter}\") {{ score coverage }} ")).collect();
    let quarter = bounds((2025, 10), 3, 1);
    let year = bounds((2025, 1), 3, 4);
    let months = bounds((2023, 10), 1, 36);
    let by_employee = |bounds: &[i64], sources: &[Source]| sources.iter().map(|source| source.sql(backend, bounds, Some("employee_id"))).collect();
    vec![
        Case { name: "(a) 50 customers, 3 scalars", operation: "{ customers(first: 50) { nodes { name industry country } } }".into(), compared: Compared::Peer("/flat") },
        Case {
            name: "(b) 50 customers, last 5 orders, 3 tickets",
            operation: "{ customers(first: 50) { nodes { name industry country orders(last: 5) { nodes { orderedAt amount } } tickets(first: 3) { nodes { createdAt priority } } } } }".into(),
            compared: Compared::Peer("/nested"),
        },
        Case {
            name: "(c) 200 employees × 5 metrics, a quarter",
            operation: format!("{{ {employees} {{ nodes {{ name metrics(period: \"2025-Q4\") {{ {} }} }} }} }}", selection(&[METRICS[0], METRICS[1], METRICS[2], METRICS[3], METRICS[6]], "outcome formatted")),
            compared: Compared::Sql(by_employee(&quarter, &[ORDERS, CLOSED])),
        },
        Case {
            name: "(d) 200 employees × 12-metric scorecard × 4 quarters",
            operation: format!("{{ {employees} {{ nodes {{ name {cards} }} }} }}"),
            compared: Compared::Sql(by_employee(&year, &ALL)),
        },
        Case {
            name: "(e) organisation, 12 metrics by month over 3 years",
            operation: format!("{{ organisation {{ metrics(period: \"2023-10-01/2026-10-01\") {{ {} }} }} }}", selection(&METRICS, "series(by: MONTH) { period outcome }")),
            compared: Compared::Sql(ALL.iter().map(|source| source.sql(backend, &months, None)).collect()),
        },
    ]
}

/// Starts of so many periods of so many months, and the end of the last, in the generated company's time zone.
fn bounds((year, month): (i32, u32), months: u32, periods: u32) -> Vec<i64> {
    let first = NaiveDate::from_ymd_opt(year, month, 1).expect("a first of a month");
    let start = |period: u32| first.checked_add_months(Months::new(period * months)).expect("in range").and_time(NaiveTime::MIN);
    let instant = |period| chrono_tz::Europe::Berlin.from_local_datetime(&start(period)).unwrap().timestamp_micros();
    (0..=periods).map(instant).collect()
}

/// A table, its time column and what the twelve metrics need of it.
struct Source {
    table: &'static str,
    at: &'static str,
    columns: &'static str,
    only: &'static str,
}

const ORDERS: Source = Source { table: "sales_order", at: "ordered_at", columns: "COUNT(*), CAST(SUM(amount) AS BIGINT)", only: "state <> 'CANCELLED'" };
const CLOSED: Source = Source {
    table: "opportunity",
    at: "closed_at",
    columns: "COUNT(*) FILTER (WHERE outcome = 'WON'), COUNT(*) FILTER (WHERE outcome = 'LOST'), CAST(SUM(amount) FILTER (WHERE outcome = 'WON') AS BIGINT), \
        CAST(SUM(amount) FILTER (WHERE outcome = 'LOST') AS BIGINT), CAST(SUM(closed_at - created_at) FILTER (WHERE outcome = 'WON') AS BIGINT)",
    only: "TRUE",
};
const CREATED: Source = Source { table: "opportunity", at: "created_at", columns: "COUNT(*)", only: "TRUE" };
const OPENED: Source = Source { table: "ticket", at: "created_at", columns: "COUNT(*)", only: "TRUE" };
const RESOLVED: Source = Source { table: "ticket", at: "closed_at", columns: "COUNT(*), CAST(SUM(closed_at - created_at) AS BIGINT)", only: "TRUE" };
const ALL: [Source; 5] = [ORDERS, CLOSED, CREATED, OPENED, RESOLVED];

impl Source {
    /// What a person would write: one grouped pass over the range, the periods as a ladder or buckets.
    fn sql(&self, backend: Backend, bounds: &[i64], group: Option<&str>) -> String {
        let Source { table, at, columns, only } = self;
        let slot = backend.slot(at, bounds);
        let (group, by) = group.map_or((String::new(), "1"), |group| (format!("{group}, "), "1, 2"));
        let (from, to) = (bounds[0], bounds[bounds.len() - 1]);
        format!("SELECT {group}{slot}, {columns} FROM {table} WHERE {at} >= {from} AND {at} < {to} AND {only} GROUP BY {by}")
    }
}
