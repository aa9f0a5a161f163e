//! Questions to ask of a document's devices and conversations.

use serde_json::Value;

fn list<'a>(document: &'a Value, field: &str) -> impl Iterator<Item = &'a Value> {
    document[field].as_array().into_iter().flatten()
}

/// The device that has this address.
pub(crate) fn at<'a>(document: &'a Value, address: &str) -> Option<&'a Value> {
    list(document, "devices").find(|device| list(device, "addresses").any(|one| one["ip"] == address))
}

/// The device that has this address, and those it spoke for.
pub(crate) fn near<'a>(document: &'a Value, address: &str) -> Vec<&'a Value> {
    let Some(home) = at(document, address) else { return Vec::new() };
    list(document, "devices").filter(|device| device["id"] == home["id"] || device["behind"] == home["id"]).collect()
}

/// Whether one of these devices says `text` anywhere.
pub(crate) fn say(devices: &[&Value], text: &str) -> bool {
    let quoted = Value::from(text).to_string();
    devices.iter().any(|device| device.to_string().contains(quoted.trim_matches('"')))
}

/// The conversations of a protocol.
pub(crate) fn conversations<'a>(document: &'a Value, protocol: &str) -> Vec<&'a Value> {
    list(document, "conversations").filter(|one| one["protocol"] == protocol).collect()
}
