//! The handler against a small schema: what the audits of tests/graphql-http do not cover.

use async_graphql::{EmptySubscription, Object, Schema};
use axum::http::{Request as HttpRequest, StatusCode};

use super::*;

struct Query;

#[Object]
impl Query {
    async fn one(&self) -> i32 {
        1
    }

    async fn bad(&self) -> i32 {
        "x".parse().expect("a resolver that panics")
    }

    async fn slow(&self) -> i32 {
        std::future::pending().await
    }

    async fn down(&self) -> async_graphql::Result<i32> {
        let mut error = async_graphql::Error::new("the database cannot be reached");
        error.extensions.get_or_insert_default().set("code", "UNAVAILABLE");
        Err(error)
    }
}

struct Mutation;

#[Object]
impl Mutation {
    async fn change(&self) -> i32 {
        2
    }
}

fn endpoint() -> Endpoint {
    let schema = Schema::build(Query, Mutation, EmptySubscription).finish();
    let execute: Execute = Arc::new(move |request| {
        let schema = schema.clone();
        async move {
            let answer = schema.execute(request).await;
            let executed = answer.errors.iter().all(|error| !error.path.is_empty());
            Response { executed, errors: answer.errors, data: executed.then_some(answer.data) }
        }
        .boxed()
    });
    Endpoint { execute, max_body_bytes: 4096, timeout: Duration::from_millis(100), turns: Arc::new(Semaphore::new(8)) }
}

struct Answered {
    status: StatusCode,
    headers: HeaderMap,
    body: serde_json::Value,
}

async fn ask(request: axum::http::request::Builder, body: impl Into<Body>) -> Answered {
    let (parts, body) = request.body(body.into()).unwrap().into_parts();
    let parameters = RawQuery(parts.uri.query().map(str::to_owned));
    let response = handle(State(endpoint()), parts.method, parts.headers, parameters, body).await;
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    Answered { status: parts.status, headers: parts.headers, body: serde_json::from_slice(&bytes).unwrap() }
}

fn post() -> axum::http::request::Builder {
    HttpRequest::post("/graphql").header("content-type", "application/json").header("accept", "application/graphql-response+json")
}

async fn query(text: &str) -> Answered {
    ask(post(), serde_json::json!({ "query": text }).to_string()).await
}

fn check(answered: &Answered, status: u16, code: &str) {
    assert_eq!(answered.status.as_u16(), status, "{}", answered.body);
    assert_eq!(answered.body["errors"][0]["extensions"]["code"], code, "{}", answered.body);
    assert!(answered.headers["content-type"].to_str().unwrap().contains("json"));
}

#[tokio::test]
async fn a_panic_is_a_500_of_its_own_request() {
    let answered = query("{ one bad }").await;
    check(&answered, 500, "INTERNAL");
    assert!(!answered.body.to_string().contains("a resolver that panics"));
    assert_eq!(query("{ one }").await.body["data"]["one"], 1);
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_ended() {
    check(&query("{ slow }").await, 504, "TIMEOUT");
}

#[tokio::test]
async fn a_database_that_is_down_is_a_503_where_the_media_type_has_one_and_else_a_200() {
    check(&query("{ down }").await, 503, "UNAVAILABLE");
    check(&ask(post().header("accept", "application/json;q=1"), r#"{"query":"{ down }"}"#).await, 503, "UNAVAILABLE");
    let json = HttpRequest::post("/graphql").header("content-type", "application/json");
    check(&ask(json, r#"{"query":"{ down }"}"#).await, 200, "UNAVAILABLE");
}

#[tokio::test]
async fn a_mutation_over_get_is_refused_with_the_method_to_use() {
    let answered = ask(HttpRequest::get("/graphql?query=mutation%7Bchange%7D"), "").await;
    check(&answered, 405, "METHOD_NOT_ALLOWED");
    assert_eq!(answered.headers["allow"], "POST");
    let chosen = "/graphql?query=mutation+A%7Bchange%7D+query+B%7Bone%7D&operationName=";
    assert_eq!(ask(HttpRequest::get(format!("{chosen}B")), "").await.body["data"]["one"], 1);
    check(&ask(HttpRequest::get(format!("{chosen}A")), "").await, 405, "METHOD_NOT_ALLOWED");
}

#[tokio::test]
async fn other_methods_are_refused_with_those_that_work() {
    let answered = ask(HttpRequest::delete("/graphql"), "").await;
    check(&answered, 405, "METHOD_NOT_ALLOWED");
    assert_eq!(answered.headers["allow"], "GET, POST");
}

#[tokio::test]
async fn what_nobody_can_read_is_refused_before_it_is_parsed() {
    check(&ask(post().header("accept", "text/html"), "{}").await, 400, "BAD_REQUEST");
    check(&ask(HttpRequest::post("/graphql").header("accept", "text/html"), "{}").await, 406, "NOT_ACCEPTABLE");
    check(&ask(HttpRequest::post("/graphql"), r#"{"query":"{ one }"}"#).await, 415, "UNSUPPORTED_MEDIA_TYPE");
    let latin = HttpRequest::post("/graphql").header("content-type", "application/json; charset=latin1");
    check(&ask(latin, r#"{"query":"{ one }"}"#).await, 415, "UNSUPPORTED_MEDIA_TYPE");
    check(&ask(post().header("content-encoding", "gzip"), "\u{1f}").await, 415, "UNSUPPORTED_MEDIA_TYPE");
    let list = ask(post(), r#" [{"query":"{ one }"}]"#).await;
    check(&list, 400, "BAD_REQUEST");
    assert!(list.body["errors"][0]["message"].as_str().unwrap().contains("each operation by itself"), "{}", list.body);
}

#[tokio::test]
async fn a_body_past_the_limit_is_refused_whether_its_length_is_told_or_not() {
    let large = format!("{{\"query\":\"{{ one }} #{}\"}}", "x".repeat(5000));
    check(&ask(post(), large.clone()).await, 413, "BODY_TOO_LARGE");
    check(&ask(post().header("content-length", large.len()), large).await, 413, "BODY_TOO_LARGE");
}

#[tokio::test]
async fn a_query_nested_past_the_parser_is_refused() {
    check(&query(&"{a".repeat(201)).await, 400, "TOO_COMPLEX");
    check(&query(&format!("{{ one(a: {}) }}", "[".repeat(1000))).await, 400, "TOO_COMPLEX");
}

#[tokio::test]
async fn a_query_nested_to_the_limit_does_not_overflow_a_stack() {
    for query_text in ["{a".repeat(200) + &"}".repeat(200), format!("{{ one(a: {}1{}) }}", "[".repeat(198), "]".repeat(198))] {
        assert_eq!(query(&query_text).await.status, 400);
    }
}

#[tokio::test]
async fn bad_parameters_are_named() {
    for (body, named) in [
        ("", "empty"),
        ("[]", "JSON object"),
        ("{\"query\": 1}", "string"),
        ("{\"variables\": {}}", "`query`"),
        ("{\"query\": \"{ one }\", \"variables\": []}", "invalid"),
        ("{\"query\": \"{ one }\", \"query\": \"{ one }\"}", "duplicate"),
    ] {
        let answered = ask(post(), body.to_owned()).await;
        check(&answered, 400, "BAD_REQUEST");
        assert!(answered.body["errors"][0]["message"].as_str().unwrap().contains(named), "{body}: {}", answered.body);
    }
    check(&ask(HttpRequest::get("/graphql"), "").await, 400, "BAD_REQUEST");
    check(&ask(HttpRequest::get("/graphql?query=%7Bone%7D&variables=x"), "").await, 400, "BAD_REQUEST");
}
