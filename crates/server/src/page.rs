//! The page at `/`: GraphiQL out of the binary itself, or a plain page where the build had no npm. Neither asks another host.

use std::io::Read;
use std::sync::LazyLock;

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::json;

/// `ASSETS`: the files of GraphiQL, each compressed with gzip. `EXAMPLES`: the operations of `schema/operations`.
mod embedded {
    include!(concat!(env!("OUT_DIR"), "/page.rs"));
}
use embedded::{ASSETS, EXAMPLES, VERSION};

/// Everything from this service, nothing from elsewhere; the editor makes style elements of its own.
const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

static PAGE: LazyLock<String> = LazyLock::new(|| {
    let page = if ASSETS.is_empty() { include_str!("../graphiql/plain.html") } else { include_str!("../graphiql/index.html") };
    page.replace("EXAMPLES", &examples())
});

pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/", get(async || file("text/html; charset=utf-8", PAGE.as_bytes())))
        .route("/page.css", get(async || file("text/css; charset=utf-8", include_bytes!("../graphiql/page.css"))))
        .route("/plain.js", get(async || file("text/javascript; charset=utf-8", include_bytes!("../graphiql/plain.js"))))
        .route("/graphiql/{name}", get(asset))
}

/// The examples as JSON that can stand in a script element.
fn examples() -> String {
    let list: Vec<_> =
        EXAMPLES.iter().map(|(name, query)| json!({ "name": name.trim_end_matches(".graphql"), "query": query.trim_end() })).collect();
    serde_json::Value::from(list).to_string().replace('<', "\\u003c")
}

fn file(content_type: &'static str, content: &'static [u8]) -> Response {
    let headers: [(HeaderName, &str); 4] = [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, "no-cache"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, content).into_response()
}

async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let Some((_, packed)) = ASSETS.iter().find(|(given, _)| *given == name) else {
        return (StatusCode::NOT_FOUND, "no such file\n").into_response();
    };
    let tag = format!("\"{VERSION}\"");
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|given| given.as_bytes() == tag.as_bytes());
    let mut response = match known {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => content(&name, packed, takes_gzip(&headers)),
    };
    response.headers_mut().insert(header::ETAG, HeaderValue::try_from(tag).expect("hexadecimal digits are a header value"));
    response
}

fn content(name: &str, packed: &'static [u8], gzip: bool) -> Response {
    let mut response = match gzip {
        true => ([(header::CONTENT_ENCODING, "gzip")], packed).into_response(),
        false => unpacked(packed),
    };
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(name)));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    response
}

fn unpacked(packed: &[u8]) -> Response {
    let mut content = Vec::new();
    match flate2::read::GzDecoder::new(packed).read_to_end(&mut content) {
        Ok(_) => content.into_response(),
        Err(error) => {
            tracing::error!(%error, "an embedded file is broken");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn takes_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepted.split(',').any(|coding| coding.split(';').next().is_some_and(|name| name.trim() == "gzip"))
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("ttf") => "font/ttf",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_carries_the_examples_and_names_no_other_host() {
        assert!(!PAGE.contains("EXAMPLES") && !PAGE.contains("http://") && !PAGE.contains("https://"));
        assert!(PAGE.contains("id=\"examples\""));
    }
}
