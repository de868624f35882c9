//! What an orchestrator asks: `live`, whether the process answers; `ready`, whether it can serve: its database is there and has
//! every table.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};
use store::Store;

pub async fn live() -> Json<Value> {
    Json(json!({ "status": "live" }))
}

pub async fn ready(State(store): State<Store>) -> (StatusCode, Json<Value>) {
    match store.ready().await {
        Ok(()) => (StatusCode::OK, Json(json!({ "status": "ready" }))),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "status": "not ready", "reason": reason(&error) })))
        }
    }
}

/// The log has the details; who may ask here is not known.
fn reason(error: &store::Error) -> &'static str {
    match error {
        store::Error::NotMigrated { .. } => "the database lacks migrations; run `counterpoise migrate`",
        store::Error::Newer { .. } => "the database was migrated by a newer version of the service",
        _ => "the database cannot be reached",
    }
}
