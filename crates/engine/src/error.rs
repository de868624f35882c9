//! What can go wrong with a whole request. A metric that fails is an outcome of its own cells, not one of these.

use thiserror::Error as Derive;

use crate::{PeriodError, ScorecardFault};

#[derive(Debug, Derive)]
pub enum Error {
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error(transparent)]
    Period(#[from] PeriodError),
    #[error("no organisation is set up; import one, or run `counterpoise demo`")]
    NoOrganisation,
    #[error("the organisation's {what} `{value}` is not usable")]
    Organisation { what: &'static str, value: String },
    #[error("scorecard `{scorecard}` is for subjects of kind {expected}, not {actual}")]
    WrongSubject { scorecard: String, expected: &'static str, actual: &'static str },
    #[error("the assumptions do not fit scorecard `{scorecard}`: {fault}")]
    WhatIf { scorecard: String, fault: ScorecardFault },
}
