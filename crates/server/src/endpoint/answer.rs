//! The HTTP answer: which status, which headers, and an error in GraphQL's shape whatever went wrong.
//!
//! Under `application/graphql-response+json` the status says what happened. Under `application/json` a well-formed request is
//! answered with 200, since older clients read no body but that of a 200; only a panic and a timeout are 500 and 504 there too.

use std::time::Duration;

use async_graphql::{ServerError, Value};
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response as HttpResponse;
use graphql::Response;
use serde_json::json;

use super::media::Media;

/// What became of a request, for the log line and the meters; left on the response for the outer layers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Outcome {
    Ok,
    /// Data, and errors of single fields.
    Partial,
    /// Executed, but an error took the whole data with it.
    Failed,
    /// Refused before execution: not HTTP as agreed, not GraphQL, not of this schema.
    Refused,
    Unavailable,
    Timeout,
    Internal,
}

impl Outcome {
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Ok => "ok",
            Outcome::Partial => "partial",
            Outcome::Failed => "failed",
            Outcome::Refused => "refused",
            Outcome::Unavailable => "unavailable",
            Outcome::Timeout => "timeout",
            Outcome::Internal => "internal",
        }
    }
}

/// A request that is not executed.
pub struct Refusal {
    status: StatusCode,
    /// Whether the request was GraphQL over HTTP in form, so that `application/json` answers it with 200.
    well_formed: bool,
    allow: Option<&'static str>,
    error: Box<serde_json::Value>,
}

impl Refusal {
    /// The error in GraphQL's shape.
    pub fn error(&self) -> &serde_json::Value {
        &self.error
    }
}

fn refusal(status: StatusCode, code: &str, message: impl Into<String>) -> Refusal {
    let error = Box::new(json!({ "message": message.into(), "extensions": { "code": code } }));
    Refusal { status, well_formed: false, allow: None, error }
}

pub fn bad_request(message: impl Into<String>) -> Refusal {
    refusal(StatusCode::BAD_REQUEST, "BAD_REQUEST", message)
}

pub fn too_nested(limit: usize) -> Refusal {
    let message = format!("the query nests more than {limit} brackets; ask for less at once");
    Refusal { well_formed: true, ..refusal(StatusCode::BAD_REQUEST, "TOO_COMPLEX", message) }
}

pub fn not_acceptable() -> Refusal {
    let message = "nothing in Accept can be served; accept application/graphql-response+json or application/json";
    refusal(StatusCode::NOT_ACCEPTABLE, "NOT_ACCEPTABLE", message)
}

pub fn method_not_allowed(allow: &'static str, message: &str) -> Refusal {
    Refusal { allow: Some(allow), ..refusal(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", message) }
}

pub fn unsupported_media_type(given: &str) -> Refusal {
    let message = match given {
        "" => "Content-Type is missing; send application/json in UTF-8".to_owned(),
        given => format!("Content-Type {given:?} can't be read; send application/json in UTF-8"),
    };
    refusal(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", message)
}

pub fn unsupported_encoding(given: &str) -> Refusal {
    let message = format!("Content-Encoding {given:?} can't be read; send the body as it is");
    refusal(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", message)
}

pub fn foreign_origin(origin: &str) -> Refusal {
    let message = format!("a page of {origin} may not open a socket here; allow it with --cors-origin");
    refusal(StatusCode::FORBIDDEN, "FORBIDDEN", message)
}

pub fn unknown_protocol(known: &str) -> Refusal {
    let message = format!("a socket here speaks {known}: name it in Sec-WebSocket-Protocol");
    refusal(StatusCode::BAD_REQUEST, "BAD_REQUEST", message)
}

/// More than one client, or all together, may have open at once.
pub fn too_many(what: &str, limit: usize, advice: &str) -> Refusal {
    refusal(StatusCode::TOO_MANY_REQUESTS, "TOO_MANY", format!("{what} has {limit} operations open, which is the limit; {advice}"))
}

pub fn too_large(limit: usize) -> Refusal {
    let message = format!("the body is larger than {limit} bytes; send less, or raise --max-body-bytes");
    refusal(StatusCode::PAYLOAD_TOO_LARGE, "BODY_TOO_LARGE", message)
}

pub fn body_timeout(limit: Duration) -> Refusal {
    let message = format!("the body did not arrive within {} ms", limit.as_millis());
    refusal(StatusCode::REQUEST_TIMEOUT, "TIMEOUT", message)
}

pub fn refused(media: Media, refusal: Refusal) -> HttpResponse {
    let status = if refusal.well_formed && media == Media::Json { StatusCode::OK } else { refusal.status };
    let mut response = http(status, media, Outcome::Refused, &json!({ "errors": [refusal.error] }));
    if let Some(allow) = refusal.allow {
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allow));
    }
    response
}

/// A refusal of something that is no GraphQL over HTTP.
pub fn refused_in_json(refusal: Refusal) -> HttpResponse {
    refused(Media::Json, refusal)
}

/// An execution that did not come to its end.
pub struct Cut {
    pub outcome: Outcome,
    refusal: Refusal,
}

impl Cut {
    /// The error in GraphQL's shape.
    pub fn error(&self) -> &serde_json::Value {
        &self.refusal.error
    }
}

pub fn panicked() -> Cut {
    let message = "an internal error ended this request; the service log has it under this request's id";
    Cut { outcome: Outcome::Internal, refusal: refusal(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL", message) }
}

pub fn timed_out(limit: Duration) -> Cut {
    let message = format!("the request took longer than {} ms; ask for less, or raise --request-timeout-ms", limit.as_millis());
    Cut { outcome: Outcome::Timeout, refusal: refusal(StatusCode::GATEWAY_TIMEOUT, "TIMEOUT", message) }
}

pub fn cut_off(media: Media, cut: &Cut) -> HttpResponse {
    http(cut.refusal.status, media, cut.outcome, &json!({ "errors": [cut.error()] }))
}

pub fn answered(media: Media, response: &Response) -> HttpResponse {
    let outcome = outcome(response);
    http(status(outcome, media), media, outcome, response)
}

/// What became of a request that was answered.
pub fn outcome(response: &Response) -> Outcome {
    let whole = response.data.as_ref().is_some_and(|data| *data != Value::Null);
    let has = |code: &str| response.errors.iter().any(|error| code_of(error) == Some(code));
    match response.errors.is_empty() {
        true => Outcome::Ok,
        false if !response.executed => Outcome::Refused,
        false if whole => Outcome::Partial,
        false if has("UNAVAILABLE") => Outcome::Unavailable,
        false if has("INTERNAL") => Outcome::Internal,
        false => Outcome::Failed,
    }
}

fn status(outcome: Outcome, media: Media) -> StatusCode {
    match (outcome, media) {
        (_, Media::Json) => StatusCode::OK,
        (Outcome::Refused, _) => StatusCode::BAD_REQUEST,
        (Outcome::Unavailable, _) => StatusCode::SERVICE_UNAVAILABLE,
        (Outcome::Internal, _) => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::OK,
    }
}

fn code_of(error: &ServerError) -> Option<&str> {
    match error.extensions.as_ref()?.get("code")? {
        Value::String(code) => Some(code),
        _ => None,
    }
}

fn http(status: StatusCode, media: Media, outcome: Outcome, body: &impl serde::Serialize) -> HttpResponse {
    let bytes = serde_json::to_vec(body).unwrap_or_else(|error| {
        tracing::error!(%error, "an answer could not be written as JSON");
        br#"{"errors":[{"message":"the answer could not be written","extensions":{"code":"INTERNAL"}}]}"#.to_vec()
    });
    let mut response = HttpResponse::new(Body::from(bytes));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media.content_type()));
    // The same URL answers in two media types.
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept"));
    response.extensions_mut().insert(outcome);
    response
}
