//! LLDP (IEEE 802.1AB-2016) and what LLDP-MED adds to it (ANSI/TIA-1057).
//!
//! Ports are described by people, and locations are places: both are passed over.

use super::Told;
use crate::protocol::{LinkFrame, LinkKind, LinkParser, LinkReading};
use wardwatch_model::{Attribute, Mac, Source};

/// Subtypes of a chassis id (8.5.2.2): a MAC address, a network address.
const BY_MAC: u8 = 4;
const BY_ADDRESS: u8 = 5;

/// Organisation of LLDP-MED.
const TIA: [u8; 3] = [0x00, 0x12, 0xbb];

/// Bits of the capabilities, from the lowest (8.5.8.1).
const CAPABILITIES: [&str; 8] =
    ["other", "repeater", "bridge", "wlan-access-point", "router", "telephone", "cable-device", "station"];

/// The parser.
pub(crate) struct Lldp;

impl LinkParser for Lldp {
    const KIND: LinkKind = LinkKind::Lldp;

    fn read(frame: &LinkFrame<'_>) -> LinkReading {
        let mut told = Told::default();
        let is_whole = read(frame.payload, &mut told);
        told.reading(Source::Lldp, !is_whole)
    }

    #[cfg(test)]
    fn samples() -> Vec<Vec<u8>> {
        super::tests::lldp_samples()
    }
}

/// Type of seven bits and length of nine, then the value (8.4), up to the end (type 0). Answers whether it was there, and
/// the chassis id before everything.
fn read(mut rest: &[u8], told: &mut Told) -> bool {
    let mut is_first = true;
    loop {
        let [high, low, after @ ..] = rest else { return false };
        let length = usize::from(high & 1) << 8 | usize::from(*low);
        let Some((value, after)) = after.split_at_checked(length) else { return false };
        match (high >> 1, value) {
            (0, _) => return !is_first,
            (1, [BY_MAC, mac @ ..]) => told.mac = <[u8; 6]>::try_from(mac).ok().and_then(Mac::known),
            // IANA address family, then the address.
            (1, [BY_ADDRESS, _, address @ ..]) => told.answers_at(address),
            (1, _) => {}
            _ if is_first => return false,
            (5, name) => told.words.say(Attribute::Hostname, name),
            (6, description) => told.words.say(Attribute::SystemDescription, description),
            (7, [_, _, high, low, ..]) => {
                let enabled = u16::from_be_bytes([*high, *low]);
                let on = (0..).zip(CAPABILITIES).filter(|(bit, _)| enabled >> bit & 1 == 1);
                on.for_each(|(_, name)| told.plays(name));
            }
            // Length of the address with its family, family, address (8.5.9).
            (8, [length, _, address @ ..]) => {
                if let Some(address) = usize::from(*length).checked_sub(1).and_then(|length| address.get(..length)) {
                    told.answers_at(address);
                }
            }
            (127, [a, b, c, subtype, value @ ..]) if [*a, *b, *c] == TIA => med(*subtype, value, told),
            _ => {}
        }
        is_first = false;
        rest = after;
    }
}

/// Inventory (ANSI/TIA-1057, 10.2.6).
fn med(subtype: u8, value: &[u8], told: &mut Told) {
    let attribute = match subtype {
        5 => Attribute::HardwareVersion,
        6 => Attribute::FirmwareVersion,
        7 => Attribute::SoftwareVersion,
        8 => Attribute::SerialNumber,
        9 => Attribute::Manufacturer,
        10 => Attribute::Model,
        11 => Attribute::AssetId,
        _ => return,
    };
    told.words.say(attribute, value);
}
