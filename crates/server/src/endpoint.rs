//! `/graphql`: GraphQL over HTTP, to the letter of its specification.
//!
//! Decides which requests are one (method, media types, parameters) and what status an answer gets. It refuses queries over
//! GET that change anything, texts nested deeper than a parser's stack, and bodies past the limit. A panic or a timeout in an
//! execution ends that request and nothing else.

pub mod answer;
pub mod ask;
mod media;
#[cfg(test)]
mod tests;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use async_graphql::Request;
use async_graphql::parser::parse_query;
use async_graphql::parser::types::OperationType;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Method, header};
use axum::response::Response as HttpResponse;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use graphql::Response;
use tokio::sync::Semaphore;

pub use answer::Outcome;
use answer::Refusal;
use media::Media;

/// Runs one operation against the schema.
pub type Execute = Arc<dyn Fn(Request) -> BoxFuture<'static, Response> + Send + Sync>;

#[derive(Clone)]
pub struct Endpoint {
    pub execute: Execute,
    pub max_body_bytes: usize,
    pub timeout: Duration,
    /// One for each operation that may run at once; the others wait.
    pub turns: Arc<Semaphore>,
}

/// Every method of `/graphql`. GET and POST are asked; the others are told so.
pub async fn handle(
    State(endpoint): State<Endpoint>,
    method: Method,
    headers: HeaderMap,
    RawQuery(parameters): RawQuery,
    body: Body,
) -> HttpResponse {
    let Some(media) = media::preferred(&headers) else {
        return answer::refused(Media::Json, answer::not_acceptable());
    };
    let asked = match method {
        Method::GET | Method::HEAD => ask::from_parameters(parameters.as_deref().unwrap_or_default()).and_then(only_reading),
        Method::POST => endpoint.read(&headers, body).await.and_then(parsable),
        _ => Err(answer::method_not_allowed("GET, POST", "ask with GET or POST")),
    };
    match asked {
        Ok(request) => endpoint.run(request, media).await,
        Err(refusal) => answer::refused(media, refusal),
    }
}

impl Endpoint {
    async fn read(&self, headers: &HeaderMap, body: Body) -> Result<Request, Refusal> {
        ask::json_in_utf8(headers)?;
        ask::not_encoded(headers)?;
        let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
        if length.is_some_and(|length| length > self.max_body_bytes) {
            return Err(answer::too_large(self.max_body_bytes));
        }
        let reading = tokio::time::timeout(self.timeout, axum::body::to_bytes(body, self.max_body_bytes));
        match reading.await {
            Ok(Ok(bytes)) => ask::from_json(&bytes),
            Ok(Err(error)) if is_limit(&error) => Err(answer::too_large(self.max_body_bytes)),
            Ok(Err(error)) => Err(answer::bad_request(format!("the body could not be read: {error}"))),
            Err(_) => Err(answer::body_timeout(self.timeout)),
        }
    }

    async fn run(&self, request: Request, media: Media) -> HttpResponse {
        match self.bounded((self.execute)(request)).await {
            Ok(response) => answer::answered(media, &response),
            Err(cut) => answer::cut_off(media, &cut),
        }
    }

    /// Executes something in its turn and within the time that a request has, apart from all others should it panic.
    pub async fn bounded<T>(&self, execution: impl Future<Output = T>) -> Result<T, answer::Cut> {
        let execution = async {
            let _turn = self.turns.acquire().await;
            execution.await
        };
        // The execution may hold half-made state when it panics, but all of it belongs to this request and is dropped here.
        let execution = AssertUnwindSafe(execution).catch_unwind();
        match tokio::time::timeout(self.timeout, execution).await {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(_)) => Err(answer::panicked()),
            Err(_) => Err(answer::timed_out(self.timeout)),
        }
    }
}

fn is_limit(error: &axum::Error) -> bool {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(current) = cause {
        if current.is::<http_body_util::LengthLimitError>() {
            return true;
        }
        cause = current.source();
    }
    false
}

pub fn parsable(request: Request) -> Result<Request, Refusal> {
    ask::not_too_nested(&request.query)?;
    Ok(request)
}

/// GET is safe by definition of HTTP, so that caches, crawlers and foreign pages can't change anything. What can't be parsed
/// is for the schema to refuse.
fn only_reading(request: Request) -> Result<Request, Refusal> {
    let request = parsable(request)?;
    match asks(&request, OperationType::Mutation) {
        true => Err(answer::method_not_allowed("POST", "send mutations with POST")),
        false => Ok(request),
    }
}

/// Whether an operation that may be meant is of a type.
pub fn asks(request: &Request, ty: OperationType) -> bool {
    let name = request.operation_name.as_deref();
    parse_query(&request.query).is_ok_and(|document| {
        let named = |operation: Option<&str>| name.is_none() || operation == name;
        let mut asked = document.operations.iter().filter(|(operation, _)| named(operation.map(|name| name.as_str())));
        asked.any(|(_, operation)| operation.node.ty == ty)
    })
}
