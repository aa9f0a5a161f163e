//! IPv4 and IPv6: lengths, options, extension headers, fragments.

use super::*;

/// A TCP segment without its IP header.
fn segment() -> Vec<u8> {
    tcp(end(1, 1), end(2, 2), 0).data("data").at(0).bytes[34..].to_vec()
}

/// An IPv4 packet, raw, with these options, total length and fragment field.
fn v4(options: &[u8], total: u16, fragment: u16) -> Captured {
    let words = u8::try_from(5 + options.len() / 4).unwrap();
    let mut bytes = vec![0x40 | words, 0];
    bytes.extend(total.to_be_bytes());
    bytes.extend([0, 1]);
    bytes.extend(fragment.to_be_bytes());
    bytes.extend([64, 6, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2]);
    bytes.extend(options);
    bytes.extend(segment());
    Captured::new(LinkType::Raw, bytes)
}

/// An IPv6 packet, raw, with extension headers that begin with one of type `first`.
fn v6(first: u8, extensions: &[u8]) -> Captured {
    let body = [extensions, &segment()].concat();
    let mut bytes = vec![0x60, 0, 0, 0];
    bytes.extend(u16::try_from(body.len()).unwrap().to_be_bytes());
    bytes.extend([first, 64]);
    bytes.extend([[0x20; 16], [0x21; 16]].concat());
    bytes.extend(body);
    Captured::new(LinkType::Raw, bytes)
}

#[test]
fn options_are_stepped_over_and_the_total_length_cuts_padding_off() {
    for words in 0..=10 {
        let mut captured = v4(&vec![1; words * 4], u16::try_from(44 + words * 4).unwrap(), 0);
        captured.bytes.extend([0; 9]);
        assert_eq!(payload(&captured), (&b"data"[..], 0), "{words}");
    }
}

#[test]
fn a_total_length_that_offload_left_out_counts_as_the_rest_of_the_frame() {
    for total in [0, 1, 19] {
        assert_eq!(payload(&v4(&[], total, 0)), (&b"data"[..], 0), "{total}");
        let mut cut = v4(&[], total, 0);
        cut.wire_len = 9000;
        assert_eq!(payload(&cut), (&b"data"[..], 9000 - 44));
        // No frame is that long.
        cut.wire_len = u32::MAX;
        assert_eq!(payload(&cut), (&b"data"[..], (256 << 10) - 44));
    }
}

#[test]
fn a_total_length_inside_the_headers_or_beyond_the_frame_is_told() {
    for total in 20..40 {
        assert_eq!(decoded(&v4(&[], total, 0)), Err(Undecodable::TransportHeader), "{total}");
    }
    assert_eq!(payload(&v4(&[], 42, 0)), (&b"da"[..], 0));
    assert_eq!(payload(&v4(&[], 1500, 0)), (&b"data"[..], 1456));
    assert_eq!(payload(&v4(&[], u16::MAX, 0)), (&b"data"[..], 65_491));
}

#[test]
fn an_impossible_header_is_malformed() {
    for first in [0x40, 0x44, 0x4f] {
        let mut captured = v4(&[], 44, 0);
        captured.bytes[0] = first;
        captured.bytes.truncate(50);
        assert_eq!(decoded(&captured), Err(Undecodable::IpHeader), "{first:x}");
    }
    // A version that does not fit the ether type.
    let mut captured = tcp(end(1, 1), end(2, 2), 0).at(0);
    captured.bytes[14] = 0x65;
    assert_eq!(decoded(&captured), Err(Undecodable::IpHeader));
}

#[test]
fn fragments_are_told_from_packets_that_may_not_be_fragmented() {
    for (flags, offset, more) in [(0x2000, 0, true), (0x0001, 8, false), (0x2001, 8, true), (0x00b9, 1480, false)] {
        let captured = v4(&[], 44, flags);
        let Ok(Packet { body: Body::Fragment(fragment), .. }) = decoded(&captured) else { panic!("{flags:x}") };
        assert_eq!((fragment.offset, fragment.more, fragment.datagram.of), (offset, more, Of::Ip(6)));
        assert!(fragment.payload.ends_with(b"data") && !fragment.is_cut);
    }
    for whole in [0, 0x4000] {
        assert_eq!(payload(&v4(&[], 44, whole)).0, b"data");
    }
}

#[test]
fn extension_headers_are_stepped_over_alone_and_in_a_row() {
    let hop_by_hop = |next| [next, 0, 5, 2, 0, 0, 1, 0];
    let routing = |next| [next, 2, 0, 1, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];
    let destination = |next| [next, 0, 1, 4, 0, 0, 0, 0];
    // Authentication counts its length in 4 bytes, minus 2 (RFC 4302, 2.2).
    let authentication = |next| [next, 2, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0xaa, 0xbb, 0xcc, 0xdd];
    let atomic = |next| [next, 0, 0, 0, 0, 0, 0, 9];
    for (first, extensions) in [
        (0, hop_by_hop(6).to_vec()),
        (43, routing(6).to_vec()),
        (60, destination(6).to_vec()),
        (51, authentication(6).to_vec()),
        (44, atomic(6).to_vec()),
        (
            0,
            [&hop_by_hop(60)[..], &destination(43), &routing(44), &atomic(51), &authentication(60), &destination(6)]
                .concat(),
        ),
    ] {
        let captured = v6(first, &extensions);
        assert_eq!(payload(&captured), (&b"data"[..], 0), "{first}");
        // Cut in any extension header, the packet cannot be read; nothing panics.
        for length in 40..captured.bytes.len() - 24 {
            assert!(decoded(&captured.clone().cut(length)).is_err(), "{first} {length}");
        }
    }
}

#[test]
fn a_real_fragment_of_version_6_is_one() {
    for offset in [0x0001_u16, 0x0008, 0x0009, 0xfff9] {
        let header = [&[6, 0][..], &offset.to_be_bytes(), &[0, 0, 0, 9]].concat();
        let captured = v6(44, &header);
        let Ok(Packet { body: Body::Fragment(fragment), .. }) = decoded(&captured) else { panic!("{offset:x}") };
        assert_eq!((fragment.offset, fragment.more), (u32::from(offset & !7), offset & 1 == 1));
        assert_eq!((fragment.datagram.id, fragment.datagram.of), (9, Of::Ip(6)));
    }
    // What follows a fragment header need not be a header, whatever it looks like.
    let header = [60, 0, 0, 1, 0, 0, 0, 9, 6, 0, 1, 4, 0, 0, 0, 0];
    assert_eq!(decoded(&v6(44, &header)), Err(Undecodable::Fragment));
}

#[test]
fn a_payload_length_of_version_6_cuts_padding_off_and_0_is_the_rest() {
    let mut captured = v6(6, &[]);
    captured.bytes.extend([0; 7]);
    captured.wire_len += 7;
    assert_eq!(payload(&captured), (&b"data"[..], 0));
    captured.bytes[4..6].copy_from_slice(&[0, 0]);
    assert_eq!(payload(&captured), (&b"data\0\0\0\0\0\0\0"[..], 0));
    captured.wire_len += 100;
    assert_eq!(payload(&captured).1, 100);
    captured.bytes[4..6].copy_from_slice(&[1, 0]);
    assert_eq!(payload(&captured).1, 256 - 31);
}

#[test]
fn other_transports_and_no_next_header_are_no_error() {
    for protocol in [1, 2, 50, 59, 88, 112, 132, 253] {
        assert_eq!(other(&v6(protocol, &[])), Some(protocol));
    }
    assert_eq!(other(&ip(end(1, 0), end(2, 0), 132, &[0; 12])), Some(132));
}

#[test]
fn a_mobility_header_is_passed_over() {
    let (a, b) = (end_v6(1, 1000), end_v6(2, 104));
    let whole = tcp(a, b, 7).data("payload").at(0);
    let segment = &whole.bytes[54..];
    // Next header TCP, one more unit of eight bytes (RFC 6275, 6.1.1).
    let mobility = [&[6, 1][..], &[0; 14]].concat();
    let frame = ip(a, b, 135, &[&mobility[..], segment].concat());
    assert_eq!(payload(&frame), (&b"payload"[..], 0));
    let cut = ip(a, b, 135, &[6, 9, 0, 0]);
    assert_eq!(decoded(&cut), Err(Undecodable::IpHeader));
}

#[test]
fn padding_behind_a_packet_that_does_not_tell_its_length_is_no_payload() {
    let (a, b) = (end(1, 1000), end(2, 104));
    let unstated = |mut frame: Captured, length| {
        frame.bytes[16..18].copy_from_slice(&[0, 0]);
        frame.bytes.resize(length, 0);
        Captured::new(LinkType::Ethernet, frame.bytes)
    };
    assert_eq!(payload(&unstated(tcp(a, b, 7).ack(1).at(0), 60)), (&b""[..], 0));
    assert_eq!(payload(&unstated(tcp(a, b, 7).data("x").at(0), 60)), (&b"x\0\0\0\0\0"[..], 0));
    let long = unstated(tcp(a, b, 7).data([0; 100]).at(0), 154);
    assert_eq!(payload(&long).0.len(), 100);
}
