//! `/`: the state of the fleet in a few numbers, and the devices.

use super::{
    Frame,
    facets::{Entry, Facet, choose, entries},
    order::{Column, columns, sort},
    page,
    pager::Pager,
    render,
    shown::{Badge, Moment, count, cut, word},
    tiles::{Tile, tiles},
};
use crate::{
    View,
    reading::{self, Activity, SEVERITIES},
    web::{
        Shared,
        query::{Pages, Query},
    },
};
use askama::Template;
use axum::{
    extract::{RawQuery, State},
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use wardwatch_model::analysis::Severity;

/// Longest title in the list, in characters; a device's own page has all of it.
const MAX_TITLE: usize = 100;

/// Seconds after which a page on a wall is loaded anew.
const REFRESH: &str = "60";

#[derive(Template)]
#[template(path = "devices.html")]
struct DevicesPage {
    frame: Frame,
    tiles: Vec<Tile>,
    search: String,
    sort: String,
    is_filtered: bool,
    facets: Vec<Facet>,
    columns: Vec<Column>,
    rows: Vec<Row>,
    summary: String,
    pager: Pager,
    /// It is loaded anew every minute: only where the reader asked for it.
    is_refreshed: bool,
    /// Link to begin or end that.
    refresh: String,
}

struct Row {
    id: String,
    title: String,
    /// What else it is known as.
    names: String,
    address: String,
    is_behind: bool,
    class: String,
    stage: Badge,
    is_legacy: bool,
    findings: Option<(Badge, String)>,
    last_seen: Option<Moment>,
    activity: &'static str,
}

pub(in crate::web) async fn devices(State(state): State<Shared>, RawQuery(raw): RawQuery) -> Response {
    render(state, move |state| {
        let (view, query) = (state.view(), Query::read(raw.as_deref()));
        let (mut wanted, facets) = choose(entries(&view), &query);
        sort(&mut wanted, query.get("sort").unwrap_or_default());
        let pages = Pages::of(wanted.len(), query.page());
        let rows = wanted.iter().skip(pages.skipped).take(Pages::SIZE).map(|entry| row(entry, &view)).collect();
        let is_refreshed = query.get("refresh").is_some();
        let mut response = page(
            StatusCode::OK,
            &DevicesPage {
                frame: Frame::new(state, &view, "devices", "Devices"),
                tiles: tiles(&view),
                search: query.search(),
                sort: query.get("sort").unwrap_or_default().to_owned(),
                is_filtered: facets.iter().flat_map(|facet| &facet.choices).any(|choice| choice.is_chosen)
                    || !query.search().is_empty(),
                facets,
                columns: columns(&query),
                rows,
                summary: summary(wanted.len(), view.devices.len(), pages),
                pager: Pager::new(pages, &query, "/"),
                is_refreshed,
                refresh: query.link("/", &[("refresh", if is_refreshed { "" } else { "on" })]),
            },
        );
        if is_refreshed {
            response.headers_mut().insert(header::REFRESH, HeaderValue::from_static(REFRESH));
        }
        response
    })
    .await
}

fn summary(wanted: usize, all: usize, pages: Pages) -> String {
    let number = |number: usize| count(number as u64);
    let of = if wanted == all { String::new() } else { format!(" of {}", number(all)) };
    let devices = if wanted == 1 && of.is_empty() { "device" } else { "devices" };
    let shown = pages.skipped + Pages::SIZE.min(wanted - pages.skipped.min(wanted));
    let part = if pages.last > 1 {
        format!(", {} to {} shown", number(pages.skipped + 1), number(shown))
    } else {
        String::new()
    };
    format!("{}{of} {devices}{part}", number(wanted))
}

fn row(entry: &Entry<'_>, view: &View) -> Row {
    let device = entry.device;
    let names = device.device_name.iter().chain(&device.hostnames).chain(&device.ae_titles);
    let mut names: Vec<&str> = names.map(|name| name.as_str()).filter(|name| *name != entry.title).take(3).collect();
    names.dedup();
    let severity = SEVERITIES.get(entry.worst).copied().unwrap_or(Severity::Info);
    let mut addresses: Vec<String> = device.addresses.iter().map(|address| address.ip.to_string()).collect();
    addresses.dedup();
    let address = match addresses.as_slice() {
        [] => String::new(),
        [only] => only.clone(),
        [first, others @ ..] => format!("{first} and {} more", others.len()),
    };
    Row {
        id: device.id.clone(),
        title: cut(&entry.title, MAX_TITLE),
        names: cut(&names.join(", "), MAX_TITLE),
        address,
        is_behind: device.behind.is_some(),
        class: word(device.class.name()),
        stage: Badge::stage(device.lifecycle.stage),
        is_legacy: device.lifecycle.legacy,
        findings: (entry.findings > 0).then(|| (Badge::severity(severity), count(entry.findings as u64))),
        last_seen: reading::window(device).map(|(_, last)| Moment::new(last)),
        activity: match reading::activity(device, view.latest) {
            Activity::Active => "",
            Activity::Idle => "silent for over a day",
            Activity::Retired => "silent for over 30 days",
        },
    }
}
