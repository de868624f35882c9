//! Facts and scorecards in SQLite or PostgreSQL: the only crate that knows SQL.

pub mod question;
pub mod scorecard;
