//! Looks at the packs folder when something happens there, in a thread of its own: loading a pack never takes a thread from those
//! who answer requests.
//!
//! The system's events only make it sooner. What counts is the list of the files with their sizes and times, which is compared
//! once a second: so that a folder that comes and goes, one without events (a network share) or one whose events got lost is seen too.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant, SystemTime};

use notify::{RecommendedWatcher, RecursiveMode, Watcher};

/// Between two looks at the list of files.
const LOOK: Duration = Duration::from_secs(1);
/// A file that is being copied makes one event after the other.
const QUIET: Duration = Duration::from_millis(60);
/// And is looked at all the same after so long.
const PATIENCE: Duration = Duration::from_millis(600);
/// A file that was changed so short a time ago may not be whole.
const FRESH: Duration = Duration::from_secs(2);

/// Rouses the thread that looks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bell(Option<Sender<Call>>);

#[derive(Debug)]
enum Call {
    /// Something in the folder, or in what was said of packs, has changed.
    Look,
    /// What somebody was asked to find out is known.
    Answer,
    /// The service has no more use for packs.
    Stop,
}

impl Bell {
    /// One that can be rung, and where it is heard.
    pub fn new() -> (Bell, Hearing) {
        let (sender, receiver) = channel();
        (Bell(Some(sender)), Hearing(receiver))
    }

    pub fn ring(&self) {
        self.send(Call::Look);
    }

    pub fn answer(&self) {
        self.send(Call::Answer);
    }

    pub fn stop(&self) {
        self.send(Call::Stop);
    }

    /// Nobody may be listening any more.
    fn send(&self, call: Call) {
        if let Some(sender) = &self.0 {
            let _ = sender.send(call);
        }
    }
}

#[derive(Debug)]
pub(crate) struct Hearing(Receiver<Call>);

/// Why the folder is to be looked at.
#[derive(Debug)]
enum Heard {
    Rung,
    Answered,
    Nothing,
    Stop,
}

impl Hearing {
    fn wait(&self, longest: Duration) -> Heard {
        match self.0.recv_timeout(longest) {
            Ok(Call::Look) => Heard::Rung,
            Ok(Call::Answer) => Heard::Answered,
            Err(RecvTimeoutError::Timeout) => Heard::Nothing,
            Ok(Call::Stop) | Err(RecvTimeoutError::Disconnected) => Heard::Stop,
        }
    }

    /// Until nothing is heard for a while.
    fn wait_for_quiet(&self) -> Heard {
        let end = Instant::now() + PATIENCE;
        loop {
            match self.wait(QUIET) {
                Heard::Rung | Heard::Answered if Instant::now() < end => {}
                Heard::Stop => return Heard::Stop,
                _ => return Heard::Rung,
            }
        }
    }
}

/// Calls `look` when the folder changed, when the bell rang, and once a second with nothing said, until told to stop. `look` is told
/// whether the files may have changed, and says when it wants to be called again, if that is sooner.
pub(crate) fn run(folder: &Path, bell: &Bell, hearing: &Hearing, mut look: impl FnMut(bool) -> Option<Duration>) {
    let mut events = Events::default();
    let mut seen = Listing::of(folder);
    events.follow(folder, bell, &seen);
    let (mut looked, mut pause) = (Instant::now(), None);
    // What came while somebody took the first look is in the list already.
    let mut unsettled = true;
    loop {
        let left = LOOK.saturating_sub(looked.elapsed());
        let heard = match hearing.wait(pause.map_or(left, |pause| left.min(pause))) {
            Heard::Rung => hearing.wait_for_quiet(),
            other => other,
        };
        if matches!(heard, Heard::Stop) {
            return;
        }
        let now = Listing::of(folder);
        events.follow(folder, bell, &now);
        let is_time = looked.elapsed() >= LOOK;
        let changed = now != seen || matches!(heard, Heard::Rung) || is_time && unsettled;
        if changed || is_time {
            looked = Instant::now();
            // If so, there is one more look when it is not: what was not whole until then is refused for good.
            unsettled = now.fresh();
        }
        seen = now;
        pause = look(changed);
    }
}

/// The files of a folder as they look from outside; nothing where it cannot be read.
#[derive(Debug, PartialEq, Eq)]
struct Listing {
    /// The folder's own number: another one may have come under its name.
    folder: Option<u64>,
    files: Vec<(PathBuf, u64, u64, i64, i64)>,
    latest: Option<SystemTime>,
}

impl Listing {
    fn of(folder: &Path) -> Listing {
        let described = |entry: fs::DirEntry| {
            let metadata = entry.metadata().ok()?;
            Some((entry.path(), metadata.ino(), metadata.len(), metadata.ctime(), metadata.ctime_nsec()))
        };
        let mut files: Vec<_> = fs::read_dir(folder).into_iter().flatten().flatten().filter_map(described).collect();
        files.sort();
        let latest = files.iter().map(|&(.., seconds, nanoseconds)| time(seconds, nanoseconds)).max();
        Listing { folder: fs::metadata(folder).map(|metadata| metadata.ino()).ok(), files, latest }
    }

    /// Whether a file was changed so lately that two contents may have the same time, or that it may not be whole.
    fn fresh(&self) -> bool {
        self.latest.is_some_and(is_fresh)
    }
}

fn is_fresh(changed: SystemTime) -> bool {
    changed.elapsed().is_ok_and(|age| age < FRESH)
}

/// Whether a file may not be whole, since it was changed a moment ago.
pub(crate) fn may_be_half(file: &Path) -> bool {
    changed_at(file).is_some_and(is_fresh)
}

/// When a file was last changed in any way, be it only touched.
pub(crate) fn changed_at(file: &Path) -> Option<SystemTime> {
    fs::metadata(file).ok().map(|metadata| time(metadata.ctime(), metadata.ctime_nsec()))
}

fn time(seconds: i64, nanoseconds: i64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::new(seconds.max(0).unsigned_abs(), u32::try_from(nanoseconds).unwrap_or_default())
}

/// The system's events about a folder, as long as there are any.
#[derive(Default)]
struct Events {
    watcher: Option<RecommendedWatcher>,
    folder: Option<u64>,
}

impl Events {
    /// Follows the folder that has the name now.
    fn follow(&mut self, folder: &Path, bell: &Bell, listing: &Listing) {
        if self.folder == listing.folder {
            return;
        }
        self.folder = listing.folder;
        self.watcher = listing.folder.and_then(|_| watcher(folder, bell));
    }
}

fn watcher(folder: &Path, bell: &Bell) -> Option<RecommendedWatcher> {
    let bell = bell.clone();
    let made = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        if event.is_ok_and(|event| !event.kind.is_access() || is_closed(&event)) {
            bell.ring();
        }
    });
    let watched = made.and_then(|mut watcher| watcher.watch(folder, RecursiveMode::NonRecursive).map(|()| watcher));
    watched
        .inspect_err(
            |error| tracing::info!(folder = %folder.display(), %error, "no events about the packs folder: it is looked at once a second"),
        )
        .ok()
}

/// A file that was written through a map makes no other event.
fn is_closed(event: &notify::Event) -> bool {
    use notify::event::{AccessKind, AccessMode, EventKind};
    matches!(event.kind, EventKind::Access(AccessKind::Close(AccessMode::Write)))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};
    use std::sync::mpsc::channel;
    use std::thread;

    use super::{Bell, may_be_half, run};

    /// Whether one of the first looks at a folder finds it as said, when it may have changed.
    fn is_seen(folder: PathBuf, so: impl Fn() -> bool + Send + 'static) -> bool {
        let (bell, hearing) = Bell::new();
        let (told, looks) = channel();
        let ringing = bell.clone();
        let watching = thread::spawn(move || {
            run(&folder, &ringing, &hearing, |changed| {
                // Nobody listens any more when it was seen.
                let _ = told.send(changed && so());
                None
            });
        });
        let seen = looks.iter().take(10).any(|seen| seen);
        bell.stop();
        watching.join().expect("it ends");
        seen
    }

    #[test]
    fn a_new_file_is_looked_at_once_more_when_it_is_as_whole_as_it_gets() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("half.so");
        fs::write(&file, "").expect("written");
        assert!(is_seen(folder.path().to_owned(), move || !may_be_half(&file)));
    }

    #[test]
    fn what_came_during_the_first_look_is_seen_by_the_next() {
        let old = Path::new(env!("CARGO_MANIFEST_DIR")).join("../metric-abi/include");
        assert!(is_seen(old, || true));
    }
}
