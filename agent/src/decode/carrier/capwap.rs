//! CAPWAP data (RFC 5415, 4.3; RFC 5416): what access points and their controller exchange, 802.11 or 802.3 frames of the stations.
//! These are the network's own, whichever access point a station is at.

use super::{Content, Inside, Opened};
use crate::decode::{Datagram, Fragment, IpPacket, Of, Undecodable};
use wardwatch_model::Tunnels;

/// Flags, fourth byte: fragment, last fragment, keep-alive.
const FRAGMENT: u8 = 0x80;
const LAST: u8 = 0x40;
const KEEP_ALIVE: u8 = 0x08;

/// The binding to 802.11 (RFC 5415, 4.3).
const WIFI: u8 = 1;

/// RFC 5415, 4.2: version 0, and a header in clear or one of DTLS. One that is cut before is left to be told so.
pub(super) fn is_header(bytes: &[u8]) -> bool {
    bytes.first().is_none_or(|preamble| *preamble <= 1)
}

/// RFC 5415, 4.3: preamble, length of the header in 4 bytes, radio, binding, flags, fragment, its place in 8 bytes; then a radio
/// address and more, which the length counts.
pub(super) fn open<'a>(packet: &IpPacket<'_>, bytes: &'a [u8], is_cut: bool) -> Opened<'a> {
    let Some([preamble, length, binding, flags, id1, id2, place1, place2]) = bytes.first_chunk::<8>() else {
        return Err(Undecodable::Tunnel);
    };
    if *preamble != 0 || flags & KEEP_ALIVE != 0 {
        return Ok(None);
    }
    let length = usize::from(length >> 3) * 4;
    let payload = bytes.get(length..).filter(|_| length >= 8).ok_or(Undecodable::Tunnel)?;
    let of = match (binding & 1, binding >> 1 & 0x1f) {
        (0, _) => Of::Ethernet,
        (_, WIFI) => Of::Wifi,
        _ => return Ok(None),
    };
    let content = match of {
        _ if flags & FRAGMENT != 0 => Content::Fragment(Fragment {
            datagram: Datagram {
                source: packet.source,
                destination: packet.destination,
                id: u16::from_be_bytes([*id1, *id2]).into(),
                of,
                tunnels: Tunnels::default(),
            },
            hops_left: packet.hops_left,
            depth: 0,
            offset: u32::from(u16::from_be_bytes([*place1, *place2]) >> 3) * 8,
            more: flags & LAST == 0,
            payload,
            is_cut,
        }),
        Of::Wifi => Content::Wifi(payload),
        _ => Content::Frame(payload),
    };
    Ok(Some(Inside::plain(content)))
}
