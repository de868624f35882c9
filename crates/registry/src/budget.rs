//! How long a pack may take for a batch: after the soft limit it is asked to stop, after the hard one it is not asked any more.
//!
//! What counts is the time that the pack itself is at work. On a busy machine most of the time that passes is not: so that counts
//! too, but for less, since a pack may also wait for something that never comes.

use std::cell::Cell;
use std::time::{Duration, Instant};

const AT_LEAST: Duration = Duration::from_millis(50);
/// Five times what exact arithmetic by the SDK takes for a ratio. Where the service is built for development, its packs are too.
const PER_ROW: Duration = Duration::from_nanos(if cfg!(debug_assertions) { 10_000 } else { 500 });
const HARD: u32 = 10;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    soft: Duration,
    spent: Spent,
}

#[derive(Clone, Copy, Debug, Default)]
struct Spent {
    passed: Duration,
    worked: Duration,
}

/// What to do about a pack that has not answered yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Wait,
    AskToStop,
    GiveUp,
}

/// A budget while a call goes on.
#[derive(Debug)]
pub(crate) struct Clock {
    budget: Budget,
    start: Instant,
    /// How long the pack had worked in its life when that was first looked at.
    first: Cell<Option<Duration>>,
    worked: Cell<Duration>,
}

impl Budget {
    pub fn of(rows: usize) -> Budget {
        Budget { soft: AT_LEAST + PER_ROW * u32::try_from(rows).unwrap_or(u32::MAX), spent: Spent::default() }
    }

    pub fn start(self) -> Clock {
        Clock { budget: self, start: Instant::now(), first: Cell::default(), worked: Cell::default() }
    }

    fn verdict(self) -> Verdict {
        let Budget { soft, spent: Spent { passed, worked } } = self;
        if worked >= soft * HARD || passed >= soft * HARD * 2 {
            return Verdict::GiveUp;
        }
        if worked >= soft || passed >= soft * HARD { Verdict::AskToStop } else { Verdict::Wait }
    }
}

impl Clock {
    /// Given how long the pack's process has worked in its life, where that is known.
    pub fn look(&self, life: Option<Duration>) -> Verdict {
        let passed = self.start.elapsed();
        self.worked.set(match (life, self.first.get()) {
            (Some(life), Some(first)) => life.saturating_sub(first),
            // Who looks may have had to wait for a processor too.
            (Some(life), None) => {
                self.first.set(Some(life));
                Duration::ZERO
            }
            (None, _) => passed,
        });
        self.budget_after(passed, self.worked.get()).verdict()
    }

    /// What is left for the next call.
    pub fn stop(self) -> Budget {
        let passed = self.start.elapsed();
        let worked = if self.first.get().is_some() { self.worked.get() } else { passed };
        self.budget_after(passed, worked)
    }

    fn budget_after(&self, passed: Duration, worked: Duration) -> Budget {
        let before = self.budget.spent;
        Budget { spent: Spent { passed: before.passed + passed, worked: before.worked + worked }, ..self.budget }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{AT_LEAST, Budget, Spent, Verdict};

    fn after(passed: Duration, worked: Duration) -> Budget {
        Budget { spent: Spent { passed, worked }, ..Budget::of(0) }
    }

    #[test]
    fn work_counts_whole_and_waiting_for_less() {
        let (zero, soft) = (Duration::ZERO, AT_LEAST);
        for (passed, worked, verdict) in [
            (soft * 9, zero, Verdict::Wait),
            (soft, soft, Verdict::AskToStop),
            (soft * 10, zero, Verdict::AskToStop),
            (soft * 10, soft * 10, Verdict::GiveUp),
            (soft * 20, zero, Verdict::GiveUp),
        ] {
            assert_eq!(after(passed, worked).verdict(), verdict, "{passed:?} {worked:?}");
        }
        assert!(Budget::of(1000).soft > soft);
    }

    #[test]
    fn the_time_of_all_calls_of_a_batch_counts() {
        let nearly = after(AT_LEAST, AT_LEAST - Duration::from_nanos(1));
        let clock = nearly.start();
        std::hint::black_box(vec![0u8; 4096]);
        assert_eq!(clock.look(None), Verdict::AskToStop);
        assert_eq!(clock.stop().verdict(), Verdict::AskToStop);
    }

    #[test]
    fn only_the_work_since_the_first_look_counts() {
        let day = Duration::from_secs(86_400);
        let clock = Budget::of(0).start();
        assert_eq!(clock.look(Some(day)), Verdict::Wait);
        assert_eq!(clock.look(Some(day + AT_LEAST)), Verdict::AskToStop);
        assert_eq!(clock.look(Some(day + AT_LEAST * 10)), Verdict::GiveUp);
    }
}
