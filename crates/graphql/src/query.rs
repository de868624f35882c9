//! The root of queries. Lists of entities are beside what is written here, one for each entity of the store.

use std::borrow::Cow;

use async_graphql::registry::{MetaType, Registry};
use async_graphql::resolver_utils::{ContainerType, resolve_container};
use async_graphql::{
    Context, ContextSelectionSet, ID, Object, ObjectType, OutputType, Positioned, ServerResult, Value, parser::types::Field,
};
use store::entity::{Entity, entities};

use crate::catalogue::{self, MetricDefinition, Pack};
use crate::entity::{self, Aggregate, Connection};
use crate::error::Fail;
use crate::figure::give;
use crate::meta::{camel, field, plural};
use crate::node::{self, Found};
use crate::organisation::Organisation;
use crate::request::Requested;
use crate::scorecard::Definition;

/// What is asked by name.
pub struct Named;

/// Everything that can be asked.
#[Object(name = "Query")]
impl Named {
    /// The organisation that the service is about.
    async fn organisation(&self) -> Organisation {
        Organisation
    }

    /// What an id names; null if it is no more.
    async fn node(&self, ctx: &Context<'_>, #[graphql(desc = "Its id.")] id: ID) -> Result<Option<Found>, Fail> {
        Ok(node::find(Requested::of(ctx), &[id]).await?.swap_remove(0))
    }

    /// What some ids name, in their order; null for what is no more.
    async fn nodes(&self, ctx: &Context<'_>, #[graphql(desc = "The ids.")] ids: Vec<ID>) -> Result<Vec<Option<Found>>, Fail> {
        let requested = Requested::of(ctx);
        if ids.len() as i64 > requested.limits.page {
            return Err(Fail::too_complex(format!("these are {} ids, the limit is {}", ids.len(), requested.limits.page)));
        }
        node::find(requested, &ids).await
    }

    /// The scorecards that are defined, by key.
    async fn scorecards(&self, ctx: &Context<'_>) -> Result<Vec<Definition>, Fail> {
        let requested = Requested::of(ctx);
        let records = requested.scorecard_records(requested.context().await?.today()).await?;
        Ok(records.iter().cloned().map(Definition::of).collect())
    }

    /// What the loaded metrics say of themselves.
    async fn metric_definitions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those of this pack.")] pack: Option<String>,
        #[graphql(desc = "Only those whose key, title, description or synonym contains it, whatever its case.")] search: Option<String>,
    ) -> Result<Vec<MetricDefinition>, Fail> {
        catalogue::search(&Requested::of(ctx).packs, pack.as_deref(), search.as_deref())
    }

    /// The packs of the packs folder: those loaded, then those refused, with the reasons.
    async fn packs(&self, ctx: &Context<'_>) -> Vec<Pack> {
        catalogue::packs(Requested::of(ctx), catalogue::left_out(ctx))
    }

    /// Version of the service.
    async fn version(&self) -> &'static str {
        env!("CARGO_PKG_VERSION")
    }
}

/// Everything that can be asked, with the lists of entities.
pub struct Query;

/// The name of an entity's list at the root.
fn list(entity: &Entity) -> String {
    camel(&plural(entity.name))
}

/// The name of an entity's groups at the root.
fn groups(entity: &Entity) -> String {
    format!("{}Aggregate", list(entity))
}

impl ContainerType for Query {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        Requested::of(ctx).begin();
        let name = ctx.item.node.name.node.as_str();
        match entities().iter().find(|entity| list(entity) == name) {
            Some(entity) => {
                let connection = Connection::of_field(ctx, entity).await.map_err(|fail| fail.at(ctx))?;
                give(ctx, &connection).await
            }
            None if let Some(entity) = entity::aggregated().find(|entity| groups(entity) == name) => {
                let aggregate = Aggregate::of_field(ctx, entity).await.map_err(|fail| fail.at(ctx))?;
                give(ctx, &aggregate).await
            }
            None => Named.resolve_field(ctx).await,
        }
    }
}

impl OutputType for Query {
    fn type_name() -> Cow<'static, str> {
        Named::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        let name = Named::create_type_info(registry);
        Connection::create_type_info(registry);
        if let Some(MetaType::Object { fields, .. }) = registry.types.get_mut(Named::type_name().as_ref()) {
            for entity in entities() {
                let about = format!("A list of records, each: {}", entity.about);
                let connection = format!("{}!", entity::connection_type(entity));
                fields.insert(list(entity), field(&list(entity), connection, about, entity::connection_arguments(entity)));
            }
            for entity in entity::aggregated() {
                let about = "Records of this list in groups: how many, and sums of their numbers. One statement, however many groups.";
                let aggregate = format!("{}!", entity::aggregate_type(entity));
                fields.insert(groups(entity), field(&groups(entity), aggregate, about, entity::aggregate_arguments(entity)));
            }
        }
        name
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _field: &Positioned<Field>) -> ServerResult<Value> {
        resolve_container(ctx, self).await
    }
}

impl ObjectType for Query {}
