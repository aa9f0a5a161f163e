//! IPv4 (RFC 791), IPv6 with extension headers (RFC 8200), TCP (RFC 9293), UDP (RFC 768).

use super::{Body, Datagram, Fragment, IpPacket, Of, TcpSegment, TransportPacket, UdpDatagram, Undecodable};
use etherparse::{IpNumber, Ipv6ExtensionSlice, LaxIpv4Slice, LaxIpv6Slice, TcpSlice, UdpHeader, UdpSlice};
use wardwatch_model::Tunnels;

/// Type of the first and last message of neighbour discovery (RFC 4861, 4): router solicitation to redirect.
const ND_TYPES: std::ops::RangeInclusive<u8> = 133..=137;

/// Hop limit of a message of neighbour discovery: no router has let it through (RFC 4861, 6.1 and 7.1).
const ND_HOP_LIMIT: u8 = 255;

/// What the shortest Ethernet frame carries (IEEE 802.3, 3.2.8): zeros at the end of a packet that does not say how long it
/// is are padding.
const SHORTEST_FRAME: usize = 46;

/// Decodes an IPv4 packet from a frame that lost its last `cut` bytes to the capture.
///
/// The total length cuts off Ethernet padding. 0, or less than the header, is what segmentation offload leaves: then
/// the frame's own end counts.
pub(super) fn decode_v4(bytes: &[u8], cut: u32, tunnels: Tunnels) -> Result<Body<'_>, Undecodable> {
    let (packet, stopped) = LaxIpv4Slice::from_slice(bytes).map_err(|_| Undecodable::IpHeader)?;
    if stopped.is_some() {
        return Err(Undecodable::IpHeader);
    }
    let header = packet.header();
    let stated = usize::from(header.total_len());
    let unstated = stated < header.slice().len();
    let missing = if unstated { cut } else { shortfall(stated, bytes.len()) };
    let payload = packet.payload();
    let (source, destination) = (header.source_addr().into(), header.destination_addr().into());
    if payload.fragmented {
        let datagram = Datagram {
            source,
            destination,
            id: header.identification().into(),
            of: Of::Ip(payload.ip_number.0),
            tunnels,
        };
        return Ok(Body::Fragment(Fragment {
            datagram,
            hops_left: header.ttl(),
            depth: 0,
            offset: u32::from(header.fragments_offset().value()) * 8,
            more: header.more_fragments(),
            payload: payload.payload,
            is_cut: missing > 0,
        }));
    }
    let mut transport = transport(payload.ip_number, payload.payload, missing, None)?;
    if let (true, TransportPacket::Tcp(segment)) = (unstated && bytes.len() <= SHORTEST_FRAME, &mut transport)
        && segment.payload.iter().all(|byte| *byte == 0)
    {
        segment.payload = &[];
    }
    let (hops_left, id) = (header.ttl(), header.identification().into());
    let is_unsummed = header.header_checksum() == 0;
    let packet = IpPacket { source, destination, hops_left, id, is_unstated: stated == 0, is_unsummed, transport };
    Ok(Body::Ip(packet))
}

/// Decodes an IPv6 packet, its extension headers skipped, from a frame that lost its last `cut` bytes to the capture.
pub(super) fn decode_v6(bytes: &[u8], cut: u32, tunnels: Tunnels) -> Result<Body<'_>, Undecodable> {
    let (packet, stopped) = LaxIpv6Slice::from_slice(bytes).map_err(|_| Undecodable::IpHeader)?;
    if stopped.is_some() {
        return Err(Undecodable::IpHeader);
    }
    let header = packet.header();
    let stated = usize::from(header.payload_length());
    let is_unstated = stated == 0;
    let missing = if is_unstated { cut } else { shortfall(stated, bytes.len().saturating_sub(header.slice().len())) };
    let payload = packet.payload();
    let (source, destination) = (header.source_addr().into(), header.destination_addr().into());
    let hops_left = header.hop_limit();
    if payload.fragmented {
        // What follows the fragment header of any but the first fragment is no header.
        let Some(Ipv6ExtensionSlice::Fragment(fragment)) = packet.extensions().clone().into_iter().last() else {
            return Err(Undecodable::Fragment);
        };
        let of = Of::Ip(payload.ip_number.0);
        let datagram = Datagram { source, destination, id: fragment.identification(), of, tunnels };
        return Ok(Body::Fragment(Fragment {
            datagram,
            hops_left,
            depth: 0,
            offset: u32::from(fragment.fragment_offset().value()) * 8,
            more: fragment.more_fragments(),
            payload: payload.payload,
            is_cut: missing > 0,
        }));
    }
    let transport = transport(payload.ip_number, payload.payload, missing, Some(hops_left))?;
    Ok(Body::Ip(IpPacket { source, destination, hops_left, id: 0, is_unstated, is_unsummed: false, transport }))
}

/// Decodes the payload of a packet with this protocol number that was put together from its fragments.
pub(super) fn decode_whole<'a>(
    datagram: &Datagram,
    number: u8,
    hops_left: u8,
    payload: &'a [u8],
) -> Result<IpPacket<'a>, Undecodable> {
    let Datagram { source, destination, id, .. } = *datagram;
    let hop_limit = source.is_ipv6().then_some(hops_left);
    let transport = transport(IpNumber(number), payload, 0, hop_limit)?;
    Ok(IpPacket { source, destination, hops_left, id, is_unstated: false, is_unsummed: false, transport })
}

/// How many of `stated` bytes are not among the `present` ones.
fn shortfall(stated: usize, present: usize) -> u32 {
    u32::try_from(stated.saturating_sub(present)).unwrap_or(u32::MAX)
}

/// `hop_limit`: of IPv6.
fn transport(
    ip_number: IpNumber,
    payload: &[u8],
    missing: u32,
    hop_limit: Option<u8>,
) -> Result<TransportPacket<'_>, Undecodable> {
    let (ip_number, payload) = past_mobility(ip_number, payload)?;
    match ip_number {
        IpNumber::TCP => tcp(payload, missing).map(TransportPacket::Tcp),
        IpNumber::UDP => udp(payload, missing).map(TransportPacket::Udp),
        IpNumber::IPV6_ICMP
            if hop_limit == Some(ND_HOP_LIMIT) && payload.first().is_some_and(|kind| ND_TYPES.contains(kind)) =>
        {
            Ok(TransportPacket::NeighbourDiscovery)
        }
        IpNumber(number) => Ok(TransportPacket::Other { number, payload, missing }),
    }
}

/// The one extension header that the decoder of the others stops at: next header, length in units of eight bytes beyond the
/// first (RFC 6275, 6.1.1).
fn past_mobility(ip_number: IpNumber, payload: &[u8]) -> Result<(IpNumber, &[u8]), Undecodable> {
    match payload {
        [next, units, ..] if ip_number == IpNumber::MOBILITY_HEADER => {
            let rest = payload.get(8 + 8 * usize::from(*units)..).ok_or(Undecodable::IpHeader)?;
            Ok((IpNumber(*next), rest))
        }
        _ => Ok((ip_number, payload)),
    }
}

fn tcp(bytes: &[u8], missing: u32) -> Result<TcpSegment<'_>, Undecodable> {
    let tcp = TcpSlice::from_slice(bytes).map_err(|_| Undecodable::TransportHeader)?;
    Ok(TcpSegment {
        source_port: tcp.source_port(),
        destination_port: tcp.destination_port(),
        sequence: tcp.sequence_number(),
        acknowledgement: tcp.ack().then(|| tcp.acknowledgment_number()),
        syn: tcp.syn(),
        fin: tcp.fin(),
        rst: tcp.rst(),
        window: tcp.window_size(),
        checksum: tcp.checksum(),
        payload: tcp.payload(),
        missing,
    })
}

/// A length of 0, or beyond the packet, counts as the rest of the packet.
fn udp(bytes: &[u8], missing: u32) -> Result<UdpDatagram<'_>, Undecodable> {
    let udp = UdpSlice::from_slice_lax(bytes).map_err(|_| Undecodable::TransportHeader)?;
    let stated = usize::from(udp.length());
    let missing = if stated < UdpHeader::LEN { missing } else { missing.min(shortfall(stated, bytes.len())) };
    Ok(UdpDatagram {
        source_port: udp.source_port(),
        destination_port: udp.destination_port(),
        payload: udp.payload(),
        missing,
    })
}
