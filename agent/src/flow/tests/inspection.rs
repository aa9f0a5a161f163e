//! The way of the bytes to a parser, whatever portions they come in.

use super::*;
use crate::{
    flow::inspection::Inspection,
    protocol::{Protocol, Side, WINDOW},
    stream::SKIP_ALL,
};

const HELLO: [u8; 11] = [22, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3];

/// An association request (PS3.8, 9.3.2) with the application context as its only item.
fn associate(kind: u8) -> Vec<u8> {
    let items = b"\x10\x00\x00\x151.2.840.10008.3.1.1.1";
    let fixed = [&[0, 1, 0, 0][..], b"ARCHIVE         CT01            ", &[0; 32]].concat();
    let length = u8::try_from(fixed.len() + items.len()).unwrap();
    [&[kind, 0, 0, 0, 0, length][..], &fixed, items].concat()
}

/// A data PDU with `size` bytes of a data set that nobody asked for.
fn data(size: u32) -> Vec<u8> {
    let header = [&[4, 0][..], &(size + 6).to_be_bytes(), &(size + 2).to_be_bytes(), &[1, 2]].concat();
    [header, vec![0; size as usize]].concat()
}

/// Gives bytes in portions, honouring what is not wanted.
fn feed(inspection: &mut Inspection, side: Side, bytes: &[u8], portion: usize, joined: bool) {
    let mut skip = 0;
    for part in bytes.chunks(portion) {
        let wanted = usize::try_from(skip).map_or(&[][..], |skip| part.get(skip..).unwrap_or_default());
        if skip != SKIP_ALL {
            skip = skip.saturating_sub(part.len() as u64);
        }
        if !wanted.is_empty() {
            skip = inspection.data(side, PacketTime(0), wanted, joined);
        }
    }
}

#[test]
fn portions_do_not_matter() {
    let stream = [associate(1), data(3000), data(10), vec![5, 0, 0, 0, 0, 4, 0, 0, 0, 0]].concat();
    let outcome = |portion, joined| {
        let mut inspection = Inspection::default();
        feed(&mut inspection, Side::B, &stream, portion, joined);
        inspection.finish()
    };
    for joined in [false, true] {
        let whole = outcome(stream.len(), joined);
        assert!(matches!(&whole, Some((Protocol::Dicom, outcome)) if outcome.faults == 0));
        for portion in 1..200 {
            assert!(outcome(portion, joined) == whole, "{portion}");
        }
    }
}

#[test]
fn what_one_side_waits_with_is_read_once_the_other_side_is_known() {
    let mut inspection = Inspection::default();
    let answer = associate(2);
    let (begin, rest) = answer.split_at(50);
    assert_eq!(inspection.data(Side::A, PacketTime(0), begin, false), 0);
    assert_eq!(inspection.data(Side::B, PacketTime(0), &associate(1), false), 0);
    assert_eq!((inspection.take_wish(Side::A), inspection.client()), (Some(0), Some(Side::B)));
    assert_eq!(inspection.data(Side::A, PacketTime(0), rest, false), 0);
    let (_, outcome) = inspection.finish().unwrap();
    assert_eq!(outcome.faults, 0);
}

#[test]
fn a_side_that_no_protocol_knew_is_read_again_once_the_other_side_is_known() {
    let mut inspection = Inspection::default();
    assert_eq!(inspection.data(Side::A, PacketTime(0), b"who knows", false), SKIP_ALL);
    assert!(!inspection.is_hopeless());
    inspection.data(Side::B, PacketTime(0), &HELLO, false);
    assert_eq!(inspection.take_wish(Side::A), Some(0));
    assert_eq!(inspection.take_wish(Side::A), None);
}

#[test]
fn a_connection_is_hopeless_once_nobody_knows_either_side() {
    let mut inspection = Inspection::default();
    for side in Side::BOTH {
        assert!(!inspection.is_hopeless());
        assert_eq!(inspection.data(side, PacketTime(0), b"who knows", false), SKIP_ALL);
    }
    assert!(inspection.is_hopeless());
    assert_eq!(inspection.stored(), 0);
}

#[test]
fn a_joined_side_is_searched_for_its_first_message_and_given_up_in_the_end() {
    let mut inspection = Inspection::default();
    let noise = vec![0xee; 100_000];
    let mut fed = 0_usize;
    while inspection.data(Side::A, PacketTime(0), &noise, true) != SKIP_ALL {
        fed += noise.len();
        assert!(inspection.stored() < 8 * 1024 && fed < 5 << 20);
    }
    assert!(fed > 4_000_000);
}

#[test]
fn a_joined_side_may_be_searched_byte_by_byte_just_as_far() {
    let mut inspection = Inspection::default();
    (0..500_000).for_each(|_| assert_eq!(inspection.data(Side::A, PacketTime(0), &[0xee], true), 0));
    let command = [4, 0, 0, 0, 0, 80, 0, 0, 0, 76, 1, 3, 0, 0, 0, 0, 4, 0, 0, 0, 66, 0, 0, 0];
    feed(&mut inspection, Side::A, &command, 1, true);
    assert!(matches!(inspection.finish(), Some((Protocol::Dicom, _))));
}

#[test]
fn a_side_whose_beginning_was_lost_is_searched_though_the_other_side_is_known() {
    let mut inspection = Inspection::default();
    feed(&mut inspection, Side::B, &associate(1), 1000, false);
    inspection.gap(Side::A);
    feed(&mut inspection, Side::A, b"the rest of something", 1000, false);
    let (_, outcome) = inspection.finish().unwrap();
    assert_eq!(outcome.faults, 0, "what was lost is no fault of the sender");
    // One that was joined exactly where it begins is read from there.
    let mut inspection = Inspection::default();
    feed(&mut inspection, Side::B, &associate(1), 1000, false);
    feed(&mut inspection, Side::A, &[associate(2), vec![6, 0, 0, 0, 0, 4, 0, 0, 0, 0]].concat(), 1000, true);
    assert_eq!(inspection.finish().unwrap().1.faults, 0);
}

#[test]
fn bytes_kept_stay_within_a_window() {
    // An item as long as an item can be.
    let mut stream = associate(1);
    let length = u32::try_from(stream.len() - 6 + 4 + 0xffff).unwrap();
    stream[2..6].copy_from_slice(&length.to_be_bytes());
    stream.extend([0x50, 0, 0xff, 0xff]);
    stream.extend(vec![0; 0xffff]);
    let mut inspection = Inspection::default();
    for part in stream.chunks(100) {
        inspection.data(Side::A, PacketTime(0), part, false);
        assert!(inspection.stored() <= 2 * WINDOW);
    }
    assert!(inspection.stored() < WINDOW / 2);
}

#[test]
fn many_small_portions_of_a_long_message_take_no_longer_than_they_must() {
    let mut stream = associate(1);
    stream[2..6].copy_from_slice(&100_000_u32.to_be_bytes());
    stream.extend([0x50, 0, 0xff, 0xff]);
    let mut inspection = Inspection::default();
    feed(&mut inspection, Side::A, &stream, 1000, false);
    let kept = inspection.stored();
    (0..60_000).for_each(|_| assert_eq!(inspection.data(Side::A, PacketTime(0), &[0], false), 0));
    assert!(kept < 100 && inspection.stored() >= 60_000);
}

#[test]
fn the_wish_for_the_other_side_is_followed_before_its_next_bytes() {
    let (client, server) = (end(1, 50_000), end(2, 104));
    // What the client said first no protocol knows, so nobody reads it any more. The server's direction is joined, and
    // its bytes wait until the client acknowledges them, with bytes of its own that are to be read then.
    let release = [5, 0, 0, 0, 0, 4, 0, 0, 0, 0];
    let said = u32::try_from(associate(1).len()).unwrap();
    let frames = [
        tcp(client, server, 99).syn().at(0),
        tcp(client, server, 100).data("who knows").at(1),
        tcp(server, client, 500).data(associate(1)).at(2),
        tcp(client, server, 109).ack(500 + said).data(release).at(3),
    ];
    let report = run(&frames);
    let (key, conversation) = only(&report);
    assert_eq!(key.protocol, "dicom");
    assert!(format!("{:?}", conversation.detail).contains("Released"), "{:?}", conversation.detail);
}
