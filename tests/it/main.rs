//! The service end to end: the built binary, real databases, HTTP.

mod bad_input;
mod command;
mod house;
mod http;
mod operation;
mod outage;
mod scorecard;
mod socket;
mod statement;
mod tutorial;
