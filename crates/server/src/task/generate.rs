//! `counterpoise generate`: the generated company, with a progress bar. Into a database, with its scorecards; or into files, for
//! trying out and measuring the import.

use std::path::Path;

use anyhow::{Context, Result, bail};
use chrono::Utc;
use indicatif::{ProgressBar, ProgressStyle};
use sample::{Company, Scale, Summary};
use store::Store;
use store::scorecard::ScorecardRecord;

use crate::cli::Generate;
use crate::host;
use crate::serve::announce;

pub async fn run(generate: &Generate) -> Result<()> {
    match &generate.files {
        Some(folder) => write(generate, folder),
        None => load(generate).await,
    }
}

fn write(generate: &Generate, folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("can't make the folder {}", folder.display()))?;
    let bar = bar()?;
    let company = Company::generate(&generate.scale, generate.seed);
    let rows = sample::file::write(&company, folder, |made, all| show(&bar, made, all));
    bar.finish_and_clear();
    let mapping = folder.join(sample::file::PROFILE).with_extension("toml");
    announce(&format!("{} rows written; import them with --profile {} {}", rows?, mapping.display(), folder.display()))
}

async fn load(generate: &Generate) -> Result<()> {
    let store = host::connect(generate.database.url()).await?;
    host::bring_up_to_date(&store, true).await?;
    let Summary { inserted, updated, unchanged } = fill(&store, &generate.scale, generate.seed).await?;
    announce(&format!("{}: {inserted} records inserted, {updated} updated, {unchanged} unchanged", store.database()))
}

/// Fills a database that is empty or has the generated company already, never one with records of somebody's own.
pub async fn fill(store: &Store, scale: &Scale, seed: u64) -> Result<Summary> {
    let ours = sample::organisation().name;
    if let Some(theirs) = store.organisation().await?.filter(|organisation| organisation.name != ours) {
        bail!(
            "{} holds {:?}; a generated company is put into a database of its own: name another with --database-url",
            store.database(),
            theirs.name
        );
    }
    let bar = bar()?;
    let summary = sample::fill(store, scale, seed, |made, all| show(&bar, made, all));
    let summary = summary.await.with_context(|| format!("the generated company could not be put into {}", store.database()));
    bar.finish_and_clear();
    let summary = summary?;
    for scorecard in missing_scorecards(store).await? {
        let made = store.create_scorecard(&scorecard).await;
        made.with_context(|| format!("the generated company's scorecard `{}` could not be made", scorecard.key))?;
    }
    Ok(summary)
}

pub async fn missing_scorecards(store: &Store) -> Result<Vec<ScorecardRecord>> {
    let present = store.scorecards(Utc::now().date_naive()).await?;
    let mut wanted = sample::scorecards();
    wanted.retain(|scorecard| !present.iter().any(|known| known.key == scorecard.key));
    Ok(wanted)
}

fn show(bar: &ProgressBar, made: u64, all: u64) {
    bar.set_length(all);
    bar.set_position(made);
}

fn bar() -> Result<ProgressBar> {
    let style =
        ProgressStyle::with_template("generating the company {bar:30} {percent}% {elapsed}").context("the progress bar's template")?;
    Ok(ProgressBar::new(0).with_style(style))
}
