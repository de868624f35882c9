//! The metrics of a subject over a period: a field for each pack, and in it one for each metric.
//!
//! These types come and go with the packs. Nothing is computed here: a metric's own fields ask for what they need.

use std::borrow::Cow;
use std::collections::HashMap;

use async_graphql::registry::{MetaField, Registry};
use async_graphql::resolver_utils::{ContainerType, resolve_container};
use async_graphql::{Context, ContextSelectionSet, OutputType, Positioned, ServerResult, Value, parser::types::Field};
use engine::{Period, Subject};
use manifest::{Metric, Pack, Parameter};
use registry::{LoadedPack, MetricRef, Snapshot};

use crate::catalogue::text;
use crate::error::Fail;
use crate::figure::{self, Figure, give};
use crate::meta::{camel, claim, field, object, pascal};
use crate::parameter;
use crate::request::Requested;
use crate::scalar::PeriodScalar;
use crate::schema::packs_being_built;

/// Which metric each field is, worked out once for a schema.
#[derive(Default)]
pub struct Fields {
    packs: HashMap<String, HashMap<String, MetricRef>>,
}

impl Fields {
    pub fn of(packs: &Snapshot) -> Fields {
        let metrics = |pack: &std::sync::Arc<LoadedPack>| {
            let metrics = pack.manifest().metrics.iter().zip(0..);
            metrics.map(|(metric, index)| (camel(&metric.key), MetricRef { pack: pack.clone(), index })).collect()
        };
        Fields { packs: packs.packs().iter().map(|pack| (camel(&pack.manifest().id), metrics(pack))).collect() }
    }
}

/// The metrics of a subject over a period, by pack.
pub struct SubjectMetrics {
    subject: Subject,
    period: Period,
}

impl SubjectMetrics {
    /// Refuses a period that the calendar does not have.
    pub async fn of(requested: &Requested, subject: Subject, period: Period) -> Result<SubjectMetrics, Fail> {
        period.check(requested.context().await?).map_err(|error| Fail::input(error.to_string()))?;
        Ok(SubjectMetrics { subject, period })
    }
}

/// The metrics of one pack for a subject over a period.
struct PackMetrics<'a> {
    of: &'a SubjectMetrics,
    pack: &'a str,
    metrics: &'a HashMap<String, MetricRef>,
}

/// `SalesMetrics`. One name is taken by the type above.
fn type_name(pack: &str) -> String {
    match pascal(pack).as_str() {
        "Subject" => "SubjectPackMetrics".to_owned(),
        name => format!("{name}Metrics"),
    }
}

impl ContainerType for SubjectMetrics {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        let requested = Requested::of(ctx);
        match ctx.item.node.name.node.as_str() {
            "period" => give(ctx, &PeriodScalar(self.period)).await,
            pack => match requested.fields.packs.get(pack) {
                Some(metrics) => give(ctx, &PackMetrics { of: self, pack, metrics }).await,
                None => Ok(None),
            },
        }
    }
}

impl OutputType for SubjectMetrics {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed("SubjectMetrics")
    }

    fn create_type_info(registry: &mut Registry) -> String {
        if claim(registry, "SubjectMetrics") {
            Figure::create_type_info(registry);
            register(registry, &packs_being_built());
        }
        Self::qualified_type_name()
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _field: &Positioned<Field>) -> ServerResult<Value> {
        resolve_container(ctx, self).await
    }
}

impl async_graphql::ObjectType for SubjectMetrics {}

impl ContainerType for PackMetrics<'_> {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        match self.metrics.get(ctx.item.node.name.node.as_str()) {
            Some(metric) => {
                let parameters = parameter::given(ctx, metric.metric())?;
                give(ctx, &Figure::new(metric.clone(), parameters, self.of.subject, self.of.period)).await
            }
            None => Ok(None),
        }
    }
}

impl OutputType for PackMetrics<'_> {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed("PackMetrics")
    }

    fn introspection_type_name(&self) -> Cow<'static, str> {
        Cow::Owned(type_name(self.pack))
    }

    fn create_type_info(registry: &mut Registry) -> String {
        SubjectMetrics::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _field: &Positioned<Field>) -> ServerResult<Value> {
        resolve_container(ctx, self).await
    }
}

/// Refuses packs, and metrics of a pack, whose names would be one field or one type: the later would silently take the place of the
/// earlier. The loader refuses such packs already; what it does not know is how names are written here.
pub fn check_names(packs: &Snapshot) -> Result<(), String> {
    let packs: Vec<&Pack> = packs.packs().iter().map(|pack| pack.manifest()).collect();
    let taken = [("period".to_owned(), "a field of every subject's metrics".to_owned())];
    let named = packs.iter().map(|pack| (camel(&pack.id), format!("the pack `{}`", pack.id)));
    distinct(taken.into_iter().chain(named))?;
    distinct(packs.iter().map(|pack| (type_name(&pack.id), format!("the type of the pack `{}`", pack.id))))?;
    packs.iter().try_for_each(|pack| {
        let metric = |metric: &Metric| (camel(&metric.key), format!("the metric `{}.{}`", pack.id, metric.key));
        distinct(pack.metrics.iter().map(metric))?;
        pack.metrics.iter().try_for_each(|metric| {
            let argument = |parameter: &Parameter| {
                let whose = format!("the parameter `{}` of `{}.{}`", parameter.name, pack.id, metric.key);
                (camel(&parameter.name), whose)
            };
            distinct(metric.parameters.iter().map(argument))
        })
    })
}

/// Every name once, each with whose it is.
fn distinct(names: impl Iterator<Item = (String, String)>) -> Result<(), String> {
    let mut taken = HashMap::new();
    for (name, whose) in names {
        if let Some(first) = taken.insert(name.clone(), whose.clone()) {
            return Err(format!("{whose} would be named `{name}`, as {first} is; rename one of them"));
        }
    }
    Ok(())
}

fn register(registry: &mut Registry, packs: &Snapshot) {
    let mut fields = vec![field("period", "Period!", "The period they are taken over.", vec![])];
    for pack in packs.packs().iter().map(|pack| pack.manifest()) {
        object(
            registry,
            &type_name(&pack.id),
            format!("The metrics of the pack `{}`: {}.", pack.id, text(&pack.title, None)),
            metric_fields(pack),
        );
        let about = format!("{}. Pack `{}`, version {}.", text(&pack.title, None), pack.id, pack.version);
        fields.push(field(&camel(&pack.id), format!("{}!", type_name(&pack.id)), about, vec![]));
    }
    object(registry, "SubjectMetrics", "The metrics of a subject over a period: a field for each loaded pack.", fields);
}

fn metric_fields(pack: &Pack) -> Vec<MetaField> {
    pack.metrics
        .iter()
        .map(|metric| {
            let ty = format!("{}!", figure::type_name(metric.kind));
            field(&camel(&metric.key), ty, documentation(metric), parameter::arguments(metric))
        })
        .collect()
}

/// What the manifest says of a metric, as the schema's documentation.
fn documentation(metric: &Metric) -> String {
    format!(
        "**{}**\n\n{}\n\nUnit: {}. Formula: `{}`",
        text(&metric.title, None),
        text(&metric.description, None),
        metric.unit,
        metric.formula
    )
}
