//! A PostgreSQL server of the tests' own, made from the installed programs: it listens on a socket in a temporary folder only, and
//! goes away with the process that started it, however that ends.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

const SCRIPT: &str = include_str!("cluster.sh");

const HOW: &str = "These tests need a PostgreSQL. Either install the server (Debian: `apt-get install postgresql`), whose `initdb` and `pg_ctl` \
     are looked for in PATH and in /usr/lib/postgresql/*/bin; or set TEST_DATABASE_URL to the address of a server on which databases may be made, \
     such as postgres://me@localhost/postgres.";

/// A running server. Dropping it stops it and removes its files.
pub struct Cluster {
    folder: PathBuf,
    programs: PathBuf,
    /// Its standard input is what keeps the server running.
    keeper: Child,
}

impl Cluster {
    /// Starts one, or says what is missing.
    pub fn start() -> Cluster {
        Cluster::start_with("")
    }

    /// Starts one with lines of its own in `postgresql.conf`, which win over those that every test has.
    pub fn start_with(settings: &str) -> Cluster {
        let programs = programs().unwrap_or_else(|| panic!("No PostgreSQL was found. {HOW}"));
        let mut command = as_owner("sh");
        command.args(["-c", SCRIPT, "cluster.sh"]).arg(&programs).arg(settings).current_dir("/");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut keeper = command.spawn().unwrap_or_else(|error| panic!("`sh` could not be run: {error}. {HOW}"));
        let mut folder = String::new();
        let stdout = keeper.stdout.take().expect("it was piped");
        BufReader::new(stdout).read_line(&mut folder).expect("the server's folder is readable");
        if folder.is_empty() {
            let mut reason = String::new();
            keeper.stderr.take().expect("it was piped").read_to_string(&mut reason).ok();
            panic!("PostgreSQL in {} did not start: {reason}\n{HOW}", programs.display());
        }
        Cluster { folder: folder.trim().into(), programs, keeper }
    }

    /// The address of one of its databases; `postgres` is always there.
    pub fn url(&self, database: &str) -> String {
        let socket = self.folder.display().to_string().replace('/', "%2F");
        format!("postgres://counterpoise@{socket}/{database}")
    }

    /// Takes the server down as a crash would.
    pub fn stop(&self) {
        self.control(&["--mode=immediate", "stop"]);
    }

    /// Brings it back with everything that was committed.
    pub fn resume(&self) {
        let log = format!("--log={}", self.folder.join("log").display());
        self.control(&[&log, "start"]);
    }

    fn control(&self, arguments: &[&str]) {
        let mut command = as_owner(&self.programs.join("pg_ctl").display().to_string());
        command.arg(format!("--pgdata={}", self.folder.join("data").display())).args(["--wait", "--silent"]).args(arguments);
        command.current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let status = command.status().expect("pg_ctl can be run: it was before");
        assert!(status.success(), "pg_ctl {arguments:?} failed: {status}");
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        self.keeper.wait().ok();
    }
}

/// PostgreSQL refuses to run as root; then it runs as the account that its package made.
fn as_owner(program: &str) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("runuser");
    command.args(["-u", "postgres", "--", program]);
    command
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|id| id.stdout.trim_ascii() == b"0")
}

/// The folder with the programs of the newest version installed.
fn programs() -> Option<PathBuf> {
    let in_path = std::env::var_os("PATH").unwrap_or_default();
    let installed = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|version| version.path().join("bin"));
    let mut installed: Vec<PathBuf> = installed.collect();
    installed.sort_by_key(|folder| version(folder));
    let candidates = installed.into_iter().rev().chain(std::env::split_paths(&in_path));
    candidates.into_iter().find(|folder| ["initdb", "pg_ctl", "postgres"].iter().all(|program| folder.join(program).is_file()))
}

fn version(programs: &Path) -> u32 {
    let name = programs.parent().and_then(Path::file_name).and_then(|name| name.to_str());
    name.and_then(|name| name.parse().ok()).unwrap_or_default()
}
