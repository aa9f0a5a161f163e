//! Data export of Philips IntelliVue monitors over UDP: what a monitor is, as it announces itself and as it tells whoever
//! associates with it.
//!
//! The measurements and the patient it tells to its client afterwards are recognised, counted and not opened. Clauses are
//! those of the maker's Data Export Interface Programming Guide.

mod attributes;
mod message;
#[cfg(test)]
mod tests;

use super::{Datagram, DatagramParser, Reading, Remark, words::Words};
use message::Message;
use wardwatch_model::{Detail, Source};

/// The parser.
pub(crate) struct Intellivue;

impl DatagramParser for Intellivue {
    fn recognise(datagram: &Datagram<'_>) -> bool {
        Message::read(datagram).is_some()
    }

    fn read(datagram: &Datagram<'_>) -> Option<Reading> {
        let message = Message::read(datagram)?;
        let mut words = Words::default();
        let is_whole = message.described().is_none_or(|list| attributes::words(list, &mut words));
        let attributes = words.told();
        Some(Reading {
            is_from_client: message.is_from_client(),
            is_malformed: !is_whole,
            detail: Detail::None,
            claim: None,
            remark: Remark::of_sender(Source::Intellivue, attributes),
        })
    }

    #[cfg(test)]
    fn samples() -> Vec<super::battery::DatagramSample> {
        tests::samples()
    }
}
