//! Figures: one metric of one subject over one period, as `Metric` (which can speak for itself), as a point of a series, or as a
//! slice of a breakdown.
//!
//! There is an object type for each kind of value and a figure knows which one it is, so that `value` has a type of its own and a
//! client still can ask every metric the same things through the interface. Nothing is computed until a field asks, and then with
//! all other figures of the operation.

mod change;
mod explain;
pub mod format;
mod schema;

use std::borrow::Cow;
use std::cmp::Reverse;
use std::sync::Arc;

use async_graphql::registry::Registry;
use async_graphql::resolver_utils::{ContainerType, resolve_container};
use async_graphql::{Context, ContextSelectionSet, InputType, OutputType, Positioned, ServerResult, Value, parser::types::Field};
use engine::{Cell, Evaluation, Grain, Parameters, Period, Subject};
use manifest::{Kind, SubjectKind};
use registry::MetricRef;

use self::change::Comparison;
pub use self::change::StatusName;
use self::explain::Explanation;
use crate::catalogue::MetricDefinition;
use crate::error::Fail;
use crate::id;
use crate::parameter;
use crate::request::Requested;
use crate::scalar::{Decimal, Duration, Money, PeriodScalar};
use crate::subject::{GrainName, OutcomeName, SubjectKindName, SubjectRef};

/// What a figure is shown as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Metric,
    Point,
    Slice,
}

/// One metric of one subject over one period. Clones are cheap.
#[derive(Clone)]
pub struct Figure {
    pub metric: MetricRef,
    pub cell: Cell,
    pub part: Part,
}

impl Figure {
    pub fn new(metric: MetricRef, parameters: Parameters, subject: Subject, period: Period) -> Figure {
        let cell = Cell { metric: metric.key().into(), parameters, subject, within: None, period };
        Figure { metric, cell, part: Part::Metric }
    }

    fn kind(&self) -> Kind {
        self.metric.metric().kind
    }

    async fn value(&self, ctx: &Context<'_>, requested: &Requested) -> ServerResult<Option<Value>> {
        let evaluation = requested.evaluate(&self.cell).await.map_err(|fail| fail.at(ctx))?;
        let Some(value) = evaluation.value else { return Ok(Some(Value::Null)) };
        match self.kind() {
            Kind::Money => {
                let context = requested.context().await.map_err(|fail| fail.at(ctx))?;
                give(ctx, &Money { amount: Decimal(value), currency: context.currency.as_str().into() }).await
            }
            Kind::Duration => give(ctx, &Duration::of_seconds(value)).await,
            Kind::Ratio | Kind::Count | Kind::Score | Kind::Number => give(ctx, &Decimal(value)).await,
        }
    }

    async fn formatted(&self, requested: &Requested, locale: Option<String>) -> Result<String, Fail> {
        let evaluation = requested.evaluate(&self.cell).await?;
        let context = requested.context().await?;
        Ok(format::format(self.metric.metric(), evaluation.value, &context.currency, locale.as_deref().unwrap_or("en")))
    }

    /// The same metric over the parts of its period.
    async fn series(&self, requested: &Requested, grain: Grain) -> Result<Vec<Figure>, Fail> {
        let context = requested.context().await?;
        let parts = self.cell.period.split(grain, context).map_err(|error| Fail::input(error.to_string()))?;
        Ok(parts.into_iter().map(|period| self.over(period)).collect())
    }

    fn over(&self, period: Period) -> Figure {
        Figure { metric: self.metric.clone(), cell: Cell { period, ..self.cell.clone() }, part: Part::Point }
    }

    /// The same metric narrowed to each subject of a kind: the largest values first, those without a value last.
    async fn breakdown(&self, requested: &Requested, by: SubjectKind, first: Option<i32>) -> Result<Vec<Figure>, Fail> {
        let limit = first
            .map(|first| usize::try_from(first).map_err(|_| Fail::input(format!("`first` is {first}, and cannot be negative"))))
            .transpose()?;
        if by == SubjectKind::Organisation || by == self.cell.subject.kind {
            return Err(Fail::input(format!(
                "a breakdown of {} by {} would be the figure itself",
                self.cell.subject.kind.name(),
                by.name()
            )));
        }
        let ids = requested.subjects(by).await?;
        let cells: Vec<Cell> = ids.iter().map(|id| self.narrowed(Subject { kind: by, id: *id })).collect();
        let evaluations = requested.evaluate_all(&cells).await?;
        let mut slices: Vec<(Arc<Evaluation>, Cell)> = evaluations.into_iter().zip(cells).collect();
        slices.sort_by_key(|(evaluation, _)| Reverse(evaluation.value));
        slices.truncate(limit.unwrap_or(usize::MAX));
        Ok(slices.into_iter().map(|(_, cell)| Figure { metric: self.metric.clone(), cell, part: Part::Slice }).collect())
    }

    /// The organisation narrowed to a subject is that subject.
    fn narrowed(&self, to: Subject) -> Cell {
        match self.cell.subject.kind {
            SubjectKind::Organisation => Cell { subject: to, ..self.cell.clone() },
            _ => Cell { within: Some(to), ..self.cell.clone() },
        }
    }

    /// The subject of a slice: the one it is narrowed to.
    fn slice(&self) -> SubjectRef {
        SubjectRef(self.cell.within.unwrap_or(self.cell.subject))
    }

    async fn rank(&self, requested: &Requested, among: SubjectKind, within: Option<String>) -> Result<Option<change::Rank>, Fail> {
        let subject = self.cell.subject;
        if among != subject.kind {
            return Err(Fail::input(format!(
                "this figure is of a subject of kind {}, which cannot be ranked among subjects of kind {}",
                subject.kind.name(),
                among.name()
            )));
        }
        let ids = match within {
            None => requested.subjects(among).await?,
            Some(within) => Arc::new(crate::subject::members(requested, among, &within).await?),
        };
        let cells: Vec<Cell> = ids.iter().map(|id| Cell { subject: Subject { kind: among, id: *id }, ..self.cell.clone() }).collect();
        let evaluations = requested.evaluate_all(&cells).await?;
        Ok(change::rank(&self.cell, &cells, &evaluations, self.metric.metric().direction))
    }

    async fn metric_field(&self, ctx: &Context<'_>, requested: &Requested) -> ServerResult<Option<Value>> {
        match ctx.item.node.name.node.as_str() {
            "key" => give(ctx, &self.cell.metric.to_string()).await,
            "definition" => give(ctx, &MetricDefinition(self.metric.clone())).await,
            "parameters" => give(ctx, &parameter::values(self.metric.metric(), &self.cell.parameters)).await,
            "target" => give(ctx, &change::target(self, requested).await.map_err(|fail| fail.at(ctx))?).await,
            "status" => {
                let standing = change::standing(self, requested).await.map_err(|fail| fail.at(ctx))?;
                give(ctx, &standing.map(|(status, _)| status)).await
            }
            "statusBasis" => {
                let standing = change::standing(self, requested).await.map_err(|fail| fail.at(ctx))?;
                give(ctx, &standing.map(|(_, basis)| basis)).await
            }
            "changes" => {
                let comparisons: Vec<Comparison> = argument(ctx, "from")?;
                give(ctx, &change::changes(self, requested, &comparisons).await.map_err(|fail| fail.at(ctx))?).await
            }
            "series" => {
                let grain: GrainName = argument(ctx, "by")?;
                give(ctx, &self.series(requested, grain.into()).await.map_err(|fail| fail.at(ctx))?).await
            }
            "breakdown" => {
                let (by, first) = (argument::<SubjectKindName>(ctx, "by")?, argument(ctx, "first")?);
                give(ctx, &self.breakdown(requested, by.into(), first).await.map_err(|fail| fail.at(ctx))?).await
            }
            "rank" => {
                let (among, within) = (argument::<Option<SubjectKindName>>(ctx, "among")?, argument(ctx, "within")?);
                let among = among.map_or(self.cell.subject.kind, Into::into);
                give(ctx, &self.rank(requested, among, within).await.map_err(|fail| fail.at(ctx))?).await
            }
            "explain" => give(ctx, &Explanation::of(self, requested).await.map_err(|fail| fail.at(ctx))?).await,
            _ => Ok(None),
        }
    }
}

impl ContainerType for Figure {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        let requested = Requested::of(ctx);
        let evaluated = async || requested.evaluate(&self.cell).await.map_err(|fail| fail.at(ctx));
        match (ctx.item.node.name.node.as_str(), self.part) {
            ("value", _) => self.value(ctx, requested).await,
            ("outcome", _) => give(ctx, &OutcomeName::from(evaluated().await?.outcome)).await,
            ("cause", _) => give(ctx, &evaluated().await?.cause.map(change::CauseName::from)).await,
            ("reason", _) => give(ctx, &evaluated().await?.reason).await,
            ("formatted", _) => {
                let locale = argument(ctx, "locale")?;
                give(ctx, &self.formatted(requested, locale).await.map_err(|fail| fail.at(ctx))?).await
            }
            ("period", _) => give(ctx, &PeriodScalar(self.cell.period)).await,
            ("subject", Part::Slice) => Box::pin(give(ctx, &self.slice())).await,
            (_, Part::Metric) => Box::pin(self.metric_field(ctx, requested)).await,
            _ => Ok(None),
        }
    }
}

impl OutputType for Figure {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed("Metric")
    }

    fn introspection_type_name(&self) -> Cow<'static, str> {
        Cow::Owned(schema::type_name(self.kind(), self.part))
    }

    fn create_type_info(registry: &mut Registry) -> String {
        schema::register(registry);
        Self::qualified_type_name()
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _field: &Positioned<Field>) -> ServerResult<Value> {
        resolve_container(ctx, self).await
    }
}

impl async_graphql::InterfaceType for Figure {}

/// The name of the object type of a metric of a kind.
pub fn type_name(kind: Kind) -> String {
    schema::type_name(kind, Part::Metric)
}

/// The field's value as a response.
pub async fn give<T: OutputType>(ctx: &Context<'_>, value: &T) -> ServerResult<Option<Value>> {
    value.resolve(&ctx.with_selection_set(&ctx.item.node.selection_set), ctx.item).await.map(Some)
}

/// An argument of the field.
pub fn argument<T: InputType>(ctx: &Context<'_>, name: &str) -> ServerResult<T> {
    ctx.param_value(name, None).map(|(_, value)| value).map_err(|error| ctx.set_error_path(error))
}

/// The id of a subject as clients see it.
pub fn subject_id(subject: Subject) -> async_graphql::ID {
    id::encode(&subject.kind.name().to_ascii_lowercase(), subject.id)
}
