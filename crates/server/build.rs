//! Embeds the page that `/` serves: GraphiQL, bundled from npm, and the example operations of `schema/operations`; and the sources of
//! the SDK that `pack new` writes beside a new pack, the very ones that this binary is built with.
//!
//! No third-party code is in the repository: where npm is at hand it brings GraphiQL while the service is built, once for each
//! content of `graphiql/`. Where it is not, or has no network, the build goes on and the service has a plain page instead.
//! `COUNTERPOISE_GRAPHIQL` decides: `auto` (default) as described, `off` never asks npm, `require` fails where `auto` would go on.

use std::fmt::Write as _;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const SOURCES: [&str; 5] = ["package.json", "package-lock.json", ".npmrc", "bundle.mjs", "main.jsx"];
const OPERATIONS: &str = "../../schema/operations";
const SDK: [&str; 2] = ["metric-abi", "pack-sdk"];
const PATIENCE: Duration = Duration::from_secs(300);

fn main() {
    println!("cargo::rerun-if-env-changed=COUNTERPOISE_GRAPHIQL");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=graphiql");
    println!("cargo::rerun-if-changed={OPERATIONS}");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let (version, dist) = graphiql(&out);
    let assets = dist.map(|dist| files(&dist, "")).unwrap_or_default();
    let page = format!(
        "pub static VERSION: &str = \"{version:016x}\";\npub static ASSETS: &[(&str, &[u8])] = &{};\npub static EXAMPLES: &[(&str, &str)] = &{};\n",
        embedded(&assets, "include_bytes!"),
        embedded(&files(Path::new(OPERATIONS), "graphql"), "include_str!"),
    );
    fs::write(out.join("page.rs"), page).expect("OUT_DIR can be written");
    fs::write(out.join("sdk.rs"), sdk()).expect("OUT_DIR can be written");
}

/// What the crates of the SDK are built from, by their paths among `crates`.
fn sdk() -> String {
    let crates = Path::new("..").canonicalize().expect("this crate lies among the others");
    let mut list = String::from("pub static SOURCES: &[(&str, &str)] = &[");
    for source in SDK.iter().flat_map(|name| sources(&crates.join(name).join("src"))) {
        let name = source.strip_prefix(&crates).expect("it lies there").to_string_lossy();
        write!(list, "({name:?}, include_str!({:?})),", source.to_string_lossy()).expect("a text can be written to");
    }
    list + "];"
}

/// All Rust files of a folder and of those in it, by name.
fn sources(folder: &Path) -> Vec<PathBuf> {
    println!("cargo::rerun-if-changed={}", folder.display());
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())).flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    let (folders, files): (Vec<_>, Vec<_>) = paths.into_iter().partition(|path| path.is_dir());
    files
        .into_iter()
        .filter(|path| path.extension().is_some_and(|given| given == "rs"))
        .chain(folders.iter().flat_map(|folder| sources(folder)))
        .collect()
}

/// The hash of the sources, and the folder of the bundle if there is or can be one.
fn graphiql(out: &Path) -> (u64, Option<PathBuf>) {
    let version = version();
    let mode = std::env::var("COUNTERPOISE_GRAPHIQL").unwrap_or_else(|_| "auto".into());
    let dist = match mode.as_str() {
        "off" => None,
        "auto" => bundle(out, version)
            .map_err(|error| {
                println!(
                    "cargo::warning=GraphiQL is not built in, / will be a plain page: {error}. To try again, touch crates/server/build.rs"
                )
            })
            .ok(),
        "require" => Some(bundle(out, version).unwrap_or_else(|error| panic!("GraphiQL can't be built: {error}"))),
        other => panic!("COUNTERPOISE_GRAPHIQL is {other:?}; expected auto, off or require"),
    };
    (version, dist)
}

fn version() -> u64 {
    let mut hasher = DefaultHasher::new();
    for name in SOURCES {
        fs::read(Path::new("graphiql").join(name)).unwrap_or_else(|error| panic!("graphiql/{name}: {error}")).hash(&mut hasher);
    }
    hasher.finish()
}

fn bundle(out: &Path, version: u64) -> Result<PathBuf, String> {
    let done = out.join(format!("graphiql-{version:016x}"));
    if done.is_dir() {
        return Ok(done);
    }
    let work = out.join("graphiql-work");
    let described = |error: io::Error| format!("{}: {error}", work.display());
    if work.is_dir() {
        fs::remove_dir_all(&work).map_err(described)?;
    }
    fs::create_dir_all(&work).map_err(described)?;
    for name in SOURCES {
        fs::copy(Path::new("graphiql").join(name), work.join(name)).map_err(described)?;
    }
    run(&work, "npm", &["ci", "--prefer-offline", "--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--fetch-timeout=20000"])?;
    run(&work, "node", &["bundle.mjs"])?;
    // A bundle appears under its name only when it is whole.
    fs::rename(work.join("dist"), &done).map_err(described)?;
    fs::remove_dir_all(&work).map_err(described)?;
    Ok(done)
}

fn run(folder: &Path, program: &str, arguments: &[&str]) -> Result<(), String> {
    let log = fs::File::create(folder.join(format!("{program}.log"))).map_err(|error| error.to_string())?;
    let same = log.try_clone().map_err(|error| error.to_string())?;
    let mut child = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(log)
        .stderr(same)
        .spawn()
        .map_err(|error| format!("{program} can't be run ({error}); install Node.js with npm, or set COUNTERPOISE_GRAPHIQL=off"))?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        match child.try_wait().map_err(|error| error.to_string())? {
            Some(status) if status.success() => return Ok(()),
            Some(status) => return Err(format!("{program} ended with {status}; see {program}.log in {}", folder.display())),
            None if Instant::now() > deadline => {
                child.kill().map_err(|error| error.to_string())?;
                return Err(format!("{program} took longer than {} s", PATIENCE.as_secs()));
            }
            None => std::thread::sleep(Duration::from_millis(50)),
        }
    }
}

/// The files of a folder with an extension (any where it is empty), by name; none where there is no folder.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).map(|entries| entries.flatten().map(|entry| entry.path()).collect::<Vec<_>>());
    let mut files = entries.unwrap_or_default();
    files.retain(|path| path.is_file() && (extension.is_empty() || path.extension().is_some_and(|given| given == extension)));
    files.sort();
    files
}

fn embedded(files: &[PathBuf], include: &str) -> String {
    let mut list = String::from("[");
    for path in files {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let path = path.canonicalize().unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        write!(list, "({name:?}, {include}({:?})),", path.to_string_lossy()).expect("a text can be written to");
    }
    list + "]"
}
