//! How one side learns that the other has told it something: by a number in memory that both share, which it looks at for a moment,
//! and then by a byte in a pipe, since to be woken takes longer than most of what is waited for. Where looking is in vain, because
//! others want the processors or nothing comes, it is soon given up.

use std::hint::spin_loop;
use std::io;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release, SeqCst};
use std::sync::atomic::fence;
use std::time::{Duration, Instant};

use crate::memory::Side;

/// So long a side looks before it sleeps: about as long as it takes to be woken, so that waiting never costs twice what it must.
const LOOKING: Duration = Duration::from_micros(20);
/// Looks between two at the time.
const LOOKS: u32 = 32;

/// After more times in vain than in success, 2 to this power of waits pass without a look.
const MOST_VAIN: u32 = 7;

/// Whether it is worth a look before one sleeps.
#[derive(Debug, Default)]
pub(super) struct Patience {
    /// How much more often it was in vain.
    vain: u32,
    /// How many waits go to sleep at once.
    sleeps: u32,
}

impl Patience {
    fn looks(&mut self, told: impl Fn() -> bool) -> bool {
        if self.sleeps > 0 {
            self.sleeps -= 1;
            return told();
        }
        let seen = looks(told);
        if seen {
            self.vain = self.vain.saturating_sub(1);
        } else {
            // Once is none: before the first of several calls there is a pause.
            self.vain = MOST_VAIN.min(self.vain + 1);
            self.sleeps = (1 << self.vain) - 2;
        }
        seen
    }
}

/// Tells the other side that its words of this number are there.
pub(super) fn tell(number: u64, here: Side<'_>, there: Side<'_>, wake: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
    here.number.store(number, Release);
    // Either it sees the number before it sleeps, or it is seen waiting.
    fence(SeqCst);
    if there.waits.load(Relaxed) == 0 { Ok(()) } else { wake() }
}

/// Waits until the other side has told what has this number. It may be woken for nothing.
pub(super) fn wait(
    number: u64,
    (here, there): (Side<'_>, Side<'_>),
    patience: &mut Patience,
    mut sleep: impl FnMut() -> io::Result<()>,
) -> io::Result<()> {
    let told = || there.number.load(Acquire) == number;
    if patience.looks(told) {
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
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST_VAIN, Patience};

    #[test]
    fn who_looks_in_vain_looks_less_and_less_and_again_when_it_is_worth_it() {
        let mut patience = Patience::default();
        assert!(!patience.looks(|| false));
        assert_eq!(patience.sleeps, 0, "once is none");
        for _ in 0..2000 {
            patience.looks(|| false);
        }
        assert_eq!(patience.vain, MOST_VAIN);
        for _ in 0..2000 {
            assert!(patience.looks(|| true));
        }
        assert_eq!((patience.vain, patience.sleeps), (0, 0));
    }
}
