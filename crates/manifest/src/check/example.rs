//! Whether the worked examples of a metric are what its formula comes to.

use rust_decimal::Decimal;

use super::{Check, SCHEMA};
use crate::formula::{Formula, Null};
use crate::pack::{Example, Metric};

const MAX_EXAMPLES: usize = 100;
/// How many places a result has.
const PLACES: u32 = 12;

impl Metric {
    pub(super) fn check_examples(&self, place: &str, check: &mut Check) {
        let count = self.examples.len();
        check
            .at(place)
            .rule(count <= MAX_EXAMPLES, SCHEMA, || format!("a metric has at most {MAX_EXAMPLES} examples, and this has {count}"));
        for (index, example) in self.examples.iter().enumerate() {
            check.at(format!("{place} examples[{index}]"));
            let fault = self.fault_of(example);
            check.rule(fault.is_none(), SCHEMA, || fault.unwrap_or_default());
        }
    }

    fn fault_of(&self, example: &Example) -> Option<String> {
        let unknown_input = example.inputs.keys().find(|name| !self.inputs.iter().any(|input| input.name == **name));
        if let Some(name) = unknown_input {
            return Some(format!("the metric has no input `{name}`"));
        }
        for (name, value) in &example.parameters {
            let parameter = self.parameters.iter().find(|parameter| parameter.name == *name);
            match parameter.map(|parameter| parameter.fault_of(*value)) {
                None => return Some(format!("the metric has no parameter `{name}`")),
                Some(Some(fault)) => return Some(fault),
                Some(None) => {}
            }
        }
        let formula = Formula::parse(&self.formula).ok()?;
        let settings = self.settings(example);
        let set = |name: &str| self.parameters.iter().zip(&settings).find(|(parameter, _)| parameter.name == name).map(|(_, value)| *value);
        let found = formula.evaluate(&|name| example.inputs.get(name).copied().or_else(|| set(name)));
        let agrees = found.as_ref().ok().map(|value| value.round_dp(PLACES)) == example.value && found != Err(Null::Overflow);
        (!agrees).then(|| {
            let told = |value: Option<Decimal>| value.map_or("nothing".to_owned(), |value| value.normalize().to_string());
            let found = found.map_or_else(|null| format!("nothing, since {null}"), |value| told(Some(value.round_dp(PLACES))));
            format!("it says {}, and the formula comes to {found}", told(example.value))
        })
    }
}
