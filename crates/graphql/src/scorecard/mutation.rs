//! Changes of scorecards. What is wrong with one is told in the payload, with the place and what to do; nothing is half done.

use async_graphql::{Context, Enum, Object, SimpleObject};
use engine::{Scorecard, ScorecardFault, ScorecardFaultCode};
use store::scorecard::{ScorecardError, ScorecardRecord};

use super::definition::{Definition, ScorecardInput};
use crate::error::Fail;
use crate::request::Requested;

/// Changes of scorecards.
pub struct ScorecardMutation;

/// What became of a change.
#[derive(SimpleObject)]
pub struct ScorecardPayload {
    /// The scorecard as it is now kept; null where the change was refused.
    scorecard: Option<Definition>,
    /// Why the change was refused; empty where it was made.
    errors: Vec<UserError>,
}

/// What became of a deletion.
#[derive(SimpleObject)]
pub struct DeleteScorecardPayload {
    /// Key of the scorecard that is gone; null where the deletion was refused.
    deleted_key: Option<String>,
    /// Why the deletion was refused; empty where it was made.
    errors: Vec<UserError>,
}

/// One thing that is wrong with an input.
#[derive(SimpleObject)]
pub struct UserError {
    /// For programs.
    code: UserErrorCode,
    /// Where, from the arguments down: `["input", "nodes", "0", "scoring", "minmax"]`.
    path: Vec<String>,
    /// For people: what is wrong and what to do about it.
    message: String,
}

/// Names the faults of a scorecard once, with those that only keeping it can find.
macro_rules! codes {
    ($($(#[doc = $about:literal])+ $fault:ident = $name:literal),* $(,)?) => {
        /// What is wrong with an input.
        #[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
        pub enum UserErrorCode {
            $($(#[doc = $about])+ #[graphql(name = $name)] $fault,)*
            /// There is a scorecard with the key already.
            Exists,
            /// There is no scorecard with the key.
            NotFound,
            /// Someone changed the scorecard meanwhile.
            Changed,
            /// The node cannot be kept.
            BadNode,
            /// The weights cannot be kept.
            BadWeights,
        }

        impl From<ScorecardFaultCode> for UserErrorCode {
            fn from(code: ScorecardFaultCode) -> UserErrorCode {
                match code {
                    $(ScorecardFaultCode::$fault => UserErrorCode::$fault,)*
                }
            }
        }
    };
}

codes! {
    /// It has no nodes.
    Empty = "EMPTY",
    /// A key is not made of small letters, digits, `-` and `_`.
    BadKey = "BAD_KEY",
    /// Two nodes have the same key.
    DuplicateKey = "DUPLICATE_KEY",
    /// There is no node with the key of the parent.
    UnknownParent = "UNKNOWN_PARENT",
    /// A node is below itself.
    Cycle = "CYCLE",
    /// No loaded pack has the metric.
    UnknownMetric = "UNKNOWN_METRIC",
    /// The metric cannot be asked of this kind of subject.
    NotApplicable = "NOT_APPLICABLE",
    /// A node scores a metric and holds others.
    LeafWithChildren = "LEAF_WITH_CHILDREN",
    /// A node neither scores a metric nor holds others.
    NeitherLeafNorParent = "NEITHER_LEAF_NOR_PARENT",
    /// A weight is negative.
    NegativeWeight = "NEGATIVE_WEIGHT",
    /// A weight is too large or too fine to be reckoned with exactly.
    BadWeight = "BAD_WEIGHT",
    /// All siblings weigh nothing.
    ZeroWeights = "ALL_WEIGHTS_ZERO",
    /// The scoring needs to know whether higher or lower is better, and the metric does not say.
    NoDirection = "NO_DIRECTION",
    /// The worst value is also the best.
    WorstIsBest = "WORST_EQUALS_BEST",
    /// A range is upside down, or its tolerance is not positive.
    BadRange = "BAD_RANGE",
    /// Points or bands are not in ascending order.
    NotAscending = "POINTS_NOT_ASCENDING",
    /// The cap is not positive.
    BadCap = "BAD_CAP",
    /// The scoring cannot be used.
    BadScoring = "BAD_SCORING",
    /// The minimum coverage is not between 0 and 1.
    BadCoverage = "BAD_COVERAGE",
    /// `carryPeriods` is given without CARRY_FORWARD, or not given with it.
    BadCarryPeriods = "BAD_CARRY_PERIODS",
    /// Grades are not usable.
    BadGrades = "BAD_GRADES",
    /// There is no such node.
    UnknownNode = "UNKNOWN_NODE",
    /// An assumption is made of a node that has no use for it.
    AssumptionUnused = "ASSUMPTION_UNUSED",
}

/// Everything that can be changed.
#[Object(name = "Mutation")]
impl ScorecardMutation {
    /// Creates a scorecard. Its weights hold from the beginning.
    async fn create_scorecard(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The scorecard.")] input: ScorecardInput,
    ) -> Result<ScorecardPayload, Fail> {
        let requested = Requested::of(ctx);
        let record = input.record(1, None)?;
        if let Some(refused) = refused(requested, &record) {
            return Ok(refused);
        }
        match requested.engine.store().create_scorecard(&record).await {
            Ok(()) => Ok(made(record)),
            Err(error) => Ok(ScorecardPayload { scorecard: None, errors: vec![kept(error)?] }),
        }
    }

    /// Puts a scorecard in the place of the one with the same key. Fails as CHANGED if that one is no longer at `version`. Its weights
    /// take the place of those that hold from the beginning.
    async fn update_scorecard(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The scorecard as it shall be.")] input: ScorecardInput,
        #[graphql(desc = "The version that is replaced.")] version: u32,
    ) -> Result<ScorecardPayload, Fail> {
        let requested = Requested::of(ctx);
        let record = input.record(version, None)?;
        if let Some(refused) = refused(requested, &record) {
            return Ok(refused);
        }
        match requested.engine.store().replace_scorecard(&record).await {
            Ok(version) => Ok(made(ScorecardRecord { version, ..record })),
            Err(error) => Ok(ScorecardPayload { scorecard: None, errors: vec![kept(error)?] }),
        }
    }

    /// Deletes a scorecard with all its weights.
    async fn delete_scorecard(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Key of the scorecard.")] key: String,
    ) -> Result<DeleteScorecardPayload, Fail> {
        match Requested::of(ctx).engine.store().delete_scorecard(&key).await {
            Ok(()) => Ok(DeleteScorecardPayload { deleted_key: Some(key), errors: Vec::new() }),
            Err(error) => Ok(DeleteScorecardPayload { deleted_key: None, errors: vec![kept(error)?] }),
        }
    }
}

fn made(record: ScorecardRecord) -> ScorecardPayload {
    ScorecardPayload { scorecard: Some(Definition(record)), errors: Vec::new() }
}

/// What is wrong with a scorecard before it is kept, if anything.
fn refused(requested: &Requested, record: &ScorecardRecord) -> Option<ScorecardPayload> {
    let faults = Scorecard::read_with(record, &requested.packs).err()?;
    Some(ScorecardPayload { scorecard: None, errors: faults.into_iter().map(fault).collect() })
}

fn fault(fault: ScorecardFault) -> UserError {
    let path = ["input".to_owned()].into_iter().chain(fault.path).collect();
    UserError { code: fault.code.into(), path, message: fault.message }
}

/// What keeping it has found; a failing store is an error of the request.
fn kept(error: ScorecardError) -> Result<UserError, Fail> {
    let message = error.to_string();
    let (code, place) = match error {
        ScorecardError::Exists { .. } => (UserErrorCode::Exists, "key"),
        ScorecardError::Unknown { .. } => (UserErrorCode::NotFound, "key"),
        ScorecardError::Changed { .. } => (UserErrorCode::Changed, "version"),
        ScorecardError::Node { .. } => (UserErrorCode::BadNode, "nodes"),
        ScorecardError::Weights { .. } => (UserErrorCode::BadWeights, "nodes"),
        ScorecardError::Store(error) => return Err(error.into()),
    };
    let path = if code == UserErrorCode::Changed { vec![place.into()] } else { vec!["input".into(), place.into()] };
    Ok(UserError { code, path, message })
}
