//! The root of queries.

use async_graphql::Object;

/// Everything that can be asked.
pub struct Query;

#[Object]
impl Query {
    /// Version of the service.
    async fn version(&self) -> &'static str {
        env!("CARGO_PKG_VERSION")
    }
}
