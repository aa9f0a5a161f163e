//! Random frames: nothing panics, and well-formed ones are read as another decoder reads them.

use super::{super::TransportPacket, *};
use etherparse::{NetSlice, PacketBuilder, SlicedPacket, TransportSlice, VlanSlice};
use proptest::{collection::vec, prelude::*};
use std::net::{Ipv4Addr, Ipv6Addr};

fn links() -> impl Strategy<Value = LinkType> {
    prop_oneof![
        5 => Just(LinkType::Ethernet),
        1 => Just(LinkType::LinuxSll),
        1 => Just(LinkType::LinuxSll2),
        1 => Just(LinkType::Raw),
        1 => Just(LinkType::Null),
    ]
}

/// Bytes with a beginning that lets a decoder go deeper than chance does.
fn frames() -> impl Strategy<Value = Vec<u8>> {
    let heads = prop_oneof![
        Just(vec![]),
        Just([&[2; 12][..], &[8, 0, 0x45]].concat()),
        Just([&[2; 12][..], &[8, 0, 0x4f]].concat()),
        Just([&[2; 12][..], &[0x86, 0xdd, 0x60, 0, 0, 0, 0, 200, 0, 255]].concat()),
        Just([&[2; 12][..], &[0x86, 0xdd, 0x60, 0, 0, 0, 0, 200, 51, 255]].concat()),
        Just([&[2; 12][..], &[8, 6, 0, 1, 8, 0]].concat()),
        Just([&[2; 12][..], &[0x81, 0, 0, 1, 0x88, 0xa8, 0, 2]].concat()),
    ];
    (heads, vec(any::<u8>(), 0..300)).prop_map(|(head, tail)| [head, tail].concat())
}

/// A well-formed frame.
#[derive(Clone, Debug)]
struct Plan {
    tags: usize,
    is_v6: bool,
    is_udp: bool,
    words: [u32; 2],
    flags: u8,
    options: Vec<u8>,
    payload: Vec<u8>,
}

fn plans() -> impl Strategy<Value = Plan> {
    let options = (0..10_usize).prop_map(|words| vec![1; words * 4]);
    (0..3_usize, any::<[bool; 2]>(), any::<[u32; 2]>(), any::<u8>(), options, vec(any::<u8>(), 0..200)).prop_map(
        |(tags, [is_v6, is_udp], words, flags, options, payload)| Plan {
            tags,
            is_v6,
            is_udp,
            words,
            flags,
            options,
            payload,
        },
    )
}

fn build(plan: &Plan) -> Vec<u8> {
    let Plan { words: [one, two], payload, .. } = plan;
    let ethernet = PacketBuilder::ethernet2([2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2]);
    let (v4, v6) = ((one.to_be_bytes(), two.to_be_bytes(), 64), ([3; 16], [4; 16], 9));
    let vlan = |n: u16| n.try_into().unwrap();
    let ip = match (plan.tags, plan.is_v6) {
        (0, false) => ethernet.ipv4(v4.0, v4.1, v4.2),
        (0, true) => ethernet.ipv6(v6.0, v6.1, v6.2),
        (1, false) => ethernet.single_vlan(vlan(7)).ipv4(v4.0, v4.1, v4.2),
        (1, true) => ethernet.single_vlan(vlan(7)).ipv6(v6.0, v6.1, v6.2),
        (_, false) => ethernet.double_vlan(vlan(8), vlan(9)).ipv4(v4.0, v4.1, v4.2),
        (_, true) => ethernet.double_vlan(vlan(8), vlan(9)).ipv6(v6.0, v6.1, v6.2),
    };
    let mut bytes = Vec::new();
    if plan.is_udp {
        ip.udp(1000, 2000).write(&mut bytes, payload).unwrap();
        return bytes;
    }
    let mut tcp = ip.tcp(1000, 2000, *one, 1024).options_raw(&plan.options).unwrap();
    if plan.flags & 1 != 0 {
        tcp = tcp.fin();
    }
    if plan.flags & 2 != 0 {
        tcp = tcp.syn();
    }
    if plan.flags & 4 != 0 {
        tcp = tcp.rst();
    }
    if plan.flags & 16 != 0 {
        tcp = tcp.ack(*two);
    }
    tcp.write(&mut bytes, payload).unwrap();
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn no_bytes_make_decoding_panic(link in links(), bytes in frames(), more in any::<u32>()) {
        let mut captured = Captured::new(link, bytes);
        captured.wire_len = captured.wire_len.saturating_add(more);
        if let Ok(Packet { body: Body::Ip(packet), .. }) = decoded(&captured) {
            let (payload, missing) = match packet.transport {
                TransportPacket::Tcp(segment) => (segment.payload, segment.missing),
                TransportPacket::Udp(datagram) => (datagram.payload, datagram.missing),
                _ => (&[][..], 0),
            };
            prop_assert!(payload.len() < captured.bytes.len() && missing <= 256 << 10);
        }
    }

    #[test]
    fn well_formed_packets_are_read_as_another_decoder_reads_them(plan in plans()) {
        let captured = Captured::new(LinkType::Ethernet, build(&plan));
        let other = SlicedPacket::from_ethernet(&captured.bytes).unwrap();
        let ours = decoded(&captured).unwrap();
        let tags: Vec<u16> = match other.vlan() {
            None => vec![],
            Some(VlanSlice::SingleVlan(tag)) => vec![tag.vlan_identifier().value()],
            Some(VlanSlice::DoubleVlan(tags)) => {
                vec![tags.outer.vlan_identifier().value(), tags.inner.vlan_identifier().value()]
            }
        };
        prop_assert_eq!(ours.vlans.iter().collect::<Vec<_>>(), tags);
        let Body::Ip(packet) = ours.body else { panic!() };
        match other.net.unwrap() {
            NetSlice::Ipv4(ip) => {
                prop_assert_eq!(packet.source, Ipv4Addr::from(ip.header().source()));
                prop_assert_eq!((packet.destination, packet.hops_left), (ip.header().destination_addr().into(), 64));
            }
            NetSlice::Ipv6(ip) => {
                prop_assert_eq!(packet.source, Ipv6Addr::from(ip.header().source()));
                prop_assert_eq!((packet.destination, packet.hops_left), (ip.header().destination_addr().into(), 9));
            }
            NetSlice::Arp(_) => panic!(),
        }
        match (packet.transport, other.transport.unwrap()) {
            (TransportPacket::Tcp(ours), TransportSlice::Tcp(theirs)) => {
                prop_assert_eq!((ours.source_port, ours.sequence), (theirs.source_port(), theirs.sequence_number()));
                prop_assert_eq!((ours.syn, ours.fin, ours.rst), (theirs.syn(), theirs.fin(), theirs.rst()));
                prop_assert_eq!(ours.acknowledgement, theirs.ack().then(|| theirs.acknowledgment_number()));
                prop_assert_eq!((ours.payload, ours.missing), (theirs.payload(), 0));
            }
            (TransportPacket::Udp(ours), TransportSlice::Udp(theirs)) => {
                prop_assert_eq!(ours.destination_port, theirs.destination_port());
                prop_assert_eq!((ours.payload, ours.missing), (theirs.payload(), 0));
            }
            _ => panic!(),
        }
    }

    #[test]
    fn both_ways_of_decoding_come_to_the_same(plan in plans(), at in 0..60_usize, byte in any::<u8>(), cut in 0..80_usize) {
        let mut captured = Captured::new(LinkType::Ethernet, build(&plan));
        if let Some(slot) = captured.bytes.get_mut(at) {
            *slot = byte;
        }
        let length = captured.bytes.len().saturating_sub(cut * (cut % 2));
        let captured = captured.cut(length);
        if let Some(packet) = plain(&captured.frame()) {
            prop_assert_eq!(all(&captured), [Ok(packet)]);
        } else {
            let usual = plan.tags == 0 && !plan.is_v6 && !plan.is_udp;
            prop_assert!(!usual || at < 54 || length < captured.wire_len as usize);
        }
    }

    #[test]
    fn a_cut_packet_misses_what_was_cut(plan in plans(), cut in 0..300_usize) {
        let whole = Captured::new(LinkType::Ethernet, build(&plan));
        let length = whole.bytes.len().saturating_sub(cut);
        let captured = whole.clone().cut(length);
        if let Ok(Packet { body: Body::Ip(_), .. }) = decoded(&captured) {
            let (kept, missing) = payload(&captured);
            prop_assert_eq!(kept, &plan.payload[..plan.payload.len() - cut]);
            prop_assert_eq!(missing as usize, cut);
        } else {
            prop_assert!(cut > plan.payload.len());
        }
    }
}
