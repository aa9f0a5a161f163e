//! Every counter that is documented is one that packets can move.

use super::{endpoint::*, *};
use crate::{
    COUNTERS,
    source::LinkType,
    testing::{arp, ip, wrap},
};
use wardwatch_hospital::{
    self as hospital,
    dicom::{Association, Context, Request, User, uid},
    tcp::Tcp,
};

/// Packets that move a counter, and the limits under which they do.
fn moving(counter: &str) -> (Vec<Captured>, Limits) {
    let (client, server) = ends();
    let packets = match counter {
        "truncated_frames" => vec![sent(0, b"cut").at(1).cut(55)],
        "link_type_unknown" => vec![Captured::new(LinkType::Other(147), vec![0; 60])],
        "link_header_malformed" => vec![sent(0, b"").at(1).cut(13)],
        "ip_header_malformed" => vec![sent(0, b"").at(1).cut(14 + 19)],
        "transport_header_malformed" => vec![ip(client, server, 6, &[0; 19])],
        "arp_malformed" => vec![arp(1, client, server.ip).cut(14 + 27)],
        "tunnel_header_malformed" => vec![wrap::in_gre(client, server, None, &sent(0, b"").at(1)).cut(14 + 20 + 3)],
        "tunnels_too_deep" => {
            vec![(0..9).fold(sent(0, b"").at(1), |inside, _| wrap::in_ip(client, server, &inside))]
        }
        "ip_fragments" => vec![fragment(b'a', 0)],
        "fragment_conflicts" => vec![fragment(b'a', 0), fragment(b'b', 0)],
        "stream_gap_bytes" => opened([sent(0, b"before").at(1), sent(100, b"behind").at(2)]),
        "stray_bytes" => opened([sent(0, &message(0)[..20]).at(1), sent(0x7000_0000, b"far").at(2)]),
        "overlap_conflicts" => opened([sent(0, b"GOOD").at(1), sent(0, b"EVIL").at(1)]),
        "reset_payload_bytes" => opened([sent(0, b"why").rst().at(1)]),
        "flows_evicted" => return (many(|n| udp(from(n), server, b"x").at(1)), none_of(|limits| limits.flows = 0)),
        "reassembly_evicted" => {
            let ahead = |n| tcp(from(n), server, 9).data([0; 900]).at(1);
            let packets = many(|n| tcp(from(n), server, 0).syn().at(0)).into_iter().chain(many(ahead)).collect();
            return (packets, none_of(|limits| limits.reassembly_bytes = 0));
        }
        "places_dropped" => return (many(|n| udp(from(n), server, b"x").at(1)), none_of(|limits| limits.devices = 0)),
        "conversations_dropped" => {
            return (many(|n| udp(from(n), server, b"x").at(1)), none_of(|limits| limits.conversations = 0));
        }
        "descriptions_dropped" => {
            let relayed = many(|n| udp(end(9, 67), end(2, 67), &relayed(n)).at(1));
            return (relayed, none_of(|limits| limits.descriptions = 0));
        }
        "details_dropped" => return (many_associations(), none_of(|limits| limits.conversations = 0)),
        "duplicate_packets" => vec![sent(0, b"twice").at(1), sent(0, b"twice").at(1)],
        "offloaded_packets" => vec![sent(0, &[0; 20_000]).at(1)],
        "zero_checksums" => vec![sent(0, b"").at(1)],
        "retransmitted_segments" => opened([sent(0, b"again").at(1), sent(0, b"again").at(300)]),
        "out_of_order_segments" => opened([sent(3, b"two").at(1), sent(0, b"one").at(2)]),
        "stray_syns" => {
            let forged = tcp(client, server, 0x7000_0000).syn().at(2);
            opened([sent(0, b"one").at(1), forged, sent(3, b"two").at(3)])
        }
        "stray_resets" => opened([sent(0, b"one").at(1), tcp(client, server, 0x7000_0000).rst().at(2)]),
        "one_sided_flows" | "joined_flows" => vec![sent(0, b"alone").at(1)],
        _ => panic!("{counter} is documented, and no packets here move it"),
    };
    (packets, Limits::default())
}

fn none_of(set: impl Fn(&mut Limits)) -> Limits {
    let mut limits = Limits::default();
    set(&mut limits);
    limits
}

fn many(packet: impl Fn(u32) -> Captured) -> Vec<Captured> {
    (0..1000).map(packet).collect()
}

/// Requests under many titles, each for as many presentation contexts as there may be.
fn many_associations() -> Vec<Captured> {
    let place = |address: &str| hospital::end::End {
        address: address.parse().unwrap(),
        source: [2, 0, 0, 0, 0, 1],
        next_hop: [2, 0, 0, 0, 0, 2],
        vlans: Vec::new(),
        ttl: 64,
    };
    let contexts: Vec<_> = (0..128u8)
        .map(|n| Context {
            id: 2 * n + 1,
            abstract_syntax: uid::CT_IMAGE,
            transfer_syntaxes: &[uid::EXPLICIT_LITTLE; 4],
        })
        .collect();
    let rejected = |n: u32| {
        let tcp = Tcp::open(place(&format!("10.0.0.11:{}", 50_000 + n)), place("10.0.0.2:104"), n.into());
        let calling = format!("AE{n}");
        let request = Request { called: "ARCHIVE", calling: &calling, contexts: &contexts, user: User::default() };
        Association::rejected(tcp, &request, [1, 1, 1]).packets()
    };
    (0..300).flat_map(rejected).map(|packet| Captured::new(LinkType::Ethernet, packet.bytes)).collect()
}

fn from(n: u32) -> End {
    End { ip: std::net::Ipv4Addr::from(0x0a00_0000 + n).into(), ..end(1, 40_000) }
}

/// A fragment, after which others would follow.
fn fragment(byte: u8, at: u64) -> Captured {
    let (client, server) = ends();
    let mut fragment = udp(client, server, &[byte; 16]).id(7).at(at);
    fragment.bytes[14 + 6] = 0x20;
    fragment
}

/// DHCPREQUEST of a client of this number with a host name, passed on by a relay agent (RFC 2131, RFC 2132).
fn relayed(n: u32) -> Vec<u8> {
    let mut bytes = vec![0; 236];
    bytes[..4].copy_from_slice(&[1, 1, 6, 0]);
    bytes[24..28].copy_from_slice(&[192, 0, 2, 9]);
    bytes[30..34].copy_from_slice(&n.to_be_bytes());
    bytes[28] = 2;
    [&bytes[..], &[0x63, 0x82, 0x53, 0x63, 53, 1, 3, 12, 4, b'W', b'A', b'R', b'D', 255]].concat()
}

#[test]
fn every_counter_moves_and_stays_still_where_nothing_is_amiss() {
    let calm = assert_whole(&opened([sent(0, &messages(3)).at(1)]), 3);
    for counter in COUNTERS {
        let of = |facts: &Facts| match counter.kind {
            "losses" => loss(facts, counter.name),
            _ => condition(facts, counter.name),
        };
        let (packets, limits) = moving(counter.name);
        assert!(of(&report(&packets, &limits, 1)) > 0, "{} does not move", counter.name);
        assert!(of(&calm) == 0 || counter.name == "zero_checksums", "{} moves without reason", counter.name);
        assert!(!counter.meaning.is_empty() && !counter.advice.is_empty() && counter.stage.len() > 3);
    }
}

#[test]
fn what_became_of_frames_is_told_to_whoever_brought_them() {
    use crate::{Passage, Worker};
    let (client, server) = ends();
    let mut packets = opened([sent(0, b"twice").at(1), sent(0, b"twice").at(1), sent(5, &[0; 20_000]).at(2)]);
    packets.extend([
        sent(0, b"cut").at(3).cut(55),
        ip(client, server, 6, &[0; 19]),
        fragment(b'a', 4),
        fragment(b'a', 4),
    ]);
    let mut worker = Worker::new(0, 1, &Limits::default());
    let passage = worker.frames(packets.iter().map(Captured::frame));
    let expected = Passage {
        truncated_frames: 1,
        undecodable_frames: 1,
        duplicate_packets: 2,
        offloaded_packets: 1,
        zero_checksums: packets.len() as u64 - 2,
    };
    assert_eq!(passage, Passage { zero_checksums: passage.zero_checksums, ..expected });
    assert!(passage.zero_checksums > 0);
    assert_eq!(worker.frames(std::iter::empty()), Passage::default(), "each time anew");
    assert_eq!(passage.counts().count(), Passage::NAMES.len());
}
