//! One operation of a socket, as the stream of messages that tell of it: an answer for a query or a mutation, one after the other for
//! a subscription. Each answer is made under the same bounds as one over HTTP.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Instant;

use async_graphql::Request;
use async_graphql::parser::types::OperationType;
use chrono::Utc;
use futures_util::stream::{Stream, once, unfold};
use futures_util::{StreamExt, stream};
use graphql::{Ongoing, Response};
use tokio::sync::OwnedSemaphorePermit;
use tracing::{Instrument, Span};

use super::Sockets;
use super::conversation::written;
use super::message::Said;
use crate::endpoint::answer::{self, Cut, Refusal};
use crate::endpoint::{asks, parsable};

pub type Operation = Pin<Box<dyn Stream<Item = Told> + Send>>;

/// A message about an operation.
pub struct Told {
    pub id: Arc<str>,
    pub text: String,
    /// Whether the operation is over.
    pub last: bool,
}

/// Refuses what cannot be read, and a subscription beyond those that the service holds.
pub fn begin(sockets: &Sockets, id: &str, request: Request) -> Result<Operation, Refusal> {
    let request = parsable(request)?;
    let id: Arc<str> = id.into();
    let span = tracing::info_span!("operation", operation = ?id);
    if !asks(&request, OperationType::Subscription) {
        return Ok(answered_once(sockets.clone(), id, request, span));
    }
    let place = sockets.subscriptions.clone().try_acquire_owned();
    let full = |_| answer::too_many("the service", sockets.subscriptions_all, "try again later, or raise --max-subscriptions");
    let place = place.map_err(full)?;
    Ok(answered_again(Subscribed {
        ongoing: sockets.live.subscribe(request),
        sockets: sockets.clone(),
        id,
        begun: false,
        span,
        _place: place,
    }))
}

fn answered_once(sockets: Sockets, id: Arc<str>, request: Request, span: Span) -> Operation {
    let answer = async move {
        let (started, in_flight) = (Instant::now(), sockets.meter.begin());
        let answered = sockets.endpoint.bounded((sockets.endpoint.execute)(request)).await;
        drop(in_flight);
        let outcome = match &answered {
            Ok(response) => answer::outcome(response),
            Err(cut) => cut.outcome,
        };
        sockets.meter.count(outcome, started.elapsed());
        tracing::info!(outcome = outcome.name(), elapsed_us = started.elapsed().as_micros() as u64, "answered");
        match answered {
            Ok(response) if response.executed => vec![next(&id, &response), complete(&id)],
            Ok(response) => vec![refused(&id, &response)],
            Err(cut) => vec![cut_off(&id, &cut)],
        }
    };
    once(answer.instrument(span)).flat_map(stream::iter).boxed()
}

/// A subscription that is under way.
struct Subscribed {
    ongoing: Ongoing,
    sockets: Sockets,
    id: Arc<str>,
    begun: bool,
    span: Span,
    _place: OwnedSemaphorePermit,
}

fn answered_again(subscribed: Subscribed) -> Operation {
    let shown = subscribed.sockets.meter.subscription();
    unfold((Some(subscribed), shown), |(subscribed, shown)| async move {
        let mut subscribed = subscribed?;
        let span = subscribed.span.clone();
        let told = subscribed.next().instrument(span).await;
        let goes_on = (!told.last).then_some(subscribed);
        Some((told, (goes_on, shown)))
    })
    .boxed()
}

impl Subscribed {
    /// The next answer that is worth telling. Without a first one there is no subscription; a later one may fail, and the next succeed.
    async fn next(&mut self) -> Told {
        loop {
            self.ongoing.due().await;
            let answered = self.sockets.endpoint.bounded(self.ongoing.answer(Utc::now())).await;
            let first = !std::mem::replace(&mut self.begun, true);
            let (outcome, told) = match answered {
                Ok(None) => continue,
                Ok(Some(response)) if first && !has_data(&response) => (answer::outcome(&response), refused(&self.id, &response)),
                Ok(Some(response)) => (answer::outcome(&response), next(&self.id, &response)),
                Err(cut) if first => (cut.outcome, cut_off(&self.id, &cut)),
                Err(cut) => (cut.outcome, next(&self.id, &serde_json::json!({ "errors": [cut.error()] }))),
            };
            self.sockets.meter.told(outcome);
            tracing::debug!(outcome = outcome.name(), "told");
            return told;
        }
    }
}

fn has_data(response: &Response) -> bool {
    response.data.as_ref().is_some_and(|data| *data != async_graphql::Value::Null)
}

fn next(id: &Arc<str>, payload: &impl serde::Serialize) -> Told {
    Told { id: id.clone(), text: written(&Said::Next { id, payload }), last: false }
}

fn refused(id: &Arc<str>, response: &Response) -> Told {
    Told { id: id.clone(), text: written(&Said::Error { id, payload: &response.errors }), last: true }
}

fn cut_off(id: &Arc<str>, cut: &Cut) -> Told {
    Told { id: id.clone(), text: written(&Said::Error { id, payload: [cut.error()] }), last: true }
}

fn complete(id: &Arc<str>) -> Told {
    Told { id: id.clone(), text: written(&Said::Complete::<()> { id }), last: true }
}
