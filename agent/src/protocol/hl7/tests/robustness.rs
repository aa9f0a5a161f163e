//! Any bytes, in any portions.

use super::super::samples::{monitor, samples};
use super::*;
use proptest::prelude::*;

/// An outcome of the same bytes, whatever the times and portions.
fn timeless(mut outcome: Outcome) -> Outcome {
    for spoken in &mut outcome.descriptions {
        spoken.seen = wardwatch_model::Seen { first: PacketTime(0), last: PacketTime(0), ..spoken.seen };
    }
    for (_, _, seen) in &mut outcome.violations {
        (seen.first, seen.last) = (PacketTime(0), PacketTime(0));
    }
    outcome
}

/// Cuts each turn of a conversation at the given places.
fn portions<'a>(conversation: &'a [(Side, Vec<u8>)], cuts: &[usize]) -> Vec<(Side, &'a [u8])> {
    let mut cuts = cuts.iter().cycle();
    let mut all = Vec::new();
    for (side, bytes) in conversation {
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            let cut = cuts.next().map_or(rest.len(), |cut| (cut % 97 + 1).min(rest.len()));
            let (now, later) = rest.split_at(cut);
            all.push((*side, now));
            rest = later;
        }
    }
    all
}

fn whole(conversation: &[(Side, Vec<u8>)]) -> Outcome {
    run(&conversation.iter().map(|(side, bytes)| (*side, bytes.as_slice())).collect::<Vec<_>>())
}

/// Bytes of which HL7 is made, more often than others.
fn hl7_like() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(b"\x0bMSH|^~\\&|A|B|C|D|2026||ORU^R01|1|P|2.5||||||ISO IR87\r".to_vec()),
        Just(b"MSH|^~\\&|A||C|||".to_vec()),
        Just(b"MSH*|~\\&*A*\xe4*C*D*2026**ADT|A01*2*P*2.5\n".to_vec()),
        Just(b"MSH|^~\\&|A|B|||2026||ACK|3||2.5||||||ISO IR14\r".to_vec()),
        Just(b"OBX|1||69965^MDC_DEV_MON_MDS^MDC|1.0.0.0|||||||X|||||||NAME^NS^00005EFFFE005301^EUI-64\r".to_vec()),
        Just(b"OBX|1|ST|67972^MDC_ATTR_SYS_ID^MDC|1.1.0.1|".to_vec()),
        Just(b"MSA|AA|1\r".to_vec()),
        Just(b"MSA|AA|1|text\r".to_vec()),
        Just(b"MSA|CE\r\x1c\r\x0bMSH|^~\\&|A|B|C|D|2027||ACK|2|P|2.5||||||ISO IR87\r".to_vec()),
        Just(b"PID|1||x\0y\r\x1cOBX|1|NM|M\r".to_vec()),
        Just(b"MSH#^~\\&#A|B|C|D|#2026#E#F#ORU#1#P#2.5\r".to_vec()),
        Just(b"OBX|1|NM|1-2^Glucose^LN||95|mg|70|N|||F|||2026||||AN 1^LAB\r".to_vec()),
        Just(b"OBX|2|NM|3-4^Mass^L||1|||||||||||||AN 1^LAB\0\r".to_vec()),
        Just(b"OBX|2|NM|3-4^Mass^L||1|||||||||||||AN 2^LAB|19".to_vec()),
        Just(b"\x1b$B0|0^\x1b(B".to_vec()),
        Just(b"\x1c\r".to_vec()),
        Just(b"FHS|^~\\&|\r".to_vec()),
        Just(b"M\0S\0H\0|\0^\0~\0\\\0&\0|\0".to_vec()),
        prop::collection::vec(any::<u8>(), 0..20),
        prop::collection::vec(prop::sample::select(b"|^~\\&\r\n\0\x0b\x1c\x1bMSHOBXEQU19.".to_vec()), 0..30),
    ];
    prop::collection::vec(piece, 0..20).prop_map(|pieces| pieces.concat())
}

#[test]
fn one_byte_at_a_time_gives_the_same_as_all_at_once() {
    for conversation in samples() {
        assert_eq!(timeless(run(&portions(&conversation, &[0]))), timeless(whole(&conversation)));
    }
}

#[test]
fn samples_are_read_without_a_fault_and_recognised() {
    for conversation in samples() {
        let outcome = whole(&conversation);
        assert_eq!(outcome.faults, 0);
        assert!(outcome.messages > 1 && !outcome.descriptions.is_empty());
        for (_, bytes) in conversation {
            assert_ne!(Hl7::probe(&bytes), crate::protocol::Probe::No);
        }
    }
}

#[test]
fn a_flipped_byte_never_panics() {
    for (side, bytes) in samples().concat() {
        for at in 0..bytes.len() {
            for flip in [0x01, 0x80, 0x0b ^ bytes[at], 0x1c ^ bytes[at], b'\r' ^ bytes[at], b'|' ^ bytes[at]] {
                let mut bytes = bytes.clone();
                bytes[at] ^= flip;
                run(&[(side, &bytes)]);
            }
        }
    }
}

#[test]
fn a_gap_anywhere_leaves_the_next_message_whole() {
    let bytes = monitor();
    for from in 0..bytes.len() {
        for lost in [1, 7, 100] {
            let to = (from + lost).min(bytes.len());
            let mut parser = feed(&[(Side::A, &bytes[..from])]);
            parser.gap(Side::A);
            parser.feed(Side::A, PacketTime(8), &bytes[to..]);
            let before = parser.messages;
            parser.feed(Side::A, PacketTime(9), &bytes);
            assert_eq!(parser.messages, before + 1, "{from}..{to}");
            let outcome = parser.finish();
            assert!(said(&outcome, Source::Hl7Observation).len() >= 2);
            assert!(outcome.faults <= 1);
        }
    }
}

#[test]
fn a_field_of_megabytes_is_passed_over() {
    let mut bytes = b"\x0bMSH|^~\\&|A|B|||2026||ORU^R01|1|P|2.5\rOBX|1|ED|PDF^R^L||^AP^^Base64^".to_vec();
    bytes.extend(std::iter::repeat_n(b'Q', 5_000_000));
    bytes.extend(b"||||||F|||||||UNIT\rEQU|");
    bytes.extend(std::iter::repeat_n(b'Q', 100_000));
    bytes.extend(b"\r\x1c\r");
    let outcome = one(&bytes);
    assert_eq!(said(&outcome, Source::Hl7Observation), [[(Attribute::DeviceName, "UNIT")]]);
    assert_eq!(said(&outcome, Source::Hl7Equipment)[0][0].1.len(), DeviceText::MAX_CHARS);
}

proptest! {
    #[test]
    fn any_portions_give_the_same_outcome(
        a in hl7_like(), b in hl7_like(), cuts in prop::collection::vec(0usize..97, 1..20),
    ) {
        let conversation = [(Side::A, a.clone()), (Side::B, b), (Side::A, a)];
        prop_assert_eq!(timeless(run(&portions(&conversation, &cuts))), timeless(whole(&conversation)));
    }

    #[test]
    fn random_bytes_never_panic_and_hold_little(
        bytes in prop::collection::vec(any::<u8>(), 0..2000), gap in any::<bool>(),
    ) {
        let mut parser = feed(&[(Side::A, &bytes)]);
        Hl7::probe(&bytes);
        Hl7::find_start(&bytes);
        if gap {
            parser.gap(Side::A);
        }
        parser.finish();
    }

    #[test]
    fn what_is_held_stays_within_its_limits(pieces in prop::collection::vec(hl7_like(), 1..4), times in 1usize..60) {
        let mut parser = Hl7::default();
        for _ in 0..times {
            for piece in &pieces {
                if !piece.is_empty() {
                    parser.feed(Side::A, PacketTime(1), piece);
                    prop_assert!(parser.lanes.a.length() <= 12 * 512 + 8192);
                }
            }
        }
    }
}
