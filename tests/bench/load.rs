//! A closed loop of requests over a number of connections, bounded in time, with every answer checked.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use hdrhistogram::Histogram;
use reqwest::Client;

/// Latencies of one run.
pub struct Latencies {
    pub histogram: Histogram<u64>,
    pub elapsed: Duration,
}

impl Latencies {
    pub fn requests(&self) -> u64 {
        self.histogram.len()
    }

    pub fn per_second(&self) -> f64 {
        self.requests() as f64 / self.elapsed.as_secs_f64()
    }

    pub fn quantile_ms(&self, quantile: f64) -> f64 {
        self.histogram.value_at_quantile(quantile) as f64 / 1000.0
    }
}

/// Sends the same request again and again, at least once on each connection.
pub async fn run(url: &str, body: &str, connections: usize, time: Duration) -> Result<Latencies> {
    let started = Instant::now();
    let loops: Vec<_> = (0..connections).map(|_| tokio::spawn(one_connection(url.to_owned(), body.to_owned(), started + time))).collect();
    let mut histogram = Histogram::new(3)?;
    for handle in loops {
        histogram.add(handle.await??)?;
    }
    Ok(Latencies { histogram, elapsed: started.elapsed() })
}

async fn one_connection(url: String, body: String, until: Instant) -> Result<Histogram<u64>> {
    let client = Client::builder().pool_max_idle_per_host(1).build()?;
    let mut histogram = Histogram::new(3)?;
    while histogram.is_empty() || Instant::now() < until {
        let started = Instant::now();
        let response = client.post(&url).header("content-type", "application/json").body(body.clone()).send().await?;
        ensure!(response.status() == 200, "{url} answered {}", response.status());
        let answer = response.bytes().await?;
        histogram.record(started.elapsed().as_micros() as u64)?;
        ensure!(!answer.windows(9).any(|part| part == b"\"errors\":"), "{}", String::from_utf8_lossy(&answer));
    }
    Ok(histogram)
}
