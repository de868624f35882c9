//! Looks after calls that run in this process, where nothing can end them: asks a pack to stop when its time is over, and when it
//! does not, gives up the pack. Its thread is lost then, with the memory of that call; no other goes the same way.
//!
//! A call costs its thread no more than saying that it begins and ends: the time is taken by whoever looks.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::{self, Thread};
use std::time::Duration;

use rustix::thread::gettid;

use crate::budget::{Budget, Clock, Verdict};

const TICK: Duration = Duration::from_millis(10);
/// So often it looks in vain before it sleeps until the next call.
const IDLE: u32 = 100;

/// Tells whoever waits for a thread that it is lost.
pub(crate) type OnLoss = Arc<dyn Fn() + Send + Sync>;

/// A thread that calls packs.
struct Caller {
    thread: i32,
    /// Not 0 when the pack that is called shall stop.
    cancel: AtomicU64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    call: Option<Call>,
    on_loss: Option<OnLoss>,
}

struct Call {
    rows: usize,
    /// Since it was first seen.
    clock: Option<Clock>,
    lost: Arc<AtomicBool>,
}

thread_local! {
    static CALLER: Arc<Caller> = Caller::new();
}

static CALLERS: Mutex<Vec<Weak<Caller>>> = Mutex::new(Vec::new());

/// Whether the next call has to wake it.
static ASLEEP: AtomicBool = AtomicBool::new(true);

static LOST: AtomicUsize = AtomicUsize::new(0);

static WATCHDOG: LazyLock<Option<Thread>> = LazyLock::new(|| {
    let started = thread::Builder::new().name("packs-watchdog".into()).spawn(watch);
    let started = started.inspect_err(|error| tracing::error!(%error, "nobody looks how long packs in this process take"));
    started.ok().map(|handle| handle.thread().clone())
});

/// How many threads have been lost in this process.
pub(crate) fn lost() -> usize {
    LOST.load(Relaxed)
}

/// Runs something that must not unwind, and tells if this thread is lost meanwhile.
pub(crate) fn telling<T>(on_loss: OnLoss, run: impl FnOnce() -> T) -> T {
    let tell = |on_loss| CALLER.with(|caller| caller.state().on_loss = on_loss);
    tell(Some(on_loss));
    let result = run();
    tell(None);
    result
}

/// Looks after a call for so many rows, which is given the word that is not 0 when it shall stop. Where it does not come to its end, `lost` says so.
pub(crate) fn watching<T>(rows: usize, lost: &Arc<AtomicBool>, call: impl FnOnce(&AtomicU64) -> T) -> T {
    CALLER.with(|caller| {
        caller.cancel.store(0, Relaxed);
        caller.state().call = Some(Call { rows, clock: None, lost: lost.clone() });
        let _ending = Ending(caller);
        // Whoever fell asleep before it saw this call said so before, since it looks under the same lock.
        if ASLEEP.load(Relaxed) && ASLEEP.swap(false, Relaxed) {
            wake();
        }
        call(&caller.cancel)
    })
}

#[cold]
fn wake() {
    if let Some(watchdog) = &*WATCHDOG {
        watchdog.unpark();
    }
}

struct Ending<'a>(&'a Caller);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.state().call = None;
    }
}

fn watch() {
    let mut idle = 0;
    loop {
        let calls = look_around();
        idle = if calls { 0 } else { idle + 1 };
        if idle <= IDLE {
            thread::park_timeout(TICK);
            continue;
        }
        ASLEEP.store(true, Relaxed);
        if look_around() {
            ASLEEP.store(false, Relaxed);
        } else {
            thread::park();
        }
        idle = 0;
    }
}

/// Whether there were any calls.
fn look_around() -> bool {
    let mut callers = CALLERS.lock().unwrap_or_else(PoisonError::into_inner);
    callers.retain(|caller| caller.strong_count() > 0);
    let all: Vec<Arc<Caller>> = callers.iter().filter_map(Weak::upgrade).collect();
    drop(callers);
    all.iter().filter(|caller| caller.look()).count() > 0
}

impl Caller {
    fn new() -> Arc<Caller> {
        let caller = Arc::new(Caller { thread: gettid().as_raw_nonzero().get(), cancel: AtomicU64::new(0), state: Mutex::default() });
        CALLERS.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::downgrade(&caller));
        caller
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether there is a call to look after.
    fn look(&self) -> bool {
        if self.state().call.is_none() {
            return false;
        }
        // No call waits for its end while a file is read.
        let worked = worked(&format!("/proc/self/task/{}/schedstat", self.thread));
        let mut state = self.state();
        let Some(call) = &mut state.call else { return true };
        match call.clock.get_or_insert_with(|| Budget::of(call.rows).start()).look(worked) {
            Verdict::Wait => {}
            Verdict::AskToStop => self.cancel.store(u64::MAX, Relaxed),
            Verdict::GiveUp => self.give_up(&mut state),
        }
        true
    }

    fn give_up(&self, state: &mut State) {
        self.cancel.store(u64::MAX, Relaxed);
        let Some(call) = state.call.take() else { return };
        call.lost.store(true, Relaxed);
        LOST.fetch_add(1, Relaxed);
        tracing::error!(thread = self.thread, "a call of a pack in this process does not come to its end: its thread is lost");
        state.on_loss.take().iter().for_each(|tell| tell());
    }
}

/// How long a thread has been at work, as the kernel tells in a file.
pub(crate) fn worked(file: &str) -> Option<Duration> {
    std::fs::read_to_string(file).ok()?.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}
