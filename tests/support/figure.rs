//! Figures of metrics as GraphQL gives them, and how they compare with figures computed elsewhere.

use std::collections::{BTreeMap, HashMap};

use rust_decimal::Decimal;
use serde_json::Value;

use crate::service::Service;

/// Asks for metrics of subjects and remembers what kind of value each metric has.
pub struct Asker<'a> {
    service: &'a Service,
    fields: HashMap<String, (String, &'static str)>,
}

impl<'a> Asker<'a> {
    pub fn of(service: &'a Service) -> Asker<'a> {
        let definitions = service.data("{ metricDefinitions { key kind } }");
        let fields = definitions["metricDefinitions"].as_array().expect("a list").iter().map(field_of).collect();
        Asker { service, fields }
    }

    /// Values of the organisation by metric.
    pub fn organisation(&self, period: &str, metrics: &[&str]) -> BTreeMap<String, Option<Decimal>> {
        let data = self.service.data(&format!("{{ organisation {} }}", self.selection(period, metrics)));
        self.values(&data["organisation"], metrics)
    }

    /// Values of every subject of a connection (`teams`, `regions`, …), by its name or its key.
    pub fn subjects(
        &self,
        connection: &str,
        by: &str,
        period: &str,
        metrics: &[&str],
    ) -> BTreeMap<String, BTreeMap<String, Option<Decimal>>> {
        let fields = self.fields(period, metrics);
        let data = self.service.data(&format!("{{ {connection}(first: 100) {{ pageInfo {{ hasNextPage }} nodes {{ {by} {fields} }} }} }}"));
        assert_eq!(data[connection]["pageInfo"]["hasNextPage"], false, "more {connection} than one page");
        let nodes = data[connection]["nodes"].as_array().expect("a list");
        nodes.iter().map(|node| (node[by].as_str().expect("a text").to_owned(), self.values(node, metrics))).collect()
    }

    fn selection(&self, period: &str, metrics: &[&str]) -> String {
        format!("{{ {} }}", self.fields(period, metrics))
    }

    fn fields(&self, period: &str, metrics: &[&str]) -> String {
        let cells = metrics.iter().enumerate().map(|(at, key)| {
            let pack = key.split('.').next().expect("a whole key");
            let (name, value) = &self.fields.get(*key).unwrap_or_else(|| panic!("no metric {key}"));
            format!("m{at}: metrics(period: \"{period}\") {{ {pack} {{ {name} {{ outcome {value} }} }} }}")
        });
        cells.collect::<Vec<_>>().join(" ")
    }

    fn values(&self, node: &Value, metrics: &[&str]) -> BTreeMap<String, Option<Decimal>> {
        let value_of = |(at, key): (usize, &&str)| {
            let pack = key.split('.').next().expect("a whole key");
            let value = &node[format!("m{at}")][pack][&self.fields[*key].0]["value"];
            let scalar = value.get("amount").or_else(|| value.get("seconds")).unwrap_or(value);
            ((*key).to_owned(), decimal(scalar))
        };
        metrics.iter().enumerate().map(value_of).collect()
    }
}

fn field_of(definition: &Value) -> (String, (String, &'static str)) {
    let key = definition["key"].as_str().expect("a key").to_owned();
    let value = match definition["kind"].as_str().expect("a kind") {
        "MONEY" => "value { amount }",
        "DURATION" => "value { seconds }",
        _ => "value",
    };
    let name = camel_case(key.split('.').nth(1).expect("pack.metric"));
    (key, (name, value))
}

fn camel_case(snake: &str) -> String {
    let mut words = snake.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| {
        let mut letters = word.chars();
        name + &letters.next().map(|letter| letter.to_ascii_uppercase().to_string()).unwrap_or_default() + letters.as_str()
    })
}

/// A decimal, however JSON carries it; null is no value.
pub fn decimal(value: &Value) -> Option<Decimal> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.parse().expect("a decimal")),
        Value::Number(number) => {
            Some(number.to_string().parse().or_else(|_| Decimal::from_scientific(&number.to_string())).expect("a decimal"))
        }
        other => panic!("{other} is no figure"),
    }
}

/// Gathers differences, so that one run names them all.
#[derive(Default)]
pub struct Comparison {
    pub compared: usize,
    differences: Vec<String>,
}

impl Comparison {
    /// Compares one figure; `None` on both sides agrees.
    pub fn check(&mut self, what: &str, expected: Option<Decimal>, actual: Option<Decimal>, tolerance: Decimal) {
        self.compared += 1;
        let agrees = match (expected, actual) {
            (Some(expected), Some(actual)) => (expected - actual).abs() <= tolerance,
            (None, None) => true,
            _ => false,
        };
        if !agrees {
            self.differences.push(format!("{what}: expected {expected:?} ± {tolerance}, got {actual:?}"));
        }
    }

    pub fn finish(self) -> usize {
        assert!(
            self.differences.is_empty(),
            "{} of {} figures differ:\n{}",
            self.differences.len(),
            self.compared,
            self.differences.join("\n")
        );
        assert!(self.compared > 0, "nothing was compared");
        self.compared
    }
}
