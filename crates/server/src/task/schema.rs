//! `counterpoise schema print`: the schema with the packs' fields, without any database.

use anyhow::Result;

use crate::host;
use crate::serve::announce;
use crate::settings::Packs;

pub async fn print(packs: &Packs) -> Result<()> {
    let registry = host::open_packs(packs)?;
    announce(host::schema_alone(&registry).await?.trim_end())
}
