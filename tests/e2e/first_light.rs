//! The capture of the simulated hospital, and everything that must, and must not, be found in it.

use super::support::{
    command,
    process::{output, text},
    programs,
};
use serde_json::{Value, json};
use std::{collections::BTreeSet, net::Ipv4Addr, path::PathBuf};
use wardwatch_hospital::first_light::{
    hosts::{CT, GATEWAY, PACS},
    truth,
    truth::{Device, Told},
};

fn capture() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/captures/first-light.pcap")
}

fn document() -> Value {
    command::document(&capture())
}

fn list<'a>(of: &'a Value, name: &str) -> &'a [Value] {
    of[name].as_array().unwrap_or_else(|| panic!("no list {name} in {of}"))
}

/// The device that has an address.
fn at(document: &Value, ip: Ipv4Addr) -> &Value {
    let has = |device: &&Value| list(device, "addresses").iter().any(|address| address["ip"] == ip.to_string());
    let found: Vec<&Value> = list(document, "devices").iter().filter(has).collect();
    assert_eq!(found.len(), 1, "devices with the address {ip}: {found:#?}");
    found[0]
}

/// The device of the truth, by its address, or by the device that spoke for it and the serial number.
fn find<'a>(document: &'a Value, wanted: &Device) -> Option<&'a Value> {
    if let Some(ip) = wanted.ips.first() {
        return Some(at(document, *ip));
    }
    let speaker = &at(document, wanted.behind?)["id"];
    list(document, "devices")
        .iter()
        .find(|device| device["behind"] == *speaker && device["serial_number"] == json!(wanted.serial_number))
}

/// What the document says of a device, in the terms of the truth.
fn told(device: &Value) -> Value {
    let addresses = list(device, "addresses");
    let of_all = |name: &str| addresses.iter().map(|address| address[name].to_string()).collect::<BTreeSet<_>>();
    let vlans: BTreeSet<_> = addresses.iter().flat_map(|address| list(address, "vlan")).map(Value::to_string).collect();
    json!({
        "ips": of_all("ip"),
        "macs": of_all("mac"),
        "vlans": vlans,
        "manufacturer": device["manufacturer"],
        "model": device["model"],
        "serial_number": device["serial_number"],
        "udi": device["udi"],
        "ae_titles": device["ae_titles"],
        "roles": list(device, "roles").iter().filter_map(Value::as_str).collect::<BTreeSet<_>>(),
        "contradictions": device["contradictions"],
    })
}

fn expected(device: &Device) -> Value {
    let quoted = |text: String| json!(text).to_string();
    let mac = device.mac.map(|mac| mac.map(|octet| format!("{octet:02x}")).join(":"));
    let macs: Vec<String> = device.ips.iter().map(|_| json!(mac).to_string()).collect();
    json!({
        "ips": device.ips.iter().map(|ip| quoted(ip.to_string())).collect::<BTreeSet<_>>(),
        "macs": macs.into_iter().collect::<BTreeSet<_>>(),
        "vlans": device.vlans.iter().map(u16::to_string).collect::<BTreeSet<_>>(),
        "manufacturer": device.manufacturer,
        "model": device.model,
        "serial_number": device.serial_number,
        "udi": device.udi,
        "ae_titles": device.ae_titles,
        "roles": device.roles,
        "contradictions": [],
    })
}

/// Compares a device with the truth.
fn compare(document: &Value, wanted: &Device) {
    let Some(device) = find(document, wanted) else { panic!("not found: {wanted:#?}") };
    assert_eq!(told(device), expected(wanted), "{device:#}");
    for (name, role) in wanted.software {
        let listed =
            list(device, "software").iter().any(|software| software["name"] == *name && software["role"] == *role);
        assert!(listed, "{name} as {role} of {device:#}");
    }
    let nic = list(device, "evidence").iter().find(|evidence| evidence["attribute"] == "nic_manufacturer");
    assert_eq!(nic.map(|evidence| &evidence["value"]), wanted.nic_manufacturer.map(Value::from).as_ref());
    match wanted.behind {
        Some(ip) => assert_eq!(device["behind"], at(document, ip)["id"]),
        None => assert_eq!(device["behind"], Value::Null, "{device:#}"),
    }
}

/// Compares every device that is told by one of these.
fn compare_all(document: &Value, told_by: Told) {
    truth().devices.iter().filter(|device| device.told_by == told_by).for_each(|wanted| compare(document, wanted));
}

/// Serial numbers of the devices that stand behind another.
fn behind(document: &Value, speaker: Ipv4Addr) -> Vec<&Value> {
    let speaker = &at(document, speaker)["id"];
    let there = list(document, "devices").iter().filter(|device| device["behind"] == *speaker);
    let mut serials: Vec<&Value> = there.map(|device| &device["serial_number"]).collect();
    serials.sort_by_key(|serial| serial.to_string());
    serials
}

fn conversation(document: &Value, client: Ipv4Addr, server: Ipv4Addr, port: u16) -> &Value {
    let found: Vec<&Value> = list(document, "conversations")
        .iter()
        .filter(|entry| {
            entry["client_address"] == client.to_string()
                && entry["server_address"] == server.to_string()
                && entry["port"] == port
        })
        .collect();
    assert_eq!(found.len(), 1, "conversations from {client} to {server}, port {port}: {found:#?}");
    found[0]
}

#[test]
fn every_host_of_the_network_is_a_device_and_nothing_else_is() {
    let document = document();
    assert_eq!(document["capture"]["loss"]["decode_failures"], 0);
    let wanted: BTreeSet<String> =
        truth().devices.iter().flat_map(|device| device.ips).map(ToString::to_string).collect();
    let found: BTreeSet<String> = list(&document, "devices")
        .iter()
        .flat_map(|device| list(device, "addresses"))
        .filter_map(|address| Some(address["ip"].as_str()?.to_owned()))
        .collect();
    assert_eq!(found, wanted);
    compare_all(&document, Told::Network);
}

#[test]
fn imaging_devices_are_told_by_what_they_negotiate_and_send() {
    let document = document();
    assert_eq!(document["capture"]["loss"]["parse_failures"]["dicom"], 0);
    let (scanner, others): (Vec<_>, Vec<_>) =
        truth().devices.into_iter().filter(|device| device.told_by == Told::Dicom).partition(|device| {
            // The one that reports its procedure steps has a test of its own.
            device.ips == [CT.ip]
        });
    assert_eq!(scanner.len(), 1);
    others.iter().for_each(|wanted| compare(&document, wanted));
}

#[test]
fn a_scanner_that_stores_images_and_reports_its_procedure_steps_is_one_device() {
    let document = document();
    truth().devices.iter().filter(|device| device.ips == [CT.ip]).for_each(|wanted| compare(&document, wanted));
    assert!(behind(&document, CT.ip).is_empty(), "behind the scanner");
}

#[test]
fn behind_the_archive_is_only_the_scanner_that_is_not_on_the_network() {
    let document = document();
    assert_eq!(behind(&document, PACS.ip), ["990307"]);
    assert_eq!(list(&document, "devices").len(), truth().devices.len(), "devices that are not in the truth");
}

#[test]
fn every_dicom_association_is_told_as_it_was() {
    let document = document();
    let truth = truth();
    let mut found = 0;
    for wanted in &truth.associations {
        let entry = conversation(&document, wanted.client, wanted.server, wanted.port);
        assert_eq!(entry["protocol"], "dicom");
        let associations = list(&entry["detail"], "associations");
        let operations = |association: &Value| {
            let services = association["operations"].as_object().unwrap();
            let counts = services.iter().map(|(service, counts)| {
                (service.clone(), ["requests", "success", "pending"].map(|name| counts[name].clone()))
            });
            counts.collect::<Vec<_>>()
        };
        let expected: Vec<(String, [Value; 3])> = wanted
            .operations
            .iter()
            .map(|(service, counts)| ((*service).to_owned(), counts.map(Value::from)))
            .collect();
        let association = associations.iter().find(|association| operations(association) == expected);
        let Some(association) = association else { panic!("no {wanted:#?} in {associations:#?}") };
        found += 1;
        let [client, server] = wanted.implementations;
        for (name, value) in [
            ("calling_ae", json!(wanted.calling)),
            ("called_ae", json!(wanted.called)),
            ("result", json!(wanted.result)),
            ("end", json!(wanted.end)),
            ("count", json!(wanted.count)),
            ("user_identity_type", json!(wanted.user_identity_type)),
            ("client_implementation_uid", json!(client)),
            ("server_implementation_uid", json!(server)),
        ] {
            assert_eq!(association[name], value, "{name} of {association:#}");
        }
        let rejection = wanted
            .rejection
            .map(|[result, source, reason]| json!({"result": result, "source": source, "reason": reason}));
        assert_eq!(association["rejection"], json!(rejection));
    }
    let all = list(&document, "conversations").iter().filter(|entry| entry["protocol"] == "dicom");
    let all: usize = all.map(|entry| list(&entry["detail"], "associations").len()).sum();
    assert_eq!(all, found, "associations that are not in the truth");
}

#[test]
fn what_is_encrypted_or_not_medical_is_told_as_such() {
    let document = document();
    let truth = truth();
    for (client, server, port) in truth.tls {
        let entry = conversation(&document, client, server, port);
        assert_eq!(entry["protocol"], "tls");
        assert_eq!(entry["encrypted"], true);
        assert_eq!(entry["detail"]["hint"], "dicom-port");
    }
    for (client, server, transport, port) in truth.others {
        let entry = conversation(&document, client, server, port);
        assert_eq!(entry["transport"], transport);
        assert_eq!(entry["encrypted"], false);
        assert!(entry["client"].is_string() && entry["server"].is_string(), "{entry:#}");
    }
}

#[test]
fn hl7_devices_and_interfaces_are_told_as_they_were() {
    let document = document();
    compare_all(&document, Told::Hl7);
    let truth = truth();
    for wanted in &truth.hl7_links {
        let entry = conversation(&document, wanted.client, wanted.server, wanted.port);
        assert_eq!(entry["protocol"], "hl7");
        let links = list(&entry["detail"], "links");
        assert_eq!(links.len(), 1, "{links:#?}");
        let counted = |(what, times): (&str, u64)| json!({what: times});
        for (name, value) in [
            ("sending_application", json!(wanted.sending_application)),
            ("sending_facility", json!(wanted.sending_facility)),
            ("receiving_application", json!("ENGINE")),
            ("version", json!(wanted.version)),
            ("message_types", counted(wanted.messages)),
            ("acknowledgements", wanted.acknowledgements.map_or(json!({}), counted)),
            ("unacknowledged", json!(wanted.unacknowledged)),
        ] {
            assert_eq!(links[0][name], value, "{name} of {links:#?}");
        }
    }
    let all = list(&document, "conversations").iter().filter(|entry| entry["protocol"] == "hl7").count();
    assert_eq!(all, truth.hl7_links.len());
    assert_eq!(behind(&document, GATEWAY.ip), ["DE99000101", "DE99000102"]);
}

#[test]
fn nothing_of_a_patient_comes_out() {
    for format in ["json", "csv", "table"] {
        let run =
            command::wardwatch(&["analyze", "--at", command::AT, "--format", format, capture().to_str().unwrap()]);
        assert_eq!(run.code, Some(0), "{run}");
        for output in [text(&run.stdout), run.errors()] {
            for word in truth().untold {
                assert!(!output.contains(word), "{word} in the {format}");
            }
        }
    }
}

#[test]
fn tshark_finds_no_fault_in_the_capture() {
    if !programs::available("tshark_finds_no_fault_in_the_capture", &["tshark"]) {
        return;
    }
    let mut tshark = programs::command("tshark");
    tshark.args(["-o", "tcp.desegment_tcp_streams:TRUE"]);
    for layer in ["ip", "tcp", "udp"] {
        tshark.args(["-o", &format!("{layer}.check_checksum:TRUE")]);
    }
    for port in [104, 4100, 11_112] {
        tshark.args(["-d", &format!("tcp.port=={port},dicom")]);
    }
    let faulty = "_ws.malformed || ip.checksum.status == 0 || tcp.checksum.status == 0 || udp.checksum.status == 0";
    let found = output(tshark.arg("-r").arg(capture()).args(["-Y", faulty]));
    assert!(found.status.success(), "{}", text(&found.stderr));
    assert_eq!(text(&found.stdout), "");
}
