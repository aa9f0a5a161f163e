//! What devices announce of themselves to whoever is on the same link, in frames that no bridge passes on: LLDP and CDP.

mod cdp;
mod lldp;
#[cfg(test)]
mod tests;

pub(crate) use cdp::Cdp;
pub(crate) use lldp::Lldp;

use super::{LinkReading, words::Words};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use wardwatch_model::{Attribute, Mac, Source};

/// What an announcement tells, as it comes together.
#[derive(Default)]
struct Told {
    words: Words,
    /// An address at which the speaker can be managed, the first one.
    address: Option<IpAddr>,
    /// The MAC address by which it identifies itself.
    mac: Option<Mac>,
}

impl Told {
    /// Part it says it plays, by the name that LLDP has for it.
    fn plays(&mut self, part: &str) {
        self.words.say(Attribute::Capability, part.as_bytes());
    }

    fn answers_at(&mut self, octets: &[u8]) {
        let address = match octets.len() {
            4 => <[u8; 4]>::try_from(octets).ok().map(|octets| IpAddr::from(Ipv4Addr::from(octets))),
            16 => <[u8; 16]>::try_from(octets).ok().map(|octets| IpAddr::from(Ipv6Addr::from(octets))),
            _ => None,
        };
        // Those that have none tell zeros.
        self.address = self.address.or(address.filter(|ip| !ip.is_unspecified() && !ip.is_loopback()));
    }

    fn reading(self, source: Source, is_malformed: bool) -> LinkReading {
        LinkReading { is_malformed, address: self.address, mac: self.mac, source, attributes: self.words.told() }
    }
}
