//! From the scores of leaves to the score of the whole: weighted means, coverage, contributions that add up exactly.

use rust_decimal::{Decimal, RoundingStrategy};

use super::{Missing, SCALE, ScoreOutcome, Scorecard};

/// What the leaves of a scorecard come to.
#[derive(Clone, Debug, PartialEq)]
pub struct Total {
    pub outcome: ScoreOutcome,
    pub score: Option<Decimal>,
    pub coverage: Decimal,
    /// By node.
    pub scores: Vec<Option<Decimal>>,
    pub effective: Vec<Decimal>,
    pub contributions: Vec<Option<Decimal>>,
}

impl Scorecard {
    /// `weights` and `leaves` are by node; what stands in `leaves` for a node that is none is not looked at.
    pub fn total(&self, weights: &[Decimal], leaves: &[Option<Decimal>]) -> Total {
        let scored = self.scored(leaves);
        let coverage = self.coverage(weights, leaves);
        let (scores, score) = self.means(weights, &scored);
        let blocked = self.missing == Missing::Block && self.lacks(weights, leaves);
        let score = score.filter(|_| !blocked).map(|score| score.round_dp(SCALE));
        let effective = self.effective(weights, &scores);
        let contributions = self.contributions(&effective, &scores, score);
        let outcome = match score {
            _ if blocked => ScoreOutcome::Blocked,
            None => ScoreOutcome::NoData,
            Some(_) if coverage < self.min_coverage => ScoreOutcome::LowCoverage,
            Some(_) => ScoreOutcome::Scored,
        };
        Total { outcome, score, coverage, scores, effective, contributions }
    }

    /// The highest grade whose lower bound the unrounded score reaches.
    pub fn grade(&self, score: Decimal) -> Option<&str> {
        self.grades.iter().find(|grade| score >= grade.from).map(|grade| grade.grade.as_str())
    }

    fn scored(&self, leaves: &[Option<Decimal>]) -> Vec<Option<Decimal>> {
        let score = |(node, score): (&super::Node, &Option<Decimal>)| match (&node.leaf, score) {
            (None, _) => None,
            (Some(_), None) if self.missing == Missing::Zero => Some(Decimal::ZERO),
            (Some(_), score) => *score,
        };
        self.nodes.iter().zip(leaves).map(score).collect()
    }

    /// Weighted means from the leaves up; the last is that of the top nodes. Parents stand before their children, so that
    /// going backwards every node is whole before its parent asks for it.
    fn means(&self, weights: &[Decimal], scored: &[Option<Decimal>]) -> (Vec<Option<Decimal>>, Option<Decimal>) {
        let mut scores = scored.to_vec();
        let mut sums = vec![(Decimal::ZERO, Decimal::ZERO); self.nodes.len() + 1];
        let top = self.nodes.len();
        let mean = |(sum, weight): (Decimal, Decimal)| if weight.is_zero() { None } else { sum.checked_div(weight) };
        for at in (0..top).rev() {
            if self.nodes[at].leaf.is_none() {
                scores[at] = mean(sums[at]);
            }
            let Some(score) = scores[at] else { continue };
            let (sum, weight) = &mut sums[self.nodes[at].parent.unwrap_or(top)];
            *sum += weights[at] * score;
            *weight += weights[at];
        }
        (scores, mean(sums[top]))
    }

    /// Each node's share of the whole score: of its parent's share, in proportion to its weight among the siblings that count.
    fn shares(&self, weights: &[Decimal], counts: impl Fn(usize) -> bool) -> Vec<Decimal> {
        let top = self.nodes.len();
        let parent = |at: usize| self.nodes[at].parent.unwrap_or(top);
        let mut sums = vec![Decimal::ZERO; top + 1];
        (0..top).filter(|&at| counts(at)).for_each(|at| sums[parent(at)] += weights[at]);
        let mut shares = vec![Decimal::ZERO; top + 1];
        shares[top] = Decimal::ONE;
        for at in (0..top).filter(|&at| counts(at)) {
            shares[at] = (shares[parent(at)] * weights[at]).checked_div(sums[parent(at)]).unwrap_or_default();
        }
        shares.truncate(top);
        shares
    }

    fn effective(&self, weights: &[Decimal], scores: &[Option<Decimal>]) -> Vec<Decimal> {
        self.shares(weights, |at| scores[at].is_some())
    }

    /// The share of the leaves with a score of their own, were everything there.
    fn coverage(&self, weights: &[Decimal], leaves: &[Option<Decimal>]) -> Decimal {
        let shares = self.shares(weights, |_| true);
        let missing = |&at: &usize| self.nodes[at].leaf.is_some() && leaves[at].is_none();
        let lacking: Decimal = (0..self.nodes.len()).filter(missing).map(|at| shares[at]).sum();
        (Decimal::ONE - lacking).round_dp(SCALE)
    }

    fn lacks(&self, weights: &[Decimal], leaves: &[Option<Decimal>]) -> bool {
        let shares = self.shares(weights, |_| true);
        (0..self.nodes.len()).any(|at| self.nodes[at].leaf.is_some() && leaves[at].is_none() && !shares[at].is_zero())
    }

    /// Leaves get their part rounded down to the scale, and what is then missing goes, one last digit each, to those that lost most.
    fn contributions(&self, effective: &[Decimal], scores: &[Option<Decimal>], score: Option<Decimal>) -> Vec<Option<Decimal>> {
        let mut parts = vec![None; self.nodes.len()];
        let Some(total) = score else { return parts };
        let mut lost: Vec<(Decimal, usize)> = Vec::with_capacity(parts.len());
        let mut rest = total;
        for at in (0..self.nodes.len()).filter(|&at| self.nodes[at].leaf.is_some()) {
            let Some(score) = scores[at] else { continue };
            let exact = effective[at] * score;
            let part = exact.round_dp_with_strategy(SCALE, RoundingStrategy::ToNegativeInfinity);
            lost.push((exact - part, at));
            rest -= part;
            parts[at] = Some(part);
        }
        lost.sort_by(|a, b| b.cmp(a));
        hand_out(rest, &lost, &mut parts);
        for at in (0..parts.len()).rev() {
            if let (Some(part), Some(parent)) = (parts[at], self.nodes[at].parent) {
                parts[parent] = Some(parts[parent].unwrap_or_default() + part);
            }
        }
        parts
    }
}

fn hand_out(mut rest: Decimal, lost: &[(Decimal, usize)], parts: &mut [Option<Decimal>]) {
    let digit = if rest.is_sign_negative() { -Decimal::new(1, SCALE) } else { Decimal::new(1, SCALE) };
    for &(_, at) in lost.iter().cycle() {
        if rest.is_zero() {
            return;
        }
        parts[at] = parts[at].map(|part| part + digit);
        rest -= digit;
    }
}
