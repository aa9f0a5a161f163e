//! Headers that are at hand whole, as nearly all are: taken where they stand, and most of them known by their bytes.

use super::line::{Line, MAX_FIELD};
use super::scan;
use crate::protocol::Side;
use wardwatch_ring::prefetch;

/// The start of a block and the head that nearly all messages have.
const OPENING: &[u8; 10] = b"\x0bMSH|^~\\&|";
/// Longest line after it, bytes: no field of it is cut off.
const LONGEST: usize = MAX_FIELD;

/// A header with the usual delimiters (v2.5.1, 2.15.9), from the start of its block up to the end of its line.
pub(super) struct Whole<'a> {
    /// What the headers of a sender have in common: MSH-3 to MSH-6, and from MSH-11 on.
    constant: [&'a [u8]; 2],
    /// MSH-9, message type (2.15.9.9).
    pub(super) kind: &'a [u8],
    /// MSH-10, message control id (2.15.9.10).
    pub(super) control: &'a [u8],
    /// Bytes from the start of the block up to the next line.
    pub(super) length: usize,
}

impl<'a> Whole<'a> {
    /// What follows MSH-2 of a message with the usual delimiters that begins a block.
    pub(super) fn opened(bytes: &'a [u8]) -> Option<&'a [u8]> {
        bytes.strip_prefix(OPENING)
    }

    /// Reads what follows MSH-2. `None` where anything is out of the ordinary.
    pub(super) fn read(text: &'a [u8]) -> Option<Self> {
        // MSH-3 to MSH-6.
        let mut rest = text;
        for _ in 3..=6 {
            (_, rest) = field(rest)?;
        }
        let first = text.len() - rest.len() - 1;
        let start = text.len() - after_control(rest)?.1.len();
        let second = scan::content(text.get(start..)?);
        Self::expect([text.get(..first)?, text.get(start..start + second)?], text)
    }

    /// The same where the constant parts are expected to be these.
    fn expect([first, second]: [&[u8]; 2], text: &'a [u8]) -> Option<Self> {
        let after = text.strip_prefix(first)?.strip_prefix(b"|")?;
        let ([kind, control], after) = after_control(after)?;
        let constant = [text.get(..first.len())?, after.get(..second.len())?];
        let after = after.strip_prefix(second)?;
        let length = text.len() - after.len();
        let complete = after.first() == Some(&b'\r') && length <= LONGEST;
        complete.then_some(Self { constant, kind, control, length: OPENING.len() + length + 1 })
    }

    /// Keeps the wanted fields, but for the control id.
    pub(super) fn keep(&self, line: &mut Line) {
        line.clear();
        let [first, second] = self.constant.map(|part| part.split(|byte| *byte == b'|'));
        // There is no field beyond MSH-25 (v2.7).
        let fields = (3..=6).zip(first).chain([(9, self.kind)]).chain((11..=25).zip(second));
        for (number, field) in fields.filter(|(number, _)| matches!(number, 3..=12 | 18 | 21)) {
            line.push(field);
            line.close(number);
        }
    }
}

/// From MSH-7 on: MSH-9 and MSH-10, and what follows them.
fn after_control(bytes: &[u8]) -> Option<([&[u8]; 2], &[u8])> {
    let (_time, rest) = field(bytes)?;
    let (_security, rest) = field(rest)?;
    let (kind, rest) = field(rest)?;
    let (control, rest) = field(rest)?;
    Some(([kind, control], rest))
}

/// A field and what follows its separator.
fn field(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    if let [b'|', rest @ ..] = bytes {
        return Some((&[], rest));
    }
    let (field, rest) = bytes.split_at_checked(scan::plain(bytes, b'|'))?;
    Some((field, rest.strip_prefix(b"|")?))
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
    row: u16,
}

impl Recall {
    const MOST: usize = 16;

    /// Has what [`Self::find`] looks at loaded.
    pub(super) fn prefetch(&self) {
        self.known.first().into_iter().for_each(prefetch);
        self.text.chunks(64).take(3).filter_map(<[u8]>::first).for_each(prefetch);
    }

    /// Memory beyond itself, bytes.
    pub(super) const fn held(&self) -> usize {
        self.text.capacity() + self.known.capacity() * size_of::<Known>()
    }

    /// The position of a header that was remembered, and the header: it begins with `text`, which follows MSH-2.
    pub(super) fn find<'a>(&self, side: Side, text: &'a [u8]) -> Option<(usize, Whole<'a>)> {
        let mut parts = self.text.as_slice();
        for known in &self.known {
            let [first, second] = known.parts.map(usize::from);
            let (start, rest) = parts.split_at_checked(first)?;
            let (end, rest) = rest.split_at_checked(second)?;
            if known.side == side
                && let Some(header) = Whole::expect([start, end], text)
            {
                return Some((usize::from(known.row), header));
            }
            parts = rest;
        }
        None
    }

    /// Remembers a header, where there is room.
    pub(super) fn remember(&mut self, side: Side, header: &Whole<'_>, row: usize) {
        let [Ok(first), Ok(second)] = header.constant.map(|part| u16::try_from(part.len())) else { return };
        let Ok(row) = u16::try_from(row) else { return };
        if self.known.len() < Self::MOST {
            if self.known.is_empty() {
                // Room for what most connections come to.
                self.known.reserve(4);
                self.text.reserve(128);
            }
            header.constant.iter().for_each(|part| self.text.extend_from_slice(part));
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

    fn read(bytes: &[u8]) -> Option<Whole<'_>> {
        Whole::read(Whole::opened(bytes)?)
    }

    fn with(from: &str, to: &str) -> Vec<u8> {
        PLAIN.replacen(from, to, 1).into_bytes()
    }

    #[test]
    fn a_whole_header_is_read_where_it_stands() {
        let header = read(PLAIN.as_bytes()).unwrap();
        assert_eq!((header.kind, header.control), (&b"ADT^A01"[..], &b"ID1"[..]));
        assert_eq!(header.constant, [&b"APP|FAC|TO|HOSP"[..], b"P|2.5"]);
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
        ] {
            assert!(read(&with(from, to)).is_none(), "{from:?} {to:?}");
        }
    }

    #[test]
    fn time_type_and_control_id_may_change_and_nothing_else() {
        let mut recall = Recall::default();
        recall.remember(Side::A, &read(PLAIN.as_bytes()).unwrap(), 7);
        let known = |side, bytes: &[u8]| {
            let (row, header) = recall.find(side, Whole::opened(bytes).unwrap())?;
            let read = read(bytes).unwrap();
            assert_eq!((header.kind, header.control, header.length), (read.kind, read.control, read.length));
            Some(row)
        };
        for (from, to) in [("ID1", "OTHER"), ("A01", "A08"), ("20260102", "20260103"), ("ADT^A01", ""), ("||", "|x|")] {
            assert_eq!(known(Side::A, &with(from, to)), Some(7), "{from} {to}");
        }
        for (from, to) in [("ID1", "I\nD"), ("ID1", &"1".repeat(512)), ("2.5\r", "2.5\n"), ("ID1|", "ID1")] {
            assert_eq!(known(Side::A, &with(from, to)), None, "{from:?} {to:?}");
        }
        for (from, to) in [("APP", "APQ"), ("HOSP", "HOSP|"), ("2.5", "2.6"), ("|P|2.5", "|P|")] {
            assert_eq!(known(Side::A, &with(from, to)), None, "{from} {to}");
        }
        assert_eq!(known(Side::B, PLAIN.as_bytes()), None);
        for row in 0..100 {
            recall.remember(Side::B, &read(PLAIN.as_bytes()).unwrap(), row);
        }
        assert_eq!(recall.known.len(), Recall::MOST);
        assert!(!format!("{recall:?}").contains("APP"));
    }
}
