//! `counterpoise demo`: serves the generated company out of an embedded database, which is filled the first time.

use anyhow::{Context, Result};
use sample::Scale;
use store::Store;

use crate::cli::{Demo, Serve};
use crate::host::Host;
use crate::serve::{self, Stop, announce};
use crate::task::generate;

const DATABASE: &str = "sqlite:counterpoise-demo.sqlite";
const SEED: u64 = 1;

pub async fn run(demo: Demo) -> Result<()> {
    let Demo { mut serve, port } = demo;
    serve.service.listen.set_port(port.unwrap_or(serve.service.listen.port()));
    let url = serve.database.database_url.get_or_insert_with(|| DATABASE.into()).clone();
    serve::check_address(&serve.service)?;
    // The port is taken first: nobody should wait for a company only to hear that the port is not free.
    let listener = serve::listen(serve.service.listen).await?;
    let address = listener.local_addr().context("the address that was bound can't be read")?;
    let host = Host::open(&url, &serve.packs, &serve.service).await?;
    complete(&host.store).await?;
    let stop = Stop::on_signals()?;
    announce(&format!("listening http://{address}\nopen http://{address}/ in a browser; the data is in {url}, Ctrl+C stops"))?;
    let Serve { service, .. } = serve;
    serve::host_requests(host, listener, stop, &service).await
}

/// The scorecards are the last thing made, so that a demo that was interrupted is completed.
async fn complete(store: &Store) -> Result<()> {
    if !generate::missing_scorecards(store).await?.is_empty() {
        generate::fill(store, &Scale::demo(), SEED).await?;
    }
    Ok(())
}
