//! The tables are the same on both databases, and what the entities say of them is true.

use diesel::QueryableByName;
use diesel::sql_types::Text;
use store::{ColumnType, Statement, Store, entities};
use testbed::{Backend, Database, on_both};

#[derive(QueryableByName, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct TableColumn {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
    #[diesel(sql_type = Text)]
    data_type: String,
    #[diesel(sql_type = Text)]
    nullable: String,
}

const OF_POSTGRES: &str = "SELECT CAST(table_name AS TEXT) AS table_name, CAST(column_name AS TEXT) AS column_name, UPPER(data_type) AS data_type, \
     CAST(is_nullable AS TEXT) AS nullable FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%'";

/// A primary key that is a rowid is never null, whatever SQLite says of it.
const OF_SQLITE: &str = "SELECT m.name AS table_name, c.name AS column_name, CASE c.type WHEN 'INTEGER' THEN 'BIGINT' ELSE c.type END AS data_type, \
     CASE WHEN c.\"notnull\" = 1 OR c.pk > 0 THEN 'NO' ELSE 'YES' END AS nullable \
     FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS c WHERE m.type = 'table' AND m.name NOT LIKE '\\_\\_%' ESCAPE '\\' AND m.name NOT LIKE 'sqlite%'";

async fn columns(store: &Store) -> Vec<TableColumn> {
    let text = if store.is_postgres() { OF_POSTGRES } else { OF_SQLITE };
    let mut columns = store.rows::<TableColumn>(&Statement::new(text)).await.unwrap();
    columns.sort();
    columns
}

#[tokio::test]
async fn both_databases_have_the_same_tables_and_columns() {
    let (sqlite, postgres) = (Database::sqlite().await, Database::postgres().await);
    let (sqlite, postgres) = (columns(sqlite.store()).await, columns(postgres.store()).await);
    assert!(sqlite.len() > 200);
    assert_eq!(sqlite, postgres);
}

#[tokio::test]
async fn both_databases_have_the_same_indexes() {
    #[derive(QueryableByName, Debug, PartialEq, Eq, PartialOrd, Ord)]
    struct Index {
        #[diesel(sql_type = Text)]
        name: String,
    }
    let names = |text: &'static str, backend| async move {
        let database = Database::of(backend).await;
        database.store().rows::<Index>(&Statement::new(text)).await.unwrap()
    };
    let sqlite =
        names("SELECT name FROM sqlite_master WHERE type = 'index' AND name NOT LIKE 'sqlite%' ORDER BY name", Backend::Sqlite).await;
    let postgres = "SELECT CAST(i.indexname AS TEXT) AS name FROM pg_indexes AS i WHERE schemaname = 'public' AND indexname NOT LIKE '%\\_key' \
                    AND indexname NOT LIKE '%\\_pkey' ORDER BY indexname";
    assert_eq!(sqlite, names(postgres, Backend::Postgres).await);
}

#[test]
fn every_migration_is_there_for_both_databases() {
    let folders = |side: &str| {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations").join(side);
        let mut names: Vec<_> = folder.read_dir().unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    assert_eq!(folders("sqlite"), folders("postgres"));
}

#[test]
fn the_values_listed_are_those_that_the_tables_allow() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations");
    for side in ["sqlite", "postgres"] {
        let tables = std::fs::read_to_string(folder.join(side).join("2026-11-21-000000_facts/up.sql")).unwrap();
        for entity in entities() {
            let start = tables.find(&format!("CREATE TABLE {} (", entity.table)).unwrap();
            let table = &tables[start..start + tables[start..].find("\n);").unwrap()];
            for column in entity.columns {
                if let ColumnType::OneOf(values) = column.column_type {
                    let values: Vec<_> = values.iter().map(|value| format!("'{value}'")).collect();
                    let check = format!("CHECK ({} IN ({}))", column.sql, values.join(", "));
                    assert!(table.contains(&check), "{side} {}: {check}", entity.name);
                }
                if let Some(default) = column.default {
                    assert!(table.contains(&format!("DEFAULT {default}")), "{side} {}.{}", entity.name, column.name);
                }
            }
            for rule in entity.rules {
                assert!(table.contains(&format!("CHECK ({})", rule.holds)), "{side} {}: {}", entity.name, rule.holds);
            }
        }
    }
}

on_both! {
    async fn the_entities_list_every_column_of_their_tables(database: Database) {
        let tables = columns(database.store()).await;
        for entity in entities() {
            let listed = entity.columns.iter().map(|column| (column.sql, column.required || column.default.is_some()));
            let derived = entity.columns.iter().filter_map(|column| column.derived).map(|flag| (flag, true));
            let mut listed: Vec<_> = listed.chain(derived).chain([("id", true), ("external_key", true)]).collect();
            listed.sort();
            let of_table = tables.iter().filter(|column| column.table_name == entity.table);
            let of_table: Vec<_> = of_table.map(|column| (column.column_name.as_str(), column.nullable == "NO")).collect();
            assert_eq!(listed, of_table, "{}", entity.name);
        }
    }

    async fn what_is_missing_is_told_before_a_store_is_ready(database: Database) {
        database.store().ready().await.unwrap();
        let empty = Database::empty(database.backend()).await;
        let error = empty.store().ready().await.unwrap_err().to_string();
        assert!(error.contains("counterpoise migrate") && error.contains("20261121000000"), "{error}");
        let applied = empty.store().migrate().await.unwrap();
        assert!(applied.len() >= 2);
        empty.store().ready().await.unwrap();
        assert!(empty.store().migrate().await.unwrap().is_empty());
    }

    async fn tables_of_a_newer_version_are_refused(database: Database) {
        let store = database.store();
        store.execute(&Statement::new("INSERT INTO __diesel_schema_migrations (version) VALUES ('29990101000000')")).await.unwrap();
        for error in [store.migrate().await.unwrap_err(), store.ready().await.unwrap_err()] {
            assert!(matches!(error, store::Error::Newer { .. }) && error.to_string().contains("29990101000000"), "{error}");
        }
    }
}
