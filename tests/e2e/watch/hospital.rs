//! The simulated hospital: everything of its truth is found, and nothing else.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use wardwatch_hospital::morning::{self, truth};

use super::capture;
use crate::support::command::{self, AT};
use crate::support::daemon::Daemon;
use crate::support::scratch::Scratch;

/// A list of texts, sorted.
fn texts(list: &Value) -> BTreeSet<String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// What is said of a device, in the terms of the truth.
fn told(device: &Value, devices: &[Value]) -> Value {
    let addresses = device["addresses"].as_array().unwrap();
    let ips: BTreeSet<&str> = addresses.iter().filter_map(|address| address["ip"].as_str()).collect();
    let macs: BTreeSet<&str> = addresses.iter().filter_map(|address| address["mac"].as_str()).collect();
    let vlans: BTreeSet<u64> =
        addresses.iter().flat_map(|address| address["vlan"].as_array().unwrap()).filter_map(Value::as_u64).collect();
    let speaker = devices.iter().find(|other| other["id"] == device["behind"]);
    json!({
        "ips": ips,
        "mac": macs.first(),
        "vlans": vlans,
        "behind": speaker.map(|speaker| speaker["addresses"][0]["ip"].clone()),
        "class": device["class"],
        "manufacturer": device["manufacturer"],
        "model": device["model"],
        "serial_number": device["serial_number"],
        "os": device["os"]["name"],
        "hostnames": texts(&device["hostnames"]),
        "ae_titles": texts(&device["ae_titles"]),
        "hl7_applications": texts(&device["hl7_applications"]),
    })
}

/// The truth about a device, in the same terms.
fn expected(device: &Value) -> Value {
    let mut expected = device.clone();
    expected["os"] = device["os"]["name"].clone();
    expected.as_object_mut().unwrap().remove("lifecycle");
    expected
}

/// What a finding is about, in the terms of the truth.
fn found(finding: &Value, devices: &[Value]) -> Value {
    let address = |id: &Value| {
        let device = devices.iter().find(|device| device["id"] == *id);
        device.map_or(Value::Null, |device| device["addresses"][0]["ip"].clone())
    };
    let title = &finding["evidence"]["title"];
    // A default title is about one device, whoever it spoke with.
    let peer = if finding["rule"] == "D04" { Value::Null } else { address(&finding["peer"]) };
    json!({
        "rule": finding["rule"], "kind": finding["kind"], "severity": finding["severity"],
        "device": address(&finding["device"]), "peer": peer, "title": title,
    })
}

fn sorted(mut all: Vec<Value>) -> Vec<Value> {
    all.sort_by_cached_key(Value::to_string);
    all
}

/// What is only in one of two lists.
fn difference(mine: &[Value], theirs: &[Value]) -> String {
    let only = |a: &[Value], b: &[Value], sign: char| {
        a.iter().filter(|one| !b.contains(one)).map(|one| format!("{sign} {one}\n")).collect::<String>()
    };
    only(theirs, mine, '-') + &only(mine, theirs, '+')
}

/// Holds devices and findings against the truth.
fn assert_true(truth: &truth::Truth, devices: &[Value], findings: &[Value]) {
    let truth = serde_json::to_value(truth).unwrap();
    let wanted = sorted(truth["devices"].as_array().unwrap().iter().map(expected).collect());
    let mine = sorted(devices.iter().map(|device| told(device, devices)).collect());
    assert!(mine == wanted, "devices (- is wanted, + is what was told):\n{}", difference(&mine, &wanted));

    for wanted in truth["devices"].as_array().unwrap().iter().filter(|device| !device["lifecycle"].is_null()) {
        let device = devices.iter().find(|device| told(device, devices) == expected(wanted)).unwrap();
        assert_eq!(device["lifecycle"]["stage"], wanted["lifecycle"]["stage"], "{wanted}");
        assert_eq!(device["lifecycle"]["legacy"], wanted["lifecycle"]["legacy"], "{wanted}");
    }

    let wanted = sorted(truth["findings"].as_array().unwrap().clone());
    let mine = sorted(findings.iter().map(|finding| found(finding, devices)).collect());
    assert!(mine == wanted, "findings (- is wanted, + is what was told):\n{}", difference(&mine, &wanted));
}

#[test]
fn everything_that_is_true_of_the_hospital_is_found_and_nothing_else() {
    let document = command::document(&capture("hospital.pcapng"));
    let truth = morning::truth(morning::SEED);
    assert_eq!(truth.evaluated_at, AT);
    assert_true(&truth, document["devices"].as_array().unwrap(), document["findings"].as_array().unwrap());
}

/// Another morning: other addresses, other serial numbers, other accidents.
#[test]
fn other_mornings_are_understood_as_well() {
    let seeds = if std::env::var_os("WARDWATCH_LONG").is_some() { 100 } else { 6 };
    let scratch = Scratch::new();
    for seed in 0..seeds {
        let file = scratch.write("morning.pcapng", morning::pcapng(&morning::packets(seed)));
        let document = command::document(&file);
        let truth = morning::truth(seed);
        assert_true(&truth, document["devices"].as_array().unwrap(), document["findings"].as_array().unwrap());
    }
}

#[test]
fn a_watch_finds_the_same_as_an_analysis() {
    let scratch = Scratch::new();
    let file = capture("hospital.pcapng");
    let daemon = Daemon::start(&scratch, &["--replay".to_owned(), file.display().to_string()]).finished();
    let document = command::document(&file);
    let (watched, analysed) = (daemon.devices(), document["devices"].as_array().unwrap());
    assert_eq!(super::timeless(&watched), super::timeless(analysed));
    assert_true(&morning::truth(morning::SEED), &watched, &daemon.findings());
}

#[test]
fn no_patient_of_the_hospital_is_told() {
    let scratch = Scratch::new();
    let data = scratch.join("data");
    let file = capture("hospital.pcapng").display().to_string();
    let arguments = ["--replay", &file, "--data-dir", &data.display().to_string(), "--log.level", "trace"];
    let daemon = Daemon::start(&scratch, &arguments).finished();
    let mut told = vec![("the log".to_owned(), daemon.log())];
    let mut paths = vec!["/".to_owned(), "/findings".to_owned(), "/metrics".to_owned(), "/metrics/devices".to_owned()];
    paths.extend(daemon.devices().iter().map(|device| format!("/devices/{}", device["id"].as_str().unwrap())));
    told.extend(paths.into_iter().map(|path| (path.clone(), daemon.get(&path).body)));
    assert_eq!(daemon.terminate().code(), Some(0));
    let untold = morning::truth(morning::SEED).untold;
    assert!(!untold.is_empty());
    for text in untold {
        for (where_, told) in &told {
            assert!(!told.contains(text), "{text} stands in {where_}");
        }
        for file in crate::patient::files(&data) {
            assert!(!crate::patient::holds(&file, text), "{text} stands in {}", file.display());
        }
    }
    assert!(crate::patient::files(&data).len() > 1, "the store wrote something that was searched");
}
