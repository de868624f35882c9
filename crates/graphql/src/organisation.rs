//! The organisation: the one subject that everything belongs to.

use async_graphql::{Context, ID, Object};
use engine::Subject;

use crate::error::Fail;
use crate::figure::subject_id;
use crate::request::Requested;
use crate::scalar::PeriodScalar;
use crate::scorecard::{self, Card, WhatIfInput};
use crate::subject_metrics::SubjectMetrics;

/// The organisation, read when something of its own is asked.
pub struct Organisation;

/// The organisation that the service is about.
#[Object]
impl Organisation {
    /// Its id, good for arguments that want a subject and for `node(id:)`.
    async fn id(&self) -> ID {
        subject_id(Subject::ORGANISATION)
    }

    /// Its name.
    async fn name<'a>(&self, ctx: &Context<'a>) -> Result<&'a str, Fail> {
        Ok(&Requested::of(ctx).organisation().await?.name)
    }

    /// ISO 4217 code of the currency that all money is in.
    async fn currency<'a>(&self, ctx: &Context<'a>) -> Result<&'a str, Fail> {
        Ok(&Requested::of(ctx).organisation().await?.currency)
    }

    /// The time zone in which its days begin, by the tz database: `Europe/Berlin`.
    async fn time_zone<'a>(&self, ctx: &Context<'a>) -> Result<&'a str, Fail> {
        Ok(&Requested::of(ctx).organisation().await?.time_zone)
    }

    /// The day its weeks start with, MONDAY or SUNDAY.
    async fn week_start<'a>(&self, ctx: &Context<'a>) -> Result<&'a str, Fail> {
        Ok(&Requested::of(ctx).organisation().await?.week_start)
    }

    /// The month, 1 to 12, its fiscal year starts with.
    async fn fiscal_year_start(&self, ctx: &Context<'_>) -> Result<i64, Fail> {
        Ok(Requested::of(ctx).organisation().await?.fiscal_year_start)
    }

    /// Its metrics over a period, by pack.
    async fn metrics(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The period: `2017`, `2017-Q1`, `2017-03`, `2017-01-01/2017-02-15`, `YTD` and so on.")] period: PeriodScalar,
    ) -> Result<SubjectMetrics, Fail> {
        SubjectMetrics::of(Requested::of(ctx), Subject::ORGANISATION, period.0).await
    }

    /// What a scorecard gives for it over a period. Fails where there is no such scorecard, or where it is for another kind of subject.
    async fn scorecard(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Key of the scorecard.")] key: String,
        #[graphql(desc = "The period: `2017`, `2017-Q1`, `2017-03`, `2017-01-01/2017-02-15`, `YTD` and so on.")] period: PeriodScalar,
        #[graphql(desc = "Other weights, targets or values to reckon with. Nothing is written.")] what_if: Option<WhatIfInput>,
    ) -> Result<Option<Card>, Fail> {
        scorecard::card(Requested::of(ctx), Subject::ORGANISATION, &key, period.0, what_if).await.map(Some)
    }
}
