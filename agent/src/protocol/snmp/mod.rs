//! SNMP, versions 1 (RFC 1157), 2c (RFC 1901) and 3 (RFC 3412): what agents say of themselves to whoever asks.
//!
//! Communities and user names are secrets, contact and location are people's: none of them is kept. That a community
//! crossed the network in clear, and that it was a default, is counted.

mod message;
mod objects;
#[cfg(test)]
mod tests;

use super::{Datagram, DatagramParser, Reading, Remark};
use message::Message;
use wardwatch_model::{Detail, Source};

/// The parser.
pub(crate) struct Snmp;

impl DatagramParser for Snmp {
    fn recognise(datagram: &Datagram<'_>) -> bool {
        Message::read(datagram.payload).is_some()
    }

    fn read(datagram: &Datagram<'_>) -> Option<Reading> {
        let message = Message::read(datagram.payload)?;
        let (words, is_whole) = objects::words(&message, datagram.source.0);
        let attributes = words.told();
        Some(Reading {
            is_from_client: message.is_from_client(),
            is_malformed: !is_whole,
            detail: Detail::Snmp(message.activity()),
            claim: None,
            remark: Remark::of_sender(Source::Snmp, attributes),
        })
    }

    #[cfg(test)]
    fn samples() -> Vec<super::battery::DatagramSample> {
        tests::samples()
    }
}
