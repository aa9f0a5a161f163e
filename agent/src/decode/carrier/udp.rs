//! Tunnels in datagrams: VXLAN, Geneve, GTP-U, Teredo, CAPWAP, GRE and MPLS in UDP. They are defined on their ports; where the
//! form tells too, it must fit.

use super::{Content, Inside, Opened, capwap, gre, ip, label, link};
use crate::{
    decode::{IpPacket, UdpDatagram, Undecodable},
    protocol::Protocol,
};
use wardwatch_model::{Tunnel, TunnelKind};

/// Destination ports (IANA); 8472 is what Linux used before VXLAN had one.
const VXLAN: u16 = 4789;
const VXLAN_OF_LINUX: u16 = 8472;
const VXLAN_GPE: u16 = 4790;
const GENEVE: u16 = 6081;
const GTP_U: u16 = 2152;
const GRE: u16 = 4754;
const MPLS: u16 = 6635;

/// Ports of either end (IANA).
const TEREDO: u16 = 3544;
const CAPWAP: u16 = 5247;

/// Services answer from ports below this; who tunnels sends from one above, that spreads flows (RFC 7348, 5; RFC 8926, 3.3).
const FIRST_USER_PORT: u16 = 1024;

/// The tunnel that a datagram is of.
pub(super) fn of_datagram<'a>(packet: &IpPacket<'a>, datagram: &UdpDatagram<'a>) -> Option<(Protocol, Opened<'a>)> {
    let bytes = datagram.payload;
    let is_spread = datagram.source_port >= FIRST_USER_PORT;
    match (datagram.source_port, datagram.destination_port) {
        (_, VXLAN | VXLAN_OF_LINUX) if is_spread => is_vxlan(bytes).then(|| (Protocol::Vxlan, vxlan(bytes))),
        (_, VXLAN_GPE) if is_spread => is_vxlan(bytes).then(|| (Protocol::Vxlan, vxlan_gpe(bytes))),
        (_, GENEVE) if is_spread => is_geneve(bytes).then(|| (Protocol::Geneve, geneve(bytes))),
        (_, GTP_U) => is_gtp_u(bytes).then(|| (Protocol::GtpU, gtp_u(packet, bytes))),
        (_, GRE) if is_spread => Some(gre::of_packet(packet, bytes)),
        (_, MPLS) if is_spread => Some((Protocol::Mpls, label::mpls(bytes))),
        (CAPWAP, _) | (_, CAPWAP) => {
            capwap::is_header(bytes).then(|| (Protocol::Capwap, capwap::open(packet, bytes, datagram.missing > 0)))
        }
        (source, destination) => {
            let is_port = source == TEREDO || destination == TEREDO;
            let content = teredo(bytes, is_port, datagram.missing)?;
            let tunnel = Tunnel::between(TunnelKind::Teredo, None, packet.source, packet.destination);
            Some((Protocol::Teredo, Ok(Some(Inside::of(tunnel, content)))))
        }
    }
}

/// The ports that tell which tunnel it is: who sends to the port of VXLAN or Geneve chooses its own anew for each flow inside, so
/// that the tunnel would be thousands.
pub(super) const fn ports(protocol: Protocol, datagram: &UdpDatagram<'_>) -> [u16; 2] {
    match protocol {
        Protocol::Vxlan | Protocol::Geneve => [0, datagram.destination_port],
        _ => [datagram.source_port, datagram.destination_port],
    }
}

/// RFC 7348, 5: the flag that there is a network identifier. One that is cut before is left to be told so.
fn is_vxlan(bytes: &[u8]) -> bool {
    bytes.first().is_none_or(|flags| flags & 0x08 != 0)
}

/// RFC 7348, 5: flags, reserved, network identifier of 24 bits, reserved. What is reserved is not looked at.
fn vxlan(bytes: &[u8]) -> Opened<'_> {
    let Some(([_, _, _, _, n1, n2, n3, _], frame)) = bytes.split_first_chunk::<8>() else {
        return Err(Undecodable::Tunnel);
    };
    let tunnel = Tunnel::numbered(TunnelKind::Vxlan, u32::from_be_bytes([0, *n1, *n2, *n3]));
    Ok(Some(Inside::of(tunnel, Content::Frame(frame))))
}

/// The same with another content than Ethernet, where a flag says so (draft-ietf-nvo3-vxlan-gpe, 3).
fn vxlan_gpe(bytes: &[u8]) -> Opened<'_> {
    let Some([flags, _, _, next, ..]) = bytes.first_chunk::<8>() else { return Err(Undecodable::Tunnel) };
    let Some(inside) = vxlan(bytes)? else { return Ok(None) };
    let packet = bytes.get(8..).unwrap_or_default();
    let content = match next {
        _ if flags & 0x04 == 0 => inside.content,
        1 => Content::Typed(link::IPV4, packet),
        2 => Content::Typed(link::IPV6, packet),
        3 => inside.content,
        _ => return Ok(None),
    };
    Ok(Some(Inside { content, ..inside }))
}

/// RFC 8926, 3.4: version 0.
fn is_geneve(bytes: &[u8]) -> bool {
    bytes.first().is_none_or(|head| head >> 6 == 0)
}

/// RFC 8926, 3.4: version, length of options in 4 bytes, flags, protocol, network identifier of 24 bits, reserved, options.
fn geneve(bytes: &[u8]) -> Opened<'_> {
    let Some(([head, flags, type1, type2, n1, n2, n3, _], rest)) = bytes.split_first_chunk::<8>() else {
        return Err(Undecodable::Tunnel);
    };
    let packet = rest.get(usize::from(head & 0x3f) * 4..).ok_or(Undecodable::Tunnel)?;
    // Control messages are of the ends.
    if flags & 0x80 != 0 {
        return Ok(None);
    }
    let content = match u16::from_be_bytes([*type1, *type2]) {
        0x6558 => Content::Frame(packet),
        ether_type => Content::Typed(ether_type, packet),
    };
    let tunnel = Tunnel::numbered(TunnelKind::Geneve, u32::from_be_bytes([0, *n1, *n2, *n3]));
    Ok(Some(Inside::of(tunnel, content)))
}

/// 3GPP TS 29.281, 5.1: version 1 of GTP, not GTP'.
fn is_gtp_u(bytes: &[u8]) -> bool {
    bytes.first().is_none_or(|flags| flags >> 4 == 0b0011)
}

/// 3GPP TS 29.281, 5.1 and 5.2: flags, type, length, endpoint; sequence number, N-PDU number and next extension where a flag
/// says that one of them is there; extensions, each with its length in 4 bytes and the next one's type. Endpoints are of one
/// direction each.
fn gtp_u<'a>(packet: &IpPacket<'_>, bytes: &'a [u8]) -> Opened<'a> {
    let Some(([flags, kind, ..], mut rest)) = bytes.split_first_chunk::<8>() else { return Err(Undecodable::Tunnel) };
    // G-PDU; the others are of the ends.
    if *kind != 255 {
        return Ok(None);
    }
    if flags & 0x07 != 0 {
        let Some(([_, _, _, next], after)) = rest.split_first_chunk::<4>() else { return Err(Undecodable::Tunnel) };
        let mut next = if flags & 0x04 == 0 { 0 } else { *next };
        rest = after;
        while next != 0 {
            let length = rest.first().map_or(0, |units| usize::from(*units) * 4);
            let (extension, after) = rest.split_at_checked(length).ok_or(Undecodable::Tunnel)?;
            next = *extension.last().ok_or(Undecodable::Tunnel)?;
            rest = after;
        }
    }
    let tunnel = Tunnel::between(TunnelKind::GtpU, None, packet.source, packet.destination);
    Ok(ip(rest).map(|content| Inside::of(tunnel, content)))
}

/// RFC 4380, 5.1.1: IPv6, after an authentication and an origin where they are. Between clients and relays the port is any, and
/// the form must tell: an IPv6 packet that fills the datagram, one of whose addresses has Teredo's prefix (2.6).
fn teredo(bytes: &[u8], is_port: bool, missing: u32) -> Option<Content<'_>> {
    let mut rest = bytes;
    if is_port {
        if let [0, 1, client, value, after @ ..] = rest {
            rest = after.get(usize::from(*client) + usize::from(*value) + 9..)?;
        }
        if let [0, 0, after @ ..] = rest {
            rest = after.get(6..)?;
        }
    }
    let [0x60..=0x6f, _, _, _, length1, length2, ..] = rest else { return None };
    let stated = usize::from(u16::from_be_bytes([*length1, *length2])) + 40;
    let is_all = stated == rest.len() + usize::try_from(missing).ok()?;
    let is_teredo = || [8, 24].iter().any(|at| rest.get(*at..*at + 4) == Some(&[0x20, 0x01, 0, 0]));
    (is_all && (is_port || is_teredo())).then_some(Content::Typed(link::IPV6, rest))
}
