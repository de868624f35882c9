//! What one cargo command can't do: build the service together with its packs, and lay them where it finds them.
//!
//! `cargo run` builds one program and the libraries that it links, but packs are libraries that the service loads. So the alias
//! `cargo demo` comes here: this builds the default members (the service and the standard packs), puts the packs in the folder
//! `packs` beside the service, lists them as trusted, and becomes it. `cargo xtask build [CARGO ARGUMENTS]` does the first two; without `--release`
//! for the debug profile. It has no dependency, so that it costs a second.

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX, EXE_SUFFIX};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, fs, io};

fn main() -> ExitCode {
    let mut arguments = env::args_os().skip(1);
    let done = match arguments.next().as_deref().and_then(|task| task.to_str()) {
        Some("demo") => build(&["--release".into()]).and_then(|folder| run(&folder, arguments)),
        Some("build") => build(&arguments.collect::<Vec<_>>()).map(|folder| println!("{}", folder.display())),
        _ => Err("usage: cargo demo [ARGUMENTS OF counterpoise demo] | cargo xtask build [--release]".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Builds the default members and gives the folder where the service is, with its packs in `packs`.
fn build(arguments: &[OsString]) -> Result<PathBuf, String> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo).arg("build").args(arguments).current_dir(root()).status();
    let status = status.map_err(|error| format!("cargo can't be run: {error}"))?;
    if !status.success() {
        return Err(format!("cargo build ended with {status}"));
    }
    let release = arguments.iter().any(|argument| argument == "--release");
    let folder = target()?.join(if release { "release" } else { "debug" });
    lay_packs(&folder)?;
    Ok(folder)
}

fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_owned()
}

/// This program is in `target/debug`.
fn target() -> Result<PathBuf, String> {
    let program = env::current_exe().map_err(|error| format!("the path of this program can't be read: {error}"))?;
    program.ancestors().nth(2).map(Path::to_owned).ok_or_else(|| format!("{} is in no target folder", program.display()))
}

/// Every folder of `plugins` that is a package is a pack of that name.
fn lay_packs(folder: &Path) -> Result<(), String> {
    let packs = folder.join("packs");
    let described = |error: io::Error| format!("{}: {error}", packs.display());
    fs::create_dir_all(&packs).map_err(described)?;
    let mut laid = Vec::new();
    for plugin in fs::read_dir(root().join("plugins")).map_err(described)? {
        let plugin = plugin.map_err(described)?;
        if plugin.path().join("Cargo.toml").is_file() {
            let name = format!("{DLL_PREFIX}{}{DLL_SUFFIX}", plugin.file_name().to_string_lossy());
            replace(&folder.join(&name), &packs.join(&name))?;
            laid.push(packs.join(&name));
        }
    }
    trust(folder, &laid)
}

/// Lists the packs of this build beside the service, so that it runs them inside its process as it runs itself.
fn trust(folder: &Path, packs: &[PathBuf]) -> Result<(), String> {
    let run = Command::new("sha256sum").args(packs).output().map_err(|error| format!("sha256sum can't be run: {error}"))?;
    if !run.status.success() {
        return Err(format!("sha256sum ended with {}: {}", run.status, String::from_utf8_lossy(&run.stderr)));
    }
    let hashes = String::from_utf8_lossy(&run.stdout);
    let lines = hashes.lines().filter_map(|line| line.split_once("  ")).map(|(hash, path)| {
        let name = Path::new(path).file_name().unwrap_or_default().to_string_lossy();
        format!("{hash} # {name}\n")
    });
    let list = folder.join("trusted-packs");
    let text = format!("# SHA-256 of the packs that were built with this service\n{}", lines.collect::<String>());
    let half = list.with_extension("half");
    fs::write(&half, text).and_then(|()| fs::rename(&half, &list)).map_err(|error| format!("{}: {error}", list.display()))
}

/// A running service never sees half a file.
fn replace(from: &Path, to: &Path) -> Result<(), String> {
    let half = to.with_extension("half");
    fs::copy(from, &half).and_then(|_| fs::rename(&half, to)).map_err(|error| format!("{} to {}: {error}", from.display(), to.display()))
}

fn run(folder: &Path, arguments: impl Iterator<Item = OsString>) -> Result<(), String> {
    let mut command = Command::new(folder.join(format!("counterpoise{EXE_SUFFIX}")));
    command.arg("demo").args(arguments);
    become_it(command)
}

/// The service takes this process's place, so that signals and the exit code are its own.
#[cfg(unix)]
fn become_it(mut command: Command) -> Result<(), String> {
    Err(format!("the service can't be started: {}", std::os::unix::process::CommandExt::exec(&mut command)))
}

#[cfg(not(unix))]
fn become_it(mut command: Command) -> Result<(), String> {
    let status = command.status().map_err(|error| format!("the service can't be started: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("the service ended with {status}")) }
}
