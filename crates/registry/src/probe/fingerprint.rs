//! What belongs to a whole process, and which a pack has no business to change.

use std::fs;
use std::path::PathBuf;

use crate::outcome::{Failed, failed};
use crate::system;

const ADVICE: &str = "see the head of counterpoise_pack.h: a pack computes, and leaves its process as it was";

#[derive(Debug)]
pub(super) struct Fingerprint {
    threads: usize,
    descriptors: usize,
    signals: Vec<(usize, i32)>,
    folder: Option<PathBuf>,
    locale: String,
    /// Which signals wait, and the mask for new files, as the kernel tells them.
    state: Vec<String>,
}

impl Fingerprint {
    pub fn take() -> Fingerprint {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let told = |line: &&str| ["Umask:", "SigBlk:", "SigIgn:", "SigCgt:"].iter().any(|name| line.starts_with(name));
        Fingerprint {
            threads: count("/proc/self/task"),
            descriptors: count("/proc/self/fd"),
            signals: system::signal_handlers(),
            folder: fs::read_link("/proc/self/cwd").ok(),
            locale: system::locale(),
            state: status.lines().filter(told).map(str::to_owned).collect(),
        }
    }

    /// What is different now, after a pack did something.
    pub fn compare(&self, doing: &str) -> Result<(), Failed> {
        let now = Fingerprint::take();
        let changed = |code, what: &str, before: String, after: String| {
            Err(failed(code, format!("{what} as before {doing}"), format!("{before} -> {after}"), ADVICE))
        };
        let text = |value: &Option<PathBuf>| value.as_ref().map_or_else(String::new, |path| path.display().to_string());
        if self.threads != now.threads {
            return changed("F_THREADS", "as many threads", self.threads.to_string(), now.threads.to_string());
        }
        if self.descriptors != now.descriptors {
            return changed("F_FDS", "as many open descriptors", self.descriptors.to_string(), now.descriptors.to_string());
        }
        if let Some(signal) = self.signals.iter().zip(&now.signals).position(|(before, after)| before != after) {
            return changed("F_ENV", &format!("the handler of signal {}", signal + 1), "one".into(), "another".into());
        }
        if self.folder != now.folder {
            return changed("F_ENV", "the current folder", text(&self.folder), text(&now.folder));
        }
        if self.locale != now.locale {
            return changed("F_ENV", "the locale", self.locale.clone(), now.locale);
        }
        match self.state.iter().zip(&now.state).find(|(before, after)| before != after) {
            Some((before, after)) => changed("F_ENV", "the state of the process", before.clone(), after.clone()),
            None => Ok(()),
        }
    }
}

fn count(folder: &str) -> usize {
    fs::read_dir(folder).map_or(0, Iterator::count)
}
