//! Lines and what begins and ends messages between them.

use super::super::line::{MAX_FIELD, Notes};
use super::super::observation;
use super::super::pairing::Digest;
use super::super::scan::{self, Census};
use super::super::segment::Segment;
use super::super::start::{self, BLOCK_END, BLOCK_START, COMMIT, Head, LONGEST_HEAD};
use super::{Buffers, CR, Event, LF, Lane, Place};

impl Lane {
    /// Takes lines of a message. How many bytes, and the event; a line that must be taken byte by byte is for
    /// [`Self::start`].
    pub(super) fn lines<'a>(&mut self, bytes: &'a [u8], buffers: &mut Buffers) -> (usize, Option<Event<'a>>) {
        let usual = self.ending == Some(CR) && self.delimiters.field == b'|' && !self.wide;
        let (used, event) = if usual { self.usual_lines(bytes, &mut buffers.notes) } else { (0, None) };
        if event.is_some() || used == bytes.len() {
            return (used, event);
        }
        let rest = bytes.get(used..).unwrap_or_default();
        let more = self.any_lines(rest, buffers);
        self.look_for_nul(rest.get(..more).unwrap_or_default());
        (used + more, None)
    }

    /// Takes lines that are at hand whole and have nothing in them that needs care, nearly all of all messages, and the end
    /// of the block behind them.
    fn usual_lines<'a>(&mut self, bytes: &'a [u8], notes: &mut Notes) -> (usize, Option<Event<'a>>) {
        let mut rest = bytes;
        while let Some((id, after)) = rest.split_first_chunk::<4>() {
            let next = match id {
                b"OBX|" => self.result(after, notes),
                b"MSA|" => match self.answer(after) {
                    Some((answer, after)) => return (bytes.len() - after.len(), Some(answer)),
                    None => None,
                },
                // What else is looked into, or begins a message.
                b"SFT|" | b"PRT|" | b"EQU|" | b"DEV|" | b"MSH|" | b"FHS|" | b"BHS|" => None,
                [first, second, third, b'|'] if *first > b' ' && *second > b' ' && *third > b' ' => line(after),
                _ => None,
            };
            let Some((_, after)) = next else { break };
            rest = after;
        }
        let before = bytes.len() - rest.len();
        match rest {
            [BLOCK_END, CR, ..] => {
                self.rules.reach(before);
                self.rules.end_block();
                self.rules.behind_block(CR, false);
                self.in_block = false;
                (before + 2, self.end_message())
            }
            _ => (before, None),
        }
    }

    /// Whether a line with this id is one of the message of which nothing is wanted.
    fn is_passed_over(&self, id: [u8; 3]) -> bool {
        id.iter().all(|byte| *byte > b' ') && !start::begins_message(id) && self.readable(id).is_none()
    }

    /// Takes lines up to one that is looked into, which must be taken field by field. How many bytes.
    #[cold]
    fn any_lines(&mut self, bytes: &[u8], buffers: &mut Buffers) -> usize {
        let ending = self.ending.unwrap_or(CR);
        let mut used = 0;
        while let Some([first, second, third, separator, after @ ..]) = bytes.get(used..) {
            let id = [*first, *second, *third];
            if *separator != self.delimiters.field {
                return used;
            }
            if let Some(segment) = self.readable(id) {
                self.open(segment, 1, buffers);
                return used + 4;
            }
            if !self.is_passed_over(id) {
                return used;
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

    /// Takes an OBX, from OBX-1 on, where it is a plain result, as nearly all are. The line, and what follows it.
    fn result<'a>(&self, bytes: &'a [u8], notes: &mut Notes) -> Option<(&'a [u8], &'a [u8])> {
        let (line, after) = line(bytes)?;
        let census = Census::of(line, self.delimiters.field);
        let plain = (census.is_ascii || !(self.fragile || self.unsure))
            && observation::note_result(notes, line, census.separators, self.delimiters);
        plain.then_some((line, after))
    }

    /// Takes an MSA, from MSA-1 on, where nothing in it needs care: what it says, and what follows it.
    fn answer<'a>(&self, bytes: &'a [u8]) -> Option<(Event<'a>, &'a [u8])> {
        let (code, rest) = bytes.split_at_checked(scan::plain(bytes, b'|'))?;
        let id = rest.strip_prefix(b"|").unwrap_or_default();
        let id = id.get(..scan::plain(id, b'|')).unwrap_or_default();
        let (_, after) = line(rest)?;
        let plain = !self.fragile && bytes.len() - after.len() <= MAX_FIELD;
        plain.then(|| (Event::Answer(code, Digest::of(self.salt, id)), after))
    }

    /// The segment of a line of the message under way, if it is looked into.
    fn readable(&self, id: [u8; 3]) -> Option<Segment> {
        Segment::of(id).filter(|segment| !self.wide || *segment == Segment::Msa)
    }

    /// Goes on at the start of a line or between messages. As all that takes care, it is kept out of the way of the rest.
    #[cold]
    pub(super) fn start<'a>(&mut self, bytes: &'a [u8], buffers: &mut Buffers) -> (usize, Option<Event<'a>>) {
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
    fn judge(&mut self, used: usize, buffers: &mut Buffers) -> Option<Event<'static>> {
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

    fn end_message(&mut self) -> Option<Event<'static>> {
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

/// A line without control characters, and what follows its end.
fn line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (line, rest) = bytes.split_at_checked(scan::content(bytes))?;
    Some((line, rest.strip_prefix(&[CR])?))
}
