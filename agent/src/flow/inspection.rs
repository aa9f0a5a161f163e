//! From the bytes of a connection to a parser: which protocol it is, and the parser's wishes.

use super::shard::Depth;
use crate::protocol::{Outcome, PerSide, Probe, Protocol, Side, Step, StreamParsers, WINDOW};
use crate::stream::SKIP_ALL;
use wardwatch_model::PacketTime;
use wardwatch_ring::prefetch;

/// How far into a direction that was joined somewhere a first message is looked for, bytes: the rest of one large image
/// and the command after it.
const SCAN_LIMIT: usize = 4 << 20;

/// Longest beginning of a message that find-start rules need to see, bytes.
const SCAN_OVERLAP: usize = 64;

/// A buffer longer than this is given back once little is left in it, bytes.
const LARGE_BUFFER: usize = 4 * 1024;

/// A connection under inspection.
#[derive(Default)]
pub(crate) struct Inspection {
    parser: Option<Box<StreamParsers>>,
    sides: PerSide<Intake>,
    faults: u64,
    /// What the parser keeps, as it was after the bytes at hand.
    held: usize,
}

/// Bytes of one direction on their way to the parser.
#[derive(Default)]
struct Intake {
    /// The beginning of something longer.
    carry: Vec<u8>,
    /// How many bytes were searched for a first message.
    scanned: usize,
    /// Its first bytes are no first message.
    astray: bool,
    /// No protocol knows this direction.
    unknown: bool,
    /// Its first bytes were lost.
    beheaded: bool,
    /// The parser met it.
    met: bool,
    /// What the parser wished for when it was given bytes that had been waiting.
    wish: Option<u64>,
}

/// What became of the bytes at hand.
struct Taken {
    /// How many of them are the beginning of something longer, at their end.
    keep: usize,
    /// How many bytes after them nobody wants.
    skip: u64,
}

impl Taken {
    const fn all_but(keep: usize) -> Self {
        Self { keep, skip: 0 }
    }
}

impl Inspection {
    /// Has the parser loaded, or what it points to.
    #[inline(always)]
    pub(super) fn prefetch_parser(&self, depth: Depth) {
        match (depth, &self.parser) {
            (Depth::ParserState, Some(parser)) => parser.prefetch(),
            (_, Some(parser)) => prefetch(parser.as_ref()),
            (_, None) => {}
        }
    }

    /// The client, where the bytes told.
    pub(crate) fn client(&self) -> Option<Side> {
        self.parser.as_ref().and_then(|parser| parser.client())
    }

    /// No protocol knows either direction: there is nothing to wait for.
    pub(crate) fn is_hopeless(&self) -> bool {
        self.parser.is_none() && self.sides.a.unknown && self.sides.b.unknown
    }

    /// Bytes kept.
    pub(crate) const fn stored(&self) -> usize {
        self.sides.a.carry.capacity() + self.sides.b.carry.capacity() + self.held
    }

    /// Takes the next bytes of a direction; answers how many after them nobody wants. `joined`: the beginning of the
    /// direction was not seen.
    pub(crate) fn data(&mut self, side: Side, at: PacketTime, bytes: &[u8], joined: bool) -> u64 {
        let mut carry = std::mem::take(&mut self.sides.get_mut(side).carry);
        if carry.is_empty() {
            let taken = self.take(side, at, bytes, joined);
            carry.extend_from_slice(last(bytes, taken.keep));
            self.sides.get_mut(side).carry = carry;
            return taken.skip;
        }
        carry.extend_from_slice(bytes);
        let taken = self.take(side, at, &carry, joined);
        carry.drain(..carry.len().saturating_sub(taken.keep));
        if taken.skip == SKIP_ALL || (carry.capacity() > LARGE_BUFFER && carry.len() <= SCAN_OVERLAP) {
            carry.shrink_to(0);
        }
        self.sides.get_mut(side).carry = carry;
        taken.skip
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
        // What is left of a message that lost its beginning can look like a message of another protocol.
        intake.astray = true;
        if let Some(parser) = &mut self.parser {
            parser.gap(side);
        }
    }

    /// What the parser has learnt so far.
    pub(crate) fn so_far(&self) -> Option<(Protocol, Outcome)> {
        let parser = self.parser.as_ref()?;
        let mut outcome = parser.so_far();
        outcome.faults += self.faults;
        Some((parser.protocol(), outcome))
    }

    /// What the parser learnt.
    pub(crate) fn finish(self) -> Option<(Protocol, Outcome)> {
        let parser = self.parser?;
        let protocol = parser.protocol();
        let mut outcome = parser.finish();
        outcome.faults += self.faults;
        Some((protocol, outcome))
    }

    fn take(&mut self, side: Side, at: PacketTime, bytes: &[u8], joined: bool) -> Taken {
        let taken = self.hand_on(side, at, bytes, joined);
        self.held = self.parser.as_ref().map_or(0, |parser| parser.held());
        taken
    }

    fn hand_on(&mut self, side: Side, at: PacketTime, bytes: &[u8], joined: bool) -> Taken {
        let intake = self.sides.get_mut(side);
        intake.beheaded |= joined;
        let headless = intake.beheaded;
        let Some(parser) = &mut self.parser else {
            return if headless { self.scan(side, at, bytes) } else { self.probe(side, at, bytes) };
        };
        if !std::mem::replace(&mut intake.met, true) && headless {
            parser.joined(side);
            if matches!(StreamParsers::probe(bytes), Err(Probe::No)) {
                parser.gap(side);
            }
        }
        self.parse(side, at, bytes)
    }

    /// The start of the direction was seen: its first bytes must tell.
    fn probe(&mut self, side: Side, at: PacketTime, bytes: &[u8]) -> Taken {
        match StreamParsers::probe(bytes) {
            Ok(parser) => self.begin(parser, side, at, bytes),
            Err(Probe::NeedMore) if bytes.len() <= WINDOW => Taken::all_but(bytes.len()),
            Err(_) => self.give_up(side),
        }
    }

    /// The direction was joined somewhere: looks for a message that begins in it, most likely right here.
    fn scan(&mut self, side: Side, at: PacketTime, bytes: &[u8]) -> Taken {
        if !self.sides.get(side).astray {
            match StreamParsers::probe(bytes) {
                Ok(parser) => return self.begin(parser, side, at, bytes),
                Err(Probe::NeedMore) if bytes.len() <= WINDOW => return Taken::all_but(bytes.len()),
                Err(_) => self.sides.get_mut(side).astray = true,
            }
        }
        if let Some((offset, parser)) = StreamParsers::find_start(bytes) {
            return self.begin(parser, side, at, bytes.get(offset..).unwrap_or_default());
        }
        let keep = bytes.len().min(SCAN_OVERLAP);
        let intake = self.sides.get_mut(side);
        intake.scanned += bytes.len() - keep;
        if intake.scanned > SCAN_LIMIT { self.give_up(side) } else { Taken::all_but(keep) }
    }

    /// The protocol is known. What the other side said before comes first; if its beginning was not understood, the
    /// parser looks for a message in it.
    fn begin(&mut self, mut parser: StreamParsers, side: Side, at: PacketTime, bytes: &[u8]) -> Taken {
        self.sides.get_mut(side).met = true;
        for side in Side::BOTH.into_iter().filter(|side| self.sides.get(*side).beheaded) {
            parser.joined(side);
        }
        let other = self.sides.get_mut(side.other());
        let mut waiting = std::mem::take(&mut other.carry);
        other.met = other.unknown || other.astray || !waiting.is_empty();
        if other.unknown || other.astray {
            parser.gap(side.other());
        }
        self.parser = Some(Box::new(parser));
        let taken = self.parse(side.other(), at, &waiting);
        waiting.drain(..waiting.len().saturating_sub(taken.keep));
        let other = self.sides.get_mut(side.other());
        other.carry = waiting;
        other.wish = Some(taken.skip);
        self.parse(side, at, bytes)
    }

    fn give_up(&mut self, side: Side) -> Taken {
        self.sides.get_mut(side).unknown = true;
        Taken { keep: 0, skip: SKIP_ALL }
    }

    fn parse(&mut self, side: Side, at: PacketTime, mut bytes: &[u8]) -> Taken {
        let Some(parser) = &mut self.parser else { return Taken { keep: 0, skip: SKIP_ALL } };
        while !bytes.is_empty() {
            match parser.feed(side, at, bytes) {
                Step::Advance(count) => {
                    debug_assert!(count > 0, "a parser must move on");
                    match usize::try_from(count.max(1)).ok().and_then(|count| bytes.get(count..)) {
                        Some(rest) => bytes = rest,
                        None => return Taken { keep: 0, skip: count - bytes.len() as u64 },
                    }
                }
                Step::NeedMore if bytes.len() <= WINDOW => return Taken::all_but(bytes.len()),
                Step::NeedMore => {
                    self.faults += 1;
                    parser.gap(side);
                    return Taken::all_but(0);
                }
                Step::Opaque => return Taken { keep: 0, skip: SKIP_ALL },
            }
        }
        Taken::all_but(0)
    }
}

/// The last `count` bytes.
fn last(bytes: &[u8], count: usize) -> &[u8] {
    bytes.get(bytes.len().saturating_sub(count)..).unwrap_or_default()
}
