//! A frame that is decoded: which shard it belongs to, and what it brings.

use crate::{
    decode::{self, Arp, Body, Fragment, Packet, TcpSegment, TransportPacket, UdpDatagram, Undecodable},
    flow::{Endpoint, Envelope, Way, shard_of},
    source::{Frame, LinkType},
    tally::Counted,
};
use std::net::IpAddr;
use wardwatch_model::{PacketTime, Transport, Vlans};

/// Where frames are counted that belong to no flow and tell of no address.
pub(super) const COMMON_SHARD: usize = 0;

/// A frame that waits for its turn.
pub(super) struct Ready<'a> {
    pub(super) envelope: Envelope,
    /// None of a packet whose frames were counted before.
    pub(super) counted: Option<Counted>,
    pub(super) shard: usize,
    pub(super) content: Content<'a>,
}

pub(super) enum Content<'a> {
    Tcp(Way, TcpSegment<'a>),
    Udp(Way, UdpDatagram<'a>),
    Fragment(Fragment<'a>),
    Arp(Arp),
    Neighbour(IpAddr),
    Undecodable(Undecodable),
    Other,
}

/// Decodes a frame.
#[inline(always)]
pub(super) fn prepare<'a>(frame: &Frame<'a>, then: impl FnOnce(Ready<'a>)) {
    match decode::plain(frame) {
        Some(packet) => then(Ready::new(frame.at, Some(counted(frame)), packet)),
        None => then(other(frame)),
    }
}

/// The same of any frame. On its own, so that of a plain frame no packet is put together only to be taken apart.
#[inline(never)]
fn other<'a>(frame: &Frame<'a>) -> Ready<'a> {
    match decode::decode(frame) {
        Ok(packet) => Ready::new(frame.at, Some(counted(frame)), packet),
        Err(reason) => Ready {
            envelope: Envelope { at: frame.at, mac: None, vlans: Vlans::default(), hops_left: 0 },
            counted: Some(counted(frame)),
            shard: COMMON_SHARD,
            content: Content::Undecodable(reason),
        },
    }
}

impl<'a> Ready<'a> {
    #[inline(always)]
    pub(super) fn new(at: PacketTime, counted: Option<Counted>, packet: Packet<'a>) -> Self {
        let (hops_left, shard, content) = match packet.body {
            Body::Ip(ip) => {
                let way = |source_port, destination_port, transport| {
                    let source = Endpoint { ip: ip.source, port: source_port };
                    Way::new(source, Endpoint { ip: ip.destination, port: destination_port }, transport)
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
                    TransportPacket::NeighbourDiscovery => (shard_of(ip.source), Content::Neighbour(ip.source)),
                    TransportPacket::Other => (COMMON_SHARD, Content::Other),
                };
                (ip.hops_left, shard, content)
            }
            Body::Fragment(fragment) => (fragment.hops_left, COMMON_SHARD, Content::Fragment(fragment)),
            Body::Arp(arp) => (0, arp.ip.map_or(COMMON_SHARD, |ip| shard_of(ip.into())), Content::Arp(arp)),
            Body::Other => (0, COMMON_SHARD, Content::Other),
        };
        Self { envelope: Envelope { at, mac: packet.mac, vlans: packet.vlans, hops_left }, counted, shard, content }
    }
}

fn counted(frame: &Frame<'_>) -> Counted {
    Counted {
        length: frame.whole_wire_len(),
        is_cut: frame.wire_len as usize > frame.bytes.len(),
        is_ethernet: matches!(frame.link, LinkType::Ethernet),
    }
}
