//! A generated company for demonstrations, tests and benchmarks: same scale and seed, same bytes, on any machine and
//! into either database.
//!
//! It has three years of seasons, growth, good and bad performers, a sales team and a service team that get worse, a
//! product that is phased out and others that come to market, a campaign that flops and one that does not, service that
//! suffers at peaks, customers who leave, and values that are unknown, as in real data. All of it is made up, names included.
//!
//! It refuses floats, clocks and the environment: the last day is part of the scale, and everything else follows from it and the seed.

mod activity;
mod base;
mod campaign;
mod catalogue;
mod company;
mod customer;
mod deal;
mod dice;
mod fact;
mod figure;
pub mod file;
mod fill;
mod lead;
mod name;
mod order;
mod roster;
mod row;
mod scale;
mod scorecard;
mod stream;
mod ticket;
mod timeline;

pub use company::{Company, Seed};
pub use fill::{Error, Summary, fill, organisation};
pub use scale::{Scale, ScaleError};
pub use scorecard::scorecards;
pub use stream::Batches;
