//! Computing that goes on when a pack in this process does not come back: its thread is left to it, and all is computed again on
//! another one, where the pack that was given up answers at once that it was.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, mpsc};
use std::thread;

use tokio::sync::mpsc::unbounded_channel;
use tracing::Span;

use crate::watchdog;

/// How an attempt ended, for whoever waits for it.
enum Ended<T> {
    Returned(thread::Result<T>),
    /// Whatever comes of it yet is nobody's.
    Lost,
}

/// Computes something pure on a thread that may be lost. Whoever waits is held up by no more than the time that a pack is given.
pub async fn compute<T: Send + 'static>(job: impl Fn() -> T + Send + Sync + 'static) -> T {
    let (job, span) = (Arc::new(job), Span::current());
    loop {
        let (tell, mut told) = unbounded_channel();
        // Who left does not wait to be told.
        let attempt = attempt(job.clone(), move |ended| drop(tell.send(ended)));
        let span = span.clone();
        tokio::task::spawn_blocking(move || span.in_scope(attempt));
        match told.recv().await {
            Some(Ended::Returned(returned)) => return returned.unwrap_or_else(|panic| resume_unwind(panic)),
            Some(Ended::Lost) => {}
            // The runtime ends, and what waits on it.
            None => std::future::pending().await,
        }
    }
}

/// The same for a thread that may wait.
pub(crate) fn compute_waiting<T: Send + 'static>(job: impl Fn() -> T + Send + Sync + 'static) -> T {
    let job = Arc::new(job);
    loop {
        let (tell, told) = mpsc::channel();
        let attempt = attempt(job.clone(), move |ended| drop(tell.send(ended)));
        if thread::Builder::new().name("packs-trial".into()).spawn(attempt).is_err() {
            return job();
        }
        match told.recv() {
            Ok(Ended::Returned(returned)) => return returned.unwrap_or_else(|panic| resume_unwind(panic)),
            Ok(Ended::Lost) => {}
            Err(mpsc::RecvError) => unreachable!("an attempt tells how it ended before it lets go of the channel"),
        }
    }
}

fn attempt<T>(
    job: Arc<impl Fn() -> T + Send + Sync + 'static>,
    tell: impl Fn(Ended<T>) + Send + Sync + 'static,
) -> impl FnOnce() + Send + 'static {
    let tell = Arc::new(tell);
    let lost = tell.clone();
    let on_loss = Arc::new(move || lost(Ended::Lost));
    move || tell(Ended::Returned(watchdog::telling(on_loss, || catch_unwind(AssertUnwindSafe(|| job())))))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

    use super::{compute, compute_waiting};
    use crate::watchdog;

    /// As a call of a pack that waits for what never comes, and says so when it is asked again.
    fn never_returning() -> impl Fn() -> &'static str + Send + Sync + 'static {
        let lost = Arc::new(AtomicBool::new(false));
        move || {
            if lost.load(Relaxed) {
                return "given up";
            }
            watchdog::watching(0, &lost, |_| {
                loop {
                    std::thread::park();
                }
            })
        }
    }

    #[test]
    fn what_never_returns_costs_whoever_waits_no_more_than_its_time() {
        assert_eq!(compute_waiting(never_returning()), "given up");
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        assert_eq!(runtime.block_on(compute(never_returning())), "given up");
        runtime.shutdown_background();
    }

    #[test]
    fn what_panics_panics_where_it_is_waited_for() {
        assert_eq!(compute_waiting(|| 5), 5);
        let caught = std::panic::catch_unwind(|| compute_waiting(|| -> u8 { panic!("no such number") }));
        assert_eq!(caught.expect_err("it panics").downcast_ref(), Some(&"no such number"));
    }
}
