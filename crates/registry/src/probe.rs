//! Before a pack is opened anywhere: a child loads it and calls each of its metrics, so that what a pack does wrong by itself is a
//! refusal with a code and not a fault in somebody's query.
//!
//! A probe finds mistakes, not malice: a pack can tell that it is being tried. What is not trusted stays in a worker after it.

mod fingerprint;
mod rows;
pub(crate) mod trial;

use std::io::{Read, Seek};
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};

use crate::child::{Program, Role, Running};
use crate::message::{Inbox, Message, Silence};
use crate::native::plain;
use crate::outcome::{Failed, Warning};
use crate::worker::{not_started, silent};

/// From the start of the process until it is about to load the pack: nothing of the pack runs then.
const STARTING: Duration = Duration::from_secs(10);
/// For the pack's constructors and `init`, and for each metric: so long it may be at work.
const STAGE: Duration = Duration::from_secs(2);
/// So many times as much may pass, since on a busy machine most of the time that passes is waiting.
const WAITING: u32 = 5;
/// After so much work in one stage others go first: few sound packs take as long, and those beside this one should not wait for it.
const QUICK: Duration = Duration::from_millis(250);
/// For all of it.
const ALL: Duration = Duration::from_secs(60);
/// How often it is looked whether to go on.
const TICK: Duration = Duration::from_millis(20);
/// As much as is kept of what a pack prints.
const PRINTED: u64 = 64 * 1024;

/// Tries the pack in a child, and returns what is odd about it. Ends early, with any error, when nobody wants it any more.
pub(crate) fn run(path: &Path, program: &Program, unwanted: &AtomicBool) -> Result<Vec<Warning>, Failed> {
    let started = paper().and_then(|paper| {
        let sheets = [paper.try_clone()?.into(), paper.try_clone()?.into()];
        Ok((Running::start(program, Role::Probe, path, sheets)?, paper))
    });
    let (mut running, paper) = started.map_err(|error| not_started(&error))?;
    let mut warnings = listen(&mut running, unwanted)?;
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

fn listen(running: &mut Running, unwanted: &AtomicBool) -> Result<Vec<Warning>, Failed> {
    let (end, mut inbox) = (Instant::now() + ALL, Inbox::default());
    let mut warnings = Vec::new();
    let mut stage = Stage::begin("starting".into(), STARTING, running);
    loop {
        match inbox.next(&running.channel, Instant::now() + TICK) {
            Ok(Message::Stage(doing)) => stage = Stage::begin(doing, STAGE, running),
            Ok(Message::Warning(warning)) => warnings.push(warning),
            Ok(Message::Missing(_)) => {}
            Ok(Message::Refused(failed)) => return Err(failed),
            Ok(Message::Ready) => return Ok(warnings),
            Err(Silence::TooLate) if stage.may_go_on(running) && Instant::now() < end && !unwanted.load(Relaxed) => {
                if stage.worked(running) > QUICK {
                    running.give_way();
                }
            }
            Err(silence) => return Err(silent(running, silence, &stage.doing, stage.begun.elapsed())),
        }
    }
}

/// What the child is doing.
struct Stage {
    doing: String,
    patience: Duration,
    begun: Instant,
    /// How long it had been at work before, where that is known.
    worked_before: Option<Duration>,
}

impl Stage {
    fn begin(doing: String, patience: Duration, running: &Running) -> Stage {
        Stage { doing, patience, begun: Instant::now(), worked_before: running.worked() }
    }

    fn may_go_on(&self, running: &Running) -> bool {
        self.worked(running) < self.patience && self.begun.elapsed() < self.patience * WAITING
    }

    /// In this stage; what has passed, where nobody knows.
    fn worked(&self, running: &Running) -> Duration {
        let known = running.worked().zip(self.worked_before);
        known.map_or_else(|| self.begun.elapsed(), |(now, before)| now.saturating_sub(before))
    }
}

fn printed(mut paper: std::fs::File) -> Option<Warning> {
    let length = paper.stream_position().ok().filter(|length| *length > 0)?;
    let mut start = vec![0; length.min(200) as usize];
    paper.rewind().and_then(|()| paper.read_exact(&mut start)).ok()?;
    Some(("W_STDOUT", format!("the pack prints, which nobody sees in service: {length} bytes, beginning with `{}`", plain(&start))))
}
