//! Small packs of formulas, as the text of their files.

/// A pack of metrics, each with its key, its formula, and what more its table in the manifest has: its inputs at least.
pub fn declarative(id: &str, version: &str, metrics: &[(&str, &str, &str)]) -> String {
    let metric = |(key, formula, more): &(&str, &str, &str)| {
        format!(
            r#"
[[metrics]]
key = "{key}"
title.en = "Test"
description.en = "Made by a test."
kind = "number"
unit = "count"
direction = "up"
class = "NQSPET/INT"
source = "test"
formula = "{formula}"
{more}
"#
        )
    };
    let metrics: String = metrics.iter().map(metric).collect();
    format!("cp_manifest = 1\nid = \"{id}\"\nversion = \"{version}\"\ntitle.en = \"Test\"\n{metrics}")
}

/// The one input `orders`, which counts them.
pub const ORDERS: &str = r#"inputs = [{ name = "orders", measure = { agg = "count", source = "orders" } }]"#;
