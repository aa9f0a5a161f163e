//! What carries packets of a network in those of another: which it is, and what is in it. Pure, and one step at a time: the
//! packets inside are decoded as any other.

mod capwap;
mod gre;
mod label;
mod udp;
mod wifi;

use super::{Carrier, Datagram, Fragment, IpPacket, Of, TransportPacket, Undecodable, link};
use crate::protocol::Protocol;
use wardwatch_model::{Mac, Transport, Tunnel, TunnelKind, Vlans};

/// What a carrier has in it.
pub(super) struct Inside<'a> {
    pub(super) content: Content<'a>,
    /// The tunnel, if it keeps the addresses in it apart from those around it.
    pub(super) tunnel: Option<Tunnel>,
    /// Bytes missing at the end of the content, where it does not end with the frame.
    pub(super) cut: Option<u32>,
}

/// Kinds of content.
pub(super) enum Content<'a> {
    /// An Ethernet frame.
    Frame(&'a [u8]),
    /// A copy of one, without the tag of the VLAN it was in; 0 where that is not told.
    Copy(u16, &'a [u8]),
    /// An 802.11 frame.
    Wifi(&'a [u8]),
    /// What an ether type tells, on no link.
    Typed(u16, &'a [u8]),
    /// The same, on the link of the carrier.
    Here(u16, &'a [u8]),
    /// A part of one of the above.
    Fragment(Fragment<'a>),
}

/// What is in a carrier; nothing where that is of no kind we know, which loses no more than itself.
pub(super) type Opened<'a> = Result<Option<Inside<'a>>, Undecodable>;

impl<'a> Inside<'a> {
    /// Of a carrier that keeps nothing apart.
    const fn plain(content: Content<'a>) -> Self {
        Self { content, tunnel: None, cut: None }
    }

    /// Of a tunnel.
    const fn of(tunnel: Tunnel, content: Content<'a>) -> Self {
        Self { content, tunnel: Some(tunnel), cut: None }
    }
}

/// IP of the version that its first bits say (RFC 791, 3.1; RFC 8200, 3).
fn ip(bytes: &[u8]) -> Option<Content<'_>> {
    match bytes.first().map(|byte| byte >> 4) {
        Some(4) => Some(Content::Typed(link::IPV4, bytes)),
        Some(6) => Some(Content::Typed(link::IPV6, bytes)),
        _ => None,
    }
}

/// Whether a link-layer frame carries another, by its ether type.
pub(super) fn of_link<'a>(link: &link::Link<'a>) -> Option<(Protocol, Opened<'a>)> {
    Some(match link.ether_type {
        0x8847 | 0x8848 => (Protocol::Mpls, label::mpls(link.payload)),
        0x8864 => (Protocol::Pppoe, label::pppoe(link.payload, link.ends)),
        0x8926 => (Protocol::BridgePort, label::tag::<4>(link.payload)),
        0x893f => (Protocol::BridgePort, label::tag::<6>(link.payload)),
        0x88e7 => (Protocol::Pbb, label::pbb(link.payload)),
        _ => return None,
    })
}

/// IP protocol numbers (IANA): IPv4, IPv6, GRE, MPLS in IP (RFC 4023).
const IPV4: u8 = 4;
const IPV6: u8 = 41;
const GRE: u8 = 47;
const MPLS: u8 = 137;

/// Whether an IP packet carries others.
pub(super) fn of_ip<'a>(packet: &IpPacket<'a>) -> Option<(Carrier, Opened<'a>)> {
    let (protocol, opened, missing, carrier) = match packet.transport {
        TransportPacket::Udp(datagram) => {
            let (protocol, opened) = udp::of_datagram(packet, &datagram)?;
            let ports = udp::ports(protocol, &datagram);
            let bytes = datagram.payload.len() as u64 + u64::from(datagram.missing);
            (protocol, opened, datagram.missing, Carrier { protocol, transport: Transport::Udp, ports, bytes })
        }
        TransportPacket::Other { number, payload, missing } => {
            let (protocol, opened) = match number {
                GRE => gre::of_packet(packet, payload),
                IPV4 | IPV6 => {
                    let tunnel = Tunnel::between(TunnelKind::IpInIp, None, packet.source, packet.destination);
                    let ether_type = if number == IPV4 { link::IPV4 } else { link::IPV6 };
                    (Protocol::IpInIp, Ok(Some(Inside::of(tunnel, Content::Typed(ether_type, payload)))))
                }
                MPLS => (Protocol::Mpls, label::mpls(payload)),
                _ => return None,
            };
            let bytes = payload.len() as u64 + u64::from(missing);
            (protocol, opened, missing, Carrier { protocol, transport: Transport::Ip, ports: [0; 2], bytes })
        }
        _ => return None,
    };
    debug_assert_eq!(protocol, carrier.protocol, "one protocol");
    Some((carrier, opened.map(|inside| inside.map(|inside| Inside { cut: Some(missing), ..inside }))))
}

/// A frame that is inside another.
pub(super) fn link<'a>(
    content: Content<'a>,
    (mac, vlans): (Option<Mac>, Vlans),
) -> Result<link::Link<'a>, Undecodable> {
    match content {
        Content::Frame(bytes) => link::ethernet(bytes),
        Content::Copy(vlan, bytes) => {
            let mut link = link::ethernet(bytes)?;
            if link.vlans.is_empty() {
                link.vlans.push(vlan);
            }
            Ok(link)
        }
        Content::Wifi(bytes) => wifi::decode(bytes),
        Content::Typed(ether_type, bytes) => link::tagged(None, Vlans::default(), ether_type, bytes),
        Content::Here(ether_type, bytes) => link::tagged(mac, vlans, ether_type, bytes),
        // Taken out before.
        Content::Fragment(_) => Err(Undecodable::Fragment),
    }
}

/// What was put together from its fragments.
pub(super) fn whole<'a>(datagram: &Datagram, payload: &'a [u8]) -> Option<Content<'a>> {
    match datagram.of {
        Of::Ip(_) => None,
        Of::Wifi => Some(Content::Wifi(payload)),
        Of::Ethernet => Some(Content::Frame(payload)),
    }
}
