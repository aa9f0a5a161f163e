//! How do we know? Told of captures, and of what a watch keeps.

use crate::support::command::{Run, document, wardwatch};
use crate::support::daemon::Daemon;
use crate::support::process::text;
use crate::support::scratch::Scratch;
use serde_json::Value;
use std::path::{Path, PathBuf};

fn capture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures/hospital.pcapng")
}

fn explain(arguments: &[&str]) -> Run {
    wardwatch(&[&["explain"], arguments].concat())
}

/// Every device of the simulated hospital that a rule concluded something of.
fn concluded(document: &Value) -> impl Iterator<Item = &Value> {
    let is_concluded =
        |device: &&Value| device["evidence"].as_array().unwrap().iter().any(|told| told["source"] == "catalogue");
    document["devices"].as_array().unwrap().iter().filter(is_concluded)
}

#[test]
fn every_value_of_a_device_is_explained_down_to_where_it_was_read() {
    let document = document(&capture());
    let file = capture().display().to_string();
    for device in concluded(&document).take(12) {
        let id = device["id"].as_str().unwrap();
        let run = explain(&[id, &file]);
        assert_eq!(run.code, Some(0), "{run}");
        let told = text(&run.stdout);
        for evidence in device["evidence"].as_array().unwrap() {
            assert!(told.contains(evidence["value"].as_str().unwrap()), "{id} lacks {evidence}: {told}");
        }
        assert!(told.contains("concluded by catalogue/") && told.contains("      from "), "{told}");
        assert_eq!(explain(&[id.get(..8).unwrap(), &file]).stdout, run.stdout, "the beginning of an id will do");
    }
}

#[test]
fn a_device_that_is_not_there_is_told_and_so_is_that_nothing_was_named_to_look_in() {
    let file = capture().display().to_string();
    let run = explain(&["no-such-device", &file]);
    assert_eq!(run.code, Some(1), "{run}");
    assert!(run.errors().contains("no device has the id, address"), "{run}");
    let run = explain(&["10.0.0.1"]);
    assert_eq!(run.code, Some(2), "{run}");
    assert!(run.errors().contains("--data-dir"), "{run}");
    assert_eq!(explain(&[]).code, Some(2), "a device or --lists");
}

#[test]
fn what_a_watch_keeps_is_explained_while_another_runs_and_under_its_ids() {
    let scratch = Scratch::new();
    let data = scratch.join("data").display().to_string();
    let arguments = ["--replay", &capture().display().to_string(), "--data-dir", &data].map(str::to_owned);
    let daemon = Daemon::start(&scratch, &arguments).finished();
    let devices = daemon.devices();
    daemon.terminate();
    let again = Daemon::start(&scratch, &arguments).finished();
    let document = serde_json::json!({ "devices": devices });
    for device in concluded(&document).take(3) {
        let run = explain(&[device["id"].as_str().unwrap(), "--data-dir", &data]);
        assert_eq!(run.code, Some(0), "{run}");
        assert!(text(&run.stdout).contains("concluded by catalogue/"), "{run}");
    }
    again.terminate();
}

#[test]
fn a_folder_without_a_snapshot_is_told() {
    let scratch = Scratch::new();
    let run = explain(&["10.0.0.1", "--data-dir", &scratch.path().display().to_string()]);
    assert_eq!(run.code, Some(1), "{run}");
    assert!(run.errors().contains("no snapshot of a watch yet"), "{run}");
}
