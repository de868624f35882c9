//! What `/metrics` shows, in the text format of Prometheus.

mod pack;

use std::time::Duration;

use anyhow::Result;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use prometheus::{HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, Opts, Registry, TextEncoder};
use registry::Standing;

use crate::endpoint::Outcome;

const BUCKETS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];

#[derive(Clone)]
pub struct Meter {
    registry: Registry,
    requests: IntCounterVec,
    durations: HistogramVec,
    in_flight: IntGauge,
    sockets: IntGauge,
    subscriptions: IntGauge,
    told: IntCounterVec,
    statements: IntCounter,
    packs_loaded: IntGauge,
    packs_refused: IntGauge,
    schema_stale: IntGauge,
    schema_builds: IntCounter,
}

/// What is read off the running service when somebody looks.
pub struct Reading {
    pub statements: u64,
    pub packs_loaded: usize,
    pub packs_refused: usize,
    pub schema_stale: bool,
    pub schema_builds: u64,
    pub packs: Vec<Standing>,
}

/// Counts one until it is dropped, also when the client goes away in the middle.
pub struct InFlight(IntGauge);

impl InFlight {
    fn of(gauge: &IntGauge) -> InFlight {
        gauge.inc();
        InFlight(gauge.clone())
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Meter {
    pub fn new() -> Result<Meter> {
        let meter = Meter {
            registry: Registry::new(),
            requests: IntCounterVec::new(Opts::new("counterpoise_requests_total", "GraphQL requests by outcome"), &["outcome"])?,
            durations: HistogramVec::new(
                HistogramOpts::new("counterpoise_request_duration_seconds", "How long GraphQL requests took, by outcome")
                    .buckets(BUCKETS.to_vec()),
                &["outcome"],
            )?,
            in_flight: IntGauge::new("counterpoise_requests_in_flight", "Requests being answered")?,
            sockets: IntGauge::new("counterpoise_sockets_open", "WebSockets that are open")?,
            subscriptions: IntGauge::new("counterpoise_subscriptions_open", "Subscriptions that are open")?,
            told: IntCounterVec::new(
                Opts::new("counterpoise_subscription_answers_total", "Answers to subscriptions that were told, by outcome"),
                &["outcome"],
            )?,
            statements: IntCounter::new("counterpoise_statements_total", "SQL statements that were run")?,
            packs_loaded: IntGauge::new("counterpoise_packs_loaded", "Metric packs in service")?,
            packs_refused: IntGauge::new("counterpoise_packs_refused", "Pack files that were refused")?,
            schema_stale: IntGauge::new("counterpoise_schema_stale", "1 while the schema has no place for some of the newest packs")?,
            schema_builds: IntCounter::new("counterpoise_schema_builds_total", "Schemas that were built, one for each set of packs")?,
        };
        meter.registry.register(Box::new(meter.requests.clone()))?;
        meter.registry.register(Box::new(meter.durations.clone()))?;
        meter.registry.register(Box::new(meter.in_flight.clone()))?;
        meter.registry.register(Box::new(meter.sockets.clone()))?;
        meter.registry.register(Box::new(meter.subscriptions.clone()))?;
        meter.registry.register(Box::new(meter.told.clone()))?;
        meter.registry.register(Box::new(meter.schema_stale.clone()))?;
        meter.registry.register(Box::new(meter.schema_builds.clone()))?;
        meter.registry.register(Box::new(meter.statements.clone()))?;
        meter.registry.register(Box::new(meter.packs_loaded.clone()))?;
        meter.registry.register(Box::new(meter.packs_refused.clone()))?;
        Ok(meter)
    }

    pub fn begin(&self) -> InFlight {
        InFlight::of(&self.in_flight)
    }

    pub fn socket(&self) -> InFlight {
        InFlight::of(&self.sockets)
    }

    pub fn subscription(&self) -> InFlight {
        InFlight::of(&self.subscriptions)
    }

    /// An answer to a subscription.
    pub fn told(&self, outcome: Outcome) {
        self.told.with_label_values(&[outcome.name()]).inc();
    }

    pub fn count(&self, outcome: Outcome, elapsed: Duration) {
        self.requests.with_label_values(&[outcome.name()]).inc();
        self.durations.with_label_values(&[outcome.name()]).observe(elapsed.as_secs_f64());
    }

    pub fn show(&self, reading: &Reading) -> Response {
        self.statements.inc_by(reading.statements.saturating_sub(self.statements.get()));
        self.packs_loaded.set(reading.packs_loaded as i64);
        self.packs_refused.set(reading.packs_refused as i64);
        self.schema_stale.set(reading.schema_stale.into());
        self.schema_builds.inc_by(reading.schema_builds.saturating_sub(self.schema_builds.get()));
        let packs = pack::families(&reading.packs);
        match packs.and_then(|packs| TextEncoder::new().encode_to_string(&[self.registry.gather(), packs].concat())) {
            Ok(text) => ([(header::CONTENT_TYPE, prometheus::TEXT_FORMAT)], text).into_response(),
            Err(error) => {
                tracing::error!(%error, "the metrics could not be written");
                axum::http::StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}
