//! Runs the cases against a service of its own each, so that its memory is its own, and their baselines beside them.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use futures_util::future::try_join_all;
use serde_json::{Value, json};

use crate::Options;
use crate::case::{Case, Compared, cases, scorecard};
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
    /// From the start of the process to the first answer.
    pub first_answer: Duration,
    pub baseline: Option<Baseline>,
}

pub struct Baseline {
    pub name: &'static str,
    pub ms: f64,
    pub ratio: f64,
}

/// Measures the cases wanted and hands over each row as soon as it is there, or why there is none: one request that failed is one row.
pub async fn measure(database: &Database, options: &Options, measured: impl Fn(&str, usize, Result<Row>)) -> Result<()> {
    prepare(database).await?;
    let mut failed = 0;
    for case in cases(database.backend).iter().filter(|case| options.wants(case.name)) {
        let server = database.serve()?;
        post(&server, "{ organisation { name } }").await?;
        let first_answer = server.age();
        let answer = post(&server, &case.operation).await?;
        case.check(&answer, &database.connection().await?).await?;
        for connections in &options.connections {
            let row = one(database, case, (&server, first_answer), *connections, options).await;
            failed += usize::from(row.is_err());
            measured(case.name, *connections, row);
        }
    }
    ensure!(failed == 0, "{failed} rows could not be measured");
    Ok(())
}

async fn one(
    database: &Database,
    case: &Case,
    (server, first_answer): (&Server, Duration),
    connections: usize,
    options: &Options,
) -> Result<Row> {
    let body = json!({ "query": case.operation }).to_string();
    let (latencies, cpu_ms) = under_load(server, "/graphql", &body, connections, options).await?;
    let (p50_ms, p99_ms, per_second) = (latencies.quantile_ms(0.5), latencies.quantile_ms(0.99), latencies.per_second());
    let memory = server.memory()?;
    let baseline = match &case.compared {
        Compared::Peer(path) if database.backend == Backend::Postgres => {
            let peer = database.peer()?;
            let (_, ms) = under_load(&peer, path, "", connections, options).await?;
            Some(Baseline { name: "CPU of a bare endpoint", ms, ratio: cpu_ms / ms })
        }
        Compared::Sql(statements) if connections == 1 => {
            let ms = sql_p50(database, statements, options).await?;
            Some(Baseline { name: "p50 of the SQL", ms, ratio: p50_ms / ms })
        }
        _ => None,
    };
    Ok(Row { case: case.name, connections, p50_ms, p99_ms, per_second, cpu_ms, memory, first_answer, baseline })
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

/// Each statement on a connection of its own and all at once, as the service does.
async fn sql_p50(database: &Database, statements: &[String], options: &Options) -> Result<f64> {
    let connections = try_join_all(statements.iter().map(|_| database.connection())).await?;
    let mut times = Vec::new();
    let started = Instant::now();
    while times.len() < 3 || started.elapsed() < options.seconds {
        let once = Instant::now();
        let answers = try_join_all(statements.iter().zip(&connections).map(|(statement, connection)| connection.rows(statement))).await?;
        times.push(once.elapsed().as_secs_f64() * 1000.0);
        ensure!(answers.iter().all(|rows| !rows.is_empty()), "no rows: {statements:?}");
    }
    times.sort_by(f64::total_cmp);
    Ok(times[times.len() / 2])
}

async fn post(server: &Server, operation: &str) -> Result<Value> {
    let request = reqwest::Client::new().post(format!("{}/graphql", server.url)).json(&json!({ "query": operation }));
    let answer: Value = request.send().await?.json().await?;
    ensure!(answer.get("errors").is_none(), "{operation}: {answer:#}");
    Ok(answer)
}

/// The scorecard of case (d), unless the database has it already.
async fn prepare(database: &Database) -> Result<()> {
    post(&database.serve()?, &scorecard()).await.map(drop)
}
