//! What a registry is told when it starts.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::{Program, Trust};

/// How long a new version is watched before the one that it replaced is let go.
const PROBATION: Duration = Duration::from_secs(3600);

/// How long a start waits for packs that are being tried.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where packs lie, where they are kept, and whose are trusted.
#[derive(Clone, Debug)]
pub struct Options {
    /// The folder that packs are copied into.
    pub folder: PathBuf,
    /// Where private copies and what was learnt of them are kept.
    pub store: PathBuf,
    pub trust: Trust,
    /// What is started as a child to try packs in, and to run those in that are not trusted. None: all run in this process, untried.
    pub program: Option<Program>,
    /// How long a new version of a known pack is on probation.
    pub probation: Duration,
    /// How long a start waits for packs that are being tried; what takes longer comes when it is ready.
    pub patience: Duration,
    pub clock: Clock,
}

impl Options {
    pub fn new(folder: impl Into<PathBuf>, store: impl Into<PathBuf>) -> Options {
        Options {
            folder: folder.into(),
            store: store.into(),
            trust: Trust::default(),
            program: None,
            probation: PROBATION,
            patience: PATIENCE,
            clock: Clock::new(Utc::now),
        }
    }
}

/// What time it is. A test passes its own and waits for nothing.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>);

impl Clock {
    pub fn new(now: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Clock {
        Clock(Arc::new(now))
    }

    pub fn now(&self) -> DateTime<Utc> {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.now())
    }
}
