//! Lines and what begins and ends messages between them.

use super::super::segment::Segment;
use super::super::start::{self, BLOCK_END, BLOCK_START, COMMIT, Head, LONGEST_HEAD};
use super::super::{observation, scan};
use super::fields::Cursor;
use super::{CR, ESC, Event, LF, Lane, Place};

impl Lane {
    /// Passes over lines of a message that nobody reads, up to a segment that is looked into. How many bytes; the rest,
    /// also lines whose first bytes are not all at hand, is for [`Self::start`].
    pub(super) fn lines(&mut self, bytes: &[u8]) -> usize {
        let ending = self.ending.unwrap_or(CR);
        let mut used = 0;
        while let Some([first, second, third, separator, after @ ..]) = bytes.get(used..) {
            let id = [*first, *second, *third];
            if id == *b"OBX"
                && *separator == self.delimiters.field
                && let Some(length) = self.result(after)
            {
                used += 4 + length;
                continue;
            }
            if *separator != self.delimiters.field || id.iter().any(|b| *b <= b' ') || start::begins_message(id) {
                return used;
            }
            if let Some(segment) = self.readable(id) {
                self.open(segment, 1);
                return used + 4;
            }
            match memchr::memchr2(ending, BLOCK_END, after) {
                Some(at) if after.get(at) == Some(&ending) => used += 4 + at + 1,
                Some(at) => return used + 4 + at,
                None => {
                    self.place = Place::Rest(None);
                    return bytes.len();
                }
            }
        }
        used
    }

    /// Takes an OBX, from OBX-1 on, where the whole line is at hand and it is a plain result, as nearly all are. How many
    /// bytes.
    fn result(&mut self, bytes: &[u8]) -> Option<usize> {
        let end = memchr::memchr3(self.ending.unwrap_or(CR), BLOCK_END, ESC, bytes)?;
        let used = match bytes.get(end) {
            Some(&ESC) => return None,
            Some(&BLOCK_END) => end,
            _ => end + 1,
        };
        let line = bytes.get(..end).filter(|line| !self.wide && (!(self.fragile || self.unsure) || line.is_ascii()))?;
        observation::note_result(&mut self.notes, line, self.delimiters).then_some(used)
    }

    /// The segment of a line of the message under way, if it is looked into.
    fn readable(&self, id: [u8; 3]) -> Option<Segment> {
        Segment::of(id).filter(|segment| !self.wide || *segment == Segment::Msa)
    }

    /// Goes on at the start of a line or between messages.
    pub(super) fn start(&mut self, bytes: &[u8]) -> (usize, Option<Event>) {
        for (before, &byte) in bytes.iter().enumerate() {
            if self.rules.ended {
                self.rules.behind_block(byte, self.wide);
            }
            let event = match byte {
                BLOCK_START | BLOCK_END => {
                    self.short_line();
                    if self.in_message {
                        self.rules.reach(before);
                    }
                    if byte == BLOCK_START {
                        self.rules.start_block()
                    } else {
                        self.rules.end_block()
                    }
                    self.in_block = byte == BLOCK_START;
                    self.end_message()
                }
                CR | LF => {
                    self.short_line();
                    None
                }
                0 => {
                    self.zeros |= self.head_length > 0;
                    if self.in_message {
                        self.look_for_nul(&[byte]);
                    }
                    None
                }
                _ if self.head_length == 0
                    && !self.in_message
                    && (start::is_filler(byte) || COMMIT.contains(&byte)) =>
                {
                    None
                }
                _ => {
                    let used = before + self.take_head(bytes.get(before..).unwrap_or_default());
                    let event = self.judge(used);
                    if let Place::Fields(Cursor { segment: Segment::Msh, .. }) = self.place {
                        return (used + self.opening(bytes.get(used..).unwrap_or_default()), event);
                    }
                    if event.is_some() || self.place != Place::Start {
                        return (used, event);
                    }
                    None
                }
            };
            if event.is_some() {
                return (before + 1, event);
            }
        }
        (bytes.len(), None)
    }

    /// Takes the beginning of a header, from MSH-3 up to MSH-7, where it is at hand: as before if it is the same. How
    /// many bytes.
    fn opening(&mut self, bytes: &[u8]) -> usize {
        const MSH_7: u8 = 7;
        const LONGEST: usize = 256;
        const MOST: usize = 4;
        let Place::Fields(cursor) = self.place else { return 0 };
        if let Some((opening, parties)) = self.openings.iter().find(|(opening, _)| bytes.starts_with(opening)) {
            self.line.copy(parties);
            self.place = Place::Fields(cursor.at(MSH_7));
            return opening.len();
        }
        let (length, passed) = scan::pass(bytes, self.delimiters.field, MSH_7 - cursor.number);
        let whole = passed == MSH_7 - cursor.number && length <= LONGEST;
        let Some(opening) = bytes.get(..length).filter(|_| whole) else { return 0 };
        self.fields(opening, cursor);
        if self.openings.len() == MOST {
            self.openings.remove(0);
        }
        self.openings.push((opening.to_vec(), self.line.clone()));
        length
    }

    /// Takes the next byte of what may be a header, or the whole of it where it is at hand. How many bytes.
    fn take_head(&mut self, bytes: &[u8]) -> usize {
        if self.head_length == 0 && bytes.starts_with(start::USUAL) {
            self.head_length = start::USUAL.len();
            if let Some(head) = self.head.first_chunk_mut() {
                *head = *start::USUAL;
            }
            return self.head_length;
        }
        if self.head_length == 0
            && let Some((head, _)) = bytes.split_first_chunk::<LONGEST_HEAD>()
            && let [b'M', b'S', b'H', separator, encoding @ ..] = head
            && let Some(at) = encoding.iter().position(|b| b == separator)
            && separator.is_ascii_punctuation()
            && encoding.iter().take(at).all(u8::is_ascii_punctuation)
        {
            self.head = *head;
            self.head_length = 4 + at + 1;
            return self.head_length;
        }
        if let (Some(slot), Some(byte)) = (self.head.get_mut(self.head_length), bytes.first()) {
            *slot = *byte;
            self.head_length += 1;
        }
        1
    }

    /// Sees whether the first bytes of the line, which end at `used`, tell what it is, and goes on accordingly.
    fn judge(&mut self, used: usize) -> Option<Event> {
        let head = self.head.get(..self.head_length).unwrap_or_default();
        let [first, second, third, fourth, ..] = self.head;
        let id = [first, second, third];
        match start::judge(head) {
            Head::NeedMore => return None,
            Head::No if head.len() < 4 => return None,
            Head::Message(delimiters) => {
                if self.delimiters.field != delimiters.field {
                    self.openings.clear();
                }
                self.delimiters = delimiters;
                if self.in_message {
                    self.rules.reach(used);
                }
                self.rules.begin_message(used);
                (self.wide, self.fragile, self.unsure, self.lost) = (self.zeros, false, false, false);
                self.ending = None;
                self.open(Segment::Msh, 3);
            }
            Head::Batch => {
                if self.in_message {
                    self.rules.reach(used);
                }
                self.rules.begin_batch();
                self.lost = false;
                self.place = Place::Rest(None);
            }
            // A line of the message, or a batch or file trailer (2.15.3, 2.15.6).
            Head::No if !start::begins_message(id) && (self.in_message || matches!(&id, b"BTS" | b"FTS")) => {
                match self.readable(id).filter(|_| self.in_message && fourth == self.delimiters.field) {
                    Some(segment) => self.open(segment, 1),
                    None => self.place = Place::Rest(None),
                }
                self.clear_head();
                return None;
            }
            // After a header that cannot be read the lines belong to no message known.
            Head::No => {
                self.fault();
                self.place = Place::Hunt;
            }
        }
        self.clear_head();
        self.end_message()
    }

    /// Looks for a place where a header may stand.
    pub(super) fn hunt(&mut self, bytes: &[u8]) -> usize {
        match memchr::memchr3(CR, LF, BLOCK_START, bytes) {
            None => bytes.len(),
            Some(at) => {
                self.place = Place::Start;
                at
            }
        }
    }

    fn end_message(&mut self) -> Option<Event> {
        std::mem::take(&mut self.in_message).then_some(Event::End)
    }

    /// A line ended before it told what it is.
    fn short_line(&mut self) {
        if self.head_length > 0 && !self.in_message {
            self.fault();
        }
        self.clear_head();
    }

    pub(super) fn clear_head(&mut self) {
        self.head_length = 0;
        self.zeros = false;
    }

    /// Counts what is no HL7, once until the next header.
    pub(super) fn fault(&mut self) {
        if !std::mem::replace(&mut self.lost, true) {
            self.faults += 1;
        }
    }
}
