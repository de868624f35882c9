//! From cells to scores: plans the least set of questions, asks the store, has packs evaluate columns, scores scorecards.
//!
//! The only crate that knows what a score means. It does no I/O of its own (the store does) and reads no clock (the host owns
//! the evaluation context).

mod calendar;
mod cell;
mod engine;
mod error;
mod evaluate;
mod explain;
mod outcome;
mod period;
mod plan;
mod scorecard;
mod scoring;

pub use calendar::{Calendar, Context};
pub use cell::{Cell, Subject};
pub use engine::Engine;
pub use error::Error;
pub use explain::{InputExplanation, words};
pub use outcome::{Cause, Evaluation, InputValue, Outcome};
pub use period::{FORMS as PERIOD_FORMS, Grain, Period, PeriodError};
pub use scorecard::{
    Grade, Leaf, Missing, Node, NodeResult, SCALE as SCORE_SCALE, ScoreOutcome, ScoreRequest, Scorecard, ScorecardFault, ScorecardFaultCode,
    ScorecardResult, WhatIf,
};
pub use scoring::{Against, Band, CAP as TARGET_CAP, NoScore, Point, Scoring};
