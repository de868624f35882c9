//! The service side by side with the SQL a person would write for the same figures, in one run, over a generated company; and the
//! import beside `COPY`.
//!
//! `cargo bench --package tests --bench serve -- --scale 1 --seconds 8` measures at full size (2 M orders); a smaller `--scale` and
//! `--seconds` make a smoke test. Absolute times are of the machine; the ratios of one run are what counts. Every answer is checked
//! for errors, and its figures are compared with those of the SQL before anything is measured.
//!
//! `--backend sqlite|postgres|both`; `--connections 1,16,64`; `--cases b,d,import` takes only these;
//! `--database URL` measures a database that has the generated company already.

mod case;
mod database;
mod import;
mod load;
mod measure;
mod peer;
mod process;
mod report;

use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::database::{Backend, Database};

/// What to measure and for how long.
pub struct Options {
    pub scale: String,
    pub seconds: Duration,
    pub backends: Vec<Backend>,
    pub connections: Vec<usize>,
    cases: Vec<String>,
    database: Option<String>,
}

impl Options {
    /// Whether a case is to be measured: its name begins with its letter in brackets.
    pub fn wants(&self, case: &str) -> bool {
        self.cases.is_empty() || self.cases.iter().any(|wanted| case == wanted || case.starts_with(&format!("({wanted})")))
    }
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match arguments.as_slice() {
        [mode, url] if mode == "peer" => runtime.block_on(peer::serve(url)),
        arguments => runtime.block_on(measure(&options(arguments)?)),
    }
}

async fn measure(options: &Options) -> Result<()> {
    match &options.database {
        Some(url) => measure_cases(&Database::existing(url)?, options).await?,
        None if options.cases == ["import"] => {}
        None => {
            for backend in &options.backends {
                measure_cases(&Database::generated(*backend, &options.scale)?, options).await?;
            }
        }
    }
    if options.wants("import") && options.backends.contains(&Backend::Postgres) && options.database.is_none() {
        report::print_import(options, &import::measure(&options.scale).await?);
    }
    Ok(())
}

async fn measure_cases(database: &Database, options: &Options) -> Result<()> {
    report::print_head(database.backend, options);
    measure::measure(database, options, report::print).await
}

fn options(arguments: &[String]) -> Result<Options> {
    let mut options = Options {
        scale: "0.01".into(),
        seconds: Duration::from_secs(2),
        backends: vec![Backend::Sqlite, Backend::Postgres],
        connections: vec![1, 16, 64],
        cases: Vec::new(),
        database: None,
    };
    for pair in arguments.chunks(2) {
        let [flag, value] = pair else { bail!("{} needs a value", pair[0]) };
        match flag.as_str() {
            "--scale" => options.scale.clone_from(value),
            "--seconds" => options.seconds = Duration::from_secs_f64(value.parse().context("--seconds takes a number")?),
            "--backend" => options.backends = Backend::named(value)?,
            "--connections" => {
                options.connections = value.split(',').map(str::parse).collect::<Result<_, _>>().context("--connections takes 1,16,64")?
            }
            "--cases" => options.cases = value.split(',').map(str::to_owned).collect(),
            "--database" => options.database = Some(value.clone()),
            _ => bail!("{flag} is not an option; there are --scale, --seconds, --backend, --connections, --cases and --database"),
        }
    }
    Ok(options)
}
