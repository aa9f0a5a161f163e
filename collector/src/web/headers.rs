//! What every answer carries, and what is counted of it.

use super::Shared;
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};

/// Nothing but our own style sheet and pictures; no script, no frame, no other site.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; \
                      frame-ancestors 'none'; base-uri 'none'";

/// Headers of every answer.
const HEADERS: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Sets the headers, and counts the answer.
pub(super) async fn observe(State(state): State<Shared>, request: Request, next: Next) -> Response {
    let handler = handler(request.uri().path());
    let began = (state.web.clock)();
    let mut response = next.run(request).await;
    let seconds = (state.web.clock)().since(began) as f64 / 1e9;
    state.web.instruments.answered(handler, response.status().as_u16(), seconds);
    set(response.headers_mut(), &state.web.protection.current().config.headers);
    response
}

fn set(headers: &mut HeaderMap, configured: &[(HeaderName, HeaderValue)]) {
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // An inventory of weak devices is not for caches to keep.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    for (name, value) in configured {
        headers.insert(name.clone(), value.clone());
    }
}

/// The part of the server that a path leads to: a label of bounded values.
fn handler(path: &str) -> &'static str {
    match path {
        "/" => "devices",
        "/findings" => "findings",
        "/metrics" => "metrics",
        "/metrics/agents" => "metrics_agents",
        "/metrics/devices" => "metrics_devices",
        "/-/healthy" => "healthy",
        "/-/ready" => "ready",
        "/-/reload" => "reload",
        path if path.starts_with("/devices/") => "device",
        path if path.starts_with("/assets/") => "assets",
        _ => "other",
    }
}
