//! The service end to end: the built binary, real databases, HTTP.

mod bad_input;
mod bad_packs;
mod command;
mod filter;
mod house;
mod http;
mod meaning;
mod operation;
mod outage;
mod pack;
mod parameter;
mod scorecard;
mod socket;
mod statement;
mod tutorial;
