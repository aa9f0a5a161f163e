//! D2, overlaps: the first data counts, whatever a receiver would make of it; other data is always a conflict.

use super::{endpoint::*, *};

/// Where the overlapping segment lies: from, to, in bytes of the stream. The first one has 60..120.
const SHAPES: [(&str, usize, usize); 7] = [
    ("exact", 60, 120),
    ("partial head", 30, 90),
    ("partial tail", 90, 150),
    ("contained", 70, 80),
    ("containing", 30, 150),
    ("same start, longer", 60, 150),
    ("same end, longer", 30, 120),
];

/// The connection with the first segment of 60..120 and the overlapping one, before (`waiting`) or after the bytes in front of
/// them came; the rest after.
fn overlapped(from: usize, to: usize, other: &[u8], waiting: bool) -> Vec<Captured> {
    let stream = messages(4);
    let first = sent(60, &stream[60..120]).at(2).id(1);
    let second = sent(from, other).at(3).id(2);
    let head = sent(0, &stream[..60]).at(if waiting { 4 } else { 1 }).id(3);
    let rest = sent(0, &stream).at(5).id(4);
    assert_eq!(other.len(), to - from);
    opened(if waiting { [first, second, head, rest] } else { [head, first, second, rest] })
}

#[test]
fn overlaps_with_the_same_data_change_nothing() {
    let stream = messages(4);
    for (shape, from, to) in SHAPES {
        for waiting in [false, true] {
            let facts = assert_whole(&overlapped(from, to, &stream[from..to], waiting), 4);
            assert_eq!(loss(&facts, "overlap_conflicts"), 0, "{shape}");
        }
    }
}

#[test]
fn overlaps_with_other_data_are_conflicts_and_what_came_first_counts() {
    let stream = messages(4);
    for (shape, from, to) in SHAPES {
        for waiting in [false, true] {
            // Other only where the first segment was: elsewhere this one came first.
            let mut other = stream[from..to].to_vec();
            (from.max(60)..to.min(120)).for_each(|at| other[at - from] ^= 0x20);
            let facts = run(&overlapped(from, to, &other, waiting));
            assert_eq!(told(&facts), 4, "{shape}, {waiting}");
            assert!(loss(&facts, "overlap_conflicts") > 0, "{shape}, {waiting}");
        }
    }
}

#[test]
fn an_overlap_before_the_bytes_it_follows_is_no_false_message() {
    // Another whole message under the numbers of the second one, first or last.
    let stream = messages(2);
    let at = message(0).len();
    let evil: Vec<u8> = message(1).iter().map(|byte| if byte.is_ascii_digit() { b'9' } else { *byte }).collect();
    for evil_first in [false, true] {
        let mut pair = [sent(at, &stream[at..]).at(1).id(1), sent(at, &evil).at(2).id(2)];
        if evil_first {
            pair.reverse();
        }
        let facts = run(&opened(pair.into_iter().chain([sent(0, &stream[..at]).at(3).id(3)])));
        assert_eq!((told(&facts), loss(&facts, "overlap_conflicts")), (2, 1));
    }
}

#[test]
fn the_sequence_of_novak_and_sturges_gives_each_byte_to_whoever_sent_it_first() {
    // Segments of the published test of reassembly policies: at each place several, of which systems choose another one.
    let pieces: [(usize, usize, u8); 9] = [
        (0, 3, b'1'),
        (6, 10, b'2'),
        (16, 20, b'3'),
        (24, 28, b'4'),
        (0, 2, b'5'),
        (3, 9, b'6'),
        (13, 17, b'7'),
        (20, 26, b'8'),
        (9, 13, b'9'),
    ];
    // In the text of a message, so that every byte is read.
    let head = b"\x0bMSH|^~\\&|MON|ICU|EHR|HOSP|2026||ADT^A01|1|P|2.5\rNTE|1||";
    let piece = |((from, to, byte), id): (&(usize, usize, u8), u16)| {
        sent(head.len() + from, &vec![*byte; to - from]).at(u64::from(id)).id(id)
    };
    let facts = run(&opened([sent(0, head).at(0)].into_iter().chain(pieces.iter().zip(1..).map(piece))));
    assert_eq!((only(&facts).1.bytes_to_server, loss(&facts, "stream_gap_bytes")), (head.len() as u64 + 28, 0));
    assert_eq!((told(&facts), loss(&facts, "overlap_conflicts")), (1, 5));
}
