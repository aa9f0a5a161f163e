//! CDP (Cisco, "Cisco Discovery Protocol Configuration Guide"; the layout as published by several independent
//! implementations).
//!
//! Ports and locations (types 0003, 0017) are people's words: passed over.

use super::Told;
use crate::protocol::{LinkFrame, LinkKind, LinkParser, LinkReading};
use wardwatch_model::{Attribute, Source};

/// Bytes before the first field: version, time to live, checksum.
const HEADER: usize = 4;

/// Bytes of a field's type and length, which count in the length.
const FIELD: usize = 4;

/// Most addresses read.
const MAX_ADDRESSES: usize = 8;

/// Bits of the capabilities, by the names of LLDP.
const CAPABILITIES: [(u32, &str); 6] =
    [(0x01, "router"), (0x02, "bridge"), (0x08, "bridge"), (0x10, "station"), (0x40, "repeater"), (0x80, "telephone")];

/// The parser.
pub(crate) struct Cdp;

impl LinkParser for Cdp {
    const KIND: LinkKind = LinkKind::Cdp;

    fn read(frame: &LinkFrame<'_>) -> LinkReading {
        let mut told = Told::default();
        let is_whole = match frame.payload {
            [1 | 2, _, _, _, ..] => read(frame.payload.get(HEADER..).unwrap_or_default(), &mut told),
            _ => false,
        };
        told.reading(Source::Cdp, !is_whole)
    }

    #[cfg(test)]
    fn samples() -> Vec<Vec<u8>> {
        super::tests::cdp_samples()
    }
}

/// Fields up to the end of the frame. Answers whether the last one ends there.
fn read(mut rest: &[u8], told: &mut Told) -> bool {
    while let Some(([t1, t2, l1, l2], _)) = rest.split_first_chunk::<FIELD>() {
        let length = usize::from(u16::from_be_bytes([*l1, *l2]));
        let kind = u16::from_be_bytes([*t1, *t2]);
        let Some((field, after)) = rest.split_at_checked(length).filter(|_| length >= FIELD) else { return false };
        let value = field.get(FIELD..).unwrap_or_default();
        match kind {
            0x0001 => told.words.say(Attribute::Hostname, value),
            0x0002 | 0x0016 => addresses(value, told),
            0x0004 => {
                if let Some(bits) = value.first_chunk().map(|bytes| u32::from_be_bytes(*bytes)) {
                    CAPABILITIES.iter().filter(|(bit, _)| bits & bit != 0).for_each(|(_, name)| told.plays(name));
                }
            }
            0x0005 => told.words.say(Attribute::SystemDescription, value),
            0x0006 => told.words.say(Attribute::Platform, value),
            _ => {}
        }
        rest = after;
    }
    rest.is_empty()
}

/// How many, and of each the protocol by its kind and name, and the address, both behind their lengths. An address of IPv4 or
/// IPv6 shows by its length.
fn addresses(value: &[u8], told: &mut Told) {
    let Some((count, mut rest)) = value.split_first_chunk() else { return };
    let count = usize::try_from(u32::from_be_bytes(*count)).unwrap_or(usize::MAX);
    for _ in 0..count.min(MAX_ADDRESSES) {
        let [_, length, after @ ..] = rest else { return };
        let Some((length, after)) = after.get(usize::from(*length)..).and_then(|rest| rest.split_first_chunk()) else {
            return;
        };
        let Some((address, after)) = after.split_at_checked(usize::from(u16::from_be_bytes(*length))) else { return };
        told.answers_at(address);
        rest = after;
    }
}
