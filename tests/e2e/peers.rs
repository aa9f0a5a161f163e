//! Captures made while the test runs, of other people's software talking to each other.
//!
//! What a test did is stated twice, by the test and by tshark, and both must be found in the document.

mod dcmtk;
mod mllp;
mod openssl;
mod orthanc;
mod pynetdicom;

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::determinism;
use crate::support::command;
use crate::support::lab::Host;
use crate::support::process::{Server, run, text};
use crate::tshark::{self, Ports, View};

/// Both witnesses pass `check`, and agree with each other; and the document is the same however it is made.
fn witnessed(capture: &Path, ports: &Ports, check: impl Fn(&View)) {
    check(&View::tshark(capture, ports));
    check(&View::ours(&command::document(capture)));
    tshark::agree(capture, ports);
    determinism::assert_repeatable(capture);
    determinism::assert_split_does_not_show(capture);
}

/// One of the Python peers, to run on a host. -B: no compiled files beside the sources.
pub(crate) fn script(host: &Host, python: &Path, name: &str) -> Command {
    let mut command = host.command(python);
    command.arg("-B").arg(folder().join(name));
    command
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/peers")
}

/// Runs a client to its end and returns what it printed.
fn said(mut command: Command) -> String {
    text(&run(&mut command).stdout)
}

/// Makes a DICOM file in a transfer syntax.
fn object(python: &Path, file: &Path, transfer_syntax: &str, rows: u32) {
    let arguments = [transfer_syntax, &rows.to_string()];
    run(Command::new(python).arg("-B").arg(folder().join("objects.py")).arg(file).args(arguments));
}

/// The number of requests and of each outcome, in the order of the contract.
fn assert_operations(association: &Value, name: &str, counts: [u64; 5]) {
    let operation = &association["operations"][name];
    let fields = ["requests", "success", "warning", "failure", "pending"];
    for (field, count) in fields.iter().zip(counts) {
        assert_eq!(operation[*field], count, "{name} {field} in {}", association["operations"]);
    }
}

/// Ends a server that has served, with its log at hand where a test fails after it.
fn done(server: Server) {
    eprintln!("{}", server.log());
    drop(server);
}

pub(crate) const IMPLICIT: &str = "1.2.840.10008.1.2";
pub(crate) const EXPLICIT: &str = "1.2.840.10008.1.2.1";
pub(crate) const BIG_ENDIAN: &str = "1.2.840.10008.1.2.2";
pub(crate) const DEFLATED: &str = "1.2.840.10008.1.2.1.99";
pub(crate) const JPEG: &str = "1.2.840.10008.1.2.4.50";

pub(crate) const VERIFICATION: &str = "1.2.840.10008.1.1";
pub(crate) const CT_IMAGE: &str = "1.2.840.10008.5.1.4.1.1.2";
pub(crate) const STUDY_FIND: &str = "1.2.840.10008.5.1.4.1.2.2.1";
pub(crate) const STUDY_MOVE: &str = "1.2.840.10008.5.1.4.1.2.2.2";
pub(crate) const STUDY_GET: &str = "1.2.840.10008.5.1.4.1.2.2.3";
