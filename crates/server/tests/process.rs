//! The binary as an operator meets it: its exit codes, its one line, its settings, and how it stops.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_counterpoise");

/// The program in a folder of its own, with none of our environment's settings.
fn program(folder: &TempDir, arguments: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("COUNTERPOISE_")) {
        command.env_remove(name);
    }
    command.args(arguments).current_dir(folder.path()).env_remove("DATABASE_URL").env("XDG_CACHE_HOME", folder.path());
    command
}

fn run(arguments: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    program(&folder, arguments).output().unwrap()
}

fn check_refused(arguments: &[&str], named: &[&str]) {
    let output = run(arguments);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "{arguments:?} succeeded");
    assert!(output.stdout.is_empty(), "an error belongs on standard error");
    named.iter().for_each(|part| assert!(text.contains(part), "{arguments:?} does not name {part}: {text}"));
}

struct Served {
    child: Child,
    /// Kept open: a service that can't write its line ends.
    _stdout: BufReader<ChildStdout>,
    address: String,
    _folder: TempDir,
}

impl Served {
    fn start(arguments: &[&str]) -> Served {
        let folder = tempfile::tempdir().unwrap();
        let all = [&["serve", "--listen", "127.0.0.1:0"], arguments].concat();
        let mut child = program(&folder, &all).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening http://").expect("the line says where").to_owned();
        Served { child, _stdout: stdout, address, _folder: folder }
    }

    fn terminate(&self) {
        assert!(Command::new("kill").arg(self.child.id().to_string()).status().unwrap().success());
    }

    /// A POST whose body is `length` long and of which nothing is sent yet.
    fn begin(&self, length: usize) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let head = format!(
            "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nx-request-id: mine\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream
    }

    /// Waits until the service counts the request, so that it is in flight for certain.
    async fn in_flight(&self, requests: u32) {
        let expected = format!("counterpoise_requests_in_flight {}\n", requests + 1);
        let deadline = Instant::now() + Duration::from_secs(20);
        while !self.get("/metrics").await.1.contains(&expected) {
            assert!(Instant::now() < deadline, "the request never was in flight");
        }
    }

    async fn get(&self, path: &str) -> (u16, String) {
        let response = reqwest::get(format!("http://{}{path}", self.address)).await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended already, as some tests want it to.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn an_address_that_others_can_reach_is_refused_without_consent() {
    check_refused(&["serve", "--listen", "0.0.0.0:0"], &["0.0.0.0:0", "--allow-unauthenticated"]);
    check_refused(&["serve", "--listen", "[::]:0", "--allow-unauthenticated=false"], &["--allow-unauthenticated"]);
}

#[test]
fn a_database_that_is_down_at_start_ends_the_program() {
    check_refused(
        &["serve", "--listen", "127.0.0.1:0", "--database-url", "postgres://nobody:secret@127.0.0.1:1/none"],
        &["--database-url", "127.0.0.1:1"],
    );
    check_refused(&["serve", "--database-url", "mysql://x"], &["mysql://x", "sqlite:PATH"]);
}

#[test]
fn a_password_is_never_shown() {
    let output = run(&["serve", "--database-url", "postgres://nobody:secret@127.0.0.1:1/none"]);
    assert!(!String::from_utf8_lossy(&output.stderr).contains("secret"));
}

#[test]
fn missing_migrations_end_a_program_that_may_not_apply_them() {
    check_refused(&["serve", "--listen", "127.0.0.1:0", "--migrate-on-start=false"], &["counterpoise migrate"]);
}

#[test]
fn settings_that_are_none_are_refused_with_their_place() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("settings.toml");
    std::fs::write(&file, "listen = \"127.0.0.1:0\"\nlisen = 1\n").unwrap();
    check_refused(&["serve", "--config", file.to_str().unwrap()], &["settings.toml", "`lisen`", "listen"]);
    check_refused(&["serve", "--config", "none.toml"], &["none.toml", "--config"]);
    check_refused(&["serve", "--packs", "none"], &["--packs none"]);
}

#[test]
fn a_file_that_is_no_pack_is_refused_by_check() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("not_a_pack.so");
    std::fs::write(&file, "text").unwrap();
    check_refused(&["pack", "check", file.to_str().unwrap()], &["not_a_pack.so", "E_"]);
}

#[tokio::test]
async fn the_served_routes_answer_and_carry_the_request_id() {
    let served = Served::start(&[]);
    assert_eq!(served.get("/health/live").await.0, 200);
    assert_eq!(served.get("/health/ready").await.0, 200);
    assert!(served.get("/").await.1.contains("id=\"examples\""));
    assert!(served.get("/schema.graphql").await.1.contains("type Query"));
    let url = format!("http://{}/graphql?query=%7B__typename%7D", served.address);
    let response = reqwest::Client::new().get(url).header("x-request-id", "mine").send().await.unwrap();
    assert_eq!(response.headers()["x-request-id"], "mine");
    let types = served.get("/graphql?query=%7B__schema%7Btypes%7Bname%7D%7D%7D").await.1;
    assert!(types.contains("\"Query\""), "introspection has no types: {types}");
    let metrics = served.get("/metrics").await.1;
    assert!(metrics.contains("counterpoise_requests_total{outcome=\"ok\"} 2"), "{metrics}");
    assert!(metrics.contains("counterpoise_statements_total"), "{metrics}");
}

#[tokio::test]
async fn a_database_that_goes_away_is_told_and_used_again_when_it_is_back() {
    let cluster = tokio::task::spawn_blocking(testbed::Cluster::start).await.unwrap();
    let served = Served::start(&["--database-url", &cluster.url("postgres")]);
    assert_eq!(served.get("/health/ready").await.0, 200);
    cluster.stop();
    let (status, reason) = served.get("/health/ready").await;
    assert!(status == 503 && reason.contains("cannot be reached"), "{status} {reason}");
    assert_eq!(served.get("/health/live").await.0, 200);
    cluster.resume();
    assert_eq!(served.get("/health/ready").await.0, 200);
}

#[tokio::test]
async fn stopping_finishes_the_request_in_flight() {
    let mut served = Served::start(&[]);
    let body = r#"{"query":"{ __typename }"}"#;
    let mut stream = served.begin(body.len());
    served.in_flight(1).await;
    served.terminate();
    stream.write_all(body.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("__typename"), "{answer}");
    assert!(served.child.wait().unwrap().success());
}

#[tokio::test]
async fn stopping_waits_no_longer_than_told() {
    let mut served = Served::start(&["--shutdown-timeout-ms", "100"]);
    let _stream = served.begin(10);
    served.in_flight(1).await;
    served.terminate();
    assert!(served.child.wait().unwrap().success());
}
