//! The binary `counterpoise`: the composition root. The only crate that reads the environment, listens or writes to the terminal.
//!
//! A command that can't do what it was asked says what was wrong, where and what to do on standard error, and exits with 1.

mod cli;
mod endpoint;
mod health;
mod host;
mod log;
mod meter;
mod page;
mod route;
mod serve;
mod settings;
mod socket;
mod task;
mod trace;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use cli::{Cli, Pack, Schema, Task};

/// See the workspace's dependencies for why. Packs keep their own; nothing is allocated on one side and freed on the other.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    registry::run_if_child(std::env::args_os());
    match cli::parse().and_then(run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", told(&error));
            ExitCode::FAILURE
        }
    }
}

/// The error and its causes in one line, but no cause that the text before it has told already.
fn told(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |told, cause| match told.as_str() {
        "" => cause,
        before if before.contains(&cause) => told,
        before => format!("{before}: {cause}"),
    })
}

fn run(cli: Cli) -> Result<()> {
    log::start(&cli.logging, cli.task.usual_log())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("the async runtime can't start")?;
    let performed = runtime.block_on(perform(cli.task));
    // A thread that was lost to a pack never ends.
    runtime.shutdown_timeout(Duration::from_secs(3));
    performed
}

async fn perform(task: Task) -> Result<()> {
    match task {
        Task::Serve(serve) => serve::run(&serve).await,
        Task::Demo(demo) => task::demo::run(demo).await,
        Task::Generate(generate) => task::generate::run(&generate).await,
        Task::Import(import) => task::import::run(&import).await,
        Task::Migrate(database) => task::migrate::run(&database).await,
        Task::Schema(Schema::Print(packs)) => task::schema::print(&packs).await,
        Task::Schema(Schema::Manifest) => task::schema::manifest(),
        Task::Pack(Pack::New(new)) => task::pack::new::run(&new),
        Task::Pack(Pack::List(packs)) => task::pack::list(&packs),
        Task::Pack(Pack::Check(check)) => task::pack::check::run(&check),
        Task::Pack(Pack::Remove(remove)) => task::pack::remove(&remove),
        Task::Pack(Pack::Release(release)) => task::pack::release(&release),
        Task::Pack(Pack::Replay(replay)) => task::pack::replay(&replay),
    }
}
