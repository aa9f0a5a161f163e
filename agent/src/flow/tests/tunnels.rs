//! What is in a tunnel is followed as if it had come alone, and never taken for what is in another.

use super::{fragments::in_fragments, *};
use crate::{
    decode::MAX_DEPTH,
    testing::{arp, wrap},
};
use proptest::prelude::*;
use wardwatch_model::{Mac, Transport, Tunnel, TunnelKind, Tunnels};

/// Two ends of tunnels, and a third one.
fn ends() -> [End; 3] {
    [8, 9, 10].map(|last| End { ip: [10, 0, 0, last].into(), ..end(last, 50_000) })
}

/// A connection with an HL7 message and its answer.
fn connection() -> Vec<Captured> {
    let (client, server) = (end(1, 50_000), end(2, 2575));
    let message = "\x0bMSH|^~\\&|MON|ICU|EHR|HOSP|2026||ADT^A01|1|P|2.5\r\x1c\r";
    let answer = "\x0bMSH|^~\\&|EHR|HOSP|MON|ICU|2026||ACK|2|P|2.5\rMSA|AA|1\r\x1c\r";
    let length = u32::try_from(message.len()).unwrap();
    let mut packets = handshake(client, server, 0);
    packets.push(tcp(client, server, 100).ack(500).data(message).at(1));
    packets.push(tcp(server, client, 500).ack(100 + length).data(answer).at(2));
    packets
}

/// Whether a packet of [`connection`] goes to the server.
fn is_forth(packet: &Captured) -> bool {
    packet.bytes[6..12] == end(1, 0).mac
}

type Wrap = fn(End, End, u32, &Captured) -> Captured;

/// Tunnels with ids, each of which wraps a packet in the one of a number.
const APART: [(TunnelKind, Wrap); 5] = [
    (TunnelKind::Vxlan, |a, b, number, packet| wrap::vxlan(a, b, number, packet)),
    (TunnelKind::Geneve, |a, b, number, packet| wrap::geneve(a, b, number, &[0; 4], packet)),
    (TunnelKind::Gre, |a, b, number, packet| wrap::in_gre(a, b, Some(number), packet)),
    (TunnelKind::Pppoe, |a, b, number, packet| wrap::pppoe(a, b, u16::try_from(number).unwrap(), packet)),
    (TunnelKind::Pbb, |a, _, number, packet| wrap::pbb(a, number, packet)),
];

/// Tunnels that their ends tell.
const BY_ENDS: [(TunnelKind, Wrap); 3] = [
    (TunnelKind::Gre, |a, b, _, packet| wrap::in_gre(a, b, None, packet)),
    (TunnelKind::GtpU, |a, b, number, packet| wrap::gtp_u(a, b, number, packet)),
    (TunnelKind::IpInIp, |a, b, _, packet| wrap::in_ip(a, b, packet)),
];

/// Carriers of the network's own frames.
const COPIES: [Wrap; 6] = [
    |a, b, number, packet| wrap::erspan(a, b, 2, u16::try_from(number).unwrap(), 0, packet),
    |a, b, number, packet| wrap::erspan(a, b, 3, u16::try_from(number).unwrap(), 0, packet),
    |a, b, _, packet| wrap::capwap(a, End { port: 5247, ..b }, [0x02, 0], [0; 4], &packet.bytes, packet),
    |a, b, _, packet| {
        let frame = wrap::wifi(packet, is_forth(packet));
        wrap::capwap(a, End { port: 5247, ..b }, [0x03, 0], [0; 4], &frame, packet)
    },
    |_, _, number, packet| wrap::tagged(&[&[0x89, 0x26][..], &number.to_be_bytes()].concat(), packet),
    |a, _, number, packet| wrap::mpls(a, &[number + 16], Some(&[0; 4]), packet),
];

/// Each packet in a tunnel, both ways between two ends.
fn wrapped(packets: &[Captured], wrap: Wrap, [a, b]: [End; 2], number: u32) -> Vec<Captured> {
    packets
        .iter()
        .map(|packet| if is_forth(packet) { wrap(a, b, number, packet) } else { wrap(b, a, number, packet) })
        .collect()
}

/// The conversations of HL7, each with its tunnels.
fn hl7(facts: &Facts) -> Vec<(Tunnels, &Conversation)> {
    let all = facts.conversations.iter().filter(|(key, _)| key.protocol == "hl7");
    all.map(|(key, conversation)| (key.tunnels, &**conversation)).collect()
}

#[test]
fn a_conversation_in_a_tunnel_is_what_it_is_outside() {
    let [a, b, _] = ends();
    let plain = run(&connection());
    let (_, alone) = only(&plain);
    for (kind, wrap) in APART.into_iter().chain(BY_ENDS) {
        let facts = run(&wrapped(&connection(), wrap, [a, b], 7));
        let found = hl7(&facts);
        let [(tunnels, inside)] = found.as_slice() else { panic!("{kind:?}: {:?}", facts.conversations) };
        assert_eq!(tunnels.iter().map(|tunnel| tunnel.kind()).collect::<Vec<_>>(), [kind]);
        let (mut inside, mut alone) = ((*inside).clone(), alone.clone());
        // How the two ends of PPPoE are tagged is told of what is in it; nothing else differs.
        (inside.vlans, alone.vlans) = Default::default();
        assert_eq!(inside, alone, "{kind:?}");
        assert!(facts.capture.losses.values().all(|count| *count == 0), "{kind:?} {:?}", facts.capture.losses);
    }
}

#[test]
fn the_same_connection_in_two_tunnels_is_two() {
    let [a, b, c] = ends();
    for (kind, wrap) in APART {
        // Packet by packet, so that one would disturb the other.
        let [one, other] = [7, 8].map(|number| wrapped(&connection(), wrap, [a, b], number));
        let frames: Vec<Captured> = one.into_iter().zip(other).flat_map(|(one, other)| [one, other]).collect();
        let facts = run(&frames);
        let found = hl7(&facts);
        assert_eq!(found.len(), 2, "{kind:?}");
        assert_eq!(found[0].1.messages, found[1].1.messages);
        assert_eq!(loss(&facts, "overlap_conflicts"), 0);
        let places = facts.sightings.keys().filter(|place| place.ip == end(1, 0).ip).count();
        assert_eq!(places, 2, "{kind:?}: {:?}", facts.sightings);
    }
    for (kind, wrap) in BY_ENDS {
        let frames =
            [wrapped(&connection(), wrap, [a, b], 7), wrapped(&connection(), wrap, [a, c], 7), connection()].concat();
        assert_eq!(hl7(&run(&frames)).len(), 3, "{kind:?}");
    }
}

#[test]
fn copies_of_the_networks_own_frames_are_told_as_the_frames() {
    let [a, b, c] = ends();
    let plain = run(&connection());
    for (number, wrap) in COPIES.into_iter().enumerate() {
        // One session copies one direction, another one the other; a station is at one access point, then at another.
        let frames: Vec<Captured> = connection()
            .iter()
            .map(|packet| if is_forth(packet) { wrap(a, b, 7, packet) } else { wrap(c, b, 8, packet) })
            .collect();
        let facts = run(&frames);
        let (key, conversation) = only(&plain);
        assert_eq!(facts.conversations.get(key).map(|told| &**told), Some(conversation), "{number}");
        for (place, sighting) in &plain.sightings {
            assert_eq!(facts.sightings.get(place), Some(sighting), "{number}");
        }
    }
}

#[test]
fn the_ends_of_a_tunnel_are_told_and_what_they_exchange() {
    let [a, b, _] = ends();
    for (wrap, protocol, transport, port) in [
        (APART[0].1, "vxlan", Transport::Udp, 4789),
        (APART[2].1, "gre", Transport::Ip, 0),
        (BY_ENDS[2].1, "ip-in-ip", Transport::Ip, 0),
        (COPIES[0], "erspan", Transport::Ip, 0),
        (COPIES[2], "capwap", Transport::Udp, 5247),
    ] {
        let frames: Vec<Captured> =
            connection().iter().filter(|packet| is_forth(packet)).map(|packet| wrap(a, b, 7, packet)).collect();
        let facts = run(&frames);
        let outer: Vec<_> = facts.conversations.iter().filter(|(key, _)| key.protocol == protocol).collect();
        let messages: u64 = outer.iter().map(|(_, conversation)| conversation.messages).sum();
        assert_eq!(messages, frames.len() as u64, "{protocol}");
        let bytes: u64 = outer.iter().map(|(_, conversation)| conversation.bytes_to_server).sum();
        let header = if transport == Transport::Udp { 8 } else { 0 };
        let sent: usize = frames.iter().map(|frame| frame.bytes.len() - 14 - 20 - header).sum();
        assert_eq!(bytes, sent as u64, "{protocol}");
        assert_eq!(outer.iter().map(|(_, conversation)| conversation.seen.count).sum::<u64>(), 1, "{protocol}");
        for (key, _) in outer {
            assert_eq!((key.client, key.server, key.transport, key.port), (a.ip, b.ip, transport, port));
            assert!(key.tunnels.is_empty());
        }
        let place = facts.sightings.iter().find(|(place, _)| place.ip == a.ip).unwrap();
        assert!(place.1.payload && place.0.mac == Mac::known(a.mac), "{place:?}");
        assert_eq!(facts.capture.protocols[protocol].messages, frames.len() as u64);
        assert_eq!(facts.capture.packets, frames.len() as u64, "each frame counts once");
    }
}

#[test]
fn who_claims_an_address_in_a_tunnel_claims_it_there() {
    let [a, b, _] = ends();
    let facts = run(&[wrap::vxlan(a, b, 5, &arp(1, end(1, 0), end(2, 0).ip))]);
    let (place, sighting) = facts.sightings.iter().find(|(place, _)| place.ip == end(1, 0).ip).unwrap();
    let mut tunnels = Tunnels::default();
    tunnels.push(Tunnel::numbered(TunnelKind::Vxlan, 5));
    assert_eq!((place.tunnels, place.mac, sighting.claimed), (tunnels, Mac::known(end(1, 0).mac), true));
}

#[test]
fn a_tunnel_in_fragments_and_fragments_in_a_tunnel_are_put_together() {
    let [a, b, _] = ends();
    for (kind, wrap) in [APART[0], APART[2], BY_ENDS[1], BY_ENDS[2]] {
        let frames = wrapped(&connection(), wrap, [a, b], 7);
        let whole = run(&frames);
        let number = |n: usize| u8::try_from(n).unwrap();
        let outer: Vec<Captured> =
            frames.iter().enumerate().flat_map(|(n, frame)| in_fragments(frame, number(n), 48)).collect();
        let inner: Vec<Captured> =
            connection().iter().enumerate().flat_map(|(n, frame)| in_fragments(frame, number(n), 24)).collect();
        let inner = wrapped(&inner, wrap, [a, b], 7);
        let both: Vec<Captured> =
            inner.iter().enumerate().flat_map(|(n, frame)| in_fragments(frame, number(n), 40)).collect();
        for (pieces, which) in [(outer, "outer"), (inner, "inner"), (both, "both")] {
            for workers in [1, 3] {
                let facts = report(&pieces, &Limits::default(), workers);
                assert_eq!(hl7(&facts), hl7(&whole), "{kind:?} {which}");
                assert_eq!((facts.capture.packets, loss(&facts, "ip_fragments")), (pieces.len() as u64, 0));
            }
        }
    }
}

#[test]
fn fragments_of_equal_packets_in_two_tunnels_do_not_mix() {
    let [a, b, _] = ends();
    let [one, other] = ["x", "y"].map(|fill| udp(end(1, 5000), end(2, 5001), fill.repeat(64).as_bytes()));
    let (one, other) = (in_fragments(&one, 1, 40), in_fragments(&other, 1, 40));
    let frames: Vec<Captured> = one
        .iter()
        .zip(&other)
        .flat_map(|(one, other)| [wrap::vxlan(a, b, 1, one), wrap::vxlan(a, b, 2, other)])
        .collect();
    let facts = run(&frames);
    assert_eq!((loss(&facts, "fragment_conflicts"), loss(&facts, "ip_fragments")), (0, 0));
    assert_eq!(facts.conversations.keys().filter(|key| key.port == 5001).count(), 2);
}

#[test]
fn frames_that_an_access_point_sent_in_parts_are_put_together() {
    let [point, controller, _] = ends();
    let controller = End { port: 5247, ..controller };
    let mut frames = Vec::new();
    for (number, packet) in connection().iter().enumerate() {
        let frame = wrap::wifi(packet, is_forth(packet));
        let (first, last) = frame.split_at(32);
        let (from, to) = if is_forth(packet) { (point, controller) } else { (controller, point) };
        let id = u8::try_from(number).unwrap();
        // Fragment; fragment and last. Place: 0; 4 times 8 bytes.
        frames.push(wrap::capwap(from, to, [0x03, 0x80], [0, id, 0, 0], first, packet));
        frames.push(wrap::capwap(from, to, [0x03, 0xc0], [0, id, 0, 4 << 3], last, packet));
    }
    let plain = run(&connection());
    for workers in [1, 5] {
        let facts = report(&frames, &Limits::default(), workers);
        let (key, conversation) = only(&plain);
        assert_eq!(facts.conversations.get(key).map(|told| &**told), Some(conversation));
        assert_eq!(loss(&facts, "ip_fragments"), 0);
    }
    // A part that never came is counted.
    assert_eq!(loss(&run(&frames[1..]), "ip_fragments"), 1);
}

#[test]
fn tunnels_nested_too_deep_and_broken_headers_are_counted() {
    let [a, b, _] = ends();
    let mut bomb = udp(end(1, 5000), end(2, 5001), b"x");
    for _ in 0..30 {
        bomb = wrap::in_ip(a, b, &bomb);
    }
    let facts = run(&[bomb]);
    assert_eq!((loss(&facts, "tunnels_too_deep"), facts.capture.packets), (1, 1));
    let outer = facts.conversations.keys().filter(|key| key.protocol == "ip-in-ip").count();
    assert_eq!(outer, usize::from(MAX_DEPTH) + 1);
    let cut = wrap::vxlan(a, b, 1, &connection()[0]).cut(14 + 20 + 8 + 5);
    let facts = run(&[cut]);
    assert_eq!((loss(&facts, "tunnel_header_malformed"), loss(&facts, "truncated_frames")), (1, 1));
    assert_eq!(only(&facts).0.protocol, "vxlan");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn workers_do_not_show_in_tunnels(
        plans in prop::collection::vec((0..8_usize, 0..3_u32, 0..3_usize, any::<bool>(), 0..5_usize), 1..60),
        workers in 2..20_usize,
    ) {
        let ends = ends();
        let all = connection();
        let frames: Vec<Captured> = plans
            .iter()
            .enumerate()
            .map(|(time, (kind, number, end, nested, packet))| {
                let wraps = APART.iter().map(|(_, wrap)| *wrap).chain(BY_ENDS.map(|(_, wrap)| wrap)).chain(COPIES);
                let wraps: Vec<Wrap> = wraps.collect();
                let (a, b) = (ends[*end], ends[(end + 1) % 3]);
                let mut frame = wraps[*kind](a, b, *number, &all[*packet]);
                if *nested {
                    frame = wrap::vxlan(b, a, number + 1, &frame);
                }
                frame.at(time as u64)
            })
            .collect();
        let one = report(&frames, &Limits::default(), 1);
        prop_assert_eq!(report(&frames, &Limits::default(), workers), one);
    }
}
