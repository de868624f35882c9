//! From cells to scores: plans the least set of questions, asks the store, has packs evaluate columns, scores scorecards.
//!
//! The only crate that knows what a score means. It does no I/O of its own (the store does) and reads no clock (the host owns
//! the evaluation context).

/// An exact decimal as it is written, in tests.
#[cfg(test)]
macro_rules! dec {
    ($number:expr) => {
        stringify!($number).replace(' ', "").parse::<rust_decimal::Decimal>().unwrap()
    };
}

mod calendar;
mod cell;
mod engine;
mod error;
mod evaluate;
mod explain;
mod outcome;
mod parameter;
mod period;
mod plan;
mod rank;
mod scorecard;
mod scoring;
mod target;

pub use calendar::{Calendar, Context};
pub use cell::{Cell, Subject};
pub use engine::Engine;
pub use error::Error;
pub use explain::{InputExplanation, words};
pub use outcome::{Cause, Evaluation, InputValue, Outcome};
pub use parameter::{ParameterFault, Parameters};
pub use period::{FORMS as PERIOD_FORMS, Grain, Period, PeriodError};
pub use rank::{Ranking, Ranks, rank};
pub use scorecard::{
    AllAnswers, Grade, Leaf, Method, Missing, Node, NodeResult, SCALE as SCORE_SCALE, ScoreOutcome, ScoreRequest, Scorecard,
    ScorecardFault, ScorecardFaultCode, ScorecardResult, Sensitivity, Total, WeightChange, WhatIf,
};
pub use scoring::{Against, Band, CAP as TARGET_CAP, NoScore, Point, Scoring};
pub use target::{AT_RISK, Basis, ON_TRACK, attainment, standing, status};
