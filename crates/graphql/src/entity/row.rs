//! Rows of any entity, and the store's typed functions behind one that takes the entity as a value.

use std::sync::Arc;

use store::Store;
use store::entity::{Entity, Record};
use store::page::Query;
use store::predicate::Predicate;
use store::record;

/// A record of any entity, as it was read. Clones are cheap.
#[derive(Clone, Debug)]
pub struct Row {
    pub entity: &'static Entity,
    pub id: i64,
    pub external_key: Arc<str>,
    /// In the order of the entity's columns.
    values: Arc<[store::Value]>,
}

impl Row {
    fn of<R: Record>(record: R) -> Row {
        let value = |column: &store::entity::Column| record.value(column.name).unwrap_or(store::Value::Null);
        Row {
            entity: R::ENTITY,
            id: record.id(),
            external_key: record.external_key().into(),
            values: R::ENTITY.columns.iter().map(value).collect(),
        }
    }

    /// The value in a column; null for a column that the entity does not have.
    pub fn value(&self, column: &str) -> &store::Value {
        let index = self.entity.columns.iter().position(|candidate| candidate.name == column);
        index.map_or(&store::Value::Null, |index| &self.values[index])
    }

    /// The value in the column at a place.
    pub fn at(&self, index: usize) -> &store::Value {
        &self.values[index]
    }

    /// The value that the record is ordered by under a name, which may also be `id` and `external_key`.
    pub fn sorted(&self, name: &str) -> store::Value {
        match name {
            "id" => store::Value::Integer(self.id),
            "external_key" => store::Value::text(&*self.external_key),
            column => self.value(column).clone(),
        }
    }
}

/// Runs an expression with the row type of an entity.
macro_rules! with_record {
    ($entity:expr, $record:ident => $body:expr; $($name:literal: $row:ident),* $(,)?) => {
        match $entity.name {
            $($name => {
                type $record = record::$row;
                $body
            })*
            other => unreachable!("`{other}` has a row type, which a test makes sure of"),
        }
    };
    ($entity:expr, $record:ident => $body:expr) => {
        with_record!($entity, $record => $body;
            "region": Region, "channel": Channel, "team": Team, "employee": Employee, "product_category": ProductCategory,
            "product": Product, "segment": Segment, "customer": Customer, "segment_member": SegmentMember, "contact": Contact,
            "campaign": Campaign, "lead": Lead, "sales_stage": SalesStage, "opportunity": Opportunity, "stage_entry": StageEntry,
            "order": Order, "order_line": OrderLine, "ticket": Ticket, "activity": Activity, "survey_response": SurveyResponse,
            "campaign_member": CampaignMember, "cost": Cost, "target": Target, "period_fact": PeriodFact,
        )
    };
}

pub async fn page(store: &Store, entity: &'static Entity, query: &Query) -> store::Result<Vec<Row>> {
    with_record!(entity, R => Ok(store.page::<R>(query).await?.into_iter().map(Row::of).collect()))
}

pub async fn count(store: &Store, entity: &'static Entity, predicate: &Predicate) -> store::Result<i64> {
    with_record!(entity, R => store.count::<R>(predicate).await)
}

pub async fn rows_by_ids(store: &Store, entity: &'static Entity, ids: &[i64]) -> store::Result<Vec<Row>> {
    with_record!(entity, R => Ok(store.by_ids::<R>(ids).await?.into_iter().map(Row::of).collect()))
}

/// Which children of which parents: the same question for many parents is one statement.
#[derive(Clone, Debug)]
pub struct Children {
    pub entity: &'static Entity,
    pub column: &'static str,
    pub query: Arc<Query>,
}

impl PartialEq for Children {
    fn eq(&self, other: &Children) -> bool {
        self.entity == other.entity && self.column == other.column && (Arc::ptr_eq(&self.query, &other.query) || self.query == other.query)
    }
}

impl Eq for Children {}

impl std::hash::Hash for Children {
    /// Children of one parent are rarely asked for twice, so the query need not be in the hash.
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (self.entity.name, self.column).hash(state);
    }
}

pub async fn children(store: &Store, of: &Children, parents: &[i64]) -> store::Result<Vec<(i64, Row)>> {
    with_record!(of.entity, R => {
        let rows = store.children::<R>(of.column, parents, &of.query).await?;
        Ok(rows.into_iter().map(|(parent, record)| (parent, Row::of(record))).collect())
    })
}

pub async fn child_counts(store: &Store, of: &Children, parents: &[i64]) -> store::Result<Vec<(i64, i64)>> {
    with_record!(of.entity, R => store.child_counts::<R>(of.column, parents, &of.query.filter).await)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entity_has_its_row_type() {
        for entity in store::entity::entities() {
            let name = with_record!(entity, R => R::ENTITY.name);
            assert_eq!(name, entity.name);
        }
    }
}
