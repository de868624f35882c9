//! The root of subscriptions: what clients may be told of as it changes, and what makes it worth looking again.
//!
//! A field here answers once, like one of a query. `Ongoing` asks it again whenever its pulse says that the answer may be another, so
//! that every answer is made by the schema and the packs of its own moment, and no subscription stands in the way of a pack that comes
//! or goes.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_graphql::{Context, ID};
use futures_util::Stream;
use futures_util::future::ready;
use futures_util::stream::once;

use crate::catalogue::{self, Pack};
use crate::error::Fail;
use crate::request::Requested;
use crate::scalar::PeriodScalar;
use crate::scorecard::{self, Card};
use crate::subject::subject_of;

/// Seconds between two looks at a scorecard: not given, least and most.
const USUAL_WAIT: i32 = 30;
const LEAST_WAIT: i32 = 5;
const MOST_WAIT: i32 = 86_400;

/// What may change the answer of a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pulse {
    /// A new set of packs. Every one is told.
    Packs,
    /// A new set of packs, a mutation, or that so much time has passed: facts are written by other processes, which nobody here hears
    /// of. Only another answer is told.
    Scores { every: Duration },
}

/// Everything that can be told of as it changes.
pub struct Subscription;

/// Everything that can be told of as it changes. Answers come from the packs that are loaded when they are made.
#[async_graphql::Subscription(name = "Subscription")]
impl Subscription {
    /// The packs of the packs folder: first as they are, then after every change of one, once its metrics can be asked.
    async fn packs_changed(&self, ctx: &Context<'_>) -> impl Stream<Item = Vec<Pack>> + use<> {
        begin(ctx, Pulse::Packs);
        once(ready(catalogue::packs(Requested::of(ctx), catalogue::left_out(ctx))))
    }

    /// What a scorecard gives for a subject over a period: first as it is, then whenever what is selected of it has changed. It is
    /// looked at again when packs or scorecards change, and every so often, since facts are imported beside the service. A metric that
    /// is gone has no value, and says so, until it is there again.
    async fn scorecard_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Key of the scorecard.")] key: String,
        #[graphql(desc = "Id of the subject.")] id: ID,
        #[graphql(desc = "The period: `2017`, `2017-Q1`, `2017-03`, `2017-01-01/2017-02-15`, `YTD` and so on.")] period: PeriodScalar,
        #[graphql(desc = "Seconds until it is looked at again, 5 or more.", default_with = "USUAL_WAIT")] every: i32,
    ) -> Result<impl Stream<Item = Card> + use<>, Fail> {
        if !(LEAST_WAIT..=MOST_WAIT).contains(&every) {
            return Err(Fail::input(format!(
                "`every` is {every}; a scorecard is looked at again after {LEAST_WAIT} to {MOST_WAIT} seconds"
            )));
        }
        begin(ctx, Pulse::Scores { every: Duration::from_secs(every.unsigned_abs().into()) });
        let card = scorecard::card(Requested::of(ctx), subject_of(&id)?, &key, period.0, None).await?;
        Ok(once(ready(card)))
    }
}

fn begin(ctx: &Context<'_>, pulse: Pulse) {
    Requested::of(ctx).begin();
    // Each root field runs once for an answer, and an answer has one root field.
    let _ = ctx.data_unchecked::<Arc<OnceLock<Pulse>>>().set(pulse);
}
