//! Rules that a sender breaks, and what must not be taken for that.

use super::super::rules::MAX_MESSAGE;
use super::super::samples::{admission, block};
use super::*;
use Side::{A, B};
use wardwatch_model::Violation;

const HEADER: &str = "MSH|^~\\&|APP|FAC|||2026||ORU^R01|1|P|2.5\r";

fn broken(outcome: &Outcome) -> Vec<(Violation, u64)> {
    outcome.violations.iter().map(|(side, what, seen)| (*side, *what, seen.count)).map(|(_, w, n)| (w, n)).collect()
}

#[test]
fn each_rule_that_is_broken_is_told_with_how_often() {
    let framed = |body: &str| format!("\x0b{HEADER}{body}\x1c\r");
    for (bytes, expected) in [
        (framed("OBX|1\r"), vec![]),
        (framed(""), vec![]),
        (format!("{}{}", framed("OBX|1\r"), framed("OBX|1\r")), vec![]),
        (format!("{HEADER}OBX|1\r\x1c\r{HEADER}\x1c\r"), vec![(Violation::MllpStart, 2)]),
        (format!("\x0b{HEADER}\x1c\x0b{HEADER}\x1c\n\x0b{HEADER}\x1c\r"), vec![(Violation::MllpEnd, 2)]),
        (framed("OBX|1|\0\0|\r\0\rOBX|2|\0\r"), vec![(Violation::Hl7Nul, 1)]),
        (framed("NTE|1|a long \0 comment\r"), vec![(Violation::Hl7Nul, 1)]),
        (framed("OBX|1|NM|1^A^L||5|mg|\0||||F\r"), vec![(Violation::Hl7Nul, 1)]),
        ("\x0bMSH|^~\\&|AP\0P|FAC|||2026||ORU^R01|1|P|2.5\r\x1c\r".to_owned(), vec![(Violation::Hl7Nul, 1)]),
        ("\x0bMSH|^~\\&|A|F|||2026||ORU^R01|1|P|2.5||||||||||\0\r\x1c\r".to_owned(), vec![(Violation::Hl7Nul, 1)]),
        (framed(&format!("{HEADER}OBX|1\r{HEADER}")), vec![(Violation::Hl7SecondHeader, 2)]),
        (format!("\0\0\x0b\0\r\n{}", framed("").trim_start_matches('\x0b')), vec![]),
    ] {
        assert_eq!(broken(&one(bytes.as_bytes())), expected, "{}", bytes.escape_debug());
    }
}

#[test]
fn the_messages_of_a_batch_are_no_second_headers() {
    let batch = format!("\x0bFHS|^~\\&|LAB\rBHS|^~\\&|LAB\r{HEADER}{HEADER}BTS|2\rFTS|1\r\x1c\r");
    assert_eq!(broken(&one(batch.as_bytes())), []);
}

#[test]
fn a_message_is_too_long_from_one_byte_over_the_limit_on_however_it_arrives() {
    let head = "MSH|^~\\&|".len() as u64;
    for (over, expected) in [(0, vec![]), (1, vec![(Violation::Hl7Length, 1)])] {
        let mut bytes = format!("\x0b{HEADER}NTE|").into_bytes();
        let length = MAX_MESSAGE + over + head + 1;
        bytes.resize(usize::try_from(length).unwrap() - 3, b'x');
        bytes.extend(b"\r\r\r\x1c\r");
        assert_eq!(broken(&one(&bytes)), expected);
        let (first, rest) = bytes.split_at(bytes.len() - 4);
        let mut portions = vec![(A, first)];
        portions.extend(rest.chunks(1).map(|byte| (A, byte)));
        assert_eq!(broken(&run(&portions)), expected);
    }
}

#[test]
fn zero_bytes_of_utf_16_are_none() {
    let text = "\x0bMSH|^~\\&|APP|FAC|||2026||ACK^A01|1|P|2.5||||||UNICODE\rMSA|AA|7\rEQU|č\r\x1c\r";
    for little in [true, false] {
        let wide: Vec<u8> =
            text.encode_utf16().flat_map(|c| if little { c.to_le_bytes() } else { c.to_be_bytes() }).collect();
        assert_eq!(broken(&one(&wide)), []);
    }
}

#[test]
fn what_a_gap_took_is_not_missed_and_the_next_block_counts_again() {
    let unframed = &admission(1)[1..];
    let spoilt = [&block(&[HEADER.trim_end(), "NTE|\0"])[..], b"\x0b"].concat();
    for (after, expected) in [(unframed, vec![]), (&spoilt, vec![(Violation::Hl7Nul, 1)])] {
        let mut parser = feed(&[(A, &admission(7)[..40])]);
        parser.gap(A);
        parser.feed(A, PacketTime(8), b"tail|\r");
        parser.feed(A, PacketTime(9), after);
        assert_eq!(broken(&parser.finish()), expected);
    }
}

#[test]
fn an_end_of_block_with_nothing_behind_it_may_be_where_the_capture_ends() {
    let bytes = admission(1);
    assert_eq!(broken(&one(&bytes[..bytes.len() - 1])), []);
}

#[test]
fn an_end_of_block_that_is_answered_and_the_last_byte_of_its_side_counts_once_the_connection_is_over() {
    let sent = admission(1);
    let (unended, answer) = (&sent[..sent.len() - 1], block(&["MSH|^~\\&|B|F|||2026||ACK|1|P|2.5", "MSA|AA|1"]));
    let parser = feed(&[(A, unended), (B, &answer)]);
    assert_eq!(broken(&parser.so_far()), [], "the carriage return may still come");
    assert_eq!(broken(&parser.finish()), [(Violation::MllpEnd, 1)]);
    assert_eq!(broken(&run(&[(A, unended), (B, &answer), (A, b"\r")])), []);
    assert_eq!(broken(&run(&[(A, unended), (B, &answer), (A, b"\r"), (A, unended)])), []);
    assert_eq!(broken(&run(&[(A, unended), (B, &answer), (A, unended)])), [(Violation::MllpEnd, 1)]);
}

#[test]
fn an_end_of_block_behind_which_bytes_were_lost_is_not_held_against_its_sender() {
    let sent = admission(1);
    let mut parser = feed(&[(A, &sent[..sent.len() - 1]), (B, &sent)]);
    parser.gap(A);
    assert_eq!(broken(&parser.finish()), []);
}
