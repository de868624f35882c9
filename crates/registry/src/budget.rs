//! How long a pack may take for a batch: after the soft limit it is asked to stop, after the hard one it is not asked any more.
//! Only the time that the pack itself takes counts.

use std::time::{Duration, Instant};

const AT_LEAST: Duration = Duration::from_millis(50);
/// Where the service is built for development, its packs are too.
const PER_ROW: Duration = Duration::from_nanos(if cfg!(debug_assertions) { 10_000 } else { 50 });
const HARD: u32 = 10;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    soft: Duration,
    spent: Duration,
}

/// A budget while a call goes on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    budget: Budget,
    start: Instant,
}

impl Budget {
    pub fn of(rows: usize) -> Budget {
        Budget { soft: AT_LEAST + PER_ROW * u32::try_from(rows).unwrap_or(u32::MAX), spent: Duration::ZERO }
    }

    pub fn hard(self) -> Duration {
        self.soft * HARD
    }

    pub fn start(self) -> Clock {
        Clock { budget: self, start: Instant::now() }
    }
}

impl Clock {
    fn spent(self) -> Duration {
        self.budget.spent + self.start.elapsed()
    }

    pub fn is_soft_over(self) -> bool {
        self.spent() >= self.budget.soft
    }

    pub fn is_hard_over(self) -> bool {
        self.spent() >= self.budget.hard()
    }

    /// What is left for the next call.
    pub fn stop(self) -> Budget {
        Budget { spent: self.spent(), ..self.budget }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{AT_LEAST, Budget};

    #[test]
    fn the_time_of_all_calls_of_a_batch_counts_and_rows_give_more_of_it() {
        let fresh = Budget::of(0);
        assert!(fresh.soft == AT_LEAST && Budget::of(1000).soft > AT_LEAST && fresh.hard() == AT_LEAST * 10);
        let nearly = Budget { spent: AT_LEAST - Duration::from_nanos(1), ..fresh };
        std::hint::black_box(vec![0u8; 4096]);
        let used = nearly.start().stop();
        assert!(used.spent > nearly.spent && used.start().is_soft_over());
        assert!(Budget { spent: AT_LEAST * 10, ..fresh }.start().is_hard_over());
    }
}
