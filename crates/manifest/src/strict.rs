//! A manifest read strictly: JSON that says a thing twice, nests without end or holds an unknown word is refused, not guessed at.

use std::fmt;

use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::check::Fault;
use crate::pack::{Need, Pack};

/// Deeper nesting is refused before the parser recurses into it.
const MAX_DEPTH: usize = 127;

impl Pack {
    /// Reads a manifest. The result is well formed; whether it makes sense is for [`Pack::check`] to say.
    pub fn parse(json: &[u8]) -> Result<Pack, Fault> {
        let text = utf8(json)?;
        let depth = depth(text);
        if depth > MAX_DEPTH {
            return Err(Fault::new("E_MANIFEST_DEPTH", "", format!("the manifest is nested {depth} deep, and {MAX_DEPTH} is the most")));
        }
        let value = unique(text)?;
        let mut pack: Pack = serde_path_to_error::deserialize(value)
            .map_err(|error| Fault::new("E_MANIFEST_SCHEMA", error.path().to_string(), error.inner().to_string()))?;
        pack.settle();
        Ok(pack)
    }

    pub(crate) fn settle(&mut self) {
        for input in self.metrics.iter_mut().flat_map(|metric| &mut metric.inputs) {
            if let Need::Measure(measure) = &mut input.need {
                measure.settle();
            }
        }
    }
}

pub(crate) fn utf8(bytes: &[u8]) -> Result<&str, Fault> {
    std::str::from_utf8(bytes)
        .map_err(|error| Fault::new("E_MANIFEST_UTF8", "", format!("the manifest is not UTF-8 from byte {} on", error.valid_up_to())))
}

/// How deep brackets nest outside of strings.
fn depth(text: &str) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0usize, 0, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => depth += 1,
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

fn unique(text: &str) -> Result<Value, Fault> {
    serde_json::from_str(text).map(|Unique(value)| value).map_err(|error| {
        let message = error.to_string();
        match message.strip_prefix(DUPLICATE) {
            Some(rest) => Fault::new("E_MANIFEST_DUPKEY", "", format!("the key {rest} stands twice in one object")),
            None => Fault::new("E_MANIFEST_JSON", "", format!("the manifest is not JSON: {message}")),
        }
    })
}

/// Marks our own error among the parser's.
const DUPLICATE: &str = "duplicate key ";

/// A JSON value in which no object has a key twice; serde_json's own keeps the last and says nothing.
struct Unique(Value);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Unique, D::Error> {
        Seed.deserialize(deserializer).map(Unique)
    }
}

struct Seed;

impl<'de> DeserializeSeed<'de> for Seed {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element_seed(Seed)? {
            values.push(value);
        }
        Ok(values.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            let value = entries.next_value_seed(Seed)?;
            if object.contains_key(&key) {
                return Err(de::Error::custom(format!("{DUPLICATE}`{key}`")));
            }
            object.insert(key, value);
        }
        Ok(object.into())
    }
}

#[cfg(test)]
mod tests;
