//! From the bytes of a connection to a parser: which protocol it is, and the parser's wishes.

use crate::protocol::{Outcome, PerSide, Probe, Protocol, Side, Step, StreamParsers, WINDOW};
use crate::stream::SKIP_ALL;
use wardwatch_model::PacketTime;

/// How far into a direction that was joined somewhere a first message is looked for, bytes: the rest of one large image
/// and the command after it.
const SCAN_LIMIT: usize = 4 << 20;

/// Longest beginning of a message that find-start rules need to see, bytes.
const SCAN_OVERLAP: usize = 64;

/// A connection under inspection.
#[derive(Default)]
pub(crate) struct Inspection {
    parser: Option<Box<StreamParsers>>,
    sides: PerSide<Intake>,
    faults: u64,
}

/// Bytes of one direction on their way to the parser.
#[derive(Default)]
struct Intake {
    /// The beginning of something longer.
    carry: Vec<u8>,
    /// How many bytes were searched for a first message.
    scanned: usize,
    /// No protocol knows this direction.
    unknown: bool,
    /// Its first bytes were lost.
    beheaded: bool,
    /// What the parser wished for when it was given bytes that had been waiting.
    wish: Option<u64>,
}

impl Inspection {
    /// The client, where the bytes told.
    pub(crate) fn client(&self) -> Option<Side> {
        self.parser.as_ref().and_then(|parser| parser.client())
    }

    /// No protocol knows either direction: there is nothing to wait for.
    pub(crate) fn is_hopeless(&self) -> bool {
        self.parser.is_none() && self.sides.a.unknown && self.sides.b.unknown
    }

    /// Bytes kept.
    pub(crate) fn stored(&self) -> usize {
        self.sides.a.carry.capacity() + self.sides.b.carry.capacity()
    }

    /// Takes the next bytes of a direction; answers how many after them nobody wants. `joined`: the beginning of the
    /// direction was not seen.
    pub(crate) fn data(&mut self, side: Side, at: PacketTime, bytes: &[u8], joined: bool) -> u64 {
        let intake = self.sides.get_mut(side);
        if intake.carry.is_empty() {
            return self.take(side, at, bytes, joined);
        }
        let mut whole = std::mem::take(&mut intake.carry);
        whole.extend_from_slice(bytes);
        let skip = self.take(side, at, &whole, joined);
        // The buffer is used again for what is left over.
        let intake = self.sides.get_mut(side);
        if intake.carry.capacity() == 0 {
            whole.clear();
            intake.carry = whole;
        }
        skip
    }

    /// How many bytes of a direction nobody wants, where that changed while bytes of the other side were taken.
    pub(crate) fn take_wish(&mut self, side: Side) -> Option<u64> {
        self.sides.get_mut(side).wish.take()
    }

    /// Bytes of a direction are lost.
    pub(crate) fn gap(&mut self, side: Side) {
        let intake = self.sides.get_mut(side);
        intake.carry.clear();
        intake.beheaded = true;
        if let Some(parser) = &mut self.parser {
            parser.gap(side);
        }
    }

    /// What the parser learnt.
    pub(crate) fn finish(self) -> Option<(Protocol, Outcome)> {
        let parser = self.parser?;
        let protocol = parser.protocol();
        let mut outcome = parser.finish();
        outcome.faults += self.faults;
        Some((protocol, outcome))
    }

    fn take(&mut self, side: Side, at: PacketTime, bytes: &[u8], joined: bool) -> u64 {
        if self.parser.is_some() {
            return self.parse(side, at, bytes);
        }
        if joined || self.sides.get(side).beheaded { self.scan(side, at, bytes) } else { self.probe(side, at, bytes) }
    }

    /// The start of the direction was seen: its first bytes must tell.
    fn probe(&mut self, side: Side, at: PacketTime, bytes: &[u8]) -> u64 {
        match StreamParsers::probe(bytes) {
            Ok(parser) => self.begin(parser, side, at, bytes),
            Err(Probe::NeedMore) if bytes.len() <= WINDOW => {
                self.keep(side, bytes);
                0
            }
            Err(_) => self.give_up(side),
        }
    }

    /// The direction was joined somewhere: looks for a message that begins in it, most likely right here.
    fn scan(&mut self, side: Side, at: PacketTime, bytes: &[u8]) -> u64 {
        if self.sides.get(side).scanned == 0
            && let Ok(parser) = StreamParsers::probe(bytes)
        {
            return self.begin(parser, side, at, bytes);
        }
        if let Some((offset, parser)) = StreamParsers::find_start(bytes) {
            return self.begin(parser, side, at, bytes.get(offset..).unwrap_or_default());
        }
        let intake = self.sides.get_mut(side);
        intake.scanned += bytes.len();
        if intake.scanned > SCAN_LIMIT {
            return self.give_up(side);
        }
        self.keep(side, bytes.get(bytes.len().saturating_sub(SCAN_OVERLAP)..).unwrap_or_default());
        0
    }

    /// The protocol is known. What the other side said before comes first; if its beginning was not understood, the
    /// parser looks for a message in it.
    fn begin(&mut self, parser: StreamParsers, side: Side, at: PacketTime, bytes: &[u8]) -> u64 {
        self.parser = Some(Box::new(parser));
        let other = self.sides.get_mut(side.other());
        let waiting = std::mem::take(&mut other.carry);
        if let (Some(parser), true) = (&mut self.parser, other.unknown || other.scanned > 0) {
            parser.gap(side.other());
        }
        let skip = if waiting.is_empty() { 0 } else { self.parse(side.other(), at, &waiting) };
        self.sides.get_mut(side.other()).wish = Some(skip);
        self.parse(side, at, bytes)
    }

    fn give_up(&mut self, side: Side) -> u64 {
        let intake = self.sides.get_mut(side);
        intake.unknown = true;
        intake.carry = Vec::new();
        SKIP_ALL
    }

    fn parse(&mut self, side: Side, at: PacketTime, mut bytes: &[u8]) -> u64 {
        let Some(parser) = &mut self.parser else { return SKIP_ALL };
        while !bytes.is_empty() {
            match parser.feed(side, at, bytes) {
                Step::Advance(count) => {
                    debug_assert!(count > 0, "a parser must move on");
                    match usize::try_from(count.max(1)).ok().and_then(|count| bytes.get(count..)) {
                        Some(rest) => bytes = rest,
                        None => return count - bytes.len() as u64,
                    }
                }
                Step::NeedMore if bytes.len() <= WINDOW => {
                    self.keep(side, bytes);
                    return 0;
                }
                Step::NeedMore => {
                    self.faults += 1;
                    parser.gap(side);
                    return 0;
                }
                Step::Opaque => return SKIP_ALL,
            }
        }
        0
    }

    fn keep(&mut self, side: Side, bytes: &[u8]) {
        let carry = &mut self.sides.get_mut(side).carry;
        carry.clear();
        carry.extend_from_slice(bytes);
    }
}
