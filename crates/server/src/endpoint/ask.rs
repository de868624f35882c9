//! The request as HTTP brings it, made into a GraphQL request, or refused with what was expected.

use std::collections::HashMap;

use async_graphql::{Request, Value, Variables};
use axum::http::{HeaderMap, header};
use serde::Deserialize;

use super::answer::{self, Refusal};
use super::media;

/// Brackets inside brackets that a query may have. The parser goes down its own stack for each, before any limit on the depth
/// of selections can be asked, and a stack that overflows ends the process.
const NESTING: usize = 200;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a JSON object with `query`")]
pub struct Parameters {
    query: String,
    operation_name: Option<String>,
    variables: Option<Variables>,
    extensions: Option<HashMap<String, Value>>,
}

impl From<Parameters> for Request {
    fn from(parameters: Parameters) -> Request {
        let mut request = Request::new(parameters.query);
        request.operation_name = parameters.operation_name;
        request.variables = parameters.variables.unwrap_or_default();
        request.extensions.0 = parameters.extensions.unwrap_or_default();
        request
    }
}

pub fn from_json(body: &[u8]) -> Result<Request, Refusal> {
    if body.is_empty() {
        return Err(answer::bad_request("the body is empty; expected a JSON object with `query`"));
    }
    if body.trim_ascii_start().starts_with(b"[") {
        return Err(answer::bad_request(
            "the body is a list, not a JSON object; send each operation by itself, or several as fields of one",
        ));
    }
    serde_json::from_slice::<Parameters>(body)
        .map(Request::from)
        .map_err(|error| answer::bad_request(format!("the body is no GraphQL request: {error}")))
}

/// The parameters of a URL; `variables` and `extensions` are JSON in them.
pub fn from_parameters(text: &str) -> Result<Request, Refusal> {
    let mut given = HashMap::new();
    for (name, value) in form_urlencoded::parse(text.as_bytes()) {
        if given.insert(name.to_string(), value.into_owned()).is_some() {
            return Err(answer::bad_request(format!("the parameter `{name}` is given twice")));
        }
    }
    let query = given.remove("query").ok_or_else(|| answer::bad_request("the parameter `query` is missing"))?;
    let operation_name = given.remove("operationName").filter(|name| !name.is_empty());
    let variables = json_of(&given, "variables")?;
    let extensions = json_of(&given, "extensions")?;
    Ok(Parameters { query, operation_name, variables, extensions }.into())
}

fn json_of<T: serde::de::DeserializeOwned>(given: &HashMap<String, String>, name: &str) -> Result<Option<T>, Refusal> {
    match given.get(name).filter(|text| !text.is_empty()) {
        None => Ok(None),
        Some(text) => {
            serde_json::from_str(text).map_err(|error| answer::bad_request(format!("the parameter `{name}` is no JSON object: {error}")))
        }
    }
}

pub fn json_in_utf8(headers: &HeaderMap) -> Result<(), Refusal> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut parts = content_type.split(';').map(str::trim);
    let is_json = parts.next().is_some_and(|essence| essence.eq_ignore_ascii_case("application/json"));
    let foreign = parts
        .filter_map(|parameter| parameter.split_once('='))
        .any(|(name, value)| name.trim().eq_ignore_ascii_case("charset") && !media::is_utf8(value));
    match is_json && !foreign {
        true => Ok(()),
        false => Err(answer::unsupported_media_type(content_type)),
    }
}

pub fn not_encoded(headers: &HeaderMap) -> Result<(), Refusal> {
    match headers.get(header::CONTENT_ENCODING).filter(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        None => Ok(()),
        Some(encoding) => Err(answer::unsupported_encoding(&String::from_utf8_lossy(encoding.as_bytes()))),
    }
}

pub fn not_too_nested(query: &str) -> Result<(), Refusal> {
    match nesting(query) <= NESTING {
        true => Ok(()),
        false => Err(answer::too_nested(NESTING)),
    }
}

/// The most brackets open at once, as the parser will see them: not those in strings and comments.
fn nesting(query: &str) -> usize {
    let (mut open, mut most) = (0usize, 0usize);
    let mut rest = query;
    while let Some(at) = rest.find(['{', '[', '(', '}', ']', ')', '"', '#']) {
        let (token, after) = rest[at..].split_at(1);
        rest = match token {
            "\"" => after_string(after),
            "#" => after.find(['\n', '\r']).map_or("", |end| &after[end..]),
            _ => after,
        };
        match token {
            "{" | "[" | "(" => open += 1,
            "}" | "]" | ")" => open = open.saturating_sub(1),
            _ => {}
        }
        most = most.max(open);
    }
    most
}

/// What follows a string whose opening quote was taken: `"…"` with escapes, or a block string.
fn after_string(text: &str) -> &str {
    let (closing, text) = match text.strip_prefix("\"\"") {
        Some(block) => ("\"\"\"", block),
        None => ("\"", text),
    };
    let mut rest = text;
    loop {
        match rest.find(['\\', '"']) {
            None => return "",
            Some(at) if rest[at..].starts_with(closing) => return &rest[at + closing.len()..],
            Some(at) => rest = skip(&rest[at..], closing),
        }
    }
}

/// Steps over an escape, or over a quote that closes nothing.
fn skip<'a>(text: &'a str, closing: &str) -> &'a str {
    let escape = if closing.len() == 3 { "\\\"\"\"" } else { "\\" };
    match text.strip_prefix(escape) {
        Some(rest) if closing.len() == 1 => rest.get(rest.chars().next().map_or(0, char::len_utf8)..).unwrap_or_default(),
        Some(rest) => rest,
        None => &text[1..],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nesting_counts_brackets_outside_strings_and_comments() {
        assert_eq!(nesting("{ a { b(c: [1, {d: 2}]) } }"), 5);
        assert_eq!(nesting("{ a(b: \"{{{ \\\" {{{\") # {{{{\n { c } }"), 2);
        assert_eq!(nesting("{ a(b: \"\"\"{{ \" {{ \\\"\"\" {{\"\"\") }"), 2);
        assert_eq!(nesting("{ a(b: \"ü\\ü{\") }"), 2);
        assert_eq!(nesting("}}}{"), 1);
    }
}
