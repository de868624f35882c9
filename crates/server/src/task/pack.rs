//! `counterpoise pack list|check`: what the registry makes of pack files, without serving them.

pub mod new;

use std::path::Path;

use anyhow::{Context, Result, bail};
use registry::{LoadedPack, Refusal, Registry};

use crate::cli::PackCheck;
use crate::host;
use crate::serve::announce;
use crate::settings::Packs;

pub fn list(packs: &Packs) -> Result<()> {
    let packs = host::open_packs(packs)?.snapshot();
    packs.packs().iter().try_for_each(|pack| announce(&described(pack, pack.file())))?;
    packs.refusals().iter().try_for_each(|refusal| announce(&refused(refusal)))
}

/// Loads the one file as the service would, out of a folder of its own.
pub fn check(check: &PackCheck) -> Result<()> {
    let name = check.file.file_name().with_context(|| format!("{} is no file", check.file.display()))?;
    let folder = tempfile::tempdir().context("no temporary folder can be made")?;
    std::fs::copy(&check.file, folder.path().join(name)).with_context(|| format!("can't read {}", check.file.display()))?;
    let options = host::pack_options(&check.packs)?;
    let registry = Registry::once(registry::Options { folder: folder.path().to_owned(), ..options });
    let found = registry.snapshot();
    match (found.packs(), found.refusals()) {
        ([pack], _) => announce(&described(pack, &check.file)),
        (_, [refusal, ..]) => bail!("{} is refused: {} {}", check.file.display(), refusal.code, refusal.message),
        _ => bail!(
            "{} is no pack: a native pack is a file that ends in {}, a declarative one in .toml",
            check.file.display(),
            std::env::consts::DLL_SUFFIX
        ),
    }
}

fn described(pack: &LoadedPack, file: &Path) -> String {
    let manifest = pack.manifest();
    let title = manifest.title.get("en").map(String::as_str).unwrap_or_default();
    let head = format!("{} {} {title} ({} metrics, {})", manifest.id, manifest.version, manifest.metrics.len(), file.display());
    let metrics = manifest.metrics.iter().map(|metric| format!("\n  {}.{} = {}", manifest.id, metric.key, metric.formula));
    head + &metrics.collect::<String>()
}

fn refused(refusal: &Refusal) -> String {
    format!("refused {}: {} {}", refusal.file.display(), refusal.code, refusal.message)
}
