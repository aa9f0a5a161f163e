//! The committed captures are those that the code makes. `WARDWATCH_BLESS=1` writes them anew.

#![allow(clippy::unwrap_used, reason = "a file that cannot be written must stop its test")]

use std::{env, fs, path::Path};
use wardwatch_hospital::{capture::Packet, first_light, morning};

/// Compares a committed file with what the code makes.
fn committed(name: &str, made: &[u8]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../captures").join(name);
    if env::var_os("WARDWATCH_BLESS").is_some_and(|value| value == "1") {
        fs::write(&path, made).unwrap();
    }
    let committed = fs::read(&path).unwrap_or_default();
    assert!(
        committed == made,
        "{} is not what the code makes ({} bytes, made {}): if that is meant, run again with WARDWATCH_BLESS=1",
        path.display(),
        committed.len(),
        made.len()
    );
}

/// Everything that must not be told is there to be told.
fn holds(packets: Vec<Packet>, untold: &[&str]) {
    let bytes = packets.into_iter().flat_map(|packet| packet.bytes).collect::<Vec<u8>>();
    for word in untold {
        assert!(bytes.windows(word.len()).any(|window| window == word.as_bytes()), "{word}");
    }
}

#[test]
fn the_committed_captures_are_what_the_code_makes() {
    committed("first-light.pcap", &first_light::pcap());
    let morning = morning::morning(morning::SEED);
    committed("hospital.pcapng", &morning::pcapng(&morning.packets));
    committed("hospital.truth.json", morning::json(&morning.truth).as_bytes());
}

#[test]
fn the_captures_are_small_and_in_order() {
    let packets = first_light::packets();
    assert!((200..=400).contains(&packets.len()), "{} packets", packets.len());
    assert!(first_light::pcap().len() < 150 * 1024);
    assert!(packets.is_sorted_by_key(|packet| packet.at));
    let packets = morning::packets(morning::SEED);
    assert!(packets.is_sorted_by_key(|packet| packet.at));
    assert!(morning::pcapng(&packets).len() <= 3 * 1024 * 1024);
}

#[test]
fn what_must_not_be_told_is_in_the_captures() {
    holds(first_light::packets(), first_light::truth().untold);
    holds(morning::packets(morning::SEED), morning::truth(morning::SEED).untold);
}
