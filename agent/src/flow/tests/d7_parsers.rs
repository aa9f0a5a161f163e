//! D7, attacks on parsers: lengths that cannot be, depths and floods in messages. They cost no memory and no later message, and
//! are counted where they break the standard.

use super::{endpoint::*, *};
use crate::{
    limits::SHARDS,
    protocol::{Protocol, Side, StreamParsers},
};
use wardwatch_model::{Detail, Source, dicom::AssociationResult};

/// What each side says, in order.
type Talk = Vec<(Side, Vec<u8>)>;

/// The side that asks, in the samples of DICOM.
const CLIENT: Side = Side::B;

/// An association in which two echoes are asked for and answered, with something of the client between them.
fn between_echoes(middle: &[Vec<u8>]) -> Talk {
    let samples = StreamParsers::samples();
    let echo = &samples.iter().rfind(|(protocol, _)| *protocol == Protocol::Dicom).unwrap().1;
    let (associated, rest) = echo.split_at(2);
    let asked = &rest[..2];
    let middle = middle.iter().map(|bytes| (CLIENT, bytes.clone()));
    associated.iter().chain(asked).cloned().chain(middle).chain(rest.iter().cloned()).collect()
}

/// Segments of at most 1,400 bytes.
fn packets(talk: &Talk) -> Vec<Captured> {
    let (client, server) = ends();
    let (mut from_client, mut from_server) = (FIRST, ANSWER);
    let mut frames = opened([]);
    for (number, (side, bytes)) in (1..).zip(talk) {
        for part in bytes.chunks(1_400) {
            let length = u32::try_from(part.len()).unwrap();
            let segment = if *side == CLIENT {
                from_client += length;
                tcp(client, server, from_client - length).ack(from_server)
            } else {
                from_server += length;
                tcp(server, client, from_server - length).ack(from_client)
            };
            frames.push(segment.data(part).at(number));
        }
    }
    frames
}

/// What is told of a connection where there is room for little; the same with any number of workers.
fn told_of(talk: &Talk) -> Facts {
    // The longest that a parser may wait for is 65,539 bytes.
    let limits = Limits { reassembly_bytes: SHARDS * 80 * 1024, ..Limits::default() };
    let facts = report(&packets(talk), &limits, 1);
    assert_eq!(report(&packets(talk), &limits, 3), facts);
    assert_eq!(loss(&facts, "reassembly_evicted") + loss(&facts, "stream_gap_bytes"), 0);
    facts
}

/// Messages and faults of the only conversation.
fn dicom(facts: &Facts) -> (u64, u64) {
    assert_eq!(only(facts).0.protocol, "dicom");
    (only(facts).1.messages, facts.capture.protocols["dicom"].parse_failures)
}

/// How many contexts the only association has, and how it was answered.
fn association(facts: &Facts) -> (usize, AssociationResult) {
    let Detail::Dicom(detail) = &only(facts).1.detail else { panic!("no detail of DICOM") };
    assert_eq!(detail.entries.len(), 1);
    let (association, _) = detail.entries.first().unwrap();
    (association.contexts.len(), association.result)
}

/// A P-DATA-TF PDU (PS3.8, 9.3.5) with one PDV, of lengths that may be lies.
fn p_data(pdu: u32, pdv: u32, context: u8, control: u8, fragment: &[u8]) -> Vec<u8> {
    [&[4, 0][..], &pdu.to_be_bytes(), &pdv.to_be_bytes(), &[context, control], fragment].concat()
}

#[test]
fn lengths_of_dicom_that_cannot_be_cost_no_later_message() {
    let calm = told_of(&between_echoes(&[]));
    assert_eq!(dicom(&calm), (4, 0));
    for (nonsense, what) in [
        (p_data(u32::MAX, 6, 1, 3, &[9; 4]), "an endless PDU"),
        (vec![4, 0, 0, 0, 0, 0], "an empty PDU"),
        (vec![4, 0, 0, 0, 0, 3, 0, 0, 0], "a PDU shorter than the header of a PDV"),
        (p_data(10, 7, 1, 3, &[9; 4]), "a PDV longer than its PDU"),
        (p_data(10, u32::MAX, 1, 3, &[9; 4]), "an endless PDV"),
        (p_data(10, 0, 1, 3, &[9; 4]), "an empty PDV"),
    ] {
        let (messages, faults) = dicom(&told_of(&between_echoes(&[nonsense])));
        assert!(messages == 4 && faults > 0, "{what}: {messages} messages, {faults} faults");
    }
}

#[test]
fn a_hundred_thousand_presentation_contexts_are_not_kept() {
    let mut talk = between_echoes(&[]);
    // Empty ones (PS3.8, 9.3.2.2), between the application context, by which a request is known, and the one that counts.
    let empty = |count: u32| -> Vec<u8> {
        (0..count).flat_map(|n| [0x20, 0, 0, 4, u8::try_from(n % 256).unwrap() | 1, 0, 0, 0]).collect()
    };
    let request = talk[0].1.clone();
    let (head, items) = request.split_at(6 + 68 + 4 + "1.2.840.10008.3.1.1.1".len());
    let longer = |count: u32| {
        let body = [&head[6..], &empty(count), items].concat();
        [&[1, 0][..], &u32::try_from(body.len()).unwrap().to_be_bytes(), &body].concat()
    };
    talk[0].1 = longer(100_000);
    let facts = told_of(&talk);
    assert_eq!(dicom(&facts).0, 4);
    let (contexts, result) = association(&facts);
    assert!((2..=128).contains(&contexts), "{contexts} contexts of which an association has at most 128");
    assert_eq!(result, AssociationResult::Accepted);
    // Longer than any request is read: that its beginning is missing is told.
    talk[0].1 = longer(1_000_000);
    let facts = told_of(&talk);
    assert_eq!((dicom(&facts).0, association(&facts)), (4, (1, AssociationResult::StartMissed)));
}

#[test]
fn sequences_nested_without_end_and_elements_of_undefined_length_cost_no_later_message() {
    // PS3.5, 7.5: a sequence and an item of undefined length, and never a delimiter.
    let level = b"\x08\0\x40\x11\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff";
    let undefined = b"\x10\0\x10\0\xff\xff\xff\xff";
    for (data, what) in [
        (level.repeat(1_000), "a thousand levels"),
        (level.repeat(200_000), "more than is read of a data set"),
        ([&undefined[..], &[b'x'; 500_000]].concat(), "a value that never ends"),
        ([&level[..8], &[0xff; 300_000]].concat(), "a sequence of no items"),
    ] {
        let mut talk = between_echoes(&[]);
        // A C-STORE request in the context of the echo: which class it is of does not matter here.
        let element = |number: u16, value: &[u8]| {
            let length = u32::try_from(value.len()).unwrap().to_le_bytes();
            [&[0, 0][..], &number.to_le_bytes(), &length, value].concat()
        };
        let fields = [element(0x0100, &[1, 0]), element(0x0110, &[9, 0]), element(0x0800, &[0, 0])].concat();
        let command = [element(0, &u32::try_from(fields.len()).unwrap().to_le_bytes()), fields].concat();
        let whole = |control: u8, fragment: &[u8]| {
            let length = u32::try_from(fragment.len()).unwrap() + 2;
            p_data(length + 4, length, 1, control, fragment)
        };
        let mut store = vec![(CLIENT, whole(3, &command))];
        store.extend(data.chunks(16_000).map(|part| (CLIENT, whole(0, part))));
        store.push((CLIENT, whole(2, b"")));
        talk.splice(4..4, store);
        let facts = told_of(&talk);
        assert_eq!(dicom(&facts).0, 5, "{what}");
        assert!(facts.descriptions.is_empty(), "{what}");
    }
}

#[test]
fn segments_of_a_million_fields_repetitions_and_components_are_passed_over() {
    for separator in ["|", "~", "^", "&", "|x", "~x^y", "\\"] {
        for head in ["OBX|1", "PID|1", "EQU|", "MSH|^~\\&|MON|ICU|EHR|HOSP|2026||ADT^A01|9|P|2.5"] {
            let flood = separator.repeat(1_000_000 / separator.len());
            let body = if head.starts_with("MSH") {
                format!("\x0b{head}{flood}\r\x1c\r")
            } else {
                format!("\x0bMSH|^~\\&|MON|ICU|EHR|HOSP|2026||ADT^A01|9|P|2.5\r{head}{flood}\r\x1c\r")
            };
            let stream = [&message(0)[..], body.as_bytes(), &message(1)].concat();
            let length = stream.len() as u64;
            let facts = told_of(&vec![(CLIENT, stream)]);
            assert_eq!((told(&facts), only(&facts).1.bytes_to_server), (3, length), "{head}{separator}");
            // One of the sender, and one at most of what the segment may name.
            assert!(facts.descriptions.len() <= 2, "{head}{separator}: {:?}", facts.descriptions);
        }
    }
}

#[test]
fn segments_without_end_are_passed_over() {
    let endless = [b"\x0bMSH|^~\\&|MON|ICU|EHR|HOSP|2026||ORU^R01|9|P|2.5\r", &b"OBX|\r".repeat(300_000)[..]].concat();
    let stream = [&endless[..], b"\x1c\r", &message(1)].concat();
    let facts = told_of(&vec![(CLIENT, stream)]);
    assert_eq!(told(&facts), 2);
    let of_segments = facts.descriptions.keys().find(|description| description.source != Source::Hl7Header);
    assert_eq!(of_segments, None);
}
