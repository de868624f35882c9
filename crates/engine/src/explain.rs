//! Where a value comes from: each input with its definition, its filter, its period and the SQL that reads it.

use std::sync::Arc;

use store::question::Question;

#[derive(Clone, Debug)]
pub struct InputExplanation {
    pub name: Arc<str>,
    /// In words: `sum of amount over orders`, or `metric sales.amount`.
    pub measure: String,
    /// Empty where nothing is filtered.
    pub filter: String,
    /// The period it is read over, shifts applied.
    pub period: String,
    /// None for metrics and where the subject cannot be reached.
    pub sql: Option<String>,
    /// What `Engine::records` takes.
    pub question: Option<Question>,
}
