//! Native code in a child process, for packs that nobody here vouches for: what it breaks is the child.
//!
//! Columns are built in memory that both share; a request and its reply are a few words in it. What the pack wrote is
//! checked as it is read, word by word, since a child may go on writing. A child that dies or does not come to an end costs the
//! batch that it had; it is started again, later each time, and in the end not at all.

mod pipe;
pub(crate) mod serve;
mod signal;
mod wire;

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::time::{Duration, Instant};

use manifest::Pack;
use rust_decimal::Decimal;

use crate::budget::{Budget, Verdict};
use crate::child::{Program, Role, Running, fate};
use crate::evaluate::in_chunks;
use crate::inspect::most_inputs;
use crate::memory::Memory;
use crate::message::{Inbox, Message, Silence};
use crate::native::Reply;
use crate::outcome::{Failed, Fault, GIVEN_UP, Warning, failed};
use crate::runtime::{Batch, Runtime, Tier};
use crate::sandbox::Missing;
use crate::worker::pipe::Pipes;
use crate::worker::signal::Patience;
use crate::worker::wire::{Request, get_reply};

/// From the start of the process until the pack is ready, with all that its constructors and `init` do.
const STARTING: Duration = Duration::from_secs(10);
/// How long after each death of a child the next is started; after one more there is none.
const PAUSES: [Duration; 3] = [Duration::from_millis(100), Duration::from_secs(1), Duration::from_secs(10)];
/// A batch waits as long as the first pause, and fails during the others.
const PATIENCE: Duration = PAUSES[0];
/// A child that lived so long had no part in the deaths before it.
const FORGOTTEN: Duration = Duration::from_secs(600);
/// How often a host that waits for a child looks at the time.
const TICK: Duration = Duration::from_millis(10);

/// A pack in a child process. One batch at a time.
#[derive(Debug)]
pub(crate) struct Worker {
    program: Program,
    library: PathBuf,
    /// The most that a metric of the pack has.
    inputs: usize,
    missing: Missing,
    seat: Mutex<Seat>,
}

/// Where a child sits, or sat.
#[derive(Debug)]
struct Seat {
    child: Option<Remote>,
    /// How often a child died, and when and how the last one did.
    deaths: usize,
    last: Option<(Instant, String)>,
}

/// A child that is ready.
#[derive(Debug)]
struct Remote {
    running: Running,
    pipes: Pipes,
    memory: Memory,
    /// Of the last request.
    number: u64,
    patience: Patience,
    since: Instant,
}

impl Worker {
    /// Starts a child for a pack that was checked as a file and copied to the store.
    pub fn start(program: &Program, library: &Path, pack: &Pack) -> Result<(Worker, Vec<Warning>), Failed> {
        let inputs = most_inputs(pack);
        let (child, warnings, missing) = Remote::start(program, library, inputs)?;
        tell_once(&missing);
        let seat = Mutex::new(Seat { child: Some(child), deaths: 0, last: None });
        Ok((Worker { program: program.clone(), library: library.into(), inputs, missing, seat }, warnings))
    }

    /// Without a child, until the first batch.
    pub fn asleep(program: &Program, library: &Path, pack: &Pack) -> Worker {
        let seat = Mutex::new(Seat { child: None, deaths: 0, last: None });
        Worker { program: program.clone(), library: library.into(), inputs: most_inputs(pack), missing: Missing::new(), seat }
    }

    /// One batch after the other: with the few processors that there are, more children would not compute faster.
    fn take_seat(&self) -> MutexGuard<'_, Seat> {
        // What a child was doing when a thread panicked is told by the child.
        self.seat.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn start_again(&self, seat: &mut Seat) -> Result<(), Fault> {
        seat.wait()?;
        match Remote::start(&self.program, &self.library, self.inputs) {
            Ok((child, _, _)) => seat.child = Some(child),
            Err(failed) => return Err(seat.bury(failed.code, failed.message())),
        }
        Ok(())
    }
}

impl Runtime for Worker {
    fn tier(&self) -> Tier {
        Tier::Worker
    }

    fn missing(&self) -> &[String] {
        &self.missing
    }

    fn evaluate(&self, batch: &Batch<'_>) -> Result<Vec<Option<Decimal>>, Fault> {
        let mut seat = self.take_seat();
        if seat.child.is_none() {
            self.start_again(&mut seat)?;
        }
        let child = seat.child.as_mut().ok_or_else(|| Fault::new("F_NO_CHILD", "its process was not started"))?;
        match child.evaluate(batch) {
            Ok(outcome) => outcome,
            Err(Death { code, how }) => Err(seat.bury(code, how)),
        }
    }
}

impl Seat {
    /// Until the next child may be started, if that is soon.
    fn wait(&self) -> Result<(), Fault> {
        let Some((at, how)) = &self.last else { return Ok(()) };
        let Some(pause) = PAUSES.get(self.deaths.saturating_sub(1)) else {
            let text = format!("the pack is given up: its child died {} times, last like this: {how}", self.deaths);
            return Err(Fault::new(GIVEN_UP, text));
        };
        let left = pause.saturating_sub(at.elapsed());
        if left > PATIENCE {
            return Err(Fault::new("F_NO_CHILD", format!("{how}; it is started again in {:.1} s", left.as_secs_f64())));
        }
        std::thread::sleep(left);
        Ok(())
    }

    fn bury(&mut self, code: &'static str, how: String) -> Fault {
        let lived = self.child.take().map_or(Duration::ZERO, |child| child.since.elapsed());
        self.deaths = if lived < FORGOTTEN { self.deaths + 1 } else { 1 };
        self.last = Some((Instant::now(), how.clone()));
        tracing::warn!(code, deaths = self.deaths, "a pack's child died: {how}");
        Fault::new(code, how)
    }
}

/// A child that is no more.
struct Death {
    code: &'static str,
    how: String,
}

impl Remote {
    fn start(program: &Program, library: &Path, inputs: usize) -> Result<(Remote, Vec<Warning>, Missing), Failed> {
        let (memory, mut running, pipes) = Remote::open(program, library, inputs).map_err(|error| not_started(&error))?;
        let (warnings, missing) = greet(&mut running)?;
        Ok((Remote { running, pipes, memory, number: 0, patience: Patience::default(), since: Instant::now() }, warnings, missing))
    }

    fn open(program: &Program, library: &Path, inputs: usize) -> std::io::Result<(Memory, Running, Pipes)> {
        let (memory, files) = Memory::create(inputs)?;
        let running = Running::start(program, Role::Worker, library, [files.inputs, files.output])?;
        let pipes = Pipes::open(&running.channel)?;
        Ok((memory, running, pipes))
    }

    /// The outer error is the end of the child, the inner what came of the batch.
    fn evaluate(&mut self, batch: &Batch<'_>) -> Result<Result<Vec<Option<Decimal>>, Fault>, Death> {
        let Remote { running, pipes, memory, number, patience, .. } = self;
        let mut budget = Budget::of(batch.rows);
        let mut death = None;
        let mut buffers = memory.buffers(batch);
        memory.cancel().store(0, Relaxed);
        let outcome = in_chunks(batch, &mut buffers, |row_base, buffers| {
            let request = Request::new(batch, row_base, buffers);
            let clock = budget.start();
            *number += 1;
            let reply = exchange(pipes, memory, patience, (*number, &request), || match clock.look(running.worked()) {
                Verdict::Wait => true,
                Verdict::AskToStop => {
                    memory.cancel().store(u64::MAX, Relaxed);
                    true
                }
                Verdict::GiveUp => false,
            });
            budget = clock.stop();
            reply.map_err(|error| {
                death = Some(how_it_died(running, &error));
                Fault::new("F_CHILD_DIED", "")
            })
        });
        match death {
            Some(death) => Err(death),
            None => Ok(outcome),
        }
    }
}

pub(crate) fn not_started(error: &std::io::Error) -> Failed {
    failed(
        "E_CHILD",
        "a child process of this program for the pack",
        error,
        "look whether the system has memory, processes and descriptors left, and may run the program",
    )
}

/// Listens until the pack is ready.
fn greet(running: &mut Running) -> Result<(Vec<Warning>, Missing), Failed> {
    let (deadline, mut inbox) = (Instant::now() + STARTING, Inbox::default());
    let (mut warnings, mut missing, mut doing) = (Vec::new(), Missing::new(), String::from("starting"));
    loop {
        match inbox.next(&running.channel, deadline) {
            Ok(Message::Stage(stage)) => doing = stage,
            Ok(Message::Warning(warning)) => warnings.push(warning),
            Ok(Message::Missing(what)) => missing.push(what),
            Ok(Message::Refused(failed)) => return Err(failed),
            Ok(Message::Ready) => return Ok((warnings, missing)),
            Err(silence) => return Err(silent(running, silence, &doing, STARTING)),
        }
    }
}

/// Why a child says nothing more.
pub(crate) fn silent(running: &mut Running, silence: Silence, doing: &str, patience: Duration) -> Failed {
    const ADVICE: &str = "run `counterpoise pack check` on it where it was built, and see the pack's own documentation";
    let expected = "a pack that comes to an end and leaves its process as it was";
    match silence {
        Silence::TooLate => {
            running.end();
            failed("F_DEADLINE", expected, format!("nothing for {} s while {doing}", patience.as_secs()), ADVICE)
        }
        Silence::Nonsense => {
            running.end();
            failed("F_CHILD_DIED", expected, format!("nonsense on its channel to the host while {doing}"), ADVICE)
        }
        Silence::Closed => {
            let fate = fate(running.end_soon());
            failed("F_CHILD_DIED", expected, format!("the end of its process while {doing} ({fate})"), ADVICE)
        }
    }
}

/// One request and its reply. Asks now and then whether to go on waiting.
fn exchange(
    pipes: &mut Pipes,
    memory: &Memory,
    patience: &mut Patience,
    (number, request): (u64, &Request),
    go_on: impl Fn() -> bool,
) -> std::io::Result<Reply> {
    let (here, child) = (memory.asking(), memory.answering());
    request.put(here.words);
    signal::tell(number, here, child, || pipes.wake())?;
    let mut asked = Instant::now();
    signal::wait(number, (here, child), patience, || {
        // A child may well wake us for nothing, again and again.
        let woken = pipes.sleep_for(TICK)? && asked.elapsed() < TICK;
        if !woken {
            asked = Instant::now();
        }
        if woken || go_on() { Ok(()) } else { Err(ErrorKind::TimedOut.into()) }
    })?;
    get_reply(child.words)
}

/// Ends the child if it did not end by itself.
fn how_it_died(running: &mut Running, error: &std::io::Error) -> Death {
    match error.kind() {
        ErrorKind::TimedOut => {
            running.end();
            Death { code: "F_DEADLINE", how: "no answer within its time, nor when asked to stop: its process was ended".into() }
        }
        ErrorKind::InvalidData => {
            running.end();
            Death { code: "F_CHILD_DIED", how: "nonsense where a reply should be: its process was ended".into() }
        }
        _ => Death { code: "F_CHILD_DIED", how: format!("the pack's process ended: {}", fate(running.end_soon())) },
    }
}

/// Once for the whole service: it is the kernel that lacks it, not the pack.
fn tell_once(missing: &[String]) {
    static TOLD: Once = Once::new();
    if !missing.is_empty() {
        TOLD.call_once(|| tracing::warn!("packs in processes of their own run without {}", missing.join(", ")));
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::Seat;

    fn after(deaths: usize, ago: Duration) -> Seat {
        let last = Instant::now().checked_sub(ago).expect("the clock has run that long");
        Seat { child: None, deaths, last: Some((last, "signal 11".into())) }
    }

    #[test]
    fn each_death_makes_the_next_pause_longer_until_there_is_none() {
        let fault = |deaths, ago| after(deaths, ago).wait().map_err(|fault| (fault.code, fault.message.contains("signal 11")));
        let moment = Duration::from_millis(1);
        assert_eq!(Seat { child: None, deaths: 0, last: None }.wait(), Ok(()));
        assert_eq!(fault(1, Duration::from_millis(100)), Ok(()));
        assert_eq!(fault(2, moment), Err(("F_NO_CHILD".into(), true)));
        assert_eq!(fault(2, Duration::from_secs(1)), Ok(()));
        assert_eq!(fault(3, Duration::from_secs(1)), Err(("F_NO_CHILD".into(), true)));
        assert_eq!(fault(4, Duration::from_secs(11)), Err(("F_GIVEN_UP".into(), true)));
    }

    #[test]
    fn a_death_is_counted_and_remembered() {
        let mut seat = after(1, Duration::ZERO);
        let fault = seat.bury("F_DEADLINE", "no answer".into());
        assert_eq!((fault.code.as_str(), fault.message.as_str(), seat.deaths), ("F_DEADLINE", "no answer", 2));
        assert!(seat.last.is_some_and(|(_, how)| how == "no answer"));
    }
}
