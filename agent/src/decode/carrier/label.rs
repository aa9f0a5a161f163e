//! What stands between a link's header and the packet: MPLS, PPPoE, PPP, 802.1ah, 802.1BR.

use super::{Content, Inside, Opened, ip, link};
use crate::decode::Undecodable;
use wardwatch_model::{Tunnel, TunnelKind};

/// Most labels of a stack; networks use up to about ten.
const MAX_LABELS: usize = 16;

/// MPLS (RFC 3032, 2.1): labels of 4 bytes, the last one marked, and then what both ends agreed on: IP, or a pseudowire. A label
/// is one direction's, so it tells no network.
pub(super) fn mpls(mut bytes: &[u8]) -> Opened<'_> {
    for _ in 0..MAX_LABELS {
        let Some(([_, _, bottom, _], rest)) = bytes.split_first_chunk::<4>() else { return Err(Undecodable::Tunnel) };
        bytes = rest;
        if bottom & 1 == 1 {
            return Ok(under_labels(bytes).map(Inside::plain));
        }
    }
    Err(Undecodable::TooDeep)
}

/// A pseudowire may have a control word, which begins with four zero bits (RFC 4385, 3); so do many MAC addresses.
fn under_labels(bytes: &[u8]) -> Option<Content<'_>> {
    if let Some(content) = ip(bytes).filter(|_| !is_frame(bytes)) {
        return Some(content);
    }
    match bytes {
        // Associated channel (RFC 4385, 5): of the routers themselves.
        [head, ..] if head >> 4 == 1 && !is_frame(bytes) => None,
        [0x00..=0x0f, _, _, _, frame @ ..] if is_frame(frame) || !is_frame(bytes) => Some(Content::Frame(frame)),
        [] => None,
        _ => Some(Content::Frame(bytes)),
    }
}

/// Whether the ether type of what may be a frame is one that most frames have. That of a packet stands where its addresses are.
fn is_frame(bytes: &[u8]) -> bool {
    match bytes.get(12..).and_then(<[u8]>::split_first_chunk::<4>) {
        Some(([0x08, 0x00, head, _], _)) => head >> 4 == 4,
        Some(([0x86, 0xdd, head, _], _)) => head >> 4 == 6,
        Some(([0x08, 0x06, 0, 1] | [0x81, 0x00, ..] | [0x88, 0xa8, ..], _)) => true,
        _ => false,
    }
}

/// PPPoE, session stage (RFC 2516, 4): version and type, code, session, length. `ends`: MAC addresses of the frame.
pub(super) fn pppoe(bytes: &[u8], ends: Option<[[u8; 6]; 2]>) -> Opened<'_> {
    let Some(([version, code, session1, session2, length1, length2], rest)) = bytes.split_first_chunk::<6>() else {
        return Err(Undecodable::Tunnel);
    };
    if (*version, *code) != (0x11, 0) {
        return Ok(None);
    }
    let session = u16::from_be_bytes([*session1, *session2]).into();
    let tunnel = match ends {
        Some([a, b]) => Tunnel::on_link(TunnelKind::Pppoe, session, a, b),
        None => Tunnel::numbered(TunnelKind::Pppoe, session),
    };
    let length = usize::from(u16::from_be_bytes([*length1, *length2]));
    let frame = rest.get(..length).unwrap_or(rest);
    Ok(ppp(frame)?.map(|(kind, bytes)| Inside::of(tunnel, Content::Here(kind, bytes))))
}

/// PPP (RFC 1661, 2; RFC 1662, 3.1): address and control, which may be left out; the protocol, of one byte where that is odd. As
/// an ether type.
pub(super) fn ppp(bytes: &[u8]) -> Result<Option<(u16, &[u8])>, Undecodable> {
    let bytes = bytes.strip_prefix(&[0xff, 0x03]).unwrap_or(bytes);
    let (protocol, rest) = match bytes {
        [short, rest @ ..] if short & 1 == 1 => (u16::from(*short), rest),
        [high, low, rest @ ..] => (u16::from_be_bytes([*high, *low]), rest),
        _ => return Err(Undecodable::Tunnel),
    };
    let ether_type = match protocol {
        0x0021 => link::IPV4,
        0x0057 => link::IPV6,
        0x0281 => 0x8847,
        0x0283 => 0x8848,
        _ => return Ok(None),
    };
    Ok(Some((ether_type, rest)))
}

/// Provider backbone bridging (IEEE 802.1Q, 9.7): a byte of flags, the service of 24 bits, the customer's frame.
pub(super) fn pbb(bytes: &[u8]) -> Opened<'_> {
    let Some(([_, s1, s2, s3], frame)) = bytes.split_first_chunk::<4>() else { return Err(Undecodable::Tunnel) };
    let tunnel = Tunnel::numbered(TunnelKind::Pbb, u32::from_be_bytes([0, *s1, *s2, *s3]));
    Ok(Some(Inside::of(tunnel, Content::Frame(frame))))
}

/// A tag that says between which ports of a bridge a frame goes, of N bytes without its ether type: VN-Tag, and E-Tag (IEEE
/// 802.1BR, 7.5). The frame is the network's own.
pub(super) fn tag<const N: usize>(bytes: &[u8]) -> Opened<'_> {
    match bytes.split_first_chunk::<N>().and_then(|(_, rest)| rest.split_first_chunk::<2>()) {
        Some((ether_type, rest)) => Ok(Some(Inside::plain(Content::Here(u16::from_be_bytes(*ether_type), rest)))),
        None => Err(Undecodable::Tunnel),
    }
}
