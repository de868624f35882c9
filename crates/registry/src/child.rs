//! Child processes for foreign code: this very program, started again with a first argument that nobody types.
//!
//! A child begins with nothing of its parent's but three descriptors where the standard streams would be, moves them out of the
//! way, and ends with its parent. The parent starts children from one thread that lives as long as the process, because the
//! kernel ends a child with the thread that started it.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::LazyLock;
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, getppid, pidfd_open, set_parent_process_death_signal, setpriority_process};
use rustix::stdio::{dup2_stderr, dup2_stdin, dup2_stdout};

use crate::memory::Files;
use crate::{probe, system, watchdog, worker};

/// The first argument of a child.
const MARK: &str = "--counterpoise-pack-child";
/// How a child ends that could not even tell what is wrong.
const LOST: i32 = 121;
/// How long a child may take to end once it has closed its channel.
const ENDING: Duration = Duration::from_millis(500);

/// The program that is started for a child, which calls [`run_if_child`] before anything else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program(PathBuf);

impl Program {
    /// The program that is running, also if its file was replaced meanwhile.
    pub fn this() -> Program {
        Program("/proc/self/exe".into())
    }

    pub fn at(path: impl Into<PathBuf>) -> Program {
        Program(path.into())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Probe,
    Worker,
}

impl Role {
    const ALL: [Role; 2] = [Role::Probe, Role::Worker];

    fn name(self) -> &'static str {
        match self {
            Role::Probe => "probe",
            Role::Worker => "worker",
        }
    }
}

/// Does a child's work and ends, if this process was started as one; else returns at once. For the first line of `main`: what runs
/// before it runs in every child too. Takes the arguments that the process was started with.
pub fn run_if_child(arguments: impl IntoIterator<Item = OsString>) {
    let mut arguments = arguments.into_iter().skip(1);
    if arguments.next().as_deref() != Some(OsStr::new(MARK)) {
        return;
    }
    let status = begin(arguments).map_or(LOST, |()| 0);
    system::leave(status);
}

fn begin(mut arguments: impl Iterator<Item = OsString>) -> Option<()> {
    let (role, library, parent) = (arguments.next()?, arguments.next()?, arguments.next()?);
    let role = Role::ALL.into_iter().find(|known| role == known.name())?;
    set_parent_process_death_signal(Some(Signal::KILL)).ok()?;
    // Died before that: then nobody will tell us.
    if getppid().map(Pid::as_raw_nonzero).is_none_or(|found| parent.to_str() != Some(&found.to_string())) {
        return None;
    }
    let streams = Streams::take().ok()?;
    match role {
        Role::Probe => probe::trial::run(Path::new(&library), &streams.channel),
        Role::Worker => worker::serve::run(Path::new(&library), streams),
    }
    .ok()
}

/// What a child was given where the standard streams would be.
pub(crate) struct Streams {
    pub channel: UnixStream,
    pub files: Files,
    /// Whether more than these may have been left open.
    pub leaky: Option<io::Error>,
}

impl Streams {
    /// Leaves nothing behind that a pack could read, and what it writes goes nowhere, or where a probe looks for it.
    fn take() -> io::Result<Streams> {
        let leaky = system::close_from(3).err();
        let channel = io::stdin().as_fd().try_clone_to_owned()?.into();
        let files = Files { inputs: io::stdout().as_fd().try_clone_to_owned()?, output: io::stderr().as_fd().try_clone_to_owned()? };
        let nothing = File::options().read(true).write(true).open("/dev/null")?;
        dup2_stdin(&nothing)?;
        Ok(Streams { channel, files, leaky })
    }

    /// What the pack writes to its streams is dropped.
    pub fn mute() -> io::Result<()> {
        let nothing = File::options().write(true).open("/dev/null")?;
        dup2_stdout(&nothing)?;
        dup2_stderr(&nothing)?;
        Ok(())
    }
}

/// A child that runs.
#[derive(Debug)]
pub(crate) struct Running {
    process: Child,
    pub channel: UnixStream,
}

impl Running {
    /// Starts a child for a library, with two more descriptors.
    pub fn start(program: &Program, role: Role, library: &Path, files: [OwnedFd; 2]) -> io::Result<Running> {
        let (channel, other_end) = UnixStream::pair()?;
        let [first, second] = files;
        let mut command = Command::new(&program.0);
        command.arg(MARK).arg(role.name()).arg(library).arg(std::process::id().to_string()).env_clear().current_dir("/");
        command.stdin(OwnedFd::from(other_end)).stdout(Stdio::from(first)).stderr(Stdio::from(second));
        Ok(Running { process: spawn(command)?, channel })
    }

    /// How long the child's first thread, which is its only one, has been at work.
    pub fn worked(&self) -> Option<Duration> {
        watchdog::worked(&format!("/proc/{}/schedstat", self.process.id()))
    }

    /// From now on others go before the child, where they want the same processor. It has a third of what they have.
    pub fn give_way(&self) {
        // Where it ended meanwhile, or may not be told, nothing is lost.
        let _ = Pid::from_raw(self.process.id() as i32).map(|pid| setpriority_process(Some(pid), 5));
    }

    /// Ends the child if it has not ended, and says how it came to its end: by itself, that is, or none if we ended it.
    pub fn end(&mut self) -> Option<ExitStatus> {
        self.end_after(Duration::ZERO)
    }

    /// The same, for a child that closed its channel, which one does that is ending.
    pub fn end_soon(&mut self) -> Option<ExitStatus> {
        self.end_after(ENDING)
    }

    fn end_after(&mut self, patience: Duration) -> Option<ExitStatus> {
        let by_itself = self.has_ended(patience);
        // It may have ended in between; then there is nothing to do.
        let _ = self.process.kill();
        self.process.wait().ok().filter(|_| by_itself)
    }

    fn has_ended(&self, patience: Duration) -> bool {
        let Some(handle) = Pid::from_raw(self.process.id() as i32).and_then(|pid| pidfd_open(pid, PidfdFlags::empty()).ok()) else {
            return false;
        };
        let patience = Timespec { tv_sec: patience.as_secs() as i64, tv_nsec: patience.subsec_nanos().into() };
        poll(&mut [PollFd::new(&handle, PollFlags::IN)], Some(&patience)).is_ok_and(|ready| ready > 0)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}

type Order = (Command, Sender<io::Result<Child>>);

fn spawn(command: Command) -> io::Result<Child> {
    static STARTER: LazyLock<io::Result<Sender<Order>>> = LazyLock::new(|| {
        let (orders, received) = channel::<Order>();
        let start = move || received.into_iter().for_each(|(mut command, answer)| drop(answer.send(command.spawn())));
        std::thread::Builder::new().name("pack-children".into()).spawn(start).map(|_| orders)
    });
    let gone = || io::Error::other("the thread that starts children is not there");
    let (answer, answered) = channel();
    STARTER.as_ref().map_err(|error| io::Error::new(error.kind(), error.to_string()))?.send((command, answer)).map_err(|_| gone())?;
    answered.recv().map_err(|_| gone())?
}

/// How a process ended, in words.
pub(crate) fn fate(status: Option<ExitStatus>) -> String {
    match status.map(|status| (status.signal(), status.code())) {
        Some((Some(signal), _)) => format!("signal {signal}{}", signal_name(signal)),
        Some((_, Some(LOST))) => format!("exit {LOST}: it lost its channel to the host"),
        Some((_, code)) => format!("exit {}", code.unwrap_or_default()),
        None => "it closed its channel to the host and went on".into(),
    }
}

fn signal_name(signal: i32) -> &'static str {
    match signal {
        libc::SIGILL => " (SIGILL, no instruction of this processor)",
        libc::SIGABRT => " (SIGABRT, it ended itself)",
        libc::SIGBUS => " (SIGBUS, memory that is not there)",
        libc::SIGFPE => " (SIGFPE, a division that has no result)",
        libc::SIGKILL => " (SIGKILL)",
        libc::SIGSEGV => " (SIGSEGV, memory that is not its own)",
        libc::SIGSYS => " (SIGSYS, a system call that no pack may make)",
        libc::SIGXFSZ => " (SIGXFSZ, a file that it wrote)",
        _ => "",
    }
}
