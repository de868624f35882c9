//! Documents made ready to run, and those of the last requests: clients ask the same few again and again.
//!
//! What does not depend on a request's variables is worked out once for a text. A document without variables is checked once as well,
//! and once it has passed validation it passes it always: a schema never changes. What is kept is bounded by the length of the texts,
//! so that nobody can fill the memory by asking something new each time.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::parser::parse_query;
use async_graphql::parser::types::ExecutableDocument;
use async_graphql::{ServerError, Variables};

use crate::completion::{self, Shape};
use crate::entity::Selected;
use crate::error::{Code, Fail};
use crate::limit::{self, Limits};
use crate::types::Types;

/// Texts that are longer are not kept.
const LONGEST: usize = 8 * 1024;
/// All texts that are kept are no longer than this; what is made of them is some twenty times as large.
const LENGTH: usize = 128 * 1024;

/// A document that was parsed, and what it asks for whatever the variables.
pub struct Known {
    pub document: ExecutableDocument,
    pub selected: Arc<Selected>,
    /// What its answer looks like; none where variables decide on that.
    shape: Option<Arc<Shape>>,
    valid: AtomicBool,
}

impl Known {
    /// Reads a text, and checks it against the limits as far as that does not depend on variables.
    fn read(text: &str, operation: Option<&str>, types: &Types, limits: &Limits) -> Result<Known, Refusal> {
        let document = parse_query(text).map_err(|error| Refusal::Unreadable(error.into()))?;
        let selected = Arc::new(Selected::of(&document, types));
        let mut known = Known { document, selected, shape: None, valid: AtomicBool::new(false) };
        if known.is_constant() {
            let none = Variables::default();
            limit::check(&known.document, &none, types, limits).map_err(Refusal::Limited)?;
            known.shape = Some(Arc::new(completion::shape(&known.document, operation, &none, types)));
        }
        Ok(known)
    }

    fn is_constant(&self) -> bool {
        self.document.operations.iter().all(|(_, operation)| operation.node.variable_definitions.is_empty())
    }

    /// What its answer looks like, if no variable decides on that; it was checked then.
    pub fn shape(&self) -> Option<Arc<Shape>> {
        self.shape.clone()
    }

    /// Whether it is known to fit the schema whatever the request.
    pub fn is_valid(&self) -> bool {
        self.valid.load(Ordering::Relaxed)
    }

    /// Notes that it has passed validation.
    pub fn passed(&self) {
        self.valid.store(self.shape.is_some(), Ordering::Relaxed);
    }
}

/// Why a document is not run.
pub enum Refusal {
    Unreadable(ServerError),
    Limited(Fail),
}

impl Refusal {
    pub fn code(&self) -> Code {
        match self {
            Refusal::Unreadable(_) => Code::ParseFailed,
            Refusal::Limited(fail) => fail.code,
        }
    }
}

/// The documents of the last requests to one schema.
#[derive(Default)]
pub struct Documents(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    /// By text and name of the operation, with the time they were last asked for.
    documents: HashMap<(String, Option<String>), (Arc<Known>, u64)>,
    length: usize,
    time: u64,
}

impl Documents {
    /// The document of a text, as it was kept or read anew.
    pub fn read(&self, text: &str, operation: Option<&str>, types: &Types, limits: &Limits) -> Result<Arc<Known>, Refusal> {
        let key = (text.to_owned(), operation.map(str::to_owned));
        if let Some(known) = self.lock().find(&key) {
            return Ok(known);
        }
        let known = Arc::new(Known::read(text, operation, types, limits)?);
        self.lock().keep(key, &known);
        Ok(known)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn find(&mut self, key: &(String, Option<String>)) -> Option<Arc<Known>> {
        self.time += 1;
        let (known, last) = self.documents.get_mut(key)?;
        *last = self.time;
        Some(known.clone())
    }

    /// Keeps a document in place of those that were not asked for the longest.
    fn keep(&mut self, key: (String, Option<String>), known: &Arc<Known>) {
        let length = length(&key);
        if length > LONGEST {
            return;
        }
        while self.length + length > LENGTH {
            self.forget_oldest();
        }
        if self.documents.insert(key, (known.clone(), self.time)).is_none() {
            self.length += length;
        }
    }

    fn forget_oldest(&mut self) {
        let oldest = self.documents.iter().min_by_key(|(_, (_, last))| *last).map(|(key, _)| key.clone());
        match oldest {
            Some(key) => {
                self.length -= length(&key);
                self.documents.remove(&key);
            }
            None => self.length = 0,
        }
    }
}

/// What a key counts; short ones count something too.
fn length((text, operation): &(String, Option<String>)) -> usize {
    256 + text.len() + operation.as_ref().map_or(0, String::len)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> (String, Option<String>) {
        (text.to_owned(), None)
    }

    fn known() -> Arc<Known> {
        let document = parse_query("{ version }").expect("GraphQL");
        Arc::new(Known { document, selected: Arc::default(), shape: None, valid: AtomicBool::new(false) })
    }

    #[test]
    fn no_more_text_is_kept_than_the_bound() {
        let mut kept = Kept::default();
        for number in 0..10_000 {
            kept.keep(key(&format!("{number} {}", "x".repeat(number % 10_000))), &known());
            assert!(kept.length <= LENGTH);
        }
        assert_eq!(kept.length, kept.documents.keys().map(length).sum::<usize>());
        assert!(kept.find(&key(&format!("9999 {}", "x".repeat(9999)))).is_none(), "it is too long");
    }

    #[test]
    fn what_is_asked_for_stays_and_what_was_not_for_the_longest_goes() {
        let mut kept = Kept::default();
        kept.keep(key("dear"), &known());
        for number in 0..10_000 {
            kept.keep(key(&number.to_string()), &known());
            assert!(kept.find(&key("dear")).is_some());
        }
        assert!(kept.find(&key("0")).is_none() && kept.find(&key("9999")).is_some());
    }
}
