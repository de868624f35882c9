//! Many scorecards at once: every cell of every request, of the periods that scores may be carried forward from and of the
//! peers they are compared with, goes through one batch.

use std::ops::Range;
use std::sync::Arc;

use manifest::{Direction, SubjectKind};
use registry::Snapshot;
use rust_decimal::Decimal;
use rustc_hash::FxHashMap;
use store::Predicate;

use super::{Missing, NodeResult, ScoreOutcome, ScoreRequest, Scorecard, ScorecardFault, ScorecardFaultCode, ScorecardResult, WhatIf};
use crate::calendar::Context;
use crate::cell::{Cell, Subject};
use crate::engine::{Answers, Engine};
use crate::error::Error;
use crate::outcome::Evaluation;
use crate::parameter::Parameters;
use crate::period::Period;
use crate::scoring::{Against, NoScore, Scoring};

/// What the requests need, and where each part of the answer to it belongs.
#[derive(Default)]
struct Batch {
    cells: Vec<Cell>,
    targets: Vec<Cell>,
    /// All subjects of a kind, for the kinds whose peers are asked for.
    subjects: FxHashMap<SubjectKind, Arc<[i64]>>,
    peers: FxHashMap<(Arc<str>, Parameters, SubjectKind, Period), Range<usize>>,
    sights: FxHashMap<Arc<str>, Sight>,
}

/// How a metric is looked at: which way is better, and how many of what it is computed in make one of its unit. Scorings, targets and
/// assumptions are in that unit.
#[derive(Clone, Copy)]
struct Sight {
    direction: Direction,
    unit_size: Decimal,
}

/// A request with its assumptions in place.
struct Prepared<'a> {
    request: &'a ScoreRequest,
    weights: Vec<Decimal>,
    /// By node; none for nodes that are no leaves.
    leaves: Vec<Option<Leaf>>,
}

struct Leaf {
    assumed: Option<Decimal>,
    /// This period first, then those that a score may be carried forward from.
    tries: Vec<Try>,
}

struct Try {
    period: Period,
    cell: Option<usize>,
    target: Target,
    peers: Option<Range<usize>>,
}

enum Target {
    None,
    Assumed(Decimal),
    Kept(usize),
}

/// A leaf's score, or why it has none.
struct Scored {
    score: Result<Decimal, NoScore>,
    value: Option<Decimal>,
    target: Option<Decimal>,
}

/// The answers to cells, to targets of cells and to scorecards, in the order in which they were asked for.
#[derive(Clone, Debug)]
pub struct AllAnswers {
    pub evaluations: Vec<Evaluation>,
    pub targets: Vec<Option<Decimal>>,
    pub results: Vec<ScorecardResult>,
}

impl Engine {
    /// One result for each request, in their order; all cells of all of them go through one batch. Percentiles need one more
    /// statement for each kind of subject, to know who there is.
    pub async fn score(&self, context: &Context, packs: &Snapshot, requests: &[ScoreRequest]) -> Result<Vec<ScorecardResult>, Error> {
        Ok(self.answer_all(context, packs, &[], &[], requests).await?.results)
    }

    /// Cells, targets of cells and scorecards, each in their order, with the same statements: what several parts of one request
    /// ask for is read once.
    pub async fn answer_all(
        &self,
        context: &Context,
        packs: &Snapshot,
        cells: &[Cell],
        targets: &[Cell],
        requests: &[ScoreRequest],
    ) -> Result<AllAnswers, Error> {
        let mut batch = Batch::default();
        for request in requests {
            fits(request)?;
            let kind = request.scorecard.subject_kind;
            if request.scorecard.compares() && !batch.subjects.contains_key(&kind) {
                let ids = self.everyone(kind).await?;
                batch.subjects.insert(kind, ids.into());
            }
        }
        let prepared = requests.iter().map(|request| batch.prepare(context, packs, request)).collect::<Result<Vec<_>, _>>()?;
        let (of_cards, targets_of_cards) = (batch.cells.len(), batch.targets.len());
        batch.cells.extend_from_slice(cells);
        batch.targets.extend_from_slice(targets);
        let Answers { mut metrics, mut targets } = self.answer(context, packs, &batch.cells, &batch.targets).await?;
        let (evaluations, kept) = (metrics.split_off(of_cards), targets.split_off(targets_of_cards));
        let mut answers = Given { batch: &batch, metrics: metrics.into_iter().map(Some).collect(), targets };
        let results = prepared.iter().map(|prepared| answers.result(prepared)).collect();
        Ok(AllAnswers { evaluations, targets: kept, results })
    }

    async fn everyone(&self, kind: SubjectKind) -> Result<Vec<i64>, Error> {
        match kind {
            SubjectKind::Organisation => Ok(vec![Subject::ORGANISATION.id]),
            kind => Ok(self.store().subject_ids(kind, &Predicate::always()).await?),
        }
    }
}

fn fits(request: &ScoreRequest) -> Result<(), Error> {
    let ScoreRequest { scorecard, subject, .. } = request;
    if subject.kind == scorecard.subject_kind {
        return Ok(());
    }
    Err(Error::WrongSubject { scorecard: scorecard.key.to_string(), expected: scorecard.subject_kind.name(), actual: subject.kind.name() })
}

impl Scorecard {
    fn compares(&self) -> bool {
        self.nodes.iter().filter_map(|node| node.leaf.as_ref()).any(|leaf| leaf.scoring == Scoring::Percentile)
    }

    fn node(&self, key: &str, part: &'static str) -> Result<usize, Error> {
        self.nodes.iter().position(|node| *node.key == *key).ok_or_else(|| {
            let keys = self.nodes.iter().map(|node| &*node.key).collect::<Vec<_>>().join(", ");
            self.misfit(ScorecardFaultCode::UnknownNode, part, key, format!("there is no node `{key}`; there are {keys}"))
        })
    }

    fn misfit(&self, code: ScorecardFaultCode, part: &str, key: &str, message: String) -> Error {
        let fault = ScorecardFault { code, path: vec!["whatIf".into(), part.into(), key.into()], message };
        Error::WhatIf { scorecard: self.key.to_string(), fault }
    }

    /// The weights with assumptions in place. They have to make sense as those that are kept do.
    fn assumed_weights(&self, what_if: &WhatIf) -> Result<Vec<Decimal>, Error> {
        let mut weights: Vec<Decimal> = self.nodes.iter().map(|node| node.weight).collect();
        for (key, weight) in &what_if.weights {
            if weight.is_sign_negative() && !weight.is_zero() {
                return Err(self.misfit(
                    ScorecardFaultCode::NegativeWeight,
                    "weights",
                    key,
                    format!("a weight is 0 or more, not {weight}"),
                ));
            }
            if let Err(message) = super::check::usable_weight(*weight) {
                return Err(self.misfit(ScorecardFaultCode::BadWeight, "weights", key, message));
            }
            let at = self.node(key, "weights")?;
            self.once("weights", key, &what_if.weights)?;
            weights[at] = *weight;
        }
        for (at, node) in self.nodes.iter().enumerate() {
            let siblings = || self.nodes.iter().zip(&weights).filter(|(other, _)| other.parent == node.parent);
            if siblings().all(|(_, weight)| weight.is_zero()) {
                let message = "all weights beside it are 0: nothing would count".into();
                return Err(self.misfit(ScorecardFaultCode::ZeroWeights, "weights", &self.nodes[at].key, message));
            }
        }
        Ok(weights)
    }

    /// Of two assumptions about one thing, one would silently not count.
    fn once(&self, part: &'static str, key: &str, given: &[(String, Decimal)]) -> Result<(), Error> {
        match given.iter().filter(|(other, _)| other == key).count() {
            0 | 1 => Ok(()),
            many => Err(self.misfit(ScorecardFaultCode::DuplicateKey, part, key, format!("node `{key}` stands there {many} times"))),
        }
    }

    fn assumed(
        &self,
        part: &'static str,
        values: &[(String, Decimal)],
        takes: impl Fn(&Scoring) -> bool,
    ) -> Result<Vec<Option<Decimal>>, Error> {
        let mut assumed = vec![None; self.nodes.len()];
        for (key, value) in values {
            let at = self.node(key, part)?;
            if !self.nodes[at].leaf.as_ref().is_some_and(|leaf| takes(&leaf.scoring)) {
                let message = format!("node `{key}` takes none of the {part}");
                return Err(self.misfit(ScorecardFaultCode::AssumptionUnused, part, key, message));
            }
            self.once(part, key, values)?;
            assumed[at] = Some(*value);
        }
        Ok(assumed)
    }
}

impl Batch {
    fn prepare<'a>(&mut self, context: &Context, packs: &Snapshot, request: &'a ScoreRequest) -> Result<Prepared<'a>, Error> {
        let card = &request.scorecard;
        let none = WhatIf::default();
        let what_if = request.what_if.as_ref().unwrap_or(&none);
        let weights = card.assumed_weights(what_if)?;
        let values = card.assumed("values", &what_if.values, |_| true)?;
        let targets = card.assumed("targets", &what_if.targets, |scoring| matches!(scoring, Scoring::Target { .. }))?;
        let periods = periods(context, request);
        let mut leaves = Vec::with_capacity(card.nodes.len());
        for (at, node) in card.nodes.iter().enumerate() {
            let Some(leaf) = &node.leaf else {
                leaves.push(None);
                continue;
            };
            self.sights.entry(leaf.metric.clone()).or_insert_with(|| Sight::of(packs, &leaf.metric));
            let periods = if values[at].is_some() { &periods[..1] } else { &periods[..] };
            let tries = periods.iter().map(|&period| self.try_in(period, request, leaf, (values[at], targets[at]))).collect();
            leaves.push(Some(Leaf { assumed: values[at], tries }));
        }
        Ok(Prepared { request, weights, leaves })
    }

    fn try_in(
        &mut self,
        period: Period,
        request: &ScoreRequest,
        leaf: &super::Leaf,
        (value, target): (Option<Decimal>, Option<Decimal>),
    ) -> Try {
        let cell = |subject| Cell { metric: leaf.metric.clone(), parameters: leaf.parameters.clone(), subject, within: None, period };
        let at = value.is_none().then(|| push(&mut self.cells, cell(request.subject)));
        let target = match target {
            Some(target) => Target::Assumed(target),
            None if leaf.scoring.asks_target() => Target::Kept(push(&mut self.targets, cell(request.subject))),
            None => Target::None,
        };
        let peers = (leaf.scoring == Scoring::Percentile).then(|| self.peers(leaf, request.subject.kind, period));
        Try { period, cell: at, target, peers }
    }

    /// The cells of everyone, once for each metric, its parameters and period.
    fn peers(&mut self, super::Leaf { metric, parameters, .. }: &super::Leaf, kind: SubjectKind, period: Period) -> Range<usize> {
        let cells = &mut self.cells;
        let ids = self.subjects.get(&kind).map(|ids| &**ids).unwrap_or_default();
        let range = self.peers.entry((metric.clone(), parameters.clone(), kind, period)).or_insert_with(|| {
            let first = cells.len();
            let cell = |&id| {
                let subject = Subject { kind, id };
                Cell { metric: metric.clone(), parameters: parameters.clone(), subject, within: None, period }
            };
            cells.extend(ids.iter().map(cell));
            first..cells.len()
        });
        range.clone()
    }
}

fn push(cells: &mut Vec<Cell>, cell: Cell) -> usize {
    cells.push(cell);
    cells.len() - 1
}

/// The period asked for, and those before it that a score may come from.
fn periods(context: &Context, request: &ScoreRequest) -> Vec<Period> {
    let back = if request.scorecard.missing == Missing::CarryForward { request.scorecard.carry_periods } else { 0 };
    std::iter::successors(Some(request.period), |period| Some(period.previous(context))).take(back as usize + 1).collect()
}

impl Sight {
    const NONE: Sight = Sight { direction: Direction::None, unit_size: Decimal::ONE };

    fn of(packs: &Snapshot, key: &str) -> Sight {
        packs
            .metric(key)
            .map_or(Sight::NONE, |metric| Sight { direction: metric.metric().direction, unit_size: metric.metric().unit_size() })
    }
}

/// The answers to a batch. Evaluations are handed out to the results they belong to.
struct Given<'a> {
    batch: &'a Batch,
    metrics: Vec<Option<Evaluation>>,
    targets: Vec<Option<Decimal>>,
}

impl Given<'_> {
    fn result(&mut self, prepared: &Prepared<'_>) -> ScorecardResult {
        let card = &prepared.request.scorecard;
        let mut nodes: Vec<NodeResult> =
            prepared.leaves.iter().zip(&prepared.weights).map(|(_, &weight)| NodeResult::bare(weight)).collect();
        for (at, leaf) in prepared.leaves.iter().enumerate() {
            if let (Some(leaf), Some(about)) = (leaf, &card.nodes[at].leaf) {
                self.fill(&mut nodes[at], leaf, about, prepared.request.subject);
            }
        }
        let scores: Vec<Option<Decimal>> = nodes.iter().map(|node| node.score).collect();
        let total = card.total(&prepared.weights, &scores);
        for (at, node) in nodes.iter_mut().enumerate() {
            node.score = total.scores[at].map(|score| score.round_dp(super::SCALE));
            node.effective_weight = total.effective[at];
            node.contribution = total.contributions[at];
        }
        let reason = reason(card, &total);
        let settled = total.score.filter(|_| total.outcome == ScoreOutcome::Scored);
        ScorecardResult {
            outcome: total.outcome,
            reason,
            score: settled,
            provisional: total.score.filter(|_| total.outcome == ScoreOutcome::LowCoverage),
            grade: settled.and_then(|score| card.grade(score)).map(str::to_owned),
            coverage: total.coverage,
            nodes,
        }
    }

    fn fill(&mut self, node: &mut NodeResult, leaf: &Leaf, about: &super::Leaf, subject: Subject) {
        for (back, attempt) in leaf.tries.iter().enumerate() {
            let Scored { score, value, target } = self.scored(leaf, attempt, about, subject);
            let carried = back > 0;
            if carried && score.is_err() {
                continue;
            }
            (node.value, node.target) = (value, target);
            node.carried_from = carried.then_some(attempt.period);
            match score {
                Ok(score) => node.score = Some(score),
                Err(no_score) => node.no_score = Some(no_score),
            }
            if node.score.is_some() {
                break;
            }
        }
        let cell = leaf.tries.first().and_then(|attempt| attempt.cell);
        node.evaluation = cell.and_then(|cell| self.metrics[cell].take()).map(Arc::new);
    }

    fn scored(&self, leaf: &Leaf, attempt: &Try, about: &super::Leaf, subject: Subject) -> Scored {
        let Sight { direction, unit_size } = self.batch.sights.get(&about.metric).copied().unwrap_or(Sight::NONE);
        let read = || self.metrics[attempt.cell?].as_ref()?.value.map(|value| value / unit_size);
        let value = leaf.assumed.or_else(read);
        let target = match (&attempt.target, &about.scoring) {
            (Target::Assumed(target), _) => Some(*target),
            (Target::Kept(at), _) => self.targets[*at].map(|target| target / unit_size),
            (Target::None, Scoring::Target { value, .. }) => *value,
            (Target::None, _) => None,
        };
        let others = attempt.peers.clone().map(|peers| self.others(peers, subject, unit_size)).unwrap_or_default();
        let against = Against { direction, target, others: &others };
        let score = value.ok_or(NoScore::NoValue).and_then(|value| about.scoring.score(value, against));
        Scored { score, value, target }
    }

    fn others(&self, peers: Range<usize>, subject: Subject, unit_size: Decimal) -> Vec<Decimal> {
        let ids = self.batch.subjects.get(&subject.kind).map(|ids| &**ids).unwrap_or_default();
        let others = peers.zip(ids).filter(|&(_, &id)| id != subject.id);
        others.filter_map(|(cell, _)| Some(self.metrics[cell].as_ref()?.value? / unit_size)).collect()
    }
}

impl NodeResult {
    fn bare(weight: Decimal) -> NodeResult {
        NodeResult {
            weight,
            effective_weight: Decimal::ZERO,
            score: None,
            contribution: None,
            evaluation: None,
            value: None,
            target: None,
            no_score: None,
            carried_from: None,
        }
    }
}

fn reason(card: &Scorecard, total: &super::total::Total) -> Option<String> {
    let percent = |share: Decimal| (share * Decimal::ONE_HUNDRED).round_dp(1).normalize();
    match total.outcome {
        ScoreOutcome::Scored => None,
        ScoreOutcome::LowCoverage => {
            let (has, asks) = (percent(total.coverage), percent(card.min_coverage));
            Some(format!("only {has} % of the weight has a score, and the scorecard asks for {asks} %"))
        }
        ScoreOutcome::Blocked => Some("a metric has no value, and this scorecard then has no score".into()),
        ScoreOutcome::NoData => Some("none of its metrics has a score".into()),
    }
}
