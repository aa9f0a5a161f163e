//! 802.11 data frames (IEEE 802.11, 9.3.2) as they are in CAPWAP: without radio header and check sequence.

use super::link::{self, Link};
use crate::decode::Undecodable;
use wardwatch_model::{Mac, Vlans};

/// Flags, second byte of frame control (9.2.4.1): to the distribution system, from it, protected, order.
const TO: u8 = 0x01;
const FROM: u8 = 0x02;
const PROTECTED: u8 = 0x40;
const ORDER: u8 = 0x80;

/// What is no data frame, or not in clear.
const NOTHING: Link<'static> = Link { source: None, ends: None, vlans: Vlans::new(), ether_type: 0, payload: &[] };

pub(super) fn decode(bytes: &[u8]) -> Result<Link<'_>, Undecodable> {
    let Some([one, two]) = bytes.first_chunk::<2>() else { return Err(Undecodable::Tunnel) };
    // Some access points send the two bytes of frame control the other way round. Of those between a station and the
    // distribution system just one order has protocol version 0 and the type of data.
    let is_data = |first: u8| first & 0x0f == 0x08;
    let (kind, flags) = match (is_data(*one), is_data(*two)) {
        (true, _) => (*one, *two),
        (false, true) => (*two, *one),
        _ => return Ok(NOTHING),
    };
    // Subtypes with bit 6 carry no data (9.2.4.1.3, table 9-1).
    if kind & 0x40 != 0 {
        return Ok(NOTHING);
    }
    let has_quality = kind & 0x80 != 0;
    let four = if flags & (TO | FROM) == TO | FROM { 6 } else { 0 };
    let quality = if has_quality { 2 } else { 0 };
    let more = if has_quality && flags & ORDER != 0 { 4 } else { 0 };
    let Some((header, payload)) = bytes.split_at_checked(24 + four + quality + more) else {
        return Err(Undecodable::Tunnel);
    };
    // Where the sender stands (9.3.2.1.2, table 9-60).
    let source = match flags & (TO | FROM) {
        FROM => header.get(16..22),
        both if both == TO | FROM => header.get(24..30),
        _ => header.get(10..16),
    };
    let source = source.and_then(|mac| <[u8; 6]>::try_from(mac).ok()).and_then(Mac::known);
    // The controller may have been given the frame in clear, with the mark of how it was on the air.
    let is_clear = payload.starts_with(&[0xaa, 0xaa, 0x03]);
    // Several frames in one (9.3.2.2) are not looked into.
    let is_several = has_quality && header.get(24 + four).is_some_and(|control| control & 0x80 != 0);
    if is_several || (flags & PROTECTED != 0 && !is_clear) {
        return Ok(Link { source, ..NOTHING });
    }
    // 802.2 follows, as it does a length in a frame of 802.3.
    link::tagged(source, Vlans::default(), 0, payload)
}
