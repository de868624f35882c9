//! Scorecards as they are defined, and the input that defines one.

use async_graphql::{Enum, InputObject, Object, OneofObject};
use chrono::NaiveDate;
use engine::{Band, Missing, Point, Scoring, TARGET_CAP};
use store::scorecard::{Method, NodeRecord, ScorecardRecord};

use super::Grade;
use crate::error::Fail;
use crate::scalar::Decimal;
use crate::subject::SubjectKindName;

/// What happens to a node whose metric has no value.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(name = "Missing", remote = "Missing")]
pub enum MissingName {
    /// Its weight goes to its siblings, in proportion.
    Renormalise,
    /// It scores 0.
    Zero,
    /// It keeps the score of an earlier period, `carryPeriods` back at most.
    CarryForward,
    /// The scorecard then has no score.
    Block,
}

/// A scorecard as it is defined: a tree of nodes whose leaves score metrics.
pub struct Definition(pub ScorecardRecord);

/// A scorecard as it is defined: a tree of nodes whose leaves score metrics.
#[Object(name = "Scorecard")]
impl Definition {
    /// Its key.
    async fn key(&self) -> &str {
        &self.0.key
    }

    /// Its title.
    async fn title(&self) -> &str {
        &self.0.title
    }

    /// The kind of subject it is for.
    async fn subject(&self) -> SubjectKindName {
        self.0.subject_kind.into()
    }

    /// What happens to a node whose metric has no value.
    async fn missing(&self) -> MissingName {
        self.0.missing.into()
    }

    /// How many periods back a score may come from; only with CARRY_FORWARD.
    async fn carry_periods(&self) -> Option<u32> {
        self.0.carry_periods
    }

    /// The share of the weight, 0 to 1, that must have a score for the whole to have one.
    async fn min_coverage(&self) -> Decimal {
        Decimal(self.0.min_coverage)
    }

    /// Its grades, best first.
    async fn grades(&self) -> Vec<Grade> {
        self.0.grades.iter().map(|grade| Grade { from: Decimal(grade.from), grade: grade.grade.clone() }).collect()
    }

    /// Counts its changes, from 1.
    async fn version(&self) -> u32 {
        self.0.version
    }

    /// All its nodes, in their order, each with its parent. The weights are those that hold now.
    async fn nodes(&self) -> Vec<DefinitionNode> {
        self.0.nodes.iter().cloned().map(DefinitionNode).collect()
    }
}

/// A node of a scorecard as it is defined.
pub struct DefinitionNode(NodeRecord);

/// A node of a scorecard as it is defined.
#[Object(name = "ScorecardNode")]
impl DefinitionNode {
    /// Its key, unique in the scorecard.
    async fn key(&self) -> &str {
        &self.0.key
    }

    /// Its title.
    async fn title(&self) -> &str {
        &self.0.title
    }

    /// Key of the node above; null at the top.
    async fn parent(&self) -> Option<&str> {
        self.0.parent.as_deref()
    }

    /// Its weight, relative to its siblings.
    async fn weight(&self) -> Decimal {
        Decimal(self.0.weight)
    }

    /// Whole key of the metric that it scores; leaves only.
    async fn metric(&self) -> Option<&str> {
        self.0.metric.as_deref()
    }

    /// How it scores, as JSON with the names of the input; leaves only.
    async fn scoring(&self) -> Option<String> {
        self.0.scoring.as_ref().map(ToString::to_string)
    }
}

/// A scorecard to create, or to put in the place of another.
#[derive(InputObject, Clone, Debug)]
pub struct ScorecardInput {
    /// Its key: small letters, digits, `-` and `_`.
    pub key: String,
    /// Its title.
    pub title: String,
    /// The kind of subject it is for.
    pub subject: SubjectKindName,
    /// What happens to a node whose metric has no value.
    #[graphql(default_with = "MissingName::Renormalise")]
    pub missing: MissingName,
    /// How many periods back a score may come from; with CARRY_FORWARD, and only there.
    pub carry_periods: Option<u32>,
    /// The share of the weight, 0 to 1, that must have a score for the whole to have one.
    #[graphql(default_with = "Decimal(rust_decimal::Decimal::new(7, 1))")]
    pub min_coverage: Decimal,
    /// Its grades, in any order. A score earns the grade with the highest bound it reaches; an empty list gives none.
    #[graphql(default_with = "usual_grades()")]
    pub grades: Vec<Grade>,
    /// Its nodes, in their order; those below others name their parent.
    pub nodes: Vec<NodeInput>,
}

/// A node of a scorecard: one that holds others, or a leaf that scores a metric.
#[derive(InputObject, Clone, Debug)]
#[graphql(name = "ScorecardNodeInput")]
pub struct NodeInput {
    /// Its key, unique in the scorecard.
    pub key: String,
    /// Its title.
    pub title: String,
    /// Its weight, relative to its siblings. Not negative.
    pub weight: Decimal,
    /// Key of the node above; none at the top.
    pub parent: Option<String>,
    /// Whole key of the metric; for leaves.
    pub metric: Option<String>,
    /// How the metric is scored; for leaves.
    pub scoring: Option<ScoringInput>,
}

/// How the value of a metric becomes a score, which is 100 where the aim is met. All values are in the metric's unit: money in units of the
/// currency, a metric in days in days.
#[derive(OneofObject, Clone, Debug)]
pub enum ScoringInput {
    /// 100 at a target, more or less in proportion.
    Target(TargetScoring),
    /// 0 at the worst value, 100 at the best, in proportion between them.
    Minmax(MinmaxScoring),
    /// 100 inside a range, falling to 0 outside it.
    Range(RangeScoring),
    /// Straight lines between points; before the first and after the last, their scores.
    Points(Vec<PointInput>),
    /// The score of the last band that begins at or below the value; 0 below the first.
    Bands(Vec<BandInput>),
    /// 100 for the best among all subjects of the scorecard's kind that have a value, 0 for the worst. `true`.
    Percentile(bool),
    /// A rating on a scale: 0 at `min`, 100 at `max`.
    Scale(ScaleScoring),
}

/// 100 at the target, from 0 to `cap`. Without a value, the target is the one kept for metric, subject and period (kind METRIC).
#[derive(InputObject, Clone, Debug)]
pub struct TargetScoring {
    /// The target, in the metric's unit.
    value: Option<Decimal>,
    /// The most that can be scored; 120 if not given.
    cap: Option<Decimal>,
}

/// 0 at `worst`, 100 at `best`. Which of the two is larger says which way is better.
#[derive(InputObject, Clone, Debug)]
pub struct MinmaxScoring {
    /// The value that scores 0.
    worst: Decimal,
    /// The value that scores 100.
    best: Decimal,
}

/// 100 from `low` to `high`, 0 at the distance `tolerance` outside.
#[derive(InputObject, Clone, Debug)]
pub struct RangeScoring {
    /// The lower end.
    low: Decimal,
    /// The upper end.
    high: Decimal,
    /// How far outside the score is 0.
    tolerance: Decimal,
}

/// A point of a curve.
#[derive(InputObject, Clone, Debug)]
pub struct PointInput {
    /// The value.
    at: Decimal,
    /// Its score.
    score: Decimal,
}

/// A band of values.
#[derive(InputObject, Clone, Debug)]
pub struct BandInput {
    /// The lowest value in it.
    from: Decimal,
    /// Its score.
    score: Decimal,
}

/// The ends of a scale.
#[derive(InputObject, Clone, Debug)]
pub struct ScaleScoring {
    /// The value that scores 0.
    min: Decimal,
    /// The value that scores 100.
    max: Decimal,
}

impl From<ScoringInput> for Scoring {
    fn from(input: ScoringInput) -> Scoring {
        match input {
            ScoringInput::Target(target) => {
                Scoring::Target { value: target.value.map(|value| value.0), cap: target.cap.map_or(TARGET_CAP, |cap| cap.0) }
            }
            ScoringInput::Minmax(ends) => Scoring::Minmax { worst: ends.worst.0, best: ends.best.0 },
            ScoringInput::Range(range) => Scoring::Range { low: range.low.0, high: range.high.0, tolerance: range.tolerance.0 },
            ScoringInput::Points(points) => {
                Scoring::Points(points.into_iter().map(|point| Point { at: point.at.0, score: point.score.0 }).collect())
            }
            ScoringInput::Bands(bands) => {
                Scoring::Bands(bands.into_iter().map(|band| Band { from: band.from.0, score: band.score.0 }).collect())
            }
            ScoringInput::Percentile(_) => Scoring::Percentile,
            ScoringInput::Scale(scale) => Scoring::Scale { min: scale.min.0, max: scale.max.0 },
        }
    }
}

/// The usual five.
fn usual_grades() -> Vec<Grade> {
    let bands = [("A", 90), ("B", 80), ("C", 70), ("D", 60), ("E", 0)];
    bands.map(|(grade, from)| Grade { from: Decimal(from.into()), grade: grade.into() }).into()
}

impl ScorecardInput {
    /// As it is kept, in place of `version`.
    pub fn record(self, version: u32, weights_from: Option<NaiveDate>) -> Result<ScorecardRecord, Fail> {
        let mut grades: Vec<store::scorecard::Grade> =
            self.grades.into_iter().map(|grade| store::scorecard::Grade { from: grade.from.0, grade: grade.grade }).collect();
        grades.sort_by_key(|grade| std::cmp::Reverse(grade.from));
        Ok(ScorecardRecord {
            key: self.key,
            title: self.title,
            subject_kind: self.subject.into(),
            missing: self.missing.into(),
            carry_periods: self.carry_periods,
            min_coverage: self.min_coverage.0,
            grades,
            version,
            method: Method::Manual,
            weights_from,
            nodes: self.nodes.into_iter().zip(0..).map(|(node, position)| node.record(position)).collect::<Result<_, _>>()?,
        })
    }
}

impl NodeInput {
    fn record(self, position: u32) -> Result<NodeRecord, Fail> {
        let scoring = self.scoring.map(|scoring| serde_json::to_value(Scoring::from(scoring))).transpose();
        Ok(NodeRecord {
            key: self.key,
            parent: self.parent,
            position,
            title: self.title,
            weight: self.weight.0,
            metric: self.metric,
            scoring: scoring.map_err(|error| Fail::internal("a scoring cannot be written", &error))?,
        })
    }
}
