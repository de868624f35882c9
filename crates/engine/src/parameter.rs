//! The parameters of a metric that whoever asks has set: numbers, for each of which the manifest has a default.

use std::collections::BTreeMap;
use std::sync::Arc;

use manifest::Metric;
use rust_decimal::Decimal;

/// Values by name, in the order of the names. What is not named stands at its default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Parameters(Arc<[(Arc<str>, Decimal)]>);

/// Why values are none for a metric.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParameterFault {
    #[error("there is no parameter `{name}`; {}", those(known))]
    Unknown { name: String, known: Vec<String> },
    #[error("the parameter {reason}")]
    Value { name: String, reason: String },
}

fn those(known: &[String]) -> String {
    match known {
        [] => "the metric has none".into(),
        known => format!("there are {}", known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")),
    }
}

impl Parameters {
    /// As they are kept, for a metric that need not be loaded now.
    pub fn kept(values: &BTreeMap<String, Decimal>) -> Parameters {
        Parameters(values.iter().map(|(name, value)| (name.as_str().into(), *value)).collect())
    }

    /// Values for a metric, each checked. Those at their defaults are left out, so that what is the same is equal.
    pub fn of(metric: &Metric, values: &BTreeMap<String, Decimal>) -> Result<Parameters, ParameterFault> {
        Parameters::kept(values).resolve(metric)?;
        let is_default = |name: &str, value: Decimal| metric.parameters.iter().any(|known| known.name == name && known.default == value);
        let set = values.iter().filter(|(name, value)| !is_default(name, **value));
        Ok(Parameters(set.map(|(name, value)| (name.as_str().into(), *value)).collect()))
    }

    /// By name, those that were set.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Decimal)> {
        self.0.iter().map(|(name, value)| (&**name, *value))
    }

    /// A value for every parameter of a metric, in their order.
    pub fn resolve(&self, metric: &Metric) -> Result<Vec<Decimal>, ParameterFault> {
        let mut resolved = metric.defaults();
        for (name, value) in self.iter() {
            let at = metric.parameters.iter().position(|parameter| parameter.name == name);
            let known = || metric.parameters.iter().map(|parameter| parameter.name.clone()).collect();
            let at = at.ok_or_else(|| ParameterFault::Unknown { name: name.to_owned(), known: known() })?;
            if let Some(reason) = metric.parameters[at].fault_of(value) {
                return Err(ParameterFault::Value { name: name.to_owned(), reason });
            }
            resolved[at] = value;
        }
        Ok(resolved)
    }
}
