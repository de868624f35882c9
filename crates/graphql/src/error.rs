//! The public error: what a client may read, chosen here and nowhere else.
//!
//! It is deliberately not `Display`: async-graphql sends the text of every `Display` error to the client through `?`, and a resolver
//! that returns `Fail` cannot let another crate's text through by accident. What went wrong inside is written to the log, under the
//! span of the request.

use async_graphql::ErrorExtensions;

/// The machine-readable part of an error, `extensions.code` in the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// The request is at fault: an unknown key, a malformed argument, an id of another type.
    BadUserInput,
    /// The document is not GraphQL.
    ParseFailed,
    /// The document does not fit the schema.
    ValidationFailed,
    /// The record asked for does not exist.
    NotFound,
    /// The document asks for more than the service computes in one request.
    TooComplex,
    /// The database cannot be reached now; the same request may succeed later.
    Unavailable,
    /// The service is at fault; its log says more.
    Internal,
}

impl Code {
    /// The code as it stands in the response.
    pub fn name(self) -> &'static str {
        match self {
            Code::BadUserInput => "BAD_USER_INPUT",
            Code::ParseFailed => "GRAPHQL_PARSE_FAILED",
            Code::ValidationFailed => "GRAPHQL_VALIDATION_FAILED",
            Code::NotFound => "NOT_FOUND",
            Code::TooComplex => "TOO_COMPLEX",
            Code::Unavailable => "UNAVAILABLE",
            Code::Internal => "INTERNAL",
        }
    }
}

/// An error that a client may read.
#[derive(Clone, Debug)]
pub struct Fail {
    pub code: Code,
    pub message: String,
}

impl Fail {
    pub fn input(message: impl Into<String>) -> Fail {
        Fail { code: Code::BadUserInput, message: message.into() }
    }

    pub fn not_found(message: impl Into<String>) -> Fail {
        Fail { code: Code::NotFound, message: message.into() }
    }

    pub fn too_complex(message: impl Into<String>) -> Fail {
        Fail { code: Code::TooComplex, message: message.into() }
    }

    /// Logs what happened and tells the client only that something did.
    pub fn internal(what: &str, cause: &dyn std::error::Error) -> Fail {
        tracing::error!(error = %chain(cause), "{what}");
        Fail { code: Code::Internal, message: "the service failed to answer this; its log says more under the id of this request".into() }
    }

    /// Logs why the database could not be asked.
    pub fn unavailable(cause: &dyn std::error::Error) -> Fail {
        tracing::warn!(error = %chain(cause), "the database cannot be reached");
        Fail { code: Code::Unavailable, message: "the database cannot be reached at the moment; try again shortly".into() }
    }

    /// The error of a key that is not there, with those that look like it.
    pub fn unknown(what: &str, key: &str, known: impl IntoIterator<Item = impl Into<String>>) -> Fail {
        let near = nearest(key, known.into_iter().map(Into::into).collect());
        let hint = match near.as_slice() {
            [] => String::new(),
            near => format!("; did you mean {}?", near.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(" or ")),
        };
        Fail::not_found(format!("there is no {what} `{key}`{hint}"))
    }

    /// As an error of the field that is being resolved.
    pub fn at(self, ctx: &async_graphql::Context<'_>) -> async_graphql::ServerError {
        ctx.set_error_path(async_graphql::Error::from(self).into_server_error(ctx.item.pos))
    }
}

impl From<Fail> for async_graphql::Error {
    fn from(fail: Fail) -> Self {
        async_graphql::Error::new(fail.message).extend_with(|_, extensions| extensions.set("code", fail.code.name()))
    }
}

/// An error with all its causes in one line, for the log.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

/// Up to three known keys within a third of the key's length in edits, or that end or begin with it.
fn nearest(key: &str, known: Vec<String>) -> Vec<String> {
    let mut near: Vec<(usize, String)> = known
        .into_iter()
        .map(|candidate| (distance(key, &candidate), candidate))
        .filter(|(distance, candidate)| *distance <= key.len().div_ceil(3) || (!key.is_empty() && candidate.ends_with(key)))
        .collect();
    near.sort();
    near.truncate(3);
    near.into_iter().map(|(_, candidate)| candidate).collect()
}

/// Levenshtein's edit distance.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, l) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, r) in right.iter().enumerate() {
            let cost = diagonal + usize::from(l != *r);
            diagonal = row[j + 1];
            row[j + 1] = cost.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::Fail;

    #[test]
    fn an_unknown_key_names_those_that_look_like_it() {
        let fail = Fail::unknown("metric", "sales.amont", ["sales.amount", "sales.cycle_days", "service.csat"]);
        assert_eq!(fail.message, "there is no metric `sales.amont`; did you mean `sales.amount`?");
    }

    #[test]
    fn a_key_that_resembles_nothing_gets_no_hint() {
        assert_eq!(Fail::unknown("metric", "x", ["sales.amount"]).message, "there is no metric `x`");
    }
}
