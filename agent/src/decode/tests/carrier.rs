//! What carries others: every kind, whole, cut anywhere, with content that is not known, and one in another.

use super::*;
use crate::{
    protocol::Protocol,
    testing::{End, wrap},
};
use proptest::prelude::*;
use wardwatch_model::{Tunnel, TunnelKind, Tunnels};

/// The ends of a tunnel.
fn ends() -> [End; 2] {
    [End { ip: [10, 0, 0, 8].into(), ..end(8, 50_000) }, End { ip: [10, 0, 0, 9].into(), ..end(9, 50_001) }]
}

/// What is carried.
fn v4() -> Captured {
    tcp(end(1, 4000), end(2, 104), 7).data("data").at(0)
}

fn v6() -> Captured {
    tcp(end_v6(1, 4000), end_v6(2, 104), 7).data("data").at(0)
}

/// 802.11 in CAPWAP: binding 1, native format.
const WIFI: [u8; 2] = [0x03, 0];
const ETHERNET: [u8; 2] = [0x02, 0];

/// A frame of each kind of carrier, how it is told, and the tunnel of what is in it.
fn kinds() -> Vec<(&'static str, Captured, Protocol, Option<Tunnel>)> {
    use Protocol as P;
    let [a, b] = ends();
    let between = |kind, number| Some(Tunnel::between(kind, number, a.ip, b.ip));
    let numbered = |kind, number| Some(Tunnel::numbered(kind, number));
    let port = |end: End, port| End { port, ..end };
    let (gpe, udp_gre) = ([0x0c, 0, 0, 1, 0, 0, 7, 0], [0, 0, 8, 0]);
    let pptp = [&[0xff, 3, 0, 0x21][..], wrap::packet(&v4())].concat();
    let pptp = [&[0x30, 0x81, 0x88, 0x0b, 0, 44, 0, 9, 0, 0, 0, 1, 0, 0, 0, 1][..], &pptp].concat();
    let mpls_udp = [&[0, 0, 0x11, 64][..], wrap::packet(&v4())].concat();
    let control = Some(&[0, 0, 0, 7][..]);
    vec![
        ("vxlan", wrap::vxlan(a, b, 5001, &v4()), P::Vxlan, numbered(TunnelKind::Vxlan, 5001)),
        (
            "vxlan of version 6",
            wrap::vxlan(end_v6(8, 1), end_v6(9, 1), 5001, &v6()),
            P::Vxlan,
            numbered(TunnelKind::Vxlan, 5001),
        ),
        (
            "vxlan with other content",
            wrap::in_udp(a, b, 4790, &[&gpe, wrap::packet(&v4())], &v4()),
            P::Vxlan,
            numbered(TunnelKind::Vxlan, 7),
        ),
        ("geneve", wrap::geneve(a, b, 77, &[0; 8], &v4()), P::Geneve, numbered(TunnelKind::Geneve, 77)),
        ("gtp-u", wrap::gtp_u(a, b, 1, &v4()), P::GtpU, between(TunnelKind::GtpU, None)),
        ("teredo", wrap::teredo(a, port(b, 3544), &[], &v6()), P::Teredo, between(TunnelKind::Teredo, None)),
        (
            "teredo with authentication and origin",
            wrap::teredo(a, port(b, 3544), &[0, 1, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 1, 2, 3, 4, 5, 6], &v6()),
            P::Teredo,
            between(TunnelKind::Teredo, None),
        ),
        ("gre", wrap::in_gre(a, b, None, &v4()), P::Gre, between(TunnelKind::Gre, None)),
        ("gre with a key", wrap::in_gre(a, b, Some(9), &v6()), P::Gre, between(TunnelKind::Gre, Some(9))),
        (
            "bridged gre",
            wrap::gre(a, b, Some(9), 0x6558, &v4().bytes, &v4()),
            P::Gre,
            between(TunnelKind::Gre, Some(9)),
        ),
        ("pptp", ip(a, b, 47, &pptp), P::Gre, between(TunnelKind::Gre, None)),
        (
            "gre in udp",
            wrap::in_udp(a, b, 4754, &[&udp_gre, wrap::packet(&v4())], &v4()),
            P::Gre,
            between(TunnelKind::Gre, None),
        ),
        ("erspan i", wrap::erspan(a, b, 1, 0, 0, &v4()), P::Erspan, None),
        ("erspan ii", wrap::erspan(a, b, 2, 5, 30, &v4()), P::Erspan, None),
        ("erspan iii", wrap::erspan(a, b, 3, 5, 30, &v4()), P::Erspan, None),
        ("ip in ip", wrap::in_ip(a, b, &v4()), P::IpInIp, between(TunnelKind::IpInIp, None)),
        ("6in4", wrap::in_ip(a, b, &v6()), P::IpInIp, between(TunnelKind::IpInIp, None)),
        ("mpls", wrap::mpls(a, &[16], None, &v4()), P::Mpls, None),
        ("mpls with three labels", wrap::mpls(a, &[16, 17, 18], None, &v6()), P::Mpls, None),
        ("mpls in a vlan", wrap::mpls(End { vlan: Some(6), ..a }, &[16], None, &v4()), P::Mpls, None),
        ("a pseudowire", wrap::mpls(a, &[16, 17], Some(&[]), &v4()), P::Mpls, None),
        ("a pseudowire with a control word", wrap::mpls(a, &[16], control, &v4()), P::Mpls, None),
        ("mpls in udp", wrap::in_udp(a, b, 6635, &[&mpls_udp], &v4()), P::Mpls, None),
        ("pppoe", wrap::pppoe(a, b, 21, &v4()), P::Pppoe, Some(Tunnel::on_link(TunnelKind::Pppoe, 21, a.mac, b.mac))),
        (
            "pppoe behind two tags",
            wrap::tagged(&[0x88, 0xa8, 0, 5, 0x81, 0, 0, 6], &wrap::pppoe(a, b, 21, &v6())),
            P::Pppoe,
            Some(Tunnel::on_link(TunnelKind::Pppoe, 21, a.mac, b.mac)),
        ),
        ("vn-tag", wrap::tagged(&[0x89, 0x26, 1, 2, 3, 4], &v4()), P::BridgePort, None),
        ("e-tag", wrap::tagged(&[0x89, 0x3f, 1, 2, 3, 4, 5, 6], &v4()), P::BridgePort, None),
        ("pbb", wrap::pbb(a, 900, &v4()), P::Pbb, numbered(TunnelKind::Pbb, 900)),
        ("capwap", wrap::capwap(a, port(b, 5247), ETHERNET, [0; 4], &v4().bytes, &v4()), P::Capwap, None),
        (
            "capwap with 802.11",
            wrap::capwap(a, port(b, 5247), WIFI, [0; 4], &wrap::wifi(&v4(), true), &v4()),
            P::Capwap,
            None,
        ),
        (
            "capwap with 802.11, to a station",
            wrap::capwap(port(b, 5247), a, WIFI, [0; 4], &wrap::wifi(&v4(), false), &v4()),
            P::Capwap,
            None,
        ),
    ]
}

/// The protocol of a carrier.
fn carrier(packet: &Packet<'_>) -> Option<Protocol> {
    match &packet.body {
        Body::Carrier(protocol) => Some(*protocol),
        Body::Ip(IpPacket { transport: TransportPacket::Carrier(carrier), .. }) => Some(carrier.protocol),
        _ => None,
    }
}

fn tunnels(all: &[Tunnel]) -> Tunnels {
    let mut tunnels = Tunnels::default();
    all.iter().for_each(|one| tunnels.push(*one));
    tunnels
}

#[test]
fn every_kind_tells_of_itself_and_then_of_what_it_carries() {
    for (kind, captured, protocol, tunnel) in kinds() {
        let all = all(&captured);
        let [Ok(outer), Ok(inner)] = all.as_slice() else { panic!("{kind}: {all:?}") };
        assert_eq!((carrier(outer), outer.tunnels), (Some(protocol), Tunnels::default()), "{kind}");
        let expected: Vec<Tunnel> = tunnel.into_iter().collect();
        assert_eq!(inner.tunnels, tunnels(&expected), "{kind}");
        let Body::Ip(IpPacket { source, transport: TransportPacket::Tcp(segment), .. }) = &inner.body else {
            panic!("{kind}: {inner:?}")
        };
        assert!([end(1, 0).ip, end_v6(1, 0).ip].contains(source), "{kind}");
        assert_eq!((segment.payload, segment.missing, segment.destination_port), (&b"data"[..], 0, 104), "{kind}");
    }
}

#[test]
fn the_mac_address_is_the_one_of_the_innermost_link() {
    let frames = [
        "vxlan",
        "vxlan of version 6",
        "geneve",
        "bridged gre",
        "erspan i",
        "erspan ii",
        "erspan iii",
        "a pseudowire",
        "a pseudowire with a control word",
        "vn-tag",
        "e-tag",
        "pbb",
        "capwap",
        "capwap with 802.11",
        "capwap with 802.11, to a station",
    ];
    for (kind, captured, ..) in kinds() {
        let inner = all(&captured).pop().unwrap().unwrap();
        let expected = if kind.starts_with("pppoe") {
            Mac::known(ends()[0].mac)
        } else {
            Mac::known(end(1, 0).mac).filter(|_| frames.contains(&kind))
        };
        assert_eq!(inner.mac, expected, "{kind}");
    }
}

#[test]
fn vlans_are_those_of_the_frame_inside() {
    let [a, b] = ends().map(|end| End { vlan: Some(99), ..end });
    let own = tcp(End { vlan: Some(10), ..end(1, 1) }, end(2, 2), 0).at(0);
    let inner = |captured: &Captured| all(captured).pop().unwrap().unwrap().vlans.iter().collect::<Vec<_>>();
    let outer = |captured: &Captured| all(captured)[0].as_ref().unwrap().vlans.iter().collect::<Vec<_>>();
    for captured in [wrap::vxlan(a, b, 1, &own), wrap::erspan(a, b, 2, 1, 30, &own), wrap::pbb(a, 1, &own)] {
        assert_eq!((outer(&captured), inner(&captured)), (vec![99], vec![10]));
    }
    // A switch takes the tag off and tells it in its header.
    for kind in [2, 3] {
        assert_eq!(inner(&wrap::erspan(a, b, kind, 1, 30, &v4())), [30]);
        assert_eq!(inner(&wrap::erspan(a, b, kind, 1, 0, &v4())), [0; 0]);
    }
    assert_eq!(inner(&wrap::in_gre(a, b, None, &v4())), [0; 0]);
    // Of the link that the carrier is on.
    assert_eq!(inner(&wrap::tagged(&[0x89, 0x26, 0, 0, 0, 0], &own)), [10]);
    assert_eq!(inner(&wrap::tagged(&[0x81, 0, 0, 7, 0x89, 0x26, 0, 0, 0, 0], &own)), [7, 10]);
    assert_eq!(inner(&wrap::pppoe(a, b, 1, &v4())), [99]);
}

#[test]
fn both_directions_are_in_one_tunnel_and_other_ends_and_numbers_in_another() {
    let [a, b] = ends();
    let c = End { ip: [10, 0, 0, 10].into(), mac: [2, 0, 0, 0, 0, 10], ..a };
    let inside = |captured: Captured| all(&captured).pop().unwrap().unwrap().tunnels;
    let v4 = v4();
    assert_eq!(inside(wrap::in_gre(a, b, Some(1), &v4)), inside(wrap::in_gre(b, a, Some(1), &v4)));
    assert_eq!(inside(wrap::gtp_u(a, b, 1, &v4)), inside(wrap::gtp_u(b, a, 2, &v4)));
    assert_eq!(inside(wrap::pppoe(a, b, 1, &v4)), inside(wrap::pppoe(b, a, 1, &v4)));
    assert_eq!(inside(wrap::in_ip(a, b, &v4)), inside(wrap::in_ip(b, a, &v4)));
    // A network has many ends.
    assert_eq!(inside(wrap::vxlan(a, b, 1, &v4)), inside(wrap::vxlan(c, a, 1, &v4)));
    assert_eq!(inside(wrap::geneve(a, b, 1, &[], &v4)), inside(wrap::geneve(c, a, 1, &[0; 4], &v4)));
    let different = [
        inside(wrap::in_gre(a, b, None, &v4)),
        inside(wrap::in_gre(a, b, Some(1), &v4)),
        inside(wrap::in_gre(a, b, Some(2), &v4)),
        inside(wrap::in_gre(a, c, Some(1), &v4)),
        inside(wrap::gtp_u(a, b, 1, &v4)),
        inside(wrap::gtp_u(a, c, 1, &v4)),
        inside(wrap::in_ip(a, b, &v4)),
        inside(wrap::in_ip(a, c, &v4)),
        inside(wrap::pppoe(a, b, 1, &v4)),
        inside(wrap::pppoe(a, b, 2, &v4)),
        inside(wrap::pppoe(a, c, 1, &v4)),
        inside(wrap::vxlan(a, b, 1, &v4)),
        inside(wrap::vxlan(a, b, 2, &v4)),
        inside(wrap::geneve(a, b, 1, &[], &v4)),
        inside(wrap::pbb(a, 1, &v4)),
        inside(wrap::pbb(a, 2, &v4)),
        inside(v4),
    ];
    for (place, one) in different.iter().enumerate() {
        assert!(!different[..place].contains(one), "{one}");
    }
}

#[test]
fn content_that_is_not_known_loses_nothing_but_itself() {
    let [a, b] = ends();
    let at = v4();
    let sized = |kind: u16| wrap::gre(a, b, None, kind, &[0x5a; 40], &at);
    let capwap = |head: &[u8]| wrap::in_udp(a, b, 5247, &[head, &[0; 40]], &at);
    for (captured, protocol, inner) in [
        (sized(0x1234), Protocol::Gre, true),
        (wrap::gre(a, b, None, 0x880b, &[0xc0, 0x21, 1, 1], &at), Protocol::Gre, false),
        (ip(a, b, 47, &[0x40, 0, 8, 0, 0, 0, 0, 0]), Protocol::Gre, false),
        (ip(a, b, 47, &[0, 7, 8, 0, 0, 0, 0, 0]), Protocol::Gre, false),
        (ip(a, b, 47, &[0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x50, 0, 0, 0, 0, 0, 0, 0]), Protocol::Erspan, false),
        (wrap::vxlan(a, b, 1, &Captured::new(LinkType::Ethernet, vec![9; 60])), Protocol::Vxlan, true),
        (wrap::in_udp(a, b, 4790, &[&[0x0c, 0, 0, 4, 0, 0, 1, 0], &[0; 9]], &at), Protocol::Vxlan, false),
        (wrap::in_udp(a, b, 6081, &[&[0, 0, 0x12, 0x34, 0, 0, 1, 0], &[0; 9]], &at), Protocol::Geneve, true),
        (wrap::in_udp(a, b, 6081, &[&[0, 0x80, 0x65, 0x58, 0, 0, 1, 0], &[0; 9]], &at), Protocol::Geneve, false),
        (wrap::in_udp(a, b, 2152, &[&[0x30, 1, 0, 0, 0, 0, 0, 0]], &at), Protocol::GtpU, false),
        (wrap::in_udp(a, b, 2152, &[&[0x30, 255, 0, 1, 0, 0, 0, 1, 0x99]], &at), Protocol::GtpU, false),
        // DTLS, a keep-alive, another binding.
        (capwap(&[1, 0, 0, 0, 22, 254, 253]), Protocol::Capwap, false),
        (capwap(&[0, 0x10, 2, 8, 0, 0, 0, 0]), Protocol::Capwap, false),
        (capwap(&[0, 0x10, 7, 0, 0, 0, 0, 0]), Protocol::Capwap, false),
        // A beacon, a frame that only says that the station sleeps, one that is encrypted.
        (capwap(&[0, 0x10, 3, 0, 0, 0, 0, 0, 0x80, 0]), Protocol::Capwap, true),
        (capwap(&[0, 0x10, 3, 0, 0, 0, 0, 0, 0x48, 1]), Protocol::Capwap, true),
        (capwap(&[0, 0x10, 3, 0, 0, 0, 0, 0, 0x88, 0x41]), Protocol::Capwap, true),
        (
            wrap::mpls(a, &[1], Some(&[0x10, 0, 0, 7]), &Captured::new(LinkType::Ethernet, vec![])),
            Protocol::Mpls,
            false,
        ),
        (wrap::tagged(&[0x89, 0x26, 0, 0, 0, 0, 0x12, 0x34], &at), Protocol::BridgePort, true),
    ] {
        let all = all(&captured);
        assert_eq!(carrier(all[0].as_ref().unwrap()), Some(protocol), "{all:?}");
        let rest: Vec<_> = all[1..].iter().map(|packet| &packet.as_ref().unwrap().body).collect();
        assert_eq!(rest, vec![&Body::Other; usize::from(inner)], "{protocol:?}");
    }
}

#[test]
fn what_only_uses_a_port_of_a_tunnel_is_none() {
    let [a, b] = ends();
    let at = v4();
    for captured in [
        // No network identifier; another version; GTP'; a version that CAPWAP has not.
        wrap::in_udp(a, b, 4789, &[&[0; 60]], &at),
        wrap::in_udp(a, b, 6081, &[&[0xff; 60]], &at),
        wrap::in_udp(a, b, 2152, &[&[0x2e; 60]], &at),
        wrap::in_udp(a, b, 5247, &[&[0x16; 60]], &at),
        wrap::in_udp(a, b, 3544, &[&[0x60; 60]], &at),
        // An answer of a name server to a port of that number.
        udp(End { port: 53, ..a }, End { port: 4789, ..b }, &[0x08; 60]),
        udp(End { port: 53, ..a }, End { port: 6081, ..b }, &[0x08; 60]),
        // IPv6 in a datagram, without anything of Teredo's.
        wrap::teredo(a, b, &[], &v6()),
    ] {
        let all = all(&captured);
        let [Ok(Packet { body: Body::Ip(IpPacket { transport: TransportPacket::Udp(_), .. }), .. })] = all.as_slice()
        else {
            panic!("{all:?}")
        };
    }
}

#[test]
fn teredo_between_clients_and_relays_is_known_by_its_form() {
    let [a, b] = ends();
    let client = End { ip: "2001:0:4136:e378:8000:63bf:3fff:fdd2".parse().unwrap(), ..end_v6(1, 4000) };
    for (from, to) in [(client, end_v6(2, 104)), (end_v6(2, 104), client)] {
        let captured = wrap::teredo(a, b, &[], &tcp(from, to, 7).data("data").at(0));
        assert_eq!(carrier(all(&captured)[0].as_ref().unwrap()), Some(Protocol::Teredo));
        assert_eq!(all(&captured).len(), 2);
    }
}

#[test]
fn frame_control_the_other_way_round_is_understood() {
    let [a, b] = ends();
    for is_to in [true, false] {
        let mut frame = wrap::wifi(&v4(), is_to);
        for retried in [0, 0x08] {
            frame[1] |= retried;
            let mut swapped = frame.clone();
            swapped.swap(0, 1);
            let port = End { port: 5247, ..b };
            let [one, other] = [&frame, &swapped].map(|frame| wrap::capwap(a, port, WIFI, [0; 4], frame, &v4()));
            assert_eq!(all(&one).pop().unwrap(), all(&other).pop().unwrap());
            assert_eq!(all(&other).pop().unwrap().unwrap().mac, Mac::known(end(1, 0).mac));
        }
    }
}

#[test]
fn a_frame_between_bridges_has_its_sender_fourth() {
    let [a, b] = ends();
    let own = v4();
    let mut frame = [&[0x08, 3, 0, 0][..], &[9; 6], &[9; 6], &own.bytes[..6], &[0; 2], &own.bytes[6..12]].concat();
    frame.extend([0xaa, 0xaa, 3, 0, 0, 0]);
    frame.extend(&own.bytes[12..]);
    let captured = wrap::capwap(a, End { port: 5247, ..b }, WIFI, [0; 4], &frame, &own);
    let inner = all(&captured).pop().unwrap().unwrap();
    assert_eq!((inner.mac, matches!(inner.body, Body::Ip(_))), (Mac::known(end(1, 0).mac), true));
}

#[test]
fn a_carrier_may_be_cut_at_every_byte_and_what_is_lost_is_told() {
    for (kind, whole, protocol, _) in kinds() {
        let mut headers = 0;
        let is_told = |outer: &Packet<'_>, length: usize| {
            // What the bytes are of is not known before they say so.
            let is_begun = carrier(outer) == Some(Protocol::Gre) && length < 38;
            carrier(outer) == Some(protocol) || is_begun
        };
        for length in 14..whole.bytes.len() {
            let captured = whole.clone().cut(length);
            let all = all(&captured);
            match all.as_slice() {
                [Ok(outer), inner] => {
                    assert!(is_told(outer, length), "{kind} {length}");
                    match inner {
                        Ok(Packet { body: Body::Ip(packet), .. }) => {
                            let TransportPacket::Tcp(segment) = packet.transport else { panic!("{kind} {length}") };
                            assert_eq!(segment.payload.len() + segment.missing as usize, 4, "{kind} {length}");
                            assert_eq!(segment.missing as usize, whole.bytes.len() - length, "{kind} {length}");
                        }
                        Ok(Packet { body, .. }) => assert_eq!(*body, Body::Other, "{kind} {length}"),
                        Err(Undecodable::Tunnel) => headers += 1,
                        Err(_) => {}
                    }
                }
                // Nothing is left of what would tell, or not enough of it.
                [Ok(outer)] => {
                    let is_started = !kind.starts_with("teredo") && !kind.starts_with("a pseudo");
                    assert!(is_told(outer, length) || !is_started, "{kind} {length}");
                }
                [Err(_)] => assert!(length < 62, "{kind} {length}"),
                _ => panic!("{kind} {length}: {all:?}"),
            }
        }
        assert!(headers > 0 || kind.starts_with("teredo") || kind.contains("ip") || kind == "6in4", "{kind}");
    }
}

#[test]
fn tunnels_are_followed_eight_deep_and_no_further() {
    let [a, b] = ends();
    let mut captured = v4();
    for depth in 1..=40_usize {
        captured = if depth % 2 == 0 { wrap::in_ip(a, b, &captured) } else { wrap::in_gre(b, a, None, &captured) };
        let all = all(&captured);
        if depth <= usize::from(MAX_DEPTH) {
            assert_eq!(all.len(), depth + 1);
            let Ok(Packet { body: Body::Ip(packet), .. }) = all.last().unwrap() else { panic!() };
            assert!(matches!(packet.transport, TransportPacket::Tcp(_)));
        } else {
            assert_eq!(all.len(), usize::from(MAX_DEPTH) + 2);
            assert_eq!(all.last(), Some(&Err(Undecodable::TooDeep)));
        }
    }
    let labels = wrap::mpls(a, &[3; 17], None, &v4());
    assert_eq!(all(&labels)[1], Err(Undecodable::TooDeep));
    assert_eq!(all(&wrap::mpls(a, &[3; 16], None, &v4())).len(), 2);
}

#[test]
fn what_is_reserved_in_a_header_is_not_looked_at() {
    let [a, b] = ends();
    let captured = wrap::in_udp(a, b, 4789, &[&[0x88, 0xff, 0xff, 0xff, 0, 0, 7, 0xff], &v4().bytes], &v4());
    let inner = all(&captured).pop().unwrap().unwrap();
    assert_eq!(inner.tunnels, tunnels(&[Tunnel::numbered(TunnelKind::Vxlan, 7)]));
    assert!(matches!(inner.body, Body::Ip(_)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn no_bytes_in_a_carrier_make_decoding_panic(
        kind in any::<prop::sample::Index>(),
        around in prop::collection::vec(any::<prop::sample::Index>(), 0..4),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        cut in any::<prop::sample::Index>(),
    ) {
        let kinds = kinds();
        let mut captured = kind.get(&kinds).1.clone();
        let [a, b] = ends();
        for index in around {
            captured = match index.index(6) {
                0 => wrap::vxlan(a, b, 3, &captured),
                1 => wrap::erspan(a, b, 3, 1, 1, &captured),
                2 => wrap::capwap(a, End { port: 5247, ..b }, ETHERNET, [0; 4], &captured.bytes, &captured),
                3 => wrap::pbb(a, 4, &captured),
                4 => wrap::mpls(a, &[1], Some(&[0; 4]), &captured),
                _ => wrap::geneve(b, a, 3, &[], &captured),
            };
        }
        for (at, byte) in flips {
            let at = at.index(captured.bytes.len());
            captured.bytes[at] = byte;
        }
        let length = captured.bytes.len() - cut.index(captured.bytes.len()) / 3;
        let captured = captured.cut(length);
        for packet in all(&captured).into_iter().flatten() {
            if let Body::Ip(IpPacket { transport: TransportPacket::Tcp(segment), .. }) = packet.body {
                prop_assert!(segment.payload.len() < captured.bytes.len());
            }
        }
    }
}
