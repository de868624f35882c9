//! A request id on every request: taken from `x-request-id` or made here, in every log line of the request and in its answer.
//! The request's own line, with what became of it, is written here as well, and its meters are counted.

use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument;

use crate::endpoint::Outcome;
use crate::meter::Meter;

pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const LONGEST_ID: usize = 128;

/// The id of a request, for those who answer it.
#[derive(Clone)]
pub struct RequestId(HeaderValue);

impl RequestId {
    pub fn text(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }
}

pub async fn request(State(meter): State<Meter>, mut request: Request, next: Next) -> Response {
    let id = given_id(request.headers()).unwrap_or_else(made_id);
    request.extensions_mut().insert(RequestId(id.clone()));
    let path = request.uri().path();
    let span = tracing::info_span!("request", id = id.to_str().unwrap_or_default(), method = %request.method(), path);
    let traced = async {
        let started = Instant::now();
        let in_flight = meter.begin();
        let mut response = next.run(request).await;
        drop(in_flight);
        finish(&meter, &response, started);
        response.headers_mut().insert(REQUEST_ID, id);
        response
    };
    traced.instrument(span).await
}

fn finish(meter: &Meter, response: &Response, started: Instant) {
    let elapsed = started.elapsed();
    let elapsed_us = elapsed.as_micros() as u64;
    let status = response.status().as_u16();
    match response.extensions().get::<Outcome>() {
        Some(outcome) => {
            meter.count(*outcome, elapsed);
            tracing::info!(status, outcome = outcome.name(), elapsed_us, "answered");
        }
        None => tracing::debug!(status, elapsed_us, "answered"),
    }
}

/// A client's id is kept if it can stand in a log line: visible ASCII and not too long.
fn given_id(headers: &HeaderMap) -> Option<HeaderValue> {
    let id = headers.get(REQUEST_ID)?;
    let fits = !id.is_empty() && id.len() <= LONGEST_ID && id.as_bytes().iter().all(u8::is_ascii_graphic);
    fits.then(|| id.clone())
}

/// Unique among instances by the process's random half, within the process by its count.
fn made_id() -> HeaderValue {
    static PROCESS: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one("process"));
    static REQUESTS: AtomicU64 = AtomicU64::new(0);
    let id = format!("{:08x}{:08x}", *PROCESS as u32, REQUESTS.fetch_add(1, Ordering::Relaxed));
    HeaderValue::try_from(id).expect("hexadecimal digits are a header value")
}
