//! The fields of a segment that is looked into: wanted ones are kept, the others only counted.

use super::super::scan;
use super::super::segment::{OBX_VALUE, Segment, Use, first_from};
use super::super::start::BLOCK_END;
use super::super::{device, line::Line, mdc::Code, observation, pairing::Digest};
use super::{Buffers, CR, ESC, Event, LF, Lane, Place, TYPE};

/// Where in a segment the next byte stands: in the field `number`, on the way to or in the field `wanted`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cursor {
    pub(super) segment: Segment,
    pub(super) number: u8,
    /// number <= wanted.
    pub(super) wanted: u8,
    /// All fields that are wanted, as bits.
    all: u32,
}

/// ISO 2022 (v2.5.1, 2.7.2): while two-byte characters are designated, separators are parts of characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Shift {
    #[default]
    Off,
    /// After ESC; whether two-byte characters were designated before it.
    Escape(bool),
    On,
}

impl Lane {
    /// Begins the fields of a segment at field `number`.
    pub(super) fn open(&mut self, segment: Segment, number: u8, buffers: &mut Buffers) {
        buffers.line.clear();
        buffers.digest = Digest::new(self.salt);
        self.shift = Shift::Off;
        self.foreign = false;
        let all = segment.wanted();
        self.place = match first_from(all, number) {
            Some(wanted) => Place::Fields(Cursor { segment, number, wanted, all }),
            None => Place::Rest(Some(segment)),
        };
    }

    #[cold]
    pub(super) fn fields<'a>(
        &mut self,
        bytes: &'a [u8],
        mut cursor: Cursor,
        buffers: &mut Buffers,
    ) -> (usize, Option<Event<'a>>) {
        let separator = self.delimiters.field;
        let mut used = 0;
        loop {
            let rest = bytes.get(used..).unwrap_or_default();
            if self.shift != Shift::Off {
                let length = self.shifted(rest);
                self.content(cursor, rest.get(..length).unwrap_or_default(), buffers);
                used += length;
                if used == bytes.len() {
                    break;
                }
                continue;
            }
            let (length, passed) = if cursor.number == cursor.wanted {
                let length = scan::plain(rest, separator);
                self.content(cursor, rest.get(..length).unwrap_or_default(), buffers);
                (length, 0)
            } else {
                scan::pass(rest, separator, cursor.wanted - cursor.number)
            };
            used += length;
            let careful = self.fragile || (self.unsure && matches!(cursor.segment, Segment::Obx | Segment::Prt));
            if careful && !rest.get(..length).unwrap_or_default().is_ascii() {
                buffers.line.abandon();
                buffers.digest = Digest::new(self.salt);
                self.place = Place::Rest(Some(cursor.segment));
                return (used, None);
            }
            cursor.number += passed;
            if passed > 0 && cursor.number == cursor.wanted {
                continue;
            }
            match rest.get(length) {
                None => break,
                Some(byte) if *byte == separator => {
                    used += 1;
                    buffers.line.close(cursor.number);
                    cursor.number += 1;
                    if cursor.segment == Segment::Obx
                        && cursor.number == OBX_VALUE
                        && !self.value_is_wanted(&buffers.line)
                    {
                        cursor.all &= !(1 << OBX_VALUE);
                    }
                    let Some(wanted) = first_from(cursor.all, cursor.number) else {
                        self.place = Place::Rest(Some(cursor.segment));
                        return (used, None);
                    };
                    cursor.wanted = wanted;
                }
                Some(&BLOCK_END) => {
                    self.place = Place::Fields(cursor);
                    return (used, self.end_line(cursor.segment, CR, buffers));
                }
                Some(&byte) if self.ends_line(byte) => {
                    self.place = Place::Fields(cursor);
                    return (used + 1, self.end_line(cursor.segment, byte, buffers));
                }
                Some(&byte) => {
                    used += 1;
                    if byte == ESC {
                        self.shift = Shift::Escape(false);
                    }
                    // A zero byte is the other half of an ASCII character in UTF-16.
                    if byte == 0 {
                        self.look_for_nul(&[byte]);
                    } else {
                        self.content(cursor, &[byte], buffers);
                    }
                }
            }
        }
        self.place = Place::Fields(cursor);
        (used, None)
    }

    /// Whether the value of the observation, which begins here, is that of a device attribute.
    fn value_is_wanted(&mut self, line: &Line) -> bool {
        let id = line.fields().get(3).and_then(|id| Code::read(id, self.delimiters.component));
        self.foreign = id.is_none();
        id.is_some_and(|id| id.device_attribute().is_some())
    }

    /// Keeps what belongs to a wanted field.
    #[inline(always)]
    fn content(&self, cursor: Cursor, text: &[u8], buffers: &mut Buffers) {
        if cursor.number == cursor.wanted {
            match cursor.segment.usage(cursor.number) {
                Use::Digest => buffers.digest.push(text),
                Use::Keep => buffers.line.push(text),
            }
        }
    }

    /// How many bytes belong to ISO 2022 escape sequences and what they designate.
    fn shifted(&mut self, bytes: &[u8]) -> usize {
        match (self.shift, bytes) {
            (Shift::Escape(before), [byte, ..]) => {
                self.shift = match byte {
                    b'$' => Shift::On,
                    b'(' => Shift::Off,
                    _ if before => Shift::On,
                    _ => Shift::Off,
                };
                usize::from(*byte >= b' ')
            }
            (_, bytes) => match bytes.iter().position(|b| *b < b' ') {
                Some(at) if bytes.get(at) == Some(&ESC) => {
                    self.shift = Shift::Escape(true);
                    at + 1
                }
                Some(at) => {
                    self.shift = Shift::Off;
                    at
                }
                None => bytes.len(),
            },
        }
    }

    /// Passes over the rest of a line.
    #[cold]
    pub(super) fn rest<'a>(
        &mut self,
        bytes: &'a [u8],
        segment: Option<Segment>,
        buffers: &mut Buffers,
    ) -> (usize, Option<Event<'a>>) {
        let found = match self.ending {
            Some(ending) if self.in_message => memchr::memchr2(ending, BLOCK_END, bytes),
            _ => memchr::memchr3(CR, LF, BLOCK_END, bytes),
        };
        let Some(at) = found else { return (bytes.len(), None) };
        let byte = bytes.get(at).copied().unwrap_or(CR);
        let used = if byte == BLOCK_END { at } else { at + 1 };
        match segment {
            Some(segment) => (used, self.end_line(segment, byte, buffers)),
            None => {
                self.place = Place::Start;
                (used, None)
            }
        }
    }

    /// The line of a segment that is looked into is complete.
    fn end_line(&mut self, segment: Segment, ending: u8, buffers: &mut Buffers) -> Option<Event<'static>> {
        let place = std::mem::take(&mut self.place);
        if let Place::Fields(cursor) = place {
            buffers.line.close(cursor.number);
        }
        match (segment, place) {
            (Segment::Msh, Place::Fields(cursor)) if cursor.number < TYPE => {
                self.fault();
                None
            }
            (Segment::Msh, _) => {
                self.complete(if ending == LF { LF } else { CR });
                Some(Event::Header)
            }
            (Segment::Msa, _) => Some(Event::Acknowledgement),
            (Segment::Obx, _) => {
                observation::note(&mut buffers.notes, buffers.line.fields(), self.delimiters, self.foreign);
                None
            }
            (segment, _) => {
                device::note(&mut buffers.notes, segment, buffers.line.fields());
                None
            }
        }
    }

    fn ends_line(&self, byte: u8) -> bool {
        match self.ending {
            Some(ending) => byte == ending,
            None => byte == CR || byte == LF,
        }
    }
}
