//! Loading: what goes in comes out, twice is once, and what is wrong is told by row, column and value.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate};
use store::{Batch, LoadError, Loaded, Query, Reject, Row, Selection, Store, Value, entity};
use testbed::on_both;

/// A batch from an entity's name, its columns' names, and rows whose first value is the key.
fn batch(name: &str, columns: &[&str], rows: Vec<(&str, Vec<Value>)>) -> Batch {
    let entity = entity(name).unwrap();
    let mut batch = Batch::new(entity, columns.iter().map(|column| entity.column(column).unwrap()).collect());
    rows.into_iter().for_each(|(key, row)| batch.push(key, row));
    batch
}

fn text(text: &str) -> Value {
    Value::text(text)
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn instant(text: &str) -> DateTime<chrono::Utc> {
    text.parse().unwrap()
}

fn at(moment: &str) -> Value {
    Value::instant(instant(moment))
}

fn names(name: &str, keys: &[&str]) -> Batch {
    batch(name, &["name"], keys.iter().map(|key| (*key, vec![text(key)])).collect())
}

fn loaded(inserted: u64, updated: u64, unchanged: u64) -> Loaded {
    Loaded { inserted, updated, unchanged }
}

async fn all(store: &Store, name: &str) -> Vec<Row> {
    store.page(&Arc::new(Selection::whole(entity(name).unwrap())), &Query::default()).await.unwrap()
}

/// What stands in some columns of a row.
fn values<const N: usize>(row: &Row, names: [&str; N]) -> [Value; N] {
    names.map(|name| row.value(name).unwrap_or_else(|| panic!("{name} was not read")).clone())
}

fn id(row: &Row) -> Value {
    Value::Integer(row.id())
}

fn rejects(outcome: Result<Loaded, LoadError>) -> Vec<(usize, &'static str, String, String)> {
    match outcome.unwrap_err() {
        LoadError::Rejected(rejects) => {
            rejects.into_iter().map(|Reject { row, column, value, reason, .. }| (row, column, value, reason)).collect()
        }
        LoadError::Store(error) => panic!("{error}"),
    }
}

fn orders() -> Batch {
    batch(
        "order",
        &["customer", "ordered_at", "amount", "state"],
        vec![
            ("o1", vec![text("acme"), at("2017-03-14T09:30:00.123456Z"), Value::Integer(1_234_567), text("BOOKED")]),
            ("o2", vec![Value::Null, at("2017-03-15T00:00:00Z"), Value::Null, Value::Null]),
        ],
    )
}

on_both! {
    async fn every_type_comes_back_as_it_went_in(database: Database) {
        let store = database.store();
        let product = batch("product", &["name", "list_price", "launched_on"], vec![
            ("p", vec![text("Größe \"L\" $1 'x' \\"), Value::Integer(i64::MAX), Value::Day(day("2016-02-29"))]),
        ]);
        let ticket = batch("ticket", &["created_at", "timely", "accepted", "product", "reopened_count"], vec![
            ("t", vec![at("1969-12-31T23:59:59.999999Z"), Value::Bool(true), Value::Bool(false), text("p"), Value::Null]),
        ]);
        assert_eq!(store.load_many(&[product, ticket]).await.unwrap(), [loaded(1, 0, 0), loaded(1, 0, 0)]);
        let product = all(store, "product").await.remove(0);
        assert_eq!(values(&product, ["external_key", "name"]), [text("p"), text("Größe \"L\" $1 'x' \\")]);
        assert_eq!(values(&product, ["list_price", "launched_on"]), [Value::Integer(i64::MAX), Value::Day(day("2016-02-29"))]);
        assert_eq!(values(&product, ["unit_cost", "category"]), [Value::Null, Value::Null]);
        let ticket = all(store, "ticket").await.remove(0);
        assert_eq!(values(&ticket, ["created_at"]), [at("1969-12-31T23:59:59.999999Z")]);
        assert_eq!(values(&ticket, ["timely", "accepted", "first_contact"]), [Value::Bool(true), Value::Bool(false), Value::Null]);
        assert_eq!(values(&ticket, ["product", "reopened_count", "kind"]), [id(&product), Value::Integer(0), text("REQUEST")]);
    }

    async fn loading_twice_changes_nothing(database: Database) {
        let store = database.store();
        let batches = [names("customer", &["acme"]), orders()];
        assert_eq!(store.load_many(&batches).await.unwrap(), [loaded(1, 0, 0), loaded(2, 0, 0)]);
        let before = all(store, "order").await;
        assert_eq!(store.load_many(&batches).await.unwrap(), [loaded(0, 0, 1), loaded(0, 0, 2)]);
        assert_eq!(all(store, "order").await, before);
    }

    async fn a_change_is_an_update_of_the_columns_given(database: Database) {
        let store = database.store();
        store.load_many(&[names("customer", &["acme", "bolt"]), orders()]).await.unwrap();
        let change = batch("order", &["customer"], vec![("o1", vec![text("bolt")]), ("o2", vec![Value::Null])]);
        assert_eq!(store.load(&change).await.unwrap(), loaded(0, 1, 1));
        let order = all(store, "order").await.remove(0);
        let bolt = all(store, "customer").await.remove(1);
        assert_eq!(values(&order, ["customer", "amount"]), [id(&bolt), Value::Integer(1_234_567)]);
        assert_eq!(values(&order, ["ordered_at"]), [at("2017-03-14T09:30:00.123456Z")]);
    }

    async fn a_new_record_needs_its_required_columns(database: Database) {
        let store = database.store();
        let found = rejects(store.load(&batch("order", &["amount"], vec![("o9", vec![Value::Integer(1)])])).await);
        assert_eq!((found[0].0, found[0].1, found[0].2.as_str()), (0, "ordered_at", "o9"));
        assert!(found[0].3.contains("a new order needs `ordered_at`"), "{}", found[0].3);
    }

    async fn unknown_references_are_told_by_row_and_key_and_nothing_is_written(database: Database) {
        let store = database.store();
        let found = rejects(store.load(&orders()).await);
        assert_eq!(found, [(0, "customer", "acme".into(), "there is no customer with this key".into())]);
        assert_eq!(all(store, "order").await, []);
        let several = store.load_many(&[names("team", &["a"]), orders()]).await;
        assert!(matches!(several, Err(LoadError::Rejected(rejects)) if rejects[0].batch == 1));
        assert_eq!(all(store, "team").await, []);
    }

    async fn bad_values_are_told_before_anything_is_written(database: Database) {
        let store = database.store();
        let bad = batch("opportunity", &["outcome", "closed_at", "win_probability"], vec![
            ("a", vec![text("MAYBE"), Value::Null, Value::Null]),
            ("b", vec![text("WON"), text("yesterday"), Value::Null]),
            ("b", vec![Value::Null, Value::Integer(i64::MAX), Value::Null]),
            ("", vec![Value::Null, Value::Null, Value::Null]),
            ("nul\0", vec![Value::Null, Value::Null, Value::Null]),
        ]);
        let found: Vec<_> = rejects(store.load(&bad).await).into_iter().map(|(row, column, _, reason)| (row, column, reason)).collect();
        let expected = [
            (0, "outcome", "expected one of OPEN, WON, LOST"),
            (1, "closed_at", "expected an instant"),
            (2, "external_key", "the key is already that of row 1 in the same batch"),
            (2, "closed_at", "the instant lies beyond the calendar"),
            (3, "external_key", "the key is empty"),
            (4, "external_key", "the text contains a zero character, which a database cannot hold"),
        ];
        assert_eq!(found, expected.map(|(row, column, reason)| (row, column, reason.to_owned())));
        let missing = rejects(store.load(&batch("customer", &["name"], vec![("c", vec![Value::Null])])).await);
        assert_eq!(missing, [(0, "name", "nothing".into(), "a value must be given".into())]);
    }

    async fn rules_hold_for_what_the_record_will_be(database: Database) {
        let store = database.store();
        let rows = batch("opportunity", &["outcome", "closed_at", "win_probability"], vec![
            ("open", vec![text("OPEN"), Value::Null, Value::Null]),
            ("won", vec![text("WON"), Value::Null, Value::Integer(10_001)]),
        ]);
        let found: Vec<_> = rejects(store.load(&rows).await).into_iter().map(|(row, column, value, _)| (row, column, value)).collect();
        assert_eq!(found, [(1, "win_probability", "10001".into()), (1, "closed_at", "nothing".into())]);
        store.load(&batch("opportunity", &["outcome"], vec![("open", vec![Value::Null])])).await.unwrap();
        let half = batch("opportunity", &["closed_at"], vec![("open", vec![at("2017-01-01T00:00:00Z")])]);
        assert_eq!(rejects(store.load(&half).await)[0].1, "closed_at");
        let whole = batch("opportunity", &["closed_at", "outcome"], vec![("open", vec![at("2017-01-01T00:00:00Z"), text("LOST")])]);
        assert_eq!(store.load(&whole).await.unwrap(), loaded(0, 1, 0));
        assert_eq!(values(&all(store, "opportunity").await[0], ["outcome"]), [text("LOST")]);
    }

    async fn references_within_an_entity_may_point_ahead(database: Database) {
        let store = database.store();
        let teams = || batch("team", &["name", "parent"], vec![
            ("north", vec![text("North"), text("all")]),
            ("all", vec![text("All"), Value::Null]),
            ("city", vec![text("City"), text("north")]),
        ]);
        assert_eq!(store.load(&teams()).await.unwrap(), loaded(3, 0, 0));
        assert_eq!(store.load(&teams()).await.unwrap(), loaded(0, 0, 3));
        let stored = all(store, "team").await;
        let parent = |place: usize| values(&stored[place], ["parent"]);
        assert_eq!((parent(0), parent(2)), ([id(&stored[1])], [id(&stored[0])]));
        let circle = batch("team", &["parent"], vec![("all", vec![text("city")])]);
        assert!(rejects(store.load(&circle).await).iter().all(|found| found.1 == "parent" && found.3.contains("its own")));
        let unknown = batch("employee", &["name", "manager"], vec![("e", vec![text("E"), text("nobody")])]);
        assert_eq!(rejects(store.load(&unknown).await)[0].2, "nobody");
        assert_eq!(all(store, "employee").await, []);
    }

    async fn targets_find_their_subjects(database: Database) {
        let store = database.store();
        store.load(&names("employee", &["ann"])).await.unwrap();
        let columns = ["kind", "subject_kind", "subject", "starts_on", "ends_on", "value"];
        let row = |kind: &str, subject: Value| vec![text("QUOTA"), text(kind), subject, Value::Day(day("2017-01-01")), Value::Day(day("2017-04-01")), Value::Integer(50_000)];
        let good = batch("target", &columns, vec![("q1", row("EMPLOYEE", text("ann"))), ("q2", row("ORGANISATION", Value::Null))]);
        assert_eq!(store.load(&good).await.unwrap(), loaded(2, 0, 0));
        assert_eq!(store.load(&good).await.unwrap(), loaded(0, 0, 2));
        let (targets, ann) = (all(store, "target").await, all(store, "employee").await.remove(0));
        assert_eq!(values(&targets[0], ["subject", "value"]), [id(&ann), Value::Integer(50_000)]);
        assert_eq!(values(&targets[1], ["subject"]), [Value::Integer(0)]);
        let bad = batch("target", &columns, vec![("x", row("TEAM", text("ann"))), ("y", row("EMPLOYEE", text("bob")))]);
        let found: Vec<_> = rejects(store.load(&bad).await).into_iter().map(|found| (found.0, found.1, found.2)).collect();
        assert_eq!(found, [(0, "subject", "ann".into()), (1, "subject", "bob".into())]);
        let missing = batch("target", &columns, vec![("x", row("TEAM", Value::Null)), ("y", row("ORGANISATION", text("us")))]);
        assert_eq!(rejects(store.load(&missing).await).len(), 2);
    }

    async fn amounts_and_acquisitions_follow_from_lines_and_orders(database: Database) {
        let store = database.store();
        let lines = |first: i64| batch("order_line", &["order", "quantity", "amount"], vec![
            ("l1", vec![text("o2"), Value::Integer(10_000), Value::Integer(first)]),
            ("l2", vec![text("o2"), Value::Integer(10_000), Value::Integer(5)]),
            ("l3", vec![text("o1"), Value::Integer(10_000), Value::Integer(7)]),
        ]);
        let batches = [names("customer", &["acme", "idle"]), orders(), lines(10)];
        store.load_many(&batches).await.unwrap();
        store.finish_load().await.unwrap();
        let amounts = |orders: &[Row]| orders.iter().map(|order| values(order, ["amount"])).collect::<Vec<_>>();
        assert_eq!(amounts(&all(store, "order").await), [[Value::Integer(1_234_567)], [Value::Integer(15)]]);
        let customers = all(store, "customer").await;
        let acquired = |place: usize| values(&customers[place], ["acquired_at"]);
        assert_eq!((acquired(0), acquired(1)), ([at("2017-03-14T09:30:00.123456Z")], [Value::Null]));
        // What was derived is no difference, and follows when its source changes.
        assert_eq!(store.load_many(&batches).await.unwrap(), [loaded(0, 0, 2), loaded(0, 0, 2), loaded(0, 0, 3)]);
        store.load(&lines(20)).await.unwrap();
        store.finish_load().await.unwrap();
        assert_eq!(amounts(&all(store, "order").await), [[Value::Integer(1_234_567)], [Value::Integer(25)]]);
    }

    async fn teams_know_all_above_them(database: Database) {
        let store = database.store();
        let teams = |parent: &str| batch("team", &["name", "parent"], vec![
            ("all", vec![text("All"), Value::Null]),
            ("north", vec![text("North"), text("all")]),
            ("city", vec![text("City"), text(parent)]),
        ]);
        store.load(&teams("north")).await.unwrap();
        store.finish_load().await.unwrap();
        let count = store::Statement::new("SELECT COUNT(*) FROM team_ancestor");
        assert_eq!(store.rows::<store::Numbers>(&count).await.unwrap()[0].0, [Some(6)]);
        store.load(&teams("all")).await.unwrap();
        store.finish_load().await.unwrap();
        assert_eq!(store.rows::<store::Numbers>(&count).await.unwrap()[0].0, [Some(5)]);
    }

    async fn how_many_statements_a_load_costs_does_not_depend_on_its_rows(database: Database) {
        let store = database.store();
        let keys: Vec<String> = (0..3000).map(|number| format!("c{number}")).collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let before = store.statements();
        store.load(&names("customer", &keys[..1])).await.unwrap();
        let of_one = store.statements() - before;
        store.load(&names("customer", &keys[1..])).await.unwrap();
        assert_eq!(store.statements() - before, 2 * of_one);
    }

    async fn loads_of_the_same_records_wait_for_each_other(database: Database) {
        let store = database.store();
        let load = || async { store.load(&names("customer", &["a", "b", "c"])).await.unwrap() };
        let (first, second, third) = tokio::join!(load(), load(), load());
        assert_eq!(first.inserted + second.inserted + third.inserted, 3);
        assert_eq!(first.unchanged + second.unchanged + third.unchanged, 6);
    }

    async fn a_batch_that_makes_no_sense_is_an_error_of_its_own(database: Database) {
        let store = database.store();
        let short = batch("customer", &["name", "country"], vec![("c", vec![text("C")])]);
        let error = store.load(&short).await.unwrap_err().to_string();
        assert!(error.contains("row 0 has 1 values for 2 columns"), "{error}");
        let twice = batch("customer", &["name", "name"], vec![]);
        assert!(store.load(&twice).await.unwrap_err().to_string().contains("twice"));
    }
}
