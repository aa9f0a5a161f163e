//! pynetdicom: every DIMSE service, every kind of negotiation, every family of transfer syntaxes.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{
    BIG_ENDIAN, CT_IMAGE, DEFLATED, EXPLICIT, IMPLICIT, JPEG, STUDY_FIND, STUDY_GET, STUDY_MOVE, VERIFICATION,
    assert_operations, done, said, script, witnessed,
};
use crate::support::lab::Lab;
use crate::support::process::Server;
use crate::support::{command, devices, programs};
use crate::tshark::Ports;

const PORT: u16 = 11112;
const MPPS: &str = "1.2.840.10008.3.1.2.3.3";
const COMMITMENT: &str = "1.2.840.10008.1.20.1";
const PRINTER: &str = "1.2.840.10008.5.1.1.16";

fn ready(test: &str) -> Option<PathBuf> {
    programs::lab_available(test, &[]).then(|| programs::python(test)).flatten()
}

fn serve(lab: &Lab, python: &Path, host: u8, port: u16, mut plan: Value) -> Server {
    plan["port"] = json!(port);
    let mut command = script(lab.host(host), python, "scp.py");
    command.arg(plan.to_string());
    lab.serve(host, port, command)
}

/// One association from a host to the archive on host 20; returns what the client printed, line by line.
fn associate(lab: &Lab, host: u8, python: &Path, mut plan: Value) -> Vec<String> {
    plan["to"] = json!(["10.0.0.20", PORT]);
    plan["called"] = json!("ARCHIVE");
    let mut command = script(lab.host(host), python, "scu.py");
    command.arg(plan.to_string());
    said(command).lines().map(str::to_owned).collect()
}

#[test]
fn every_transfer_syntax_is_named_and_its_header_read() {
    let Some(python) = ready("every_transfer_syntax_is_named_and_its_header_read") else { return };
    let lab = Lab::new(&[11, 20]);
    // Small PDUs: every data set is in many.
    let server = serve(&lab, &python, 20, PORT, json!({"ae": "ARCHIVE", "max_pdu": 1024}));
    let syntaxes =
        [("IMPLICIT", IMPLICIT), ("EXPLICIT", EXPLICIT), ("BIG", BIG_ENDIAN), ("DEFLATED", DEFLATED), ("JPEG", JPEG)];

    let sniffer = lab.sniff("syntaxes");
    for (calling, syntax) in syntaxes {
        let plan = json!({"calling": calling, "contexts": [[CT_IMAGE, [syntax]]], "max_pdu": 4096,
            "steps": [{"do": "store", "syntax": syntax}, {"do": "store", "syntax": syntax, "rows": 128}]});
        assert_eq!(associate(&lab, 11, &python, plan), ["store 0", "store 0", "released"]);
    }
    let capture = sniffer.stop();
    done(server);

    witnessed(&capture, &Ports::dicom(&[PORT.into()]), |view| {
        for (calling, syntax) in syntaxes {
            let association = view.association(calling, "ARCHIVE");
            assert_eq!(association["contexts"][0]["transfer_syntax"], syntax);
            assert_eq!(association["client_implementation_version"], "PYNETDICOM_304");
            assert_eq!((&association["client_max_pdu"], &association["server_max_pdu"]), (&4096.into(), &1024.into()));
            assert_operations(association, "C-STORE", [2, 2, 0, 0, 0]);
        }
    });
}

#[test]
fn the_equipment_is_read_in_every_transfer_syntax() {
    let Some(python) = ready("the_equipment_is_read_in_every_transfer_syntax") else { return };
    let lab = Lab::new(&[11, 12, 13, 14, 15, 20]);
    let server = serve(&lab, &python, 20, PORT, json!({"ae": "ARCHIVE"}));
    let scanners = [(11, IMPLICIT), (12, EXPLICIT), (13, BIG_ENDIAN), (14, DEFLATED), (15, JPEG)];

    let sniffer = lab.sniff("equipment");
    for (host, syntax) in scanners {
        let serial = format!("SERIAL-{host}");
        let plan = json!({"calling": format!("SCANNER{host}"), "contexts": [[CT_IMAGE, [syntax]]],
            "steps": [{"do": "store", "syntax": syntax, "attributes": {"DeviceSerialNumber": serial}}]});
        assert_eq!(associate(&lab, host, &python, plan), ["store 0", "released"]);
    }
    let capture = sniffer.stop();
    done(server);

    let document = command::document(&capture);
    for (host, syntax) in scanners {
        let near = devices::near(&document, &format!("10.0.0.{host}"));
        for text in ["Wardwatch Test Works", "Phantom 9000", "CTROOM7", "4.7.11", "OS 2.1"] {
            assert!(devices::say(&near, text), "{syntax}: {text} not shown");
        }
        for (other, _) in scanners {
            let serial = format!("SERIAL-{other}");
            assert_eq!(devices::say(&near, &serial), host == other, "{syntax}: {serial} of 10.0.0.{other}");
        }
    }
}

#[test]
fn query_and_retrieve() {
    let Some(python) = ready("query_and_retrieve") else { return };
    let lab = Lab::new(&[11, 20, 30]);
    let destinations = json!({"DEST": ["10.0.0.30", 30015]});
    let server = serve(&lab, &python, 20, PORT, json!({"ae": "ARCHIVE", "destinations": destinations}));
    // A store that is full: out of resources (PS3.4 table B.2-1).
    let full = serve(&lab, &python, 30, 30015, json!({"ae": "DEST", "store_status": 0xA700}));

    let sniffer = lab.sniff("retrieve");
    let plan = json!({"calling": "READER",
        "contexts": [[VERIFICATION, [IMPLICIT]], [STUDY_FIND, [IMPLICIT]], [STUDY_MOVE, [IMPLICIT]],
                     [STUDY_GET, [IMPLICIT]], [CT_IMAGE, [EXPLICIT]], ["1.2.3.4.5.6", [IMPLICIT]]],
        "roles": [[CT_IMAGE, true, true]],
        "steps": [{"do": "echo"}, {"do": "find", "model": STUDY_FIND}, {"do": "get", "model": STUDY_GET},
                  {"do": "move", "model": STUDY_MOVE, "destination": "DEST"}]});
    let lines = associate(&lab, 11, &python, plan);
    let capture = sniffer.stop();
    done(server);
    done(full);
    assert_eq!(lines.last().map(String::as_str), Some("released"), "{lines:?}");

    witnessed(&capture, &Ports::dicom(&[PORT.into(), 30015]), |view| {
        let reader = view.association("READER", "ARCHIVE");
        assert_operations(reader, "C-ECHO", [1, 1, 0, 0, 0]);
        assert_operations(reader, "C-FIND", [1, 1, 0, 0, 3]);
        assert_operations(reader, "C-GET", [1, 1, 0, 0, 2]);
        assert_operations(reader, "C-STORE", [2, 2, 0, 0, 0]);
        // Two objects could not be delivered: the C-MOVE itself says so.
        let moved = &reader["operations"]["C-MOVE"];
        assert_eq!((&moved["requests"], &moved["pending"]), (&1.into(), &2.into()), "{moved}");
        assert_operations(view.association("ARCHIVE", "DEST"), "C-STORE", [2, 0, 0, 2, 0]);
        assert_eq!(context(reader, CT_IMAGE)["scp_role"], true);
        assert_eq!(reader["move_destinations"], json!(["DEST"]));
        let unknown = context(reader, "1.2.3.4.5.6");
        assert_eq!(unknown["result"], "abstract-syntax-not-supported");
        assert_eq!(unknown["transfer_syntax"], Value::Null);
    });
}

fn context(association: &Value, abstract_syntax: &str) -> Value {
    let contexts = association["contexts"].as_array().unwrap();
    contexts.iter().find(|one| one["abstract_syntax"] == abstract_syntax).unwrap().clone()
}

#[test]
fn procedure_steps_commitment_and_a_printer() {
    let Some(python) = ready("procedure_steps_commitment_and_a_printer") else { return };
    let lab = Lab::new(&[11, 20]);
    let report = json!(["10.0.0.11", 30016, "CTROOM7"]);
    let server = serve(&lab, &python, 20, PORT, json!({"ae": "ARCHIVE", "report": report}));

    let sniffer = lab.sniff("normalised");
    let plan = json!({"calling": "CTROOM7", "listen": 30016,
        "contexts": [[MPPS, [IMPLICIT]], [COMMITMENT, [IMPLICIT]], [PRINTER, [IMPLICIT]]],
        "steps": [{"do": "performed"}, {"do": "printer"}, {"do": "commit"}]});
    let lines = associate(&lab, 11, &python, plan);
    assert_eq!(lines, ["performed [0, 0]", "printer 0", "commit 0", "released"]);
    let capture = sniffer.stop();
    done(server);

    witnessed(&capture, &Ports::dicom(&[PORT.into(), 30016]), |view| {
        let scanner = view.association("CTROOM7", "ARCHIVE");
        for service in ["N-CREATE", "N-SET", "N-GET", "N-ACTION"] {
            assert_operations(scanner, service, [1, 1, 0, 0, 0]);
        }
        // The result of the commitment comes on an association of the archive's own, roles reversed.
        let report = view.association("ARCHIVE", "CTROOM7");
        assert_operations(report, "N-EVENT-REPORT", [1, 1, 0, 0, 0]);
        assert_eq!(report["contexts"][0]["abstract_syntax"], COMMITMENT);
    });
}

#[test]
fn everything_that_can_be_negotiated() {
    let Some(python) = ready("everything_that_can_be_negotiated") else { return };
    let lab = Lab::new(&[11, 20]);
    let server = serve(&lab, &python, 20, PORT, json!({"ae": "ARCHIVE"}));

    let sniffer = lab.sniff("negotiation");
    for (calling, abort) in [("POLITE", false), ("RUDE", true)] {
        let plan = json!({"calling": calling, "abort": abort, "user": ["zqnegotiator", "zqsecretword"],
            "window": [5, 2], "extended": [[STUDY_FIND, "010101"]], "common": [[CT_IMAGE, "1.2.840.10008.4.2"]],
            "contexts": [[STUDY_FIND, [IMPLICIT, EXPLICIT, BIG_ENDIAN]], [CT_IMAGE, [EXPLICIT]]],
            "roles": [[CT_IMAGE, false, true]], "steps": [{"do": "find", "model": STUDY_FIND}]});
        let ending = if abort { "aborted" } else { "released" };
        assert_eq!(associate(&lab, 11, &python, plan).last().map(String::as_str), Some(ending));
    }
    let capture = sniffer.stop();
    done(server);

    for word in ["zqnegotiator", "zqsecretword"] {
        assert!(crate::patient::holds(&capture, word), "{word} must have been on the wire");
        assert!(!command::document(&capture).to_string().contains(word), "{word} must not come out");
    }
    witnessed(&capture, &Ports::dicom(&[PORT.into()]), |view| {
        for (calling, end) in [("POLITE", "released"), ("RUDE", "aborted")] {
            let association = view.association(calling, "ARCHIVE");
            assert_eq!(association["end"], end);
            assert_eq!(association["user_identity_type"], 2);
            assert_eq!(association["extended_negotiation"], json!([CT_IMAGE, STUDY_FIND]));
            // Asked for was 5 and 2; this server never grants more than one operation at a time.
            assert_eq!(association["async_operations"], json!({"invoked": 1, "performed": 1}));
            assert_eq!(context(association, CT_IMAGE)["scp_role"], true);
            assert_operations(association, "C-FIND", [1, 1, 0, 0, 3]);
        }
        assert_eq!(view.association("RUDE", "ARCHIVE")["abort"]["source"], 0);
    });
}
