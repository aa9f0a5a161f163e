//! What other programs read: the devices and the findings, in the form they have in the document of an analysis.

use super::{Shared, plain};
use crate::{FindingRecord, FindingState};
use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use tokio::task;
use wardwatch_model::{
    PacketTime,
    analysis::{Device, Finding},
};

#[derive(Serialize)]
struct Devices<'a> {
    devices: &'a [Device],
}

#[derive(Serialize)]
struct Findings<'a> {
    findings: Vec<Entry<'a>>,
}

/// A finding as in the document, and its life.
#[derive(Serialize)]
struct Entry<'a> {
    id: &'a str,
    #[serde(flatten)]
    finding: &'a Finding,
    state: FindingState,
    opened_at: PacketTime,
    resolved_at: Option<PacketTime>,
}

impl<'a> From<&'a FindingRecord> for Entry<'a> {
    fn from(record: &'a FindingRecord) -> Self {
        let FindingRecord { id, finding, state, opened_at, resolved_at } = record;
        Self { id, finding, state: *state, opened_at: *opened_at, resolved_at: *resolved_at }
    }
}

pub(super) async fn devices(State(state): State<Shared>) -> Response {
    let view = state.view();
    written(move || serde_json::to_vec(&Devices { devices: &view.devices })).await
}

pub(super) async fn findings(State(state): State<Shared>) -> Response {
    let view = state.view();
    written(move || serde_json::to_vec(&Findings { findings: view.findings.iter().map(Entry::from).collect() })).await
}

/// Writes off the threads that answer, since a large fleet takes a while.
async fn written(write: impl FnOnce() -> serde_json::Result<Vec<u8>> + Send + 'static) -> Response {
    match task::spawn_blocking(write).await {
        Ok(Ok(body)) => ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response(),
        _ => plain(StatusCode::INTERNAL_SERVER_ERROR, "The answer could not be written.\n"),
    }
}
