//! Which children of which parents: the same question for many parents is one statement.

use std::sync::Arc;

use store::page::Query;
use store::{Row, Selection, Store};

#[derive(Clone, Debug)]
pub struct Children {
    pub selection: Arc<Selection>,
    pub column: &'static str,
    pub query: Arc<Query>,
}

impl PartialEq for Children {
    /// A document reads the same columns of an entity wherever it does.
    fn eq(&self, other: &Children) -> bool {
        self.selection.entity() == other.selection.entity()
            && self.column == other.column
            && (Arc::ptr_eq(&self.query, &other.query) || self.query == other.query)
    }
}

impl Eq for Children {}

impl std::hash::Hash for Children {
    /// Children of one parent are rarely asked for twice, so the query need not be in the hash.
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (self.selection.entity().name, self.column).hash(state);
    }
}

impl Children {
    /// The children of each parent, in the order of the parents.
    pub async fn read(&self, store: &Store, parents: &[i64]) -> store::Result<Vec<Arc<[Row]>>> {
        let rows = store.children(&self.selection, self.column, parents, &self.query).await?;
        let mut found = rustc_hash::FxHashMap::<i64, Vec<Row>>::default();
        for (parent, row) in rows {
            found.entry(parent).or_default().push(row);
        }
        Ok(parents.iter().map(|parent| found.remove(parent).unwrap_or_default().into()).collect())
    }

    /// How many children each parent has, in the order of the parents.
    pub async fn count(&self, store: &Store, parents: &[i64]) -> store::Result<Vec<i64>> {
        let counts = store.child_counts(self.selection.entity(), self.column, parents, &self.query.filter).await?;
        let found: rustc_hash::FxHashMap<i64, i64> = counts.into_iter().collect();
        Ok(parents.iter().map(|parent| found.get(parent).copied().unwrap_or_default()).collect())
    }
}
