//! Conversations of instruments, with made-up serial numbers.

use super::Astm;
use crate::protocol::{
    Probe, Side, Step, StreamParser,
    battery::{MARK, Sample},
};
use wardwatch_model::PacketTime;

/// Frames of records, one each, the first with this number.
fn frames(first: u8, records: &[String]) -> Vec<Vec<u8>> {
    (first..).zip(records).map(|(number, record)| frame(number, &format!("{record}\r"), 0x03)).collect()
}

fn frame(number: u8, text: &str, end: u8) -> Vec<u8> {
    let body = [&[b'0' + number % 8][..], text.as_bytes(), &[end]].concat();
    let sum = body.iter().fold(0, |sum: u8, byte| sum.wrapping_add(*byte));
    [&[2][..], &body, format!("{sum:02X}\r\n").as_bytes()].concat()
}

/// A message: who sends it, and a letter for each record that follows.
fn message(sender: &str, letters: &str) -> Vec<String> {
    let header = format!("H|\\^&|{MARK}|{MARK}|{sender}|{MARK}|{MARK}|||{MARK}||P|LIS2-A2|20261124080000");
    let others = letters.chars().map(|letter| format!("{letter}|1|{MARK}||{MARK}^H|{MARK}|H|\\^&|||{MARK}"));
    [header].into_iter().chain(others).collect()
}

/// Each frame is acknowledged.
fn exchange(from: Side, frames: &[Vec<u8>]) -> Sample {
    let turn = [vec![vec![5]], frames.to_vec()].concat();
    let said = turn.into_iter().flat_map(|bytes| [(from, bytes), (from.other(), vec![6])]);
    said.chain([(from, vec![4])]).collect()
}

pub(super) fn samples() -> Vec<Sample> {
    let results = frames(1, &message("EXAMPLE 5^01.02^S0000001", "PORL"));
    let orders = frames(1, &message("LIS", "POL"));
    let other = message("EXAMPLE 5@01.02@S0000001", "PR").concat().replace("\\^&", "@^\\").replace("5@01", "5^01");
    let split = vec![frame(1, &message("EXAMPLE 5^01.02^S0000001", "")[0], 0x17), frame(2, "\rR|1\rL|1\r", 0x03)];
    let plain = message("EXAMPLE 5^01.02^S0000001", "PORL").join("\r") + "\r";
    let queries = [&message("EXAMPLE 6", "QL")[..], &message("EXAMPLE 7", "R")].concat();
    vec![
        [exchange(Side::B, &results), exchange(Side::A, &orders)].concat(),
        exchange(Side::A, &split),
        vec![(Side::A, plain.into_bytes()), (Side::B, MARK.as_bytes().to_vec())],
        exchange(Side::A, &[frame(1, &queries.join("\r\n"), 0x03)]),
        exchange(Side::B, &[frame(1, &other, 0x03)]),
    ]
}

fn told(sample: &[(Side, Vec<u8>)]) -> Vec<(Side, String, u64)> {
    let mut parser = Astm::default();
    for (side, bytes) in sample {
        assert_eq!(parser.feed(*side, PacketTime(0), bytes), Step::Advance(bytes.len() as u64));
    }
    let spoken = parser.finish().descriptions.into_iter();
    spoken.map(|spoken| (spoken.side, spoken.attributes[0].1.to_string(), spoken.seen.count)).collect()
}

const EXAMPLE: &str = "EXAMPLE 5^01.02^S0000001";

#[test]
fn whoever_tells_results_is_told_and_whoever_orders_is_not() {
    assert_eq!(told(&samples()[0]), [(Side::B, EXAMPLE.to_owned(), 1)]);
}

#[test]
fn a_record_may_stand_in_two_frames_and_come_without_any() {
    assert_eq!(told(&samples()[1]), [(Side::A, EXAMPLE.to_owned(), 1)]);
    assert_eq!(told(&samples()[2]), [(Side::A, EXAMPLE.to_owned(), 1)]);
}

#[test]
fn several_messages_in_a_frame_have_a_sender_each() {
    assert_eq!(told(&samples()[3]), ["EXAMPLE 6", "EXAMPLE 7"].map(|sender| (Side::A, sender.to_owned(), 1)));
}

#[test]
fn a_frame_that_comes_again_counts_once() {
    let once = frames(1, &message(EXAMPLE, "R"));
    let twice = [once[0].clone(), once[0].clone(), once[1].clone(), once[1].clone()];
    assert_eq!(told(&exchange(Side::A, &twice)), [(Side::A, EXAMPLE.to_owned(), 1)]);
}

#[test]
fn behind_a_gap_a_continuing_frame_is_no_header() {
    let mut parser = Astm::default();
    parser.feed(Side::A, PacketTime(0), &frame(1, &message(EXAMPLE, "R")[0], 0x17));
    parser.gap(Side::A);
    parser.feed(Side::A, PacketTime(0), &frame(3, &format!("H|\\^&|||{MARK}"), 0x17));
    parser.feed(Side::A, PacketTime(0), &frame(4, "\rR|1\r", 0x03));
    assert_eq!(parser.finish().descriptions, []);
}

#[test]
fn a_connection_joined_later_is_known_by_its_next_header() {
    let frames = frames(1, &message(EXAMPLE, "R"));
    let bytes = [b"1|\x021HELLO\r".to_vec(), frames[0].clone()].concat();
    assert_eq!(Astm::find_start(&bytes), Some(10));
    assert_eq!(Astm::find_start(b"\x021HELLO WORLD \x021H|||||"), None);
}

#[test]
fn other_first_bytes_are_not_a_message() {
    for other in [&b"\x05\x01\x00"[..], b"HEAD / HTTP/1.1", b"H|\\^|||", b"H|\\^&~", b"\x061", &[6; 20], b"\x02\x02"] {
        assert_eq!(Astm::probe(other), Probe::No, "{other:?}");
    }
    for unfinished in [&b"\x05"[..], b"\x06", b"\x05\x05\x02", b"\x021H|", b"H", b"H|@^\\"] {
        assert_eq!(Astm::probe(unfinished), Probe::NeedMore, "{unfinished:?}");
    }
    for certain in [&b"\x05\x021H|\\^&|"[..], b"\x02H|\\^&|", b"H|@^\\|"] {
        assert_eq!(Astm::probe(certain), Probe::Certain, "{certain:?}");
    }
}
