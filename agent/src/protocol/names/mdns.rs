//! Multicast DNS (RFC 6762) and the discovery of services by it (RFC 6763).
//!
//! Instances of services are named by people, often after people, and are never read. Nor are notes, locations and addresses
//! of pages in their TXT records.

use super::{
    address,
    message::{A, AAAA, Message, NBSTAT_OR_SRV as SRV, Name, PTR, Section, TXT},
    reading,
};
use crate::protocol::{Datagram, DatagramParser, Reading, words::Words};
use std::net::IpAddr;
use wardwatch_model::{Attribute, Source};

/// The port on which it is defined (RFC 6762, 3).
const PORT: u16 = 5353;

/// Service types, and keys of their TXT records with what they tell.
type Keys = (&'static [&'static [u8]], &'static [(&'static [u8], Attribute)]);

/// The keys of TXT records that are read, by the service type they belong to: of printers as the Bonjour printing
/// specification 1.2.1 (9) has them, of others as their makers do. Lower case.
const KEYS: [Keys; 4] = [
    (
        &[b"_ipp", b"_ipps", b"_pdl-datastream", b"_printer", b"_scanner", b"_uscan", b"_uscans"],
        &[(b"ty", Attribute::Model), (b"mfg", Attribute::Manufacturer), (b"usb_mfg", Attribute::Manufacturer)],
    ),
    (&[b"_device-info", b"_airplay", b"_companion-link"], &[(b"model", Attribute::Model)]),
    (&[b"_raop"], &[(b"am", Attribute::Model)]),
    (&[b"_googlecast", b"_hap"], &[(b"md", Attribute::Model)]),
];

/// The parser.
pub(crate) struct Mdns;

impl DatagramParser for Mdns {
    fn recognise(datagram: &Datagram<'_>) -> bool {
        // A standard query that went well (RFC 6762, 18.3 and 18.11).
        let is_standard = |message: Message<'_>| message.operation() == 0 && message.result() == 0;
        (datagram.destination.1 == PORT || datagram.source.1 == PORT)
            && Message::read(datagram.payload).is_some_and(is_standard)
    }

    fn read(datagram: &Datagram<'_>) -> Option<Reading> {
        let message = Message::read(datagram.payload)?;
        let mut answers = Answers { message, source: datagram.source.0, is_own: false, words: Words::default() };
        let is_whole = message.each(|entry| {
            // A query tells what its sender is about to claim (RFC 6762, 8.1).
            let is_told = match entry.section {
                Section::Answer | Section::Additional => message.is_response(),
                Section::Authority => !message.is_response(),
                Section::Question => false,
            };
            if is_told {
                answers.take(&entry.name, entry.kind, entry.data, entry.data_at);
            }
        });
        // A reflector passes on what hosts of other links said, with their addresses.
        let words = if answers.is_own { answers.words } else { Words::default() };
        Some(reading(datagram, !message.is_response(), !is_whole, Source::Mdns, words))
    }

    #[cfg(test)]
    fn samples() -> Vec<crate::protocol::battery::DatagramSample> {
        super::tests::mdns_samples()
    }
}

/// What a response tells.
struct Answers<'a> {
    message: Message<'a>,
    source: IpAddr,
    /// The sender's address is among those it tells.
    is_own: bool,
    words: Words,
}

impl<'a> Answers<'a> {
    fn take(&mut self, name: &Name<'a>, kind: u16, data: &'a [u8], data_at: usize) {
        match kind {
            A | AAAA if address(data) == Some(self.source) => {
                self.is_own = true;
                self.host(name);
            }
            PTR => {
                self.offers(name);
                // All the types there are (RFC 6763, 9).
                if name.first().is_some_and(|first| first.eq_ignore_ascii_case(b"_services"))
                    && let Some((service, _)) = self.message.name(data_at)
                {
                    self.offers(&service);
                }
            }
            SRV => self.offers(name),
            TXT => {
                self.offers(name);
                self.text(name, data);
            }
            _ => {}
        }
    }

    /// A name that ends in `local` (RFC 6762, 3).
    fn host(&mut self, name: &Name<'a>) {
        let [labels @ .., last] = name.as_slice() else { return };
        let labels = if last.eq_ignore_ascii_case(b"local") { labels } else { name.as_slice() };
        self.words.say(Attribute::Hostname, &labels.join(&b'.'));
    }

    fn offers(&mut self, name: &Name<'a>) {
        if let Some((service, transport)) = service(name)
            && !service.eq_ignore_ascii_case(b"_dns-sd")
        {
            self.words.say(Attribute::Service, &[service, transport].join(&b'.').to_ascii_lowercase());
        }
    }

    /// Strings of keys and values, each behind its length (RFC 6763, 6.3).
    fn text(&mut self, name: &Name<'a>, data: &'a [u8]) {
        let Some((service, _)) = service(name) else { return };
        let is_one_of = |types: &[&[u8]]| types.iter().any(|known| known.eq_ignore_ascii_case(service));
        let Some((_, keys)) = KEYS.iter().find(|(types, _)| is_one_of(types)) else { return };
        // A computer that shares a printer announces what it prints on (queue `printers/NAME` of CUPS).
        if pairs(data).any(|(key, value)| key.eq_ignore_ascii_case(b"rp") && value.starts_with(b"printers/")) {
            return;
        }
        for (key, value) in pairs(data) {
            let known = keys.iter().find(|(known, _)| known.eq_ignore_ascii_case(key));
            if let Some((_, attribute)) = known.filter(|(_, attribute)| !self.words.has(*attribute)) {
                self.words.say(*attribute, value);
            }
        }
    }
}

/// Type and transport of a service in a name, `_ipp` and `_tcp` (RFC 6763, 4.1).
fn service<'a>(name: &Name<'a>) -> Option<(&'a [u8], &'a [u8])> {
    let pair = name.windows(2).find_map(|pair| match pair {
        [service @ [b'_', ..], transport] if is_transport(transport) => Some((*service, *transport)),
        _ => None,
    })?;
    // RFC 6335, 5.1.
    pair.0.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(byte)).then_some(pair)
}

fn is_transport(label: &[u8]) -> bool {
    label.eq_ignore_ascii_case(b"_tcp") || label.eq_ignore_ascii_case(b"_udp")
}

fn pairs(mut data: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    std::iter::from_fn(move || {
        let (length, rest) = data.split_first()?;
        let (string, rest) = rest.split_at_checked(usize::from(*length))?;
        data = rest;
        Some(string)
    })
    .filter_map(|string| {
        let (key, value) = string.split_at_checked(memchr::memchr(b'=', string)?)?;
        Some((key, value.get(1..)?))
    })
}
