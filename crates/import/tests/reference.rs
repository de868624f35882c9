//! The tables of entities in MAPPING.md are those of the code. `UPDATE_MAPPING=1 cargo test -p import --test reference` writes them.

use std::fmt::Write;
use std::path::Path;

use store::entity::{Column, ColumnType, Entity, entities};

fn type_of(column: &Column) -> String {
    match column.column_type {
        ColumnType::Text => "text".into(),
        ColumnType::OneOf(words) => format!("one of {}", words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")),
        ColumnType::Money => "money".into(),
        ColumnType::Number => "number".into(),
        ColumnType::Integer => "integer".into(),
        ColumnType::Duration => "duration".into(),
        ColumnType::Instant => "instant".into(),
        ColumnType::Day => "day".into(),
        ColumnType::Bool => "yes or no".into(),
        ColumnType::Reference(entity) => format!("reference to [{entity}](#{entity})"),
        ColumnType::Subject => "subject".into(),
    }
}

fn need_of(column: &Column) -> String {
    match (column.column_type, column.default) {
        (ColumnType::Subject, _) => "needed, except for `ORGANISATION`".into(),
        (_, Some(default)) => format!("default `{}`", default.trim_matches('\'')),
        _ if column.required => "needed".into(),
        _ => String::new(),
    }
}

fn section(entity: &Entity) -> String {
    let mut text = format!("### {}\n\n{}\n\n| column | type | | meaning |\n|---|---|---|---|\n", entity.name, entity.about);
    for column in entity.columns {
        writeln!(text, "| `{}` | {} | {} | {} |", column.name, type_of(column), need_of(column), column.about).unwrap();
    }
    for rule in entity.rules {
        write!(text, "\nRule: {}.\n", rule.reason).unwrap();
    }
    text
}

#[test]
fn the_tables_of_entities_are_those_of_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("MAPPING.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once("<!-- entities -->\n").unwrap();
    let (_, after) = rest.split_once("<!-- /entities -->").unwrap();
    let sections: Vec<_> = entities().iter().map(|entity| section(entity)).collect();
    let fresh = format!("{before}<!-- entities -->\n{}\n<!-- /entities -->{after}", sections.join("\n"));
    if std::env::var_os("UPDATE_MAPPING").is_some() {
        std::fs::write(&path, &fresh).unwrap();
        return;
    }
    assert!(text == fresh, "the tables in {} are stale; run UPDATE_MAPPING=1 cargo test -p import --test reference", path.display());
}
