//! Two scorecards for the generated company: one of its sellers, one of the company as a whole.

use manifest::SubjectKind;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use store::scorecard::{Grade, Method, Missing, NodeRecord, ScorecardRecord};

/// `sales-rep` for employees and `company`, a balanced scorecard, for the organisation. Both need the standard packs.
pub fn scorecards() -> Vec<ScorecardRecord> {
    vec![sales_rep(), company()]
}

fn sales_rep() -> ScorecardRecord {
    let mut nodes = Nodes::default();
    nodes.group("results", "Results", 60);
    nodes.leaf("results", "quota", "Quota attainment", 50, "sales.quota_attainment", points(&[("0.5", 0), ("1", 100), ("1.25", 120)]));
    nodes.leaf("results", "conversion", "Won opportunities", 30, "sales.opportunity_conversion_rate", minmax("0.25", "0.65"));
    nodes.leaf(
        "results",
        "growth",
        "Growth against last year",
        20,
        "sales.growth_rate_yoy",
        points(&[("-0.3", 0), ("0", 60), ("0.2", 100)]),
    );
    nodes.group("work", "Way of working", 40);
    nodes.leaf("work", "cycle", "Length of the sales cycle", 40, "sales.cycle_days", points(&[("25", 110), ("40", 100), ("90", 0)]));
    nodes.leaf("work", "discount", "Discounts given", 30, "sales.discount_rate", minmax("0.15", "0.03"));
    nodes.leaf("work", "order_size", "Size of an order", 30, "sales.avg_order_size", percentile());
    scorecard("sales-rep", "Seller", SubjectKind::Employee, Missing::Renormalise, nodes)
}

fn company() -> ScorecardRecord {
    let mut nodes = Nodes::default();
    nodes.group("financial", "Finance", 35);
    nodes.leaf("financial", "plan", "Plan attainment", 50, "sales.plan_attainment", points(&[("0.7", 0), ("1", 100), ("1.2", 120)]));
    nodes.leaf("financial", "yoy", "Growth against last year", 50, "sales.growth_rate_yoy", target());
    nodes.group("customer", "Customers", 30);
    nodes.leaf("customer", "csat", "Satisfaction with service", 50, "service.csat_rate", target());
    nodes.leaf("customer", "market", "Market share", 50, "marketing.market_share", minmax("0.1", "0.2"));
    nodes.group("process", "Processes", 25);
    nodes.leaf("process", "conversion", "Won opportunities", 40, "sales.opportunity_conversion_rate", target());
    nodes.leaf("process", "sla", "Cases solved in time", 40, "service.resolution_sla_rate", target());
    nodes.leaf("process", "reopened", "Cases reopened", 20, "service.reopen_rate", minmax("0.15", "0.02"));
    nodes.group("learning", "Learning and growth", 10);
    nodes.leaf("learning", "response", "Response to campaigns", 100, "marketing.response_rate", target());
    scorecard("company", "Company", SubjectKind::Organisation, Missing::Renormalise, nodes)
}

fn scorecard(key: &str, title: &str, subject_kind: SubjectKind, missing: Missing, nodes: Nodes) -> ScorecardRecord {
    let grades = [(90, "A"), (75, "B"), (60, "C"), (40, "D"), (0, "E")];
    ScorecardRecord {
        key: key.into(),
        title: title.into(),
        subject_kind,
        missing,
        carry_periods: None,
        min_coverage: Decimal::new(5, 1),
        grades: grades.map(|(from, grade)| Grade { from: Decimal::from(from), grade: grade.into() }).to_vec(),
        version: 1,
        method: Method::Manual,
        weights_from: None,
        nodes: nodes.0,
    }
}

#[derive(Default)]
struct Nodes(Vec<NodeRecord>);

impl Nodes {
    fn group(&mut self, key: &str, title: &str, weight: i64) {
        self.add(None, key, title, weight, None);
    }

    fn leaf(&mut self, parent: &str, key: &str, title: &str, weight: i64, metric: &str, scoring: Value) {
        self.add(Some(parent), key, title, weight, Some((metric, scoring)));
    }

    fn add(&mut self, parent: Option<&str>, key: &str, title: &str, weight: i64, leaf: Option<(&str, Value)>) {
        let (metric, scoring) = leaf.map(|(metric, scoring)| (metric.to_owned(), scoring)).unzip();
        self.0.push(NodeRecord {
            key: key.into(),
            parent: parent.map(Into::into),
            position: self.0.len() as u32,
            title: title.into(),
            weight: Decimal::from(weight),
            metric,
            parameters: Default::default(),
            scoring,
        });
    }
}

/// Against the target that the company keeps for the metric.
fn target() -> Value {
    json!({ "target": {} })
}

fn minmax(worst: &str, best: &str) -> Value {
    json!({ "minmax": { "worst": worst, "best": best } })
}

fn points(points: &[(&str, i64)]) -> Value {
    let points: Vec<Value> = points.iter().map(|(at, score)| json!({ "at": at, "score": score.to_string() })).collect();
    json!({ "points": points })
}

fn percentile() -> Value {
    json!("percentile")
}
