//! Where a figure comes from: its formula, each input with its value and SQL, and the very records behind it.

use std::sync::Arc;

use async_graphql::{Context, Object};
use engine::{Evaluation, InputExplanation};
use registry::MetricRef;

use super::Figure;
use crate::catalogue::PackVersion;
use crate::entity::Node;
use crate::error::Fail;
use crate::parameter::{self, ParameterValue};
use crate::request::Requested;
use crate::scalar::Decimal;

/// Where a figure comes from.
pub struct Explanation {
    metric: MetricRef,
    parameters: Vec<ParameterValue>,
    inputs: Vec<Input>,
}

/// One input of a figure.
pub struct Input {
    explanation: InputExplanation,
    figure: Figure,
}

impl Explanation {
    pub async fn of(figure: &Figure, requested: &Requested) -> Result<Explanation, Fail> {
        let context = requested.context().await?;
        let inputs = requested.engine.explain(context, &requested.packs, &figure.cell)?;
        let inputs = inputs.into_iter().map(|explanation| Input { explanation, figure: figure.clone() });
        let parameters = parameter::values(figure.metric.metric(), &figure.cell.parameters);
        Ok(Explanation { metric: figure.metric.clone(), parameters, inputs: inputs.collect() })
    }
}

/// Where a figure comes from.
#[Object]
impl Explanation {
    /// The definition of the metric, over the names of its inputs.
    async fn formula(&self) -> &str {
        &self.metric.metric().formula
    }

    /// What the parameters in the definition are set to.
    async fn parameters(&self) -> &[ParameterValue] {
        &self.parameters
    }

    /// The very version of the pack that computed the value.
    async fn pack(&self) -> PackVersion {
        PackVersion::of(&self.metric)
    }

    /// The inputs, in the order of the definition.
    async fn inputs(&self) -> &[Input] {
        &self.inputs
    }
}

impl Input {
    async fn evaluation(&self, requested: &Requested) -> Result<Arc<Evaluation>, Fail> {
        requested.evaluate(&self.figure.cell).await
    }
}

/// One named input of a figure.
#[Object(name = "ExplanationInput")]
impl Input {
    /// Its name in the formula.
    async fn name(&self) -> &str {
        &self.explanation.name
    }

    /// Its value; null where it is not known, and where the figure is denied. Money in units of the currency, durations in seconds.
    async fn value(&self, ctx: &Context<'_>) -> Result<Option<Decimal>, Fail> {
        let evaluation = self.evaluation(Requested::of(ctx)).await?;
        let input = evaluation.inputs.iter().find(|input| input.name == self.explanation.name);
        Ok(input.and_then(|input| input.value).map(Decimal))
    }

    /// What is measured, in words: `sum of amount over orders`, or `metric sales.amount`.
    async fn measure(&self) -> &str {
        &self.explanation.measure
    }

    /// Which facts are taken, in words; empty where all are.
    async fn filter(&self) -> &str {
        &self.explanation.filter
    }

    /// The period it is read over, which may be an earlier one than the figure's.
    async fn period(&self) -> &str {
        &self.explanation.period
    }

    /// The SQL that reads it, to be run as it is. It gives what is kept: money and numbers in ten-thousandths, durations in
    /// microseconds, instants in microseconds since 1970, an average as sum and count. No row is no fact. Null for other metrics, and
    /// where the facts have no way to the subject.
    async fn sql(&self) -> Option<&str> {
        self.explanation.sql.as_deref()
    }

    /// The records behind the value, in the order of their ids: at most `first` (50 if not given, 500 at most), after the record with
    /// the id `after`. Empty for other metrics, and where the metric, or one that it is built on, is shown over groups only.
    async fn records(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many at most.")] first: Option<i32>,
        #[graphql(desc = "Id of the record to go on after.")] after: Option<String>,
    ) -> Result<Vec<Node>, Fail> {
        let requested = Requested::of(ctx);
        let limit = first.unwrap_or(50);
        if !(1..=500).contains(&limit) {
            return Err(Fail::input(format!("`first` is {limit}; records come 1 to 500 at a time")));
        }
        if self.explanation.question.is_none() {
            return Ok(Vec::new());
        }
        let after = after.map(|id| crate::id::decode(&id).map(|(_, number)| number)).transpose()?;
        let records = requested.engine.records(&self.explanation, after, limit.into()).await?;
        let keys = records.iter().map(|record| (record.entity, record.id)).collect();
        Ok(requested.nodes(keys).await?.into_iter().flatten().collect())
    }
}
