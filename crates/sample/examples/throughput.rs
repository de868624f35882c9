//! How fast the generator is without a database: `cargo run --release -p sample --example throughput -- bench`.

use sample::{Company, Scale};
use std::time::Instant;

fn main() -> Result<(), sample::ScaleError> {
    let scale: Scale = std::env::args().nth(1).as_deref().unwrap_or("demo").parse()?;
    let begun = Instant::now();
    let company = Company::generate(&scale, 1);
    let planned = begun.elapsed();
    let mut rows: Vec<(&str, usize)> = Vec::new();
    for batch in company.batches() {
        match rows.last_mut() {
            Some((entity, count)) if *entity == batch.entity.name => *count += batch.rows.len(),
            _ => rows.push((batch.entity.name, batch.rows.len())),
        }
    }
    let all: usize = rows.iter().map(|(_, count)| count).sum();
    let took = begun.elapsed();
    rows.iter().for_each(|(entity, count)| println!("{count:>9} {entity}"));
    println!("{all:>9} rows in {took:.2?}, of which {planned:.2?} for the plan: {} rows/s", (all as f64 / took.as_secs_f64()) as u64);
    Ok(())
}
