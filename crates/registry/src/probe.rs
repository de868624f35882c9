//! Before a pack is opened anywhere: a child loads it and calls each of its metrics, so that what a pack does wrong by itself is a
//! refusal with a code and not a fault in somebody's query.
//!
//! A probe finds mistakes, not malice: a pack can tell that it is being tried. What is not trusted stays in a worker after it.

mod fingerprint;
mod rows;
pub(crate) mod trial;

use std::io::{Read, Seek};
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};

use crate::child::{Program, Role, Running};
use crate::message::{Inbox, Message};
use crate::native::plain;
use crate::outcome::{Failed, Warning};
use crate::worker::{not_started, silent};

/// From the start of the process until it is about to load the pack: nothing of the pack runs then.
const STARTING: Duration = Duration::from_secs(10);
/// For the pack's constructors and `init`, and for each metric.
const STAGE: Duration = Duration::from_secs(2);
/// For all of it.
const ALL: Duration = Duration::from_secs(60);
/// As much as is kept of what a pack prints.
const PRINTED: u64 = 64 * 1024;

/// Tries the pack in a child, and returns what is odd about it.
pub(crate) fn run(path: &Path, program: &Program) -> Result<Vec<Warning>, Failed> {
    let started = paper().and_then(|paper| {
        let sheets = [paper.try_clone()?.into(), paper.try_clone()?.into()];
        Ok((Running::start(program, Role::Probe, path, sheets)?, paper))
    });
    let (mut running, paper) = started.map_err(|error| not_started(&error))?;
    let mut warnings = listen(&mut running)?;
    warnings.extend(printed(paper));
    Ok(warnings)
}

/// A file that takes what a pack prints, and no more than that.
fn paper() -> std::io::Result<std::fs::File> {
    let file = std::fs::File::from(memfd_create("pack-printed", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?);
    file.set_len(PRINTED)?;
    fcntl_add_seals(&file, SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL)?;
    Ok(file)
}

fn listen(running: &mut Running) -> Result<Vec<Warning>, Failed> {
    let (end, mut inbox) = (Instant::now() + ALL, Inbox::default());
    let (mut warnings, mut doing, mut patience) = (Vec::new(), String::from("starting"), STARTING);
    let mut deadline = Instant::now() + patience;
    loop {
        match inbox.next(&running.channel, deadline.min(end)) {
            Ok(Message::Stage(stage)) => (doing, patience, deadline) = (stage, STAGE, Instant::now() + STAGE),
            Ok(Message::Warning(warning)) => warnings.push(warning),
            Ok(Message::Missing(_)) => {}
            Ok(Message::Refused(failed)) => return Err(failed),
            Ok(Message::Ready) => return Ok(warnings),
            Err(silence) => return Err(silent(running, silence, &doing, patience)),
        }
    }
}

fn printed(mut paper: std::fs::File) -> Option<Warning> {
    let length = paper.stream_position().ok().filter(|length| *length > 0)?;
    let mut start = vec![0; length.min(200) as usize];
    paper.rewind().and_then(|()| paper.read_exact(&mut start)).ok()?;
    Some(("W_STDOUT", format!("the pack prints, which nobody sees in service: {length} bytes, beginning with `{}`", plain(&start))))
}
