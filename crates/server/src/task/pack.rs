//! `counterpoise pack …`: what the registry makes of pack files, and what an operator does about them, without serving.

pub mod check;
pub mod new;
mod table;

use std::path::Path;

use anyhow::{Result, bail};
use registry::{Replayed, Standing, Tier};

use crate::cli::{PackRelease, PackRemove, PackReplay};
use crate::host;
use crate::serve::announce;
use crate::settings::Packs;

pub fn list(packs: &Packs) -> Result<()> {
    let head = ["pack", "version", "tier", "state", "file", "why"].map(str::to_owned);
    let standings = host::open_packs(packs)?.snapshot().standings();
    announce(&table::of(std::iter::once(head).chain(standings.iter().map(row))))
}

fn row(standing: &Standing) -> [String; 6] {
    let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".into());
    let why = match (&standing.code, &standing.reason) {
        (Some(code), Some(reason)) if standing.tier.is_none() => format!("{code}: {reason}"),
        (_, reason) => reason.clone().unwrap_or_default(),
    };
    [
        or_dash(&standing.id),
        or_dash(&standing.version),
        standing.tier.map_or("-", Tier::name).into(),
        standing.state.name().into(),
        name(&standing.file),
        why,
    ]
}

fn name(file: &Path) -> String {
    file.file_name().unwrap_or(file.as_os_str()).to_string_lossy().into_owned()
}

pub fn remove(remove: &PackRemove) -> Result<()> {
    let files = registry::remove(&host::pack_options(&remove.packs)?.folder, &remove.id, remove.force)?;
    files.iter().try_for_each(|file| announce(&format!("removed {}", file.display())))
}

pub fn release(release: &PackRelease) -> Result<()> {
    let released = registry::release(&host::pack_options(&release.packs)?, &release.pack);
    if released.is_empty() {
        bail!("nothing of `{}` is quarantined; `counterpoise pack list` shows what is", release.pack);
    }
    released.iter().try_for_each(|was| {
        let what = was.metric.as_deref().map_or(was.pack.clone(), |metric| format!("{}.{metric}", was.pack));
        announce(&format!("released {what} {} ({}), which was {}", was.version, &was.sha256[..12], was.told()))
    })
}

pub fn replay(replay: &PackReplay) -> Result<()> {
    match registry::replay(&host::pack_options(&replay.packs)?, &replay.bundle, replay.file.as_deref())? {
        Replayed::Again(fault) => bail!("it happens again: {fault}"),
        Replayed::Otherwise(fault) => bail!("it fails in another way now: {fault}"),
        Replayed::Gone { rows } => announce(&format!("it does not happen: {rows} rows were computed without a fault")),
    }
}
