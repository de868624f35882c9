//! Whether a ranking by a scorecard survives small changes of its weights. One that does not is fragile, and should be shown so.

use manifest::Direction;
use rust_decimal::Decimal;

use super::Scorecard;
use crate::rank::{Ranking, rank};

#[derive(Clone, Debug, PartialEq)]
pub struct Sensitivity {
    /// The scores as they are, by subject.
    pub base: Vec<Option<Decimal>>,
    /// Each weight once raised and once lowered, in the order of the nodes. A weight of 0 stays 0 and is left out.
    pub changes: Vec<WeightChange>,
    pub rank_stable: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct WeightChange {
    /// Index of the node.
    pub node: usize,
    pub weight: Decimal,
    /// The scores that the changed weight gives, by subject.
    pub scores: Vec<Option<Decimal>>,
    pub rank_stable: bool,
}

impl Scorecard {
    /// `subjects` are the scores of each subject by node, as in `NodeResult::score`; `delta` is the share that weights are
    /// raised and lowered by, such as 0.1.
    pub fn sensitivity(&self, subjects: &[Vec<Option<Decimal>>], delta: Decimal) -> Sensitivity {
        let weights: Vec<Decimal> = self.nodes.iter().map(|node| node.weight).collect();
        let totals = |weights: &[Decimal]| subjects.iter().map(|scores| self.total(weights, scores).score).collect::<Vec<_>>();
        let places = |scores: &[Option<Decimal>]| rank(scores, Direction::Up, Ranking::Competition).positions;
        let base = totals(&weights);
        let mut changes = Vec::new();
        for node in (0..weights.len()).filter(|&node| !weights[node].is_zero()) {
            for factor in [Decimal::ONE + delta, Decimal::ONE - delta] {
                let mut changed = weights.clone();
                changed[node] *= factor;
                let scores = totals(&changed);
                let rank_stable = places(&scores) == places(&base);
                changes.push(WeightChange { node, weight: changed[node], scores, rank_stable });
            }
        }
        let rank_stable = changes.iter().all(|change| change.rank_stable);
        Sensitivity { base, changes, rank_stable }
    }
}
