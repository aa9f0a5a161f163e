//! The same packets give the same bytes, whoever counts them and however they are filed.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::command::analyze;
use crate::support::process::run;
use crate::support::scratch::Scratch;
use crate::support::{pcap, programs, shared};

/// Any number of workers, any number of times.
pub(crate) fn assert_repeatable(capture: &Path) {
    let document = |workers: &str| {
        let run = analyze(&[capture], &["--workers", workers]);
        run.document();
        run.stdout
    };
    let first = document("1");
    for workers in ["1", "4", "4"] {
        assert!(document(workers) == first, "{} with {workers} workers differs", capture.display());
    }
}

/// Cut in two at a packet, and the two given in either order: only `capture.files` may tell.
pub(crate) fn assert_split_does_not_show(capture: &Path) {
    let scratch = Scratch::new();
    let whole = document(&[capture]);
    let packets = whole["capture"]["packets"].as_u64().unwrap();
    for first in [packets / 3, packets / 2] {
        let (one, two) = split(capture, first, &scratch);
        for files in [[one.as_path(), &two], [&two, &one]] {
            let mut both = document(&files);
            assert_eq!(both["capture"]["files"], 2);
            both["capture"]["files"] = whole["capture"]["files"].clone();
            assert!(both == whole, "{} cut after packet {first} differs:\n{both}\n{whole}", capture.display());
        }
    }
}

fn document(files: &[&Path]) -> Value {
    analyze(files, &[]).document()
}

fn split(capture: &Path, first: u64, scratch: &Scratch) -> (PathBuf, PathBuf) {
    let (one, two) = (scratch.join(format!("{first}-one.pcap")), scratch.join(format!("{first}-two.pcap")));
    let range = format!("1-{first}");
    // -r keeps the packets named, its absence removes them.
    run(programs::command("editcap").args(["-F", "pcap", "-r"]).args([capture, &one]).arg(&range));
    run(programs::command("editcap").args(["-F", "pcap"]).args([capture, &two]).arg(&range));
    (one, two)
}

#[test]
fn shared_captures_give_the_same_bytes_with_any_number_of_workers() {
    for folder in ["loopback", "medical", "encap", "robustness"] {
        let captures = shared::captures("shared_captures_give_the_same_bytes_with_any_number_of_workers", folder);
        captures.iter().for_each(|capture| assert_repeatable(capture));
    }
}

#[test]
fn a_capture_split_in_two_is_the_same_capture() {
    let test = "a_capture_split_in_two_is_the_same_capture";
    if programs::available(test, &["editcap"]) {
        let captures = shared::captures(test, "loopback");
        captures.iter().for_each(|capture| assert_split_does_not_show(capture));
    }
}

#[test]
fn a_capture_of_our_own_gives_the_same_bytes() {
    assert_repeatable(&Scratch::new().write("own.pcap", pcap::announcements(5)));
}
