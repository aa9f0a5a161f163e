//! DHCP: who was given which address, and what clients say, as tshark reads it.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use super::TSHARK;
use crate::support::command::analyze;
use crate::support::process::{run, text};
use crate::support::{programs, shared};

/// The columns of [`messages`].
const FIELDS: [&str; 9] = [
    "dhcp.type",
    "dhcp.option.dhcp",
    "dhcp.hw.mac_addr",
    "dhcp.ip.your",
    "dhcp.ip.client",
    "dhcp.option.hostname",
    "dhcp.option.vendor_class_id",
    "dhcp.option.request_list_item",
    "dhcp.fqdn.name",
];

/// Operation and type of each message, hardware address and addresses, then the client's words.
fn messages(capture: &Path) -> Vec<[String; 9]> {
    let mut command = programs::command("tshark");
    command.arg("-r").arg(capture).args(["-n", "-Y", "dhcp", "-T", "fields"]);
    FIELDS.iter().for_each(|field| _ = command.args(["-e", field]));
    let read = |line: &str| {
        let mut columns = line.split('\t').map(str::to_owned);
        FIELDS.map(|_| columns.next().unwrap_or_default())
    };
    text(&run(&mut command).stdout).lines().map(read).collect()
}

#[test]
fn agrees_on_every_dhcp_message() {
    let test = "agrees_on_every_dhcp_message";
    if !programs::available(test, TSHARK) {
        return;
    }
    for capture in shared::captures(test, "identity") {
        let messages = messages(&capture);
        let document = analyze(&[&capture], &["--internal-net", "0.0.0.0/0"]).document();
        let name = capture.display();
        assert_eq!(document["capture"]["protocols"]["dhcp"]["messages"], messages.len(), "{name}");
        let given = leases(&messages);
        assert!(given.is_subset(&addresses(&document)), "{name}: {given:?}");
        for mac in given.iter().map(|(mac, _)| mac) {
            assert_eq!(said(&document, mac), words(&messages, mac), "{name}: {mac}");
        }
    }
}

/// tshark tells the hardware address again for a client identifier that holds it.
fn mac(message: &[String; 9]) -> &str {
    message[2].get(..17).unwrap_or_default()
}

/// Hardware addresses with the addresses acknowledged to them, or with which they renew or inform.
fn leases(messages: &[[String; 9]]) -> BTreeSet<(String, String)> {
    let lease = |message: &[String; 9]| {
        let ip = match (message[0].as_str(), message[1].as_str()) {
            ("2", "5") => &message[3],
            ("1", "3" | "8") => &message[4],
            _ => return None,
        };
        (ip != "0.0.0.0").then(|| (mac(message).to_owned(), ip.clone()))
    };
    messages.iter().filter_map(lease).collect()
}

/// Host name, vendor class, parameter list and full name, each once.
fn words(messages: &[[String; 9]], of: &str) -> BTreeSet<String> {
    let own = messages.iter().filter(|message| message[0] == "1" && mac(message) == of);
    own.flat_map(|message| &message[5..]).filter(|word| !word.is_empty()).cloned().collect()
}

fn devices(document: &Value) -> impl Iterator<Item = (&Value, &Value)> {
    let devices = document["devices"].as_array().into_iter().flatten();
    devices.flat_map(|device| device["addresses"].as_array().into_iter().flatten().map(move |place| (device, place)))
}

fn addresses(document: &Value) -> BTreeSet<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    devices(document).map(|(_, place)| (text(&place["mac"]), text(&place["ip"]))).collect()
}

fn said(document: &Value, mac: &str) -> BTreeSet<String> {
    let own = devices(document).filter(|(_, place)| place["mac"] == mac);
    own.flat_map(|(device, _)| device["evidence"].as_array().into_iter().flatten())
        .filter(|evidence| {
            let attributes = ["hostname", "dhcp_vendor_class", "dhcp_parameter_list"];
            evidence["source"] == "dhcp" && attributes.iter().any(|attribute| evidence["attribute"] == *attribute)
        })
        .filter_map(|evidence| evidence["value"].as_str().map(str::to_owned))
        .collect()
}
