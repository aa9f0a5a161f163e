//! Tests of decoding, over frames made byte by byte.

mod carrier;
mod link;
mod network;
mod random;

use super::{Arp, Body, IpPacket, MAX_DEPTH, Of, Packet, TransportPacket, Undecodable, decode, plain};
use crate::{
    source::LinkType,
    testing::{Captured, arp, end, end_v6, icmp_v6, ip, tcp, udp},
};
use wardwatch_model::Mac;

/// What a frame decodes to, with all it carries.
fn all(captured: &Captured) -> Vec<Result<Packet<'_>, Undecodable>> {
    let mut all = Vec::new();
    decode(&captured.frame(), &mut |packet| all.push(packet));
    assert!((1..=usize::from(MAX_DEPTH) + 2).contains(&all.len()), "{}", all.len());
    all
}

/// What a frame decodes to.
fn decoded(captured: &Captured) -> Result<Packet<'_>, Undecodable> {
    let frame = captured.frame();
    let decoded = all(captured).swap_remove(0);
    if let Some(packet) = plain(&frame) {
        assert_eq!(decoded, Ok(packet), "both ways come to the same");
    }
    decoded
}

/// The IP packet in a frame.
fn ip_packet(captured: &Captured) -> IpPacket<'_> {
    match decoded(captured).unwrap().body {
        Body::Ip(packet) => packet,
        other => panic!("{other:?}"),
    }
}

/// Payload of the TCP segment or UDP datagram in a frame, and how much of it is missing.
fn payload(captured: &Captured) -> (&[u8], u32) {
    match ip_packet(captured).transport {
        TransportPacket::Tcp(segment) => (segment.payload, segment.missing),
        TransportPacket::Udp(datagram) => (datagram.payload, datagram.missing),
        other => panic!("{other:?}"),
    }
}

/// Protocol number of the IP packet in a frame, if it is of no transport that is read.
fn other(captured: &Captured) -> Option<u8> {
    match ip_packet(captured).transport {
        TransportPacket::Other { number, .. } => Some(number),
        _ => None,
    }
}

/// The VLANs of a frame.
fn vlans(captured: &Captured) -> Vec<u16> {
    decoded(captured).unwrap().vlans.iter().collect()
}

#[test]
fn a_segment_is_read_field_by_field() {
    for (a, b) in [(end(1, 4000), end(2, 104)), (end_v6(1, 4000), end_v6(2, 104))] {
        let captured = tcp(a, b, 0xfeed_beef).syn().ack(77).data("body").at(0);
        let packet = ip_packet(&captured);
        assert_eq!((packet.source, packet.destination, packet.hops_left), (a.ip, b.ip, 64));
        let TransportPacket::Tcp(segment) = packet.transport else { panic!() };
        assert_eq!((segment.source_port, segment.destination_port), (4000, 104));
        assert_eq!((segment.sequence, segment.acknowledgement), (0xfeed_beef, Some(77)));
        assert_eq!((segment.syn, segment.fin, segment.rst), (true, false, false));
        assert_eq!((segment.payload, segment.missing), (&b"body"[..], 0));
        assert_eq!(decoded(&captured).unwrap().mac, Mac::known(a.mac));
    }
}

#[test]
fn an_acknowledgement_number_counts_only_with_its_flag() {
    let captured = tcp(end(1, 1), end(2, 2), 5).fin().rst().at(0);
    let TransportPacket::Tcp(segment) = ip_packet(&captured).transport else { panic!() };
    assert_eq!((segment.acknowledgement, segment.fin, segment.rst), (None, true, true));
}

#[test]
fn options_of_a_segment_are_stepped_over_and_must_fit() {
    let head = [0, 1, 0, 2, 0, 0, 0, 9, 0, 0, 0, 0, 0x60, 2, 0, 0, 0, 0, 0, 0, 2, 4, 5, 0xb4];
    let options = ip(end(1, 1), end(2, 2), 6, &[&head[..], b"data"].concat());
    assert_eq!(payload(&options), (&b"data"[..], 0));
    for offset in [0x00, 0x40, 0xf0] {
        let mut head = head;
        head[12] = offset;
        let captured = ip(end(1, 1), end(2, 2), 6, &head);
        assert_eq!(decoded(&captured), Err(Undecodable::TransportHeader), "{offset:x}");
    }
}

#[test]
fn a_datagram_ends_where_its_length_says() {
    let with_length = |length: u16| {
        let head = [&[0, 53, 0, 53][..], &length.to_be_bytes(), &[0, 0]].concat();
        ip(end(1, 53), end(2, 53), 17, &[&head[..], b"datagram"].concat())
    };
    for (length, expected) in [(16, &b"datagram"[..]), (12, b"data"), (8, b""), (0, b"datagram"), (7, b"datagram")] {
        assert_eq!(payload(&with_length(length)), (expected, 0), "{length}");
    }
    assert_eq!(payload(&with_length(900)), (&b"datagram"[..], 0));
    // What the capture cut off lies behind the datagram.
    let cut = with_length(12).cut(14 + 20 + 8 + 6);
    assert_eq!(payload(&cut), (&b"data"[..], 0));
    let cut = with_length(14).cut(14 + 20 + 8 + 4);
    assert_eq!(payload(&cut), (&b"data"[..], 2));
}

#[test]
fn a_frame_may_be_cut_at_every_byte() {
    let v4 = [(tcp(end(1, 1), end(2, 2), 0).data([7; 50]).at(0), 54), (udp(end(1, 1), end(2, 2), &[7; 50]), 42)];
    let v6 =
        [(tcp(end_v6(1, 1), end_v6(2, 2), 0).data([7; 50]).at(0), 74), (udp(end_v6(1, 1), end_v6(2, 2), &[7; 50]), 62)];
    for (whole, headers) in v4.into_iter().chain(v6) {
        for length in 0..=whole.bytes.len() {
            let captured = whole.clone().cut(length);
            match length.checked_sub(headers) {
                Some(kept) => {
                    assert_eq!(payload(&captured), (&[7; 50][..kept], 50 - u32::try_from(kept).unwrap()), "{length}");
                }
                None => assert!(decoded(&captured).is_err(), "{length}"),
            }
        }
    }
}

#[test]
fn a_cut_frame_names_the_header_that_is_cut() {
    let whole = tcp(end(1, 1), end(2, 2), 0).data("x").at(0);
    for (lengths, expected) in
        [(0..14, Undecodable::LinkHeader), (14..34, Undecodable::IpHeader), (34..54, Undecodable::TransportHeader)]
    {
        for length in lengths {
            assert_eq!(decoded(&whole.clone().cut(length)), Err(expected), "{length}");
        }
    }
    let whole = arp(1, end(1, 0), end(2, 0).ip);
    for length in 14..42 {
        assert_eq!(decoded(&whole.clone().cut(length)), Err(Undecodable::Arp), "{length}");
    }
}

#[test]
fn padding_is_no_payload_whether_captured_or_cut() {
    let mut captured = tcp(end(1, 1), end(2, 2), 0).data("x").at(0);
    captured.bytes.extend([0; 5]);
    captured.wire_len += 5;
    for length in [60, 57, 55] {
        assert_eq!(payload(&captured.clone().cut(length)), (&b"x"[..], 0), "{length}");
    }
    assert_eq!(payload(&captured.cut(54)), (&b""[..], 1));
}

#[test]
fn arp_tells_who_claims_an_address() {
    let sender = end(1, 0);
    for operation in [1, 2] {
        let captured = arp(operation, sender, end(2, 0).ip);
        let (ip, target) = (Some([192, 0, 2, 1].into()), Some([192, 0, 2, 2].into()));
        let claim = Arp { operation: operation.into(), mac: Mac::known(sender.mac), ip, target };
        assert_eq!(decoded(&captured).unwrap().body, Body::Arp(claim));
    }
    // Announcement: sender and target are the same (RFC 5227, 2.3).
    let captured = arp(1, sender, sender.ip);
    assert!(matches!(decoded(&captured).unwrap().body, Body::Arp(Arp { ip: Some(_), .. })));
}

#[test]
fn an_arp_probe_claims_no_address_and_a_zero_mac_is_nobodys() {
    let mut probe = end(1, 0);
    probe.ip = [0, 0, 0, 0].into();
    let captured = arp(1, probe, end(1, 0).ip);
    let body = decoded(&captured).unwrap().body;
    assert!(matches!(body, Body::Arp(Arp { mac, ip: None, .. }) if mac == Mac::known(probe.mac)));
    let mut zero = end(1, 0);
    zero.mac = [0; 6];
    let captured = arp(2, zero, end(2, 0).ip);
    assert!(matches!(decoded(&captured).unwrap().body, Body::Arp(Arp { mac: None, ip: Some(_), .. })));
    assert_eq!(decoded(&captured).unwrap().mac, None);
}

#[test]
fn arp_of_other_networks_claims_nothing_and_wrong_sizes_are_malformed() {
    let with = |at: usize, value: u8| {
        let mut captured = arp(1, end(1, 0), end(2, 0).ip);
        captured.bytes[14 + at] = value;
        captured
    };
    // Hardware type 6 (IEEE 802), protocol 0x0900.
    for other in [with(1, 6), with(2, 9)] {
        assert_eq!(decoded(&other).unwrap().body, Body::Arp(Arp { operation: 0, mac: None, ip: None, target: None }));
    }
    for (at, size) in [(4, 0), (4, 5), (5, 3), (5, 0), (4, 255), (5, 255)] {
        assert_eq!(decoded(&with(at, size)), Err(Undecodable::Arp), "{at} {size}");
    }
}

#[test]
fn neighbour_discovery_is_known_by_type_and_by_having_crossed_no_router() {
    let mut host = end_v6(1, 0);
    for (hops_left, kind, is_one) in [
        (255, 133, true),
        (255, 135, true),
        (255, 137, true),
        (255, 128, false),
        (255, 138, false),
        (254, 135, false),
        (64, 136, false),
    ] {
        host.hops_left = hops_left;
        let captured = icmp_v6(host, end_v6(2, 0), kind);
        let is_discovery = ip_packet(&captured).transport == TransportPacket::NeighbourDiscovery;
        assert_eq!((is_discovery, other(&captured)), (is_one, (!is_one).then_some(58)), "{hops_left} {kind}");
    }
    let mut v4 = end(1, 0);
    v4.hops_left = 255;
    assert_eq!(other(&ip(v4, end(2, 0), 58, &[135, 0, 0, 0])), Some(58));
}

#[test]
fn unknown_link_types_are_refused() {
    let captured = Captured::new(LinkType::Other(147), vec![0x45; 60]);
    assert_eq!(decoded(&captured), Err(Undecodable::LinkType));
}
