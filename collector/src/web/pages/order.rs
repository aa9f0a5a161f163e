//! The order of the devices, by any column and both ways.

use super::facets::Entry;
use crate::{
    reading::{self, STAGES},
    web::query::Query,
};
use std::cmp::Reverse;

/// The head of a column, and the way to have it sorted by.
pub(super) struct Column {
    pub(super) label: &'static str,
    pub(super) link: String,
    /// `ascending`, `descending` or empty.
    pub(super) order: &'static str,
}

/// Ways to order devices, by the name in the address.
const ORDERS: [(&str, &str); 6] = [
    ("name", "Device"),
    ("address", "Address"),
    ("class", "Class"),
    ("stage", "Life cycle"),
    ("findings", "Findings"),
    ("seen", "Last seen"),
];

/// What is sorted by where nothing is said: what is most pressing.
const DEFAULT_ORDER: &str = "findings";

/// Sorts by the name of an order, reversed after a minus; of equals the most pressing comes first.
pub(super) fn sort(entries: &mut [Entry<'_>], wanted: &str) {
    let key = wanted.trim_start_matches('-');
    let key = if ORDERS.iter().any(|(name, _)| *name == key) { key } else { DEFAULT_ORDER };
    let stage = |entry: &Entry<'_>| STAGES.iter().position(|stage| *stage == entry.device.lifecycle.stage);
    let seen = |entry: &Entry<'_>| reading::window(entry.device).map(|(_, last)| last);
    let address = |entry: &Entry<'_>| entry.device.addresses.iter().map(|address| address.ip).min();
    let compare = |a: &Entry<'_>, b: &Entry<'_>| match key {
        "name" => a.title.to_lowercase().cmp(&b.title.to_lowercase()),
        // Those without an address come last.
        "address" => (address(a).is_none(), address(a)).cmp(&(address(b).is_none(), address(b))),
        "class" => a.device.class.name().cmp(b.device.class.name()),
        "stage" => stage(a).unwrap_or(STAGES.len()).cmp(&stage(b).unwrap_or(STAGES.len())),
        "seen" => Reverse(seen(a)).cmp(&Reverse(seen(b))),
        _ => pressing(a).cmp(&pressing(b)),
    };
    entries.sort_by(|a, b| {
        let order = compare(a, b);
        let order = if wanted.starts_with('-') { order.reverse() } else { order };
        order.then_with(|| pressing(a).cmp(&pressing(b))).then_with(|| a.device.id.cmp(&b.device.id))
    });
}

/// The worst findings first, the most of them, the worst stage.
fn pressing(entry: &Entry<'_>) -> impl Ord + use<> {
    let stage = STAGES.iter().position(|stage| *stage == entry.device.lifecycle.stage).unwrap_or(STAGES.len());
    (entry.worst, Reverse(entry.findings), stage)
}

/// The heads of the columns.
pub(super) fn columns(query: &Query) -> Vec<Column> {
    let now = query.get("sort").unwrap_or(DEFAULT_ORDER);
    let column = |(name, label): (&str, &'static str)| {
        let reversed = format!("-{name}");
        let (order, next) = match now {
            now if now == name => ("ascending", reversed.as_str()),
            now if now == reversed => ("descending", name),
            _ => ("", name),
        };
        Column { label, link: query.link("/", &[("sort", next)]), order }
    };
    ORDERS.map(column).into()
}
