//! The NetBIOS name service (RFC 1002, 4.2): hosts register, refresh and answer for their names.

use super::{
    message::{Message, NB, NBSTAT_OR_SRV as NBSTAT, Section},
    netbios::Name,
    reading,
};
use crate::protocol::{Datagram, DatagramParser, Reading, words::Words};
use std::net::{IpAddr, Ipv4Addr};
use wardwatch_model::Source;

/// The port on which it is defined (RFC 1002, 6).
const PORT: u16 = 137;

/// Operations (RFC 1002, 4.2.1.1; 9 is what some send for 8): a query, and what one does with names of its own. A release
/// is none of them, as it takes back a name that another has.
const QUERY: u16 = 0;
const REGISTRATION: u16 = 5;
const REFRESH: [u16; 2] = [8, 9];

/// Flag of a name: a group's (RFC 1002, 4.2.1.3 and 4.2.18).
const GROUP: u8 = 0x80;

/// The parser.
pub(crate) struct Nbns;

impl DatagramParser for Nbns {
    fn recognise(datagram: &Datagram<'_>) -> bool {
        (datagram.destination.1 == PORT || datagram.source.1 == PORT) && Message::read(datagram.payload).is_some()
    }

    fn read(datagram: &Datagram<'_>) -> Option<Reading> {
        let message = Message::read(datagram.payload)?;
        let (is_response, operation) = (message.is_response(), message.operation());
        let mut words = Words::default();
        let is_whole = message.each(|entry| {
            let is_own = match entry.section {
                Section::Additional => !is_response && (operation == REGISTRATION || REFRESH.contains(&operation)),
                Section::Answer => is_response && operation == QUERY && message.result() == 0,
                Section::Question | Section::Authority => false,
            };
            match entry.kind {
                NB if is_own => {
                    if let Some(name) = entry.name.first().and_then(|label| Name::encoded(label)) {
                        registered(&name, entry.data, datagram.source.0, &mut words);
                    }
                }
                NBSTAT if is_own => status(entry.data, &mut words),
                _ => {}
            }
        });
        Some(reading(datagram, !is_response, !is_whole, Source::Nbns, words))
    }

    #[cfg(test)]
    fn samples() -> Vec<crate::protocol::battery::DatagramSample> {
        super::tests::nbns_samples()
    }
}

/// Flags and address of each owner of a name (RFC 1002, 4.2.2 and 4.2.13): a server answers for others.
fn registered(name: &Name, data: &[u8], sender: IpAddr, words: &mut Words) {
    for [flags, _, a, b, c, d] in data.as_chunks::<6>().0 {
        if IpAddr::V4(Ipv4Addr::new(*a, *b, *c, *d)) == sender {
            name.say(flags & GROUP != 0, words);
        }
    }
}

/// All names of a host (RFC 1002, 4.2.18): how many, and of each sixteen bytes and flags.
fn status(data: &[u8], words: &mut Words) {
    let Some((count, names)) = data.split_first() else { return };
    for entry in names.as_chunks::<18>().0.iter().take(usize::from(*count)) {
        let Some((name, [flags, _])) = entry.split_first_chunk::<16>() else { return };
        Name::plain(name).say(flags & GROUP != 0, words);
    }
}
