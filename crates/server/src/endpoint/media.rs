//! Which of the two media types of GraphQL an answer gets.
//!
//! `application/json` when the client states no preference; else the one of the higher quality, the one named in full before
//! the one reached by a wildcard, and at last the newer one. No acceptable one is for the caller to refuse.

use axum::http::{HeaderMap, header};

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Media {
    /// `application/json`: a well-formed request is answered with 200 whatever became of it.
    Json,
    /// `application/graphql-response+json`: the status says what became of the request.
    GraphqlResponse,
}

/// Quality in thousandths, and how exactly the range named the type: a longer range overrides a shorter.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
struct Preference {
    quality: u16,
    exactness: u8,
}

impl Media {
    pub fn content_type(self) -> &'static str {
        match self {
            Media::Json => "application/json; charset=utf-8",
            Media::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
        }
    }

    fn essence(self) -> &'static str {
        match self {
            Media::Json => "application/json",
            Media::GraphqlResponse => "application/graphql-response+json",
        }
    }

    fn preference(self, accept: &str) -> Option<Preference> {
        let ranges = accept.split(',').filter_map(|range| self.matched(range));
        ranges.max_by_key(|preference| preference.exactness).filter(|preference| preference.quality > 0)
    }

    /// What one range of the header says about this type, if it covers it.
    fn matched(self, range: &str) -> Option<Preference> {
        let mut parts = range.split(';').map(str::trim);
        let exactness = match parts.next()?.to_ascii_lowercase() {
            essence if essence == self.essence() => 2,
            essence if essence == "application/*" => 1,
            essence if essence == "*/*" => 0,
            _ => return None,
        };
        let mut quality = 1000;
        for (name, value) in parts.filter_map(|parameter| parameter.split_once('=')) {
            match name.trim().to_ascii_lowercase().as_str() {
                "q" => quality = thousandths(value.trim())?,
                "charset" if !is_utf8(value) => return None,
                _ => {}
            }
        }
        Some(Preference { quality, exactness })
    }
}

pub fn preferred(headers: &HeaderMap) -> Option<Media> {
    let accept: Vec<&str> = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect();
    let accept = accept.join(",");
    if accept.trim().is_empty() {
        return Some(Media::Json);
    }
    match (Media::Json.preference(&accept), Media::GraphqlResponse.preference(&accept)) {
        (None, None) => None,
        (Some(_), None) => Some(Media::Json),
        (None, Some(_)) => Some(Media::GraphqlResponse),
        (Some(json), Some(newer)) if newer > json || (newer == json && newer.exactness == 2) => Some(Media::GraphqlResponse),
        (Some(_), Some(_)) => Some(Media::Json),
    }
}

pub fn is_utf8(charset: &str) -> bool {
    let charset = charset.trim().trim_matches('"');
    charset.eq_ignore_ascii_case("utf-8") || charset.eq_ignore_ascii_case("utf8")
}

fn thousandths(quality: &str) -> Option<u16> {
    let number: f32 = quality.parse().ok()?;
    (0.0..=1.0).contains(&number).then_some((number * 1000.0).round() as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(accept: &str, expected: Option<Media>) {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, accept.parse().unwrap());
        assert_eq!(preferred(&headers), expected, "{accept}");
    }

    #[test]
    fn the_higher_quality_wins_and_then_the_more_exact_range() {
        use Media::{GraphqlResponse, Json};
        check("", Some(Json));
        check("*/*", Some(Json));
        check("application/*", Some(Json));
        check("application/json", Some(Json));
        check("APPLICATION/GRAPHQL-RESPONSE+JSON", Some(GraphqlResponse));
        check("application/graphql-response+json; charset=utf-8, application/json; charset=utf-8", Some(GraphqlResponse));
        check("application/json, application/graphql-response+json;q=0.9", Some(Json));
        check("application/json;q=0.5, application/graphql-response+json;q=0.6", Some(GraphqlResponse));
        check("application/graphql-response+json, */*", Some(GraphqlResponse));
        check("text/html, application/xml;q=0.9, */*;q=0.8", Some(Json));
        check("application/json;q=0, */*", Some(GraphqlResponse));
        check("text/html", None);
        check("application/json;q=0", None);
        check("application/json;charset=iso-8859-1", None);
        check("application/json;q=2", None);
    }
}
