//! The routes, and what every request goes through on its way to them.

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderValue, Method, header};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use graphql::Live;
use registry::Registry;
use store::Store;
use tower_http::cors::CorsLayer;

use crate::meter::{Meter, Reading};
use crate::socket::{self, Sockets};
use crate::{health, page, trace};

/// What the routes need of the service.
#[derive(Clone)]
pub struct Parts {
    pub sockets: Sockets,
    pub store: Store,
    pub registry: Registry,
    pub live: Live,
    pub meter: Meter,
}

pub fn router(parts: Parts, origins: &[HeaderValue]) -> Router {
    let graphql = Router::new().route("/graphql", any(socket::handle)).with_state(parts.sockets.clone());
    let graphql = if origins.is_empty() { graphql } else { graphql.layer(cors(origins)) };
    Router::new()
        .merge(graphql)
        .merge(page::routes())
        .route("/schema.graphql", get(schema).with_state(parts.live.clone()))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready).with_state((parts.store.clone(), parts.registry.clone())))
        .route("/metrics", get(metrics).with_state(parts.clone()))
        .layer(middleware::from_fn_with_state(parts.meter, trace::request))
}

fn cors(origins: &[HeaderValue]) -> CorsLayer {
    CorsLayer::new()
        .allow_origin(origins.to_vec())
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([header::ACCEPT, header::CONTENT_TYPE, trace::REQUEST_ID])
        .expose_headers([trace::REQUEST_ID])
}

async fn schema(State(live): State<Live>) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], live.schema().sdl().to_owned()).into_response()
}

async fn metrics(State(parts): State<Parts>) -> Response {
    let packs = parts.registry.snapshot();
    parts.meter.show(&Reading {
        statements: parts.store.statements(),
        packs_loaded: packs.packs().len(),
        packs_refused: packs.refusals().len(),
        schema_stale: parts.live.schema().is_stale(),
        schema_builds: parts.live.builds(),
        packs: packs.standings(),
    })
}
