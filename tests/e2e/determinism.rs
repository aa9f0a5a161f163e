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

/// The copy of a second mirror port: each packet some microseconds later, in a file of its own.
fn mirrored(capture: &Path, scratch: &Scratch) -> PathBuf {
    let copy = scratch.join("mirrored.pcapng");
    run(programs::command("editcap").args(["-t", "0.000150"]).args([capture, &copy]));
    copy
}

#[test]
fn two_captures_of_the_same_traffic_tell_what_one_tells() {
    if !programs::available("two_captures_of_the_same_traffic_tell_what_one_tells", &["editcap"]) {
        return;
    }
    let scratch = Scratch::new();
    let capture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures/hospital.pcapng");
    let (once, twice) = (document(&[&capture]), document(&[&capture, &mirrored(&capture, &scratch)]));
    let packets = once["capture"]["packets"].as_u64().unwrap();
    assert_eq!(twice["capture"]["packets"].as_u64().unwrap(), 2 * packets);
    assert_eq!(twice["capture"]["protocols"], once["capture"]["protocols"]);
    assert_eq!(twice["capture"]["flows"], once["capture"]["flows"]);
    assert_eq!(twice["capture"]["loss"], once["capture"]["loss"]);
    // The last time is that of the copy, and where an address changed hands half-way in between counts.
    for list in ["devices", "conversations", "findings"] {
        let timeless = |document: &Value| {
            let mut entries = document[list].clone();
            forget_times(&mut entries);
            entries
        };
        assert!(timeless(&twice) == timeless(&once), "{list} differ");
    }
}

fn forget_times(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, _| name != "first_seen" && name != "last_seen");
            fields.values_mut().for_each(forget_times);
        }
        Value::Array(values) => values.iter_mut().for_each(forget_times),
        _ => {}
    }
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
