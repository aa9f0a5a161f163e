//! The state of one direction.

use super::{
    Reader, SKIP_ALL,
    ahead::{Ahead, length},
    distance,
    holes::Holes,
};
use wardwatch_model::PacketTime;

/// How long data waits for a hole to close, packet time: a lost segment is sent again within this, or the receiver
/// had it and only the capture lost it.
const HOLE_PATIENCE: u64 = 3_000_000_000;

/// A direction joined without its SYN waits this long for data that the capture may have put out of order.
const JOIN_PATIENCE: u64 = 100_000_000;

/// ... or this many captured bytes.
const JOIN_BYTES: usize = 16 * 1024;

/// A SYN this close before the data seen so far is their own, late; anything else is a new connection.
const LATE_SYN: i32 = 1 << 20;

/// A segment of one direction.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment<'a> {
    /// Sequence number of the first payload byte.
    pub(crate) sequence: u32,
    /// Captured payload.
    pub(crate) payload: &'a [u8],
    /// Payload bytes after it that the capture cut off.
    pub(crate) missing: u32,
    /// When.
    pub(crate) at: PacketTime,
}

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
    seen: u64,
    /// How many of the next bytes nobody wants.
    skip: u64,
    /// Sequence number of the next byte, once `start` is not `Unseen`.
    next: u32,
    /// Sequence number after the last byte, where a FIN told it.
    end: Option<u32>,
    start: Start,
    /// The direction was joined without its SYN.
    joined: bool,
    /// What is out of order; made only when something is.
    aside: Option<Box<Aside>>,
}

#[derive(Debug)]
struct Aside {
    ahead: Ahead,
    holes: Holes,
}

impl Default for Reassembly {
    fn default() -> Self {
        Self { seen: 0, skip: 0, next: 0, end: None, start: Start::Unseen, joined: false, aside: None }
    }
}

impl Reassembly {
    /// Payload bytes seen, each once.
    pub(crate) const fn seen(&self) -> u64 {
        self.seen
    }

    /// Whether the direction was joined without its SYN.
    pub(crate) const fn is_joined(&self) -> bool {
        self.joined
    }

    /// Whether every byte up to a FIN was handed on.
    pub(crate) fn is_finished(&self) -> bool {
        self.end.is_some_and(|end| self.start == Start::Running && distance(self.next, end) <= 0)
    }

    /// Bytes kept aside.
    pub(crate) fn stored(&self) -> usize {
        self.aside.as_ref().map_or(0, |aside| aside.ahead.stored())
    }

    /// Bytes that were passed over and never seen, in a direction nobody reads.
    pub(crate) fn unread_gaps(&self) -> u64 {
        match &self.aside {
            Some(aside) if self.skip == SKIP_ALL => aside.holes.missing(),
            _ => 0,
        }
    }

    /// Nobody wants the next `count` bytes; the ones after them are read, whatever was said before.
    pub(crate) fn skip(&mut self, count: u64) {
        self.skip = count;
    }

    /// A SYN with this initial sequence number; answers whether it belongs to this connection.
    pub(crate) fn syn(&mut self, initial: u32, reader: &mut impl Reader) -> bool {
        let first = initial.wrapping_add(1);
        match self.start {
            Start::Unseen => {
                self.next = first;
                self.start = Start::Running;
                true
            }
            Start::Joining if (0..LATE_SYN).contains(&distance(first, self.next)) => {
                self.next = first;
                self.joined = false;
                self.run(reader);
                true
            }
            Start::Joining => false,
            // Nothing was handed on yet, or it is the same one again, or a late one.
            Start::Running if self.seen == 0 => {
                let same = self.next == first;
                self.next = first;
                same || self.joined
            }
            Start::Running => {
                let back = distance(first, self.next);
                let handed = i64::try_from(self.seen).unwrap_or(i64::MAX);
                (0..LATE_SYN).contains(&back) && (self.joined || i64::from(back) <= handed)
            }
        }
    }

    /// The other side acknowledged everything before `acknowledgement`: earlier data will not come any more.
    pub(crate) fn acknowledged(&mut self, acknowledgement: u32, reader: &mut impl Reader) {
        if self.start == Start::Joining && distance(self.next, acknowledgement) >= 0 {
            self.run(reader);
        }
    }

    /// A FIN or RST after `sequence`.
    pub(crate) fn fin(&mut self, sequence: u32) {
        if self.end.is_none() {
            self.end = Some(sequence);
        }
    }

    /// Takes a segment, hands on what is in order.
    pub(crate) fn segment(&mut self, segment: Segment<'_>, reader: &mut impl Reader) {
        if segment.payload.is_empty() && segment.missing == 0 {
            return;
        }
        match self.start {
            Start::Unseen => {
                self.joined = true;
                self.start = Start::Joining;
                self.next = segment.sequence;
                self.store(segment, reader);
            }
            Start::Joining => {
                if distance(segment.sequence, self.next) > 0 {
                    self.next = segment.sequence;
                }
                let waited = self.aside.as_ref().map_or(0, |aside| segment.at.since(aside.ahead.since));
                self.store(segment, reader);
                if waited > JOIN_PATIENCE || self.stored() > JOIN_BYTES {
                    self.run(reader);
                }
            }
            Start::Running => self.running(segment, reader),
        }
    }

    /// The connection is over: hands on what waits, with the gaps in it.
    pub(crate) fn finish(&mut self, reader: &mut impl Reader) {
        if self.start == Start::Joining {
            self.run(reader);
        }
        while self.aside.as_ref().is_some_and(|aside| !aside.ahead.is_empty()) {
            self.give_up_hole(reader);
        }
        if let (Some(end), Start::Running) = (self.end, self.start) {
            let tail = distance(self.next, end);
            if tail > 0 && self.skip != SKIP_ALL {
                self.lose(tail.unsigned_abs(), reader);
            }
        }
    }

    fn run(&mut self, reader: &mut impl Reader) {
        self.start = Start::Running;
        self.drain(reader);
    }

    fn running(&mut self, mut segment: Segment<'_>, reader: &mut impl Reader) {
        let offset = distance(self.next, segment.sequence);
        if offset < 0 {
            self.old(&mut segment, offset.unsigned_abs(), reader);
            if segment.payload.is_empty() && segment.missing == 0 {
                return;
            }
        } else if offset > 0 {
            let hole = u64::from(offset.unsigned_abs());
            if hole > self.skip {
                self.store(segment, reader);
                self.give_up_old_holes(segment.at, reader);
                return;
            }
            let (from, to) = (self.next, segment.sequence);
            self.aside(segment.at).holes.add(from, to);
            self.pass_over(offset.unsigned_abs());
        }
        self.hand_on(segment.payload, segment.missing, reader);
        if self.aside.is_some() {
            self.drain(reader);
            self.give_up_old_holes(segment.at, reader);
        }
    }

    /// Cuts off what was there before: counts what fills a hole, shows the rest to the reader.
    fn old(&mut self, segment: &mut Segment<'_>, behind: u32, reader: &mut impl Reader) {
        let captured = behind.min(length(segment.payload));
        let (head, tail) = segment.payload.split_at(usize::try_from(captured).unwrap_or(0));
        let cut = (behind - captured).min(segment.missing);
        let end = segment.sequence.wrapping_add(captured).wrapping_add(cut);
        if let Some(aside) = &mut self.aside {
            self.seen += aside.holes.fill(segment.sequence, end);
        }
        // A keep-alive repeats one byte, or one that was never sent (RFC 9293, 3.8.4).
        let keep_alive = behind == 1 && tail.is_empty();
        if !head.is_empty() && !keep_alive {
            reader.repeated(segment.sequence, head);
        }
        segment.sequence = end;
        segment.payload = tail;
        segment.missing -= cut;
    }

    fn hand_on(&mut self, mut payload: &[u8], missing: u32, reader: &mut impl Reader) {
        while !payload.is_empty() {
            let unwanted = usize::try_from(self.skip).unwrap_or(usize::MAX).min(payload.len());
            let (skipped, rest) = payload.split_at(unwanted);
            self.seen += skipped.len() as u64;
            self.pass_over(length(skipped));
            payload = rest;
            if !payload.is_empty() {
                let skip = reader.data(self.next, payload);
                self.next = self.next.wrapping_add(length(payload));
                self.seen += payload.len() as u64;
                self.skip = skip;
                break;
            }
        }
        if missing > 0 {
            self.seen += u64::from(missing);
            self.lose(missing, reader);
        }
    }

    /// Moves on over bytes that are not at hand: those to be skipped are no loss.
    fn lose(&mut self, count: u32, reader: &mut impl Reader) {
        let unwanted = u32::try_from(self.skip).unwrap_or(u32::MAX).min(count);
        self.pass_over(unwanted);
        let lost = count - unwanted;
        if lost > 0 {
            self.next = self.next.wrapping_add(lost);
            reader.gap(u64::from(lost));
        }
    }

    /// Moves on over bytes to be skipped.
    fn pass_over(&mut self, count: u32) {
        self.next = self.next.wrapping_add(count);
        if self.skip != SKIP_ALL {
            self.skip = self.skip.saturating_sub(u64::from(count));
        }
    }

    fn aside(&mut self, at: PacketTime) -> &mut Aside {
        self.aside.get_or_insert_with(|| Box::new(Aside { ahead: Ahead::new(at), holes: Holes::default() }))
    }

    fn store(&mut self, segment: Segment<'_>, reader: &mut impl Reader) {
        let aside = self.aside(segment.at);
        if aside.ahead.is_empty() {
            aside.ahead.since = segment.at;
        }
        if aside.ahead.insert(segment.sequence, segment.payload, segment.missing) {
            reader.conflict();
        }
        while self.aside.as_ref().is_some_and(|aside| aside.ahead.is_full()) {
            self.start = Start::Running;
            self.give_up_hole(reader);
        }
    }

    /// Hands on the pieces that are now in order.
    fn drain(&mut self, reader: &mut impl Reader) {
        while let Some(aside) = &mut self.aside
            && let Some(first) = aside.ahead.first()
        {
            let offset = distance(self.next, first);
            if offset > 0 && u64::from(offset.unsigned_abs()) > self.skip {
                return;
            }
            if offset > 0 {
                aside.holes.add(self.next, first);
                self.pass_over(offset.unsigned_abs());
                continue;
            }
            let Some(piece) = aside.ahead.pop() else { return };
            let mut segment = Segment {
                sequence: piece.sequence,
                payload: &piece.bytes,
                missing: piece.missing,
                at: aside.ahead.since,
            };
            if offset < 0 {
                self.old(&mut segment, offset.unsigned_abs(), reader);
            }
            self.hand_on(segment.payload, segment.missing, reader);
        }
    }

    fn give_up_old_holes(&mut self, now: PacketTime, reader: &mut impl Reader) {
        while let Some(aside) = &mut self.aside
            && !aside.ahead.is_empty()
            && now.since(aside.ahead.since) > HOLE_PATIENCE
        {
            aside.ahead.since = now;
            self.give_up_hole(reader);
        }
    }

    /// The bytes in front of the first piece are lost.
    fn give_up_hole(&mut self, reader: &mut impl Reader) {
        let Some(first) = self.aside.as_ref().and_then(|aside| aside.ahead.first()) else { return };
        let hole = distance(self.next, first);
        if hole > 0 {
            self.lose(hole.unsigned_abs(), reader);
        }
        self.drain(reader);
    }
}
