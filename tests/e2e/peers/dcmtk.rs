//! DCMTK: the toolkit inside much of what hospitals run.

use std::path::PathBuf;

use super::{CT_IMAGE, EXPLICIT, VERIFICATION, assert_operations, done, object, openssl, said, witnessed};
use crate::support::lab::Lab;
use crate::support::process::{output, run};
use crate::support::{command, devices, programs};
use crate::tshark::Ports;

const PORT: u16 = 11112;
/// A port that no list of DICOM ports has.
const MOVE_PORT: u16 = 30013;

/// The Python that makes the objects, where all programs are here.
fn ready(test: &str, more: &[&str]) -> Option<PathBuf> {
    let programs = ["echoscu", "storescu", "storescp", "dcmqrscp", "findscu", "movescu", "getscu"];
    if !programs::lab_available(test, &programs) || !programs::available(test, more) {
        return None;
    }
    programs::python(test)
}

/// A client of host 11, speaking to host 20.
fn client(lab: &Lab, program: &str, calling: &str, called: &str) -> std::process::Command {
    let mut command = lab.host(11).command(program);
    command.args(["-aet", calling, "-aec", called, "10.0.0.20", &PORT.to_string()]);
    command
}

fn archive(lab: &Lab) -> crate::support::process::Server {
    let store = lab.scratch().join("archive/index").parent().unwrap().to_owned();
    let config = format!(
        "NetworkTCPPort = {PORT}\nMaxPDUSize = 16384\nMaxAssociations = 16\n\
         HostTable BEGIN\ndest = (DEST, 10.0.0.30, {MOVE_PORT})\nHostTable END\n\
         VendorTable BEGIN\nVendorTable END\n\
         AETable BEGIN\nARCHIVE {} RW (10, 1024mb) ANY\nAETable END\n",
        store.display()
    );
    let config = lab.scratch().write("dcmqrscp.cfg", config);
    let mut command = lab.host(20).command("dcmqrscp");
    command.arg("-c").arg(config);
    lab.serve(20, PORT, command)
}

#[test]
fn echo_store_find_move_and_get() {
    let Some(python) = ready("echo_store_find_move_and_get", &[]) else { return };
    let lab = Lab::new(&[11, 20, 30]);
    let (image, got) = (lab.scratch().join("ct.dcm"), lab.scratch().join("got/none"));
    object(&python, &image, EXPLICIT, 128);
    let archive = archive(&lab);
    let mut workstation = lab.host(30).command("storescp");
    workstation.args(["--ignore", "-aet", "DEST", &MOVE_PORT.to_string()]);
    let workstation = lab.serve(30, MOVE_PORT, workstation);

    let sniffer = lab.sniff("services");
    run(&mut client(&lab, "echoscu", "ECHO", "ARCHIVE"));
    run(client(&lab, "storescu", "STORE", "ARCHIVE").arg(&image));
    let keys = ["-S", "-k", "QueryRetrieveLevel=STUDY", "-k", "PatientID=0000", "-k", "StudyInstanceUID"];
    run(client(&lab, "findscu", "FIND", "ARCHIVE").args(keys));
    let keys = ["-P", "-k", "QueryRetrieveLevel=PATIENT", "-k", "PatientID=0000"];
    run(client(&lab, "movescu", "MOVE", "ARCHIVE").args(["-aem", "DEST"]).args(keys));
    run(client(&lab, "getscu", "GET", "ARCHIVE").arg("-od").arg(got.parent().unwrap()).args(keys));
    let capture = sniffer.stop();
    done(archive);
    done(workstation);

    witnessed(&capture, &Ports::dicom(&[PORT.into(), MOVE_PORT.into()]), |view| {
        assert_eq!(view.associations.len(), 6);
        for calling in ["ECHO", "STORE", "FIND", "MOVE", "GET"] {
            let association = view.association(calling, "ARCHIVE");
            assert_eq!((&association["result"], &association["end"]), (&"accepted".into(), &"released".into()));
            assert_eq!(association["client_implementation_uid"], association["server_implementation_uid"]);
            assert_eq!(association["client_max_pdu"], 16384);
        }
        let echo = view.association("ECHO", "ARCHIVE");
        assert_eq!(echo["contexts"][0]["abstract_syntax"], VERIFICATION);
        assert_operations(echo, "C-ECHO", [1, 1, 0, 0, 0]);
        assert_operations(view.association("STORE", "ARCHIVE"), "C-STORE", [1, 1, 0, 0, 0]);
        assert_operations(view.association("FIND", "ARCHIVE"), "C-FIND", [1, 1, 0, 0, 1]);
        let moved = &view.association("MOVE", "ARCHIVE")["operations"]["C-MOVE"];
        assert_eq!((&moved["requests"], &moved["success"]), (&1.into(), &1.into()));
        // The images of a C-GET come back on the association that asked.
        let get = view.association("GET", "ARCHIVE");
        assert_eq!(get["operations"]["C-GET"]["success"], 1);
        assert_operations(get, "C-STORE", [1, 1, 0, 0, 0]);
        // Those of a C-MOVE do not, and go to a port no list knows.
        assert_operations(view.association("ARCHIVE", "DEST"), "C-STORE", [1, 1, 0, 0, 0]);
    });
    let document = command::document(&capture);
    let sender = devices::near(&document, "10.0.0.11");
    for text in ["Wardwatch Test Works", "Phantom 9000", "SN-0042-7", "CTROOM7"] {
        assert!(devices::say(&sender, text), "10.0.0.11 does not show {text}");
    }
    // 128 by 128 pixels of two bytes, and the header; every byte once.
    let bytes = |entry: &&crate::tshark::Entry| entry.value["calling_ae"] == "STORE";
    let view = crate::tshark::View::ours(&document);
    let bytes = view.associations.iter().find(bytes).unwrap().value["operations"]["C-STORE"]["bytes"].as_u64();
    assert!((32_768..36_000).contains(&bytes.unwrap()), "{bytes:?} bytes of one image");
}

#[test]
fn rejected_and_aborted_associations() {
    let Some(python) = ready("rejected_and_aborted_associations", &[]) else { return };
    let lab = Lab::new(&[11, 20, 30]);
    let image = lab.scratch().join("ct.dcm");
    object(&python, &image, EXPLICIT, 64);
    let archive = archive(&lab);
    let mut closed = lab.host(30).command("storescp");
    closed.args(["--refuse", &PORT.to_string()]);
    let closed = lab.serve(30, PORT, closed);

    let sniffer = lab.sniff("rejections");
    for called in ["PACS", "ANY-SCP"] {
        let guess = output(&mut client(&lab, "echoscu", "GUESS", called));
        assert!(!guess.status.success(), "{called} is not to be known");
    }
    let mut refused = lab.host(11).command("echoscu");
    refused.args(["-aet", "GUESS", "-aec", "CLOSED", "10.0.0.30", &PORT.to_string()]);
    assert!(!output(&mut refused).status.success());
    run(client(&lab, "storescu", "IMPATIENT", "ARCHIVE").arg("--abort").arg(&image));
    let capture = sniffer.stop();
    done(archive);
    done(closed);

    witnessed(&capture, &Ports::dicom(&[PORT.into()]), |view| {
        assert_eq!(view.associations.len(), 4);
        for called in ["PACS", "ANY-SCP"] {
            let rejected = view.association("GUESS", called);
            assert_eq!(rejected["result"], "rejected");
            // Permanent, by the service user: called AE title not recognised (PS3.8 table 9-21).
            assert_eq!(rejected["rejection"], serde_json::json!({"result": 1, "source": 1, "reason": 7}));
            assert_eq!(rejected["contexts"][0]["result"], "unanswered");
        }
        assert_eq!(view.association("GUESS", "CLOSED")["result"], "rejected");
        let aborted = view.association("IMPATIENT", "ARCHIVE");
        assert_eq!((&aborted["result"], &aborted["end"]), (&"accepted".into(), &"aborted".into()));
        assert_eq!(aborted["abort"], serde_json::json!({"source": 0, "reason": 0}));
        assert!(aborted["contexts"].as_array().unwrap().iter().any(|one| one["abstract_syntax"] == CT_IMAGE));
    });
}

#[test]
fn inside_tls_only_the_port_is_a_hint() {
    let test = "inside_tls_only_the_port_is_a_hint";
    if ready(test, &["openssl"]).is_none() {
        return;
    }
    let lab = Lab::new(&[11, 20]);
    let (key, certificate) = openssl::certificate(&lab);
    let mut server = lab.host(20).command("storescp");
    server.args(["--ignore", "--ignore-peer-cert", "+tls"]).args([&key, &certificate]).arg("2762");
    let server = lab.serve(20, 2762, server);

    let sniffer = lab.sniff("tls");
    let mut echo = lab.host(11).command("echoscu");
    echo.args(["--anonymous-tls", "--ignore-peer-cert", "-aet", "SECRETSCU", "-aec", "SECRETSCP", "10.0.0.20", "2762"]);
    said(echo);
    let capture = sniffer.stop();
    done(server);

    assert!(!crate::patient::holds(&capture, "SECRETSCU"), "the title is not to be seen in clear");
    let document = command::document(&capture);
    let tls = devices::conversations(&document, "tls");
    assert_eq!(tls.len(), 1, "{document}");
    assert_eq!(tls[0]["server_address"], "10.0.0.20");
    assert_eq!((&tls[0]["port"], &tls[0]["encrypted"]), (&2762.into(), &true.into()));
    assert_eq!(tls[0]["detail"]["hint"], "dicom-port");
    assert!(devices::conversations(&document, "dicom").is_empty());
}
