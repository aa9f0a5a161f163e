//! What the command says of bad input and of bad arguments.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::command::{Run, analyze, wardwatch};
use crate::support::process::text;
use crate::support::scratch::Scratch;
use crate::support::{pcap, programs};

/// Runs on one bad file: exit code 1, one line on standard error that names the file, and still a whole document.
fn complaint(file: &Path) -> (Run, Value) {
    let run = analyze(&[file], &[]);
    assert_eq!(run.code, Some(1), "{}: {run}", file.display());
    let line = run.errors();
    assert_eq!(line.lines().count(), 1, "one line, not {line:?}");
    assert!(line.contains(&*file.to_string_lossy()), "{line:?} names {}", file.display());
    let document = run.document();
    (run, document)
}

/// The number after the word "offset" in the complaint.
fn offset(run: &Run) -> usize {
    let line = run.errors();
    let after = line.split_once("offset").unwrap_or_else(|| panic!("no offset in {line:?}")).1;
    let digits = after.trim_start_matches(|c: char| !c.is_ascii_digit());
    digits.split(|c: char| !c.is_ascii_digit()).next().and_then(|digits| digits.parse().ok()).unwrap()
}

#[test]
fn a_file_that_is_no_capture_is_named_with_the_offset() {
    let scratch = Scratch::new();
    let (run, document) = complaint(&scratch.write("notes.pcap", "only text, in a file of that name"));
    assert_eq!(offset(&run), 0, "{run}");
    assert_eq!(document["capture"]["packets"], 0);
    let (run, document) = complaint(&scratch.write("empty.pcap", ""));
    assert!(run.errors().contains("is empty"), "{run}");
    assert_eq!(document["capture"]["packets"], 0);
}

#[test]
fn a_format_that_is_not_read_is_refused_by_name_not_guessed() {
    let scratch = Scratch::new();
    // A snoop file (RFC 1761), version 2, Ethernet.
    let snoop = [&b"snoop\0\0\0"[..], &[0, 0, 0, 2, 0, 0, 0, 4]].concat();
    complaint(&scratch.write("old.snoop", snoop));
}

#[test]
fn what_stands_before_a_cut_is_reported() {
    let scratch = Scratch::new();
    let whole = pcap::announcements(3);
    let offsets = pcap::offsets(&whole);
    // In the third packet's data, in its header, and in the file's own header.
    for (length, packets) in [(offsets[2] + 20, 2), (offsets[2] + 4, 2), (10, 0)] {
        let (run, document) = complaint(&scratch.write(format!("cut-{length}.pcap"), &whole[..length]));
        assert_eq!(document["capture"]["packets"], packets, "cut at {length}");
        assert!(offset(&run) <= length, "{run}");
        assert!(offset(&run) >= if packets == 2 { offsets[2] } else { 0 }, "{run}");
        assert_eq!(document["devices"].as_array().unwrap().len(), usize::from(packets > 0));
    }
}

#[test]
fn a_file_that_is_missing_or_cannot_be_read_is_named() {
    let scratch = Scratch::new();
    complaint(&scratch.path().join("missing.pcap"));
    complaint(scratch.path());
    // Opens, but reading its first byte fails, also for root.
    complaint(Path::new("/proc/self/mem"));
}

#[test]
fn a_bad_file_does_not_hide_the_good_ones() {
    let scratch = Scratch::new();
    let good = scratch.write("good.pcap", pcap::announcements(2));
    let bad = scratch.write("bad.pcap", b"nothing");
    for files in [[good.as_path(), &bad], [&bad, &good]] {
        let run = analyze(&files, &[]);
        assert_eq!(run.code, Some(1), "{run}");
        assert!(run.errors().contains("bad.pcap") && !run.errors().contains("good.pcap"), "{run}");
        assert_eq!(run.document()["capture"]["packets"], 2);
    }
}

#[test]
fn a_good_capture_ends_with_code_0_and_says_nothing() {
    let scratch = Scratch::new();
    let run = analyze(&[&scratch.write("good.pcap", pcap::announcements(2))], &[]);
    assert_eq!((run.code, run.errors().as_str()), (Some(0), ""), "{run}");
    let document = run.document();
    assert_eq!(document["capture"]["files"], 1);
    assert_eq!(document["devices"][0]["addresses"][0]["mac"], "00:00:5e:00:53:07");
    assert_eq!(document["capture"]["first_packet"], "2026-11-24T08:00:00.000000000Z");
}

/// Wrong usage: exit code 2, nothing on standard output, and all of `says` on standard error.
fn refused(arguments: &[&str], says: &[&str]) {
    let run = wardwatch(arguments);
    assert_eq!(run.code, Some(2), "{arguments:?}: {run}");
    assert!(run.stdout.is_empty(), "{arguments:?}: {run}");
    for part in says {
        assert!(run.errors().contains(part), "{arguments:?} does not say {part:?}: {run}");
    }
}

#[test]
fn wrong_usage_ends_with_code_2_and_a_hint() {
    refused(&["analyse", "x.pcap"], &["analyse", "analyze"]);
    refused(&["analyze"], &["FILE", "--help"]);
    refused(&["analyze", "x.pcap", "--fromat", "json"], &["--fromat", "--format"]);
    refused(&["analyze", "x.pcap", "--format", "yaml"], &["yaml", "table", "json", "csv"]);
    refused(&["analyze", "x.pcap", "--at", "2026-13-01"], &["--at", "2026-13-01"]);
    refused(&["analyze", "x.pcap", "--at", "yesterday"], &["--at", "yesterday"]);
    refused(&["analyze", "x.pcap", "--internal-net", "10.0.0.0/33"], &["--internal-net", "10.0.0.0/33"]);
    refused(&["analyze", "x.pcap", "--workers", "many"], &["--workers", "many"]);
}

#[test]
fn every_error_of_a_configuration_is_shown_at_once_with_its_key() {
    let scratch = Scratch::new();
    let config: PathBuf =
        scratch.write("wardwatch.toml", "sitee = \"x\"\n[privacy]\nhostnames = \"keep\"\ncolour = 1\n");
    let config = config.to_string_lossy();
    refused(&["analyze", "x.pcap", "--config.file", &config], &["sitee", "privacy.colour", &config]);
}

#[test]
fn the_version_tells_the_revision_of_a_checkout() {
    let run = wardwatch(&["--version"]);
    assert_eq!(run.code, Some(0), "{run}");
    let revision = env!("WARDWATCH_REVISION");
    let said = std::str::from_utf8(&run.stdout).unwrap().trim();
    assert_eq!(said, format!("wardwatch {} (revision {revision})", env!("CARGO_PKG_VERSION")));
    let is_checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join(".git").exists();
    if is_checkout && programs::available("the_version_tells_the_revision_of_a_checkout", &["git"]) {
        assert_ne!(revision, "unknown");
    }
}

#[test]
fn the_doctor_says_what_a_capture_lacks_and_what_to_do() {
    let scratch = Scratch::new();
    let whole = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures/first-light.pcap")).unwrap();
    let cut = scratch.write("cut.pcap", &whole[..whole.len() - 7]);
    let run = wardwatch(&["doctor".as_ref(), cut.as_os_str()]);
    let page = std::str::from_utf8(&run.stdout).unwrap();
    assert_eq!(run.code, Some(1), "a capture that ends in the middle: {run}");
    assert!(page.contains("BAD      file") && page.contains("cut.pcap"), "{page}");
    // Frames of which 60 bytes were kept: the length on the wire stays as it was.
    let short = scratch.write("short.pcap", pcap::snapped(&whole, 60));
    let run = wardwatch(&["doctor".as_ref(), short.as_os_str()]);
    let page = std::str::from_utf8(&run.stdout).unwrap();
    assert!(
        page.contains("warning  truncated_frames") && page.contains("> Capture whole frames: `tcpdump -s 0`"),
        "{page}"
    );
}

#[test]
fn the_doctor_knows_a_mirror_of_both_ends_and_one_of_a_single_direction() {
    let scratch = Scratch::new();
    let whole = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures/first-light.pcap")).unwrap();
    let page = |name: &str, capture: &[u8]| {
        let run = wardwatch(&["doctor".as_ref(), scratch.write(name, capture).as_os_str()]);
        assert_eq!(run.code, Some(0), "nothing is lost: {run}");
        text(&run.stdout)
    };
    let warns = |page: &str, counter: &str| page.contains(&format!("warning  {counter}"));
    let as_it_is = page("whole.pcap", &whole);
    assert!(as_it_is.contains("good     capture loss"), "{as_it_is}");
    assert!(!warns(&as_it_is, "duplicate_packets") && !warns(&as_it_is, "one_sided_flows"), "{as_it_is}");
    let twice = page("twice.pcap", &pcap::repeated(&whole, |_| 2));
    assert!(warns(&twice, "duplicate_packets") && twice.contains("> Both ends of a path are mirrored."), "{twice}");
    // The destination's MAC address is the greater one.
    let one_way = page("one-way.pcap", &pcap::repeated(&whole, |frame| usize::from(frame[..6] > frame[6..12])));
    assert!(warns(&one_way, "one_sided_flows") && one_way.contains("> Mirror both directions"), "{one_way}");
}
