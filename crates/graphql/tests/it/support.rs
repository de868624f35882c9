//! A schema over the generated company with the standard packs.

use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, LazyLock};

use async_graphql::Request;
use chrono::{DateTime, NaiveDate, Utc};
use engine::Engine;
use graphql::{Limits, Live, Response, Schema};
use registry::{Registry, Snapshot};
use sample::Scale;
use serde_json::Value;
use store::Store;
use tempfile::TempDir;
use testbed::Database;
use tokio::sync::OnceCell;

/// The standard packs, built by cargo into whatever folder it uses, and opened once.
static PACKS: LazyLock<(Registry, TempDir)> = LazyLock::new(|| {
    let arguments = ["build", "-p", "sales", "-p", "service", "-p", "marketing", "--message-format", "json-render-diagnostics"];
    let run = Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs, since it ran this test");
    assert!(run.status.success(), "the packs do not build:\n{}", String::from_utf8_lossy(&run.stderr));
    let messages = run.stdout.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice::<Value>(line).ok());
    let files = messages.flat_map(|message| message["filenames"].as_array().cloned().unwrap_or_default());
    let folder = tempfile::tempdir().expect("a temporary folder");
    let packs = folder.path().join("packs");
    std::fs::create_dir(&packs).expect("a folder in it");
    for file in
        files.filter_map(|file| file.as_str().map(PathBuf::from)).filter(|file| file.extension().is_some_and(|ending| ending == "so"))
    {
        std::fs::copy(&file, packs.join(file.file_name().expect("a file"))).expect("a copy");
    }
    let (registry, refusals) = Registry::open(&packs, &folder.path().join("store"));
    assert_eq!(refusals, []);
    (registry, folder)
});

pub fn packs() -> Arc<Snapshot> {
    PACKS.0.snapshot()
}

/// A schema over a database.
pub struct Service {
    pub schema: Schema,
    pub store: Store,
    _database: Database,
}

impl Service {
    /// Over an empty database.
    pub async fn empty() -> Service {
        Service::over(Database::sqlite().await, Limits::default())
    }

    /// Over a small generated company.
    pub async fn of_sample() -> Service {
        let sample = SAMPLE.get_or_init(async || filled(Database::sqlite().await).await).await;
        Service::over(sample.copy().await, Limits::default())
    }

    /// Over a small generated company in a database.
    pub async fn of_sample_in(database: Database) -> Service {
        Service::over(filled(database).await, Limits::default())
    }

    fn over(database: Database, limits: Limits) -> Service {
        let store = database.store().clone();
        let schema = graphql::build(Engine::new(store.clone(), PACKS.0.clone()), packs(), limits).expect("a schema");
        Service { schema, store, _database: database }
    }

    /// The schema over the same database as the server holds it.
    pub fn live(&self) -> Live {
        Live::start(Engine::new(self.store.clone(), PACKS.0.clone()), Limits::default())
    }

    /// The answer to a worked example; the first one where it is a subscription.
    pub async fn example(&self, operation: String) -> Response {
        let subscribes = operation.contains("\nsubscription ");
        let request = Request::new(operation);
        match subscribes {
            true => self.live().subscribe(request).answer(Utc::now()).await.expect("a first answer"),
            false => self.schema.execute(request, Utc::now()).await,
        }
    }

    /// A schema over the same database with other limits.
    pub fn limited(&self, limits: Limits) -> Schema {
        graphql::build(Engine::new(self.store.clone(), PACKS.0.clone()), packs(), limits).expect("a schema")
    }

    pub async fn answer(&self, operation: &str) -> Value {
        serde_json::to_value(self.schema.execute(Request::new(operation), as_of()).await).expect("an answer is JSON")
    }

    /// The data of an operation that must not fail.
    pub async fn data(&self, operation: &str) -> Value {
        let mut answer = self.answer(operation).await;
        assert!(answer.get("errors").is_none(), "{operation}: {:#}", answer["errors"]);
        answer["data"].take()
    }

    /// The first error of an operation that must fail.
    pub async fn error(&self, operation: &str) -> Value {
        let mut answer = self.answer(operation).await;
        assert!(answer["errors"][0].is_object(), "no error for {operation}: {answer:#}");
        answer["errors"][0].take()
    }

    /// How many statements an operation costs.
    pub async fn cost(&self, operation: &str) -> u64 {
        let before = self.store.statements();
        self.data(operation).await;
        self.store.statements() - before
    }
}

/// Generating a company takes many times as long as copying it.
static SAMPLE: OnceCell<Database> = OnceCell::const_new();

async fn filled(database: Database) -> Database {
    let scale = Scale { customers: 120, orders: 800, opportunities: 600, tickets: 300, ..Scale::demo() };
    sample::fill(database.store(), &scale, 1, |_, _| ()).await.expect("a company");
    database
}

/// The evening of the company's last day.
fn as_of() -> DateTime<Utc> {
    let day: NaiveDate = Scale::LAST_DAY;
    day.and_hms_opt(18, 0, 0).expect("a time").and_utc()
}
