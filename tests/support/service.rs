//! The built binary as a user runs it: a database of its own, a real listener on a free port, GraphQL over HTTP.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::OnceLock;

use crate::database::Database;
use serde_json::{Value, json};

/// Where the service is, with the standard packs in `packs` beside it; built first, once per test run.
pub fn built() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| build(&[]))
}

/// Builds the service and the standard packs with some flags of cargo's; the folder they are in.
pub fn build(flags: &[&str]) -> PathBuf {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let output =
        Command::new(env!("CARGO")).args(["xtask", "build", "--quiet"]).args(flags).current_dir(root).output().expect("cargo runs");
    assert!(output.status.success(), "the service does not build:\n{}", String::from_utf8_lossy(&output.stderr));
    PathBuf::from(String::from_utf8(output.stdout).expect("a path in UTF-8").trim())
}

/// The folder of the real data sets. A run without it must not pass.
pub fn data_sets() -> PathBuf {
    let folder = std::env::var_os("COUNTERPOISE_DATA").map(PathBuf::from).expect(
        "COUNTERPOISE_DATA is not set: it must name the folder that holds the data sets (maven_crm, northwind, …), as .ci/run does",
    );
    assert!(folder.is_dir(), "COUNTERPOISE_DATA is {}, which is not a folder", folder.display());
    folder
}

/// A `counterpoise` command with nothing inherited from the caller's configuration; its packs are those beside it.
pub fn counterpoise() -> Command {
    let mut command = Command::new(built().join("counterpoise"));
    command.env_remove("DATABASE_URL").env_remove("COUNTERPOISE_PACKS");
    command.stdin(Stdio::null());
    command
}

pub fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// A running service over a database of its own; both end with the value.
pub struct Service {
    process: Child,
    pub url: String,
    client: reqwest::blocking::Client,
    _database: Database,
}

impl Service {
    /// Serves what is in the database.
    pub fn over(database: Database) -> Service {
        Service::with(database, &[])
    }

    pub fn with(database: Database, flags: &[&str]) -> Service {
        let mut process = counterpoise()
            .args(["serve", "--listen", "127.0.0.1:0", "--database-url", &database.url])
            .args(flags)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("counterpoise starts");
        let url = bound_url(&mut process);
        drain(process.stderr.take().expect("piped"));
        Service { process, url, client: reqwest::blocking::Client::new(), _database: database }
    }

    /// Imports a data set by one of the built-in profiles and serves it.
    pub fn of_data_set(database: Database, profile: &str, folder: &str) -> Service {
        import(&database, profile, &data_sets().join(folder));
        Service::over(database)
    }

    /// The generated company at its demo size.
    pub fn of_sample(database: Database) -> Service {
        Service::of_sample_with(database, &[])
    }

    pub fn of_sample_with(database: Database, flags: &[&str]) -> Service {
        let output = counterpoise().args(["generate", "--database-url", &database.url]).output().expect("counterpoise runs");
        assert!(output.status.success(), "{}", text(&output));
        Service::with(database, flags)
    }

    /// The `data` of an operation that must have no errors.
    pub fn data(&self, operation: &str) -> Value {
        let mut answer = self.answer(operation, Value::Null);
        assert!(answer.get("errors").is_none(), "{operation}\n{answer:#}");
        answer["data"].take()
    }

    /// The whole answer, errors and all.
    pub fn answer(&self, operation: &str, variables: Value) -> Value {
        let response = self.post(&json!({ "query": operation, "variables": variables }));
        response.json().expect("an answer in JSON")
    }

    pub fn post(&self, body: &Value) -> reqwest::blocking::Response {
        self.client.post(format!("{}/graphql", self.url)).json(body).send().expect("the service answers")
    }

    pub fn get(&self, path: &str) -> reqwest::blocking::Response {
        self.client.get(format!("{}{path}", self.url)).send().expect("the service answers")
    }

    /// Asks the service to stop.
    pub fn terminate(&self) {
        let told = Command::new("kill").arg(self.process.id().to_string()).status().expect("kill runs");
        assert!(told.success(), "the service could not be told");
    }

    /// How the service ended, which it must have been asked to.
    pub fn ended(&mut self) -> ExitStatus {
        self.process.wait().expect("the service was started here")
    }

    /// How many SQL statements the service has run so far.
    pub fn statements(&self) -> u64 {
        let metrics = self.get("/metrics").text().expect("text");
        let line = metrics.lines().find(|line| line.starts_with("counterpoise_statements_total ")).expect("the counter is there");
        line.rsplit(' ').next().and_then(|number| number.parse().ok()).expect("a number")
    }

    /// How many SQL statements an operation costs, once whatever is read on first use has been read.
    pub fn cost(&self, operation: &str) -> u64 {
        self.data(operation);
        let before = self.statements();
        self.data(operation);
        self.statements() - before
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if let Ok(None) = self.process.try_wait() {
            let _ = self.process.kill();
            let _ = self.process.wait();
        }
    }
}

/// Runs an import that must succeed and returns what it printed.
pub fn import(database: &Database, profile: &str, folder: &Path) -> String {
    let output = counterpoise()
        .args(["import", "--database-url", &database.url, "--profile", profile])
        .arg(folder)
        .output()
        .expect("counterpoise runs");
    assert!(output.status.success(), "import of {profile} failed:\n{}", text(&output));
    text(&output)
}

/// The address that `serve` prints once it listens.
pub fn bound_url(process: &mut Child) -> String {
    let mut lines = BufReader::new(process.stdout.take().expect("piped")).lines();
    for line in lines.by_ref() {
        let line = line.expect("text");
        if let Some(at) = line.find("http://") {
            let url = line[at..].split_whitespace().next().expect("a url").trim_end_matches('/').to_owned();
            std::thread::spawn(move || lines.for_each(drop));
            return url;
        }
    }
    let mut errors = String::new();
    let _ = process.stderr.take().expect("piped").read_to_string(&mut errors);
    panic!("the service ended before it listened:\n{errors}");
}

/// Reads a pipe to its end, so that the process behind it never waits for a reader.
fn drain(pipe: impl Read + Send + 'static) {
    std::thread::spawn(move || std::io::copy(&mut { pipe }, &mut std::io::sink()));
}
