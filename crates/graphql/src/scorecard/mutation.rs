//! Changes of scorecards. What is wrong with one is told in the payload, with the place and what to do; nothing is half done.

use async_graphql::{Context, Enum, Object, SimpleObject};
use engine::{Scorecard, ScorecardFault, ScorecardFaultCode};
use rust_decimal::Decimal;
use store::scorecard::{ScorecardError, ScorecardRecord, WeightSet};

use super::definition::{Definition, ScorecardInput};
use super::weight::{DeleteWeightSetInput, DeleteWeightSetPayload, PutWeightSetPayload, WeightSetInput, faults_of_other_days};
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
    pub code: UserErrorCode,
    /// Where, from the arguments down: `["input", "nodes", "0", "scoring", "minmax"]`.
    pub path: Vec<String>,
    /// For people: what is wrong and what to do about it.
    pub message: String,
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
            /// There is no scorecard with the key, or no set of weights that begins on the day.
            NotFound,
            /// Someone changed the scorecard meanwhile.
            Changed,
            /// The node cannot be kept.
            BadNode,
            /// The weights cannot be kept.
            BadWeights,
            /// The weights that hold from the beginning cannot be deleted.
            FirstWeights,
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
    /// A title is blank, too long, or not a line of text.
    BadTitle = "BAD_TITLE",
    /// It has too many nodes.
    TooLarge = "TOO_LARGE",
    /// Two nodes have the same key, or a node is given two weights.
    DuplicateKey = "DUPLICATE_KEY",
    /// There is no node with the key of the parent.
    UnknownParent = "UNKNOWN_PARENT",
    /// A node is below itself.
    Cycle = "CYCLE",
    /// No loaded pack has the metric.
    UnknownMetric = "UNKNOWN_METRIC",
    /// The metric cannot be asked of this kind of subject.
    NotApplicable = "NOT_APPLICABLE",
    /// The metric has no such parameter, or not with this value.
    BadParameter = "BAD_PARAMETER",
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
    /// A set of weights leaves out a node.
    MissingNode = "MISSING_NODE",
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
            Ok(()) => {
                // Its only weights are those it came with.
                let set = WeightSet { method: record.method, starts_on: None, weights: weights(&record) };
                Ok(ScorecardPayload { scorecard: Some(Definition::with(record, vec![set])), errors: Vec::new() })
            }
            Err(error) => refuse(error, &["input", "key"]),
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
        update(Requested::of(ctx), input.record(version, None)?).await
    }

    /// Deletes a scorecard with all its weights.
    async fn delete_scorecard(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Key of the scorecard.")] key: String,
    ) -> Result<DeleteScorecardPayload, Fail> {
        match Requested::of(ctx).engine.store().delete_scorecard(&key).await {
            Ok(()) => Ok(DeleteScorecardPayload { deleted_key: Some(key), errors: Vec::new() }),
            Err(error) => Ok(DeleteScorecardPayload { deleted_key: None, errors: vec![kept(error, &["key"])?] }),
        }
    }

    /// Keeps the weights of a scorecard from a day on, until its next set begins, with where they come from. A result has the weights
    /// that hold on the last day of its period.
    async fn put_weight_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The set of weights.")] input: WeightSetInput,
    ) -> Result<PutWeightSetPayload, Fail> {
        input.put(Requested::of(ctx)).await
    }

    /// Deletes the set of weights that begins on a day: the one before it then holds until the next.
    async fn delete_weight_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which set.")] input: DeleteWeightSetInput,
    ) -> Result<DeleteWeightSetPayload, Fail> {
        input.delete(Requested::of(ctx)).await
    }
}

/// The record takes the place of the version that it states.
async fn update(requested: &Requested, record: ScorecardRecord) -> Result<ScorecardPayload, Fail> {
    if let Some(refused) = refused(requested, &record) {
        return Ok(refused);
    }
    let (store, today) = (requested.engine.store(), requested.context().await?.today());
    let errors = faults_of_other_days(&record, &store.weight_sets(&record.key).await?);
    if !errors.is_empty() {
        return Ok(ScorecardPayload { scorecard: None, errors });
    }
    match store.replace_scorecard(&record).await {
        Ok(_) => {
            let scorecard = Some(Definition::now(requested, &record.key, today).await?);
            Ok(ScorecardPayload { scorecard, errors: Vec::new() })
        }
        Err(error @ ScorecardError::Changed { .. }) => refuse(error, &["version"]),
        Err(error @ ScorecardError::Unknown { .. }) => refuse(error, &["input", "key"]),
        Err(error) => refuse(error, &["input", "nodes"]),
    }
}

fn refuse(error: ScorecardError, place: &[&str]) -> Result<ScorecardPayload, Fail> {
    Ok(ScorecardPayload { scorecard: None, errors: vec![kept(error, place)?] })
}

/// What is wrong with a scorecard before it is kept, if anything.
fn refused(requested: &Requested, record: &ScorecardRecord) -> Option<ScorecardPayload> {
    let faults = Scorecard::read_with(record, &requested.packs).err()?;
    Some(ScorecardPayload { scorecard: None, errors: faults.into_iter().map(fault).collect() })
}

fn weights(record: &ScorecardRecord) -> Vec<(String, Decimal)> {
    record.nodes.iter().map(|node| (node.key.clone(), node.weight)).collect()
}

/// A fault of an input, from the arguments down.
pub fn fault(fault: ScorecardFault) -> UserError {
    let path = ["input".to_owned()].into_iter().chain(fault.path).collect();
    UserError { code: fault.code.into(), path, message: fault.message }
}

/// What keeping it has found, at a place; a failing store is an error of the request.
pub fn kept(error: ScorecardError, place: &[&str]) -> Result<UserError, Fail> {
    let message = error.to_string();
    let code = match error {
        ScorecardError::Exists { .. } => UserErrorCode::Exists,
        ScorecardError::Unknown { .. } => UserErrorCode::NotFound,
        ScorecardError::Changed { .. } => UserErrorCode::Changed,
        ScorecardError::Node { .. } => UserErrorCode::BadNode,
        ScorecardError::Weights { .. } => UserErrorCode::BadWeights,
        ScorecardError::Store(error) => return Err(error.into()),
    };
    Ok(UserError { code, path: place.iter().map(|part| (*part).to_owned()).collect(), message })
}
