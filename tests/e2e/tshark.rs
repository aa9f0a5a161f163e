//! Agreement with tshark: a second reader of the same packets, written by other people.

mod compare;
mod dhcp;
mod dicom;
mod differences;
mod dimse;
mod dissect;
mod hl7;
mod pdml;
mod view;
mod words;

use std::path::Path;

pub(crate) use view::{Entry, Ports, View};

use crate::shared_captures;
use crate::support::{command, programs, shared};

/// Holds our document for a capture against tshark, on the ports we claim and on those the caller knows of.
pub(crate) fn agree(capture: &Path, known: &Ports) {
    let document = command::document(capture);
    let mut ports = Ports::claimed(&document);
    ports.dicom.extend(&known.dicom);
    ports.hl7.extend(&known.hl7);
    let lines = compare::disagreements(&View::ours(&document), &View::tshark(capture, &ports));
    let (name, count) = (capture.display(), lines.len());
    assert!(count == 0, "{name}: {count} disagreements\n{}\n{}", lines.join("\n"), differences::allowed());
}

/// The ports of the shared captures, as their expected results and origins name them.
fn of_shared_captures() -> Ports {
    Ports { dicom: vec![104, 4242, 11112, 11113, 11117], hl7: vec![2575, 6661] }
}

const TSHARK: &[&str] = &["tshark"];

#[test]
fn agrees_on_every_loopback_capture() {
    agrees_on("agrees_on_every_loopback_capture", "loopback");
}

#[test]
fn agrees_on_every_medical_capture() {
    agrees_on("agrees_on_every_medical_capture", "medical");
}

fn agrees_on(test: &str, folder: &str) {
    if !programs::available(test, TSHARK) {
        return;
    }
    for capture in shared::captures(test, folder) {
        agree(&capture, &of_shared_captures());
    }
}

/// The second witness is itself held against what the captures' makers say they sent.
#[test]
fn tshark_reads_what_the_makers_sent() {
    let test = "tshark_reads_what_the_makers_sent";
    if !programs::available(test, TSHARK) {
        return;
    }
    for capture in shared::captures(test, "loopback") {
        let Some(expected) = shared_captures::expected(&capture) else { continue };
        let view = View::tshark(&capture, &of_shared_captures());
        let missing = shared_captures::missing_associations(&view, &expected);
        assert!(missing.is_empty(), "{}: {}", capture.display(), missing.join("\n"));
        for message in expected["messages"].as_array().into_iter().flatten() {
            assert!(view.links.iter().any(|link| message["client"] == link.client.as_str()), "{message}");
        }
    }
}
