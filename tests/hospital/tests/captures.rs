//! The committed captures are those that the code makes. `WARDWATCH_BLESS=1` writes them anew.

use std::{env, fs, path::Path};
use wardwatch_hospital::first_light;

#[test]
fn the_committed_capture_is_what_the_code_makes() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../captures/first-light.pcap");
    let made = first_light::pcap();
    if env::var_os("WARDWATCH_BLESS").is_some_and(|value| value == "1") {
        fs::write(&path, &made).unwrap();
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

#[test]
fn the_capture_is_small_and_in_order() {
    let packets = first_light::packets();
    assert!((200..=400).contains(&packets.len()), "{} packets", packets.len());
    assert!(first_light::pcap().len() < 150 * 1024);
    assert!(packets.is_sorted_by_key(|packet| packet.at));
}

#[test]
fn what_must_not_be_told_is_in_the_capture() {
    let bytes = first_light::packets().into_iter().flat_map(|packet| packet.bytes).collect::<Vec<u8>>();
    for word in first_light::truth().untold {
        assert!(bytes.windows(word.len()).any(|window| window == word.as_bytes()), "{word}");
    }
}
