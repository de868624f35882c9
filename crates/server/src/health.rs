//! What an orchestrator asks: `live`, whether the process answers; `ready`, whether it can serve: its database is there and has
//! every table. One that had better be started anew serves all the same, and says so.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use registry::Registry;
use serde_json::{Value, json};
use store::Store;

pub async fn live() -> Json<Value> {
    Json(json!({ "status": "live" }))
}

pub async fn ready(State((store, registry)): State<(Store, Registry)>) -> (StatusCode, Json<Value>) {
    match store.ready().await {
        Ok(()) => (StatusCode::OK, Json(standing(registry.restart_wanted().is_some()))),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "status": "not ready", "reason": reason(&error) })))
        }
    }
}

fn standing(restart_wanted: bool) -> Value {
    match restart_wanted {
        false => json!({ "status": "ready" }),
        true => json!({ "status": "ready", "restart_wanted": true }),
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::standing;

    #[test]
    fn a_service_that_had_better_be_started_anew_is_ready_and_says_so() {
        assert_eq!(standing(false), json!({ "status": "ready" }));
        assert_eq!(standing(true), json!({ "status": "ready", "restart_wanted": true }));
    }
}
