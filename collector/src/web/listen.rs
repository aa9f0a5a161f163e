//! Sockets: from a connection to requests.

use super::{
    Web,
    config::WebConfig,
    router,
    tls::{Tls, TlsError},
};
use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::{GracefulShutdown, Watcher},
    service::TowerToHyperService,
};
use std::{future::Future, io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};
use thiserror::Error;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
    sync::Semaphore,
    time,
};

/// Connections at once; more wait.
const MAX_CONNECTIONS: usize = 512;

/// How long a TLS handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// How long the next request of a connection may let itself be waited for: longer than Prometheus between two scrapes.
const NEXT_REQUEST: Duration = Duration::from_secs(90);

/// How long answers under way may take after the order to stop.
const FAREWELL: Duration = Duration::from_secs(5);

/// Pause when the system has no room for another connection.
const NO_ROOM: Duration = Duration::from_millis(100);

/// Why there is no server.
#[derive(Debug, Error)]
pub enum WebError {
    /// Everybody on the network could read the inventory.
    #[error(
        "will not listen on {address}: anyone who reaches it could read the inventory. Listen on 127.0.0.1, or give a \
         --web.config.file with basic_auth_users, or with tls_server_config and client_auth_type \
         RequireAndVerifyClientCert"
    )]
    Unprotected {
        /// The address.
        address: SocketAddr,
    },
    /// TLS cannot be spoken.
    #[error("web configuration: {0}")]
    Tls(#[from] TlsError),
    /// The socket does not work.
    #[error("web server: {0}")]
    Socket(#[from] io::Error),
}

/// Refuses an address that others reach, unless the configuration says who may read.
///
/// # Errors
/// [`WebError::Unprotected`], which says what to do.
pub fn require_auth(address: SocketAddr, config: &WebConfig) -> Result<(), WebError> {
    let is_loopback = address.ip().to_canonical().is_loopback();
    if is_loopback || config.asks_who_reads() { Ok(()) } else { Err(WebError::Unprotected { address }) }
}

/// Serves until `shutdown`, then lets the answers under way end. For several addresses, call it once for each.
///
/// # Errors
/// When the address needs authentication and has none. Never for what a client does.
pub async fn serve(listener: TcpListener, web: Web, shutdown: impl Future<Output = ()>) -> Result<(), WebError> {
    require_auth(listener.local_addr()?, &web.protection.current().config)?;
    let protection = web.protection.clone();
    let (app, graceful) = (router(web), GracefulShutdown::new());
    let room = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut shutdown = pin!(shutdown);
    loop {
        let accepted = async {
            let place = room.clone().acquire_owned().await;
            (listener.accept().await, place)
        };
        let (accepted, place) = tokio::select! {
            accepted = accepted => accepted,
            () = &mut shutdown => break,
        };
        let Ok((stream, _)) = accepted else {
            time::sleep(NO_ROOM).await;
            continue;
        };
        let acceptor = protection.current().tls.as_ref().map(Tls::acceptor);
        let (app, watcher) = (app.clone(), graceful.watcher());
        tokio::spawn(async move {
            let _place = place;
            match acceptor {
                None => connection(stream, app, watcher).await,
                Some(acceptor) => match time::timeout(HANDSHAKE, acceptor.accept(stream)).await {
                    Ok(Ok(stream)) => connection(stream, app, watcher).await,
                    Ok(Err(error)) => tracing::debug!(%error, "TLS handshake"),
                    Err(_) => tracing::debug!("TLS handshake took too long"),
                },
            }
        });
    }
    drop(listener);
    if time::timeout(FAREWELL, graceful.shutdown()).await.is_err() {
        tracing::debug!("some answers were not finished in time");
    }
    Ok(())
}

async fn connection(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, app: Router, watcher: Watcher) {
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(NEXT_REQUEST)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(app));
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(%error, "connection");
    }
}
