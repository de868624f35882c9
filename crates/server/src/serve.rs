//! Listens, serves, and stops: a first signal ends the listening and waits for the requests in flight, but not for ever.

use std::io::Write;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use axum::Router;
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::cli::Serve;
use crate::host::Host;
use crate::settings::Service;
use crate::socket::Sockets;
use crate::{meter, route};

pub async fn run(serve: &Serve) -> Result<()> {
    check_address(&serve.service)?;
    let host = Host::open(serve.database.url(), &serve.packs, &serve.service).await?;
    let listener = listen(serve.service.listen).await?;
    let stop = Stop::on_signals()?;
    let address = listener.local_addr().context("the address that was bound can't be read")?;
    // The one line on standard output, for whoever started this and must know where it listens.
    announce(&format!("listening http://{address}"))?;
    host_requests(host, listener, stop, &serve.service).await
}

/// Serves until told to stop.
pub async fn host_requests(host: Host, listener: TcpListener, stop: Stop, service: &Service) -> Result<()> {
    let meter = meter::Meter::new().context("the meters can't be set up")?;
    let open = watch::Sender::default();
    let parts = host.parts(service, meter, stop.told.clone(), open.clone());
    let router = route::router(parts, &service.cors_origin);
    until_stopped(router, listener, stop, open, Duration::from_millis(service.shutdown_timeout_ms)).await
}

/// Without authentication whoever reaches the port can read and change everything.
pub fn check_address(service: &Service) -> Result<()> {
    if service.listen.ip().to_canonical().is_loopback() || service.allow_unauthenticated {
        return Ok(());
    }
    bail!(
        "--listen {} can be reached from other machines, and there is no authentication: anyone there could read and change \
         everything. Listen on 127.0.0.1 (behind a proxy that authenticates), or give --allow-unauthenticated to accept that",
        service.listen
    )
}

pub async fn listen(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("can't listen on {address}; another program may have the port: give another one with --listen"))
}

/// Whoever closes the pipe, as `head` does, has read enough.
pub fn announce(line: &str) -> Result<()> {
    let mut out = std::io::stdout();
    match writeln!(out, "{line}").and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        written => written.context("standard output can't be written"),
    }
}

/// `open` counts the sockets, which are not the server's any more and say farewell by themselves.
async fn until_stopped(router: Router, listener: TcpListener, stop: Stop, open: watch::Sender<usize>, patience: Duration) -> Result<()> {
    let Stop { told: stopped, signals } = stop;
    let mut told = stopped.clone();
    // The last packet of a long answer must not wait for the acknowledgement of the one before.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps its delay");
        }
    });
    let server = axum::serve(listener, router).with_graceful_shutdown(async move {
        // An error is a watcher that is gone, which is reason enough to stop.
        let _ = told.wait_for(|stop| *stop).await;
    });
    let serving = tokio::spawn(async move {
        server.await?;
        Sockets::all_closed(open).await;
        Ok::<_, std::io::Error>(())
    });
    let pulse = tokio::spawn(pulse());
    let ended = tokio::select! {
        ended = serving => ended.context("the server's task failed")?.context("serving failed"),
        () = out_of_patience(stopped, patience) => {
            tracing::warn!(waited_ms = patience.as_millis() as u64, "requests still in flight are cut off");
            Ok(())
        }
    };
    signals.abort();
    pulse.abort();
    ended
}

/// A timer that is due before all others wakes the thread that waits for events when it is set, only to wait again. Every request sets
/// one for its time limit, and each cost a wake-up more. With this one always due earlier, none does.
async fn pulse() {
    let mut seconds = tokio::time::interval(Duration::from_secs(1));
    loop {
        seconds.tick().await;
    }
}

/// That the process was told to stop. Made before anyone can know of the process, so that no signal finds it unprepared.
pub struct Stop {
    told: watch::Receiver<bool>,
    signals: tokio::task::JoinHandle<()>,
}

impl Stop {
    pub fn on_signals() -> Result<Stop> {
        let (stop, told) = watch::channel(false);
        let signals = tokio::spawn(watch_signals(stop)?);
        Ok(Stop { told, signals })
    }
}

/// The first SIGTERM or SIGINT asks to stop, the second does not ask any more.
fn watch_signals(stop: watch::Sender<bool>) -> Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate()).context("SIGTERM can't be watched")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("SIGINT can't be watched")?;
    Ok(async move {
        loop {
            tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
            if stop.send_replace(true) {
                tracing::warn!("stopping at once");
                std::process::exit(1);
            }
            tracing::info!("stopping: requests in flight are finished, a second signal stops at once");
        }
    })
}

async fn out_of_patience(mut stopped: watch::Receiver<bool>, patience: Duration) {
    if stopped.wait_for(|stop| *stop).await.is_ok() {
        tokio::time::sleep(patience).await;
    }
}
