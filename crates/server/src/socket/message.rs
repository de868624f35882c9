//! The messages of `graphql-transport-ws`, and the codes that a socket is closed with.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::endpoint::ask::Parameters;

/// What a client says.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Heard {
    ConnectionInit {},
    Ping { payload: Option<Value> },
    Pong {},
    Subscribe { id: String, payload: Box<Parameters> },
    Complete { id: String },
}

/// What the service says.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Said<'a, T> {
    ConnectionAck {
        payload: T,
    },
    Pong {
        #[serde(skip_serializing_if = "Option::is_none")]
        payload: Option<Value>,
    },
    Next {
        id: &'a str,
        payload: T,
    },
    /// The operation was refused, and ends.
    Error {
        id: &'a str,
        payload: T,
    },
    Complete {
        id: &'a str,
    },
}

/// Why a socket is closed, by the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Close {
    /// The service stops.
    GoingAway,
    Bad,
    Unauthorized,
    NoGreeting,
    DuplicateId,
    GreetedTwice,
}

impl Close {
    pub fn code(self) -> u16 {
        match self {
            Close::GoingAway => 1001,
            Close::Bad => 4400,
            Close::Unauthorized => 4401,
            Close::NoGreeting => 4408,
            Close::DuplicateId => 4409,
            Close::GreetedTwice => 4429,
        }
    }
}

/// A message that is told in words why it cannot be read.
pub fn read(text: &str) -> Result<Heard, String> {
    serde_json::from_str(text).map_err(|error| format!("no message of the protocol: {error}"))
}
