//! Which statements the database keeps prepared: those that come again, and of them so many at most.
//!
//! A prepared statement is not compiled again, but each connection keeps it for good, and who may choose columns may ask in more ways
//! than a connection can keep. So a text is kept from the second time on, and once there are enough, the others are not.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, PoisonError};

/// Texts kept at most, which a service asked the same operations again and again stays far below.
const MOST: usize = 128;
/// Texts seen once that are remembered, so that one that comes again is known.
const REMEMBERED: usize = 1024;

/// What is known of the texts so far, by their hashes.
#[derive(Debug, Default)]
pub(crate) struct Keep {
    hasher: RandomState,
    texts: Mutex<Texts>,
}

#[derive(Debug, Default)]
struct Texts {
    seen: HashSet<u64>,
    kept: HashSet<u64>,
}

impl Keep {
    /// Notes that a text is going to run; whether it should be kept prepared.
    pub fn keeps(&self, text: &str) -> bool {
        let hash = self.hasher.hash_one(text);
        let mut texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        if texts.kept.contains(&hash) {
            return true;
        }
        if texts.kept.len() == MOST {
            return false;
        }
        if texts.seen.remove(&hash) {
            return texts.kept.insert(hash);
        }
        if texts.seen.len() == REMEMBERED {
            texts.seen.clear();
        }
        texts.seen.insert(hash);
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_kept_from_the_second_time_on() {
        let keep = Keep::default();
        assert_eq!([keep.keeps("a"), keep.keeps("b"), keep.keeps("a"), keep.keeps("a")], [false, false, true, true]);
    }

    #[test]
    fn no_more_are_kept_than_a_connection_may_hold() {
        let keep = Keep::default();
        let twice = |text: String| {
            keep.keeps(&text);
            keep.keeps(&text)
        };
        let kept = (0..MOST + 50).filter(|number| twice(number.to_string())).count();
        assert_eq!(kept, MOST);
        assert!(keep.keeps("0"));
    }

    #[test]
    fn texts_that_never_come_again_are_forgotten() {
        let keep = Keep::default();
        (0..10 * REMEMBERED).for_each(|number| assert!(!keep.keeps(&number.to_string())));
        assert!(keep.texts.lock().unwrap().seen.len() <= REMEMBERED);
    }
}
