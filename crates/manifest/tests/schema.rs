//! The committed JSON Schema is the one that the types give, and it explains itself.

use std::path::Path;

use serde_json::Value;

#[test]
fn the_committed_schema_is_the_schema() {
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schema/manifest.schema.json");
    let committed = std::fs::read_to_string(committed).unwrap_or_default();
    assert!(
        committed == manifest::schema::text(),
        "schema/manifest.schema.json is stale. Refresh it with: counterpoise schema manifest > schema/manifest.schema.json"
    );
}

#[test]
fn every_word_of_a_manifest_is_explained() {
    let schema: Value = serde_json::from_str(&manifest::schema::text()).expect("it is JSON");
    let mut silent = Vec::new();
    let named = schema["$defs"].as_object().expect("definitions").iter().map(|(name, about)| (name.as_str(), about));
    for (name, about) in named.chain([("Pack", &schema)]) {
        let told = |about: &Value| about["description"].is_string();
        if !told(about) {
            silent.push(name.to_owned());
        }
        let properties = about["properties"].as_object().into_iter().flatten();
        silent.extend(properties.filter(|(_, property)| !told(property)).map(|(word, _)| format!("{name}.{word}")));
        let variants = about["oneOf"].as_array().into_iter().flatten().filter(|variant| variant["required"].is_null());
        silent.extend(variants.filter(|variant| !told(variant)).map(|variant| format!("{name}: {variant}")));
    }
    assert!(silent.is_empty(), "without a description: {silent:#?}");
}
