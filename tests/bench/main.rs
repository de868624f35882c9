//! The service side by side with the SQL a person would write for the same figures, in one run, over a generated company.
//!
//! `cargo bench --package tests -- --scale 1 --backend both` measures at full size (2 M orders); a smaller `--scale` and `--seconds` make a smoke test.
//! Absolute times are of the machine; the ratios of one run are what counts.

mod case;
mod database;
mod load;
mod peer;
mod process;
mod report;

use std::time::Duration;

use anyhow::{Context, Result, bail};

/// What to measure and for how long.
pub struct Options {
    pub scale: String,
    pub seconds: Duration,
    pub backends: Vec<database::Backend>,
    pub connections: Vec<usize>,
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    if let [mode, url] = arguments.as_slice()
        && mode == "peer"
    {
        return runtime.block_on(peer::serve(url));
    }
    let options = options(&arguments)?;
    for backend in &options.backends {
        let database = database::generated(*backend, &options.scale)?;
        let rows = runtime.block_on(case::measure(&database, &options))?;
        report::print(*backend, &options, &rows);
    }
    Ok(())
}

fn options(arguments: &[String]) -> Result<Options> {
    let mut options = Options {
        scale: "0.01".into(),
        seconds: Duration::from_secs(2),
        backends: vec![database::Backend::Sqlite, database::Backend::Postgres],
        connections: vec![1, 16, 64],
    };
    for pair in arguments.chunks(2) {
        let [flag, value] = pair else { bail!("{} needs a value", pair[0]) };
        match flag.as_str() {
            "--scale" => options.scale.clone_from(value),
            "--seconds" => options.seconds = Duration::from_secs_f64(value.parse().context("--seconds takes a number")?),
            "--backend" => options.backends = database::Backend::named(value)?,
            "--connections" => options.connections = value.split(',').map(str::parse).collect::<Result<_, _>>().context("--connections takes 1,16,64")?,
            _ => bail!("{flag} is not an option; there are --scale, --seconds, --backend and --connections"),
        }
    }
    Ok(options)
}
