//! Headers that are at hand whole, as nearly all are: taken where they stand, and most of them known by their bytes.

use super::line::{Line, MAX_FIELD};
use super::scan::Split;
use super::start::{BLOCK_START, USUAL};
use crate::protocol::Side;

/// Most separators after MSH-2: up to MSH-25 (v2.7).
const SEPARATORS: usize = 23;

/// A header with the usual delimiters (v2.5.1, 2.15.9), from the start of its block up to the end of its line.
pub(super) struct Whole<'a> {
    split: Split<SEPARATORS>,
    /// From MSH-3 on, to the end of the line and beyond.
    bytes: &'a [u8],
    /// Bytes from the start of the block up to the next line.
    pub(super) length: usize,
}

impl<'a> Whole<'a> {
    /// Longest line, bytes: no field of it is cut off.
    const LONGEST: usize = MAX_FIELD;

    /// `None` where anything is out of the ordinary.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(&[BLOCK_START])?.strip_prefix(USUAL)?;
        let split = Split::of(rest, b'|')?;
        // Up to MSH-10 and the separator after it; the rest may be empty.
        let complete = split.separators > 7 && split.length <= Self::LONGEST && rest.get(split.length) == Some(&b'\r');
        let length = 1 + USUAL.len() + split.length + 1;
        complete.then_some(Self { split, bytes: rest, length })
    }

    fn fields(&self, first: usize, last: usize) -> &'a [u8] {
        self.split.fields(self.bytes, first - 3, last - 3)
    }

    /// MSH-9, message type (2.15.9.9).
    pub(super) fn kind(&self) -> &'a [u8] {
        self.fields(9, 9)
    }

    /// MSH-10, message control id (2.15.9.10).
    pub(super) fn control(&self) -> &'a [u8] {
        self.fields(10, 10)
    }

    /// What the headers of a sender have in common: MSH-3 to MSH-6, and from MSH-11 on.
    fn constant(&self) -> [&'a [u8]; 2] {
        [self.fields(3, 6), self.fields(11, usize::MAX)]
    }

    /// Keeps the wanted fields, but for the control id.
    pub(super) fn keep(&self, line: &mut Line) {
        line.clear();
        for number in [3, 4, 5, 6, 9, 11, 12, 18, 21] {
            line.push(self.fields(number.into(), number.into()));
            line.close(number);
        }
    }
}

/// Headers known by what does not change from message to message, so that most need not be taken apart: the first few of
/// a connection.
#[derive(Clone, Default)]
pub(super) struct Recall {
    text: Vec<u8>,
    known: Vec<Known>,
}

#[derive(Clone)]
struct Known {
    side: Side,
    /// Lengths of the two parts in `text`.
    parts: [u16; 2],
    /// Position of the header.
    row: usize,
}

impl Recall {
    pub(super) fn warm(&self) -> usize {
        usize::from(self.text.first().copied().unwrap_or(0)) + self.known.first().map_or(0, |known| known.row)
    }

    const MOST: usize = 16;

    /// The position of a header that was remembered.
    pub(super) fn find(&self, side: Side, header: &Whole<'_>) -> Option<usize> {
        let wanted = header.constant();
        let mut text = self.text.as_slice();
        for known in &self.known {
            let [first, second] = known.parts.map(usize::from);
            let (here, rest) = text.split_at_checked(first + second)?;
            if known.side == side && wanted.map(<[u8]>::len) == [first, second] {
                let (start, end) = here.split_at_checked(first)?;
                if [start, end] == wanted {
                    return Some(known.row);
                }
            }
            text = rest;
        }
        None
    }

    /// Remembers a header, where there is room.
    pub(super) fn remember(&mut self, side: Side, header: &Whole<'_>, row: usize) {
        let parts = header.constant();
        if let [Ok(first), Ok(second)] = parts.map(|part| u16::try_from(part.len()))
            && self.known.len() < Self::MOST
        {
            parts.iter().for_each(|part| self.text.extend_from_slice(part));
            self.known.push(Known { side, parts: [first, second], row });
        }
    }
}

/// Raw bytes of headers are nobody's to print.
impl std::fmt::Debug for Recall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recall").field("known", &self.known.len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &str = "\x0bMSH|^~\\&|APP|FAC|TO|HOSP|20260102||ADT^A01|ID1|P|2.5\rPID|1\r";

    fn with(from: &str, to: &str) -> Vec<u8> {
        PLAIN.replacen(from, to, 1).into_bytes()
    }

    #[test]
    fn a_whole_header_is_read_where_it_stands() {
        let header = Whole::read(PLAIN.as_bytes()).unwrap();
        assert_eq!((header.kind(), header.control()), (&b"ADT^A01"[..], &b"ID1"[..]));
        assert_eq!(header.constant(), [&b"APP|FAC|TO|HOSP"[..], b"P|2.5"]);
        assert_eq!(&PLAIN[header.length..], "PID|1\r");
    }

    #[test]
    fn what_is_out_of_the_ordinary_is_left_to_the_careful_way() {
        for (from, to) in [
            ("|P|2.5\r", "\r"),
            ("2.5\r", "2.5\n"),
            ("2.5\rPID|1\r", "2.5"),
            ("HOSP", "H\u{1b}OSP"),
            ("HOSP", "H\0OSP"),
            ("MSH|^~\\&|", "MSH#^~\\&#"),
            ("\u{b}", ""),
            ("APP", &"A".repeat(512)),
            ("2.5", &"|".repeat(30)),
        ] {
            assert!(Whole::read(&with(from, to)).is_none(), "{from:?} {to:?}");
        }
    }

    #[test]
    fn time_type_and_control_id_may_change_and_nothing_else() {
        let mut recall = Recall::default();
        recall.remember(Side::A, &Whole::read(PLAIN.as_bytes()).unwrap(), 7);
        let known = |side, bytes: &[u8]| recall.find(side, &Whole::read(bytes).unwrap());
        for (from, to) in [("ID1", "OTHER"), ("A01", "A08"), ("20260102", "20260103")] {
            assert_eq!(known(Side::A, &with(from, to)), Some(7), "{from} {to}");
        }
        for (from, to) in [("APP", "APQ"), ("HOSP", "HOSP|"), ("2.5", "2.6"), ("|P|2.5", "|P|")] {
            assert_eq!(known(Side::A, &with(from, to)), None, "{from} {to}");
        }
        assert_eq!(known(Side::B, PLAIN.as_bytes()), None);
        for row in 0..100 {
            recall.remember(Side::B, &Whole::read(PLAIN.as_bytes()).unwrap(), row);
        }
        assert_eq!(recall.known.len(), Recall::MOST);
        assert!(!format!("{recall:?}").contains("APP"));
    }
}
