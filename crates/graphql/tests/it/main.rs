//! The schema as a whole: what it says of itself, what it answers, what it refuses, and what that costs.

mod aggregate;
mod cost;
mod document;
mod entity;
mod figure;
mod record;
mod refusal;
mod scorecard;
mod support;
mod weight;
