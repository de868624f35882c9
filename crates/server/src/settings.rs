//! The settings: what they are called, what they default to, and which of several answers counts.
//!
//! A setting is a clap argument with an environment variable; its name in the TOML file is the flag's with `_` for `-`.
//! One precedence for all of them: flag, then environment, then file, then default. The file's values are made clap's
//! *defaults*, so that they pass the same parsers and appear in `--help`. A key that is no setting is refused.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use axum::http::HeaderValue;
use clap::{ArgAction, Args, Command, ValueEnum};
use registry::{BadTrust, Trust};

/// Settings that every command has.
#[derive(Args, Clone, Debug)]
pub struct Logging {
    /// TOML file with settings: each flag's name with `_` for `-`, for example `database_url = "sqlite:crm.sqlite"`
    #[arg(long, global = true, value_name = "FILE", env = "COUNTERPOISE_CONFIG")]
    pub config: Option<PathBuf>,
    /// What to log: a level, or levels by module such as `info,store=debug` [default: info; for `pack`, whose answer says it all, error]
    #[arg(long, global = true, value_name = "FILTER", env = "COUNTERPOISE_LOG")]
    pub log: Option<String>,
    /// How log lines look (they go to standard error)
    #[arg(long, global = true, value_name = "FORMAT", env = "COUNTERPOISE_LOG_FORMAT", default_value = "human")]
    pub log_format: LogFormat,
}

#[derive(ValueEnum, Clone, Copy, Debug, PartialEq)]
pub enum LogFormat {
    Human,
    Json,
}

#[derive(Args, Clone, Debug)]
pub struct Database {
    /// The database: `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/NAME` [default: sqlite:counterpoise.sqlite, for demo sqlite:counterpoise-demo.sqlite]
    #[arg(long, value_name = "URL", env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
}

impl Database {
    pub fn url(&self) -> &str {
        self.database_url.as_deref().unwrap_or("sqlite:counterpoise.sqlite")
    }
}

#[derive(Args, Clone, Debug)]
pub struct Packs {
    /// The folder with metric packs [default: the folder `packs` beside the executable]
    #[arg(long, value_name = "DIR", env = "COUNTERPOISE_PACKS")]
    pub packs: Option<PathBuf>,
    /// The folder for private copies of native packs [default: `counterpoise/packs` in the user's cache folder]
    #[arg(long, value_name = "DIR", env = "COUNTERPOISE_PACK_STORE")]
    pub pack_store: Option<PathBuf>,
    /// SHA-256 of a pack file that is trusted, beside those in the file `trusted-packs` next to the executable; may be repeated
    #[arg(long, value_name = "SHA256", env = "COUNTERPOISE_TRUST_HASH", value_delimiter = ',', value_parser = trusted_hash)]
    pub trust_hash: Vec<String>,
    /// Public key of minisign (the second line of its .pub file) whose signed packs are trusted; may be repeated
    #[arg(long, value_name = "KEY", env = "COUNTERPOISE_TRUST_KEY", value_delimiter = ',', value_parser = trusted_key)]
    pub trust_key: Vec<String>,
    /// Load trusted packs only
    #[arg(long, value_name = "BOOL", env = "COUNTERPOISE_TRUSTED_ONLY", action = ArgAction::Set,
          num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false")]
    pub trusted_only: bool,
    /// How long the version before stays ready to come back when a new version of a pack fails, in seconds
    #[arg(long, value_name = "S", env = "COUNTERPOISE_PACK_PROBATION_S", default_value_t = 3600)]
    pub pack_probation_s: u32,
}

fn trusted_hash(text: &str) -> Result<String, BadTrust> {
    Trust::of([text], []).map(|_| text.to_owned())
}

fn trusted_key(text: &str) -> Result<String, BadTrust> {
    Trust::of([], [text]).map(|_| text.to_owned())
}

#[derive(Args, Clone, Debug)]
pub struct Service {
    /// The address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR:PORT", env = "COUNTERPOISE_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Allow an address that other machines can reach, although anyone there may then read and change everything
    #[arg(long, value_name = "BOOL", env = "COUNTERPOISE_ALLOW_UNAUTHENTICATED", action = ArgAction::Set,
          num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false")]
    pub allow_unauthenticated: bool,
    /// Apply migrations on start; `false` makes `serve` stop when some are missing
    #[arg(long, value_name = "BOOL", env = "COUNTERPOISE_MIGRATE_ON_START", action = ArgAction::Set,
          num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "true")]
    pub migrate_on_start: bool,
    /// Origins whose pages may call the API from a browser, such as https://crm.example.com; none by default
    #[arg(long, value_name = "ORIGIN", env = "COUNTERPOISE_CORS_ORIGIN", value_delimiter = ',', value_parser = origin)]
    pub cors_origin: Vec<HeaderValue>,
    /// The largest request body in bytes
    #[arg(long, value_name = "BYTES", env = "COUNTERPOISE_MAX_BODY_BYTES", default_value_t = 1_048_576)]
    pub max_body_bytes: usize,
    /// The longest a request may take, in milliseconds
    #[arg(long, value_name = "MS", env = "COUNTERPOISE_REQUEST_TIMEOUT_MS", default_value_t = 30_000)]
    pub request_timeout_ms: u64,
    /// How many operations run at once; others wait for their turn
    #[arg(long, value_name = "COUNT", env = "COUNTERPOISE_MAX_RUNNING", default_value_t = running())]
    pub max_running: NonZeroUsize,
    /// How many operations one WebSocket may have open
    #[arg(long, value_name = "COUNT", env = "COUNTERPOISE_MAX_OPERATIONS", default_value = "50")]
    pub max_operations: NonZeroUsize,
    /// How many subscriptions all WebSockets together may have open
    #[arg(long, value_name = "COUNT", env = "COUNTERPOISE_MAX_SUBSCRIPTIONS", default_value = "1000")]
    pub max_subscriptions: NonZeroUsize,
    /// How long a shutdown waits for the requests in flight, in milliseconds
    #[arg(long, value_name = "MS", env = "COUNTERPOISE_SHUTDOWN_TIMEOUT_MS", default_value_t = 10_000)]
    pub shutdown_timeout_ms: u64,
    #[command(flatten)]
    pub limits: Limits,
}

/// What one GraphQL document may ask for.
#[derive(Args, Clone, Debug)]
pub struct Limits {
    /// How deep a query may nest fields
    #[arg(long, value_name = "LEVELS", env = "COUNTERPOISE_MAX_DEPTH", default_value_t = graphql::Limits::default().depth)]
    pub max_depth: u64,
    /// How much a query may compute: its fields, each times the records it is asked of
    #[arg(long, value_name = "COST", env = "COUNTERPOISE_MAX_COMPLEXITY", default_value_t = graphql::Limits::default().complexity)]
    pub max_complexity: u64,
    /// How many fields a query may have, with its fragments spread out
    #[arg(long, value_name = "COUNT", env = "COUNTERPOISE_MAX_FIELDS", default_value_t = graphql::Limits::default().fields)]
    pub max_fields: u64,
    /// How many aliases a query may have
    #[arg(long, value_name = "COUNT", env = "COUNTERPOISE_MAX_ALIASES", default_value_t = graphql::Limits::default().aliases)]
    pub max_aliases: u64,
    /// How many directives a query may have
    #[arg(long, value_name = "COUNT", env = "COUNTERPOISE_MAX_DIRECTIVES", default_value_t = graphql::Limits::default().directives)]
    pub max_directives: u64,
    /// How many records a page may have
    #[arg(long, value_name = "COUNT", env = "COUNTERPOISE_MAX_PAGE", default_value_t = graphql::Limits::default().page,
          value_parser = clap::value_parser!(i64).range(1..))]
    pub max_page: i64,
}

/// A browser sends scheme, host and port and compares them letter by letter; anything else would silently allow nothing.
fn origin(text: &str) -> Result<HeaderValue, String> {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or_default();
    let plain = !host.is_empty() && host.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-._:[]".contains(c));
    match HeaderValue::from_str(text) {
        Ok(origin) if plain => Ok(origin),
        _ => Err("an origin is scheme, host and perhaps port, such as https://crm.example.com, without a path".into()),
    }
}

impl Limits {
    pub fn of_graphql(&self) -> graphql::Limits {
        graphql::Limits {
            depth: self.max_depth,
            complexity: self.max_complexity,
            fields: self.max_fields,
            aliases: self.max_aliases,
            directives: self.max_directives,
            page: self.max_page,
        }
    }
}

/// Operations wait for the database most of their time, so a few for each processor keep all of them busy. More would not be done any
/// sooner, and each holds memory.
fn running() -> NonZeroUsize {
    let processors = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    processors.saturating_mul(RUNNING_EACH)
}

const RUNNING_EACH: NonZeroUsize = NonZeroUsize::new(4).expect("it is not zero");

/// The settings of a file, by key: one or several values each.
pub type FileSettings = BTreeMap<String, Vec<String>>;

/// Reads a settings file and refuses every key that `command` has no setting for.
pub fn read(path: &Path, command: &Command) -> Result<FileSettings> {
    let text = std::fs::read_to_string(path).with_context(|| format!("can't read the settings file {}; check --config", path.display()))?;
    parse(&text, &keys(command)).with_context(|| format!("in the settings file {}", path.display()))
}

/// `command` with the file's values in the place of its own defaults, in every subcommand.
pub fn with_file(command: Command, file: &FileSettings) -> Command {
    command
        .mut_args(|argument| match file.get(argument.get_id().as_str()) {
            Some(values) => argument.default_values(values.clone()),
            None => argument,
        })
        .mut_subcommands(|subcommand| with_file(subcommand, file))
}

fn parse(text: &str, known: &[String]) -> Result<FileSettings> {
    let table = text.parse::<toml::Table>().map_err(|error| anyhow::anyhow!("not TOML: {error}"))?;
    table
        .into_iter()
        .map(|(key, value)| {
            if !known.contains(&key) {
                bail!("`{key}` is no setting; there are: {}", known.join(", "));
            }
            Ok((key.clone(), values(&key, value)?))
        })
        .collect()
}

fn values(key: &str, value: toml::Value) -> Result<Vec<String>> {
    match value {
        toml::Value::String(text) => Ok(vec![text]),
        toml::Value::Integer(number) => Ok(vec![number.to_string()]),
        toml::Value::Boolean(flag) => Ok(vec![flag.to_string()]),
        toml::Value::Array(items) => {
            items.into_iter().map(|item| values(key, item)).collect::<Result<Vec<_>>>().map(|lists| lists.concat())
        }
        other => bail!("`{key}` is a {}; expected a text, an integer, true or false, or a list of them", other.type_str()),
    }
}

/// Every argument with an environment variable is a setting; `config` itself names the file and can't be in it.
fn keys(command: &Command) -> Vec<String> {
    let own = command
        .get_arguments()
        .filter(|argument| argument.get_env().is_some() && argument.get_id() != "config")
        .map(|argument| argument.get_id().to_string());
    let mut keys: Vec<String> = own.chain(command.get_subcommands().flat_map(keys)).collect();
    keys.sort();
    keys.dedup();
    keys
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Cli, Task};
    use clap::CommandFactory;

    fn serve(file: &str, arguments: &[&str]) -> Result<Service> {
        let command = Cli::command();
        let file = parse(file, &keys(&command))?;
        let cli = crate::cli::parse_with(&file, [&["counterpoise", "serve"], arguments].concat())?;
        match cli.task {
            Task::Serve(serve) => Ok(serve.service),
            _ => unreachable!("the test asked for serve"),
        }
    }

    #[test]
    fn a_flag_beats_the_file_and_the_file_the_default() {
        let file = "listen = \"127.0.0.1:9000\"\nmax_depth = 7\nallow_unauthenticated = true\ncors_origin = [\"https://a.test\", \"https://b.test\"]";
        let service = serve(file, &["--listen", "127.0.0.1:9001", "--allow-unauthenticated=false"]).unwrap();
        assert_eq!(service.listen.port(), 9001);
        assert_eq!(service.limits.max_depth, 7);
        assert!(!service.allow_unauthenticated);
        assert_eq!(service.cors_origin.len(), 2);
        assert_eq!(service.max_body_bytes, 1_048_576);
    }

    #[test]
    fn an_unknown_key_is_an_error_that_names_it_and_the_known_ones() {
        let error = serve("lisen = \"127.0.0.1:9000\"", &[]).unwrap_err().to_string();
        assert!(error.contains("`lisen`") && error.contains("listen"), "{error}");
    }

    #[test]
    fn a_bad_value_in_the_file_is_an_error_that_names_the_setting() {
        let error = format!("{:#}", serve("max_depth = \"deep\"", &[]).unwrap_err());
        assert!(error.contains("max-depth") && error.contains("deep"), "{error}");
    }

    #[test]
    fn values_that_could_only_disappoint_are_refused() {
        for arguments in [
            ["--max-page", "0"],
            ["--cors-origin", "*"],
            ["--cors-origin", "crm.example.com"],
            ["--cors-origin", "https://crm.example.com/"],
            ["--trust-hash", "abc"],
            ["--trust-key", "abc"],
        ] {
            let error = format!("{:#}", serve("", &arguments).unwrap_err());
            assert!(error.contains(arguments[0]), "{error}");
        }
        assert_eq!(serve("", &["--cors-origin", "http://localhost:5173"]).unwrap().cors_origin.len(), 1);
    }

    #[test]
    fn every_setting_is_documented() {
        fn undocumented(command: &Command) -> Vec<String> {
            let own = command.get_arguments().filter(|argument| argument.get_help().is_none() && argument.get_id() != "help");
            let own = own.map(|argument| argument.get_id().to_string());
            own.chain(command.get_subcommands().flat_map(undocumented)).collect()
        }
        assert_eq!(undocumented(&Cli::command()), Vec::<String>::new());
    }
}
