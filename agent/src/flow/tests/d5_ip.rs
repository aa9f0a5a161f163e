//! D5, IP: fragments, extension headers, options, lengths. What is put together is read, what is not is counted.

use super::{endpoint::*, *};
use crate::testing::end_v6;

/// A part of a packet's payload as a fragment: from, to, whether others follow.
type Part = (usize, usize, bool);

/// Bytes of the Ethernet header and of those of IP without options.
const ETHERNET: usize = 14;
const V4: usize = 20;
const V6: usize = 40;

fn is_v4(frame: &Captured) -> bool {
    frame.bytes[ETHERNET] >> 4 == 4
}

/// A packet in fragments.
fn fragments(frame: &Captured, id: u16, parts: &[Part]) -> Vec<Captured> {
    let header = ETHERNET + if is_v4(frame) { V4 } else { V6 };
    let (head, payload) = frame.bytes.split_at(header);
    let fragment = |(from, to, more): &Part| {
        let part = &payload[*from..*to];
        let units = u16::try_from(from / 8).unwrap();
        let mut head = head.to_vec();
        if is_v4(frame) {
            let length = u16::try_from(V4 + part.len()).unwrap();
            head[ETHERNET + 2..ETHERNET + 4].copy_from_slice(&length.to_be_bytes());
            head[ETHERNET + 4..ETHERNET + 6].copy_from_slice(&id.to_be_bytes());
            let flags = units | if *more { 0x2000 } else { 0 };
            head[ETHERNET + 6..ETHERNET + 8].copy_from_slice(&flags.to_be_bytes());
        } else {
            let length = u16::try_from(8 + part.len()).unwrap();
            head[ETHERNET + 4..ETHERNET + 6].copy_from_slice(&length.to_be_bytes());
            let next = std::mem::replace(&mut head[ETHERNET + 6], 44);
            head.extend([next, 0]);
            head.extend((units << 3 | u16::from(*more)).to_be_bytes());
            head.extend([0, 0]);
            head.extend(id.to_be_bytes());
        }
        Captured { at: frame.at, ..Captured::new(frame.link, [&head[..], part].concat()) }
    };
    parts.iter().map(fragment).collect()
}

/// Parts of `size` bytes of a payload of `length`.
fn parts(length: usize, size: usize) -> Vec<Part> {
    (0..length).step_by(size).map(|from| (from, (from + size).min(length), from + size < length)).collect()
}

/// The segment with two messages, and how many bytes of IP payload it is.
fn whole() -> (Captured, usize) {
    let frame = sent(0, &messages(2)).at(1);
    let length = frame.bytes.len() - ETHERNET - V4;
    (frame, length)
}

#[test]
fn fragments_in_order_reversed_and_tiny() {
    let (frame, length) = whole();
    for size in [8, 16, 48, 136] {
        let mut pieces = fragments(&frame, 7, &parts(length, size));
        assert_whole(&opened(pieces.clone()), 2);
        pieces.reverse();
        assert_whole(&opened(pieces), 2);
    }
}

#[test]
fn fragments_of_ipv6_in_order_and_reversed() {
    let (client, server) = (end_v6(1, 50_000), end_v6(2, 2575));
    let frame = tcp(client, server, FIRST).data(messages(2)).at(1);
    let length = frame.bytes.len() - ETHERNET - V6;
    for size in [8, 64] {
        let mut pieces = fragments(&frame, 9, &parts(length, size));
        for _ in 0..2 {
            let mut frames = vec![tcp(client, server, FIRST - 1).syn().at(0)];
            frames.extend(pieces.clone());
            let facts = run(&frames);
            assert_eq!((told(&facts), is_missing(&facts)), (2, false));
            pieces.reverse();
        }
    }
}

#[test]
fn overlapping_fragments_with_the_same_and_with_other_data_under_every_policy_s_order() {
    let (frame, length) = whole();
    // Overlaps at the head, at the tail, inside, and around the part that came before.
    for overlap in [(40, 80), (56, 120), (72, 80), (40, 120)] {
        let plain = [(0, 64, true), (64, 96, true), (96, length, false)];
        for same in [true, false] {
            for position in 0..=plain.len() {
                let mut pieces = fragments(&frame, 7, &plain);
                let mut other = fragments(&frame, 7, &[(overlap.0, overlap.1, true)]).remove(0);
                if !same {
                    other.bytes.iter_mut().skip(ETHERNET + V4).for_each(|byte| *byte ^= 1);
                }
                pieces.insert(position, other);
                let facts = run(&opened(pieces));
                if same {
                    assert_eq!((told(&facts), loss(&facts, "fragment_conflicts")), (2, 0));
                } else if position < plain.len() {
                    assert!(loss(&facts, "fragment_conflicts") > 0, "{overlap:?} {position}");
                    assert!(told(&facts) <= 2);
                } else {
                    // After its datagram was whole it is one of another that never becomes whole.
                    assert_eq!((told(&facts), loss(&facts, "ip_fragments")), (2, 1));
                }
            }
        }
    }
}

#[test]
fn overlapping_fragments_of_ipv6_with_other_data_are_dropped_as_their_receiver_does() {
    let (client, server) = (end_v6(1, 50_000), end_v6(2, 2575));
    let frame = tcp(client, server, FIRST).data(messages(2)).at(1);
    let length = frame.bytes.len() - ETHERNET - V6;
    let mut pieces = fragments(&frame, 9, &parts(length, 64));
    let mut other = fragments(&frame, 9, &[(32, 96, true)]).remove(0);
    other.bytes.iter_mut().skip(ETHERNET + V6 + 8).for_each(|byte| *byte ^= 1);
    pieces.insert(1, other);
    let facts = run(&pieces);
    assert_eq!((told(&facts), loss(&facts, "fragment_conflicts")), (0, 1));
    assert!(loss(&facts, "ip_fragments") > 0);
}

#[test]
fn a_fragment_that_is_missing_or_too_late_is_counted_with_those_that_waited() {
    let (frame, length) = whole();
    let pieces = fragments(&frame, 7, &parts(length, 48));
    for lost in 0..pieces.len() {
        let mut frames = pieces.clone();
        let late = frames.remove(lost).at(60_000);
        let facts = assert_honest(&opened(frames.clone()), 2);
        assert_eq!(loss(&facts, "ip_fragments"), frames.len() as u64);
        frames.push(late);
        let facts = assert_honest(&opened(frames), 2);
        assert_eq!(loss(&facts, "ip_fragments"), pieces.len() as u64);
    }
}

#[test]
fn fragments_beyond_the_longest_datagram_are_counted() {
    let (frame, _) = whole();
    let mut piece = fragments(&frame, 7, &[(0, 100, false)]).remove(0);
    piece.bytes[ETHERNET + 6..ETHERNET + 8].copy_from_slice(&8191u16.to_be_bytes());
    let facts = run(&opened([piece]));
    assert_eq!((told(&facts), loss(&facts, "ip_fragments")), (0, 1));
}

#[test]
fn an_identification_that_is_used_again_at_once_and_after_its_time_is_another_datagram() {
    let stream = messages(4);
    for wait in [1, 200, 60_000] {
        let mut frames = Vec::new();
        for n in 0..2 {
            let (from, to) = (messages(2 * n).len(), messages(2 * n + 2).len());
            let frame = sent(from, &stream[from..to]).at(1 + wait * u64::try_from(n).unwrap());
            frames.extend(fragments(&frame, 7, &parts(frame.bytes.len() - ETHERNET - V4, 64)));
        }
        assert_whole(&opened(frames), 4);
    }
}

#[test]
fn fragments_inside_of_one_two_and_three_tags() {
    let (frame, length) = whole();
    let pieces = fragments(&frame, 7, &parts(length, 48));
    let one: Vec<_> = pieces.iter().map(|piece| piece.tagged(10)).collect();
    let two: Vec<_> = one.iter().map(|piece| piece.tagged(20)).collect();
    let three: Vec<_> = two.iter().map(|piece| piece.tagged(30)).collect();
    for frames in [one, two, three] {
        assert_whole(&opened(frames), 2);
    }
}

#[test]
fn atomic_fragments_of_ipv6_are_whole_packets() {
    let (client, server) = (end_v6(1, 50_000), end_v6(2, 2575));
    let frame = tcp(client, server, FIRST).data(messages(2)).at(1);
    let length = frame.bytes.len() - ETHERNET - V6;
    let facts = run(&fragments(&frame, 9, &[(0, length, false)]));
    assert_eq!((told(&facts), is_missing(&facts)), (2, false));
}

#[test]
fn extension_headers_of_ipv6_in_chains_and_cut_ones() {
    let (client, server) = (end_v6(1, 50_000), end_v6(2, 2575));
    let frame = tcp(client, server, FIRST).data(messages(2)).at(1);
    // Hop-by-hop, destination options, routing (RFC 8200, 4), mobility (RFC 6275, 6.1), authentication (RFC 4302, 2).
    let chains: [&[u8]; 5] = [&[0], &[60], &[0, 60, 43], &[0, 43, 60, 51], &[135]];
    for chain in chains {
        let (head, payload) = frame.bytes.split_at(ETHERNET + V6);
        let mut head = head.to_vec();
        let mut extensions = Vec::new();
        for (n, kind) in chain.iter().enumerate() {
            let next = chain.get(n + 1).copied().unwrap_or(6);
            let (units, length) = if *kind == 51 { (4, 24) } else { (1, 16) };
            extensions.extend([next, units]);
            extensions.extend(vec![0; length - 2]);
        }
        let length = u16::try_from(extensions.len() + payload.len()).unwrap();
        head[ETHERNET + 4..ETHERNET + 6].copy_from_slice(&length.to_be_bytes());
        head[ETHERNET + 6] = chain[0];
        let bytes = [&head[..], &extensions, payload].concat();
        let captured = Captured { at: frame.at, ..Captured::new(frame.link, bytes) };
        assert_eq!(told(&run(std::slice::from_ref(&captured))), 2, "{chain:?}");
        let facts = run(&[captured.cut(ETHERNET + V6 + 4)]);
        assert_eq!(
            (told(&facts), loss(&facts, "ip_header_malformed") + loss(&facts, "transport_header_malformed")),
            (0, 1)
        );
    }
}

#[test]
fn options_a_wrong_checksum_and_a_length_that_was_left_out() {
    let (frame, _) = whole();
    let mut options = frame.clone();
    options.bytes[ETHERNET] = 0x47;
    options.bytes.splice(ETHERNET + V4..ETHERNET + V4, [0x94, 4, 0, 0, 1, 1, 1, 0]);
    let length = u16::try_from(options.bytes.len() - ETHERNET).unwrap();
    options.bytes[ETHERNET + 2..ETHERNET + 4].copy_from_slice(&length.to_be_bytes());
    let mut wrong = frame.clone();
    wrong.bytes[ETHERNET + 10] ^= 0x5a;
    let mut unstated = frame;
    unstated.bytes[ETHERNET + 2..ETHERNET + 4].copy_from_slice(&[0, 0]);
    for (frame, offloaded) in [(options, 0), (wrong, 0), (unstated, 1)] {
        let facts =
            assert_whole(&opened([Captured { wire_len: u32::try_from(frame.bytes.len()).unwrap(), ..frame }]), 2);
        assert_eq!(condition(&facts, "offloaded_packets"), offloaded);
    }
}

#[test]
fn padding_of_short_frames_is_no_payload() {
    let stream = messages(1);
    let cuts: Vec<_> = (1..stream.len()).collect();
    let mut parts = segments(&stream, &cuts);
    for part in &mut parts {
        part.bytes.resize(60, 0xee);
        part.wire_len = 60;
    }
    assert_whole(&opened(parts), 1);
}

#[test]
fn a_packet_of_more_than_64_kib_that_a_driver_put_together_is_read_and_counted() {
    // No length of IPv4 can say how long it is, so it says 0.
    let stream = messages(1_500);
    assert!(stream.len() > 1 << 16);
    let mut frame = sent(0, &stream[..1_000]).at(1);
    frame.bytes[14 + 2..14 + 4].fill(0);
    let frame = Captured { at: frame.at, ..Captured::new(frame.link, [&frame.bytes, &stream[1_000..]].concat()) };
    let facts = assert_whole(&opened([frame]), 1_500);
    assert_eq!(condition(&facts, "offloaded_packets"), 1);
}
