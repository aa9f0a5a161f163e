//! A frame that is decoded: which shard it belongs to, and what it brings.

use crate::{
    decode::{self, Arp, Body, Carrier, Fragment, Packet, TcpSegment, TransportPacket, UdpDatagram, Undecodable},
    flow::{Endpoint, Envelope, Stamp, Way, shard_of, shard_of_mac},
    protocol::{LinkFrame, Protocol},
    source::{Frame, LinkType},
    tally::Counted,
};
use std::net::IpAddr;
use wardwatch_model::{PacketTime, Transport, Tunnels, Vlans};

/// Where frames are counted that belong to no flow and tell of no address.
pub(super) const COMMON_SHARD: usize = 0;

/// Bytes of the longest frame that networks carry: a jumbo frame of 9,216 bytes, with its header and two tags.
const LONGEST_ON_A_WIRE: u32 = 9_216 + 14 + 2 * 4;

/// A frame that waits for its turn.
pub(super) struct Ready<'a> {
    pub(super) envelope: Envelope,
    /// None of a packet whose frames were counted before.
    pub(super) counted: Option<Counted>,
    pub(super) shard: usize,
    pub(super) content: Content<'a>,
    /// Identification of the IP packet.
    id: u32,
}

pub(super) enum Content<'a> {
    Tcp(Way, TcpSegment<'a>),
    Udp(Way, UdpDatagram<'a>),
    Carrier(Way, Carrier),
    /// What carries others and has no ends of its own.
    Tag(Protocol),
    Fragment(Fragment<'a>),
    Arp(Arp),
    Neighbour(IpAddr),
    Link(LinkFrame<'a>),
    Undecodable(Undecodable),
    Other,
}

/// Most packets that one frame brings: itself, and those in it; or why the last one cannot be decoded.
pub(super) const MOST_OF_A_FRAME: usize = decode::MAX_DEPTH as usize + 2;

/// Decodes a plain frame; answers whether it was one. Apart from all others, so that nothing is put together of it only to be
/// taken apart.
#[inline(always)]
pub(super) fn plain<'a>(frame: &Frame<'a>, then: impl FnOnce(Ready<'a>)) -> bool {
    let Some(packet) = decode::plain(frame) else { return false };
    then(Ready::new(frame.at, Some(counted(frame)), packet));
    true
}

/// Decodes any frame, and what it carries.
#[inline(never)]
pub(super) fn any<'a>(frame: &Frame<'a>, mut then: impl FnMut(Ready<'a>)) {
    // The frame is counted once, with the outermost packet.
    let mut counted = Some(counted(frame));
    decode::decode(frame, &mut |packet| then(Ready::of(frame.at, counted.take(), packet)));
}

/// Decodes what the last fragment completed.
pub(super) fn whole<'a>(
    fragment: &Fragment<'_>,
    envelope: &Envelope,
    payload: &'a [u8],
    mut then: impl FnMut(Ready<'a>),
) {
    let place = (envelope.mac, envelope.vlans);
    decode::decode_whole(fragment, place, payload, &mut |packet| then(Ready::of(envelope.at, None, packet)));
}

impl<'a> Ready<'a> {
    /// Of a packet, or of one that cannot be decoded.
    fn of(at: PacketTime, counted: Option<Counted>, packet: Result<Packet<'a>, Undecodable>) -> Self {
        match packet {
            Ok(packet) => Self::new(at, counted, packet),
            Err(reason) => {
                let (vlans, tunnels) = (Vlans::default(), Tunnels::default());
                let envelope = Envelope { at, mac: None, vlans, tunnels, hops_left: 0 };
                Self { envelope, counted, shard: COMMON_SHARD, content: Content::Undecodable(reason), id: 0 }
            }
        }
    }

    #[inline(always)]
    fn new(at: PacketTime, mut counted: Option<Counted>, packet: Packet<'a>) -> Self {
        let (hops_left, id, shard, content) = match packet.body {
            Body::Ip(ip) => {
                let way = |source_port, destination_port, transport| {
                    let source = Endpoint { ip: ip.source, port: source_port };
                    let destination = Endpoint { ip: ip.destination, port: destination_port };
                    Way::new(source, destination, transport, &packet.tunnels)
                };
                let (shard, content) = match ip.transport {
                    TransportPacket::Tcp(segment) => {
                        let way = way(segment.source_port, segment.destination_port, Transport::Tcp);
                        (way.key.shard(), Content::Tcp(way, segment))
                    }
                    TransportPacket::Udp(datagram) => {
                        let mut way = way(datagram.source_port, datagram.destination_port, Transport::Udp);
                        way.key = way.key.of_sender(way.side, packet.mac);
                        (way.key.shard(), Content::Udp(way, datagram))
                    }
                    TransportPacket::NeighbourDiscovery => {
                        (shard_of(ip.source, &packet.tunnels), Content::Neighbour(ip.source))
                    }
                    TransportPacket::Carrier(carrier) => {
                        let [source_port, destination_port] = carrier.ports;
                        let way = way(source_port, destination_port, carrier.transport);
                        (way.key.shard(), Content::Carrier(way, carrier))
                    }
                    TransportPacket::Other { .. } => (COMMON_SHARD, Content::Other),
                };
                if let Some(counted) = &mut counted {
                    let is_unsummed = matches!(&content, Content::Tcp(_, segment) if segment.checksum == 0);
                    counted.is_offloaded |= ip.is_unstated;
                    counted.is_unsummed |= ip.is_unsummed || is_unsummed;
                }
                (ip.hops_left, ip.id, shard, content)
            }
            Body::Fragment(fragment) => (fragment.hops_left, 0, COMMON_SHARD, Content::Fragment(fragment)),
            Body::Arp(arp) => {
                let shard = arp.ip.map_or(COMMON_SHARD, |ip| shard_of(ip.into(), &packet.tunnels));
                (0, 0, shard, Content::Arp(arp))
            }
            Body::Carrier(protocol) => (0, 0, COMMON_SHARD, Content::Tag(protocol)),
            Body::Link(frame) => (0, 0, shard_of_mac(packet.mac), Content::Link(frame)),
            Body::Other => (0, 0, COMMON_SHARD, Content::Other),
        };
        let Packet { mac, vlans, tunnels, .. } = packet;
        Self { envelope: Envelope { at, mac, vlans, tunnels, hops_left }, counted, shard, content, id }
    }

    /// Finds out what tells the packet from others, which is for whoever owns its shard to know.
    #[inline(always)]
    pub(super) fn stamp(&mut self) {
        match &mut self.content {
            Content::Tcp(way, segment) => way.stamp = Stamp::of_segment(&way.key, way.side, self.id, segment),
            Content::Udp(way, datagram) => way.stamp = Stamp::of_datagram(&way.key, way.side, self.id, datagram),
            _ => {}
        }
    }
}

fn counted(frame: &Frame<'_>) -> Counted {
    let length = frame.whole_wire_len();
    Counted {
        length,
        is_offloaded: length > LONGEST_ON_A_WIRE,
        is_unsummed: false,
        is_cut: frame.wire_len as usize > frame.bytes.len(),
        is_ethernet: matches!(frame.link, LinkType::Ethernet),
    }
}
