//! The state of one direction: where it begins, what belongs to it, when it ends.

use super::{Astray, Reader, SKIP_ALL, Segment, ahead::Ahead, distance, holes::Holes};

/// A direction joined without its SYN waits this long for data that the capture may have put out of order.
const JOIN_PATIENCE: u64 = 100_000_000;

/// ... or this many bytes.
const JOIN_BYTES: usize = 16 * 1024;

/// Bytes that reordering moves data by, at most. A SYN this close before the data seen so far is their own, late; so is
/// data just before the place where a direction was joined.
const NEAR: u32 = 1 << 20;

/// The largest window (RFC 7323, 2.3): nobody sends further ahead than this.
const WINDOW: u32 = 1 << 30;

/// Whether the sequence number of the next byte is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Start {
    /// Nothing was seen.
    Unseen,
    /// Data was seen, but no SYN: earlier data may still come.
    Joining,
    /// Bytes are handed on.
    Running,
}

/// One direction of a TCP connection.
#[derive(Debug)]
pub(crate) struct Reassembly {
    /// Payload bytes seen, each once.
    pub(super) seen: u64,
    /// How many of the next bytes nobody wants.
    pub(super) skip: u64,
    /// Bytes of the stream before the next one, those included that may lie before the place where it was joined.
    pub(super) position: u64,
    /// Sequence number of the next byte, once `start` is not `Unseen`.
    pub(super) next: u32,
    /// Sequence number after the last byte, where a FIN told it.
    end: Option<u32>,
    /// Sequence number after the last stray segment.
    stray_end: Option<u32>,
    start: Start,
    /// The direction was joined without its SYN.
    pub(super) joined: bool,
    /// What is out of order; made only when something is.
    pub(super) aside: Option<Box<Aside>>,
}

#[derive(Debug, Default)]
pub(super) struct Aside {
    pub(super) ahead: Ahead,
    pub(super) holes: Holes,
}

impl Default for Reassembly {
    fn default() -> Self {
        Self {
            seen: 0,
            skip: 0,
            position: 0,
            next: 0,
            end: None,
            stray_end: None,
            start: Start::Unseen,
            joined: false,
            aside: None,
        }
    }
}

impl Reassembly {
    /// A direction of which only a SYN with this initial sequence number was seen.
    pub(crate) fn opened(initial: u32) -> Self {
        Self { next: initial.wrapping_add(1), start: Start::Running, ..Self::default() }
    }

    /// Whether an acknowledgement of the other side can change what is known.
    pub(crate) fn is_joining(&self) -> bool {
        self.start == Start::Joining
    }

    /// Payload bytes seen, each once.
    pub(crate) const fn seen(&self) -> u64 {
        self.seen
    }

    /// Whether every byte up to a FIN was handed on. A side that sent nothing but its FIN has no more to say either.
    pub(crate) fn is_finished(&self) -> bool {
        self.end.is_some_and(|end| match self.start {
            Start::Unseen => true,
            Start::Joining => false,
            Start::Running => distance(self.next, end) <= 0,
        })
    }

    /// Memory of the pieces that wait, bytes.
    pub(crate) fn stored(&self) -> usize {
        self.aside.as_ref().map_or(0, |aside| aside.ahead.stored())
    }

    /// The same with that of the holes, as far as it grows with them.
    pub(crate) fn memory(&self) -> usize {
        self.aside.as_ref().map_or(0, |aside| aside.ahead.stored() + aside.holes.memory())
    }

    /// Whether bytes that came again differ from those that wait under the same sequence numbers.
    pub(crate) fn contradicts(&self, sequence: u32, bytes: &[u8]) -> bool {
        self.aside.as_ref().is_some_and(|aside| aside.ahead.contradicts(sequence, bytes))
    }

    /// Bytes that were passed over and never seen while nobody read the direction.
    pub(crate) fn unread_gaps(&self) -> u64 {
        self.aside.as_ref().map_or(0, |aside| aside.holes.unread())
    }

    /// Nobody wants the next `count` bytes; the ones after them are read, whatever was said before.
    pub(crate) fn skip(&mut self, count: u64) {
        self.skip = count;
    }

    /// Whether a SYN with this initial sequence number belongs to this connection. `opens`: it is no answer to one.
    pub(crate) fn owns_syn(&self, initial: u32, opens: bool) -> bool {
        let first = initial.wrapping_add(1);
        match self.start {
            Start::Unseen => true,
            _ if self.joined => {
                let handed_on = self.position.saturating_sub(NEAR.into());
                let back = u64::try_from(distance(first, self.next));
                back.is_ok_and(|back| (handed_on..=handed_on + u64::from(NEAR)).contains(&back))
            }
            _ => self.first() == first || (!opens && self.is_untouched()),
        }
    }

    /// Whether a segment with this sequence number may be what goes on.
    pub(crate) fn is_next(&self, sequence: u32) -> bool {
        self.start != Start::Unseen && distance(self.next, sequence).unsigned_abs() < NEAR
    }

    /// Whether a reset with this sequence number can be the sender's: not far behind what it sent, nor beyond every window.
    pub(crate) fn believes_reset(&self, sequence: u32) -> bool {
        let ahead = distance(self.next, sequence);
        self.start == Start::Unseen || ahead.unsigned_abs() < NEAR || u32::try_from(ahead).is_ok_and(|n| n <= WINDOW)
    }

    /// A SYN that belongs to this connection.
    pub(crate) fn syn(&mut self, initial: u32, reader: &mut impl Reader) {
        let first = initial.wrapping_add(1);
        match self.start {
            Start::Unseen => {
                self.next = first;
                self.start = Start::Running;
            }
            Start::Joining => {
                self.next = first;
                self.joined = false;
                self.run(reader);
            }
            // Of several answers to a SYN, the last one before any data.
            Start::Running if self.is_untouched() => self.next = first,
            Start::Running => {}
        }
    }

    /// The other side acknowledged everything before `acknowledgement`: earlier data will not come any more.
    pub(crate) fn acknowledged(&mut self, acknowledgement: u32, reader: &mut impl Reader) {
        if self.start == Start::Joining && distance(self.next, acknowledgement) >= 0 {
            self.run(reader);
        }
    }

    /// A FIN after `sequence`. One before data that was seen, or beyond every window, is forged.
    pub(crate) fn fin(&mut self, sequence: u32) {
        let is_possible =
            self.start == Start::Unseen || u32::try_from(distance(self.next, sequence)).is_ok_and(|n| n <= WINDOW);
        if self.end.is_none() && is_possible {
            self.end = Some(sequence);
        }
    }

    /// Takes a segment, hands on what is in order.
    pub(crate) fn segment(&mut self, segment: Segment<'_>, reader: &mut impl Reader) {
        if segment.length() == 0 {
            return;
        }
        // The sender goes on after a FIN: it was not the sender's.
        if self.end.is_some_and(|end| distance(end, segment.end()) > 0) {
            self.end = None;
        }
        let offset = distance(self.next, segment.sequence);
        match self.start {
            Start::Unseen => self.join(segment, reader),
            Start::Joining if offset.unsigned_abs() < NEAR => {
                if offset < 0 {
                    self.next = segment.sequence;
                }
                let waited = self.aside.as_ref().map_or(0, |aside| segment.at.since(aside.ahead.since));
                self.store(segment, reader);
                if self.start == Start::Joining && (waited > JOIN_PATIENCE || self.stored() > JOIN_BYTES) {
                    self.run(reader);
                }
            }
            Start::Joining => {
                self.run(reader);
                self.segment(segment, reader);
            }
            Start::Running if self.is_stray(&segment, offset) => self.stray(segment, reader),
            Start::Running => self.running(segment, offset, reader),
        }
    }

    /// The connection is over: hands on what waits, with the gaps in it.
    pub(crate) fn finish(&mut self, reader: &mut impl Reader) {
        if self.start == Start::Joining {
            self.run(reader);
        }
        self.give_up_holes(reader);
        if let (Some(end), Start::Running) = (self.end, self.start)
            && let Ok(tail @ 1..) = u32::try_from(distance(self.next, end))
        {
            self.lose(tail, reader);
        }
    }

    /// Begins with a segment, as no SYN tells where.
    fn join(&mut self, segment: Segment<'_>, reader: &mut impl Reader) {
        self.joined = true;
        self.start = Start::Joining;
        self.position = 0;
        self.next = segment.sequence;
        self.store(segment, reader);
    }

    fn run(&mut self, reader: &mut impl Reader) {
        self.start = Start::Running;
        self.position = 0;
        if self.joined {
            // What lies just before may still come: too late to be read, not to be counted.
            self.position = NEAR.into();
            let holes = &mut self.aside().holes;
            holes.clear();
            holes.add(0, NEAR.into(), false);
        }
        self.drain(reader);
    }

    /// Keeps a segment aside.
    pub(super) fn store(&mut self, segment: Segment<'_>, reader: &mut impl Reader) {
        let ahead = &mut self.aside().ahead;
        if ahead.is_empty() {
            ahead.since = segment.at;
        } else if ahead.last().is_some_and(|last| distance(segment.sequence, last) > 0) {
            reader.astray(Astray::Late);
        }
        if ahead.insert(segment.sequence, segment.payload, segment.missing) {
            reader.conflict();
        }
        while self.aside.as_ref().is_some_and(|aside| aside.ahead.is_full()) {
            if self.start == Start::Joining {
                self.run(reader);
            } else {
                self.give_up_hole(reader);
            }
        }
    }

    /// Whether a segment lies where its sender cannot be sending: of another connection, or forged.
    fn is_stray(&self, segment: &Segment<'_>, offset: i32) -> bool {
        let far = offset.unsigned_abs();
        if offset < 0 {
            // A keep-alive repeats the byte before the next one, even before the first (RFC 9293, 3.8.4).
            u64::from(far) > self.position && !(far == 1 && segment.length() == 1)
        } else {
            u64::from(far) > self.skip && (far > WINDOW || (far > NEAR && self.is_untouched()))
        }
    }

    /// Leaves a stray segment out; two in a row mean that the sender goes on there.
    fn stray(&mut self, segment: Segment<'_>, reader: &mut impl Reader) {
        let goes_on = self.stray_end.replace(segment.end()) == Some(segment.sequence);
        if !goes_on {
            reader.stray(segment.length());
            return;
        }
        self.stray_end = None;
        self.give_up_holes(reader);
        reader.gap(0);
        self.join(segment, reader);
    }

    /// Whether the SYN is all that was seen.
    fn is_untouched(&self) -> bool {
        self.position == 0 && self.stored() == 0
    }

    /// Sequence number of the first byte, in a direction that was not joined.
    fn first(&self) -> u32 {
        self.next.wrapping_sub(u32::try_from(self.position & u64::from(u32::MAX)).unwrap_or(0))
    }

    pub(super) fn aside(&mut self) -> &mut Aside {
        self.aside.get_or_insert_default()
    }

    pub(super) fn is_unread(&self) -> bool {
        self.skip == SKIP_ALL
    }
}
