//! The same manifest as TOML, for packs that are a file and nothing else: as strict as JSON, with the line of what is wrong.
//!
//! TOML refuses a key that stands twice by itself, and nests no deeper than its reader allows. A fraction stands as a text here
//! too, so that it stays exact.

use serde::Deserialize;
use toml::de::{Deserializer, Error};

use crate::check::Fault;
use crate::pack::Pack;
use crate::strict::utf8;

impl Pack {
    /// Reads a manifest in TOML. The result is well formed; whether it makes sense is for [`Pack::check`] to say.
    pub fn parse_toml(bytes: &[u8]) -> Result<Pack, Fault> {
        let text = utf8(bytes)?;
        let document = Deserializer::parse(text).map_err(|error| unreadable(text, &error))?;
        let mut path = serde_path_to_error::Track::new();
        let mut pack = Pack::deserialize(serde_path_to_error::Deserializer::new(document, &mut path))
            .map_err(|error| Fault::new("E_MANIFEST_SCHEMA", place(text, &error, &path.path().to_string()), error.message()))?;
        pack.settle();
        Ok(pack)
    }
}

fn unreadable(text: &str, error: &Error) -> Fault {
    match error.message() {
        message if message.contains("duplicate key") => {
            let key = error.span().and_then(|span| text.get(span)).unwrap_or_default();
            Fault::new("E_MANIFEST_DUPKEY", place(text, error, ""), format!("the key `{key}` stands twice in one table"))
        }
        message if message.contains("recurs") => Fault::new("E_MANIFEST_DEPTH", place(text, error, ""), "the manifest is nested too deep"),
        message => Fault::new("E_MANIFEST_TOML", place(text, error, ""), format!("the manifest is not TOML: {message}")),
    }
}

/// The line, where the reader knows it, and the path in the manifest, where there is one.
fn place(text: &str, error: &Error, path: &str) -> String {
    let line = error.span().map(|span| format!("line {}", text[..span.start.min(text.len())].matches('\n').count() + 1));
    [line.as_deref().unwrap_or_default(), path].into_iter().filter(|part| !part.is_empty() && *part != ".").collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
