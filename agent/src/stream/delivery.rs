//! The way of the bytes: handed on, compared, passed over or given up.

use super::{Astray, Reader, Segment, distance, length, reassembly::Reassembly};
use wardwatch_model::PacketTime;

/// How long data waits for a hole in front of it that does not get smaller, packet time: a lost segment is sent again
/// within this, or the receiver had it and only the capture lost it.
const HOLE_PATIENCE: u64 = 3_000_000_000;

impl Reassembly {
    /// Takes a segment that begins `offset` bytes after the next byte.
    pub(super) fn running(&mut self, mut segment: Segment<'_>, offset: i32, reader: &mut impl Reader) {
        if offset < 0 {
            self.old(&mut segment, offset.unsigned_abs(), reader);
            if segment.length() == 0 {
                return;
            }
        } else if offset > 0 {
            if u64::from(offset.unsigned_abs()) > self.skip {
                self.store(segment, reader);
                self.give_up_old_hole(segment.at, reader);
                return;
            }
            self.pass_over_unseen(offset.unsigned_abs());
        }
        let Some(aside) = &mut self.aside else {
            self.hand_on(segment.payload, segment.missing, reader);
            return;
        };
        aside.ahead.since = segment.at;
        // What waits aside came first, so it counts.
        if aside.ahead.first().is_some_and(|first| distance(first, segment.end()) > 0) {
            self.store(segment, reader);
        } else {
            if !aside.ahead.is_empty() && offset >= 0 {
                reader.astray(Astray::Late);
            }
            self.hand_on(segment.payload, segment.missing, reader);
        }
        self.drain(reader);
    }

    /// Hands on the pieces that are now in order.
    pub(super) fn drain(&mut self, reader: &mut impl Reader) {
        while let Some(aside) = &mut self.aside
            && let Some(first) = aside.ahead.first()
        {
            let offset = distance(self.next, first);
            if offset > 0 {
                if u64::from(offset.unsigned_abs()) > self.skip {
                    return;
                }
                self.pass_over_unseen(offset.unsigned_abs());
                continue;
            }
            let since = aside.ahead.since;
            let Some(piece) = aside.ahead.pop() else { return };
            let mut segment =
                Segment { sequence: piece.sequence, payload: &piece.bytes, missing: piece.missing, at: since };
            if offset < 0 {
                self.old(&mut segment, offset.unsigned_abs(), reader);
            }
            self.hand_on(segment.payload, segment.missing, reader);
        }
    }

    /// Cuts off what was there before: counts what fills a hole, shows the rest to the reader.
    fn old(&mut self, segment: &mut Segment<'_>, behind: u32, reader: &mut impl Reader) {
        let captured = behind.min(length(segment.payload));
        let (head, tail) = segment.payload.split_at(usize::try_from(captured).unwrap_or(0));
        let cut = (behind - captured).min(segment.missing);
        let filled = self.aside.as_mut().map_or(0, |aside| {
            let from = self.position.saturating_sub(behind.into());
            aside.holes.fill(from, from + u64::from(captured) + u64::from(cut))
        });
        self.seen += filled;
        // The byte of a keep-alive may be one that was never sent (RFC 9293, 3.8.4).
        let keep_alive = behind == 1 && tail.is_empty();
        if !keep_alive {
            reader.astray(if filled > 0 { Astray::Late } else { Astray::Again });
        }
        if !head.is_empty() && !keep_alive {
            reader.repeated(segment.sequence, head);
        }
        segment.sequence = segment.sequence.wrapping_add(captured).wrapping_add(cut);
        segment.payload = tail;
        segment.missing -= cut;
    }

    /// Hands on bytes that are next, without those that nobody wants.
    fn hand_on(&mut self, payload: &[u8], missing: u32, reader: &mut impl Reader) {
        self.seen += payload.len() as u64 + u64::from(missing);
        let unwanted = usize::try_from(self.skip).unwrap_or(usize::MAX).min(payload.len());
        let (skipped, wanted) = payload.split_at(unwanted);
        self.pass_over(length(skipped));
        if !wanted.is_empty() {
            self.skip = reader.data(self.next, wanted, self.joined);
            self.advance(length(wanted));
        }
        let unwanted = self.pass_over(missing);
        if missing > unwanted {
            self.advance(missing - unwanted);
            reader.gap(u64::from(missing - unwanted));
        }
    }

    /// Moves on over bytes that were not seen: those to be skipped are no loss.
    pub(super) fn lose(&mut self, count: u32, reader: &mut impl Reader) {
        let lost = count - self.pass_over_unseen(count);
        if lost > 0 {
            let from = self.position;
            self.aside().holes.add(from, from + u64::from(lost), false);
            self.advance(lost);
            reader.gap(u64::from(lost));
        }
    }

    /// As [`Self::pass_over`], and remembers where, should the bytes still come.
    fn pass_over_unseen(&mut self, count: u32) -> u32 {
        let (from, unread) = (self.position, self.is_unread());
        let unwanted = self.pass_over(count);
        let to = self.position;
        self.aside().holes.add(from, to, unread);
        unwanted
    }

    /// Moves on over up to `count` bytes to be skipped; answers how many.
    fn pass_over(&mut self, count: u32) -> u32 {
        let unwanted = u32::try_from(self.skip).unwrap_or(u32::MAX).min(count);
        self.advance(unwanted);
        if !self.is_unread() {
            self.skip -= u64::from(unwanted);
        }
        unwanted
    }

    fn advance(&mut self, count: u32) {
        self.next = self.next.wrapping_add(count);
        self.position += u64::from(count);
    }

    fn give_up_old_hole(&mut self, now: PacketTime, reader: &mut impl Reader) {
        if let Some(aside) = &mut self.aside
            && !aside.ahead.is_empty()
            && now.since(aside.ahead.since) > HOLE_PATIENCE
        {
            aside.ahead.since = now;
            self.give_up_hole(reader);
        }
    }

    /// Gives up every hole, so that nothing waits any more.
    pub(super) fn give_up_holes(&mut self, reader: &mut impl Reader) {
        while self.aside.as_ref().is_some_and(|aside| !aside.ahead.is_empty()) {
            self.give_up_hole(reader);
        }
    }

    /// The bytes in front of the first piece are lost.
    pub(super) fn give_up_hole(&mut self, reader: &mut impl Reader) {
        let Some(first) = self.aside.as_ref().and_then(|aside| aside.ahead.first()) else { return };
        if let Ok(hole @ 1..) = u32::try_from(distance(self.next, first)) {
            self.lose(hole, reader);
        }
        self.drain(reader);
    }
}
