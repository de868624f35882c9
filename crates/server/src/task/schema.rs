//! `counterpoise schema print|manifest`: the GraphQL schema with the packs' fields, without any database, and the JSON Schema of a
//! pack's manifest.

use anyhow::Result;

use crate::host;
use crate::serve::announce;
use crate::settings::Packs;

pub async fn print(packs: &Packs) -> Result<()> {
    let registry = host::open_packs(packs)?;
    announce(host::schema_alone(&registry).await?.trim_end())
}

pub fn manifest() -> Result<()> {
    announce(manifest::schema::text().trim_end())
}
