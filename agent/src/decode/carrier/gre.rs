//! GRE (RFC 2784, RFC 2890, RFC 2637), and ERSPAN in it: frames that a switch copied from its ports.

use super::{Content, Inside, Opened, label};
use crate::{
    decode::{IpPacket, Undecodable},
    protocol::Protocol,
};
use wardwatch_model::{Tunnel, TunnelKind};

/// Protocol types: ERSPAN of type I and II, of type III, bridged Ethernet, PPP.
const ERSPAN: u16 = 0x88be;
const ERSPAN_III: u16 = 0x22eb;
const BRIDGED: u16 = 0x6558;
const PPP: u16 = 0x880b;

/// Flags, first byte: checksum, routing, key, sequence number (RFC 2784, 2.1; RFC 2890, 2; RFC 1701).
const CHECKSUM: u8 = 0x80;
const ROUTING: u8 = 0x40;
const KEY: u8 = 0x20;
const SEQUENCE: u8 = 0x10;

/// Flag, second byte: acknowledgement number, in version 1 (RFC 2637, 4.1).
const ACKNOWLEDGEMENT: u8 = 0x80;

/// What a packet of GRE carries.
pub(super) fn of_packet<'a>(packet: &IpPacket<'a>, bytes: &'a [u8]) -> (Protocol, Opened<'a>) {
    let protocol = match bytes {
        [_, _, 0x88, 0xbe, ..] | [_, _, 0x22, 0xeb, ..] => Protocol::Erspan,
        _ => Protocol::Gre,
    };
    (protocol, open(packet, bytes))
}

fn open<'a>(packet: &IpPacket<'_>, bytes: &'a [u8]) -> Opened<'a> {
    let Some(([flags, version, type1, type2], mut rest)) = bytes.split_first_chunk::<4>() else {
        return Err(Undecodable::Tunnel);
    };
    let mut word = || {
        let (word, after) = rest.split_first_chunk::<4>().ok_or(Undecodable::Tunnel)?;
        rest = after;
        Ok(u32::from_be_bytes(*word))
    };
    if flags & CHECKSUM != 0 {
        word()?;
    }
    let key = if flags & KEY != 0 { Some(word()?) } else { None };
    if flags & SEQUENCE != 0 {
        word()?;
    }
    let between = |number| Tunnel::between(TunnelKind::Gre, number, packet.source, packet.destination);
    match (version & 7, u16::from_be_bytes([*type1, *type2])) {
        // Source routes of RFC 1701, which RFC 2784 took away.
        _ if flags & ROUTING != 0 => Ok(None),
        (0, ERSPAN) if flags & SEQUENCE == 0 => Ok(Some(Inside::plain(Content::Frame(rest)))),
        (0, ERSPAN) => erspan::<8>(rest, 1),
        (0, ERSPAN_III) => erspan::<12>(rest, 2),
        (0, BRIDGED) => Ok(Some(Inside::of(between(key), Content::Frame(rest)))),
        // PPTP: the key is a length, and the call of one direction.
        (0 | 1, PPP) => {
            if version & 7 == 1 && version & ACKNOWLEDGEMENT != 0 {
                word()?;
            }
            let frame = label::ppp(rest)?;
            Ok(frame.map(|(kind, bytes)| Inside::of(between(None), Content::Typed(kind, bytes))))
        }
        (0, ether_type) => Ok(Some(Inside::of(between(key), Content::Typed(ether_type, rest)))),
        _ => Ok(None),
    }
}

/// ERSPAN of type II and III (draft-foschiano-erspan-03, 4.2 and 4.3), with a header of N bytes: version and VLAN in its first two,
/// which stays where the tag was taken off. The frame is the network's own, whichever session copied it.
fn erspan<const N: usize>(bytes: &[u8], version: u16) -> Opened<'_> {
    let Some((header, frame)) = bytes.split_first_chunk::<N>() else { return Err(Undecodable::Tunnel) };
    let first = header.first_chunk::<2>().map_or(0, |first| u16::from_be_bytes(*first));
    if first >> 12 != version {
        return Ok(None);
    }
    let (mut frame, mut is_frame) = (frame, true);
    if N == 12
        && let Some([.., flags]) = header.last_chunk::<1>()
    {
        // Frame type, five bits: 0 is Ethernet. The last bit of the header: a subheader follows.
        is_frame = header.get(10).is_some_and(|byte| byte & 0x7c == 0);
        if flags & 1 == 1 {
            frame = frame.get(8..).ok_or(Undecodable::Tunnel)?;
        }
    }
    Ok(is_frame.then_some(Inside::plain(Content::Copy(first & 0x0fff, frame))))
}
