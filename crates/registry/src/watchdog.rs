//! Looks after calls that run in this process, where nothing can end them: asks a pack to stop when its time is over, and when it
//! does not, gives up the pack. Its thread is lost then, with the memory of that call; no other goes the same way.

use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::thread::{self, Thread};
use std::time::Duration;

use rustix::thread::gettid;

use crate::budget::{Budget, Clock, Verdict};

const TICK: Duration = Duration::from_millis(10);
/// So often it looks in vain before it sleeps until the next call.
const IDLE: u32 = 100;

/// A call that goes on until this is dropped.
#[derive(Debug)]
pub(crate) struct Watched {
    number: u64,
    /// Not 0 when the pack shall stop.
    pub cancel: Arc<AtomicU64>,
}

struct Call {
    number: u64,
    thread: i32,
    clock: Clock,
    cancel: Arc<AtomicU64>,
    lost: Arc<AtomicBool>,
    on_loss: Option<OnLoss>,
}

/// Tells whoever waits for a thread that it is lost.
pub(crate) type OnLoss = Arc<dyn Fn() + Send + Sync>;

thread_local! {
    static ON_LOSS: RefCell<Option<OnLoss>> = const { RefCell::new(None) };
}

struct Calls {
    list: Vec<Call>,
    next: u64,
    asleep: bool,
}

static CALLS: Mutex<Calls> = Mutex::new(Calls { list: Vec::new(), next: 0, asleep: false });

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
    ON_LOSS.set(Some(on_loss));
    let result = run();
    ON_LOSS.take();
    result
}

/// Looks after what this thread calls next. Where it does not come to its end, `lost` says so.
pub(crate) fn begin(budget: Budget, lost: &Arc<AtomicBool>) -> Watched {
    let (clock, thread, cancel) = (budget.start(), gettid().as_raw_nonzero().get(), Arc::new(AtomicU64::new(0)));
    let mut calls = calls();
    let number = calls.next;
    calls.next += 1;
    let on_loss = ON_LOSS.with_borrow(Clone::clone);
    calls.list.push(Call { number, thread, clock, cancel: cancel.clone(), lost: lost.clone(), on_loss });
    let asleep = std::mem::take(&mut calls.asleep);
    drop(calls);
    if (asleep || number == 0)
        && let Some(watchdog) = &*WATCHDOG
    {
        watchdog.unpark();
    }
    Watched { number, cancel }
}

impl Drop for Watched {
    fn drop(&mut self) {
        calls().list.retain(|call| call.number != self.number);
    }
}

fn calls() -> MutexGuard<'static, Calls> {
    CALLS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn watch() {
    let mut idle = 0;
    loop {
        let mut calls = calls();
        calls.list.iter().for_each(look);
        calls.list.retain(|call| !call.lost.load(Relaxed));
        idle = if calls.list.is_empty() { idle + 1 } else { 0 };
        calls.asleep = idle > IDLE;
        let asleep = calls.asleep;
        drop(calls);
        if asleep { thread::park() } else { thread::park_timeout(TICK) }
    }
}

fn look(call: &Call) {
    match call.clock.look(worked(&format!("/proc/self/task/{}/schedstat", call.thread))) {
        Verdict::Wait => {}
        Verdict::AskToStop => call.cancel.store(u64::MAX, Relaxed),
        Verdict::GiveUp => {
            call.cancel.store(u64::MAX, Relaxed);
            call.lost.store(true, Relaxed);
            LOST.fetch_add(1, Relaxed);
            tracing::error!(thread = call.thread, "a call of a pack in this process does not come to its end: its thread is lost");
            call.on_loss.iter().for_each(|tell| tell());
        }
    }
}

/// How long a thread has been at work, as the kernel tells in a file.
pub(crate) fn worked(file: &str) -> Option<Duration> {
    std::fs::read_to_string(file).ok()?.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}
