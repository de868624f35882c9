//! A client of the service's WebSocket, which speaks `graphql-transport-ws`.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tungstenite::client::IntoClientRequest;
use tungstenite::handshake::client::Request;
use tungstenite::http::HeaderValue;
use tungstenite::{HandshakeError, Message, WebSocket};

use crate::service::Service;

/// Far above what anything takes, so that a test that waits in vain ends.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Socket(WebSocket<TcpStream>);

impl Socket {
    /// A socket that was greeted.
    pub fn open(service: &Service) -> Socket {
        let mut socket = Socket::connect(service, &[]).unwrap_or_else(|status| panic!("the socket was refused with {status}"));
        socket.say(&json!({ "type": "connection_init" }));
        assert_eq!(socket.message()["type"], "connection_ack");
        socket
    }

    /// A socket on which nothing was said yet, with headers in the place of the usual ones; or the status it was refused with.
    pub fn connect(service: &Service, headers: &[(&'static str, &str)]) -> Result<Socket, u16> {
        let address = service.url.trim_start_matches("http://");
        let stream = TcpStream::connect(address).expect("the service listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time limit");
        match tungstenite::client(request(address, headers), stream) {
            Ok((socket, _)) => Ok(Socket(socket)),
            Err(HandshakeError::Failure(tungstenite::Error::Http(response))) => Err(response.status().as_u16()),
            Err(error) => panic!("no handshake: {error}"),
        }
    }

    pub fn say(&mut self, message: &Value) {
        self.say_text(&message.to_string());
    }

    pub fn say_text(&mut self, text: &str) {
        self.0.send(Message::text(text)).expect("the service reads");
    }

    pub fn subscribe(&mut self, id: &str, operation: &str) {
        self.say(&json!({ "type": "subscribe", "id": id, "payload": { "query": operation } }));
    }

    /// The next message.
    pub fn message(&mut self) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.0.read() {
                Ok(Message::Text(text)) => return serde_json::from_str(&text).expect("a message in JSON"),
                // The service asks every now and then whether anyone is there.
                Ok(Message::Ping(_) | Message::Pong(_)) if Instant::now() < deadline => {}
                other => panic!("no message: {other:?}"),
            }
        }
    }

    /// The next answer to an operation, which must be the next that is said at all.
    pub fn answer(&mut self, id: &str) -> Value {
        let mut message = self.message();
        assert_eq!((message["type"].as_str(), message["id"].as_str()), (Some("next"), Some(id)), "{message:#}");
        message["payload"].take()
    }

    /// The data of the next answer, which must have no errors.
    pub fn data(&mut self, id: &str) -> Value {
        let mut answer = self.answer(id);
        assert!(answer.get("errors").is_none(), "{answer:#}");
        answer["data"].take()
    }

    /// The code that the service closes the socket with.
    pub fn closed(mut self) -> u16 {
        loop {
            match self.0.read() {
                Ok(Message::Close(Some(frame))) => return frame.code.into(),
                Ok(Message::Close(None)) => panic!("closed without a code"),
                Ok(_) => {}
                Err(error) => panic!("not closed: {error}"),
            }
        }
    }
}

fn request(address: &str, headers: &[(&'static str, &str)]) -> Request {
    let mut request = format!("ws://{address}/graphql").into_client_request().expect("an address");
    let usual = [("sec-websocket-protocol", "graphql-transport-ws")];
    for (name, value) in usual.iter().chain(headers) {
        match *value {
            "" => drop(request.headers_mut().remove(*name)),
            value => drop(request.headers_mut().insert(*name, HeaderValue::from_str(value).expect("a header"))),
        }
    }
    request
}
