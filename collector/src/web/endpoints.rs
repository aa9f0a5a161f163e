//! What machines ask for.

use super::{Shared, plain};
use crate::metrics::{self, Format, Selection};
use axum::{
    body::Bytes,
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use flate2::{Compression, write::GzEncoder};
use prometheus::proto::MetricFamily;
use std::io::Write;
use tokio::task;

pub(super) async fn metrics(State(state): State<Shared>, headers: HeaderMap) -> Response {
    scrape(headers, move || metrics::fleet(&state.view(), &state.web.about, &state.web.instruments)).await
}

pub(super) async fn metrics_of_agents(State(state): State<Shared>, headers: HeaderMap) -> Response {
    scrape(headers, move || metrics::agents(&state.view(), &state.web.about, &state.web.instruments)).await
}

pub(super) async fn metrics_of_devices(
    State(state): State<Shared>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    match Selection::new(form_urlencoded::parse(query.unwrap_or_default().as_bytes())) {
        Ok(selection) => {
            scrape(headers, move || metrics::devices(&state.view(), &selection, &state.web.instruments)).await
        }
        Err(problem) => plain(StatusCode::BAD_REQUEST, problem + "\n"),
    }
}

/// Gathers and writes off the threads that answer, since a large fleet takes a while.
async fn scrape(headers: HeaderMap, gather: impl FnOnce() -> Vec<MetricFamily> + Send + 'static) -> Response {
    let value = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok()).unwrap_or_default();
    let format = Format::accepted(value(header::ACCEPT));
    let is_zipped = accepts_gzip(value(header::ACCEPT_ENCODING));
    let written = task::spawn_blocking(move || {
        let text = format.encode(&gather()).ok()?;
        Some(if is_zipped { zipped(text.as_bytes())? } else { text.into_bytes() })
    });
    let Ok(Some(body)) = written.await else {
        return plain(StatusCode::INTERNAL_SERVER_ERROR, "The metrics could not be written.\n");
    };
    let mut answer = HeaderMap::new();
    answer.insert(header::CONTENT_TYPE, HeaderValue::from_static(format.content_type()));
    answer.insert(header::VARY, HeaderValue::from_static("Accept, Accept-Encoding"));
    if is_zipped {
        answer.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    (answer, Bytes::from(body)).into_response()
}

fn accepts_gzip(accepted: &str) -> bool {
    accepted.split(',').any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        parts.next() == Some("gzip") && !parts.any(|part| part == "q=0" || part.starts_with("q=0.0"))
    })
}

fn zipped(text: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text).ok()?;
    encoder.finish().ok()
}

pub(super) async fn healthy() -> Response {
    plain(StatusCode::OK, "Wardwatch is healthy.\n")
}

pub(super) async fn ready(State(state): State<Shared>) -> Response {
    if state.view().evaluated_at.is_empty() {
        return plain(StatusCode::SERVICE_UNAVAILABLE, "Nothing has been evaluated yet.\n");
    }
    plain(StatusCode::OK, "Wardwatch is ready.\n")
}

pub(super) async fn reload(State(state): State<Shared>, headers: HeaderMap) -> Response {
    // A browser says where a request comes from; whoever is no browser does not.
    let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    if site.is_some_and(|site| site != b"same-origin" && site != b"none") {
        return plain(StatusCode::FORBIDDEN, "Another site's page may not reload the configuration.\n");
    }
    let Some(reload) = state.web.reload.clone() else { return reload_is_off().await };
    match task::spawn_blocking(move || reload()).await {
        Ok(Ok(())) => plain(StatusCode::OK, "The configuration was loaded.\n"),
        Ok(Err(problem)) => plain(StatusCode::INTERNAL_SERVER_ERROR, problem + "\n"),
        Err(_) => plain(StatusCode::INTERNAL_SERVER_ERROR, "The configuration could not be loaded.\n"),
    }
}

pub(super) async fn reload_is_off() -> Response {
    plain(StatusCode::FORBIDDEN, "Reloading by HTTP is off. It is switched on when the program is started.\n")
}
