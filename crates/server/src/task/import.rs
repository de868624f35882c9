//! `counterpoise import`: a folder of files into the store by a mapping, with a progress bar and a summary.

use std::fmt::Write;

use ::import::{Options, Profile, Progress, Summary};
use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::{Import, OnError};
use crate::host;
use crate::serve::announce;

const BATCH_ROWS: usize = 10_000;

pub async fn run(import: &Import) -> Result<()> {
    let profile = Profile::open(&import.profile)?;
    let store = host::connect(import.database.url()).await?;
    host::bring_up_to_date(&store, true).await?;
    let bar = bar()?;
    let mut shown = None;
    let mut progress = |now: Progress| show(&bar, &mut shown, &now);
    let options = Options { on_error: import.on_error.into(), batch_rows: BATCH_ROWS, progress: &mut progress };
    let summary = ::import::run(&store, &profile, &import.folder, options).await;
    bar.finish_and_clear();
    let summary = summary.with_context(|| format!("import of {} by the profile {}", import.folder.display(), profile.name))?;
    summary.bad.iter().for_each(|row| eprintln!("skipped: {row}"));
    announce(described(&summary).trim_end())
}

fn bar() -> Result<ProgressBar> {
    let style =
        ProgressStyle::with_template("{prefix} {bar:30} {bytes}/{total_bytes} {msg} {elapsed}").context("the progress bar's template")?;
    Ok(ProgressBar::new(0).with_style(style))
}

/// A step has a file of its own, so the bar begins anew with it.
fn show(bar: &ProgressBar, shown: &mut Option<usize>, now: &Progress) {
    if *shown != Some(now.step) {
        *shown = Some(now.step);
        bar.reset();
        bar.set_length(now.bytes_total);
        bar.set_prefix(format!("{}/{} {} from {}", now.step, now.steps, now.entity, now.file));
    }
    bar.set_position(now.bytes);
    bar.set_message(format!("{} rows", now.rows));
}

fn described(summary: &Summary) -> String {
    let mut text = format!(
        "{:<20} {:>10} {:>10} {:>10} {:>10} {:>10} {:>10}\n",
        "", "read", "inserted", "updated", "unchanged", "skipped", "repeated"
    );
    for it in &summary.entities {
        let counts = [it.read, it.inserted, it.updated, it.unchanged, it.skipped, it.repeated];
        let line = counts.iter().fold(format!("{:<20}", it.entity), |line, count| line + &format!(" {count:>10}"));
        text += &(line + "\n");
    }
    let unlisted = summary.bad_count - summary.bad.len() as u64;
    if unlisted > 0 {
        writeln!(text, "{unlisted} more bad rows were skipped and are not listed").expect("a text can be written to");
    }
    text
}

impl From<OnError> for ::import::OnError {
    fn from(on_error: OnError) -> ::import::OnError {
        match on_error {
            OnError::Stop => ::import::OnError::Stop,
            OnError::Skip => ::import::OnError::Skip,
        }
    }
}
