//! The one style sheet. Its name holds its hash, so that browsers may keep it for good.

use super::pages;
use axum::{
    extract::Path,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use std::sync::LazyLock;

const STYLE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/templates/wardwatch.css"));

static NAME: LazyLock<String> = LazyLock::new(|| {
    let hash = blake3::hash(STYLE.as_bytes()).to_hex();
    format!("wardwatch-{}.css", hash.as_str().chars().take(16).collect::<String>())
});

/// The name under `/assets/`.
pub(super) fn name() -> &'static str {
    &NAME
}

/// Answers with the style sheet.
pub(super) async fn style(Path(name): Path<String>) -> Response {
    if name != *NAME {
        return pages::gone();
    }
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/css; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    (headers, STYLE).into_response()
}
