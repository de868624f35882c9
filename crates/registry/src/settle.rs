//! Which pack stands for each id, before any code of a newcomer has run: of several files the highest version, of a newcomer and
//! the pack that serves the newcomer, unless that would take something from the others that they need.
//!
//! A newcomer that does not fit is refused, and what served before goes on serving. A pack whose file is gone goes too, unless a
//! metric of another one needs it and its removal was not forced.
//!
//! All this is settled as if every newcomer were loaded in the end. Those that are not ready yet are then held back, and with them
//! those that do not fit without them: until they come, what served before stands in their place.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use manifest::Pack;
use manifest::check::{cycle, metric};
use semver::Version;

use crate::LoadedPack;
use crate::inspect::Candidate;
use crate::outcome::{Failed, Identity, Refusal, failed};

/// What serves, and the file that it stands for.
#[derive(Clone, Debug)]
pub(crate) struct Incumbent {
    pub pack: Arc<LoadedPack>,
    pub file: PathBuf,
    /// Its file is not in the folder any more.
    pub gone: bool,
}

#[derive(Debug)]
pub(crate) enum Contender {
    New(Arc<Candidate>),
    Serving(Incumbent),
}

/// The contenders by their ids, in which `a_b` and `ab` are one: they would be one field of the schema.
#[derive(Debug, Default)]
pub(crate) struct Settlement {
    contenders: BTreeMap<String, Contender>,
    /// Other files of the same id, the better last.
    runners_up: BTreeMap<String, Vec<Arc<Candidate>>>,
    incumbents: BTreeMap<String, Incumbent>,
    refusals: Vec<Refusal>,
}

/// What became of all contenders.
#[derive(Debug)]
pub(crate) struct Settled {
    pub standing: Vec<Contender>,
    pub undecided: Vec<Undecided>,
    pub refusals: Vec<Refusal>,
}

/// A file of which it is not known yet whether it will serve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Undecided {
    pub file: PathBuf,
    pub identity: Identity,
    /// What it waits for, where it is not being tried.
    pub reason: Option<String>,
}

impl Undecided {
    fn of(candidate: &Candidate, reason: Option<String>) -> Undecided {
        Undecided { file: candidate.file.clone(), identity: candidate.identity(), reason }
    }
}

impl Contender {
    pub fn pack(&self) -> &Pack {
        match self {
            Contender::New(candidate) => &candidate.pack,
            Contender::Serving(incumbent) => &incumbent.pack.manifest,
        }
    }

    fn has(&self, key: &str) -> bool {
        has(self.pack(), key)
    }
}

fn has(pack: &Pack, key: &str) -> bool {
    metric(&[pack], key).is_some()
}

impl Settlement {
    pub fn new(candidates: Vec<Arc<Candidate>>, incumbents: Vec<Incumbent>, refusals: Vec<Refusal>) -> Settlement {
        let incumbents = incumbents.into_iter().map(|incumbent| (key(&incumbent.pack.manifest.id), incumbent)).collect();
        let mut settlement = Settlement { incumbents, refusals, ..Settlement::default() };
        let mut files: BTreeMap<String, Vec<Arc<Candidate>>> = BTreeMap::new();
        candidates.into_iter().for_each(|candidate| files.entry(key(&candidate.pack.id)).or_default().push(candidate));
        for (key, files) in files {
            settlement.choose(key, files);
        }
        for (key, incumbent) in settlement.incumbents.clone() {
            settlement.contenders.entry(key).or_insert(Contender::Serving(incumbent));
        }
        settlement
    }

    /// Of the files of one id, in the order of their names.
    fn choose(&mut self, key: String, files: Vec<Arc<Candidate>>) {
        let incumbent = self.incumbents.get(&key).map(|incumbent| incumbent.pack.clone());
        let id = incumbent.as_ref().map_or(&files[0].pack.id, |incumbent| &incumbent.manifest.id).clone();
        let serves = |file: &Arc<Candidate>| incumbent.as_ref().is_some_and(|incumbent| incumbent.sha256 == file.sha256);
        let (mut same, resembling): (Vec<_>, Vec<_>) = files.into_iter().partition(|file| file.pack.id == id);
        for file in resembling {
            self.refuse_file(&file, clash(format!("`{}`, which resembles `{id}`", file.pack.id), "rename the pack"));
        }
        same.sort_by_cached_key(|file| {
            (Reverse(Version::parse(&file.pack.version).ok()), !serves(file), file.sha256.clone(), !file.trusted, file.file.clone())
        });
        let mut rest = same.into_iter();
        let Some(first) = rest.next() else { return };
        let (copies, others): (Vec<_>, Vec<_>) = rest.partition(|file| file.sha256 == first.sha256);
        for copy in copies {
            self.refuse_file(&copy, clash(format!("the very bytes of {}", first.file.display()), "remove one of the two files"));
        }
        self.runners_up.insert(key.clone(), others.into_iter().rev().collect());
        self.stand(key, first);
    }

    fn stand(&mut self, key: String, file: Arc<Candidate>) {
        let contender = match self.incumbents.get_mut(&key) {
            Some(incumbent) if incumbent.pack.sha256 == file.sha256 && runs_where(incumbent, &file) => {
                incumbent.file = file.file.clone();
                Contender::Serving(incumbent.clone())
            }
            _ => Contender::New(file),
        };
        self.contenders.insert(key, contender);
    }

    fn refuse_file(&mut self, file: &Candidate, failed: Failed) {
        self.refusals.push(*failed.of_known(&file.file, file.identity()));
    }

    /// Refuses the newcomers of these ids; what served before stands again, else another file of the id.
    pub fn refuse(&mut self, refused: Vec<(String, Failed)>) {
        for (key, failed) in refused {
            let Some(Contender::New(candidate)) = self.contenders.remove(&key) else { continue };
            self.refuse_file(&candidate, failed);
            if let Some(incumbent) = self.incumbents.get(&key) {
                self.contenders.insert(key, Contender::Serving(incumbent.clone()));
            } else if let Some(next) = self.runners_up.get_mut(&key).and_then(Vec::pop) {
                self.stand(key, next);
            }
        }
    }

    /// Refuses newcomers until those left find all that they need, leave to others what these need, and need nothing in a circle.
    pub fn settle(&mut self) {
        loop {
            let refused = self.unfit();
            if refused.is_empty() {
                return;
            }
            self.refuse(refused);
        }
    }

    /// Newcomers that stand, as far as it is decided.
    pub fn newcomers(&self) -> impl Iterator<Item = (&String, &Arc<Candidate>)> {
        self.contenders.iter().filter_map(|(key, contender)| match contender {
            Contender::New(candidate) => Some((key, candidate)),
            Contender::Serving(_) => None,
        })
    }

    /// The pack that serves under the id of a newcomer.
    pub fn incumbent(&self, key: &str) -> Option<&Incumbent> {
        self.incumbents.get(key)
    }

    /// What stands, what is undecided and what is refused, in the order of ids and of files, when so much is ready. Packs whose files
    /// are gone stand only if they are needed, now or when all have come.
    pub fn close(mut self, ready: impl Fn(&Candidate) -> bool) -> Settled {
        let going = self.not_needed();
        let held = self.hold_back(&ready);
        for gone in self.not_needed().intersection(&going) {
            self.contenders.remove(gone);
        }
        let together = || "it was tried, and comes with others that are being tried".to_owned();
        let mut undecided: Vec<_> = held.values().map(|candidate| Undecided::of(candidate, ready(candidate).then(together))).collect();
        for (key, files) in std::mem::take(&mut self.runners_up) {
            match held.get(&key) {
                Some(first) => {
                    let waits = format!("waits for what becomes of {}", first.file.display());
                    undecided.extend(files.iter().map(|file| Undecided::of(file, Some(waits.clone()))));
                }
                None => self.refuse_runners_up(&key, &files),
            }
        }
        self.refusals.sort_by(|a, b| a.file.cmp(&b.file));
        undecided.sort_by(|a, b| a.file.cmp(&b.file));
        Settled { standing: self.contenders.into_values().collect(), undecided, refusals: self.refusals }
    }

    /// Takes out newcomers that are not ready, and those that do not fit without them. What served before stands for each meanwhile.
    fn hold_back(&mut self, ready: impl Fn(&Candidate) -> bool) -> BTreeMap<String, Arc<Candidate>> {
        let mut held = BTreeMap::new();
        let mut next: Vec<String> = self.newcomers().filter(|(_, candidate)| !ready(candidate)).map(|(key, _)| key.clone()).collect();
        while !next.is_empty() {
            for key in next {
                let Some(Contender::New(candidate)) = self.contenders.remove(&key) else { continue };
                if let Some(incumbent) = self.incumbents.get(&key) {
                    self.contenders.insert(key.clone(), Contender::Serving(incumbent.clone()));
                }
                held.insert(key, candidate);
            }
            next = self.unfit().into_iter().map(|(key, _)| key).collect();
        }
        held
    }

    fn refuse_runners_up(&mut self, key: &str, files: &[Arc<Candidate>]) {
        let Some(winner) = self.contenders.get(key) else { return };
        let found = format!("`{}` {}, which {} is too", winner.pack().id, winner.pack().version, path(winner).display());
        for file in files {
            self.refuse_file(file, clash(found.clone(), "remove the file that is not wanted"));
        }
    }

    /// Newcomers that lack what they need, take from others what these need, or need something in a circle; the first kind that there is.
    fn unfit(&self) -> Vec<(String, Failed)> {
        let kinds = [Settlement::unmet, Settlement::still_needed, Settlement::circular];
        kinds.into_iter().map(|kind| kind(self)).find(|unfit| !unfit.is_empty()).unwrap_or_default()
    }

    fn unmet(&self) -> Vec<(String, Failed)> {
        let has = |key: &str| self.contenders.values().any(|other| other.has(key));
        let packs: Vec<&Pack> = self.contenders.values().map(Contender::pack).collect();
        let unlike = |pack: &Pack| {
            let (metric, needed) = pack.unlike(&packs)?;
            let found = format!("`{needed}`, which `{metric}` is built on and which does not add up so itself");
            Some(failed(
                "E_MANIFEST_SCHEMA",
                "flows made of flows, and stocks of stocks",
                found,
                "call the metric a rate, or build it on measures",
            ))
        };
        let unmet = |candidate: &Candidate| {
            let missing = candidate.pack.foreign_needs().into_iter().find(|(_, needed)| !has(needed));
            let Some((metric, needed)) = missing else { return unlike(&candidate.pack) };
            Some(failed(
                "E_MANIFEST_MEASURE",
                "inputs that are measures, or metrics of loaded packs",
                format!("`{needed}`, which `{metric}` needs"),
                "put the pack that has it into the folder too",
            ))
        };
        self.newcomers().filter_map(|(key, candidate)| Some((key.clone(), unmet(candidate)?))).collect()
    }

    /// Newcomers that lack a metric which the pack in their place has, and which others need.
    fn still_needed(&self) -> Vec<(String, Failed)> {
        let needed = |key: &String, candidate: &Candidate| {
            let before = self.incumbents.get(key)?;
            let lost = |needed: &str| has(&before.pack.manifest, needed) && !has(&candidate.pack, needed);
            let others = self.contenders.values().filter(|other| other.pack().id != candidate.pack.id);
            let (user, needed) = others.flat_map(needs).find(|(_, needed)| lost(needed))?;
            Some(failed(
                "E_NEEDED",
                "a new version with the metrics that others need",
                format!("one without `{needed}`, which `{user}` needs"),
                "keep the metric, or first replace or remove the pack that needs it",
            ))
        };
        self.newcomers().filter_map(|(key, candidate)| Some((key.clone(), needed(key, candidate)?))).collect()
    }

    fn circular(&self) -> Vec<(String, Failed)> {
        let Some(path) = cycle(&self.contenders.values().map(Contender::pack).collect::<Vec<_>>()) else { return Vec::new() };
        let in_circle = |pack: &Pack| path.iter().any(|key| key.split('.').next() == Some(pack.id.as_str()));
        let refused = |key: &String| {
            let expected = "metrics that do not need each other in a circle";
            (key.clone(), failed("E_MANIFEST_CYCLE", expected, path.join(" -> "), "remove one of these packs, or the need"))
        };
        self.newcomers().filter(|(_, candidate)| in_circle(&candidate.pack)).map(|(key, _)| refused(key)).collect()
    }

    /// Packs whose files are gone and which nobody needs that stays.
    fn not_needed(&self) -> BTreeSet<String> {
        let gone = |contender: &Contender| matches!(contender, Contender::Serving(incumbent) if incumbent.gone);
        let mut going: BTreeSet<String> = self.contenders.iter().filter(|(_, one)| gone(one)).map(|(key, _)| key.clone()).collect();
        loop {
            let staying = self.contenders.iter().filter(|(key, _)| !going.contains(*key));
            let needed: BTreeSet<&str> = staying.flat_map(|(_, one)| one.pack().foreign_needs()).map(|(_, needed)| needed).collect();
            let Some(kept) = going.iter().find(|key| needed.iter().any(|needed| self.contenders[*key].has(needed))).cloned() else {
                return going;
            };
            going.remove(&kept);
        }
    }
}

/// Under which a pack contends.
fn key(id: &str) -> String {
    id.replace('_', "")
}

/// Whether two packs would be one field of the schema.
pub(crate) fn resemble(one: &str, other: &str) -> bool {
    key(one) == key(other)
}

/// The whole keys of a pack's metrics and of what they need of others.
pub(crate) fn needs(contender: &Contender) -> Vec<(String, String)> {
    let pack = contender.pack();
    pack.foreign_needs().into_iter().map(|(metric, needed)| (format!("{}.{metric}", pack.id), needed.to_owned())).collect()
}

/// Whether a pack that serves is where its file says: what is trusted since, or is so no more, is loaded anew.
fn runs_where(incumbent: &Incumbent, file: &Candidate) -> bool {
    file.library.is_none() || incumbent.pack.trusted == file.trusted
}

fn path(contender: &Contender) -> &Path {
    match contender {
        Contender::New(candidate) => &candidate.file,
        Contender::Serving(incumbent) => &incumbent.file,
    }
}

fn clash(found: String, advice: &str) -> Failed {
    failed("E_MANIFEST_CLASH", "an id that no other pack has", found, advice)
}
