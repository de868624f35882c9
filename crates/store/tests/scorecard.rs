//! Scorecards are kept whole, exactly as given, and never over a change that was not seen.

use chrono::NaiveDate;
use manifest::SubjectKind;
use rust_decimal::Decimal;
use store::Store;
use store::scorecard::{Grade, Method, Missing, NodeRecord, ScorecardError, ScorecardRecord, WeightSet};
use testbed::on_both;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn decimal(text: &str) -> Decimal {
    Decimal::from_str_exact(text).unwrap()
}

fn node(key: &str, parent: Option<&str>, position: u32, weight: &str) -> NodeRecord {
    let leaf = parent.is_some();
    NodeRecord {
        key: key.into(),
        parent: parent.map(Into::into),
        position,
        title: key.to_uppercase(),
        weight: decimal(weight),
        metric: leaf.then(|| "sales.amount".into()),
        parameters: leaf.then(|| ("prior".into(), decimal("0.50"))).into_iter().collect(),
        scoring: leaf.then(|| serde_json::json!({"minmax": {"worst": "0.40", "best": "0.8"}})),
    }
}

fn card() -> ScorecardRecord {
    ScorecardRecord {
        key: "rep".into(),
        title: "Sales rep".into(),
        subject_kind: SubjectKind::Employee,
        missing: Missing::CarryForward,
        carry_periods: Some(2),
        min_coverage: decimal("0.50"),
        grades: vec![Grade { from: decimal("90.0"), grade: "A".into() }, Grade { from: decimal("0"), grade: "B".into() }],
        version: 1,
        method: Method::Manual,
        weights_from: None,
        nodes: vec![node("sales", None, 0, "60.00"), node("amount", Some("sales"), 1, "1"), node("rate", Some("sales"), 2, "0.5")],
    }
}

fn weights(starts_on: &str, weights: &[(&str, &str)]) -> WeightSet {
    let weights = weights.iter().map(|(key, weight)| ((*key).into(), decimal(weight))).collect();
    WeightSet { method: Method::Ahp, starts_on: Some(day(starts_on)), weights }
}

async fn read(store: &Store, on: &str) -> ScorecardRecord {
    store.scorecard("rep", day(on)).await.unwrap().unwrap()
}

on_both! {
    async fn a_scorecard_comes_back_as_it_was_given(database: Database) {
        let store = database.store();
        assert_eq!(store.scorecard("rep", day("2017-01-01")).await.unwrap(), None);
        store.create_scorecard(&card()).await.unwrap();
        let back = read(store, "2017-01-01").await;
        assert_eq!(back, card());
        assert_eq!(back.nodes[0].weight.to_string(), "60.00", "decimals keep their places");
        assert_eq!(store.scorecards(day("2017-01-01")).await.unwrap(), [card()]);
    }

    async fn a_key_is_given_once(database: Database) {
        database.store().create_scorecard(&card()).await.unwrap();
        let again = database.store().create_scorecard(&card()).await;
        assert!(matches!(again, Err(ScorecardError::Exists { key }) if key == "rep"));
    }

    async fn a_replacement_of_an_old_version_is_refused(database: Database) {
        let store = database.store();
        store.create_scorecard(&card()).await.unwrap();
        let mut changed = card();
        changed.title = "Seller".into();
        changed.nodes.pop();
        changed.nodes.push(node("new", None, 2, "40"));
        assert_eq!(store.replace_scorecard(&changed).await.unwrap(), 2);
        assert!(matches!(store.replace_scorecard(&card()).await, Err(ScorecardError::Changed { expected: 1, found: 2, .. })));
        assert_eq!(read(store, "2017-01-01").await, ScorecardRecord { version: 2, ..changed });
        let unknown = ScorecardRecord { key: "other".into(), ..card() };
        assert!(matches!(store.replace_scorecard(&unknown).await, Err(ScorecardError::Unknown { .. })));
    }

    async fn a_child_may_outlive_its_parent(database: Database) {
        let store = database.store();
        store.create_scorecard(&card()).await.unwrap();
        let mut changed = card();
        changed.nodes = vec![node("all", None, 0, "1"), node("amount", Some("all"), 1, "3")];
        store.replace_scorecard(&changed).await.unwrap();
        assert_eq!(read(store, "2017-01-01").await.nodes, changed.nodes);
    }

    async fn weights_hold_from_their_day_on(database: Database) {
        let store = database.store();
        store.create_scorecard(&card()).await.unwrap();
        let july = weights("2017-07-01", &[("sales", "100"), ("amount", "2"), ("rate", "3.50")]);
        assert_eq!(store.put_weight_set("rep", 1, &july).await.unwrap(), 2);
        let weight = |record: ScorecardRecord| record.nodes[2].weight.to_string();
        assert_eq!(weight(read(store, "2017-06-30").await), "0.5");
        let after = read(store, "2017-07-01").await;
        assert_eq!((after.method, after.weights_from), (Method::Ahp, Some(day("2017-07-01"))));
        assert_eq!(weight(after), "3.50");
        let sets = store.weight_sets("rep").await.unwrap();
        assert_eq!(sets.iter().map(|set| set.starts_on).collect::<Vec<_>>(), [None, july.starts_on]);
        assert_eq!(sets[1], july);
        let before = store.statements();
        let days = ["2017-08-01", "2017-06-30", "2017-07-01"].map(day);
        let on_days = store.scorecards_on(&days).await.unwrap();
        assert_eq!(store.statements() - before, 2, "however many days");
        for (records, day) in on_days.into_iter().zip(days) {
            assert_eq!(records, store.scorecards(day).await.unwrap());
        }
        assert!(store.scorecards_on(&[]).await.unwrap().is_empty());
        store.put_weight_set("rep", 2, &weights("2017-07-01", &[("sales", "1"), ("amount", "1"), ("rate", "1")])).await.unwrap();
        assert_eq!(store.weight_sets("rep").await.unwrap().len(), 2, "the set of a day is replaced");
        assert_eq!(store.delete_weight_set("rep", day("2017-07-01")).await.unwrap(), 4);
        assert_eq!(weight(read(store, "2018-01-01").await), "0.5");
    }

    async fn a_replacement_goes_into_the_set_it_was_read_from(database: Database) {
        let store = database.store();
        store.create_scorecard(&card()).await.unwrap();
        store.put_weight_set("rep", 1, &weights("2017-07-01", &[("sales", "100"), ("amount", "2"), ("rate", "3")])).await.unwrap();
        let mut july = read(store, "2017-07-01").await;
        july.nodes[1].weight = decimal("9");
        store.replace_scorecard(&july).await.unwrap();
        assert_eq!(read(store, "2017-07-01").await.nodes[1].weight, decimal("9"));
        assert_eq!(read(store, "2017-01-01").await.nodes[1].weight, decimal("1"));
    }

    async fn weights_are_of_the_version_they_were_made_for(database: Database) {
        let store = database.store();
        store.create_scorecard(&card()).await.unwrap();
        let all = [("sales", "100"), ("amount", "2"), ("rate", "3")];
        store.put_weight_set("rep", 1, &weights("2017-07-01", &all)).await.unwrap();
        let late = store.put_weight_set("rep", 1, &weights("2017-08-01", &all)).await;
        assert!(matches!(late, Err(ScorecardError::Changed { expected: 1, found: 2, .. })), "{late:?}");
        assert!(matches!(store.put_weight_set("other", 1, &weights("2017-08-01", &all)).await, Err(ScorecardError::Unknown { .. })));
        assert_eq!((store.weight_sets("rep").await.unwrap().len(), read(store, "2018-01-01").await.version), (2, 2));
        let second = ScorecardRecord { key: "second".into(), ..card() };
        store.create_scorecard(&second).await.unwrap();
        let of_both = store.weight_sets_of(&["rep", "second", "third"]).await.unwrap();
        assert_eq!((of_both["rep"].len(), of_both["second"].len(), of_both.len()), (2, 1, 2));
    }

    async fn no_set_of_weights_may_miss_a_node(database: Database) {
        let store = database.store();
        store.create_scorecard(&card()).await.unwrap();
        let partial = weights("2017-07-01", &[("sales", "100"), ("amount", "2")]);
        assert!(matches!(store.put_weight_set("rep", 1, &partial).await, Err(ScorecardError::Weights { reason, .. }) if reason.contains("`rate`")));
        let unknown = weights("2017-07-01", &[("sales", "100"), ("amount", "2"), ("rate", "1"), ("else", "1")]);
        assert!(matches!(store.put_weight_set("rep", 1, &unknown).await, Err(ScorecardError::Weights { .. })));
        let twice = weights("2017-07-01", &[("sales", "100"), ("sales", "2")]);
        assert!(matches!(store.put_weight_set("rep", 1, &twice).await, Err(ScorecardError::Weights { .. })));
        assert_eq!(read(store, "2018-01-01").await, card(), "a refused change leaves no trace");
        store.put_weight_set("rep", 1, &weights("2017-07-01", &[("sales", "100"), ("amount", "2"), ("rate", "1")])).await.unwrap();
        let mut grown = ScorecardRecord { version: 2, ..card() };
        grown.nodes.push(node("new", None, 3, "1"));
        assert!(matches!(store.replace_scorecard(&grown).await, Err(ScorecardError::Weights { starts_on: Some(_), .. })));
        assert_eq!(read(store, "2017-01-01").await.nodes, card().nodes);
    }

    async fn weights_have_a_beginning(database: Database) {
        let late = ScorecardRecord { weights_from: Some(day("2017-07-01")), ..card() };
        assert!(matches!(database.store().create_scorecard(&late).await, Err(ScorecardError::Weights { starts_on: None, .. })));
        assert!(database.store().scorecards(day("2018-01-01")).await.unwrap().is_empty());
    }

    async fn a_tree_that_does_not_hold_together_is_refused(database: Database) {
        let store = database.store();
        let with = |node: NodeRecord| {
            let mut card = card();
            card.nodes.push(node);
            card
        };
        let mut half = node("half", Some("sales"), 3, "1");
        half.scoring = None;
        for node in [node("amount", Some("sales"), 3, "1"), node("lost", Some("nowhere"), 3, "1"), half] {
            assert!(matches!(store.create_scorecard(&with(node.clone())).await, Err(ScorecardError::Node { node: key, .. }) if key == node.key));
        }
    }

    async fn a_deleted_scorecard_is_gone_with_all_its_parts(database: Database) {
        let store = database.store();
        store.create_scorecard(&card()).await.unwrap();
        store.delete_scorecard("rep").await.unwrap();
        assert!(matches!(store.delete_scorecard("rep").await, Err(ScorecardError::Unknown { .. })));
        assert!(store.weight_sets("rep").await.unwrap().is_empty());
        store.create_scorecard(&card()).await.unwrap();
    }

    async fn of_two_changes_at_once_one_is_told(database: Database) {
        let store = database.store();
        store.create_scorecard(&card()).await.unwrap();
        let record = card();
        let (one, other) = tokio::join!(store.replace_scorecard(&record), store.replace_scorecard(&record));
        let refused = [one, other].into_iter().filter(|outcome| matches!(outcome, Err(ScorecardError::Changed { .. }))).count();
        assert_eq!((refused, read(store, "2017-01-01").await.version), (1, 2));
    }
}
