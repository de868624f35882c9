//! What evaluating a cell gives: a value, or a typed reason why there is none.

use std::sync::Arc;

use rust_decimal::Decimal;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    Value,
    NoData,
    ZeroDenominator,
    NotApplicable,
    Denied,
    Fault,
}

/// Why there is no value, more finely than the outcome says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// No fact to take the value from.
    NoRecords,
    ZeroDenominator,
    /// Nothing in the period compared with.
    NoBaseline,
    /// Growth from a negative value says nothing; the absolute change does.
    NegativeBase,
    /// A root, a logarithm or a power that there is none of.
    Undefined,
    NoTarget,
    ZeroTarget,
    /// Fewer records than the metric asks for.
    Suppressed,
    /// Fewer records than a metric that is shown over groups only may be shown for.
    SmallGroup,
    /// Targets or figures that overlap in part, so that their sum would count days twice.
    OverlappingSpans,
    /// The facts have no way to this kind of subject, or the metric is not meant for it.
    NotApplicable,
    UnknownMetric,
    /// Metrics that need each other.
    Cycle,
    /// A parameter that the metric does not have, or not with this value.
    BadParameter,
    /// A number beyond 28 digits.
    Overflow,
    /// The pack failed.
    Fault,
}

impl Cause {
    pub fn outcome(self) -> Outcome {
        match self {
            Cause::NoRecords
            | Cause::NoBaseline
            | Cause::NegativeBase
            | Cause::Undefined
            | Cause::NoTarget
            | Cause::Suppressed
            | Cause::OverlappingSpans => Outcome::NoData,
            Cause::SmallGroup => Outcome::Denied,
            Cause::ZeroDenominator | Cause::ZeroTarget => Outcome::ZeroDenominator,
            Cause::NotApplicable => Outcome::NotApplicable,
            Cause::UnknownMetric | Cause::Cycle | Cause::BadParameter | Cause::Overflow | Cause::Fault => Outcome::Fault,
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    pub outcome: Outcome,
    pub cause: Option<Cause>,
    pub value: Option<Decimal>,
    /// In words, where there is no value.
    pub reason: Option<String>,
    /// In the order of the metric's inputs; empty where none was read, and where the value is denied.
    pub inputs: Vec<InputValue>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct InputValue {
    pub name: Arc<str>,
    pub value: Option<Decimal>,
}

impl Evaluation {
    pub(crate) fn of(value: Decimal, inputs: Vec<InputValue>) -> Evaluation {
        Evaluation { outcome: Outcome::Value, cause: None, value: Some(value), reason: None, inputs }
    }

    pub(crate) fn without(cause: Cause, reason: String, inputs: Vec<InputValue>) -> Evaluation {
        Evaluation { outcome: cause.outcome(), cause: Some(cause), value: None, reason: Some(reason), inputs }
    }
}
