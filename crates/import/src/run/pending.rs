//! What an import holds in memory: the rows of the batch in hand, and hashes of the keys it has met.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher, Hash};

use store::Entity;
use store::load::Batch;
use store::value::Value;

use crate::profile::spec::Repeats;

/// Fixed, so that a run can be repeated exactly.
fn hash(value: impl Hash) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(value)
}

/// The rows of a batch, with the lines they came from.
pub(super) struct Pending {
    pub batch: Batch,
    pub lines: Vec<u64>,
    /// Keys of simple records to create first, in order of appearance.
    pub created: Vec<(&'static Entity, Vec<String>)>,
}

impl Pending {
    pub fn new(batch: Batch) -> Self {
        Pending { batch, lines: Vec::new(), created: Vec::new() }
    }

    pub fn len(&self) -> usize {
        self.lines.len()
    }

    pub fn push(&mut self, key: String, values: Vec<Value>, line: u64) {
        self.batch.push(key, values);
        self.lines.push(line);
    }

    pub fn create(&mut self, entity: &'static Entity, key: &str) {
        match self.created.iter_mut().find(|(known, _)| *known == entity) {
            Some((_, keys)) => keys.push(key.to_owned()),
            None => self.created.push((entity, vec![key.to_owned()])),
        }
    }

    pub fn clear(&mut self) {
        self.batch.keys.clear();
        self.batch.rows.clear();
        self.lines.clear();
    }

    pub fn remove(&mut self, refused: &HashSet<usize>) {
        keep_others(&mut self.batch.keys, refused);
        keep_others(&mut self.batch.rows, refused);
        keep_others(&mut self.lines, refused);
    }
}

pub(super) fn keep_others<T>(list: &mut Vec<T>, refused: &HashSet<usize>) {
    let mut place = 0;
    list.retain(|_| {
        place += 1;
        !refused.contains(&(place - 1))
    });
}

/// The keys that this run has loaded, of entities that are also created by reference.
pub(super) struct LoadedKeys(HashMap<&'static str, HashSet<u64>>);

impl LoadedKeys {
    pub fn of(entities: impl Iterator<Item = &'static Entity>) -> Self {
        LoadedKeys(entities.map(|entity| (entity.name, HashSet::new())).collect())
    }

    pub fn note(&mut self, entity: &Entity, key: &str) {
        if let Some(keys) = self.0.get_mut(entity.name) {
            keys.insert(hash(key));
        }
    }

    /// True once, the first time that a key is asked for which no row has loaded.
    pub fn lacks(&mut self, entity: &Entity, key: &str) -> bool {
        self.0.get_mut(entity.name).is_some_and(|keys| keys.insert(hash(key)))
    }
}

/// The keys that a step has met, and what the rows said where they may repeat.
#[derive(Default)]
pub(super) struct Seen {
    keys: HashSet<u64>,
    contents: HashMap<u64, u64>,
}

pub(super) enum Admission {
    New,
    Repeated,
    Refused(&'static str),
}

impl Seen {
    pub fn admit(&mut self, repeats: Repeats, key: &str, values: &[Value]) -> Admission {
        if repeats == Repeats::Same {
            return self.admit_same(hash(key), hash(values));
        }
        match (self.keys.insert(hash(key)), repeats) {
            (true, _) => Admission::New,
            (false, Repeats::First) => Admission::Repeated,
            (false, _) => {
                Admission::Refused("an earlier row has the same key; if that is meant, say `repeats = \"same\"` or `repeats = \"first\"`")
            }
        }
    }

    fn admit_same(&mut self, key: u64, content: u64) -> Admission {
        match self.contents.entry(key) {
            Entry::Vacant(place) => {
                place.insert(content);
                Admission::New
            }
            Entry::Occupied(first) if *first.get() == content => Admission::Repeated,
            Entry::Occupied(_) => Admission::Refused("an earlier row has the same key but other values"),
        }
    }
}
