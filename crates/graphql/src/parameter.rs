//! Parameters of metrics: as arguments of a metric's field, named in inputs, and shown with what they are set to.

use std::collections::BTreeMap;

use async_graphql::registry::MetaInputValue;
use async_graphql::{Context, InputObject, ServerResult, SimpleObject, Value};
use engine::Parameters;
use manifest::{Metric, NumberType, Parameter};

use crate::catalogue::text;
use crate::error::Fail;
use crate::figure::argument;
use crate::meta::{camel, input};
use crate::scalar::{Decimal, plain};

/// The value of a parameter.
#[derive(SimpleObject, Clone, Debug)]
pub struct ParameterValue {
    /// Its name, as in the formula.
    pub name: String,
    /// What it is set to.
    pub value: Decimal,
}

/// A value for a parameter of a metric.
#[derive(InputObject, Clone, Debug)]
pub struct ParameterInput {
    /// Its name, as in the formula.
    pub name: String,
    /// What it is set to, within its range.
    pub value: Decimal,
}

/// The arguments that a metric's field has.
pub fn arguments(metric: &Metric) -> Vec<MetaInputValue> {
    metric.parameters.iter().map(declared).collect()
}

fn declared(parameter: &Parameter) -> MetaInputValue {
    let (ty, default) = match parameter.number {
        NumberType::Integer => ("Int", plain(parameter.default)),
        NumberType::Decimal | NumberType::Float => ("Decimal", format!("{:?}", plain(parameter.default))),
    };
    MetaInputValue { default_value: Some(default), ..input(&camel(&parameter.name), ty, documentation(parameter)) }
}

fn documentation(parameter: &Parameter) -> String {
    let title = text(&parameter.title, None);
    let title = if title.is_empty() { String::new() } else { format!("**{title}**\n\n") };
    let range = match (parameter.min, parameter.max) {
        (None, None) => String::new(),
        (Some(min), None) => format!(" At least {}.", plain(min)),
        (None, Some(max)) => format!(" At most {}.", plain(max)),
        (Some(min), Some(max)) => format!(" From {} to {}.", plain(min), plain(max)),
    };
    let unit = parameter.unit.as_ref().map(|unit| format!(" Counted in {unit}.")).unwrap_or_default();
    format!("{title}{}{unit}{range}", text(&parameter.description, None))
}

/// What the arguments of a metric's field say, each within its range.
pub fn given(ctx: &Context<'_>, metric: &Metric) -> ServerResult<Parameters> {
    let mut values = BTreeMap::new();
    for parameter in &metric.parameters {
        let name = camel(&parameter.name);
        let value = match parameter.number {
            NumberType::Integer => argument::<Option<i32>>(ctx, &name)?.map(Into::into),
            NumberType::Decimal | NumberType::Float => argument::<Option<Decimal>>(ctx, &name)?.map(|value| value.0),
        };
        values.extend(value.map(|value| (parameter.name.clone(), value)));
    }
    Parameters::of(metric, &values).map_err(|fault| Fail::input(fault.to_string()).at(ctx))
}

/// Values by name. Of two for one parameter, one would silently not count.
pub fn by_name(inputs: Vec<ParameterInput>) -> Result<BTreeMap<String, rust_decimal::Decimal>, Fail> {
    let mut values = BTreeMap::new();
    for ParameterInput { name, value } in inputs {
        if values.insert(name.clone(), value.0).is_some() {
            return Err(Fail::input(format!("the parameter `{name}` is given twice")));
        }
    }
    Ok(values)
}

/// What an input names for a metric, each within its range.
pub fn named(metric: &Metric, value: Option<&Value>) -> Result<Parameters, Fail> {
    let inputs = <Option<Vec<ParameterInput>> as async_graphql::InputType>::parse(value.cloned());
    let inputs = inputs.map_err(|error| Fail::input(error.into_server_error(Default::default()).message))?;
    let values = by_name(inputs.unwrap_or_default())?;
    Parameters::of(metric, &values).map_err(|fault| Fail::input(fault.to_string()))
}

/// All parameters of a metric with what they are set to; none where they are none of its.
pub fn values(metric: &Metric, parameters: &Parameters) -> Vec<ParameterValue> {
    let values = parameters.resolve(metric).unwrap_or_default();
    let value = |(parameter, value): (&Parameter, _)| ParameterValue { name: parameter.name.clone(), value: Decimal(value) };
    metric.parameters.iter().zip(values).map(value).collect()
}
