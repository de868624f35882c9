//! Scorecards: faults found, totals, policies, and contributions that add up to the last digit.

use manifest::SubjectKind;
use rust_decimal::Decimal;
use store::scorecard::{Method, NodeRecord, ScorecardRecord};

use super::*;

fn node(key: &str, parent: Option<&str>, weight: Decimal, metric: Option<&str>) -> NodeRecord {
    let scoring = metric.map(|_| serde_json::json!({"minmax": {"worst": "0", "best": "100"}}));
    NodeRecord {
        key: key.into(),
        parent: parent.map(str::to_owned),
        position: 0,
        title: key.into(),
        weight,
        metric: metric.map(str::to_owned),
        parameters: Default::default(),
        scoring,
    }
}

fn record(nodes: Vec<NodeRecord>) -> ScorecardRecord {
    ScorecardRecord {
        key: "rep".into(),
        title: "Rep".into(),
        subject_kind: SubjectKind::Employee,
        missing: Missing::Renormalise,
        carry_periods: None,
        min_coverage: dec!(0.5),
        grades: vec![Grade { from: dec!(90), grade: "A".into() }, Grade { from: dec!(0), grade: "B".into() }],
        version: 1,
        method: Method::Manual,
        weights_from: None,
        nodes,
    }
}

fn flat(weights: &[Decimal]) -> ScorecardRecord {
    record(weights.iter().enumerate().map(|(at, &weight)| node(&format!("n{at}"), None, weight, Some("sales.amount"))).collect())
}

fn card(record: &ScorecardRecord) -> Scorecard {
    Scorecard::read(record).unwrap()
}

fn weights(card: &Scorecard) -> Vec<Decimal> {
    card.nodes.iter().map(|node| node.weight).collect()
}

fn faults(change: impl FnOnce(&mut ScorecardRecord)) -> Vec<(ScorecardFaultCode, String)> {
    let mut record = record(vec![
        node("a", None, dec!(1), None),
        node("b", Some("a"), dec!(1), Some("sales.amount")),
        node("c", None, dec!(2), Some("sales.amount")),
    ]);
    change(&mut record);
    let faults = Scorecard::read(&record).err().unwrap_or_default();
    faults.into_iter().map(|fault| (fault.code, fault.path.join("."))).collect()
}

#[test]
fn every_fault_is_found_where_it_is() {
    use ScorecardFaultCode as Code;
    type Change = Box<dyn FnOnce(&mut ScorecardRecord)>;
    let scoring = |json: serde_json::Value| -> Change { Box::new(move |record| record.nodes[1].scoring = Some(json)) };
    let cases: Vec<(Change, Code, &str)> = vec![
        (Box::new(|record| record.nodes.clear()), Code::Empty, "nodes"),
        (Box::new(|record| record.key.clear()), Code::BadKey, "key"),
        (Box::new(|record| record.key = "Rep Quarter".into()), Code::BadKey, "key"),
        (Box::new(|record| record.nodes[1].key = "b\0".into()), Code::BadKey, "nodes.1.key"),
        (Box::new(|record| record.title = " ".into()), Code::BadTitle, "title"),
        (Box::new(|record| record.nodes[1].title = "two\nlines".into()), Code::BadTitle, "nodes.1.title"),
        (
            Box::new(|record| record.nodes.extend((0..1_000).map(|at| node(&format!("n{at}"), None, dec!(1), Some("sales.amount"))))),
            Code::TooLarge,
            "nodes",
        ),
        (Box::new(|record| record.nodes[1].key = "c".into()), Code::DuplicateKey, "nodes.2.key"),
        (Box::new(|record| record.nodes[1].parent = Some("z".into())), Code::UnknownParent, "nodes.1.parent"),
        (Box::new(|record| record.nodes[0].parent = Some("a".into())), Code::Cycle, "nodes.0.parent"),
        (Box::new(|record| record.nodes[2].parent = Some("b".into())), Code::LeafWithChildren, "nodes.1.metric"),
        (Box::new(|record| record.nodes[2] = node("c", None, dec!(1), None)), Code::NeitherLeafNorParent, "nodes.2.metric"),
        (Box::new(|record| record.nodes[2].weight = dec!(-1)), Code::NegativeWeight, "nodes.2.weight"),
        (Box::new(|record| record.nodes[2].weight = dec!(0.00000000001)), Code::BadWeight, "nodes.2.weight"),
        (Box::new(|record| record.nodes[1].weight = dec!(0)), Code::ZeroWeights, "nodes.0"),
        (Box::new(|record| [0, 2].iter().for_each(|&at| record.nodes[at].weight = dec!(0))), Code::ZeroWeights, "nodes"),
        (Box::new(|record| record.min_coverage = dec!(1.1)), Code::BadCoverage, "minCoverage"),
        (Box::new(|record| record.missing = Missing::CarryForward), Code::BadCarryPeriods, "carryPeriods"),
        (Box::new(|record| record.grades.swap(0, 1)), Code::BadGrades, "grades.1"),
        (Box::new(|record| record.nodes[1].scoring = None), Code::BadScoring, "nodes.1.scoring"),
        (scoring(serde_json::json!({"minmax": {"worst": "3", "best": "3.0"}})), Code::WorstIsBest, "nodes.1.scoring.minmax"),
        (scoring(serde_json::json!({"magic": {}})), Code::BadScoring, "nodes.1.scoring"),
        (
            scoring(serde_json::json!({"points": [{"at": "2", "score": "0"}, {"at": "1", "score": "100"}]})),
            Code::NotAscending,
            "nodes.1.scoring.points",
        ),
        (scoring(serde_json::json!({"bands": []})), Code::BadScoring, "nodes.1.scoring.bands"),
        (scoring(serde_json::json!({"target": {"cap": "0"}})), Code::BadCap, "nodes.1.scoring.target"),
        (scoring(serde_json::json!({"range": {"low": "3", "high": "2", "tolerance": "1"}})), Code::BadRange, "nodes.1.scoring.range"),
    ];
    for (change, code, path) in cases {
        let found = faults(change);
        assert!(found.contains(&(code, path.to_owned())), "{code:?} at {path}: {found:?}");
    }
    assert_eq!(faults(|_| {}), []);
}

#[test]
fn all_scorings_read_back_as_they_were_written() {
    for json in [
        r#"{"target":{"cap":"120"}}"#,
        r#"{"target":{"value":"100000","cap":"150"}}"#,
        r#"{"minmax":{"worst":"0.4","best":"0.8"}}"#,
        r#"{"range":{"low":"1","high":"2","tolerance":"0.5"}}"#,
        r#"{"points":[{"at":"20","score":"120"},{"at":"50","score":"100"}]}"#,
        r#"{"bands":[{"from":"0","score":"10"}]}"#,
        r#""percentile""#,
        r#"{"scale":{"min":"1","max":"5"}}"#,
    ] {
        let scoring: Scoring = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::to_string(&scoring).unwrap(), json);
    }
}

#[test]
fn parents_are_scored_from_their_children_in_whatever_order_they_stand() {
    let record = record(vec![
        node("leaf1", Some("group"), dec!(1), Some("sales.amount")),
        node("group", None, dec!(50), None),
        node("leaf2", Some("group"), dec!(3), Some("sales.amount")),
        node("alone", None, dec!(50), Some("sales.amount")),
    ]);
    let card = card(&record);
    assert_eq!(card.nodes.iter().map(|node| &*node.key).collect::<Vec<_>>(), ["group", "leaf1", "leaf2", "alone"]);
    let total = card.total(&weights(&card), &[None, Some(dec!(100)), Some(dec!(60)), Some(dec!(30))]);
    assert_eq!(total.scores, [Some(dec!(70)), Some(dec!(100)), Some(dec!(60)), Some(dec!(30))]);
    assert_eq!(total.score, Some(dec!(50)));
    assert_eq!(total.contributions, [Some(dec!(35)), Some(dec!(12.5)), Some(dec!(22.5)), Some(dec!(15))]);
    assert_eq!(total.effective, [dec!(0.5), dec!(0.125), dec!(0.375), dec!(0.5)]);
}

#[test]
fn contributions_add_up_to_the_last_digit() {
    let mut seed = 1u64;
    let mut next = || {
        seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        Decimal::from(seed >> 50) / dec!(137)
    };
    for count in 1..=40 {
        let given: Vec<Decimal> = (0..count).map(|_| next().round_dp(3) + dec!(0.001)).collect();
        let card = card(&flat(&given));
        let scores: Vec<Option<Decimal>> = (0..count).map(|at| (at % 5 != 3).then(&mut next)).collect();
        let total = card.total(&given, &scores);
        assert_eq!(total.contributions.iter().flatten().sum::<Decimal>(), total.score.unwrap(), "{count}");
    }
}

#[test]
fn a_grade_is_not_lost_to_thirds() {
    let card = card(&flat(&[dec!(1), dec!(1), dec!(1)]));
    let total = card.total(&weights(&card), &[Some(dec!(90)), Some(dec!(90)), Some(dec!(90))]);
    assert_eq!(card.grade(total.score.unwrap()), Some("A"));
}

#[test]
fn policies_decide_what_a_missing_score_does() {
    let scores = [Some(dec!(80)), None];
    let with = |missing| {
        let card = Scorecard { missing, ..card(&flat(&[dec!(3), dec!(1)])) };
        let total = card.total(&weights(&card), &scores);
        (total.outcome, total.score, total.coverage)
    };
    assert_eq!(with(Missing::Renormalise), (ScoreOutcome::Scored, Some(dec!(80)), dec!(0.75)));
    assert_eq!(with(Missing::Zero), (ScoreOutcome::Scored, Some(dec!(60)), dec!(0.75)));
    assert_eq!(with(Missing::CarryForward), (ScoreOutcome::Scored, Some(dec!(80)), dec!(0.75)));
    assert_eq!(with(Missing::Block), (ScoreOutcome::Blocked, None, dec!(0.75)));
}

#[test]
fn nothing_scored_is_no_data_and_little_is_provisional() {
    let card = card(&flat(&[dec!(1), dec!(3)]));
    assert_eq!(card.total(&weights(&card), &[None, None]).outcome, ScoreOutcome::NoData);
    let little = card.total(&weights(&card), &[Some(dec!(10)), None]);
    assert_eq!((little.outcome, little.score), (ScoreOutcome::LowCoverage, Some(dec!(10))));
}

#[test]
fn weights_of_another_day_are_held_to_the_same_rules() {
    use ScorecardFaultCode as Code;
    let record = record(vec![
        node("a", None, dec!(1), None),
        node("b", Some("a"), dec!(1), Some("sales.amount")),
        node("c", None, dec!(2), Some("sales.amount")),
    ]);
    let faults = |weights: &[(&str, Decimal)]| -> Vec<(Code, String)> {
        let weights = weights.iter().map(|(key, weight)| ((*key).to_owned(), *weight)).collect();
        let set = store::scorecard::WeightSet { method: Method::Ahp, starts_on: None, weights };
        Scorecard::weight_faults(&record, &set).into_iter().map(|fault| (fault.code, fault.path.join("."))).collect()
    };
    let fault = |code, path: &str| (code, path.to_owned());
    assert_eq!(faults(&[("c", dec!(0)), ("b", dec!(1)), ("a", dec!(3))]), []);
    assert_eq!(faults(&[("c", dec!(1)), ("b", dec!(-1)), ("a", dec!(3))]), [fault(Code::NegativeWeight, "weights.1.weight")]);
    assert_eq!(faults(&[("c", dec!(1)), ("b", dec!(1)), ("a", dec!(1e9))]), [fault(Code::BadWeight, "weights.2.weight")]);
    assert_eq!(faults(&[("c", dec!(0)), ("b", dec!(1)), ("a", dec!(0))]), [fault(Code::ZeroWeights, "weights")]);
    assert_eq!(faults(&[("c", dec!(1)), ("b", dec!(0)), ("a", dec!(1))]), [fault(Code::ZeroWeights, "weights")]);
    assert_eq!(faults(&[("c", dec!(1)), ("a", dec!(0))]), [fault(Code::MissingNode, "weights")]);
    let twice_and_unknown =
        [fault(Code::DuplicateKey, "weights.2.node"), fault(Code::UnknownNode, "weights.3.node"), fault(Code::MissingNode, "weights")];
    assert_eq!(faults(&[("c", dec!(1)), ("a", dec!(1)), ("a", dec!(2)), ("d", dec!(1))]), twice_and_unknown);
}
