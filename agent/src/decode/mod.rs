//! From a frame to a packet: link layer, VLAN tags, IP, transport. Pure and without allocation; a packet borrows its
//! frame.
//!
//! Checksums are not looked at: on a mirror port they are often not filled in yet (checksum offload), so a wrong one
//! must not drop a packet.

mod arp;
mod ip;
mod link;
mod plain;
#[cfg(test)]
mod tests;

pub(crate) use arp::Arp;
pub(crate) use plain::plain;

use crate::source::{Frame, MAX_FRAME};
use std::net::IpAddr;
use wardwatch_model::{Mac, Vlans};

/// A decoded frame.
#[derive(Debug, PartialEq)]
pub(crate) struct Packet<'a> {
    /// Link-layer source; none where the link has none.
    pub(crate) mac: Option<Mac>,
    /// VLAN tags, outermost first.
    pub(crate) vlans: Vlans,
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
    pub(crate) transport: TransportPacket<'a>,
}

/// A fragment of an IP packet (RFC 791, 3.2; RFC 8200, 4.5).
#[derive(Debug, PartialEq)]
pub(crate) struct Fragment<'a> {
    pub(crate) datagram: Datagram,
    /// As of a packet.
    pub(crate) hops_left: u8,
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
    /// Of what is in it.
    pub(crate) protocol: u8,
}

/// What an IP packet carries.
#[derive(Debug, PartialEq)]
pub(crate) enum TransportPacket<'a> {
    Tcp(TcpSegment<'a>),
    Udp(UdpDatagram<'a>),
    /// ICMPv6 router or neighbour message (RFC 4861), which tells that the source has its address on this link.
    NeighbourDiscovery,
    /// Any other protocol.
    Other,
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
}

/// Decodes one frame, whatever it is.
pub(crate) fn decode<'a>(frame: &Frame<'a>) -> Result<Packet<'a>, Undecodable> {
    let link = link::decode(frame.link, frame.bytes)?;
    let body = match link.ether_type {
        link::IPV4 => ip::decode_v4(link.payload, cut(frame))?,
        link::IPV6 => ip::decode_v6(link.payload, cut(frame))?,
        link::ARP => Body::Arp(arp::decode(link.payload)?),
        _ => Body::Other,
    };
    Ok(Packet { mac: link.source, vlans: tags(frame, link.vlans), body })
}

/// The tags of a frame: the one that was taken out of it, then those that are in it.
fn tags(frame: &Frame<'_>, inside: Vlans) -> Vlans {
    let Some(outer) = frame.outer_vlan else { return inside };
    let mut all = Vlans::default();
    all.push(outer);
    inside.iter().for_each(|id| all.push(id));
    all
}

/// Decodes a datagram that was put together from its fragments.
pub(crate) fn decode_whole<'a>(
    datagram: &Datagram,
    hops_left: u8,
    payload: &'a [u8],
) -> Result<IpPacket<'a>, Undecodable> {
    ip::decode_whole(datagram, hops_left, payload)
}

/// Bytes the capture cut off the end of a frame. No frame is longer than the longest that is believed, whatever the
/// capture says.
fn cut(frame: &Frame<'_>) -> u32 {
    frame.wire_len.min(MAX_FRAME).saturating_sub(u32::try_from(frame.bytes.len()).unwrap_or(u32::MAX))
}
