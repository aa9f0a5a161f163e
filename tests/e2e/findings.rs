//! Findings are those that happened, and lead to their packets, by the words of other programs.

use super::support::{
    command, pcap,
    process::{run, text},
    programs,
    scratch::Scratch,
};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

fn captures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/captures")
}

/// Nothing is missed, and nothing is found that did not happen.
#[test]
fn the_findings_of_a_morning_are_those_of_its_truth() {
    let truth: Value = serde_json::from_slice(&fs::read(captures().join("hospital.truth.json")).unwrap()).unwrap();
    let document = command::document(&captures().join("hospital.pcapng"));
    let addresses: BTreeMap<&str, Vec<&Value>> = document["devices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|device| {
            let of = device["addresses"].as_array().unwrap().iter().map(|address| &address["ip"]);
            (device["id"].as_str().unwrap(), of.collect())
        })
        .collect();
    let is_at = |id: &Value, ip: &Value| id.as_str().is_some_and(|id| addresses[id].contains(&ip));
    let is_it = |found: &Value, wanted: &Value| {
        let same = |name: &str| found[name] == wanted[name];
        // Of a title the truth does not say towards whom.
        let peer = !wanted["title"].is_null() || wanted["peer"].is_null() == found["peer"].is_null();
        let peer = peer && (wanted["peer"].is_null() || is_at(&found["peer"], &wanted["peer"]));
        let title = wanted["title"].is_null() || found["evidence"]["title"] == wanted["title"];
        ["rule", "kind", "severity"].into_iter().all(same)
            && is_at(&found["device"], &wanted["device"])
            && peer
            && title
    };
    let wanted = truth["findings"].as_array().unwrap();
    let rules: BTreeSet<&str> = wanted.iter().map(|wanted| wanted["rule"].as_str().unwrap()).collect();
    let found = document["findings"].as_array().unwrap().iter();
    let found: Vec<&Value> = found.filter(|found| rules.contains(found["rule"].as_str().unwrap())).collect();
    for wanted in wanted {
        assert_eq!(found.iter().filter(|found| is_it(found, wanted)).count(), 1, "{wanted:#} in {found:#?}");
    }
    for found in found {
        assert!(wanted.iter().any(|wanted| is_it(found, wanted)), "did not happen: {found:#}");
    }
}

#[test]
fn filters_and_community_ids_lead_to_the_packets_of_a_finding() {
    if !programs::available("filters_and_community_ids_lead_to_the_packets_of_a_finding", &["tcpdump", "tshark"]) {
        return;
    }
    let scratch = Scratch::new();
    let ethernet = captures().join("first-light.pcap");
    let cooked = scratch.write("cooked.pcap", pcap::cooked(&fs::read(&ethernet).unwrap()));
    for capture in [ethernet, cooked] {
        filters_lead_to_packets(&capture, &scratch);
    }
}

fn filters_lead_to_packets(capture: &Path, scratch: &Scratch) {
    let document = command::document(capture);
    let findings = document["findings"].as_array().unwrap();
    assert!(!findings.is_empty());
    assert!(document.to_string().contains("\"vlan\":[20"), "frames with tags are among them");
    for finding in findings {
        let selected = scratch.join("selected.pcap");
        let filter = finding["bpf_filter"].as_str().unwrap();
        // To standard output: tcpdump gives up its rights before it writes a file.
        let mut tcpdump = programs::command("tcpdump");
        tcpdump.arg("-r").arg(capture).args(["-U", "-w", "-", filter]);
        fs::write(&selected, run(&mut tcpdump).stdout).unwrap();
        let mut tshark = programs::command("tshark");
        tshark.args(["--enable-protocol", "communityid", "-T", "fields", "-e", "communityid", "-r"]).arg(&selected);
        let read = text(&run(&mut tshark).stdout);
        let flows: BTreeSet<&str> = read.lines().filter(|line| !line.is_empty()).collect();
        let told = finding["community_ids"].as_array().unwrap();
        assert!(!told.is_empty(), "{finding:#}");
        for id in told {
            assert!(flows.contains(id.as_str().unwrap()), "{id} is none of {flows:?}: {finding:#}");
        }
    }
}
