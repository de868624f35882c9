//! The root of mutations.

use std::borrow::Cow;

use async_graphql::registry::Registry;
use async_graphql::resolver_utils::{ContainerType, resolve_container};
use async_graphql::{Context, ContextSelectionSet, ObjectType, OutputType, Positioned, ServerResult, Value, parser::types::Field};

use crate::request::Requested;
use crate::scorecard::ScorecardMutation;

/// Everything that can be changed.
pub struct Mutation;

impl ContainerType for Mutation {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        Requested::of(ctx).begin();
        ScorecardMutation.resolve_field(ctx).await
    }
}

impl OutputType for Mutation {
    fn type_name() -> Cow<'static, str> {
        ScorecardMutation::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        ScorecardMutation::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _field: &Positioned<Field>) -> ServerResult<Value> {
        resolve_container(ctx, self).await
    }
}

impl ObjectType for Mutation {}
