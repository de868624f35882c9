//! What computes the metrics of a pack. The registry and everything above it know this trait only, so that a kind of pack is one
//! more implementation and nothing else.

use std::fmt::Debug;

use manifest::{Metric, NumberType, Parameter};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::Column;
use crate::outcome::Fault;

/// One metric over whole columns, one for each of its inputs and of so many rows, with a value for each of its parameters.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Batch<'a> {
    /// Its place in the manifest.
    pub metric: u32,
    /// What the manifest says of it.
    pub declared: &'a Metric,
    pub inputs: &'a [Column],
    pub parameters: &'a [Argument],
    pub rows: usize,
}

/// The value of a parameter, as the parameter was declared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Argument {
    Integer(i64),
    Decimal(Decimal),
    /// Crosses the border as the nearest double.
    Float(Decimal),
}

impl Argument {
    /// A value that was checked to be one of the parameter's.
    pub fn of(parameter: &Parameter, value: Decimal) -> Argument {
        match (parameter.number, value.to_i64()) {
            (NumberType::Integer, Some(whole)) => Argument::Integer(whole),
            (NumberType::Float, _) => Argument::Float(value),
            _ => Argument::Decimal(value),
        }
    }

    pub fn value(self) -> Decimal {
        match self {
            Argument::Integer(whole) => whole.into(),
            Argument::Decimal(value) | Argument::Float(value) => value,
        }
    }
}

/// Where a pack's metrics are computed, which is what it can do to the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// Native code inside the service: for packs that the operator trusts.
    InProcess,
    /// Formulas that the service itself evaluates: no code of anybody's runs.
    Declarative,
    /// Native code in a child process of its own, without rights: for all other packs.
    Worker,
}

impl Tier {
    pub fn name(self) -> &'static str {
        match self {
            Tier::InProcess => "in_process",
            Tier::Declarative => "declarative",
            Tier::Worker => "worker",
        }
    }
}

pub(crate) trait Runtime: Debug + Send + Sync {
    fn tier(&self) -> Tier;

    /// Protections of this tier that the system does not have.
    fn missing(&self) -> &[String] {
        &[]
    }

    /// All values, or the fault for which all are discarded.
    fn evaluate(&self, batch: &Batch<'_>) -> Result<Vec<Option<Decimal>>, Fault>;
}
