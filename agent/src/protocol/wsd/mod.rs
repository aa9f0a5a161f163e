//! WS-Discovery (OASIS 1.1, and the edition of 2005 that Windows and cameras use): which devices say that they are there, of
//! which types and in which scopes. Medical devices of IEEE 11073 SDC, printers, scanners, cameras and computers do.
//!
//! A discovery proxy answers for others: what is said counts for the sender only where its own address is among the
//! transport addresses. Scopes also tell where a device stands and which patient it is at: only those that tell what it is
//! are read.

mod message;
mod scopes;
#[cfg(test)]
mod tests;

use super::{Datagram, DatagramParser, Reading, Remark, words::Words};
use message::{Kind, Message, Target};
use std::net::IpAddr;
use wardwatch_model::{Attribute, Detail, Source};

/// The parser.
pub(crate) struct Wsd;

impl DatagramParser for Wsd {
    fn recognise(datagram: &Datagram<'_>) -> bool {
        matches!(datagram.payload, [b'<' | 0xef, _, ..]) && message::is_message(datagram.payload)
    }

    fn read(datagram: &Datagram<'_>) -> Option<Reading> {
        let message = Message::read(datagram.payload);
        let mut words = Words::default();
        for target in message.targets.iter().filter(|target| is_own(message.kind, target, datagram.source.0)) {
            say(target, &mut words);
        }
        let attributes = words.told();
        Some(Reading {
            is_from_client: !matches!(message.kind, Some(Kind::ProbeMatches | Kind::ResolveMatches)),
            is_malformed: !message.is_whole,
            detail: Detail::None,
            claim: None,
            remark: Remark::of_sender(Source::WsDiscovery, attributes),
        })
    }

    #[cfg(test)]
    fn samples() -> Vec<super::battery::DatagramSample> {
        tests::samples()
    }
}

/// Whether a target is the sender: at one of its addresses, or, where a greeting has none, by greeting itself.
fn is_own(kind: Option<Kind>, target: &Target, sender: IpAddr) -> bool {
    match kind {
        Some(Kind::Hello) if target.addresses.is_empty() => true,
        Some(Kind::Hello | Kind::ProbeMatches | Kind::ResolveMatches) => {
            target.addresses.split_ascii_whitespace().any(|address| host(address) == Some(sender))
        }
        _ => false,
    }
}

/// The address in an address of HTTP.
fn host(url: &str) -> Option<IpAddr> {
    let (_, rest) = url.split_once("://")?;
    let end = rest.find('/').unwrap_or(rest.len());
    let authority = rest.get(..end)?;
    match authority.strip_prefix('[') {
        // An address of the link has its zone behind it (RFC 6874).
        Some(rest) => rest.split([']', '%']).next()?.parse().ok(),
        None => authority.split(':').next()?.parse().ok(),
    }
}

fn say(target: &Target, words: &mut Words) {
    if target.endpoint.starts_with("urn:uuid:") {
        words.say(Attribute::DeviceUid, target.endpoint.as_bytes());
    }
    for name in &target.types {
        words.say(Attribute::Service, name.as_bytes());
    }
    scopes::say(&target.scopes, words);
}
