//! Sets of weights: which hold from which day on, where they come from, and how they are put and deleted.

use std::sync::Arc;

use async_graphql::{Enum, InputObject, Object, SimpleObject};
use engine::{Method, Scorecard, ScorecardFaultCode};
use store::scorecard::{ScorecardError, ScorecardRecord, WeightSet};

use super::definition::{Definition, DefinitionNode};
use super::mutation::{UserError, UserErrorCode, fault, kept};
use crate::error::Fail;
use crate::request::Requested;
use crate::scalar::{Date, Decimal};

/// Where a set of weights comes from.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(name = "WeightMethod", remote = "Method")]
pub enum MethodName {
    /// Someone set them.
    Manual,
    /// A panel of experts agreed on them by Delphi's rounds.
    Delphi,
    /// Compared in pairs, by the analytic hierarchy process.
    Ahp,
    /// Taken from how far the values differ, by their entropy.
    Entropy,
    /// Several methods combined.
    Combined,
}

/// The weights of a scorecard from a day on, until the next set begins.
pub struct Weights {
    record: Arc<ScorecardRecord>,
    set: WeightSet,
}

/// The weights of a scorecard from a day on, until the next set begins. A result has those that hold on the last day of its period.
#[Object(name = "WeightSet")]
impl Weights {
    /// The first day they hold on; null: from the beginning.
    async fn starts_on(&self) -> Option<Date> {
        self.set.starts_on.map(Date)
    }

    /// Where they come from.
    async fn method(&self) -> MethodName {
        self.set.method.into()
    }

    /// The weight of every node.
    async fn weights(&self) -> Vec<NodeWeight> {
        let node = |key: &str| self.record.nodes.iter().find(|node| node.key == key);
        let weight = |(key, weight): &(String, _)| {
            let node = DefinitionNode::of(&self.record, node(key)?.clone());
            Some(NodeWeight { node, weight: Decimal(*weight) })
        };
        self.set.weights.iter().filter_map(weight).collect()
    }
}

/// The weight of a node in a set.
#[derive(SimpleObject)]
pub struct NodeWeight {
    /// The node.
    node: DefinitionNode,
    /// Its weight in this set, relative to its siblings.
    weight: Decimal,
}

/// A set of weights to keep.
#[derive(InputObject, Clone, Debug)]
pub struct WeightSetInput {
    /// Key of the scorecard.
    pub scorecard: String,
    /// The first day they hold on. Null or left out: from the beginning. Takes the place of the set that begins on the same day.
    starts_on: Option<Date>,
    /// Where they come from.
    method: MethodName,
    /// A weight for every node of the scorecard.
    weights: Vec<NodeWeightInput>,
    /// The version of the scorecard that they are made for; fails as CHANGED if it is no longer at it. If left out, whatever it is at.
    version: Option<u32>,
}

/// The weight of a node.
#[derive(InputObject, Clone, Debug)]
pub struct NodeWeightInput {
    /// Key of the node.
    node: String,
    /// Its weight, relative to its siblings. Not negative.
    weight: Decimal,
}

/// A set of weights to delete.
#[derive(InputObject, Clone, Debug)]
pub struct DeleteWeightSetInput {
    /// Key of the scorecard.
    scorecard: String,
    /// The first day the set holds on. The set that holds from the beginning cannot be deleted, only replaced.
    starts_on: Option<Date>,
}

/// What became of putting a set of weights.
#[derive(SimpleObject)]
pub struct PutWeightSetPayload {
    /// The scorecard as it is now kept; null where the change was refused.
    scorecard: Option<Definition>,
    /// The set as it is now kept; null where the change was refused.
    weight_set: Option<Weights>,
    /// Why the change was refused; empty where it was made.
    errors: Vec<UserError>,
}

/// What became of deleting a set of weights.
#[derive(SimpleObject)]
pub struct DeleteWeightSetPayload {
    /// The scorecard as it is now kept; null where the deletion was refused.
    scorecard: Option<Definition>,
    /// The day that the deleted set began on; null where the deletion was refused.
    deleted_starts_on: Option<Date>,
    /// Why the deletion was refused; empty where it was made.
    errors: Vec<UserError>,
}

const CARD: [&str; 2] = ["input", "scorecard"];

impl Weights {
    pub fn all(record: &Arc<ScorecardRecord>, sets: &[WeightSet]) -> Vec<Weights> {
        sets.iter().map(|set| Weights { record: record.clone(), set: set.clone() }).collect()
    }
}

impl WeightSetInput {
    fn set(&self) -> WeightSet {
        let weights = self.weights.iter().map(|given| (given.node.clone(), given.weight.0)).collect();
        WeightSet { method: self.method.into(), starts_on: self.starts_on.map(|day| day.0), weights }
    }

    /// Keeps the set, or says everything that is wrong with it.
    pub async fn put(self, requested: &Requested) -> Result<PutWeightSetPayload, Fail> {
        let refused = |errors| Ok(PutWeightSetPayload { scorecard: None, weight_set: None, errors });
        let store = requested.engine.store();
        let today = requested.context().await?.today();
        let Some(record) = store.scorecard(&self.scorecard, today).await? else {
            return refused(vec![kept(ScorecardError::Unknown { key: self.scorecard }, &CARD)?]);
        };
        let set = self.set();
        let version = self.version.unwrap_or(record.version);
        if version != record.version {
            let changed = ScorecardError::Changed { key: record.key, expected: version, found: record.version };
            return refused(vec![kept(changed, &["input", "version"])?]);
        }
        let faults = Scorecard::weight_faults(&record, &set);
        if !faults.is_empty() {
            return refused(faults.into_iter().map(fault).collect());
        }
        match store.put_weight_set(&record.key, version, &set).await {
            Ok(_) => {
                let scorecard = Definition::now(requested, &record.key, today).await?;
                let weight_set = Weights { record: scorecard.record.clone(), set };
                Ok(PutWeightSetPayload { scorecard: Some(scorecard), weight_set: Some(weight_set), errors: Vec::new() })
            }
            Err(error) => {
                let place = if matches!(error, ScorecardError::Changed { .. }) { "version" } else { "weights" };
                refused(vec![kept(error, &["input", place])?])
            }
        }
    }
}

impl DeleteWeightSetInput {
    /// Forgets the set, so that the one before it holds until the next.
    pub async fn delete(self, requested: &Requested) -> Result<DeleteWeightSetPayload, Fail> {
        let refused = |errors| Ok(DeleteWeightSetPayload { scorecard: None, deleted_starts_on: None, errors });
        let today = requested.context().await?.today();
        let Some(starts_on) = self.starts_on else {
            let message = "the weights that hold from the beginning cannot be deleted: put others in their place with `putWeightSet`";
            let path = vec!["input".into(), "startsOn".into()];
            return refused(vec![UserError { code: UserErrorCode::FirstWeights, path, message: message.into() }]);
        };
        match requested.engine.store().delete_weight_set(&self.scorecard, starts_on.0).await {
            Ok(_) => {
                let scorecard = Some(Definition::now(requested, &self.scorecard, today).await?);
                Ok(DeleteWeightSetPayload { scorecard, deleted_starts_on: Some(starts_on), errors: Vec::new() })
            }
            Err(error @ ScorecardError::Weights { .. }) => {
                let path = vec!["input".into(), "startsOn".into()];
                refused(vec![UserError { code: UserErrorCode::NotFound, path, message: error.to_string() }])
            }
            Err(error) => refused(vec![kept(error, &CARD)?]),
        }
    }
}

/// What is wrong with a scorecard under the weights of other days that it keeps. Those of nodes that go, go with them.
pub fn faults_of_other_days(record: &ScorecardRecord, sets: &[WeightSet]) -> Vec<UserError> {
    let others = sets.iter().filter_map(|set| Some((set.starts_on?, set)));
    let faults = others.flat_map(|(day, set)| Scorecard::weight_faults(record, set).into_iter().map(move |fault| (day, fault)));
    let remaining = faults.filter(|(_, fault)| fault.code != ScorecardFaultCode::UnknownNode);
    remaining
        .map(|(day, fault)| {
            let message = format!(
                "in the weights that hold from {day}: {}. Delete those first (`deleteWeightSet`), and put new ones after this change",
                fault.message
            );
            UserError { code: fault.code.into(), path: vec!["input".into(), "nodes".into()], message }
        })
        .collect()
}
