//! The daemon: what it finds, what it survives, what it serves.

mod browser;
mod crash;
mod hospital;
mod ids;
mod life;
mod live;
mod memory;
mod metrics;

use std::path::PathBuf;

use serde_json::{Value, json};

/// A capture that the project carries.
pub(crate) fn capture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/captures").join(name)
}

/// Devices without their ids, which are a store's own, and without when: for holding two inventories against each other.
pub(crate) fn timeless(devices: &[Value]) -> Vec<Value> {
    let name = |id: &Value| {
        let device = devices.iter().find(|device| device["id"] == *id);
        device.map_or(Value::Null, |device| device["addresses"][0]["ip"].clone())
    };
    let mut all: Vec<Value> = devices
        .iter()
        .map(|device| {
            let mut device = device.clone();
            device["behind"] = name(&device["behind"]);
            device["id"] = json!(null);
            for list in ["addresses", "evidence"] {
                for entry in device[list].as_array_mut().into_iter().flatten() {
                    entry["first_seen"] = json!(null);
                    entry["last_seen"] = json!(null);
                }
            }
            device
        })
        .collect();
    all.sort_by_cached_key(Value::to_string);
    all
}
