//! Lines and what begins and ends messages between them.

use super::super::line::{Line, MAX_FIELD, Notes};
use super::super::observation;
use super::super::scan::{Census, Split};
use super::super::segment::Segment;
use super::super::start::{self, BLOCK_END, BLOCK_START, COMMIT, Head, LONGEST_HEAD};
use super::{Buffers, CR, ESC, Event, LF, Lane, Place};

impl Lane {
    /// Takes lines of a message, up to one that must be taken field by field. How many bytes, and the event; the rest, also
    /// lines whose first bytes are not all at hand, is for [`Self::start`].
    pub(super) fn lines(&mut self, bytes: &[u8], buffers: &mut Buffers) -> (usize, Option<Event>) {
        let ending = self.ending.unwrap_or(CR);
        let mut used = 0;
        while let Some([first, second, third, separator, after @ ..]) = bytes.get(used..) {
            let id = [*first, *second, *third];
            if *separator != self.delimiters.field || id.iter().any(|b| *b <= b' ') || start::begins_message(id) {
                return (used, None);
            }
            if let Some(segment) = self.readable(id) {
                if segment == Segment::Obx
                    && let Some(length) = self.result(after, &mut buffers.notes)
                {
                    used += 4 + length;
                    continue;
                }
                if segment == Segment::Msa
                    && let Some(length) = self.answer(after, &mut buffers.line)
                {
                    return (used + 4 + length, Some(Event::Acknowledgement));
                }
                self.open(segment, 1, buffers);
                return (used + 4, None);
            }
            match memchr::memchr2(ending, BLOCK_END, after) {
                Some(at) if after.get(at) == Some(&ending) => used += 4 + at + 1,
                Some(at) => return (used + 4 + at, None),
                None => {
                    self.place = Place::Rest(None);
                    return (bytes.len(), None);
                }
            }
        }
        (used, None)
    }

    /// Takes an OBX, from OBX-1 on, where the whole line is at hand and it is a plain result, as nearly all are. How many
    /// bytes.
    fn result(&mut self, bytes: &[u8], notes: &mut Notes) -> Option<usize> {
        let end = memchr::memchr3(self.ending.unwrap_or(CR), BLOCK_END, ESC, bytes)?;
        let used = match bytes.get(end) {
            Some(&ESC) => return None,
            Some(&BLOCK_END) => end,
            _ => end + 1,
        };
        let line = bytes.get(..end)?;
        let census = Census::of(line, self.delimiters.field);
        let plain = (census.is_ascii || !(self.fragile || self.unsure))
            && observation::note_result(notes, line, census.separators, self.delimiters);
        plain.then_some(used)
    }

    /// Takes an MSA, from MSA-1 on, where the whole line is at hand and nothing in it needs care. How many bytes.
    fn answer(&mut self, bytes: &[u8], line: &mut Line) -> Option<usize> {
        let split = Split::<8>::of(bytes, self.delimiters.field)?;
        let plain = bytes.get(split.length) == self.ending.as_ref() && split.length <= MAX_FIELD;
        if !plain || self.wide || self.fragile {
            return None;
        }
        line.clear();
        line.push(split.fields(bytes, 0, 0));
        line.close(1);
        self.digest.clear();
        self.digest.push(split.fields(bytes, 1, 1));
        Some(split.length + 1)
    }

    /// The segment of a line of the message under way, if it is looked into.
    fn readable(&self, id: [u8; 3]) -> Option<Segment> {
        Segment::of(id).filter(|segment| !self.wide || *segment == Segment::Msa)
    }

    /// Goes on at the start of a line or between messages.
    pub(super) fn start(&mut self, bytes: &[u8], buffers: &mut Buffers) -> (usize, Option<Event>) {
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
                    let event = self.judge(used, buffers);
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
    fn judge(&mut self, used: usize, buffers: &mut Buffers) -> Option<Event> {
        let head = self.head.get(..self.head_length).unwrap_or_default();
        let [first, second, third, fourth, ..] = self.head;
        let id = [first, second, third];
        match start::judge(head) {
            Head::NeedMore => return None,
            Head::No if head.len() < 4 => return None,
            Head::Message(delimiters) => {
                if self.in_message {
                    self.rules.reach(used);
                }
                self.rules.begin_message(used);
                self.begin(delimiters);
                self.open(Segment::Msh, 3, buffers);
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
                    Some(segment) => self.open(segment, 1, buffers),
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
