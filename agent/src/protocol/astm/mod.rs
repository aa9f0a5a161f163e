//! ASTM E1394 (CLSI LIS2-A2), how analysers tell their results, in the frames of E1381 (CLSI LIS1-A) over TCP or without: who
//! sends.
//!
//! Of a message only the header record is read, and of it only the sender (field 5). Of all other records, which are about
//! patients, orders and results, only the letter of their kind is looked at: whoever tells results or asks for orders is an
//! instrument or speaks for one, and only then its words are told.

mod frame;
mod header;
#[cfg(test)]
mod tests;

use super::{Outcome, PerSide, Probe, Side, Spoken, Step, StreamParser};
use frame::{Frames, Piece};
use wardwatch_model::{Attribute, Detail, DeviceText, PacketTime, Seen, Source, heap::texts};

/// Longest beginning of a header record that is kept.
const LONGEST_HEADER: usize = 256;

/// Most senders told apart of a side.
const MAX_SENDERS: usize = 16;

/// Records that instruments send: a result, a request for orders (LIS2-A2, 9 and 11).
const OF_INSTRUMENT: [u8; 2] = *b"RQ";

/// A conversation of an instrument.
#[derive(Clone, Default)]
pub(crate) struct Astm {
    sides: PerSide<Box<Sender>>,
    messages: u64,
}

/// What one side says.
#[derive(Clone, Default)]
struct Sender {
    frames: Frames,
    record: Record,
    /// Who sent the message at hand.
    current: Option<DeviceText>,
    /// Who told results or asked for orders, and when.
    senders: Vec<(DeviceText, Seen)>,
    dropped: u64,
}

/// The record at hand.
#[derive(Clone, Default)]
enum Record {
    /// It has not begun.
    #[default]
    Awaited,
    /// A header, as far as it came.
    Header(Vec<u8>),
    /// Another one, up to its end.
    PassedOver,
}

impl StreamParser for Astm {
    fn probe(head: &[u8]) -> Probe {
        frame::probe(head)
    }

    /// Connections of instruments last for days.
    fn find_start(bytes: &[u8]) -> Option<usize> {
        let begins = |at: &usize| bytes.get(at + 2..).is_some_and(header::is_header);
        memchr::memmem::find_iter(bytes, b"\x021H").find(begins)
    }

    fn feed(&mut self, side: Side, at: PacketTime, bytes: &[u8]) -> Step {
        let sender = self.sides.get_mut(side);
        for byte in bytes {
            self.messages += u64::from(sender.take(*byte, at));
        }
        Step::Advance(bytes.len() as u64)
    }

    fn gap(&mut self, side: Side) {
        let sender = self.sides.get_mut(side);
        sender.frames.lost();
        sender.record = Record::PassedOver;
        sender.current = None;
    }

    fn held(&self) -> usize {
        let held = |sender: &Sender| {
            let record = if let Record::Header(bytes) = &sender.record { bytes.capacity() } else { 0 };
            let senders = sender.senders.capacity() * size_of::<(DeviceText, Seen)>();
            let names = texts(sender.senders.iter().map(|(name, _)| name).chain(&sender.current));
            size_of_val(sender) + record + senders + names
        };
        held(&self.sides.a) + held(&self.sides.b)
    }

    /// Either end may connect to the other.
    fn client(&self) -> Option<Side> {
        None
    }

    fn so_far(&self) -> Outcome {
        let spoken = |side| {
            let senders = self.sides.get(side).senders.iter();
            senders.map(move |(sender, seen)| Spoken {
                side,
                source: Source::Astm,
                speaks_as: None,
                attributes: vec![(Attribute::AstmSender, sender.clone())],
                seen: *seen,
            })
        };
        Outcome {
            messages: self.messages,
            detail: Detail::None,
            descriptions: Side::BOTH.into_iter().flat_map(spoken).collect(),
            descriptions_dropped: self.sides.a.dropped + self.sides.b.dropped,
            ..Outcome::default()
        }
    }

    #[cfg(test)]
    fn samples() -> Vec<super::battery::Sample> {
        tests::samples()
    }
}

impl Sender {
    /// Takes the next byte; whether a header ends with it.
    fn take(&mut self, byte: u8, at: PacketTime) -> bool {
        match self.frames.take(byte) {
            Piece::Nothing => false,
            Piece::Restart => {
                self.record = Record::Awaited;
                false
            }
            Piece::End => match std::mem::take(&mut self.record) {
                Record::Header(record) if header::is_header(&record) => {
                    self.current = header::sender(&record);
                    true
                }
                _ => false,
            },
            Piece::Text(byte) => {
                self.text(byte, at);
                false
            }
        }
    }

    fn text(&mut self, byte: u8, at: PacketTime) {
        match &mut self.record {
            Record::Awaited if byte.is_ascii_whitespace() => {}
            Record::Awaited if byte == b'H' => self.record = Record::Header(vec![byte]),
            Record::Awaited => {
                self.record = Record::PassedOver;
                if OF_INSTRUMENT.contains(&byte) {
                    self.tell(at);
                }
            }
            Record::Header(record) if record.len() < LONGEST_HEADER => record.push(byte),
            Record::Header(_) | Record::PassedOver => {}
        }
    }

    /// The sender of the message at hand is an instrument. It is told once a message.
    fn tell(&mut self, at: PacketTime) {
        let Some(sender) = self.current.take() else { return };
        let seen = Seen::once(at);
        if let Some((_, known)) = self.senders.iter_mut().find(|(known, _)| *known == sender) {
            known.merge(&seen);
        } else if self.senders.len() < MAX_SENDERS {
            self.senders.push((sender, seen));
        } else {
            self.dropped += 1;
        }
    }
}
