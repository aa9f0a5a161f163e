//! Frames (LIS1-A, 6.3): STX, number, text, ETX or ETB, checksum, CR, LF, in turns that begin with ENQ and end with EOT. Some
//! senders leave all of that out.

use super::header;
use crate::protocol::Probe;

const STX: u8 = 0x02;
const ETX: u8 = 0x03;
const EOT: u8 = 0x04;
const ENQ: u8 = 0x05;
const ACK: u8 = 0x06;
const NAK: u8 = 0x15;
const ETB: u8 = 0x17;

/// Most bytes of control before the first frame: senders ask again while nobody answers.
const MAX_CONTROL: usize = 16;

/// Where a direction is in its frames.
#[derive(Clone, Default)]
pub(super) struct Frames {
    place: Place,
    /// Of the latest frame. One that comes again has the same.
    number: Option<u8>,
}

#[derive(Clone, Copy, Default)]
enum Place {
    /// Nothing came yet.
    #[default]
    Start,
    /// Between two frames.
    Between,
    /// Behind STX.
    Number,
    /// In the text of a frame.
    Text,
    /// In the text of a frame that was taken before.
    Again,
    /// Before so many characters of a checksum.
    Check(u8),
    /// Records come without frames.
    Plain,
}

/// What a byte is.
pub(super) enum Piece {
    /// A part of the frame.
    Nothing,
    /// A part of a record.
    Text(u8),
    /// The end of a record.
    End,
    /// What began is given up.
    Restart,
}

impl Frames {
    /// Takes the next byte.
    pub(super) fn take(&mut self, byte: u8) -> Piece {
        let (place, piece) = match (self.place, byte) {
            (Place::Check(left), _) if left > 1 => (Place::Check(left - 1), Piece::Nothing),
            (Place::Check(_), _) => (Place::Between, Piece::Nothing),
            (_, ENQ | EOT) => {
                self.number = None;
                (Place::Between, Piece::Restart)
            }
            (Place::Start, b'H') => (Place::Plain, Piece::Text(byte)),
            (Place::Plain, b'\r' | b'\n') => (Place::Plain, Piece::End),
            (Place::Plain, _) => (Place::Plain, Piece::Text(byte)),
            (_, STX) => (Place::Number, Piece::Nothing),
            (Place::Number, b'0'..=b'7') => {
                let is_again = self.number.replace(byte) == Some(byte);
                (if is_again { Place::Again } else { Place::Text }, Piece::Nothing)
            }
            (Place::Text, ETX) => (Place::Check(2), Piece::End),
            (Place::Text, ETB) | (Place::Again, ETX | ETB) => (Place::Check(2), Piece::Nothing),
            (Place::Text, b'\r') => (Place::Text, Piece::End),
            (Place::Number | Place::Text, _) => (Place::Text, Piece::Text(byte)),
            (Place::Again, _) => (Place::Again, Piece::Nothing),
            (Place::Start | Place::Between, _) => (Place::Between, Piece::Nothing),
        };
        self.place = place;
        piece
    }

    /// Bytes were lost.
    pub(super) fn lost(&mut self) {
        let place = if matches!(self.place, Place::Plain) { Place::Plain } else { Place::Between };
        *self = Self { place, number: None };
    }
}

/// By a header record behind what comes before the text of a frame, or without it. Nobody but the sender of a message
/// can be known by its first bytes.
pub(super) fn probe(head: &[u8]) -> Probe {
    let control = head.iter().take_while(|byte| matches!(**byte, ENQ | EOT | ACK | NAK)).count();
    let rest = match head.get(control..) {
        Some([]) if control <= MAX_CONTROL => return Probe::NeedMore,
        Some([STX]) => return Probe::NeedMore,
        Some([STX, b'0'..=b'7', rest @ ..] | [STX, rest @ ..]) => rest,
        Some(rest) if control == 0 => rest,
        _ => return Probe::No,
    };
    header::probe(rest)
}
