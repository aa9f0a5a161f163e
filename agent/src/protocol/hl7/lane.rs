//! One direction of a connection: framing, lines and fields, byte by byte in effect and slice by slice in fact. Nothing
//! is held back: what is not wanted is passed over, what is wanted goes into bounded buffers.

mod fields;
mod lines;

use super::line::{Line, Notes};
use super::pairing::Digest;
use super::rules::Rules;
use super::segment::Segment;
use super::start::{self, Delimiters, LONGEST_HEAD};
use super::whole::Whole;
use fields::{Cursor, Shift};

const CR: u8 = b'\r';
const LF: u8 = b'\n';
const ESC: u8 = 0x1b;
/// MSH-9, message type: a header that ends before it names no message.
const TYPE: u8 = 9;

/// What a direction came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event<'a> {
    /// The message under way, whose header was told before, is over: its notes are complete.
    End,
    /// A header is complete and stands in the line; its control id in the digest.
    Header,
    /// An MSA is complete and stands in the line; the control id it answers in the digest.
    Acknowledgement,
    /// The same of an MSA that was at hand whole: its code, and the digest of the control id.
    Answer(&'a [u8], Option<u64>),
}

/// The state of a direction.
#[derive(Clone, Debug, Default)]
pub(super) struct Lane {
    place: Place,
    /// First bytes of a line, until they tell what it is.
    head: [u8; LONGEST_HEAD],
    /// 0 <= head_length <= head.len().
    head_length: usize,
    /// The line's first bytes have zero bytes among them: UTF-16.
    zeros: bool,
    /// A block was started and not ended.
    in_block: bool,
    /// A header was read and its message is not over.
    in_message: bool,
    /// What came was no HL7 and was counted; nothing counts until the next header.
    lost: bool,
    /// The message is UTF-16, of which only what is surely ASCII can be read: header and acknowledgement.
    wide: bool,
    /// The message's repertoire has separators among the trailing bytes of its characters: no line is read beyond its
    /// first character that is not ASCII.
    pub(super) fragile: bool,
    /// No repertoire that we know is declared, so it may be such a one: lines that have persons among their fields are read
    /// in the same way.
    pub(super) unsure: bool,
    shift: Shift,
    /// OBX-3 of the line is known to be of no nomenclature of devices.
    foreign: bool,
    delimiters: Delimiters,
    /// What ends a line of this message, as its header showed; none while in the header.
    ending: Option<u8>,
    /// What a message left so far that is not at hand whole.
    aside: Option<Box<Buffers>>,
    /// Of the digests of control ids.
    pub(super) salt: u64,
    /// Times the bytes could not be understood.
    pub(super) faults: u64,
    pub(super) rules: Rules,
}

/// What a direction needs only within a message. Nearly all messages are at hand whole, so the directions of a thread
/// share one set: memory that is in use all the time, instead of some for each direction that is looked at now and then.
#[derive(Clone, Debug, Default)]
pub(super) struct Buffers {
    pub(super) line: Line,
    pub(super) notes: Notes,
    pub(super) digest: Digest,
}

/// Where in the grammar the next byte stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    /// At the start of a line or between messages.
    #[default]
    Start,
    /// In something that is no HL7.
    Hunt,
    /// In the fields of a segment that is looked into.
    Fields(Cursor),
    /// In the rest of a line, nothing of which is wanted; of this segment.
    Rest(Option<Segment>),
}

impl Lane {
    pub(super) fn new(salt: u64) -> Self {
        Self { salt, ..Self::default() }
    }

    /// The buffers of the message under way, where it began in bytes that came before.
    pub(super) fn resume(&mut self) -> Option<Box<Buffers>> {
        self.aside.take()
    }

    /// Whether the message under way goes on in bytes to come, so that its buffers must be kept.
    pub(super) const fn is_under_way(&self) -> bool {
        self.in_message || matches!(self.place, Place::Fields(_) | Place::Rest(Some(_)))
    }

    /// Memory beyond itself, bytes.
    pub(super) fn held(&self) -> usize {
        self.aside.as_ref().map_or(0, |buffers| size_of::<Buffers>() + buffers.line.held() + buffers.notes.held())
            + self.rules.violated.held()
    }

    /// Keeps the buffers of the message under way.
    pub(super) fn keep(&mut self, buffers: Box<Buffers>) {
        self.aside = Some(buffers);
    }

    /// The delimiters of the message whose header came last.
    pub(super) const fn delimiters(&self) -> Delimiters {
        self.delimiters
    }

    /// Bytes of messages held at this moment.
    #[cfg(test)]
    pub(super) fn length(&self) -> usize {
        self.aside.as_ref().map_or(0, |buffers| buffers.line.length() + buffers.notes.length())
    }

    /// What follows MSH-2 of a message with the usual delimiters that begins a block here, between messages.
    pub(super) fn opened<'a>(&self, bytes: &'a [u8]) -> Option<&'a [u8]> {
        let between = matches!(self.place, Place::Start) && !self.in_message && self.head_length == 0;
        if between { Whole::opened(bytes) } else { None }
    }

    /// Takes such a message's header, which is at hand whole.
    pub(super) fn take_whole(&mut self, header: &Whole<'_>) {
        if self.rules.ended {
            self.rules.behind_block(start::BLOCK_START, self.wide);
        }
        self.rules.start_block();
        self.rules.begin_message(1 + start::USUAL.len());
        // No NUL can be in it, and it is not long.
        self.rules.pass(header.length);
        self.begin(start::USUAL_DELIMITERS);
        self.in_block = true;
        self.complete(CR);
    }

    /// Takes bytes up to the next event or all of them. How many, and the event; no bytes only where the state changes.
    pub(super) fn advance<'a>(&mut self, bytes: &'a [u8], buffers: &mut Buffers) -> (usize, Option<Event<'a>>) {
        let (used, event) = match self.place {
            Place::Start if self.in_message && self.head_length == 0 => match self.lines(bytes, buffers) {
                (0, None) => self.start(bytes, buffers),
                taken => taken,
            },
            Place::Start => self.start(bytes, buffers),
            Place::Fields(cursor) => self.fields(bytes, cursor, buffers),
            Place::Rest(segment) => {
                let (used, event) = self.rest(bytes, segment, buffers);
                if self.in_message || segment == Some(Segment::Msh) {
                    self.look_for_nul(bytes.get(..used).unwrap_or_default());
                }
                (used, event)
            }
            Place::Hunt => (self.hunt(bytes), None),
        };
        if self.in_message {
            self.rules.reach(used);
        }
        self.rules.pass(used);
        (used, event)
    }

    /// Bytes of the message under way. In UTF-16 zero bytes are halves of characters.
    fn look_for_nul(&mut self, bytes: &[u8]) {
        if !self.wide {
            self.rules.look_for_nul(bytes);
        }
    }

    /// A header begins.
    fn begin(&mut self, delimiters: Delimiters) {
        self.delimiters = delimiters;
        (self.wide, self.fragile, self.unsure, self.lost) = (self.zeros, false, false, false);
        self.ending = None;
    }

    /// The header is complete.
    fn complete(&mut self, ending: u8) {
        self.ending = Some(ending);
        self.in_message = true;
    }

    /// The direction breaks off or bytes of it are missing. Whether a message was lost whose type had been read but
    /// whose header was not complete.
    pub(super) fn interrupt(&mut self) -> bool {
        let headed = match self.place {
            Place::Fields(cursor) if cursor.segment == Segment::Msh && cursor.number <= TYPE => {
                self.faults += 1;
                false
            }
            Place::Fields(Cursor { segment, .. }) | Place::Rest(Some(segment)) => segment == Segment::Msh,
            Place::Start | Place::Hunt | Place::Rest(None) => false,
        };
        self.place = Place::Hunt;
        self.shift = Shift::Off;
        self.clear_head();
        self.aside = None;
        (self.in_block, self.in_message, self.lost) = (false, false, true);
        self.rules.damage();
        headed
    }

    /// Whether the direction may end here as if it had said so: a message is under way of a sender that does not mark
    /// ends.
    pub(super) const fn ends_unmarked(&self) -> bool {
        self.in_message && !self.in_block
    }
}
