//! Findings lead to their packets, by the words of other programs.

use super::support::{
    command,
    process::{run, text},
    programs,
    scratch::Scratch,
};
use std::{collections::BTreeSet, path::PathBuf};

#[test]
fn filters_and_community_ids_lead_to_the_packets_of_a_finding() {
    if !programs::available("filters_and_community_ids_lead_to_the_packets_of_a_finding", &["tcpdump", "tshark"]) {
        return;
    }
    let capture = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/captures/first-light.pcap");
    let document = command::document(&capture);
    let findings = document["findings"].as_array().unwrap();
    assert!(!findings.is_empty());
    let scratch = Scratch::new();
    for finding in findings {
        let selected = scratch.join("selected.pcap");
        let filter = finding["bpf_filter"].as_str().unwrap();
        // To standard output: tcpdump gives up its rights before it writes a file.
        let mut tcpdump = programs::command("tcpdump");
        tcpdump.arg("-r").arg(&capture).args(["-U", "-w", "-", filter]);
        std::fs::write(&selected, run(&mut tcpdump).stdout).unwrap();
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
