//! Databases go away and come back; addresses are wrong; writers meet. What is told then, and that nothing stays broken.

use std::time::Duration;

use store::{Bind, Error, Numbers, Statement, Store};
use testbed::{Cluster, Database, on_both};

fn one() -> Statement {
    Statement::new("SELECT CAST($1 AS BIGINT)").with(Bind::BigInt(1)).kept()
}

/// The error, since a store cannot be shown.
async fn refusal(url: &str) -> Error {
    Store::connect(url).await.err().unwrap()
}

#[tokio::test]
async fn an_address_that_is_none_is_refused_with_what_is_expected() {
    for url in ["", "mysql://host/db", "counterpoise.db", "sqlite:", "sqlite::memory:", "postgres://host:port/db"] {
        let error = refusal(url).await;
        assert!(matches!(error, Error::Address { .. }), "{url}: {error}");
        assert!(error.to_string().contains("sqlite:PATH"), "{error}");
    }
}

#[tokio::test]
async fn a_password_stays_out_of_every_message() {
    let error = refusal("postgres://me:secret@127.0.0.1:1/db?password=secret").await.to_string();
    assert!(error.contains("postgres://me@127.0.0.1:1/db") && !error.contains("secret"), "{error}");
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_told_at_once() {
    let error = refusal("sqlite:/nowhere/at/all.db").await;
    assert!(matches!(error, Error::Unavailable { .. }) && error.to_string().contains("/nowhere/at/all.db"), "{error}");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    std::fs::write(&path, "not a database at all, but long enough to be taken for one by whoever reads only its head").unwrap();
    let error = refusal(&format!("sqlite:{}", path.display())).await;
    assert!(error.to_string().contains("not a database"), "{error}");
}

#[tokio::test]
async fn a_server_that_goes_is_told_and_used_again_when_it_is_back() {
    let cluster = Cluster::start();
    let store = Store::connect(&cluster.url("postgres")).await.unwrap();
    let (first, second) = (store.session().await.unwrap(), store.session().await.unwrap());
    drop((first, second));
    cluster.stop();
    for _ in 0..4 {
        let error = store.rows::<Numbers>(&one()).await.unwrap_err();
        assert!(matches!(error, Error::Unavailable { .. }) && error.passes(), "{error:?}");
    }
    assert!(matches!(refusal(&cluster.url("postgres")).await, Error::Unavailable { .. }));
    cluster.resume();
    assert_eq!(store.rows::<Numbers>(&one()).await.unwrap(), [Numbers(vec![Some(1)])]);
}

#[tokio::test]
async fn a_server_that_goes_during_a_transaction_leaves_nothing_behind() {
    let cluster = Cluster::start();
    let store = Store::connect(&cluster.url("postgres")).await.unwrap();
    store.execute(&Statement::new("CREATE TABLE t (n BIGINT)")).await.unwrap();
    let mut session = store.begin().await.unwrap();
    session.execute(&Statement::new("INSERT INTO t VALUES (1)")).await.unwrap();
    cluster.stop();
    let work = session.execute(&Statement::new("INSERT INTO t VALUES (2)")).await;
    assert!(matches!(session.end(work).await, Err(Error::Unavailable { .. })));
    cluster.resume();
    assert_eq!(store.rows::<Numbers>(&Statement::new("SELECT COUNT(*) FROM t")).await.unwrap(), [Numbers(vec![Some(0)])]);
}

#[tokio::test]
async fn a_statement_that_takes_too_long_is_given_up_by_name() {
    let database = Database::postgres().await;
    let mut session = database.store().session().await.unwrap();
    session.script("SET statement_timeout = '50ms'").await.unwrap();
    let error = session.rows::<Numbers>(&Statement::new("SELECT CAST(COUNT(pg_sleep(5)) AS BIGINT)")).await.unwrap_err();
    session.script("SET statement_timeout = '60s'").await.unwrap();
    assert!(matches!(error, Error::Timeout { .. }), "{error:?}");
}

on_both! {
    async fn a_cancelled_statement_takes_its_connection_with_it(database: Database) {
        let store = database.store();
        let slow = if store.is_postgres() {
            "SELECT CAST(COUNT(pg_sleep(1)) AS BIGINT)"
        } else {
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) SELECT COUNT(*) FROM n"
        };
        for _ in 0..12 {
            let slow = Statement::new(slow);
            let cancelled = tokio::time::timeout(Duration::from_millis(5), store.rows::<Numbers>(&slow)).await;
            assert!(cancelled.is_err());
        }
        assert_eq!(store.rows::<Numbers>(&one()).await.unwrap(), [Numbers(vec![Some(1)])]);
    }

    async fn a_dropped_transaction_is_rolled_back_and_its_lock_freed(database: Database) {
        let store = database.store();
        let insert = |id: i64| Statement::new(format!("INSERT INTO region (external_key, name) VALUES ('{id}', 'R')"));
        let mut session = store.begin().await.unwrap();
        session.execute(&insert(1)).await.unwrap();
        drop(session);
        store.execute(&insert(2)).await.unwrap();
        let keys = Statement::new("SELECT CAST(external_key AS BIGINT) FROM region");
        assert_eq!(store.rows::<Numbers>(&keys).await.unwrap(), [Numbers(vec![Some(2)])]);
    }

    async fn a_failed_transaction_is_rolled_back(database: Database) {
        let store = database.store();
        let mut session = store.begin().await.unwrap();
        session.execute(&Statement::new("INSERT INTO region (external_key, name) VALUES ('1', 'R')")).await.unwrap();
        let work = session.execute(&Statement::new("INSERT INTO region (external_key, name) VALUES ('1', 'R')")).await;
        let error = session.end(work).await.unwrap_err();
        assert!(matches!(error, Error::Query { .. }) && error.to_string().contains("INSERT INTO region"), "{error}");
        assert_eq!(store.rows::<Numbers>(&Statement::new("SELECT COUNT(*) FROM region")).await.unwrap(), [Numbers(vec![Some(0)])]);
    }

    async fn foreign_keys_and_checks_hold(database: Database) {
        let store = database.store();
        let broken = [
            "INSERT INTO team (external_key, name, parent_id) VALUES ('t', 'T', 99)",
            "INSERT INTO channel (external_key, name, kind) VALUES ('c', 'C', 'PIGEON')",
            "INSERT INTO opportunity (external_key, outcome) VALUES ('o', 'WON')",
            "INSERT INTO organisation (id, name, currency, time_zone) VALUES (2, 'O', 'EUR', 'UTC')",
        ];
        for text in broken {
            assert!(matches!(store.execute(&Statement::new(text)).await, Err(Error::Query { .. })), "{text}");
        }
    }

    async fn values_go_where_their_number_says(database: Database) {
        let store = database.store();
        let statement = Statement::new("SELECT CAST($2 AS BIGINT), CAST($1 AS BIGINT), CAST($2 AS BIGINT)").with(Bind::BigInt(1)).with(Bind::BigInt(2));
        assert_eq!(store.rows::<Numbers>(&statement).await.unwrap(), [Numbers(vec![Some(2), Some(1), Some(2)])]);
    }

    async fn lists_are_met_by_any_of_their_values(database: Database) {
        let store = database.store();
        let text = "SELECT id FROM region WHERE external_key = ANY($2) AND id = ANY($1) AND name = $3 ORDER BY id";
        for key in ["a", "b\"]", "c", "d$1"] {
            let insert = Statement::new("INSERT INTO region (external_key, name) VALUES ($1, 'R')").with(Bind::Text(key.into()));
            store.execute(&insert).await.unwrap();
        }
        let keys = Bind::Texts(["b\"]", "c", "d$1", "e"].map(|key| Some(key.to_owned())).into());
        let statement = Statement::new(text).with(Bind::ids(&[1, 2, 4, 99])).with(keys).with(Bind::Text("R".into()));
        assert_eq!(store.rows::<Numbers>(&statement).await.unwrap(), [Numbers(vec![Some(2)]), Numbers(vec![Some(4)])]);
    }

    async fn a_pool_that_is_used_up_is_busy_and_not_away(database: Database) {
        let store = database.store();
        let mut sessions = Vec::new();
        let error = loop {
            match store.session().await {
                Ok(session) => sessions.push(session),
                Err(error) => break error,
            }
        };
        assert!(matches!(error, Error::Busy { .. }), "{error}");
        drop(sessions);
        assert_eq!(store.rows::<Numbers>(&one()).await.unwrap(), [Numbers(vec![Some(1)])]);
    }

    async fn many_at_once_share_the_connections(database: Database) {
        let store = database.store();
        let before = store.statements();
        let tasks: Vec<_> = (0..100).map(|_| tokio::spawn({
            let store = store.clone();
            async move { store.rows::<Numbers>(&one()).await.unwrap().len() }
        })).collect();
        for task in tasks {
            assert_eq!(task.await.unwrap(), 1);
        }
        assert_eq!(store.statements() - before, 100);
    }

    async fn a_writer_waits_for_the_other(database: Database) {
        let store = database.store();
        let mut session = store.begin().await.unwrap();
        session.execute(&Statement::new("INSERT INTO region (external_key, name) VALUES ('1', 'R')")).await.unwrap();
        let read = store.rows::<Numbers>(&Statement::new("SELECT COUNT(*) FROM region")).await.unwrap();
        assert_eq!(read, [Numbers(vec![Some(0)])], "a reader waits for nobody");
        let other = tokio::spawn({
            let store = store.clone();
            async move { store.execute(&Statement::new("INSERT INTO region (external_key, name) VALUES ('2', 'R')")).await }
        });
        session.end(Ok::<_, Error>(())).await.unwrap();
        assert_eq!(other.await.unwrap().unwrap(), 1);
    }
}
