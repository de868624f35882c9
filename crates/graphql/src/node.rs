//! What an id names: a record of the store, the organisation, a scorecard as it is defined, or a node of one.

use std::borrow::Cow;

use async_graphql::registry::Registry;
use async_graphql::{ContextSelectionSet, ID, OutputType, Positioned, ServerResult, Value, parser::types::Field};
use engine::Subject;
use store::entity::Entity;

use crate::entity::Node;
use crate::error::Fail;
use crate::id;
use crate::organisation::Organisation;
use crate::request::Requested;
use crate::scorecard::{Definition, DefinitionNode};

/// An object with an id, of whatever type.
pub enum Found {
    Record(Node),
    Organisation,
    Scorecard(Definition),
    ScorecardNode(DefinitionNode),
}

/// What an id says, not looked up yet.
enum Named {
    Record(&'static Entity, i64),
    Organisation,
    Scorecard(String),
    /// The keys of the scorecard and of the node.
    ScorecardNode(String, String),
}

/// What some ids name, in their order; none for what is no more. Records of one entity are read together, scorecards all at once.
pub async fn find(requested: &Requested, ids: &[ID]) -> Result<Vec<Option<Found>>, Fail> {
    let named = ids.iter().map(|id| name(id)).collect::<Result<Vec<_>, _>>()?;
    let keys = named.iter().filter_map(|named| match named {
        Named::Record(entity, number) => Some((entity.name, *number)),
        _ => None,
    });
    let mut records = requested.nodes(keys.collect()).await?.into_iter();
    let mut found = Vec::with_capacity(named.len());
    for named in named {
        found.push(match named {
            Named::Record(..) => records.next().flatten().map(Found::Record),
            Named::Organisation => Some(Found::Organisation),
            Named::Scorecard(key) => scorecard(requested, &key).await?.map(Found::Scorecard),
            Named::ScorecardNode(card, key) => {
                scorecard(requested, &card).await?.and_then(|card| card.node(&key)).map(Found::ScorecardNode)
            }
        });
    }
    Ok(found)
}

async fn scorecard(requested: &Requested, key: &str) -> Result<Option<Definition>, Fail> {
    let records = requested.scorecard_records(requested.context().await?.today()).await?;
    Ok(records.iter().find(|record| record.key == key).cloned().map(Definition::of))
}

fn name(id: &str) -> Result<Named, Fail> {
    let (tag, key) = id::decode_key(id)?;
    match tag.as_str() {
        "scorecard" => Ok(Named::Scorecard(key)),
        "scorecard_node" => {
            let (card, node) = DefinitionNode::keys(&key).ok_or_else(|| id::unknown(id))?;
            Ok(Named::ScorecardNode(card, node))
        }
        "organisation" if id::decode(id)?.1 == Subject::ORGANISATION.id => Ok(Named::Organisation),
        _ => record(id),
    }
}

fn record(id: &str) -> Result<Named, Fail> {
    let (tag, number) = id::decode(id)?;
    let entity = store::entity::entity(&tag).ok_or_else(|| id::unknown(id))?;
    Ok(Named::Record(entity, number))
}

impl OutputType for Found {
    fn type_name() -> Cow<'static, str> {
        Node::type_name()
    }

    fn introspection_type_name(&self) -> Cow<'static, str> {
        match self {
            Found::Record(node) => node.introspection_type_name(),
            Found::Organisation => Organisation::type_name(),
            Found::Scorecard(_) => Definition::type_name(),
            Found::ScorecardNode(_) => DefinitionNode::type_name(),
        }
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Node::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        match self {
            Found::Record(node) => node.resolve(ctx, field).await,
            Found::Organisation => Organisation.resolve(ctx, field).await,
            Found::Scorecard(scorecard) => scorecard.resolve(ctx, field).await,
            Found::ScorecardNode(node) => node.resolve(ctx, field).await,
        }
    }
}
