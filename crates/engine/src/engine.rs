//! The engine: a store and a registry, and the requests that bring facts and metrics together.

use rust_decimal::Decimal;
use registry::{Registry, Snapshot};
use store::Store;
use store::question::RecordRef;

use crate::{Cell, Context, Error, Evaluation, InputExplanation, ScoreRequest, ScorecardResult};

/// Cloning it is cheap and shares the store and the packs.
#[derive(Clone)]
pub struct Engine {
    store: Store,
    registry: Registry,
}

impl Engine {
    pub fn new(store: Store, registry: Registry) -> Engine {
        Engine { store, registry }
    }

    pub fn store(&self) -> &Store {
        &self.store
    }

    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// The evaluation context of the organisation in the store.
    pub async fn context(&self, _as_of: chrono::DateTime<chrono::Utc>) -> Result<Context, Error> {
        Err(Error::NoOrganisation)
    }

    /// One evaluation for each cell, in the order of the cells, with the least number of statements.
    pub async fn evaluate(&self, _context: &Context, _packs: &Snapshot, _cells: &[Cell]) -> Result<Vec<Evaluation>, Error> {
        Err(Error::NoOrganisation)
    }

    /// The target kept for each cell's metric, subject and period (kind METRIC), in the order of the cells.
    pub async fn targets(&self, _context: &Context, _packs: &Snapshot, _cells: &[Cell]) -> Result<Vec<Option<Decimal>>, Error> {
        Err(Error::NoOrganisation)
    }

    /// One result for each request, in their order; all cells of all of them go through one batch.
    pub async fn score(&self, _context: &Context, _packs: &Snapshot, _requests: &[ScoreRequest]) -> Result<Vec<ScorecardResult>, Error> {
        Err(Error::NoOrganisation)
    }

    /// Every input of a cell. No statement runs.
    pub fn explain(&self, _context: &Context, _packs: &Snapshot, _cell: &Cell) -> Result<Vec<InputExplanation>, Error> {
        Err(Error::NoOrganisation)
    }

    /// The records behind an input, in the order of their ids.
    pub async fn records(&self, _input: &InputExplanation, _after: Option<i64>, _limit: i64) -> Result<Vec<RecordRef>, Error> {
        Err(Error::NoOrganisation)
    }
}
