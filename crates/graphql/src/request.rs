//! What one request carries along: the packs it began with, its evaluation context, and the loaders that batch its fields.

use std::sync::Arc;

use async_graphql::Context as Fields;
use chrono::{DateTime, Utc};
use engine::{Context, Engine};
use registry::Snapshot;
use tokio::sync::OnceCell;

use crate::error::Fail;
use crate::limit::Limits;
use crate::loader::Traffic;

/// The state of one request. It sees one set of packs from beginning to end.
pub struct Requested {
    pub engine: Engine,
    pub packs: Arc<Snapshot>,
    pub limits: Limits,
    pub traffic: Traffic,
    as_of: DateTime<Utc>,
    context: OnceCell<Context>,
}

impl Requested {
    pub fn new(engine: Engine, packs: Arc<Snapshot>, as_of: DateTime<Utc>, limits: Limits) -> Requested {
        Requested { engine, packs, limits, traffic: Traffic::default(), as_of, context: OnceCell::new() }
    }

    pub fn of<'a>(ctx: &Fields<'a>) -> &'a Requested {
        ctx.data_unchecked::<Requested>()
    }

    /// The evaluation context, read when first needed: what asks for no figure reads no database.
    pub async fn context(&self) -> Result<&Context, Fail> {
        self.context
            .get_or_try_init(|| async {
                let _running = self.traffic.enter();
                Ok(self.engine.context(self.as_of).await?)
            })
            .await
    }
}

impl From<engine::Error> for Fail {
    fn from(error: engine::Error) -> Fail {
        match error {
            engine::Error::Store(error) => error.into(),
            error @ (engine::Error::Period(_) | engine::Error::NoOrganisation | engine::Error::WrongSubject { .. } | engine::Error::WhatIf { .. }) => {
                Fail::input(error.to_string())
            }
            error => Fail::internal("the engine failed", &error),
        }
    }
}

impl From<store::Error> for Fail {
    fn from(error: store::Error) -> Fail {
        if error.passes() { Fail::unavailable(&error) } else { Fail::internal("the store failed", &error) }
    }
}
