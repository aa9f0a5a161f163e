//! The web server: pages for people, metrics for Prometheus. Read-only, without JavaScript, and only for those who may.

mod access;
mod api;
mod assets;
mod config;
mod credentials;
mod endpoints;
mod headers;
mod listen;
mod pages;
mod protection;
mod query;
mod read;
#[cfg(test)]
mod tests;
mod tls;

use crate::{
    View,
    metrics::{About, Instruments},
};
use axum::{
    Router,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use std::{fmt, sync::Arc};
use tokio::sync::watch;
use wardwatch_model::PacketTime;

pub use config::{ClientCertificates, TlsFiles, TlsVersion, WebConfig, WebConfigError};
pub use listen::{WebError, require_auth, serve};
pub use protection::Protection;

/// Tells the time by the wall clock: the library has none of its own.
pub type Clock = Arc<dyn Fn() -> PacketTime + Send + Sync>;

/// Loads the configuration anew, or says why that cannot be.
pub type Reload = Arc<dyn Fn() -> Result<(), String> + Send + Sync>;

/// What the server shows and how.
#[derive(Clone)]
pub struct Web {
    /// The picture; a page shows the one of the moment it was asked for. Ready once it has been evaluated.
    pub view: watch::Receiver<Arc<View>>,
    /// What does not change while the program runs.
    pub about: Arc<About>,
    /// What it counts.
    pub instruments: Instruments,
    /// Wall clock, for ages and durations.
    pub clock: Clock,
    /// Who may read, and over what.
    pub protection: Protection,
    /// What `POST /-/reload` does; off where there is none.
    pub reload: Option<Reload>,
}

impl fmt::Debug for Web {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Web")
            .field("about", &self.about)
            .field("reload", &self.reload.is_some())
            .finish_non_exhaustive()
    }
}

/// What every request can see.
struct State {
    web: Web,
}

type Shared = Arc<State>;

impl State {
    fn view(&self) -> Arc<View> {
        self.web.view.borrow().clone()
    }
}

/// The server without its sockets.
pub(crate) fn router(web: Web) -> Router {
    let state: Shared = Arc::new(State { web });
    let reload = if state.web.reload.is_some() { post(endpoints::reload) } else { post(endpoints::reload_is_off) };
    Router::new()
        .route("/", get(pages::devices))
        .route("/devices/{id}", get(pages::device))
        .route("/findings", get(pages::findings))
        .route("/api/v1/devices", get(api::devices))
        .route("/api/v1/findings", get(api::findings))
        .route("/metrics", get(endpoints::metrics))
        .route("/metrics/agents", get(endpoints::metrics_of_agents))
        .route("/metrics/devices", get(endpoints::metrics_of_devices))
        .route("/-/healthy", get(endpoints::healthy))
        .route("/-/ready", get(endpoints::ready))
        .route("/-/reload", reload)
        .route("/assets/{name}", get(assets::style))
        .fallback(pages::not_found)
        .method_not_allowed_fallback(pages::method_not_allowed)
        .layer(middleware::from_fn_with_state(state.clone(), access::guard))
        .layer(middleware::from_fn_with_state(state.clone(), headers::observe))
        .with_state(state)
}

/// An answer in plain words.
fn plain(status: StatusCode, text: impl Into<String>) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    (status, headers, text.into()).into_response()
}
