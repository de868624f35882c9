//! Whether a scorecard makes sense: every fault it has, with where it is, and not only the first.

use std::collections::HashMap;

use manifest::SubjectKind;
use registry::Snapshot;
use rust_decimal::Decimal;
use store::scorecard::{NodeRecord, ScorecardRecord};

use super::{Leaf, Missing, Node, Scorecard, ScorecardFault, ScorecardFaultCode as Code};
use crate::parameter::Parameters;
use crate::scoring::Scoring;

/// Beyond these, sums of weighted scores would no longer be exact.
const MOST: Decimal = Decimal::from_parts(1_000_000, 0, 0, false, 0);
const WEIGHT_SCALE: u32 = 10;
const MOST_CARRY: u32 = 24;
const MOST_NODES: usize = 1_000;
const MOST_CHARACTERS: usize = 200;

impl Scorecard {
    /// Reads a scorecard as it is kept, and checks all but its metrics: those may come and go with their packs.
    pub fn read(record: &ScorecardRecord) -> Result<Scorecard, Vec<ScorecardFault>> {
        let mut faults = Faults::default();
        faults.of_card(record);
        let tree = Tree::of(record, &mut faults);
        let nodes = tree.order.iter().map(|&at| node(record, &tree, at, &mut faults)).collect::<Vec<_>>();
        faults.of_weights(record, &tree);
        if !faults.0.is_empty() {
            return Err(faults.0);
        }
        Ok(Scorecard {
            key: record.key.as_str().into(),
            title: record.title.clone(),
            subject_kind: record.subject_kind,
            missing: record.missing,
            carry_periods: record.carry_periods.unwrap_or(0),
            min_coverage: record.min_coverage,
            grades: record.grades.clone(),
            version: record.version,
            method: record.method,
            weights_from: record.weights_from,
            nodes,
        })
    }

    /// As `read`, and that every metric is loaded, applies to the subjects, and can be scored as it is said to be.
    pub fn read_with(record: &ScorecardRecord, packs: &Snapshot) -> Result<Scorecard, Vec<ScorecardFault>> {
        let read = Scorecard::read(record);
        let mut faults = Faults(read.as_ref().err().cloned().unwrap_or_default());
        for (at, node) in record.nodes.iter().enumerate() {
            if let Some(metric) = &node.metric {
                faults.of_metric(at, metric, node, (record.subject_kind, packs));
            }
        }
        if faults.0.is_empty() { read } else { Err(faults.0) }
    }
}

#[derive(Default)]
struct Faults(Vec<ScorecardFault>);

/// The nodes in order, each parent before its children; places in the record.
struct Tree {
    order: Vec<usize>,
    parents: Vec<Option<usize>>,
    children: Vec<usize>,
}

impl Tree {
    fn of(record: &ScorecardRecord, faults: &mut Faults) -> Tree {
        let mut by_key: HashMap<&str, usize> = HashMap::new();
        for (at, node) in record.nodes.iter().enumerate() {
            if let Err(message) = usable_key(&node.key) {
                faults.at(Code::BadKey, at, &["key"], message);
            } else if by_key.insert(&node.key, at).is_some() {
                faults.at(
                    Code::DuplicateKey,
                    at,
                    &["key"],
                    format!("`{}` is the key of another node too; keys are unique in a scorecard", node.key),
                );
            }
        }
        let mut parents = vec![None; record.nodes.len()];
        for (at, node) in record.nodes.iter().enumerate() {
            let Some(parent) = &node.parent else { continue };
            parents[at] = by_key.get(parent.as_str()).copied();
            if parents[at].is_none() {
                faults.at(Code::UnknownParent, at, &["parent"], format!("there is no node `{parent}` in this scorecard"));
            }
        }
        let order = order(record, &parents);
        let mut children = vec![0; record.nodes.len()];
        parents.iter().flatten().for_each(|&parent| children[parent] += 1);
        for at in (0..record.nodes.len()).filter(|at| !order.contains(at)) {
            let key = &record.nodes[at].key;
            faults.at(Code::Cycle, at, &["parent"], format!("`{key}` stands below itself: follow the parents of its nodes"));
        }
        Tree { order, parents, children }
    }

    /// Where a node of the record stands in the order.
    fn place(&self, at: usize) -> Option<usize> {
        self.order.iter().position(|&other| other == at)
    }
}

/// Depth first, siblings by position. What is in a cycle is never reached.
fn order(record: &ScorecardRecord, parents: &[Option<usize>]) -> Vec<usize> {
    let mut sorted: Vec<usize> = (0..record.nodes.len()).collect();
    sorted.sort_by_key(|&at| std::cmp::Reverse((record.nodes[at].position, at)));
    let below = |parent: Option<usize>| sorted.iter().copied().filter(move |&at| parents[at] == parent);
    let mut open: Vec<usize> = below(None).collect();
    let mut order = Vec::with_capacity(sorted.len());
    while let Some(at) = open.pop() {
        order.push(at);
        open.extend(below(Some(at)));
    }
    order
}

fn node(record: &ScorecardRecord, tree: &Tree, at: usize, faults: &mut Faults) -> Node {
    let NodeRecord { key, title, weight, metric, parameters, scoring, .. } = &record.nodes[at];
    let leaf = match (metric, scoring) {
        (Some(metric), Some(scoring)) => {
            let leaf = |scoring| Leaf { metric: metric.as_str().into(), parameters: Parameters::kept(parameters), scoring };
            faults.scoring(at, scoring).map(leaf)
        }
        (Some(metric), None) => {
            faults.at(Code::BadScoring, at, &["scoring"], format!("`{metric}` needs a scoring, such as minmax or target"));
            None
        }
        (None, Some(_)) => {
            faults.at(Code::BadScoring, at, &["scoring"], "a scoring needs a metric to score".into());
            None
        }
        (None, None) => None,
    };
    match (metric.is_some(), tree.children[at]) {
        (true, 1..) => {
            faults.at(Code::LeafWithChildren, at, &["metric"], format!("`{key}` has nodes below it and cannot score a metric of its own"))
        }
        (false, 0) if scoring.is_none() => {
            faults.at(Code::NeitherLeafNorParent, at, &["metric"], format!("`{key}` has no nodes below it and needs a metric"));
        }
        _ => {}
    }
    Node {
        key: key.as_str().into(),
        title: title.clone(),
        parent: tree.parents[at].and_then(|parent| tree.place(parent)),
        weight: *weight,
        leaf,
    }
}

/// Keys stand in URLs, in configuration and in other systems; so they are kept plain.
fn usable_key(key: &str) -> Result<(), String> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    match key.len() {
        0 => Err("a key is needed".into()),
        1..=MOST_CHARACTERS if key.chars().all(plain) => Ok(()),
        _ => Err(format!("a key is made of small letters a to z, digits, `-` and `_`, {MOST_CHARACTERS} at most; {key:?} is not")),
    }
}

fn usable_title(title: &str) -> Result<(), String> {
    match title {
        blank if blank.trim().is_empty() => Err("a title is needed".into()),
        title if title.chars().any(char::is_control) => Err(format!("a title is one line of text; {title:?} is not")),
        title if title.chars().count() > MOST_CHARACTERS => Err(format!("a title has {MOST_CHARACTERS} characters at most")),
        _ => Ok(()),
    }
}

impl Faults {
    fn add(&mut self, code: Code, path: &[&str], message: String) {
        self.0.push(ScorecardFault { code, path: path.iter().map(|part| (*part).to_owned()).collect(), message });
    }

    fn at(&mut self, code: Code, node: usize, path: &[&str], message: String) {
        let node = node.to_string();
        self.add(code, &[&["nodes", node.as_str()], path].concat(), message);
    }

    fn of_card(&mut self, record: &ScorecardRecord) {
        if let Err(message) = usable_key(&record.key) {
            self.add(Code::BadKey, &["key"], message);
        }
        if let Err(message) = usable_title(&record.title) {
            self.add(Code::BadTitle, &["title"], message);
        }
        for (at, node) in record.nodes.iter().enumerate() {
            if let Err(message) = usable_title(&node.title) {
                self.at(Code::BadTitle, at, &["title"], message);
            }
        }
        match record.nodes.len() {
            0 => self.add(Code::Empty, &["nodes"], "a scorecard needs at least one node".into()),
            1..=MOST_NODES => {}
            many => self.add(Code::TooLarge, &["nodes"], format!("these are {many} nodes; a scorecard has {MOST_NODES} at most")),
        }
        if record.min_coverage < Decimal::ZERO || record.min_coverage > Decimal::ONE {
            self.add(Code::BadCoverage, &["minCoverage"], format!("coverage is a share from 0 to 1, not {}", record.min_coverage));
        }
        match (record.missing, record.carry_periods) {
            (Missing::CarryForward, Some(1..=MOST_CARRY)) | (Missing::Renormalise | Missing::Zero | Missing::Block, None) => {}
            (Missing::CarryForward, _) => {
                self.add(
                    Code::BadCarryPeriods,
                    &["carryPeriods"],
                    format!("carrying forward needs to know how many periods back to look: 1 to {MOST_CARRY}"),
                );
            }
            (_, Some(_)) => self.add(Code::BadCarryPeriods, &["carryPeriods"], "only CARRY_FORWARD looks back".into()),
        }
        self.of_grades(record);
    }

    fn of_grades(&mut self, record: &ScorecardRecord) {
        for (at, pair) in record.grades.windows(2).enumerate() {
            if pair[0].from <= pair[1].from {
                let message = format!("grades stand best first: {} must begin below {}", pair[1].grade, pair[0].from);
                self.add(Code::BadGrades, &["grades", &(at + 1).to_string()], message);
            }
        }
        for (at, _) in record.grades.iter().enumerate().filter(|(_, grade)| usable_title(&grade.grade).is_err()) {
            self.add(Code::BadGrades, &["grades", &at.to_string()], "a grade needs a name, which is one line of text".into());
        }
    }

    fn of_weights(&mut self, record: &ScorecardRecord, tree: &Tree) {
        for (at, node) in record.nodes.iter().enumerate() {
            if node.weight.is_sign_negative() && !node.weight.is_zero() {
                self.at(Code::NegativeWeight, at, &["weight"], format!("a weight is 0 or more, not {}", node.weight));
            } else if let Err(message) = usable_weight(node.weight) {
                self.at(Code::BadWeight, at, &["weight"], message);
            }
        }
        let mut siblings: HashMap<Option<usize>, Vec<usize>> = HashMap::new();
        tree.order.iter().for_each(|&at| siblings.entry(tree.parents[at]).or_default().push(at));
        let mut zero: Vec<_> =
            siblings.into_iter().filter(|(_, nodes)| nodes.iter().all(|&at| record.nodes[at].weight.is_zero())).collect();
        zero.sort_unstable();
        for (parent, _) in zero {
            match parent {
                None => self.add(Code::ZeroWeights, &["nodes"], "all weights at the top are 0: nothing would count".into()),
                Some(at) => {
                    self.at(Code::ZeroWeights, at, &[], format!("all weights below `{}` are 0: nothing would count", record.nodes[at].key))
                }
            }
        }
    }

    fn of_metric(&mut self, at: usize, key: &str, node: &NodeRecord, (kind, packs): (SubjectKind, &Snapshot)) {
        let Some(metric) = packs.metric(key) else {
            return self.at(Code::UnknownMetric, at, &["metric"], unknown(key, packs));
        };
        if let Err(fault) = Parameters::of(metric.metric(), &node.parameters) {
            self.at(Code::BadParameter, at, &["parameters"], format!("`{key}`: {fault}"));
        }
        let subjects = &metric.metric().subjects;
        if !subjects.is_empty() && kind != SubjectKind::Organisation && !subjects.contains(&kind) {
            let meant = subjects.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(", ");
            self.at(
                Code::NotApplicable,
                at,
                &["metric"],
                format!("`{key}` is meant for {meant} and the organisation, not for {}", kind.name()),
            );
        }
        let scoring: Option<Scoring> = node.scoring.as_ref().and_then(|scoring| serde_json::from_value(scoring.clone()).ok());
        let directed = matches!(metric.metric().direction, manifest::Direction::Up | manifest::Direction::Down);
        if !directed && scoring.is_some_and(|scoring| scoring.asks_direction()) {
            let message =
                format!("`{key}` says neither that higher nor that lower is better; score it with minmax, range, points or bands");
            self.at(Code::NoDirection, at, &["scoring"], message);
        }
    }

    fn scoring(&mut self, at: usize, json: &serde_json::Value) -> Option<Scoring> {
        let scoring: Scoring = match serde_json::from_value(json.clone()) {
            Ok(scoring) => scoring,
            Err(error) => {
                self.at(
                    Code::BadScoring,
                    at,
                    &["scoring"],
                    format!("it is none of target, minmax, range, points, bands, percentile, scale: {error}"),
                );
                return None;
            }
        };
        if let Some((code, part, message)) = scoring.fault() {
            self.at(code, at, &["scoring", part], message);
        }
        Some(scoring)
    }
}

impl Scoring {
    fn fault(&self) -> Option<(Code, &'static str, String)> {
        let ascending = |at: &[Decimal]| at.windows(2).all(|pair| pair[0] < pair[1]);
        let beyond = |scores: &[Decimal]| scores.iter().any(|score| score.abs() > MOST || score.scale() > WEIGHT_SCALE);
        let far = format!("scores are between -{MOST} and {MOST}, with at most {WEIGHT_SCALE} decimals");
        match self {
            Scoring::Target { cap, .. } if *cap <= Decimal::ZERO || beyond(&[*cap]) => {
                Some((Code::BadCap, "target", format!("the cap is above 0 and at most {MOST}")))
            }
            Scoring::Minmax { worst, best } if worst == best => {
                Some((Code::WorstIsBest, "minmax", format!("worst and best are both {worst}")))
            }
            Scoring::Scale { min, max } if min >= max => Some((Code::BadRange, "scale", format!("min ({min}) must be below max ({max})"))),
            Scoring::Range { low, high, .. } if low > high => {
                Some((Code::BadRange, "range", format!("low ({low}) must not be above high ({high})")))
            }
            Scoring::Range { tolerance, .. } if tolerance.is_sign_negative() => {
                Some((Code::BadRange, "range", "tolerance must not be negative".into()))
            }
            Scoring::Points(points) => {
                let (at, scores): (Vec<_>, Vec<_>) = points.iter().map(|point| (point.at, point.score)).unzip();
                match points.len() {
                    0 | 1 => Some((Code::BadScoring, "points", "a line needs at least two points".into())),
                    _ if !ascending(&at) => Some((Code::NotAscending, "points", "`at` must rise from point to point".into())),
                    _ => beyond(&scores).then_some((Code::BadScoring, "points", far)),
                }
            }
            Scoring::Bands(bands) => {
                let (from, scores): (Vec<_>, Vec<_>) = bands.iter().map(|band| (band.from, band.score)).unzip();
                match bands.len() {
                    0 => Some((Code::BadScoring, "bands", "there must be at least one band".into())),
                    _ if !ascending(&from) => Some((Code::NotAscending, "bands", "`from` must rise from band to band".into())),
                    _ => beyond(&scores).then_some((Code::BadScoring, "bands", far)),
                }
            }
            _ => None,
        }
    }
}

pub(super) fn usable_weight(weight: Decimal) -> Result<(), String> {
    if weight <= MOST && weight.normalize().scale() <= WEIGHT_SCALE {
        return Ok(());
    }
    Err(format!("a weight is at most {MOST}, with at most {WEIGHT_SCALE} decimals"))
}

fn unknown(key: &str, packs: &Snapshot) -> String {
    let loaded: Vec<&str> = packs.packs().iter().map(|pack| pack.manifest().id.as_str()).collect();
    match loaded.as_slice() {
        [] => format!("there is no metric `{key}`: no pack is loaded"),
        loaded => {
            format!("there is no metric `{key}` in the loaded packs ({}); `packs {{ metrics {{ key }} }}` lists them", loaded.join(", "))
        }
    }
}
