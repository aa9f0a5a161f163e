//! The frame that nearly all frames are: Ethernet with one VLAN tag at most, IPv4 without options and in one piece, TCP. Its
//! fields stand at fixed places. Anything else, also one that is cut, is for the general way.

use super::{Body, IpPacket, Packet, TcpSegment, TransportPacket, tags};
use crate::source::{Frame, LinkType};
use std::net::{IpAddr, Ipv4Addr};
use wardwatch_model::{Mac, Tunnels, Vlans};

/// Bytes of an Ethernet header up to the type of what it carries, and of that type.
const ETHERNET: usize = 12;
const TYPE: usize = 2;
/// Bytes of a VLAN tag (IEEE 802.1Q, 9.6).
const TAG: usize = 4;
/// Bytes of the headers of IP and TCP together, without options.
const HEADERS: usize = 20 + 20;

/// Decodes a frame, if it is of that kind, to what the general way comes to.
#[inline(always)]
pub(crate) fn plain<'a>(frame: &Frame<'a>) -> Option<Packet<'a>> {
    let LinkType::Ethernet = frame.link else { return None };
    let (link, rest) = frame.bytes.split_first_chunk::<ETHERNET>()?;
    let [_, _, _, _, _, _, mac @ ..] = *link;
    let mut vlans = tags(frame, Vlans::default());
    let rest = match *rest.first_chunk::<{ TAG + TYPE }>()? {
        [0x08, 0x00, ..] => rest.get(TYPE..)?,
        [0x81, 0x00, tag1, tag2, 0x08, 0x00] => {
            vlans.push(u16::from_be_bytes([tag1, tag2]) & 0x0fff);
            rest.get(TAG + TYPE..)?
        }
        _ => return None,
    };
    let (headers, _) = rest.split_first_chunk::<HEADERS>()?;
    #[rustfmt::skip]
    let [
        // RFC 791, 3.1: version and length, service, total length, identification, flags and offset, time to live, TCP,
        // checksum, source, destination.
        0x45, _, length1, length2, i1, i2, fragment1, fragment2, hops_left, 6, h1, h2, s1, s2, s3, s4, d1, d2, d3, d4,
        // RFC 9293, 3.1: ports, sequence number, acknowledgement number, offset, flags, window, checksum, urgent.
        p1, p2, q1, q2, n1, n2, n3, n4, a1, a2, a3, a4, offset, flags, w1, w2, c1, c2, _, _,
    ] = *headers else { return None };
    // More fragments, or not the first.
    if u16::from_be_bytes([fragment1, fragment2]) & 0x3fff != 0 {
        return None;
    }
    let options = usize::from(offset >> 4).checked_sub(5)? * 4;
    let end = usize::from(u16::from_be_bytes([length1, length2]));
    let segment = TcpSegment {
        source_port: u16::from_be_bytes([p1, p2]),
        destination_port: u16::from_be_bytes([q1, q2]),
        sequence: u32::from_be_bytes([n1, n2, n3, n4]),
        acknowledgement: (flags & 0x10 != 0).then_some(u32::from_be_bytes([a1, a2, a3, a4])),
        syn: flags & 0x02 != 0,
        fin: flags & 0x01 != 0,
        rst: flags & 0x04 != 0,
        window: u16::from_be_bytes([w1, w2]),
        checksum: u16::from_be_bytes([c1, c2]),
        payload: rest.get(HEADERS + options..end)?,
        missing: 0,
    };
    let ip = IpPacket {
        source: IpAddr::V4(Ipv4Addr::new(s1, s2, s3, s4)),
        destination: IpAddr::V4(Ipv4Addr::new(d1, d2, d3, d4)),
        hops_left,
        id: u16::from_be_bytes([i1, i2]).into(),
        is_unstated: false,
        is_unsummed: (h1, h2) == (0, 0),
        transport: TransportPacket::Tcp(segment),
    };
    Some(Packet { mac: Mac::known(mac), vlans, tunnels: Tunnels::default(), body: Body::Ip(ip) })
}
