//! Frames and what they carry: Ethernet with VLAN tags, ARP, IP, TCP, UDP, with lengths and checksums filled in.

use crate::length;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// A link-layer address.
pub type Mac = [u8; 6];

/// Every station.
pub const BROADCAST: Mac = [0xff; 6];

/// Ether types (IEEE 802 numbers).
pub const ETHER_IPV4: u16 = 0x0800;
/// Address resolution.
pub const ETHER_ARP: u16 = 0x0806;
/// IPv6.
pub const ETHER_IPV6: u16 = 0x86dd;

/// Tag protocol identifiers of IEEE 802.1Q: customer and service tag.
const CUSTOMER_TAG: u16 = 0x8100;
const SERVICE_TAG: u16 = 0x88a8;

/// IP protocol numbers.
pub const TCP: u8 = 6;
/// User datagrams.
pub const UDP: u8 = 17;

/// TCP flags (RFC 9293, 3.1).
pub const FIN: u8 = 0x01;
/// Synchronise.
pub const SYN: u8 = 0x02;
/// Reset.
pub const RST: u8 = 0x04;
/// Push.
pub const PSH: u8 = 0x08;
/// The acknowledgement counts.
pub const ACK: u8 = 0x10;

/// Shortest frame without its check sequence, and without tags (IEEE 802.3, 3.2.7).
const SHORTEST: usize = 60;

/// An Ethernet frame, padded to the shortest one. VLANs outermost first: of several the last is a customer tag, the
/// others are service tags.
pub fn ethernet(source: Mac, destination: Mac, vlans: &[u16], ether_type: u16, payload: &[u8]) -> Vec<u8> {
    let mut frame = [destination, source].concat();
    for (index, vlan) in vlans.iter().enumerate() {
        let identifier = if index + 1 == vlans.len() { CUSTOMER_TAG } else { SERVICE_TAG };
        frame.extend(identifier.to_be_bytes());
        frame.extend((vlan & 0x0fff).to_be_bytes());
    }
    frame.extend(ether_type.to_be_bytes());
    frame.extend(payload);
    let shortest = SHORTEST + 4 * vlans.len();
    if frame.len() < shortest {
        frame.resize(shortest, 0);
    }
    frame
}

/// What an ARP message wants (RFC 826).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum ArpKind {
    Request,
    Reply,
}

/// An ARP message for IPv4 over Ethernet. A request asks with a target MAC address of zeros.
pub fn arp(kind: ArpKind, sender: (Mac, Ipv4Addr), target: (Mac, Ipv4Addr)) -> Vec<u8> {
    let operation = match kind {
        ArpKind::Request => 1,
        ArpKind::Reply => 2,
    };
    let mut message = vec![0, 1, 8, 0, 6, 4, 0, operation];
    for (mac, ip) in [sender, target] {
        message.extend(mac);
        message.extend(ip.octets());
    }
    message
}

/// The fields of an IP header that a scenario chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ip {
    /// Source.
    pub source: IpAddr,
    /// Destination, of the same family.
    pub destination: IpAddr,
    /// Time to live, or hop limit.
    pub ttl: u8,
    /// Identification; IPv6 has none.
    pub identification: u16,
}

impl Ip {
    /// The ether type of its family, and the packet.
    pub fn packet(&self, protocol: u8, payload: &[u8]) -> (u16, Vec<u8>) {
        match (self.source, self.destination) {
            (IpAddr::V4(source), IpAddr::V4(destination)) => {
                let total: u16 = length(20 + payload.len());
                let mut header = vec![0x45, 0];
                header.extend(total.to_be_bytes());
                header.extend(self.identification.to_be_bytes());
                // Don't fragment.
                header.extend([0x40, 0, self.ttl, protocol]);
                let rest = [source.octets(), destination.octets()].concat();
                let sum = checksum(&[&header, &rest]);
                header.extend(sum.to_be_bytes());
                header.extend(rest);
                header.extend(payload);
                (ETHER_IPV4, header)
            }
            (IpAddr::V6(source), IpAddr::V6(destination)) => {
                let mut header = vec![0x60, 0, 0, 0];
                header.extend(length::<u16>(payload.len()).to_be_bytes());
                header.extend([protocol, self.ttl]);
                header.extend(source.octets());
                header.extend(destination.octets());
                header.extend(payload);
                (ETHER_IPV6, header)
            }
            (source, destination) => panic!("{source} cannot send to {destination}"),
        }
    }
}

/// A TCP segment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Segment<'a> {
    /// Sequence number.
    pub sequence: u32,
    /// Acknowledgement number.
    pub acknowledgement: u32,
    /// [`SYN`], [`ACK`], …
    pub flags: u8,
    /// Receive window.
    pub window: u16,
    /// Options, a multiple of four bytes.
    pub options: &'a [u8],
    /// Data.
    pub payload: &'a [u8],
}

/// The bytes of a TCP segment.
pub fn tcp(source: SocketAddr, destination: SocketAddr, segment: &Segment<'_>) -> Vec<u8> {
    let words: u8 = length(5 + segment.options.len().div_ceil(4));
    let mut head = [source.port().to_be_bytes(), destination.port().to_be_bytes()].concat();
    head.extend(segment.sequence.to_be_bytes());
    head.extend(segment.acknowledgement.to_be_bytes());
    head.extend([words << 4, segment.flags]);
    head.extend(segment.window.to_be_bytes());
    let tail = [&[0, 0], segment.options, segment.payload].concat();
    summed(source.ip(), destination.ip(), TCP, head, &tail)
}

/// The bytes of a UDP datagram.
pub fn udp(source: SocketAddr, destination: SocketAddr, payload: &[u8]) -> Vec<u8> {
    let mut head = [source.port().to_be_bytes(), destination.port().to_be_bytes()].concat();
    head.extend(length::<u16>(8 + payload.len()).to_be_bytes());
    let mut datagram = summed(source.ip(), destination.ip(), UDP, head, payload);
    // A sum of zero is sent as all ones, since zero says that there is none (RFC 768).
    if let Some(sum @ [0, 0]) = datagram.get_mut(6..8) {
        sum.fill(0xff);
    }
    datagram
}

/// `head`, the checksum over the pseudo header and both parts, `tail`. The checksum stands on an even offset and counts
/// as nothing itself.
fn summed(source: IpAddr, destination: IpAddr, protocol: u8, mut head: Vec<u8>, tail: &[u8]) -> Vec<u8> {
    let pseudo = pseudo_header(source, destination, protocol, head.len() + 2 + tail.len());
    let sum = checksum(&[&pseudo, &head, tail]);
    head.extend(sum.to_be_bytes());
    head.extend(tail);
    head
}

/// What a transport checksum counts beside the transport's own bytes (RFC 9293, 3.1; RFC 8200, 8.1). In IPv4 length and
/// protocol have two bytes each, which sums up to the same.
fn pseudo_header(source: IpAddr, destination: IpAddr, protocol: u8, bytes: usize) -> Vec<u8> {
    let octets = |ip| match ip {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets().to_vec(),
    };
    let mut pseudo = [octets(source), octets(destination)].concat();
    pseudo.extend(length::<u32>(bytes).to_be_bytes());
    pseudo.extend([0, protocol]);
    pseudo
}

/// The Internet checksum (RFC 1071) over parts of even length, the last of any.
fn checksum(parts: &[&[u8]]) -> u16 {
    let words = parts.iter().flat_map(|part| part.chunks(2));
    let mut sum: u32 =
        words.map(|word| word.iter().fold(0, |all, byte| (all << 8) | u32::from(*byte)) << (16 - 8 * word.len())).sum();
    while sum > 0xffff {
        sum = (sum >> 16) + (sum & 0xffff);
    }
    !length::<u16>(usize::try_from(sum).expect("sixteen bits"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_of_a_known_header_is_right() {
        let header = [0x45, 0, 0, 0x73, 0, 0, 0x40, 0, 0x40, 0x11, 0xc0, 0xa8, 0, 1, 0xc0, 0xa8, 0, 0xc7];
        assert_eq!(checksum(&[&header]), 0xb861);
    }

    #[test]
    fn a_segment_sums_up_to_nothing_in_both_families() {
        for (a, b) in [("10.0.0.1:1", "10.0.0.2:2"), ("[2001:db8::1]:1", "[2001:db8::2]:2")] {
            let (a, b): (SocketAddr, SocketAddr) = (a.parse().unwrap(), b.parse().unwrap());
            for payload in [&b"odd"[..], b"even"] {
                let bytes = udp(a, b, payload);
                let pseudo = pseudo_header(a.ip(), b.ip(), UDP, bytes.len());
                assert_eq!(checksum(&[&pseudo, &bytes]), 0, "{a} {payload:?}");
            }
        }
    }

    #[test]
    fn tags_stand_between_the_addresses_and_the_ether_type() {
        let frame = ethernet([2; 6], [4; 6], &[100, 200, 300], ETHER_ARP, b"");
        assert_eq!(frame[12..26], [0x88, 0xa8, 0, 100, 0x88, 0xa8, 0, 200, 0x81, 0, 1, 0x2c, 8, 6]);
        assert_eq!(frame.len(), 72);
    }
}
