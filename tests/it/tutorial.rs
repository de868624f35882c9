//! The tutorial for authors of packs, done as its page says: from an empty folder to an answer of the running service.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use tests::service::{bound_url, built};

const PAGE: &str = include_str!("../../crates/pack-sdk/TUTORIAL.md");
/// After so long without the answer the tutorial has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// A block of the page: the words after its fence, and its lines.
struct Block {
    kind: &'static str,
    text: &'static str,
}

fn blocks() -> impl Iterator<Item = Block> {
    PAGE.split("\n```").skip(1).step_by(2).map(|block| {
        let (kind, text) = block.split_once('\n').expect("a block has a line");
        Block { kind, text }
    })
}

/// Somebody at two terminals in one folder.
struct Reader {
    home: TempDir,
    /// Where the second terminal stands.
    folder: PathBuf,
    service: Option<(Child, String)>,
    asked: Option<&'static str>,
}

impl Reader {
    fn new() -> Reader {
        let home = TempDir::new().expect("a temporary folder");
        let folder = home.path().join("empty");
        fs::create_dir(&folder).expect("made");
        Reader { home, folder, service: None, asked: None }
    }

    /// A shell in which `counterpoise` is the one under test.
    fn shell(&self, script: &str) -> Command {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths([built().to_owned()].into_iter().chain(std::env::split_paths(&path))).expect("a path");
        let mut shell = Command::new("sh");
        shell.args(["-e", "-c", script]).current_dir(&self.folder).env("PATH", path).stdin(Stdio::null());
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("COUNTERPOISE_")) {
            shell.env_remove(name);
        }
        shell.env_remove("DATABASE_URL").env_remove("CARGO_TARGET_DIR").env("XDG_CACHE_HOME", self.home.path());
        shell.env("COUNTERPOISE_LISTEN", "127.0.0.1:0").env("CARGO_NET_OFFLINE", "true");
        shell
    }

    fn follow(&mut self, block: &Block) {
        match block.kind.split_once(' ').unwrap_or((block.kind, "")) {
            ("sh", "service") => self.start(block.text),
            ("sh", _) => self.type_in(block.text),
            ("rust", file) => fs::write(self.folder.join(file), format!("{}\n", block.text)).expect("written"),
            ("graphql", _) => self.asked = Some(block.text),
            ("json", _) => self.expect(&serde_json::from_str(block.text).expect("JSON")),
            (kind, _) => panic!("the page has a block of an unknown kind: {kind}"),
        }
    }

    fn start(&mut self, script: &str) {
        // The shell becomes the service, so that ending the one ends the other.
        let script = script.replace("counterpoise", "exec counterpoise");
        let mut process = self.shell(&script).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("sh runs");
        let url = bound_url(&mut process);
        self.service = Some((process, url));
    }

    /// The folder that a script ends in is where the next begins.
    fn type_in(&mut self, script: &str) {
        let output = self.shell(&format!("{script}\npwd >&2")).output().expect("sh runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{script}\n{}{said}", String::from_utf8_lossy(&output.stdout));
        self.folder = PathBuf::from(said.trim_end().lines().last().expect("the folder"));
    }

    /// Asks until the service gives this.
    fn expect(&mut self, expected: &Value) {
        let query = self.asked.take().expect("a question before the answer");
        let (_, url) = self.service.as_ref().expect("the service runs");
        let (client, begun) = (reqwest::blocking::Client::new(), Instant::now());
        loop {
            let answer = client.post(format!("{url}/graphql")).json(&json!({ "query": query })).send().expect("the service answers");
            let answer: Value = answer.json().expect("JSON");
            if answer.get("errors").is_none() {
                assert_eq!(&answer["data"], expected);
                println!("the field answered {:.1} s after the pack was copied", begun.elapsed().as_secs_f64());
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "the service does not take up the pack: {answer:#}");
        }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        if let Some((process, _)) = &mut self.service {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

#[test]
fn the_tutorial_works_as_it_is_written() {
    built();
    let (mut reader, begun) = (Reader::new(), Instant::now());
    let blocks: Vec<Block> = blocks().collect();
    for kind in ["sh service", "sh", "rust acme-visits/src/lib.rs", "graphql", "json"] {
        assert!(blocks.iter().any(|block| block.kind == kind), "the page has no block of kind `{kind}`");
    }
    for block in &blocks {
        let step = Instant::now();
        reader.follow(block);
        println!("{:5.1} s  {}: {}", step.elapsed().as_secs_f64(), block.kind, block.text.lines().next().unwrap_or_default());
    }
    println!("{:5.1} s from the empty folder to the answer", begun.elapsed().as_secs_f64());
    assert!(Path::new(&reader.folder).join("target/release/libacme_visits.so").is_file());
}
