//! Scorecards as they are defined, and the input that defines one.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object, OneofObject};
use chrono::NaiveDate;
use engine::{Band, Missing, Point, Scoring, TARGET_CAP};
use store::scorecard::{Method, NodeRecord, ScorecardRecord, WeightSet};

use super::Grade;
use super::weight::Weights;
use crate::error::Fail;
use crate::id;
use crate::parameter::{self, ParameterInput, ParameterValue};
use crate::request::Requested;
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
pub struct Definition {
    /// With the weights that hold now.
    pub record: Arc<ScorecardRecord>,
    /// Known already after a change, which must not be answered from what was read before it.
    sets: Option<Vec<WeightSet>>,
}

impl Definition {
    pub fn of(record: ScorecardRecord) -> Definition {
        Definition { record: Arc::new(record), sets: None }
    }

    pub fn with(record: ScorecardRecord, sets: Vec<WeightSet>) -> Definition {
        Definition { record: Arc::new(record), sets: Some(sets) }
    }

    pub fn node(&self, key: &str) -> Option<DefinitionNode> {
        let node = self.record.nodes.iter().find(|node| node.key == key)?;
        Some(DefinitionNode::of(&self.record, node.clone()))
    }

    /// As it is kept now, after a change.
    pub async fn now(requested: &Requested, key: &str, today: NaiveDate) -> Result<Definition, Fail> {
        let store = requested.engine.store();
        let gone = || Fail::not_found(format!("the change was made, and then someone deleted the scorecard `{key}`"));
        let record = store.scorecard(key, today).await?.ok_or_else(gone)?;
        Ok(Definition::with(record, store.weight_sets(key).await?))
    }
}

/// A scorecard as it is defined: a tree of nodes whose leaves score metrics.
#[Object(name = "Scorecard")]
impl Definition {
    /// Its id, good for `node(id:)`.
    async fn id(&self) -> ID {
        id::encode_key("scorecard", &self.record.key)
    }

    /// Its key.
    async fn key(&self) -> &str {
        &self.record.key
    }

    /// Its title.
    async fn title(&self) -> &str {
        &self.record.title
    }

    /// The kind of subject it is for.
    async fn subject(&self) -> SubjectKindName {
        self.record.subject_kind.into()
    }

    /// What happens to a node whose metric has no value.
    async fn missing(&self) -> MissingName {
        self.record.missing.into()
    }

    /// How many periods back a score may come from; only with CARRY_FORWARD.
    async fn carry_periods(&self) -> Option<u32> {
        self.record.carry_periods
    }

    /// The share of the weight, 0 to 1, that must have a score for the whole to have one.
    async fn min_coverage(&self) -> Decimal {
        Decimal(self.record.min_coverage)
    }

    /// Its grades, best first.
    async fn grades(&self) -> Vec<Grade> {
        self.record.grades.iter().map(|grade| Grade { from: Decimal(grade.from), grade: grade.grade.clone() }).collect()
    }

    /// Counts its changes, from 1.
    async fn version(&self) -> u32 {
        self.record.version
    }

    /// All its nodes, in their order, each with its parent. The weights are those that hold now.
    async fn nodes(&self) -> Vec<DefinitionNode> {
        self.record.nodes.iter().map(|node| DefinitionNode::of(&self.record, node.clone())).collect()
    }

    /// Its sets of weights, oldest first; the first holds from the beginning, each until the next begins.
    async fn weight_sets(&self, ctx: &Context<'_>) -> Result<Vec<Weights>, Fail> {
        if let Some(sets) = &self.sets {
            return Ok(Weights::all(&self.record, sets));
        }
        Ok(Weights::all(&self.record, &Requested::of(ctx).weight_sets(&self.record.key).await?))
    }
}

/// A node of a scorecard as it is defined.
pub struct DefinitionNode {
    scorecard: String,
    node: NodeRecord,
}

impl DefinitionNode {
    pub fn of(record: &ScorecardRecord, node: NodeRecord) -> DefinitionNode {
        DefinitionNode { scorecard: record.key.clone(), node }
    }

    /// The node that an id of this type names, by the key of its scorecard and its own.
    pub fn keys(text: &str) -> Option<(String, String)> {
        serde_json::from_str(text).ok()
    }
}

/// A node of a scorecard as it is defined.
#[Object(name = "ScorecardNode")]
impl DefinitionNode {
    /// Its id, good for `node(id:)`.
    async fn id(&self) -> ID {
        let keys = serde_json::json!([self.scorecard, self.node.key]);
        id::encode_key("scorecard_node", &keys.to_string())
    }

    /// Its key, unique in the scorecard.
    async fn key(&self) -> &str {
        &self.node.key
    }

    /// Its title.
    async fn title(&self) -> &str {
        &self.node.title
    }

    /// Key of the node above; null at the top.
    async fn parent(&self) -> Option<&str> {
        self.node.parent.as_deref()
    }

    /// Its weight that holds now, relative to its siblings.
    async fn weight(&self) -> Decimal {
        Decimal(self.node.weight)
    }

    /// Whole key of the metric that it scores; leaves only.
    async fn metric(&self) -> Option<&str> {
        self.node.metric.as_deref()
    }

    /// The parameters of the metric that are set; the others stand at their defaults.
    async fn parameters(&self) -> Vec<ParameterValue> {
        let value = |(name, value): (&String, &_)| ParameterValue { name: name.clone(), value: Decimal(*value) };
        self.node.parameters.iter().map(value).collect()
    }

    /// How it scores, as JSON with the names of the input; leaves only.
    async fn scoring(&self) -> Option<String> {
        self.node.scoring.as_ref().map(ToString::to_string)
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
    /// Values of the metric's parameters; those that are not named stand at their defaults.
    #[graphql(default)]
    pub parameters: Vec<ParameterInput>,
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
            parameters: parameter::by_name(self.parameters)?,
            scoring: scoring.map_err(|error| Fail::internal("a scoring cannot be written", &error))?,
        })
    }
}
