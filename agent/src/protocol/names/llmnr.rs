//! Link-local multicast name resolution (RFC 4795): hosts that answer for their names, or ask whether others have them.

use super::{
    address,
    message::{A, AAAA, ANY, Message, Section},
    reading,
};
use crate::protocol::{Datagram, DatagramParser, Reading, words::Words};
use wardwatch_model::{Attribute, Source};

/// The port on which it is defined (RFC 4795, 2).
const PORT: u16 = 5355;

/// The parser.
pub(crate) struct Llmnr;

impl DatagramParser for Llmnr {
    fn recognise(datagram: &Datagram<'_>) -> bool {
        (datagram.destination.1 == PORT || datagram.source.1 == PORT)
            && Message::read(datagram.payload).is_some_and(|message| message.operation() == 0)
    }

    fn read(datagram: &Datagram<'_>) -> Option<Reading> {
        let message = Message::read(datagram.payload)?;
        let mut words = Words::default();
        let is_whole = message.each(|entry| {
            let is_own = match entry.section {
                // A host asks for all there is of its own name before it uses it (RFC 4795, 4).
                Section::Question => !message.is_response() && entry.kind == ANY,
                Section::Answer => matches!(entry.kind, A | AAAA) && address(entry.data) == Some(datagram.source.0),
                Section::Authority | Section::Additional => false,
            };
            if is_own {
                words.say(Attribute::Hostname, &entry.name.join(&b'.'));
            }
        });
        Some(reading(datagram, !message.is_response(), !is_whole, Source::Llmnr, words))
    }

    #[cfg(test)]
    fn samples() -> Vec<crate::protocol::battery::DatagramSample> {
        super::tests::llmnr_samples()
    }
}
