//! The schema as the server holds it: built from the packs of one moment, executed, printed.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::panic::catch_unwind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use async_graphql::parser::types::{ExecutableDocument, OperationDefinition, OperationType, Selection};
use async_graphql::{Request, SDLExportOptions, ServerError, ValidationMode, Value};
use chrono::{DateTime, Utc};
use engine::Engine;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use registry::Snapshot;
use serde::Serialize;
use tokio::sync::watch;

use crate::completion;
use crate::document::{Documents, Known, Refusal};
use crate::error::{Code, Fail};
use crate::limit::{self, Limits};
use crate::mutation::Mutation;
use crate::omission;
use crate::query::Query;
use crate::request::Requested;
use crate::subject_metrics::{self, Fields};
use crate::subscription::{Pulse, Subscription};
use crate::types::Types;

type Inner = async_graphql::Schema<Query, Mutation, Subscription>;

/// The service's GraphQL schema for one set of packs. Cheap to clone, and to build anew when the packs change.
#[derive(Clone)]
pub struct Schema {
    inner: Inner,
    /// The same for documents that are known to be valid.
    valid: Inner,
    documents: Arc<Documents>,
    types: Arc<Types>,
    engine: Engine,
    packs: Arc<Snapshot>,
    fields: Arc<Fields>,
    limits: Limits,
    sdl: Arc<OnceLock<String>>,
    left_out: Option<LeftOut>,
    /// Counts the mutations that ran, for those who wait for a change.
    written: watch::Sender<u64>,
}

/// Packs that a schema has no place for.
#[derive(Clone)]
pub struct LeftOut {
    /// The set that they are of.
    pub packs: Arc<Snapshot>,
    /// By their ids: why.
    pub reasons: Arc<BTreeMap<String, String>>,
}

/// Why no schema can be made of a set of packs.
#[derive(Clone, Debug, thiserror::Error)]
#[error("no schema can be made of these packs: {0}")]
pub struct Unbuilt(pub String);

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

/// Builds the schema with the types of the given packs. Two names that would become one field or type are refused, and so is
/// whatever else async-graphql stumbles over: a set of packs must never be able to end the service.
pub fn build(engine: Engine, packs: Arc<Snapshot>, limits: Limits) -> Result<Schema, Unbuilt> {
    subject_metrics::check_names(&packs).map_err(Unbuilt)?;
    BUILDING.set(Some(packs.clone()));
    let built = catch_unwind(|| {
        let inner = || Inner::build(Query, Mutation, Subscription).limit_recursive_depth(64);
        let valid = inner().validation_mode(ValidationMode::Fast).finish();
        (inner().finish(), valid, Types::of::<Query, Mutation, Subscription>())
    });
    BUILDING.set(None);
    let (inner, valid, types) = built.map_err(|_| Unbuilt("its types contradict each other; the log says more".into()))?;
    let fields = Arc::new(Fields::of(&packs));
    let (written, documents) = (watch::Sender::default(), Arc::default());
    Ok(Schema {
        inner,
        valid,
        documents,
        types: Arc::new(types),
        engine,
        packs,
        fields,
        limits,
        sdl: Arc::default(),
        left_out: None,
        written,
    })
}

/// An operation that may run: what is asked of async-graphql, and what its answer is put in shape by.
struct Prepared {
    request: Request,
    known: Arc<Known>,
    shape: Arc<completion::Shape>,
    begun: Arc<AtomicBool>,
    operation: OperationType,
}

impl Schema {
    /// Runs one query or mutation as of an instant. `as_of` is what MTD and its like, open pipelines and ages are reckoned from.
    pub fn execute(&self, request: Request, as_of: DateTime<Utc>) -> BoxFuture<'_, Response> {
        // Boxed, so that all of it is compiled here and not once more in every crate that runs operations.
        Box::pin(self.run(request, as_of))
    }

    async fn run(&self, request: Request, as_of: DateTime<Utc>) -> Response {
        let prepared = match self.prepare(request, as_of) {
            Ok(prepared) => prepared,
            Err(refused) => return refused,
        };
        let schema = if prepared.known.is_valid() { &self.valid } else { &self.inner };
        let answer = schema.execute(prepared.request).await;
        if prepared.operation == OperationType::Mutation {
            self.written.send_modify(|count| *count += 1);
        }
        let begun = prepared.begun.load(Ordering::Relaxed);
        if begun {
            prepared.known.passed();
        }
        Response::of(answer, &prepared.shape, begun)
    }

    /// Answers a subscription once, and says what may change its answer; nothing where it was refused.
    pub(crate) async fn event(&self, request: Request, as_of: DateTime<Utc>) -> (Response, Option<Pulse>) {
        let pulse = Arc::new(OnceLock::new());
        let prepared = match self.prepare(request.data(pulse.clone()), as_of) {
            Ok(prepared) => prepared,
            Err(refused) => return (refused, None),
        };
        let answer = self.inner.execute_stream(prepared.request).next().await.unwrap_or_default();
        let response = Response::of(answer, &prepared.shape, prepared.begun.load(Ordering::Relaxed));
        (response, pulse.get().copied())
    }

    fn prepare(&self, mut request: Request, as_of: DateTime<Utc>) -> Result<Prepared, Response> {
        let refused = |fail: Fail| Response::refused(fail.code, vec![server_error(fail)]);
        let name = request.operation_name.clone();
        let known = self.documents.read(&request.query, name.as_deref(), &self.types, &self.limits);
        let known = known.map_err(|refusal| Response::refused(refusal.code(), vec![refusal.into()]))?;
        let mut document = known.document.clone();
        let shape = match known.shape() {
            Some(shape) => shape,
            None => self.fit(&mut document, &request).map_err(refused)?.into(),
        };
        let operation = chosen(&document, name.as_deref()).map_or(Ok(OperationType::Query), one_root).map_err(refused)?;
        request.set_parsed_query(document);
        let (engine, packs, fields) = (self.engine.clone(), self.packs.clone(), self.fields.clone());
        let requested = Requested::new(engine, packs, fields, known.selected.clone(), as_of, self.limits);
        let begun = requested.begun();
        let request = request.data(requested).data(self.left_out.clone());
        Ok(Prepared { request, known, shape, begun, operation })
    }

    /// Checks a document with the variables of a request and makes it what is asked with them; what the answer looks like.
    fn fit(&self, document: &mut ExecutableDocument, request: &Request) -> Result<completion::Shape, Fail> {
        let operation = request.operation_name.as_deref();
        limit::check(document, &request.variables, &self.types, &self.limits)?;
        check_variables(document, request)?;
        omission::omit(document, operation, &request.variables);
        Ok(completion::shape(document, operation, &request.variables, &self.types))
    }

    /// The schema in its definition language, sorted, so that two prints of the same schema are equal.
    pub fn sdl(&self) -> &str {
        self.sdl.get_or_init(|| {
            let options = SDLExportOptions::new().sorted_fields().sorted_arguments().sorted_enum_items().include_specified_by();
            self.inner.sdl_with_options(options)
        })
    }

    /// The packs that it has.
    pub(crate) fn packs(&self) -> &Snapshot {
        &self.packs
    }

    /// Whether it has no place for some of the newest packs.
    pub fn is_stale(&self) -> bool {
        self.left_out.is_some()
    }

    /// This schema, which has no place for some packs.
    pub(crate) fn without(self, left_out: LeftOut) -> Schema {
        Schema { left_out: Some(left_out), ..self }
    }

    /// This schema, counting mutations where another one did.
    pub(crate) fn after(self, other: &Schema) -> Schema {
        Schema { written: other.written.clone(), ..self }
    }

    pub(crate) fn written(&self) -> watch::Receiver<u64> {
        self.written.subscribe()
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

/// The operation that will run, if the document leaves no doubt which.
fn chosen<'a>(document: &'a ExecutableDocument, name: Option<&str>) -> Option<&'a OperationDefinition> {
    let mut operations = document.operations.iter().filter(|(found, _)| name.is_none() || found.map(|found| found.as_str()) == name);
    operations.next().map(|(_, operation)| &operation.node)
}

/// A subscription is one stream of answers. async-graphql would mix those of several fields, and never answer one in a fragment.
fn one_root(operation: &OperationDefinition) -> Result<OperationType, Fail> {
    let roots = &operation.selection_set.node.items;
    match (operation.ty, roots.as_slice()) {
        (OperationType::Subscription, [root]) if matches!(root.node, Selection::Field(_)) => Ok(operation.ty),
        (OperationType::Subscription, _) => Err(Fail {
            code: Code::ValidationFailed,
            message: "a subscription has exactly one field at its root, and not in a fragment; subscribe to each by itself".into(),
        }),
        (ty, _) => Ok(ty),
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

impl From<Refusal> for ServerError {
    fn from(refusal: Refusal) -> ServerError {
        match refusal {
            Refusal::Unreadable(error) => error,
            Refusal::Limited(fail) => server_error(fail),
        }
    }
}

fn server_error(fail: Fail) -> ServerError {
    let error = async_graphql::Error::from(fail);
    ServerError { message: error.message, source: None, locations: Vec::new(), path: Vec::new(), extensions: error.extensions }
}
