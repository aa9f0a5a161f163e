//! The captures beside the checkout, held against what their makers say is in them.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::{command, devices, shared};
use crate::tshark::View;

/// The expected results beside a capture.
pub(crate) fn expected(capture: &Path) -> Option<Value> {
    let bytes = fs::read(capture.with_extension("expected.json")).ok()?;
    Some(serde_json::from_slice(&bytes).unwrap())
}

/// What `view` lacks of the expected associations, one line each.
pub(crate) fn missing_associations(view: &View, expected: &Value) -> Vec<String> {
    expected["associations"].as_array().into_iter().flatten().flat_map(|want| missing(view, want)).collect()
}

fn missing(view: &View, want: &Value) -> Vec<String> {
    let same = |entry: &&crate::tshark::Entry| {
        [&entry.client, &entry.server].map(String::as_str) == [text(&want["client"]), text(&want["server"])]
            && entry.port == want["server_port"]
            && ["calling_ae", "called_ae"].iter().all(|field| entry.value[*field] == want[*field])
    };
    let found: Vec<_> = view.associations.iter().filter(same).map(|entry| &entry.value).collect();
    let lacks = |field: &str, value: &str| {
        let has = found.iter().any(|association| match &association[field] {
            // "rejected-permanent, source=service-user, ..." begins with our word for it.
            Value::String(own) if field == "result" => value.starts_with(own.as_str()),
            Value::String(own) => value == own,
            own => own.as_u64().is_some_and(|number| number.to_string() == value),
        });
        (!has).then(|| format!("{want}: no {field} {value}"))
    };
    if found.is_empty() {
        return vec![format!("{want}: no such association")];
    }
    let fields = [("result", "result")].into_iter().chain(IMPLEMENTATION);
    fields.filter_map(|(key, field)| lacks(field, want[key].as_str()?)).collect()
}

/// Keys of the expected results and fields of the contract.
const IMPLEMENTATION: [(&str, &str); 6] = [
    ("client_impl_uid", "client_implementation_uid"),
    ("client_impl_version", "client_implementation_version"),
    ("client_max_pdu", "client_max_pdu"),
    ("server_impl_uid", "server_implementation_uid"),
    ("server_impl_version", "server_implementation_version"),
    ("server_max_pdu", "server_max_pdu"),
];

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// What the devices near each sender do not say of the equipment in the objects it sent.
fn missing_equipment(document: &Value, expected: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    for group in expected["objects_stored"].as_array().into_iter().flatten() {
        let sender = text(&group["sender"]).split(['-', ' ', '(']).next().unwrap_or_default();
        let near = devices::near(document, sender);
        for device in group["devices"].as_array().into_iter().flatten() {
            for field in ["manufacturer", "model", "device_serial", "software_versions", "station_name"] {
                let value = device[field].as_array().map_or(&device[field], |values| &values[0]);
                if let Some(value) = value.as_str().filter(|value| !devices::say(&near, value.trim())) {
                    lines.push(format!("{sender}: {field} {value:?} not reported"));
                }
            }
        }
    }
    lines
}

#[test]
fn every_expected_result_is_found() {
    let mut lines = Vec::new();
    for capture in shared::captures("every_expected_result_is_found", "loopback") {
        let Some(expected) = expected(&capture) else { continue };
        let document = command::document(&capture);
        let mut missing = missing_associations(&View::ours(&document), &expected);
        missing.extend(missing_equipment(&document, &expected));
        for message in expected["messages"].as_array().into_iter().flatten() {
            if devices::at(&document, text(&message["client"])).is_none() {
                missing.push(format!("no device {}", message["client"]));
            }
        }
        lines.extend(missing.into_iter().map(|line| format!("{}: {line}", capture.display())));
    }
    assert!(lines.is_empty(), "{} misses\n{}", lines.len(), lines.join("\n"));
}

/// The document of a loopback capture; the caller returns where it is not here.
fn loopback(test: &str, name: &str) -> Option<Value> {
    shared::capture(test, "loopback", name).map(|capture| command::document(&capture))
}

#[test]
fn a_medical_device_is_known_by_what_it_announces() {
    let test = "a_medical_device_is_known_by_what_it_announces";
    let Some(document) = loopback(test, "sdc11073_provider_consumer.pcap") else { return };
    let device = devices::at(&document, "127.0.0.1").unwrap();
    let told = |attribute: &str, value: &str| {
        let evidence = device["evidence"].as_array().unwrap();
        let says = |one: &&Value| one["attribute"] == attribute && one["value"] == value;
        assert!(evidence.iter().find(says).is_some(), "{attribute} {value}: {device}");
    };
    told("service", "mdpws:MedicalDevice");
    told("device_type", "130535");
    told("device_uid", "urn:uuid:72313cab-7352-51c9-8373-8b4031a66ec7");
    for (attribute, value) in [("manufacturer", "Draeger"), ("model", "TestDevice"), ("serial_number", "12345")] {
        assert_eq!(device[attribute], value, "{device}");
    }
    assert!(!device.to_string().contains("BedSim"), "where it stands is not told");
    assert!(!devices::conversations(&document, "ws-discovery").is_empty());
}

#[test]
fn a_toolkit_is_not_taken_for_the_product_around_it() {
    let test = "a_toolkit_is_not_taken_for_the_product_around_it";
    let Some(document) = loopback(test, "dcmtk_orthanc_echo_store.pcap") else { return };
    let orthanc = devices::at(&document, "127.0.0.20").unwrap();
    for claim in ["software", "model", "manufacturer", "os", "class"] {
        // The AE title says ORTHANC, the implementation says DCMTK: anyone can name an AE so.
        assert!(!orthanc[claim].to_string().to_lowercase().contains("orthanc"), "{claim}: {}", orthanc[claim]);
    }
    assert!(orthanc["ae_titles"].to_string().contains("ORTHANC"));
    for conversation in devices::conversations(&document, "dicom") {
        assert_eq!(conversation["encrypted"], false);
    }
}

#[test]
fn a_sub_association_on_an_unregistered_port_is_found_by_content() {
    let test = "a_sub_association_on_an_unregistered_port_is_found_by_content";
    let Some(document) = loopback(test, "dcmtk_orthanc_find_move.pcap") else { return };
    let view = View::ours(&document);
    let store = view.association("ORTHANC", "STORESCP");
    assert_eq!(store["operations"]["C-STORE"]["success"], 1, "{store}");
    let port = |entry: &&crate::tshark::Entry| entry.value["called_ae"] == "STORESCP";
    assert_eq!(view.associations.iter().find(port).unwrap().port, 11113);
    for operation in ["C-FIND", "C-MOVE"] {
        let asked = view.associations.iter().any(|entry| entry.value["operations"][operation]["requests"] == 1);
        assert!(asked, "no {operation}");
    }
}

#[test]
fn after_a_start_in_the_middle_the_next_association_is_whole() {
    let test = "after_a_start_in_the_middle_the_next_association_is_whole";
    let Some(document) = loopback(test, "dcmtk_orthanc_midstream.pcap") else { return };
    let view = View::ours(&document);
    let whole = view.association("MRT50H1", "ORTHANC");
    assert_eq!(whole["result"], "accepted");
    assert_eq!(whole["end"], "released");
    assert_eq!(whole["operations"]["C-STORE"]["success"], 1);
    let missed = view.associations.iter().filter(|entry| entry.value["result"] == "start-missed").count();
    assert_eq!(missed, 1, "the association that had begun before is reported as such");
}

#[test]
fn a_worklist_query_shows_its_sop_class() {
    let Some(document) = loopback("a_worklist_query_shows_its_sop_class", "dcmtk_worklist.pcap") else { return };
    let view = View::ours(&document);
    let query = view.association("CR_ROOM2", "OFFIS");
    assert_eq!(query["contexts"][0]["abstract_syntax"], "1.2.840.10008.5.1.4.31");
    assert_eq!(query["operations"]["C-FIND"]["pending"], 4);
}

#[test]
fn a_well_known_client_has_its_published_fingerprint() {
    let test = "a_well_known_client_has_its_published_fingerprint";
    let Some(capture) = shared::capture(test, "identity", "ja4__tls12.pcap") else { return };
    let document = command::document(&capture);
    let devices = document["devices"].as_array().unwrap().iter();
    let evidence = devices.flat_map(|device| device["evidence"].as_array().unwrap());
    let told: Vec<_> = evidence.filter(|told| told["attribute"] == "ja4").map(|told| &told["value"]).collect();
    // Firefox.
    assert_eq!(told, ["t13d1715h2_5b57614c22b0_3d5424432f57"]);
}

#[test]
fn dicom_inside_tls_is_only_a_hint() {
    let Some(document) = loopback("dicom_inside_tls_is_only_a_hint", "dicom_tls_dcmtk.pcap") else { return };
    let tls = devices::conversations(&document, "tls");
    assert_eq!(tls.len(), 1, "{document}");
    assert_eq!(tls[0]["port"], 2762);
    assert_eq!(tls[0]["encrypted"], true);
    assert_eq!(tls[0]["detail"]["hint"], "dicom-port");
    assert!(devices::conversations(&document, "dicom").is_empty());
    for device in document["devices"].as_array().unwrap() {
        assert_eq!(device["ae_titles"], serde_json::json!([]), "no AE title can be seen");
    }
}

#[test]
fn monitors_and_laboratory_systems_are_named_by_their_messages() {
    let test = "monitors_and_laboratory_systems_are_named_by_their_messages";
    let Some(document) = loopback(test, "hl7_mllp_devices_and_lis.pcap") else { return };
    for (address, text) in [
        ("127.0.0.71", "IntelliVue MX500"),
        ("127.0.0.71", "XW25200213"),
        ("127.0.0.72", "080019FFFE1443EC"),
        ("127.0.0.72", "GE Healthcare"),
        ("127.0.0.73", "STARLIMS"),
    ] {
        assert!(devices::say(&devices::near(&document, address), text), "{address} does not show {text}");
    }
}

#[test]
fn no_patient_and_no_password_of_a_shared_capture_is_repeated() {
    // Names, addresses and credentials that stand in these captures in clear text.
    let secrets = "CompressedSamples КОКОНОВА MOUSE MICKEY Penicillin EVERYMAN PID1234 1234568965 TEST_STREET \
                   LastName FirstName 3499999 radtech pacs2019 cmFkdGVjaD monUser";
    for folder in ["loopback", "medical"] {
        for capture in shared::captures("no_patient_and_no_password_of_a_shared_capture_is_repeated", folder) {
            let run = command::analyze(&[&capture], &["--log.level", "trace"]);
            run.document();
            for secret in secrets.split_whitespace() {
                let seen = [&run.stdout, &run.stderr].iter().any(|bytes| contains(bytes, secret.as_bytes()));
                assert!(!seen, "{}: {secret}", capture.display());
            }
        }
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// What must come of captures that were made to break monitors: how many DICOM or HL7 messages (none of them has any), and the
/// counters that say what is wrong with each.
const HOSTILE: [(&str, &[&str]); 10] = [
    ("arkime__wireshark-retrans.pcap", &["duplicate_packets"]),
    ("suri__eve-overlap-payload-01__tcp-overlap.pcap", &["overlap_conflicts"]),
    ("suri__http-gap-simple.pcap", &["stream_gap_bytes"]),
    ("suri__smb1-03-midstream__smb1_osx-s1-midstream-modified.pcap", &["joined_flows"]),
    ("suri__stream-async-6063-cli-01__http-request-header-async-cli.pcap", &["one_sided_flows"]),
    ("wireshark__http-ooo.pcap", &["out_of_order_segments"]),
    ("wireshark__dns-ooo.pcap", &["out_of_order_segments"]),
    ("zeek__ip4-trunc.pcap", &["ip_header_malformed"]),
    ("zeek__fragmented-2.pcap", &[]),
    ("zeek__empty.pcap", &[]),
];

#[test]
fn captures_made_to_break_monitors_are_read_in_a_moment_and_what_is_wrong_is_counted() {
    let test = "captures_made_to_break_monitors_are_read_in_a_moment_and_what_is_wrong_is_counted";
    let mut lines = Vec::new();
    for capture in shared::captures(test, "robustness") {
        let name = capture.file_name().unwrap().to_string_lossy().into_owned();
        let run = command::wardwatch(&["analyze", "--format", "json", &capture.to_string_lossy()]);
        assert!(matches!(run.code, Some(0 | 1)), "{name}: {run}");
        let Ok(document) = serde_json::from_slice::<Value>(&run.stdout) else {
            assert_eq!(run.code, Some(1), "{name}: {run}");
            continue;
        };
        let counted = |counter: &str| {
            let capture = &document["capture"];
            capture["loss"][counter].as_u64().or(capture["conditions"][counter].as_u64()).unwrap_or(0)
        };
        for protocol in ["dicom", "hl7"] {
            assert_eq!(document["capture"]["protocols"][protocol]["messages"], 0, "{name}: nobody speaks {protocol}");
        }
        let expected = HOSTILE.iter().find(|(hostile, _)| *hostile == name).map_or(&[][..], |(_, counters)| counters);
        lines.extend(
            expected.iter().filter(|counter| counted(counter) == 0).map(|counter| format!("{name}: {counter}")),
        );
    }
    assert!(lines.is_empty(), "not counted:\n{}", lines.join("\n"));
}
