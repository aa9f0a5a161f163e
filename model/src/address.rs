//! Link-layer addresses and VLAN tags.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use std::fmt;

/// A 48-bit MAC address. The all-zero address says nothing about a device: [`Mac::known`] turns it into `None`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Mac(pub [u8; 6]);

impl Mac {
    /// The address, unless it is all zeros, broadcast or multicast, which no device owns.
    pub const fn known(bytes: [u8; 6]) -> Option<Self> {
        let [first, ..] = bytes;
        if first & 1 == 1 || matches!(bytes, [0, 0, 0, 0, 0, 0]) { None } else { Some(Self(bytes)) }
    }

    /// Reads a MAC out of an EUI-64 that was made from one: FF-FE or FF-FF in the middle (IEEE "Guidelines for Use of
    /// EUI", the EUI-48 to EUI-64 mapping). The universal/local bit is left as it is, as medical devices do.
    pub fn from_eui64(hex: &str) -> Option<Self> {
        let mut octets = [0u8; 8];
        let mut digits = hex.chars().filter(|c| !matches!(c, '-' | ':' | '.')).map(|c| c.to_digit(16));
        for octet in &mut octets {
            let (high, low) = (digits.next()??, digits.next()??);
            *octet = u8::try_from(high * 16 + low).ok()?;
        }
        match (digits.next(), octets) {
            (None, [a, b, c, 0xff, 0xfe | 0xff, d, e, f]) => Self::known([a, b, c, d, e, f]),
            _ => None,
        }
    }
}

impl Mac {
    /// Six octets with colons between them. Written out here, as formatting six numbers takes ten times as long, and every
    /// device has an address or more.
    fn octets(self) -> [u8; 17] {
        let mut text = [b':'; 17];
        for (place, octet) in text.chunks_mut(3).zip(self.0) {
            for (digit, value) in place.iter_mut().zip([octet >> 4, octet & 0xf]) {
                *digit = if value < 10 { b'0' + value } else { b'a' - 10 + value };
            }
        }
        text
    }
}

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.octets()).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Mac {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(std::str::from_utf8(&self.octets()).map_err(serde::ser::Error::custom)?)
    }
}

impl Mac {
    /// Reads six octets with colons between them.
    pub fn parse(text: &str) -> Option<Self> {
        let mut octets = text.split(':').map(|octet| (octet.len() == 2).then(|| u8::from_str_radix(octet, 16).ok())?);
        let mut bytes = [0u8; 6];
        for byte in &mut bytes {
            *byte = octets.next()??;
        }
        if octets.next().is_some() { None } else { Self::known(bytes) }
    }
}

impl<'de> Deserialize<'de> for Mac {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?)
            .ok_or_else(|| D::Error::custom("not a MAC address of a device"))
    }
}

/// The VLAN identifiers of a frame, outermost first: 0 to 3 tags of 12 bits (IEEE 802.1Q, 9.6). A priority tag
/// (identifier 0) is no VLAN and is not kept.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct Vlans([u16; 3]);

impl Vlans {
    /// None.
    pub const fn new() -> Self {
        Self([0; 3])
    }

    /// Adds the next inner tag; a fourth is ignored.
    pub fn push(&mut self, id: u16) {
        if let (Some(slot), 1..=0xfff) = (self.0.iter_mut().find(|slot| **slot == 0), id) {
            *slot = id;
        }
    }

    /// The identifiers, outermost first.
    pub fn iter(&self) -> impl Iterator<Item = u16> + '_ {
        self.0.iter().copied().take_while(|id| *id != 0)
    }

    /// Whether the frame was untagged.
    pub fn is_empty(&self) -> bool {
        self.0 == [0; 3]
    }
}

impl Serialize for Vlans {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for Vlans {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut vlans = Self::default();
        Vec::<u16>::deserialize(deserializer)?.into_iter().for_each(|id| vlans.push(id));
        Ok(vlans)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mac_is_recovered_from_the_eui64_of_a_device() {
        assert_eq!(Mac::from_eui64("0009fbFFFF9b42b3").unwrap().to_string(), "00:09:fb:9b:42:b3");
        assert_eq!(Mac::from_eui64("08-00-19-FF-FE-14-43-EC").unwrap().to_string(), "08:00:19:14:43:ec");
        for other in
            ["00A037009A0053DE", "0009fbFFFF9b42", "0009fbFFFF9b42b300", "not hexadecimal!", "", "000000FFFE000000"]
        {
            assert_eq!(Mac::from_eui64(other), None, "{other}");
        }
    }

    #[test]
    fn zero_broadcast_and_multicast_are_nobodys_address() {
        assert_eq!(Mac::known([0; 6]), None);
        assert_eq!(Mac::known([0xff; 6]), None);
        assert_eq!(Mac::known([1, 0, 0x5e, 0, 0, 1]), None);
        assert!(Mac::known([0, 0, 0x5e, 0, 0x53, 1]).is_some());
    }

    #[test]
    fn three_tags_are_kept_outermost_first_and_priority_tags_are_not_vlans() {
        let mut vlans = Vlans::default();
        for id in [0, 100, 200, 300, 400] {
            vlans.push(id);
        }
        assert_eq!(vlans.iter().collect::<Vec<_>>(), [100, 200, 300]);
        assert!(Vlans::default().is_empty());
    }
}
