//! Pages: every record once, in order, whatever the direction, and never more rows than asked for.

use manifest::SubjectKind;
use std::sync::Arc;

use store::{Batch, Cursor, Entity, Order as Direction, Predicate, Query, Row, Selection, Store, Test, Value, entity};
use testbed::on_both;

fn batch(name: &str, columns: &[&str], rows: Vec<(String, Vec<Value>)>) -> Batch {
    let entity = entity(name).unwrap();
    let mut batch = Batch::new(entity, columns.iter().map(|column| entity.column(column).unwrap()).collect());
    rows.into_iter().for_each(|(key, row)| batch.push(key, row));
    batch
}

fn text(text: impl Into<String>) -> Value {
    Value::text(text)
}

/// Two regions, twelve customers (industry unknown of every third), five orders each for the first four.
async fn filled(store: &Store) {
    let regions = ["north", "south"].map(|region| (region.to_owned(), vec![text(region)]));
    let customer = |number: i64| {
        let industry = if number % 3 == 0 { Value::Null } else { text(format!("Industry_{}%", number % 4)) };
        (
            format!("c{number}"),
            vec![
                text(format!("Customer {}", number % 5)),
                industry,
                text(if number < 6 { "north" } else { "south" }),
                Value::Integer(number),
            ],
        )
    };
    let order = |number: i64| {
        let amount = if number % 4 == 0 { Value::Null } else { Value::Integer(number % 3) };
        (format!("o{number}"), vec![text(format!("c{}", number % 4)), Value::Integer(number / 2), amount])
    };
    let batches = [
        batch("region", &["name"], regions.into()),
        batch("customer", &["name", "industry", "region", "acquired_at"], (0..12).map(customer).collect()),
        batch("order", &["customer", "ordered_at", "amount"], (0..20).map(order).collect()),
    ];
    store.load_many(&batches).await.unwrap();
}

fn of(name: &str) -> &'static Entity {
    entity(name).unwrap()
}

async fn page(store: &Store, name: &str, query: &Query) -> Vec<Row> {
    store.page(&Arc::new(Selection::whole(of(name))), query).await.unwrap()
}

fn key(row: &Row) -> &str {
    match row.value("external_key") {
        Some(Value::Text(key)) => key,
        other => panic!("{other:?} is no key"),
    }
}

fn keys(rows: &[Row]) -> Vec<&str> {
    rows.iter().map(key).collect()
}

async fn matching(store: &Store, filter: Predicate) -> Vec<String> {
    let found = page(store, "customer", &Query { filter: filter.clone(), ..Query::default() }).await;
    assert_eq!(store.count(of("customer"), &filter).await.unwrap(), found.len() as i64);
    found.iter().map(|customer| key(customer).to_owned()).collect()
}

/// Reads everything page by page in one direction.
async fn walk(store: &Store, order: &[(&'static str, Direction)], backwards: bool, size: i64) -> Vec<String> {
    let mut walked: Vec<String> = Vec::new();
    let mut query = Query { order: order.to_vec(), limit: Some(size), backwards, ..Query::default() };
    loop {
        let page = page(store, "order", &query).await;
        let keys = page.iter().map(|order| key(order).to_owned());
        if backwards {
            walked.splice(0..0, keys);
        } else {
            walked.extend(keys);
        }
        match if backwards { page.first() } else { page.last() } {
            None => return walked,
            Some(edge) if backwards => query.before = Some(Cursor::of(edge, order)),
            Some(edge) => query.after = Some(Cursor::of(edge, order)),
        }
    }
}

on_both! {
    async fn pages_in_any_order_hold_every_record_once(database: Database) {
        let store = database.store();
        filled(store).await;
        use Direction::{Ascending, Descending};
        let orders: [&[(&'static str, Direction)]; 6] = [
            &[],
            &[("ordered_at", Descending)],
            &[("amount", Ascending)],
            &[("amount", Descending), ("ordered_at", Ascending)],
            &[("customer", Ascending), ("amount", Descending), ("external_key", Descending)],
            &[("id", Descending)],
        ];
        for order in orders {
            let whole = page(store, "order", &Query { order: order.to_vec(), ..Query::default() }).await;
            assert_eq!(whole.len(), 20);
            for size in [1, 3, 7, 20] {
                assert_eq!(walk(store, order, false, size).await, keys(&whole), "{order:?} by {size}");
                assert_eq!(walk(store, order, true, size).await, keys(&whole), "{order:?} backwards by {size}");
            }
        }
    }

    async fn unknown_values_come_last_in_either_direction(database: Database) {
        let store = database.store();
        filled(store).await;
        for direction in [Direction::Ascending, Direction::Descending] {
            let whole = page(store, "order", &Query { order: vec![("amount", direction)], ..Query::default() }).await;
            let unknown = |order: &Row| order.value("amount") == Some(&Value::Null);
            assert!(!whole[..15].iter().any(unknown) && whole[15..].iter().all(unknown));
        }
    }

    async fn conditions_choose_records(database: Database) {
        let store = database.store();
        filled(store).await;
        let industry = |test: Test| Predicate::test("industry", test);
        assert_eq!(matching(store, industry(Test::Eq(text("Industry_1%")))).await, ["c1", "c5"]);
        assert_eq!(matching(store, industry(Test::Known(false))).await, ["c0", "c3", "c6", "c9"]);
        assert_eq!(matching(store, industry(Test::In(vec![text("Industry_1%"), text("Industry_3%")]))).await, ["c1", "c5", "c7", "c11"]);
        assert_eq!(matching(store, industry(Test::In(vec![]))).await, [""; 0]);
        assert_eq!(matching(store, industry(Test::Contains("RY_1%".into()))).await, ["c1", "c5"]);
        assert_eq!(matching(store, industry(Test::Contains("y%1".into()))).await, [""; 0]);
        assert_eq!(matching(store, industry(Test::StartsWith("industry_3".into()))).await, ["c7", "c11"]);
        assert_eq!(matching(store, Predicate::test("acquired_at", Test::Gte(Value::Integer(10)))).await, ["c10", "c11"]);
        assert_eq!(matching(store, Predicate::test("acquired_at", Test::Lt(Value::Integer(1)))).await, ["c0"]);
        let region = |name: &str| Predicate::To { column: "region", predicate: Box::new(Predicate::test("name", Test::Eq(text(name)))) };
        let south_or_first = Predicate::Any(vec![region("south"), Predicate::test("external_key", Test::Eq(text("c0")))]);
        assert_eq!(matching(store, Predicate::All(vec![south_or_first, Predicate::test("acquired_at", Test::Lte(Value::Integer(7)))])).await, ["c0", "c6", "c7"]);
        let large = Predicate::test("amount", Test::Gt(Value::Integer(1)));
        let buyers = Predicate::Has { entity: "order", column: "customer", predicate: Box::new(large) };
        assert_eq!(matching(store, buyers).await, ["c1", "c2", "c3"]);
        assert_eq!(matching(store, Predicate::Any(vec![])).await, [""; 0]);
    }

    async fn every_record_is_on_exactly_one_side_of_a_condition(database: Database) {
        let store = database.store();
        filled(store).await;
        let condition = Predicate::test("industry", Test::Eq(text("Industry_1%")));
        let (inside, outside) = (matching(store, condition.clone()).await, matching(store, Predicate::Not(Box::new(condition))).await);
        assert_eq!(inside.len() + outside.len(), 12);
        assert!(outside.contains(&"c0".to_owned()));
    }

    async fn children_of_many_parents_cost_one_statement(database: Database) {
        let store = database.store();
        filled(store).await;
        let parents: Vec<i64> = page(store, "customer", &Query::default()).await.iter().map(Row::id).collect();
        let orders = Arc::new(Selection::whole(of("order")));
        let latest = Query { order: vec![("ordered_at", Direction::Descending)], limit: Some(2), ..Query::default() };
        let before = store.statements();
        let children = store.children(&orders, "customer", &parents, &latest).await.unwrap();
        let counts = store.child_counts(of("order"), "customer", &parents, &Predicate::always()).await.unwrap();
        assert_eq!(store.statements() - before, 2);
        assert_eq!(counts, parents[..4].iter().map(|parent| (*parent, 5)).collect::<Vec<_>>());
        let of = |parent: usize| children.iter().filter(|(of, _)| *of == parents[parent]).map(|(_, order)| key(order)).collect::<Vec<_>>();
        assert_eq!((of(0), of(3)), (vec!["o16", "o12"], vec!["o19", "o15"]));
        assert_eq!(children.len(), 8);
        let oldest = Query { backwards: true, ..latest.clone() };
        let children = store.children(&orders, "customer", &parents[..1], &oldest).await.unwrap();
        assert_eq!(children.iter().map(|(_, order)| key(order)).collect::<Vec<_>>(), ["o4", "o0"]);
        let unlimited = Query { limit: None, ..latest };
        assert_eq!(store.children(&orders, "customer", &parents, &unlimited).await.unwrap().len(), 20);
    }

    async fn records_by_id_keep_the_order_of_the_ids(database: Database) {
        let store = database.store();
        filled(store).await;
        let ids: Vec<i64> = page(store, "customer", &Query::default()).await.iter().map(Row::id).collect();
        let customers = Arc::new(Selection::whole(of("customer")));
        assert_eq!(keys(&store.by_ids(&customers, &[ids[3], -1, ids[1]]).await.unwrap()), ["c3", "c1"]);
        assert_eq!(store.by_ids(&customers, &[]).await.unwrap(), []);
    }

    async fn only_what_is_selected_is_read(database: Database) {
        let store = database.store();
        filled(store).await;
        let mut selection = Selection::of(of("order"));
        selection.select(of("order").column("amount").unwrap());
        let selection = Arc::new(selection);
        let query = Query { order: vec![("ordered_at", Direction::Descending)], limit: Some(1), ..Query::default() };
        let row = store.page(&selection, &query).await.unwrap().remove(0);
        // Where a record stands in its order is always known of it.
        assert_eq!((row.value("amount"), row.value("ordered_at")), (Some(&Value::Integer(0)), Some(&Value::Integer(9))));
        assert_eq!((row.value("external_key"), row.value("customer")), (None, None));
        let customer = page(store, "customer", &Query::default()).await[2].id();
        let (parent, row) = store.children(&selection, "customer", &[customer], &query).await.unwrap().remove(0);
        assert_eq!((parent, row.value("amount"), row.value("customer")), (customer, Some(&Value::Integer(0)), None));
    }

    async fn subjects_have_ids_and_labels(database: Database) {
        let store = database.store();
        filled(store).await;
        let north = Predicate::test("name", Test::Eq(text("north")));
        let ids = store.subject_ids(SubjectKind::Region, &north).await.unwrap();
        assert_eq!(store.subject_labels(SubjectKind::Region, &ids).await.unwrap(), [(ids[0], "north".to_owned())]);
        assert_eq!(store.subject_ids(SubjectKind::Customer, &Predicate::always()).await.unwrap().len(), 12);
        assert_eq!(store.subject_ids(SubjectKind::Organisation, &Predicate::always()).await.unwrap(), [0]);
        assert_eq!(store.subject_labels(SubjectKind::Organisation, &[0]).await.unwrap(), []);
        let acme = store::Organisation { name: "Acme".into(), currency: "EUR".into(), time_zone: "Europe/Berlin".into(), week_start: "MONDAY".into(), fiscal_year_start: 4 };
        store.put_organisation(&acme).await.unwrap();
        assert_eq!(store.subject_labels(SubjectKind::Organisation, &[0]).await.unwrap(), [(0, "Acme".to_owned())]);
        assert_eq!(store.organisation().await.unwrap(), Some(acme.clone()));
        let renamed = store::Organisation { currency: "USD".into(), ..acme.clone() };
        store.put_organisation(&renamed).await.unwrap();
        assert_eq!(store.organisation().await.unwrap(), Some(renamed));
        assert!(store.put_organisation(&store::Organisation { currency: "euro".into(), ..acme }).await.is_err());
    }

    async fn what_cannot_be_asked_is_refused_by_name(database: Database) {
        let store = database.store();
        let customers = Arc::new(Selection::of(of("customer")));
        let faults = [
            (Predicate::test("nmae", Test::Known(true)), "it has no column `nmae`"),
            (Predicate::test("name", Test::Eq(Value::Integer(1))), "`name` cannot be compared with 1"),
            (Predicate::test("acquired_at", Test::Eq(Value::Null)), "`acquired_at` cannot be compared with nothing"),
            (Predicate::test("acquired_at", Test::Contains("1".into())), "`acquired_at` is no text"),
            (Predicate::To { column: "name", predicate: Box::new(Predicate::always()) }, "`name` refers to no record"),
            (Predicate::Has { entity: "order", column: "employee", predicate: Box::new(Predicate::always()) }, "`employee` does not refer to customer"),
        ];
        for (filter, reason) in faults {
            let error = store.page(&customers, &Query { filter, ..Query::default() }).await.unwrap_err().to_string();
            assert!(error.contains(reason), "{error}");
        }
        let cursor = Cursor { values: vec![Value::Null, Value::Null], id: 1 };
        assert!(store.page(&customers, &Query { after: Some(cursor), ..Query::default() }).await.is_err());
        assert!(store.page(&customers, &Query { limit: Some(-1), ..Query::default() }).await.is_err());
        assert!(store.children(&customers, "name", &[1], &Query::default()).await.is_err());
    }

    async fn texts_cannot_leave_their_place(database: Database) {
        let store = database.store();
        filled(store).await;
        let attack = text("x' OR '1'='1'; DROP TABLE customer; --");
        assert_eq!(matching(store, Predicate::test("name", Test::Eq(attack))).await, [""; 0]);
        assert_eq!(matching(store, Predicate::always()).await.len(), 12);
    }
}
