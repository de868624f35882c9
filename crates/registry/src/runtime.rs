//! What computes the metrics of a pack. The registry and everything above it know this trait only, so that a kind of pack is one
//! more implementation and nothing else.

use std::fmt::Debug;

use rust_decimal::Decimal;

use crate::Column;
use crate::outcome::Fault;

/// One metric over whole columns, one for each of its inputs and of so many rows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Batch<'a> {
    pub metric: u32,
    pub inputs: &'a [Column],
    pub rows: usize,
}

/// Where a pack's metrics are computed, which is what it can do to the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// Native code inside the service: for packs that the operator trusts.
    InProcess,
}

pub(crate) trait Runtime: Debug + Send + Sync {
    fn tier(&self) -> Tier;

    /// All values, or the fault for which all are discarded.
    fn evaluate(&self, batch: &Batch<'_>) -> Result<Vec<Option<Decimal>>, Fault>;
}
