//! Log lines: to standard error, for people or as JSON, so that standard output stays for what a command answers.

use std::io::IsTerminal;

use anyhow::{Context, Result};
use tracing_subscriber::EnvFilter;

use crate::settings::{LogFormat, Logging};

/// Begins to log; `usual` is what is logged where nobody said.
pub fn start(logging: &Logging, usual: &str) -> Result<()> {
    let filter = logging.log.as_deref().unwrap_or(usual);
    let filter = EnvFilter::builder().parse(filter).with_context(|| {
        format!("--log {filter:?} is no filter; give a level (error, warn, info, debug, trace) or for example `info,store=debug`")
    })?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(std::io::stderr().is_terminal()).with_writer(std::io::stderr);
    match logging.log_format {
        LogFormat::Human => lines.with_target(false).init(),
        LogFormat::Json => lines.json().flatten_event(true).init(),
    }
    log_panics();
    Ok(())
}

/// A panic becomes a log line in the span of the request that caused it, in the format of all other lines.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let payload = panic.payload();
        let text = payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        let message = text.unwrap_or("(no text)");
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(message, place, backtrace = %std::backtrace::Backtrace::capture(), "panic");
    }));
}
