//! The JSON Schema of a manifest, for editors and checks that know nothing of us. It comes from the very types that read one.
//!
//! It says what words and values there are. What only makes sense together, a formula over the inputs or bands without gaps, is
//! said by [`Pack::check`].

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

use crate::pack::Pack;

/// The schema as text, the same in every build.
pub fn text() -> String {
    let schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Pack>();
    format!("{:#}\n", sorted(schema.to_value()))
}

/// Whether objects keep their order depends on what else is built.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(object) => {
            let mut entries: Vec<(String, Value)> = object.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            entries.sort_by(|one, other| one.0.cmp(&other.0));
            Value::Object(Map::from_iter(entries))
        }
        Value::Array(list) => list.into_iter().map(sorted).collect(),
        other => other,
    }
}
