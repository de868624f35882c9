//! `counterpoise pack check FILE`: what the service would say of a file, and what the pack's metrics make of ten rows of facts.

use anyhow::{Result, bail};
use manifest::{Input, Metric, Parameter};
use registry::{Column, LoadedPack, MetricRef, Refusal};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::table;
use crate::cli::PackCheck;
use crate::host;
use crate::serve::announce;

/// Facts as they may be: the ordinary, nothing at all, and only zeros.
const FACTS: [Option<i64>; 10] = [Some(12), Some(40), Some(7), Some(25), Some(3), Some(18), Some(60), Some(1), None, Some(0)];
const ROWS: usize = FACTS.len();

pub fn run(check: &PackCheck) -> Result<()> {
    let checked = registry::check(&host::pack_options(&check.packs)?, &check.file);
    match (checked, check.json) {
        (Ok(pack), false) => show(&Tried::all(&pack), &described(&pack)),
        (Ok(pack), true) => announce(&accepted(&pack, &Tried::all(&pack)).to_string()),
        (Err(refusal), false) => bail!("{}", told(&refusal)),
        (Err(refusal), true) => {
            announce(&refused(&refusal).to_string())?;
            bail!("{} is refused: {}", refusal.file.display(), refusal.code)
        }
    }
}

fn told(Refusal { file, code, expected, found, advice, .. }: &Refusal) -> String {
    format!("{} is refused: {code}\n  expected: {expected}\n  found:    {found}\n  to do:    {advice}", file.display())
}

fn refused(Refusal { file, code, expected, found, advice, .. }: &Refusal) -> Value {
    json!({ "accepted": false, "file": file, "code": code, "expected": expected, "found": found, "advice": advice })
}

fn described(pack: &LoadedPack) -> String {
    let manifest = pack.manifest();
    let title = manifest.title.get("en").map(String::as_str).unwrap_or_default();
    let count = match manifest.metrics.len() {
        1 => "1 metric".to_owned(),
        many => format!("{many} metrics"),
    };
    let head = format!("{} {} {title} ({count}, {})", manifest.id, manifest.version, pack.file().display());
    let warnings = pack.warnings().iter().map(|(code, text)| format!("\nwarning: {code}: {text}"));
    format!("{head}\naccepted: {}; SHA-256 {}{}", pack.tier().name(), pack.sha256(), warnings.collect::<String>())
}

fn accepted(pack: &LoadedPack, tried: &[Tried]) -> Value {
    let warnings: Vec<Value> = pack.warnings().iter().map(|(code, text)| json!({ "code": code, "message": text })).collect();
    json!({
        "accepted": true, "file": pack.file(), "id": pack.manifest().id, "version": pack.manifest().version, "sha256": pack.sha256(),
        "tier": pack.tier().name(), "trusted": pack.trusted(), "warnings": warnings,
        "metrics": tried.iter().map(Tried::json).collect::<Vec<_>>(),
    })
}

fn show(tried: &[Tried], head: &str) -> Result<()> {
    announce(head)?;
    tried.iter().try_for_each(|tried| announce(&format!("\n{}", tried.text())))
}

/// A metric over the sample facts.
struct Tried {
    key: String,
    metric: Metric,
    columns: Vec<Column>,
    values: Result<Vec<Option<Decimal>>, registry::Fault>,
}

impl Tried {
    fn all(pack: &std::sync::Arc<LoadedPack>) -> Vec<Tried> {
        let metrics = 0..pack.manifest().metrics.len() as u32;
        metrics.map(|index| Tried::of(&MetricRef { pack: pack.clone(), index })).collect()
    }

    fn of(metric: &MetricRef) -> Tried {
        let columns: Vec<Column> = metric.metric().inputs.iter().enumerate().map(|(nth, input)| sample(nth, input)).collect();
        let values = metric.evaluate(&columns, &metric.metric().defaults(), ROWS);
        Tried { key: metric.key(), metric: metric.metric().clone(), columns, values }
    }

    fn text(&self) -> String {
        let head = format!("{} = {}", self.key, self.metric.formula);
        let values = match &self.values {
            Ok(values) => values,
            Err(fault) => return format!("{head}\n  fails on sample facts: {fault}"),
        };
        let names = self.metric.inputs.iter().map(|input| input.name.clone()).chain([self.metric.key.clone()]).collect();
        let cells = |row: usize| self.columns.iter().map(|column| cell(column.values[row])).chain([cell(values[row])]).collect();
        let rows: Vec<Vec<String>> = std::iter::once(names).chain((0..ROWS).map(cells)).collect();
        let lines = self.settings().into_iter().chain(table::lines(&rows)).map(|line| format!("  {line}"));
        std::iter::once(head).chain(lines).collect::<Vec<_>>().join("\n")
    }

    /// What the parameters are set to in the table, and which inputs are read by them.
    fn settings(&self) -> Vec<String> {
        let line = |parameter: &Parameter| {
            let unit = parameter.unit.as_deref().map(|unit| format!(" {unit}")).unwrap_or_default();
            let inputs = self.metric.inputs.iter().filter(|input| input.is_filtered_by(&parameter.name)).map(|input| input.name.as_str());
            let inputs: Vec<&str> = inputs.collect();
            let filtered = if inputs.is_empty() { String::new() } else { format!(", which filters {}", inputs.join(", ")) };
            format!("with {} = {}{unit}{filtered}", parameter.name, parameter.default)
        };
        self.metric.parameters.iter().map(line).collect()
    }

    fn json(&self) -> Value {
        let inputs: serde_json::Map<String, Value> =
            self.metric.inputs.iter().zip(&self.columns).map(|(input, column)| (input.name.clone(), json!(column.values))).collect();
        let fault = self.values.as_ref().err().map(|fault| json!({ "code": fault.code, "message": fault.message, "row": fault.row }));
        let parameters: serde_json::Map<String, Value> =
            self.metric.parameters.iter().map(|parameter| (parameter.name.clone(), json!(parameter.default))).collect();
        json!({ "key": self.key, "formula": self.metric.formula, "parameters": parameters, "inputs": inputs, "values": self.values.as_ref().ok(), "fault": fault })
    }
}

fn cell(value: Option<Decimal>) -> String {
    value.map_or("-".into(), |value| value.to_string())
}

/// Another beginning for each input, so that they differ; in the last row all are zero.
fn sample(nth: usize, input: &Input) -> Column {
    let scale = input.scale();
    let fact = |row: usize| {
        let facts = FACTS.len() - 1;
        let fact = FACTS[if row == facts { facts } else { (row + nth * 4) % facts }];
        // Amounts have cents, and counts none.
        fact.map(|fact| if scale == 0 { Decimal::from(fact) } else { Decimal::new(fact * 12_525, 2) })
    };
    Column { scale, values: (0..ROWS).map(fact).collect() }
}
