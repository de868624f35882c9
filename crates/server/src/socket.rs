//! `/graphql` as a WebSocket, by the protocol `graphql-transport-ws`: queries and mutations as over HTTP, and subscriptions.
//!
//! Decides who may open one (a browser only from our own pages or an origin that is allowed, since it sends what the user may do with
//! every socket), how many operations one socket and all sockets may have open, and how long a silent or slow client is waited for. All operations
//! of a socket run in the task of the socket and only while it takes answers: a slow client holds no more than the answer that is on
//! its way to it, and then gets the newest.

mod conversation;
mod message;
mod operation;

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::ws::{WebSocket, WebSocketUpgrade, rejection::WebSocketUpgradeRejection};
use axum::extract::{Extension, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::response::Response as HttpResponse;
use graphql::Live;
use tokio::sync::{Semaphore, watch};
use tracing::Instrument;

use self::conversation::Conversation;
use crate::endpoint::{self, Endpoint, answer};
use crate::meter::Meter;
use crate::trace::RequestId;

pub const PROTOCOL: &str = "graphql-transport-ws";

/// What sockets need of the service.
#[derive(Clone)]
pub struct Sockets {
    pub endpoint: Endpoint,
    pub live: Live,
    pub meter: Meter,
    /// Whose pages may open one, beside our own.
    pub origins: Arc<[HeaderValue]>,
    /// Operations that one socket may have open.
    pub operations_each: usize,
    /// One for each subscription that may be open, and how many there are.
    pub subscriptions: Arc<Semaphore>,
    pub subscriptions_all: usize,
    pub patience: Patience,
    /// That the service was told to stop.
    pub stop: watch::Receiver<bool>,
    /// How many sockets are open.
    pub open: watch::Sender<usize>,
}

/// How long a client is waited for.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For its first words.
    pub greeting: Duration,
    /// Until it is asked whether it is still there; twice that without a sign of life ends the socket.
    pub silence: Duration,
    /// To take an answer.
    pub taking: Duration,
}

impl Default for Patience {
    fn default() -> Patience {
        let [greeting, silence, taking] = [10, 20, 30].map(Duration::from_secs);
        Patience { greeting, silence, taking }
    }
}

/// Everything at `/graphql`: a request to open a socket, or one over HTTP.
pub async fn handle(
    State(sockets): State<Sockets>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
    Extension(id): Extension<RequestId>,
    method: Method,
    headers: HeaderMap,
    query: RawQuery,
    body: Body,
) -> HttpResponse {
    match upgrade {
        Ok(upgrade) => sockets.open(upgrade, id, &headers),
        Err(_) => endpoint::handle(State(sockets.endpoint), method, headers, query, body).await,
    }
}

impl Sockets {
    fn open(self, upgrade: WebSocketUpgrade, id: RequestId, headers: &HeaderMap) -> HttpResponse {
        if let Some(origin) = foreign_origin(headers, &self.origins) {
            return answer::refused_in_json(answer::foreign_origin(origin));
        }
        let upgrade = upgrade.protocols([PROTOCOL]);
        if upgrade.selected_protocol().is_none() {
            return answer::refused_in_json(answer::unknown_protocol(PROTOCOL));
        }
        let span = tracing::Span::current();
        let size = self.endpoint.max_body_bytes;
        upgrade.max_message_size(size).max_frame_size(size).on_upgrade(move |socket| self.hold(socket, id).instrument(span))
    }

    async fn hold(self, socket: WebSocket, id: RequestId) {
        let _counted = Counted::of(&self.open);
        let _shown = self.meter.socket();
        Conversation::new(self, socket, id).hold().await;
    }

    /// Waits until no socket is open any more.
    pub async fn all_closed(open: watch::Sender<usize>) {
        // The sender is right here, so that waiting for it cannot fail.
        let _ = open.subscribe().wait_for(|count| *count == 0).await;
    }
}

/// Counts one as long as it is there.
struct Counted(watch::Sender<usize>);

impl Counted {
    fn of(count: &watch::Sender<usize>) -> Counted {
        count.send_modify(|count| *count += 1);
        Counted(count.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

/// The origin of a page that may not open a socket. Programs name none; a browser always does, and cannot be made to lie by a page.
fn foreign_origin<'a>(headers: &'a HeaderMap, allowed: &[HeaderValue]) -> Option<&'a str> {
    let origin = headers.get(header::ORIGIN)?;
    let text = origin.to_str().unwrap_or("a page without a readable origin");
    // Behind a proxy the scheme is not ours to know; host and port are.
    let own = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let ours = text.split_once("://").is_some_and(|(_, authority)| Some(authority) == own);
    (!ours && !allowed.contains(origin)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(origin: Option<&str>, host: &str, allowed: &[&'static str]) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().unwrap());
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, origin.parse().unwrap());
        }
        let allowed: Vec<_> = allowed.iter().copied().map(HeaderValue::from_static).collect();
        foreign_origin(&headers, &allowed).is_some()
    }

    #[test]
    fn only_our_own_pages_and_those_of_allowed_origins_open_a_socket() {
        assert!(!refused(None, "crm.test", &[]));
        assert!(!refused(Some("https://crm.test"), "crm.test", &[]));
        assert!(!refused(Some("http://127.0.0.1:8080"), "127.0.0.1:8080", &[]));
        assert!(!refused(Some("https://other.test"), "crm.test", &["https://other.test"]));
        for foreign in ["https://evil.test", "http://127.0.0.1:8081", "null", "https://crm.test.evil.test", "http://other.test"] {
            assert!(refused(Some(foreign), "crm.test", &["https://other.test"]), "{foreign}");
        }
    }
}
