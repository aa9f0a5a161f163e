//! Link layers: Ethernet with VLAN tags, Linux cooked captures, raw IP, BSD loopback.

use super::Undecodable;
use crate::source::LinkType;
use etherparse::{Ethernet2Slice, LinuxSllSlice, SingleVlanSlice};
use wardwatch_model::{Mac, Vlans};

/// Ether types (IEEE registry).
pub(super) const IPV4: u16 = 0x0800;
pub(super) const IPV6: u16 = 0x86dd;
pub(super) const ARP: u16 = 0x0806;
pub(super) const LLDP: u16 = 0x88cc;

/// LLC and SNAP of CDP: Cisco's organisation code and its number there.
const CDP: [u8; 8] = [0xaa, 0xaa, 0x03, 0x00, 0x00, 0x0c, 0x20, 0x00];

/// Tags are followed this far; a frame with more is someone's attack.
const MAX_TAGS: usize = 8;

/// A frame without its link header.
pub(super) struct Link<'a> {
    pub(super) source: Option<Mac>,
    /// Destination and source, of Ethernet.
    pub(super) ends: Option<[[u8; 6]; 2]>,
    pub(super) vlans: Vlans,
    /// 0 where unknown.
    pub(super) ether_type: u16,
    pub(super) payload: &'a [u8],
}

pub(super) fn decode(link: LinkType, bytes: &[u8]) -> Result<Link<'_>, Undecodable> {
    match link {
        LinkType::Ethernet => ethernet(bytes),
        LinkType::LinuxSll => cooked_v1(bytes),
        LinkType::LinuxSll2 => cooked_v2(bytes),
        LinkType::Raw | LinkType::Ipv4 | LinkType::Ipv6 => raw(bytes),
        LinkType::Null | LinkType::Loop => loopback(bytes),
        LinkType::Other(_) => Err(Undecodable::LinkType),
    }
}

/// Ethernet (IEEE 802.3, 3.2), without check sequence.
pub(super) fn ethernet(bytes: &[u8]) -> Result<Link<'_>, Undecodable> {
    let ethernet = Ethernet2Slice::from_slice_without_fcs(bytes).map_err(|_| Undecodable::LinkHeader)?;
    let (source, ether_type) = (Mac::known(ethernet.source()), ethernet.ether_type().0);
    let link = tagged(source, Vlans::default(), ether_type, ethernet.payload_slice())?;
    Ok(Link { ends: Some([ethernet.destination(), ethernet.source()]), ..link })
}

/// Follows VLAN tags (IEEE 802.1Q: 8100; 802.1ad: 88a8; older double tagging: 9100, 9200) and LLC/SNAP.
pub(super) fn tagged(
    source: Option<Mac>,
    mut vlans: Vlans,
    mut ether_type: u16,
    mut payload: &[u8],
) -> Result<Link<'_>, Undecodable> {
    for _ in 0..MAX_TAGS {
        match ether_type {
            0x8100 | 0x88a8 | 0x9100 | 0x9200 => {
                let tag = SingleVlanSlice::from_slice(payload).map_err(|_| Undecodable::LinkHeader)?;
                vlans.push(tag.vlan_identifier().value());
                ether_type = tag.ether_type().0;
                payload = tag.payload_slice();
            }
            // IEEE 802.3: a value up to 1500 is a length; 802.2 LLC with SNAP (RFC 1042) carries an ether type.
            0..=1500 => match payload {
                [0xaa, 0xaa, 0x03, 0, 0, 0, high, low, rest @ ..] => {
                    ether_type = u16::from_be_bytes([*high, *low]);
                    payload = rest;
                }
                _ => break,
            },
            _ => break,
        }
    }
    Ok(Link { source, ends: None, vlans, ether_type, payload })
}

/// What a frame of CDP carries, without what fills it up: the frame tells its length.
pub(super) fn cdp<'a>(link: &Link<'a>) -> Option<&'a [u8]> {
    let length = usize::from(link.ether_type);
    let payload = link.payload.get(..length).unwrap_or(link.payload);
    payload.strip_prefix(&CDP).filter(|_| (CDP.len()..=1500).contains(&length))
}

/// LINKTYPE_LINUX_SLL: a 16-byte header.
fn cooked_v1(bytes: &[u8]) -> Result<Link<'_>, Undecodable> {
    // The crate refuses link kinds it has no type for; their address and protocol stand at the same place.
    if let Ok(cooked) = LinuxSllSlice::from_slice(bytes) {
        let [a, b, c, d, e, f, ..] = cooked.sender_address_full();
        let mac = if cooked.sender_address_valid_length() == 6 { Mac::known([a, b, c, d, e, f]) } else { None };
        let protocol: u16 = cooked.protocol_type().into();
        return tagged(mac, Vlans::default(), protocol, cooked.payload_slice());
    }
    match bytes {
        [_, _, _, _, _, _, _, _, _, _, _, _, _, _, high, low, payload @ ..] => {
            tagged(None, Vlans::default(), u16::from_be_bytes([*high, *low]), payload)
        }
        _ => Err(Undecodable::LinkHeader),
    }
}

/// LINKTYPE_LINUX_SLL2: protocol, reserved, interface index, ARPHRD, packet type, address length, address: 20 bytes.
fn cooked_v2(bytes: &[u8]) -> Result<Link<'_>, Undecodable> {
    let Some(([high, low, _, _, _, _, _, _, _, _, _, length, a, b, c, d, e, f, _, _], payload)) =
        bytes.split_first_chunk::<20>()
    else {
        return Err(Undecodable::LinkHeader);
    };
    let mac = if *length == 6 { Mac::known([*a, *b, *c, *d, *e, *f]) } else { None };
    tagged(mac, Vlans::default(), u16::from_be_bytes([*high, *low]), payload)
}

/// LINKTYPE_RAW: the packet begins with its IP header.
fn raw(bytes: &[u8]) -> Result<Link<'_>, Undecodable> {
    let ether_type = match bytes.first().map(|b| b >> 4) {
        Some(4) => IPV4,
        Some(6) => IPV6,
        Some(_) => 0,
        None => return Err(Undecodable::LinkHeader),
    };
    Ok(Link { source: None, ends: None, vlans: Vlans::default(), ether_type, payload: bytes })
}

/// LINKTYPE_NULL and LINKTYPE_LOOP: an address family, in the byte order of whoever captured. The numbers of IPv6
/// differ between the BSDs, macOS and Linux, so the version of the IP header decides; the family must fit it.
fn loopback(bytes: &[u8]) -> Result<Link<'_>, Undecodable> {
    let Some((family, payload)) = bytes.split_first_chunk::<4>() else {
        return Err(Undecodable::LinkHeader);
    };
    let family = u32::from_be_bytes(*family).min(u32::from_le_bytes(*family));
    let link = raw(payload)?;
    match (family, link.ether_type) {
        (2, IPV4) | (10 | 24 | 28 | 30, IPV6) => Ok(link),
        _ => Ok(Link { ether_type: 0, ..link }),
    }
}
