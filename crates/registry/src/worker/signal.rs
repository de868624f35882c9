//! How one side learns that the other has told it something: by a number in memory that both share, which it looks at for a moment,
//! and then by a byte in a pipe, since to be woken takes longer than most of what is waited for.

use std::hint::spin_loop;
use std::io;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release, SeqCst};
use std::sync::atomic::fence;
use std::thread::yield_now;
use std::time::{Duration, Instant};

use crate::memory::Side;

/// So long a side looks before it sleeps: about as long as it takes to be woken, so that waiting never costs twice what it must.
const LOOKING: Duration = Duration::from_micros(30);
/// Looks between two at the time, and before others may have the processor.
const LOOKS: u32 = 32;

/// Tells the other side that its words of this number are there.
pub(super) fn tell(number: u64, here: Side<'_>, there: Side<'_>, wake: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
    here.number.store(number, Release);
    // Either it sees the number before it sleeps, or it is seen waiting.
    fence(SeqCst);
    if there.waits.load(Relaxed) == 0 { Ok(()) } else { wake() }
}

/// Waits until the other side has told what has this number. It may be woken for nothing.
pub(super) fn wait(number: u64, here: Side<'_>, there: Side<'_>, mut sleep: impl FnMut() -> io::Result<()>) -> io::Result<()> {
    let told = || there.number.load(Acquire) == number;
    if looks(told) {
        return Ok(());
    }
    here.waits.store(1, Relaxed);
    fence(SeqCst);
    let mut waited = Ok(());
    while waited.is_ok() && !told() {
        waited = sleep();
    }
    here.waits.store(0, Relaxed);
    waited
}

fn looks(told: impl Fn() -> bool) -> bool {
    let begun = Instant::now();
    loop {
        for _ in 0..LOOKS {
            if told() {
                return true;
            }
            spin_loop();
        }
        if begun.elapsed() > LOOKING {
            return false;
        }
        yield_now();
    }
}
