//! One table a backend, in Markdown, so that it can be kept.

use crate::Options;
use crate::case::Row;
use crate::database::Backend;

pub fn print(backend: Backend, options: &Options, rows: &[Row]) {
    println!("\n### {} at scale {}\n", backend.name(), options.scale);
    println!("| case | connections | p50 ms | p99 ms | requests/s | server CPU ms | RSS MiB | peak MiB | baseline | baseline ms | ratio |");
    println!("|---|---|---|---|---|---|---|---|---|---|---|");
    rows.iter().for_each(|row| println!("{}", line(row)));
}

fn line(row: &Row) -> String {
    let baseline = row.baseline.as_ref().map_or("| | ".to_owned(), |baseline| format!("{} | {:.3} | {:.2}", baseline.name, baseline.ms, baseline.ratio));
    format!(
        "| {} | {} | {:.2} | {:.2} | {:.0} | {:.2} | {:.0} | {:.0} | {baseline} |",
        row.case, row.connections, row.p50_ms, row.p99_ms, row.per_second, row.cpu_ms, row.memory.0, row.memory.1
    )
}
