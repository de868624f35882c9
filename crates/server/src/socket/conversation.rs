//! One socket from its greeting to its end: what the client says, and the answers of its operations, in the order in which they are
//! ready and no faster than it takes them.

use std::collections::HashMap;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use futures_util::StreamExt;
use futures_util::stream::{AbortHandle, Abortable, SelectAll};
use serde::Serialize;
use serde_json::json;
use tokio::sync::watch;
use tokio::time::{interval, sleep_until, timeout};

use super::Sockets;
use super::message::{Close, Heard, Said, read};
use super::operation::{Operation, Told};
use crate::endpoint::answer;
use crate::trace::RequestId;

/// How long a client is given to say farewell, so that it has read ours.
const FAREWELL: Duration = Duration::from_secs(1);
/// Signs of life that may be missing one after the other.
const MISSES: u32 = 2;
const LONGEST_ID: usize = 128;

pub struct Conversation {
    sockets: Sockets,
    socket: WebSocket,
    id: RequestId,
    operations: SelectAll<Abortable<Operation>>,
    open: HashMap<String, AbortHandle>,
    greeted: bool,
}

/// How a conversation ends.
enum End {
    /// The client left, or cannot be reached.
    Gone,
    Closed(Close, String),
}

impl Conversation {
    pub fn new(sockets: Sockets, socket: WebSocket, id: RequestId) -> Conversation {
        Conversation { sockets, socket, id, operations: SelectAll::new(), open: HashMap::new(), greeted: false }
    }

    /// Goes on until the client leaves, breaks the protocol or falls silent, or the service stops.
    pub async fn hold(mut self) {
        let Err(end) = self.talk().await;
        // Operations end before the farewell, so that their turns and places are free.
        self.operations.clear();
        if let End::Closed(close, reason) = end {
            tracing::debug!(code = close.code(), reason, "socket closed");
            self.close(close, reason).await;
        }
    }

    async fn talk(&mut self) -> Result<std::convert::Infallible, End> {
        let mut stop = self.sockets.stop.clone();
        let greet_by = tokio::time::Instant::now() + self.sockets.patience.greeting;
        let mut beats = interval(self.sockets.patience.silence);
        beats.reset();
        let mut misses = 0;
        loop {
            tokio::select! {
                () = told(&mut stop) => return Err(End::Closed(Close::GoingAway, "the service stops".into())),
                message = self.socket.recv() => {
                    misses = 0;
                    self.hear(message).await?;
                }
                Some(told) = self.operations.next(), if !self.operations.is_empty() => self.tell(told).await?,
                _ = beats.tick() => {
                    misses += 1;
                    if misses > MISSES {
                        return Err(End::Gone);
                    }
                    self.send(Message::Ping(Default::default())).await?;
                }
                () = sleep_until(greet_by), if !self.greeted => {
                    return Err(End::Closed(Close::NoGreeting, "no connection_init came in time".into()));
                }
            }
        }
    }

    async fn hear(&mut self, message: Option<Result<Message, axum::Error>>) -> Result<(), End> {
        match message {
            Some(Ok(Message::Text(text))) => match read(&text) {
                Ok(heard) => self.follow(heard).await,
                Err(reason) => Err(End::Closed(Close::Bad, reason)),
            },
            Some(Ok(Message::Binary(_))) => Err(End::Closed(Close::Bad, "messages are texts".into())),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(()),
            Some(Err(error)) => Err(End::Closed(Close::Bad, format!("a message cannot be read: {error}"))),
            Some(Ok(Message::Close(_))) | None => Err(End::Gone),
        }
    }

    async fn follow(&mut self, heard: Heard) -> Result<(), End> {
        match heard {
            Heard::ConnectionInit {} if self.greeted => Err(End::Closed(Close::GreetedTwice, "Too many initialisation requests".into())),
            Heard::ConnectionInit {} => {
                self.greeted = true;
                let payload = json!({ "requestId": self.id.text() });
                self.say(&Said::ConnectionAck { payload }).await
            }
            Heard::Ping { payload } => self.say(&Said::Pong::<()> { payload }).await,
            Heard::Pong {} => Ok(()),
            Heard::Subscribe { .. } if !self.greeted => Err(End::Closed(Close::Unauthorized, "Unauthorized".into())),
            Heard::Subscribe { id, .. } if id.is_empty() || id.len() > LONGEST_ID => {
                Err(End::Closed(Close::Bad, format!("the id of an operation has 1 to {LONGEST_ID} bytes")))
            }
            Heard::Subscribe { id, .. } if self.open.contains_key(&id) => {
                Err(End::Closed(Close::DuplicateId, format!("Subscriber for {id} already exists")))
            }
            Heard::Subscribe { id, payload } => self.begin(id, (*payload).into()).await,
            Heard::Complete { id } => {
                if let Some(operation) = self.open.remove(&id) {
                    operation.abort();
                }
                Ok(())
            }
        }
    }

    async fn begin(&mut self, id: String, request: async_graphql::Request) -> Result<(), End> {
        let limit = self.sockets.operations_each;
        let operation = match self.open.len() < limit {
            true => super::operation::begin(&self.sockets, &id, request),
            false => Err(answer::too_many("this socket", limit, "complete one first")),
        };
        match operation {
            Ok(operation) => {
                let (handle, registration) = AbortHandle::new_pair();
                self.operations.push(Abortable::new(operation, registration));
                self.open.insert(id, handle);
                Ok(())
            }
            Err(refusal) => self.say(&Said::Error { id: &id, payload: [refusal.error()] }).await,
        }
    }

    async fn tell(&mut self, told: Told) -> Result<(), End> {
        if told.last {
            self.open.remove(&*told.id);
        }
        self.send(Message::Text(told.text.into())).await
    }

    async fn say<T: Serialize>(&mut self, said: &Said<'_, T>) -> Result<(), End> {
        self.send(Message::Text(written(said).into())).await
    }

    /// A client that takes nothing for too long is given up.
    async fn send(&mut self, message: Message) -> Result<(), End> {
        match timeout(self.sockets.patience.taking, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(End::Gone),
        }
    }

    async fn close(&mut self, close: Close, reason: String) {
        let frame = CloseFrame { code: close.code(), reason: fitting(reason).into() };
        if self.send(Message::Close(Some(frame))).await.is_ok() {
            let farewell = async { while let Some(Ok(_)) = self.socket.recv().await {} };
            // Whoever does not answer a farewell has had the time to read it.
            let _ = timeout(FAREWELL, farewell).await;
        }
    }
}

/// Waits until the service stops. An error is a service that is gone already.
async fn told(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

/// A message as text.
pub fn written<T: Serialize>(said: &Said<'_, T>) -> String {
    serde_json::to_string(said).unwrap_or_else(|error| {
        tracing::error!(%error, "a message could not be written as JSON");
        r#"{"type":"pong"}"#.into()
    })
}

/// The reason of a close frame has 123 bytes at most.
fn fitting(mut reason: String) -> String {
    let end = (0..=reason.len().min(123)).rev().find(|&end| reason.is_char_boundary(end)).unwrap_or_default();
    reason.truncate(end);
    reason
}
