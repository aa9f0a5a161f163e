//! Pages that are not there.

use super::{Frame, page, plain, render};
use crate::web::Shared;
use askama::Template;
use axum::{
    extract::State,
    http::{Method, StatusCode},
    response::Response,
};

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    frame: Frame,
    what: String,
}

/// A page with an explanation.
pub(super) fn error(state: &super::State, status: StatusCode, title: &str, what: impl Into<String>) -> Response {
    let frame = Frame::new(state, &state.view(), "", title);
    page(status, &ErrorPage { frame, what: what.into() })
}

pub(in crate::web) async fn not_found(State(state): State<Shared>) -> Response {
    render(state, |state| error(state, StatusCode::NOT_FOUND, "Page not found", "There is no page at this address."))
        .await
}

pub(in crate::web) async fn method_not_allowed(State(state): State<Shared>, method: Method) -> Response {
    let what = format!("This page is for reading; it has no use for {method}.");
    render(state, move |state| error(state, StatusCode::METHOD_NOT_ALLOWED, "Not possible", what)).await
}

/// An asset of another version of the program.
pub(in crate::web) fn gone() -> Response {
    plain(StatusCode::NOT_FOUND, "There is no such asset.\n")
}
