//! In which numbers values cross to the code of a pack: what is whole may be an integer, and what is money is never a float.

use super::{Check, SCHEMA};
use crate::measure::Aggregate;
use crate::pack::{Input, Kind, Metric, Need, NumberType, Pack};
use crate::source::FieldType;

impl Pack {
    /// Where the manifest first says that something crosses in other numbers than the first hosts had: columns that are no decimals,
    /// and parameters that are floats.
    pub fn first_typed(&self) -> Option<String> {
        self.metrics.iter().enumerate().find_map(|(index, metric)| Some(format!("metrics[{index}] `{}` {}", metric.key, metric.typed()?)))
    }

    pub(super) fn check_border(&self, check: &mut Check) {
        for (index, metric) in self.metrics.iter().enumerate() {
            let place = format!("metrics[{index}] `{}`", metric.key);
            for input in &metric.inputs {
                let fault = self.fault_of_number(input);
                check.at(format!("{place} input `{}`", input.name)).rule(fault.is_none(), SCHEMA, || fault.unwrap_or_default().into());
            }
            for parameter in &metric.parameters {
                let money = parameter.number == NumberType::Float && parameter.unit.as_deref() == Some("money");
                check
                    .at(format!("{place} parameter `{}`", parameter.name))
                    .rule(!money, SCHEMA, || "it is money, which is exact and never a `float`: give it the type `decimal`".into());
            }
            let fault = metric.fault_of_output();
            check.at(format!("{place} output")).rule(fault.is_none(), SCHEMA, || fault.unwrap_or_default().into());
        }
    }

    fn fault_of_number(&self, input: &Input) -> Option<&'static str> {
        match input.number {
            NumberType::Integer if input.scale() > 0 => Some(
                "an `integer` is for what is whole, which only `count` and `distinct` are: give it the type `decimal`, or `float` if it is no money",
            ),
            NumberType::Float if self.may_be_foreign_money(input) => Some(
                "whether a metric of another pack is money is not known here, and money is exact: give it the type `decimal`, or leave the type out",
            ),
            NumberType::Float if self.is_money(input) => {
                Some("it is money, which is exact and never a `float`: give it the type `decimal`, or leave the type out")
            }
            _ => None,
        }
    }

    /// Whether the values of an input are sums of money, as far as this pack tells.
    pub fn is_money(&self, input: &Input) -> bool {
        match &input.need {
            Need::Measure(measure) => {
                !matches!(measure.agg, Aggregate::Count | Aggregate::Distinct) && measure.value_type() == FieldType::Money
            }
            Need::Metric(key) => self.own(key).is_some_and(|metric| metric.kind == Kind::Money),
        }
    }

    fn may_be_foreign_money(&self, input: &Input) -> bool {
        matches!(&input.need, Need::Metric(key) if self.own(key).is_none())
    }

    fn own(&self, key: &str) -> Option<&Metric> {
        let key = key.strip_prefix(&self.id)?.strip_prefix('.')?;
        self.metrics.iter().find(|metric| metric.key == key)
    }
}

impl Metric {
    fn typed(&self) -> Option<String> {
        let input = self.inputs.iter().find(|input| input.number != NumberType::Decimal);
        let parameter = || self.parameters.iter().find(|parameter| parameter.number == NumberType::Float);
        let output = Some(self.output.number).filter(|number| *number != NumberType::Decimal);
        let input = input.map(|input| format!("input `{}` is of type `{}`", input.name, input.number.name()));
        let output = || output.map(|number| format!("output is of type `{}`", number.name()));
        input.or_else(output).or_else(|| parameter().map(|parameter| format!("parameter `{}` is of type `float`", parameter.name)))
    }

    fn fault_of_output(&self) -> Option<&'static str> {
        match (self.output.number, self.kind) {
            (NumberType::Float, Kind::Money) => Some(
                "a value of money is exact and never a `float`: let a metric of another kind be the float, such as a ratio, and make money of it in a formula over both",
            ),
            (NumberType::Integer, Kind::Ratio | Kind::Money) => {
                Some("an `integer` is for what is whole, and a ratio or an amount of money is not: leave the type out")
            }
            _ => None,
        }
    }
}
