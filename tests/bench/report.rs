//! Tables in Markdown, so that they can be kept.

use anyhow::Result;

use crate::Options;
use crate::database::Backend;
use crate::import::Import;
use crate::measure::Row;

/// The head of the table whose rows follow one by one, as they are measured: a run that fails keeps what it has measured.
pub fn print_head(backend: Backend, options: &Options) {
    let size = if options.database.is_some() { "as it was found".into() } else { format!("at scale {}", options.scale) };
    println!("\n### {}, {size}\n", backend.name());
    println!(
        "| case | connections | p50 ms | p99 ms | requests/s | server CPU ms | RSS MiB | peak MiB | first answer ms | baseline | baseline ms | ratio |"
    );
    println!("|---|--:|--:|--:|--:|--:|--:|--:|--:|---|--:|--:|");
}

pub fn print(case: &str, connections: usize, row: Result<Row>) {
    match row {
        Ok(row) => println!("{}", line(&row)),
        Err(error) => println!("| {case} | {connections} | failed: {error:#} |"),
    }
}

fn line(row: &Row) -> String {
    let baseline = row
        .baseline
        .as_ref()
        .map_or("| | ".to_owned(), |baseline| format!("{} | {:.3} | {:.2}", baseline.name, baseline.ms, baseline.ratio));
    let Row { case, connections, p50_ms, p99_ms, per_second, cpu_ms, memory: (now, peak), first_answer, .. } = row;
    let first_answer = first_answer.as_secs_f64() * 1000.0;
    format!(
        "| {case} | {connections} | {p50_ms:.2} | {p99_ms:.2} | {per_second:.1} | {cpu_ms:.2} | {now:.0} | {peak:.0} | {first_answer:.0} | {baseline} |"
    )
}

pub fn print_import(options: &Options, import: &Import) {
    let per_second = |seconds: f64| import.rows as f64 / seconds;
    let (ours, copy) = (import.import.as_secs_f64(), import.copy.as_secs_f64());
    println!("\n### Import into PostgreSQL at scale {}\n", options.scale);
    println!("| rows | import s | rows/s | peak MiB | COPY s | rows/s | share of COPY's speed |\n|--:|--:|--:|--:|--:|--:|--:|");
    let Import { rows, peak_mib, .. } = import;
    println!("| {rows} | {ours:.1} | {:.0} | {peak_mib:.0} | {copy:.1} | {:.0} | {:.2} |", per_second(ours), per_second(copy), copy / ours);
}
