//! Whether other weights make sense for a scorecard: one for each of its nodes, held to the same rules as those it was made with.

use std::collections::HashSet;

use rust_decimal::Decimal;
use store::scorecard::{ScorecardRecord, WeightSet};

use super::{Scorecard, ScorecardFault, ScorecardFaultCode as Code};

impl Scorecard {
    /// Every fault of a set of weights for a scorecard. Paths are from the set down: `["weights", "0", "node"]`.
    pub fn weight_faults(record: &ScorecardRecord, set: &WeightSet) -> Vec<ScorecardFault> {
        let mut faults = of_names(record, set);
        faults.extend(missing(record, set));
        faults.extend(of_values(record, set));
        faults
    }
}

fn of_names(record: &ScorecardRecord, set: &WeightSet) -> Vec<ScorecardFault> {
    let mut seen = HashSet::new();
    let mut faults = Vec::new();
    for (at, (key, _)) in set.weights.iter().enumerate() {
        let mut add = |code, message| faults.push(ScorecardFault { code, path: place(at, "node"), message });
        if !record.nodes.iter().any(|node| node.key == *key) {
            let keys = record.nodes.iter().map(|node| node.key.as_str()).collect::<Vec<_>>().join(", ");
            add(Code::UnknownNode, format!("there is no node `{key}`; there are {keys}"));
        } else if !seen.insert(key) {
            add(Code::DuplicateKey, format!("the node `{key}` is given a weight twice"));
        }
    }
    faults
}

fn missing(record: &ScorecardRecord, set: &WeightSet) -> impl Iterator<Item = ScorecardFault> {
    let given: HashSet<&str> = set.weights.iter().map(|(key, _)| key.as_str()).collect();
    let without = record.nodes.iter().filter(move |node| !given.contains(node.key.as_str()));
    without.map(|node| {
        let message = format!("the node `{}` has no weight; a set has one for every node, which may be 0", node.key);
        ScorecardFault { code: Code::MissingNode, path: vec!["weights".into()], message }
    })
}

/// What the scorecard would be refused for, had it these weights. A node without one is not to blame for its siblings.
fn of_values(record: &ScorecardRecord, set: &WeightSet) -> Vec<ScorecardFault> {
    let weight = |key: &str| set.weights.iter().find(|(other, _)| other == key).map_or(Decimal::ONE, |(_, weight)| *weight);
    let mut record = record.clone();
    record.nodes.iter_mut().for_each(|node| node.weight = weight(&node.key));
    let faults = Scorecard::read(&record).err().unwrap_or_default().into_iter();
    let of_weights = faults.filter(|fault| matches!(fault.code, Code::NegativeWeight | Code::BadWeight | Code::ZeroWeights));
    of_weights.map(|fault| ScorecardFault { path: moved(&fault, &record, set), ..fault }).collect()
}

/// From the place of a node in the scorecard to that of its weight in the set.
fn moved(fault: &ScorecardFault, record: &ScorecardRecord, set: &WeightSet) -> Vec<String> {
    let node = fault.path.get(1).and_then(|at| record.nodes.get(at.parse::<usize>().ok()?));
    let at = node.and_then(|node| set.weights.iter().position(|(key, _)| *key == node.key));
    match at {
        Some(at) if fault.code != Code::ZeroWeights => place(at, "weight"),
        _ => vec!["weights".into()],
    }
}

fn place(at: usize, part: &str) -> Vec<String> {
    vec!["weights".into(), at.to_string(), part.into()]
}
