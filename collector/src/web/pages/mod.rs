//! Pages for people. A page is made of plain texts here and laid out in `collector/templates`, where every text is escaped.

mod device;
mod devices;
mod errors;
mod facets;
mod findings;
mod order;
mod pager;
mod shown;
mod strip;
mod tiles;

use super::{Shared, State, assets, plain};
use crate::View;
use askama::Template;
use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use strip::Strip;
use tokio::task;

pub(super) use device::device;
pub(super) use devices::devices;
pub(super) use errors::{gone, method_not_allowed, not_found};
pub(super) use findings::findings;

/// What stands around every page.
struct Frame {
    title: String,
    /// The entry of the navigation that is this page.
    here: &'static str,
    site: String,
    evaluated_at: String,
    style: &'static str,
    version: &'static str,
    strip: Strip,
}

impl Frame {
    fn new(state: &State, view: &View, here: &'static str, title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            here,
            site: view.site.clone(),
            evaluated_at: view.evaluated_at.clone(),
            style: assets::name(),
            version: state.web.about.build.version,
            strip: Strip::new(view, (state.web.clock)()),
        }
    }
}

/// Makes a page off the threads that answer, since a large fleet takes a while.
async fn render(state: Shared, make: impl FnOnce(&State) -> Response + Send + 'static) -> Response {
    let made = task::spawn_blocking(move || make(&state)).await;
    made.unwrap_or_else(|_| plain(StatusCode::INTERNAL_SERVER_ERROR, "The page could not be made.\n"))
}

fn page(status: StatusCode, template: &impl Template) -> Response {
    let Ok(text) = template.render() else {
        return plain(StatusCode::INTERNAL_SERVER_ERROR, "The page could not be written.\n");
    };
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    (status, headers, one_way(text)).into_response()
}

/// Characters that turn the direction of text, with which a name can pretend to be another, are shown as what they are not: none
/// of ours are among them.
fn one_way(text: String) -> String {
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if text.contains(turns) { text.replace(turns, "\u{fffd}") } else { text }
}
