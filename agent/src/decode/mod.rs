//! From a frame to its packets: link layer, VLAN tags, IP, transport, and the same again of what a tunnel carries. Pure and
//! without allocation; a packet borrows its frame.
//!
//! Checksums are not looked at: on a mirror port they are often not filled in yet (checksum offload), so a wrong one
//! must not drop a packet.

mod arp;
mod carrier;
mod ip;
mod link;
mod plain;
#[cfg(test)]
mod tests;

pub(crate) use arp::Arp;
pub(crate) use plain::plain;

use crate::{
    protocol::{LinkFrame, LinkKind, Protocol},
    source::{Frame, MAX_FRAME},
};
use carrier::{Content, Opened};
use link::Link;
use std::net::IpAddr;
use wardwatch_model::{Mac, Transport, Tunnels, Vlans};

/// Tunnels are followed this far, one in another; a frame with more is someone's attack.
pub(crate) const MAX_DEPTH: u8 = 8;

/// A decoded frame, or a packet in one that carries others.
#[derive(Debug, PartialEq)]
pub(crate) struct Packet<'a> {
    /// Link-layer source; none where the link has none.
    pub(crate) mac: Option<Mac>,
    /// VLAN tags, outermost first.
    pub(crate) vlans: Vlans,
    /// The tunnels it came through.
    pub(crate) tunnels: Tunnels,
    /// What it carries.
    pub(crate) body: Body<'a>,
}

/// What a frame carries.
#[derive(Debug, PartialEq)]
pub(crate) enum Body<'a> {
    /// IPv4 or IPv6.
    Ip(IpPacket<'a>),
    /// A part of an IP packet.
    Fragment(Fragment<'a>),
    /// Address resolution.
    Arp(Arp),
    /// What stands between the link's header and the packet that follows.
    Carrier(Protocol),
    /// An announcement on the link.
    Link(LinkFrame<'a>),
    /// Any other ether type.
    Other,
}

/// An IP packet that is no fragment.
#[derive(Debug, PartialEq)]
pub(crate) struct IpPacket<'a> {
    pub(crate) source: IpAddr,
    pub(crate) destination: IpAddr,
    /// Time to live (RFC 791) or hop limit (RFC 8200).
    pub(crate) hops_left: u8,
    /// Identification (RFC 6864); 0 where there is none.
    pub(crate) id: u32,
    /// It does not say how long it is: segmentation offload left that to the network card.
    pub(crate) is_unstated: bool,
    /// The checksum of its header is 0: checksum offload left it to the network card.
    pub(crate) is_unsummed: bool,
    pub(crate) transport: TransportPacket<'a>,
}

/// A fragment of an IP packet (RFC 791, 3.2; RFC 8200, 4.5).
#[derive(Debug, PartialEq)]
pub(crate) struct Fragment<'a> {
    pub(crate) datagram: Datagram,
    /// As of a packet.
    pub(crate) hops_left: u8,
    /// How many carriers it came in.
    pub(crate) depth: u8,
    /// Where in the datagram its payload belongs, bytes: a multiple of 8 up to 65,528.
    pub(crate) offset: u32,
    /// It is not the last one.
    pub(crate) more: bool,
    /// As far as it was captured.
    pub(crate) payload: &'a [u8],
    /// The capture has only its beginning.
    pub(crate) is_cut: bool,
}

/// What the fragments of a packet have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Datagram {
    pub(crate) source: IpAddr,
    pub(crate) destination: IpAddr,
    /// Identification: 16 bits of IPv4, 32 of IPv6.
    pub(crate) id: u32,
    /// What is in it.
    pub(crate) of: Of,
    /// The tunnels it came through.
    pub(crate) tunnels: Tunnels,
}

/// What fragments are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Of {
    /// An IP packet with a payload of this protocol number.
    Ip(u8),
    /// An 802.11 frame in CAPWAP (RFC 5415, 3.4).
    Wifi,
    /// An 802.3 frame in CAPWAP.
    Ethernet,
}

/// What an IP packet carries.
#[derive(Debug, PartialEq)]
pub(crate) enum TransportPacket<'a> {
    Tcp(TcpSegment<'a>),
    Udp(UdpDatagram<'a>),
    /// ICMPv6 router or neighbour message (RFC 4861), which tells that the source has its address on this link.
    NeighbourDiscovery,
    /// A tunnel between the two addresses.
    Carrier(Carrier),
    /// Any other protocol.
    Other {
        /// Of the registry of IP protocols (IANA).
        number: u8,
        /// As far as it was captured.
        payload: &'a [u8],
        /// Bytes that the packet had on the wire but the capture does not.
        missing: u32,
    },
}

/// A packet that carries others, or is of the protocol that does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Carrier {
    pub(crate) protocol: Protocol,
    pub(crate) transport: Transport,
    /// Source and destination; 0 where the transport has none.
    pub(crate) ports: [u16; 2],
    /// Length of all it carries on the wire.
    pub(crate) bytes: u64,
}

/// A TCP segment (RFC 9293, 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TcpSegment<'a> {
    pub(crate) source_port: u16,
    pub(crate) destination_port: u16,
    pub(crate) sequence: u32,
    /// Acknowledgement number, where the ACK flag is set.
    pub(crate) acknowledgement: Option<u32>,
    pub(crate) syn: bool,
    pub(crate) fin: bool,
    pub(crate) rst: bool,
    pub(crate) window: u16,
    pub(crate) checksum: u16,
    /// The payload as far as it was captured.
    pub(crate) payload: &'a [u8],
    /// Payload bytes that the packet had on the wire but the capture does not.
    pub(crate) missing: u32,
}

/// A UDP datagram (RFC 768).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct UdpDatagram<'a> {
    pub(crate) source_port: u16,
    pub(crate) destination_port: u16,
    /// The payload as far as it was captured.
    pub(crate) payload: &'a [u8],
    /// Payload bytes that the packet had on the wire but the capture does not.
    pub(crate) missing: u32,
}

/// Why a frame could not be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Undecodable {
    /// The link type of the capture is not one we know.
    LinkType,
    /// The frame ends inside its link header or a VLAN tag.
    LinkHeader,
    /// An IP header is cut or contradicts itself.
    IpHeader,
    /// A fragment of which cannot be told what it is a part of.
    Fragment,
    /// A TCP or UDP header is cut or contradicts itself.
    TransportHeader,
    /// An ARP message is cut or contradicts itself.
    Arp,
    /// A header of a tunnel is cut or contradicts itself.
    Tunnel,
    /// More tunnels in one another than are followed.
    TooDeep,
}

/// Decodes one frame, whatever it is: first the packet, then what that carries, and so on, or why that cannot be decoded.
pub(crate) fn decode<'a>(frame: &Frame<'a>, each: &mut impl FnMut(Result<Packet<'a>, Undecodable>)) {
    match link::decode(frame.link, frame.bytes) {
        Ok(link) => {
            let link = Link { vlans: tags(frame, link.vlans), ..link };
            Layer { link, cut: cut(frame), tunnels: Tunnels::default(), depth: 0 }.follow(each);
        }
        Err(reason) => each(Err(reason)),
    }
}

/// The tags of a frame: the one that was taken out of it, then those that are in it.
fn tags(frame: &Frame<'_>, inside: Vlans) -> Vlans {
    let Some(outer) = frame.outer_vlan else { return inside };
    let mut all = Vlans::default();
    all.push(outer);
    inside.iter().for_each(|id| all.push(id));
    all
}

/// Decodes what was put together from fragments, the last of which this is, that came from `mac` with `vlans`.
pub(crate) fn decode_whole<'a>(
    fragment: &Fragment<'_>,
    (mac, vlans): (Option<Mac>, Vlans),
    payload: &'a [u8],
    each: &mut impl FnMut(Result<Packet<'a>, Undecodable>),
) {
    let Fragment { datagram, hops_left, depth, .. } = fragment;
    let Datagram { tunnels, of, .. } = *datagram;
    let layer = match (of, carrier::whole(datagram, payload)) {
        (_, Some(content)) => carrier::link(content, (mac, vlans)).map(|link| (link, *depth)),
        (Of::Ip(number), None) => {
            let link = Link { source: mac, ends: None, vlans, ether_type: 0, payload: &[] };
            let layer = Layer { link, cut: 0, tunnels, depth: *depth };
            return match ip::decode_whole(datagram, number, *hops_left, payload) {
                Ok(packet) => layer.ip(packet, each).map_or((), |next| next.follow(each)),
                Err(reason) => each(Err(reason)),
            };
        }
        (_, None) => Err(Undecodable::Fragment),
    };
    match layer {
        Ok((link, depth)) => Layer { link, cut: 0, tunnels, depth }.follow(each),
        Err(reason) => each(Err(reason)),
    }
}

/// A frame, or a packet in one, on the way through what carries it.
struct Layer<'a> {
    link: Link<'a>,
    /// Bytes missing at its end.
    cut: u32,
    tunnels: Tunnels,
    /// Carriers around it.
    depth: u8,
}

impl<'a> Layer<'a> {
    /// Tells of the packet, and of what is in it.
    fn follow(self, each: &mut impl FnMut(Result<Packet<'a>, Undecodable>)) {
        let mut layer = Some(self);
        while let Some(here) = layer {
            layer = here.step(each);
        }
    }

    /// Tells of the packet; what it carries.
    fn step(self, each: &mut impl FnMut(Result<Packet<'a>, Undecodable>)) -> Option<Self> {
        let Link { ether_type, payload, .. } = self.link;
        let body = match ether_type {
            link::IPV4 => ip::decode_v4(payload, self.cut, self.tunnels),
            link::IPV6 => ip::decode_v6(payload, self.cut, self.tunnels),
            link::ARP => arp::decode(payload).map(Body::Arp),
            link::LLDP => Ok(Body::Link(LinkFrame { kind: LinkKind::Lldp, payload })),
            _ => match carrier::of_link(&self.link) {
                Some((protocol, opened)) => {
                    each(Ok(self.packet(Body::Carrier(protocol))));
                    return self.inside(opened, each);
                }
                None => Ok(match link::cdp(&self.link) {
                    Some(payload) => Body::Link(LinkFrame { kind: LinkKind::Cdp, payload }),
                    None => Body::Other,
                }),
            },
        };
        match body {
            Ok(Body::Ip(packet)) => return self.ip(packet, each),
            Ok(Body::Fragment(fragment)) => {
                each(Ok(self.packet(Body::Fragment(Fragment { depth: self.depth, ..fragment }))));
            }
            Ok(body) => each(Ok(self.packet(body))),
            Err(reason) => each(Err(reason)),
        }
        None
    }

    /// The same of an IP packet.
    fn ip(self, packet: IpPacket<'a>, each: &mut impl FnMut(Result<Packet<'a>, Undecodable>)) -> Option<Self> {
        let Some((carrier, opened)) = carrier::of_ip(&packet) else {
            each(Ok(self.packet(Body::Ip(packet))));
            return None;
        };
        each(Ok(self.packet(Body::Ip(IpPacket { transport: TransportPacket::Carrier(carrier), ..packet }))));
        self.inside(opened, each)
    }

    /// What a carrier has in it, as the next layer.
    fn inside(self, opened: Opened<'a>, each: &mut impl FnMut(Result<Packet<'a>, Undecodable>)) -> Option<Self> {
        let next = opened.and_then(|inside| {
            let Some(inside) = inside else { return Ok(None) };
            let depth = self.depth + 1;
            if depth > MAX_DEPTH {
                return Err(Undecodable::TooDeep);
            }
            let mut tunnels = self.tunnels;
            inside.tunnel.into_iter().for_each(|tunnel| tunnels.push(tunnel));
            let cut = inside.cut.unwrap_or(self.cut);
            if let Content::Fragment(fragment) = inside.content {
                let datagram = Datagram { tunnels, ..fragment.datagram };
                each(Ok(self.packet(Body::Fragment(Fragment { datagram, depth, ..fragment }))));
                return Ok(None);
            }
            let link = carrier::link(inside.content, (self.link.source, self.link.vlans))?;
            Ok(Some(Self { link, cut, tunnels, depth }))
        });
        next.unwrap_or_else(|reason| {
            each(Err(reason));
            None
        })
    }

    fn packet(&self, body: Body<'a>) -> Packet<'a> {
        Packet { mac: self.link.source, vlans: self.link.vlans, tunnels: self.tunnels, body }
    }
}

/// Bytes the capture cut off the end of a frame. No frame is longer than the longest that is believed, whatever the
/// capture says.
fn cut(frame: &Frame<'_>) -> u32 {
    frame.wire_len.min(MAX_FRAME).saturating_sub(u32::try_from(frame.bytes.len()).unwrap_or(u32::MAX))
}
