//! What is committed about the schema is true of it.

use std::path::{Path, PathBuf};

use crate::support::Service;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The worked examples, by name.
pub fn examples() -> Vec<(String, String)> {
    let folder = repository().join("schema/operations");
    let files = std::fs::read_dir(folder).expect("the folder is there").map(|entry| entry.expect("an entry").path());
    let mut examples: Vec<_> = files.map(|file| (file.display().to_string(), std::fs::read_to_string(&file).expect("text"))).collect();
    examples.sort();
    examples
}

#[tokio::test]
async fn the_committed_schema_is_the_schema() {
    let service = Service::empty().await;
    let sdl = service.schema.sdl();
    let committed = std::fs::read_to_string(repository().join("schema/schema.graphql")).unwrap_or_default();
    assert!(sdl == committed, "schema/schema.graphql is stale. Refresh it with: counterpoise schema print > schema/schema.graphql");
}

#[tokio::test]
async fn every_worked_example_fits_the_schema() {
    let service = Service::empty().await;
    let examples = examples();
    assert!(examples.len() >= 4, "only {} examples", examples.len());
    for (name, operation) in examples {
        let response = service.example(operation).await;
        assert!(response.executed, "{name}: {:?}", response.errors);
    }
}

#[tokio::test]
async fn every_type_field_argument_and_value_is_documented() {
    let service = Service::empty().await;
    let data = service.data("{ __schema { types { name description fields { name description args { name description } } inputFields { name description } } } }").await;
    let mut silent = Vec::new();
    let types = data["__schema"]["types"].as_array().expect("types");
    // What async-graphql itself brings.
    let own = |name: &str| !name.starts_with("__") && !["ID", "Int", "Float", "String", "Boolean"].contains(&name);
    for ty in types.iter().filter(|ty| ty["name"].as_str().is_some_and(own)) {
        let members = ["fields", "inputFields"].into_iter().filter_map(|members| ty[members].as_array()).flatten();
        let arguments = ty["fields"].as_array().into_iter().flatten().flat_map(|field| field["args"].as_array().into_iter().flatten());
        for part in [ty].into_iter().chain(members).chain(arguments) {
            if part["description"].as_str().is_none_or(str::is_empty) {
                silent.push(format!("{}.{}", ty["name"], part["name"]));
            }
        }
    }
    assert!(silent.is_empty(), "without a description: {silent:#?}");
}
