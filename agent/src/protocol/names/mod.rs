//! Names that hosts give themselves on a link, without a server: multicast DNS, link-local multicast name resolution, the
//! NetBIOS name service, and announcements in NetBIOS datagrams. The first three share the form of DNS messages.
//!
//! Whoever passes on the words of others (reflectors, relays) must not be taken for them: what is said of a host counts for
//! the sender only where it comes with the sender's own address.

mod browser;
mod llmnr;
mod mdns;
mod message;
mod nbns;
mod netbios;
#[cfg(test)]
mod tests;

pub(crate) use browser::Browser;
pub(crate) use llmnr::Llmnr;
pub(crate) use mdns::Mdns;
pub(crate) use nbns::Nbns;

use super::{Datagram, Reading, Remark, words::Words};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use wardwatch_model::{Detail, Source};

/// The address in a record of type A or AAAA.
fn address(data: &[u8]) -> Option<IpAddr> {
    match data.len() {
        4 => <[u8; 4]>::try_from(data).ok().map(|octets| Ipv4Addr::from(octets).into()),
        16 => <[u8; 16]>::try_from(data).ok().map(|octets| Ipv6Addr::from(octets).into()),
        _ => None,
    }
}

/// Whether a datagram goes to many at once, so that its sender is the only one it tells of.
fn is_to_many(datagram: &Datagram<'_>) -> bool {
    match datagram.destination.0 {
        // The broadcast address of a subnet cannot be told without its mask; most end in ones.
        IpAddr::V4(ip) => ip.is_multicast() || ip.octets().ends_with(&[255]),
        IpAddr::V6(ip) => ip.is_multicast(),
    }
}

/// What a sender says of itself.
fn reading(datagram: &Datagram<'_>, is_query: bool, is_malformed: bool, source: Source, words: Words) -> Reading {
    let attributes = words.told();
    Reading {
        is_from_client: is_query || is_to_many(datagram),
        is_malformed,
        detail: Detail::None,
        claim: None,
        remark: Remark::of_sender(source, attributes),
    }
}
