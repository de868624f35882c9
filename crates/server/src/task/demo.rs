//! `counterpoise demo`: serves the generated company out of an embedded database, which is filled the first time.

use anyhow::{Context, Result, bail};
use chrono::Utc;
use sample::Scale;
use serde_json::Value;

use crate::cli::{Demo, Serve};
use crate::host::Host;
use crate::serve::{self, announce};
use crate::task::generate;

const DATABASE: &str = "sqlite:counterpoise-demo.sqlite";
const SEED: u64 = 1;

/// By key, the mutation that makes each scorecard of the demo: what a user would send.
const SCORECARDS: [(&str, &str); 2] = [("rep", include_str!("../../demo/rep.graphql")), ("team", include_str!("../../demo/team.graphql"))];

pub async fn run(demo: Demo) -> Result<()> {
    let Demo { mut serve, port } = demo;
    serve.service.listen.set_port(port.unwrap_or(serve.service.listen.port()));
    let url = serve.database.database_url.get_or_insert_with(|| DATABASE.into()).clone();
    serve::check_address(&serve.service)?;
    // The port is taken first: nobody should wait for a company only to hear that the port is not free.
    let listener = serve::listen(serve.service.listen).await?;
    let address = listener.local_addr().context("the address that was bound can't be read")?;
    let host = Host::open(&url, &serve.packs, &serve.service).await?;
    complete(&host).await?;
    announce(&format!("listening http://{address}\nopen http://{address}/ in a browser; the data is in {url}, Ctrl+C stops"))?;
    let Serve { service, .. } = serve;
    serve::host_requests(host, listener, &service).await
}

/// Fills and creates what is missing. The scorecards come last, so that a demo that was interrupted is completed.
async fn complete(host: &Host) -> Result<()> {
    let present = host.store.scorecards(Utc::now().date_naive()).await?;
    let missing: Vec<_> = SCORECARDS.iter().filter(|(key, _)| !present.iter().any(|scorecard| scorecard.key == *key)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    generate::fill(&host.store, &Scale::demo(), SEED).await?;
    for (key, mutation) in missing {
        create(host, mutation).await.with_context(|| format!("the demo's scorecard `{key}` could not be made"))?;
    }
    Ok(())
}

async fn create(host: &Host, mutation: &str) -> Result<()> {
    let answer = serde_json::to_value(host.execute(mutation).await).context("an answer could not be written as JSON")?;
    let refused = answer["data"]["createScorecard"]["errors"].as_array();
    let errors: Vec<&Value> = refused.into_iter().chain(answer["errors"].as_array()).flatten().collect();
    match errors.as_slice() {
        [] => Ok(()),
        errors => bail!("{}", errors.iter().map(|error| error["message"].as_str().unwrap_or_default()).collect::<Vec<_>>().join("; ")),
    }
}
