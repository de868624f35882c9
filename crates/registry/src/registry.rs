//! The packs that are loaded now, for everyone who asks, and what an operator may do about them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tokio::sync::watch as published;

use crate::life::Life;
use crate::options::Options;
use crate::quarantine::{Ledger, Quarantine};
use crate::watch::{self, Bell, Hearing};
use crate::{Refusal, Snapshot, Trust};

/// The packs that are loaded now. A clone sees the same packs.
#[derive(Clone, Debug)]
pub struct Registry {
    current: published::Sender<Arc<Snapshot>>,
    keeper: Arc<Keeper>,
}

/// Ends the looking when the last registry is gone.
#[derive(Debug)]
struct Keeper {
    ledger: Arc<Ledger>,
    bell: Bell,
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.bell.stop();
    }
}

impl Registry {
    /// Loads every pack of a folder into this process, once. What is refused is returned beside what was loaded, and stays in the snapshot.
    pub fn open(folder: &Path, store_dir: &Path) -> (Registry, Vec<Refusal>) {
        Registry::open_trusting(folder, store_dir, &Trust::everything())
    }

    /// The same, for whom one trusts.
    pub fn open_trusting(folder: &Path, store_dir: &Path, trust: &Trust) -> (Registry, Vec<Refusal>) {
        let registry = Registry::once(Options { trust: trust.clone(), ..Options::new(folder, store_dir) });
        let refusals = registry.snapshot().refusals().to_vec();
        (registry, refusals)
    }

    /// Looks at the folder once, and never again. Takes as long as loading does.
    pub fn once(options: Options) -> Registry {
        Registry::first(options, Bell::default(), None).0
    }

    /// Loads the packs of a folder, and goes on watching it until the last clone is dropped. Takes as long as loading does, though
    /// not for ever, so not for a thread that has others waiting.
    pub fn start(options: Options) -> Registry {
        let (bell, hearing) = Bell::new();
        let folder = options.folder.clone();
        let patience = Some(options.patience);
        let (registry, life) = Registry::first(options, bell.clone(), patience);
        let current = registry.current.clone();
        let watching = thread::Builder::new().name("packs".into()).spawn(move || keep(&folder, &bell, &hearing, life, &current));
        if let Err(error) = watching {
            tracing::error!(%error, "the packs folder is not watched: changes in it need a restart");
        }
        registry
    }

    fn first(options: Options, bell: Bell, longest: Option<Duration>) -> (Registry, Life) {
        let ledger = Arc::new(Ledger::open(&options.store, options.clock.clone()));
        let mut life = Life::new(options, ledger.clone(), bell.clone(), longest.is_some());
        let snapshot = life.begin(longest);
        let keeper = Arc::new(Keeper { ledger, bell });
        (Registry { current: published::Sender::new(Arc::new(snapshot)), keeper }, life)
    }

    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.current.borrow().clone()
    }

    /// Tells of every new set of packs, and of every change of how they stand; one that is replaced before anyone looked is passed over.
    pub fn changes(&self) -> published::Receiver<Arc<Snapshot>> {
        self.current.subscribe()
    }

    /// Lets a pack, by its id, or one version of it, by eight or more digits of its hash, be asked again. Gives what was quarantined.
    pub fn release(&self, id_or_hash: &str) -> Vec<Quarantine> {
        let released = self.keeper.ledger.release(id_or_hash);
        self.keeper.bell.ring();
        released
    }

    /// Why the service should be started anew when it suits, if it should.
    pub fn restart_wanted(&self) -> Option<String> {
        self.keeper.ledger.tainted().or_else(|| self.snapshot().restart.clone())
    }
}

/// Releases what is quarantined, as [`Registry::release`] does, for a service that runs elsewhere with the same store.
pub fn release(options: &Options, id_or_hash: &str) -> Vec<Quarantine> {
    Ledger::open(&options.store, options.clock.clone()).release(id_or_hash)
}

fn keep(folder: &Path, bell: &Bell, hearing: &Hearing, mut life: Life, current: &published::Sender<Arc<Snapshot>>) {
    watch::run(folder, bell, hearing, |changed| {
        // A fault of ours in the middle of a look must not be the end of all looking.
        let looked = catch_unwind(AssertUnwindSafe(|| life.look(changed)));
        match looked {
            Ok(Some(snapshot)) => publish(current, snapshot),
            Ok(None) => {}
            Err(_) => tracing::error!("a look at the packs folder failed; what serves goes on serving"),
        }
        life.pause()
    });
}

fn publish(current: &published::Sender<Arc<Snapshot>>, snapshot: Snapshot) {
    current.send_if_modified(|published| {
        let differs = snapshot.differs(published);
        *published = Arc::new(snapshot);
        differs
    });
}
