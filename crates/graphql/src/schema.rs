//! The schema as the server holds it: built from the packs of one moment, executed, printed.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use async_graphql::parser::parse_query;
use async_graphql::parser::types::ExecutableDocument;
use async_graphql::{EmptySubscription, Request, SDLExportOptions, ServerError, Value};
use chrono::{DateTime, Utc};
use engine::Engine;
use registry::Snapshot;
use serde::Serialize;

use crate::completion;
use crate::error::{Code, Fail};
use crate::limit::{self, Limits};
use crate::mutation::Mutation;
use crate::omission;
use crate::query::Query;
use crate::request::Requested;
use crate::subject_metrics::Fields;
use crate::types::Types;

type Inner = async_graphql::Schema<Query, Mutation, EmptySubscription>;

/// The service's GraphQL schema for one set of packs. Cheap to clone, and to build anew when the packs change.
#[derive(Clone)]
pub struct Schema {
    inner: Inner,
    types: Arc<Types>,
    engine: Engine,
    packs: Arc<Snapshot>,
    fields: Arc<Fields>,
    limits: Limits,
}

/// The answer to one request. Serialises to the body that the GraphQL specification asks for.
#[derive(Serialize)]
pub struct Response {
    /// Whether the operation ran. If not, the document could not be parsed or does not fit the schema, and there is no `data`.
    #[serde(skip)]
    pub executed: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ServerError>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
}

thread_local! {
    /// The packs whose types a schema gets. async-graphql asks types about themselves without an argument, so they look here.
    static BUILDING: RefCell<Option<Arc<Snapshot>>> = const { RefCell::new(None) };
}

/// The packs of the schema that is being built on this thread; none while no schema is.
pub(crate) fn packs_being_built() -> Arc<Snapshot> {
    BUILDING.with_borrow(|packs| packs.clone()).unwrap_or_default()
}

/// Builds the schema with the types of the given packs.
pub fn build(engine: Engine, packs: Arc<Snapshot>, limits: Limits) -> Schema {
    BUILDING.set(Some(packs.clone()));
    let inner = Inner::build(Query, Mutation, EmptySubscription).limit_recursive_depth(64).finish();
    let types = Arc::new(Types::of::<Query, Mutation>());
    BUILDING.set(None);
    let fields = Arc::new(Fields::of(&packs));
    Schema { inner, types, engine, packs, fields, limits }
}

impl Schema {
    /// Runs one operation as of an instant. `as_of` is what MTD and its like, open pipelines and ages are reckoned from.
    pub async fn execute(&self, mut request: Request, as_of: DateTime<Utc>) -> Response {
        let mut document = match parse_query(&request.query) {
            Ok(document) => document,
            Err(error) => return Response::refused(Code::ParseFailed, vec![error.into()]),
        };
        if let Err(fail) = limit::check(&document, &request.variables, &self.types, &self.limits) {
            return Response::refused(fail.code, vec![server_error(fail)]);
        }
        if let Err(fail) = check_variables(&document, &request) {
            return Response::refused(fail.code, vec![server_error(fail)]);
        }
        omission::omit(&mut document, request.operation_name.as_deref(), &request.variables);
        let shape = completion::shape(&document, request.operation_name.as_deref(), &request.variables, &self.types);
        request.set_parsed_query(document);
        let requested = Requested::new(self.engine.clone(), self.packs.clone(), self.fields.clone(), as_of, self.limits);
        let begun = requested.begun();
        let answer = self.inner.execute(request.data(requested)).await;
        Response::of(answer, &shape, begun.load(Ordering::Relaxed))
    }

    /// The schema in its definition language, sorted, so that two prints of the same schema are equal.
    pub fn sdl(&self) -> String {
        let options = SDLExportOptions::new().sorted_fields().sorted_arguments().sorted_enum_items().include_specified_by();
        self.inner.sdl_with_options(options)
    }
}

impl Response {
    fn refused(code: Code, errors: Vec<ServerError>) -> Response {
        Response { executed: false, errors: with_code(errors, code), data: None }
    }

    fn of(answer: async_graphql::Response, shape: &completion::Shape, begun: bool) -> Response {
        if !begun && answer.data == Value::Null && !answer.errors.is_empty() {
            return Response::refused(Code::ValidationFailed, answer.errors);
        }
        let data = completion::complete(answer.data, shape, !answer.errors.is_empty());
        Response { executed: true, errors: with_code(answer.errors, Code::BadUserInput), data: Some(data) }
    }
}

/// async-graphql would only notice a variable that is not given where it is used, after other fields have run.
fn check_variables(document: &ExecutableDocument, request: &Request) -> Result<(), Fail> {
    let name = request.operation_name.as_deref();
    let chosen = document.operations.iter().filter(|(found, _)| name.is_none() || found.map(|found| found.as_str()) == name);
    let variables = chosen.flat_map(|(_, operation)| &operation.node.variable_definitions).map(|variable| &variable.node);
    let given = |name: &str| request.variables.get(name).filter(|value| **value != Value::Null);
    match variables
        .filter(|variable| !variable.var_type.node.nullable && variable.default_value.is_none())
        .find(|variable| given(&variable.name.node).is_none())
    {
        Some(variable) => {
            Err(Fail::input(format!("the variable `${}` of type {} is not given", variable.name.node, variable.var_type.node)))
        }
        None => Ok(()),
    }
}

/// async-graphql's own errors are about the document or an argument, and carry no code.
fn with_code(mut errors: Vec<ServerError>, code: Code) -> Vec<ServerError> {
    for error in &mut errors {
        let extensions = error.extensions.get_or_insert_default();
        if extensions.get("code").is_none() {
            extensions.set("code", code.name());
            error.message = plain(&error.message);
        }
    }
    errors
}

/// async-graphql tells of its own types and of its way through them; a client needs what is wrong, and in which input.
fn plain(message: &str) -> String {
    let mut parts = message.split(" (occurred while parsing \"");
    let what = parts.next().unwrap_or_default();
    let (ty, what) = match what.strip_prefix("Failed to parse \"").and_then(|rest| rest.split_once("\": ")) {
        Some((ty, what)) => (Some(ty), what),
        None => (None, what),
    };
    let inputs: Vec<&str> = parts.filter_map(|part| part.strip_suffix("\")")).filter(|name| !name.starts_with('[')).collect();
    match (ty, inputs.as_slice()) {
        (_, []) if ty.is_none_or(|ty| ty == "Period") => what.to_owned(),
        (Some(ty), []) => format!("{ty}: {what}"),
        (ty, inputs) => format!("{}, in {}", ty.map_or_else(|| what.to_owned(), |ty| format!("{ty}: {what}")), inputs.join(" of ")),
    }
}

fn server_error(fail: Fail) -> ServerError {
    let error = async_graphql::Error::from(fail);
    ServerError { message: error.message, source: None, locations: Vec::new(), path: Vec::new(), extensions: error.extensions }
}
