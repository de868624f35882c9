//! The types of figures: three interfaces, and an object of each for every kind of value.

use async_graphql::OutputType;
use async_graphql::registry::{MetaField, MetaInputValue, Registry};
use manifest::Kind;

use super::Part;
use super::change::{BasisName, CauseName, Change, Comparison, Rank, StatusName, Target};
use super::explain::Explanation;
use crate::catalogue::MetricDefinition;
use crate::meta::{claim, field, input, interface, object};
use crate::parameter::ParameterValue;
use crate::scalar::{Decimal, Duration, Money, PeriodScalar};
use crate::subject::{GrainName, OutcomeName, SubjectKindName, SubjectRef};

const KINDS: [Kind; 6] = [Kind::Ratio, Kind::Money, Kind::Count, Kind::Duration, Kind::Score, Kind::Number];

/// `RatioMetric`, `MoneyPoint`, `DurationSlice`.
pub fn type_name(kind: Kind, part: Part) -> String {
    let kind = match kind {
        Kind::Ratio => "Ratio",
        Kind::Money => "Money",
        Kind::Count => "Count",
        Kind::Duration => "Duration",
        Kind::Score => "Score",
        Kind::Number => "Number",
    };
    format!("{kind}{}", suffix(part))
}

fn suffix(part: Part) -> &'static str {
    match part {
        Part::Metric => "Metric",
        Part::Point => "Point",
        Part::Slice => "Slice",
    }
}

/// What a value of the kind is, as type and in words.
fn value_type(kind: Kind) -> (&'static str, &'static str, &'static str) {
    match kind {
        Kind::Ratio => ("Decimal", "A share or a quotient of like things.", "As a fraction: 0.63 is 63 %."),
        Kind::Money => ("Money", "An amount of money.", "In the organisation's currency."),
        Kind::Count => ("Decimal", "A number of things.", "A whole number, unless the metric's formula says otherwise."),
        Kind::Duration => ("Duration", "A length of time.", "The length, in seconds and by ISO 8601."),
        Kind::Score => ("Decimal", "A value on a scale.", "On the scale of the metric's unit."),
        Kind::Number => ("Decimal", "A number.", "In the metric's unit."),
    }
}

pub fn register(registry: &mut Registry) {
    if !claim(registry, "Metric") {
        return;
    }
    register_parts(registry);
    for part in [Part::Metric, Part::Point, Part::Slice] {
        let objects: Vec<String> = KINDS.map(|kind| type_name(kind, part)).into();
        for kind in KINDS {
            let (ty, about, unit) = value_type(kind);
            let value = field("value", ty, format!("{unit} Null where `outcome` is not VALUE: no missing number becomes zero."), vec![]);
            let fields = [value].into_iter().chain(fields(part, &type_name(kind, Part::Point), &type_name(kind, Part::Slice)));
            object(registry, &type_name(kind, part), format!("{about} {}", describe(part)), fields.collect());
        }
        let name = match part {
            Part::Metric => "Metric",
            Part::Point => "MetricPoint",
            Part::Slice => "MetricSlice",
        };
        interface(registry, name, describe(part), fields(part, "MetricPoint", "MetricSlice").collect(), &objects);
    }
}

fn describe(part: Part) -> &'static str {
    match part {
        Part::Metric => {
            "One metric of one subject over one period. Only what is selected is computed, all figures of an operation together."
        }
        Part::Point => "A metric over one of the sub-periods of a series.",
        Part::Slice => "A metric narrowed to one subject of a breakdown.",
    }
}

/// The types that figures refer to.
fn register_parts(registry: &mut Registry) {
    Decimal::create_type_info(registry);
    Money::create_type_info(registry);
    Duration::create_type_info(registry);
    <PeriodScalar as OutputType>::create_type_info(registry);
    <OutcomeName as OutputType>::create_type_info(registry);
    <CauseName as OutputType>::create_type_info(registry);
    <GrainName as async_graphql::InputType>::create_type_info(registry);
    <SubjectKindName as OutputType>::create_type_info(registry);
    <Comparison as OutputType>::create_type_info(registry);
    SubjectRef::create_type_info(registry);
    MetricDefinition::create_type_info(registry);
    ParameterValue::create_type_info(registry);
    Target::create_type_info(registry);
    <StatusName as OutputType>::create_type_info(registry);
    <BasisName as OutputType>::create_type_info(registry);
    Change::create_type_info(registry);
    Rank::create_type_info(registry);
    Explanation::create_type_info(registry);
}

fn fields(part: Part, point: &str, slice: &str) -> impl Iterator<Item = MetaField> + use<> {
    let locale = input(
        "locale",
        "String",
        "Language tag that decides how numbers are written, `en`, `de`, `fr`, `zh`; `en` if none is given or known.",
    );
    let common = vec![
        field("outcome", "Outcome!", "Whether there is a value, and if not, what kind of reason there is.", vec![]),
        field("cause", "Cause", "The reason more finely, where there is no value.", vec![]),
        field("reason", "String", "The reason in words, where there is no value.", vec![]),
        field(
            "formatted",
            "String!",
            "The value as people write it, with its unit: `63.2 %`, `1,250.00 USD`, `12.5 d`; `–` where there is none.",
            vec![locale],
        ),
        field("period", "Period!", "The period it is of.", vec![]),
    ];
    let own = match part {
        Part::Metric => metric_fields(point, slice),
        Part::Point => vec![],
        Part::Slice => vec![field("subject", "Subject!", "The subject that the figure is narrowed to.", vec![])],
    };
    common.into_iter().chain(own)
}

fn metric_fields(point: &str, slice: &str) -> Vec<MetaField> {
    let among = input("among", "SubjectKind", "The kind of the subjects compared, which is the figure's own.");
    let within = input("within", "ID", "Id of a subject that they must belong to: a team of employees, a segment or region of customers.");
    vec![
        field("key", "String!", "The whole key, `sales.win_rate`.", vec![]),
        field("definition", "MetricDefinition!", "What the metric says of itself.", vec![]),
        field("parameters", "[ParameterValue!]!", "What its parameters are set to; empty where it has none.", vec![]),
        field(
            "target",
            "Target",
            "The target kept for this metric, subject and period (kind METRIC), and how much of it is reached; null where none is kept.",
            vec![],
        ),
        field(
            "status",
            "Status",
            "How the value stands: against its target, and where none is kept, by the bands of the definition (`statusBasis` says which). Null where there is no value, where there is neither, and where a target says nothing because neither higher nor lower is better.",
            vec![],
        ),
        field("statusBasis", "StatusBasis", "What `status` was taken from; null where that is.", vec![]),
        field(
            "changes",
            "[Change!]!",
            "How it has changed, one for each comparison asked for, in their order.",
            vec![input("from", "[Comparison!]!", "What it is compared with.")],
        ),
        field(
            "series",
            format!("[{point}!]!"),
            "The same metric over the sub-periods, which cover the period exactly.",
            vec![input("by", "Grain!", "How long the sub-periods are.")],
        ),
        field(
            "breakdown",
            format!("[{slice}!]!"),
            "The same metric narrowed to each subject of a kind: the largest values first, those without a value last.",
            breakdown_arguments(),
        ),
        field(
            "rank",
            "Rank",
            "Its place among the subjects of its kind that have a value, the best first (by the metric's direction); null where it has no value, or does not belong to `within`. Equal values share a place, and the next one is left out.",
            vec![among, within],
        ),
        field("explain", "Explanation!", "Where the value comes from, down to the records.", vec![]),
    ]
}

fn breakdown_arguments() -> Vec<MetaInputValue> {
    vec![
        input("by", "SubjectKind!", "The kind of subject to narrow to, other than its own."),
        input("first", "Int", "Only so many slices; all if not given."),
    ]
}
