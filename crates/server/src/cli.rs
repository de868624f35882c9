//! The command line: its commands, and how it meets the settings file.

use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

use crate::settings::{self, Database, FileSettings, Logging, Packs, Service};

/// Weighted scorecards over CRM data, with metrics from packs, asked through GraphQL.
///
/// A setting is taken from the flag, else from the environment, else from the file of --config, else from its default.
#[derive(Parser, Debug)]
#[command(name = "counterpoise", version, propagate_version = true)]
pub struct Cli {
    #[command(flatten)]
    pub logging: Logging,
    #[command(subcommand)]
    pub task: Task,
}

#[derive(Subcommand, Debug)]
pub enum Task {
    /// Serve GraphQL at /graphql and GraphiQL at /
    Serve(Serve),
    /// Serve a generated company out of an embedded database
    Demo(Demo),
    /// Bring the database's tables up to date
    Migrate(Database),
    /// Import CSV files by a mapping; running it twice changes nothing
    Import(Import),
    /// Fill the database with a generated company; the same seed gives the same data
    Generate(Generate),
    /// The GraphQL schema, and that of manifests
    #[command(subcommand)]
    Schema(Schema),
    /// Metric packs
    #[command(subcommand)]
    Pack(Pack),
}

impl Task {
    /// What is logged unless somebody says otherwise: a command about packs answers with what the log would say of them.
    pub fn usual_log(&self) -> &'static str {
        if matches!(self, Task::Pack(_)) { "error" } else { "info" }
    }
}

#[derive(clap::Args, Debug)]
pub struct Serve {
    #[command(flatten)]
    pub database: Database,
    #[command(flatten)]
    pub packs: Packs,
    #[command(flatten)]
    pub service: Service,
}

#[derive(clap::Args, Debug)]
pub struct Demo {
    #[command(flatten)]
    pub serve: Serve,
    /// The port to listen on, in the place of the port in --listen; 0 takes a free one
    #[arg(long, value_name = "PORT")]
    pub port: Option<u16>,
}

#[derive(clap::Args, Debug)]
pub struct Import {
    #[command(flatten)]
    pub database: Database,
    /// The mapping: the name of a built-in profile, or the path of a mapping file
    #[arg(long, value_name = "NAME|FILE")]
    pub profile: String,
    /// What a bad row does: stop with nothing of the import kept, or skip that row and report it
    #[arg(long, value_name = "WAY", default_value = "stop")]
    pub on_error: OnError,
    /// The folder with the files that the mapping names
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
}

#[derive(ValueEnum, Clone, Copy, Debug, PartialEq)]
pub enum OnError {
    Stop,
    Skip,
}

#[derive(clap::Args, Debug)]
pub struct Generate {
    #[command(flatten)]
    pub database: Database,
    /// How big the company is: `demo`, `bench` (2 million orders), `bench-lines`, or a factor of `bench` such as 0.01
    #[arg(long, value_name = "SCALE", default_value = "demo")]
    pub scale: sample::Scale,
    /// The seed: the same seed gives the same data
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub seed: u64,
    /// Write the company into this folder, as CSV files with a mapping to import them by, and leave the database alone
    #[arg(long, value_name = "DIR")]
    pub files: Option<PathBuf>,
}

#[derive(Subcommand, Debug)]
pub enum Schema {
    /// Print the schema as SDL, with the fields of the packs in the packs folder
    Print(Packs),
    /// Print the JSON Schema of a pack's manifest
    Manifest,
}

#[derive(Subcommand, Debug)]
pub enum Pack {
    /// Write a new pack with one metric that works, in a folder of its name
    New(PackNew),
    /// List the packs of the packs folder: version, tier, state, file, and why where there is something to say
    List(Packs),
    /// Check one pack file as the service would before it loads it, and show what its metrics make of sample facts
    Check(PackCheck),
    /// Remove a pack's files from the packs folder; a running service follows
    Remove(PackRemove),
    /// Let a pack that was quarantined be asked again; a running service follows
    Release(PackRelease),
    /// Run again what led to a quarantine, in a process of its own
    Replay(PackReplay),
}

#[derive(clap::Args, Debug)]
pub struct PackNew {
    /// What the pack is called, such as `acme-visits`: its folder, its id `acme_visits`, its GraphQL field `acmeVisits`
    #[arg(value_name = "NAME")]
    pub name: String,
    /// What the metrics are written in
    #[arg(long, value_name = "LANGUAGE", default_value = "rust")]
    pub lang: Language,
    /// A declarative pack: one file with inputs and formulas, and nothing to build
    #[arg(long, conflicts_with = "lang")]
    pub toml: bool,
}

#[derive(ValueEnum, Clone, Copy, Debug, PartialEq)]
pub enum Language {
    Rust,
    C,
}

#[derive(clap::Args, Debug)]
pub struct PackCheck {
    #[command(flatten)]
    pub packs: Packs,
    /// Print one JSON object instead of text
    #[arg(long)]
    pub json: bool,
    /// The pack to check
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

#[derive(clap::Args, Debug)]
pub struct PackRemove {
    #[command(flatten)]
    pub packs: Packs,
    /// Remove it also while metrics of other packs need it, which then have no values
    #[arg(long)]
    pub force: bool,
    /// The pack's id, such as `acme_visits`
    #[arg(value_name = "ID")]
    pub id: String,
}

#[derive(clap::Args, Debug)]
pub struct PackRelease {
    #[command(flatten)]
    pub packs: Packs,
    /// The pack's id, or eight or more digits of the SHA-256 of one version
    #[arg(value_name = "ID|SHA256")]
    pub pack: String,
}

#[derive(clap::Args, Debug)]
pub struct PackReplay {
    #[command(flatten)]
    pub packs: Packs,
    /// What was kept of the quarantine: a JSON file that the log and `pack list` name
    #[arg(value_name = "BUNDLE")]
    pub bundle: PathBuf,
    /// Another build of the pack, to see whether it does better [default: the very version that failed]
    #[arg(value_name = "PACK")]
    pub file: Option<PathBuf>,
}

/// Reads the command line; prints help and usage errors itself and exits, as every command does.
pub fn parse() -> Result<Cli> {
    let cli = Cli::parse();
    let Some(path) = &cli.logging.config else { return Ok(cli) };
    let file = settings::read(path, &Cli::command())?;
    parse_with(&file, std::env::args_os()).with_context(|| format!("a setting of {} can't be used", path.display()))
}

/// Reads `arguments` with the file's settings as defaults. They were fine without the file, so an error is the file's.
pub fn parse_with<A: Into<OsString> + Clone>(file: &FileSettings, arguments: impl IntoIterator<Item = A>) -> Result<Cli> {
    let matches = settings::with_file(Cli::command(), file).try_get_matches_from(arguments)?;
    Ok(Cli::from_arg_matches(&matches)?)
}
