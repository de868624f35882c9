//! The organisation: the one subject that everything belongs to.

use async_graphql::{Context, ID, Object};
use engine::Subject;

use crate::error::Fail;
use crate::figure::subject_id;
use crate::request::Requested;
use crate::scalar::PeriodScalar;
use crate::scorecard::{self, Card, WhatIfInput};
use crate::subject_metrics::SubjectMetrics;

/// The organisation that the service is about.
pub struct Organisation(store::organisation::Organisation);

impl Organisation {
    pub async fn of(requested: &Requested) -> Result<Organisation, Fail> {
        let found = requested.engine.store().organisation().await?;
        found.map(Organisation).ok_or_else(|| Fail::not_found("no organisation is set up; import one, or run `counterpoise demo`"))
    }
}

#[Object]
impl Organisation {
    /// Its id, for arguments that want a subject.
    async fn id(&self) -> ID {
        subject_id(Subject::ORGANISATION)
    }

    /// Its name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// ISO 4217 code of the currency that all money is in.
    async fn currency(&self) -> &str {
        &self.0.currency
    }

    /// The time zone in which its days begin, by the tz database: `Europe/Berlin`.
    async fn time_zone(&self) -> &str {
        &self.0.time_zone
    }

    /// The day its weeks start with, MONDAY or SUNDAY.
    async fn week_start(&self) -> &str {
        &self.0.week_start
    }

    /// The month, 1 to 12, its fiscal year starts with.
    async fn fiscal_year_start(&self) -> i64 {
        self.0.fiscal_year_start
    }

    /// Its metrics over a period, by pack.
    async fn metrics(&self, ctx: &Context<'_>, period: PeriodScalar) -> Result<SubjectMetrics, Fail> {
        SubjectMetrics::of(Requested::of(ctx), Subject::ORGANISATION, period.0).await
    }

    /// What a scorecard gives for it over a period. Fails where there is no such scorecard, or where it is for another kind of subject.
    async fn scorecard(&self, ctx: &Context<'_>, key: String, period: PeriodScalar, what_if: Option<WhatIfInput>) -> Result<Card, Fail> {
        scorecard::card(Requested::of(ctx), Subject::ORGANISATION, &key, period.0, what_if).await
    }
}
