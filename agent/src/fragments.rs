//! IP fragments put together to datagrams (RFC 791, 3.2; RFC 8200, 4.5), within bounds.
//!
//! Each worker puts all of them together, whichever shards it owns: only the first fragment tells the ports, and with them
//! the shard. Fragments are rare, so doing it more than once costs little and needs no lock.

use crate::{
    decode::{Datagram, Fragment},
    flow::{Recent, Stamp},
    limits::Limits,
};
use foldhash::fast::RandomState;
use hashbrown::HashMap;
use std::collections::VecDeque;
use wardwatch_model::PacketTime;

/// How long a datagram waits for its other fragments, packet time: receivers wait for 30 to 60 seconds, and most
/// fragments follow within milliseconds (RFC 8200, 4.5; RFC 1122, 3.3.2).
const PATIENCE: u64 = 30_000_000_000;

/// Bytes of the longest datagram.
const LONGEST: usize = 0xffff;

/// Most pieces of a datagram with holes between them, or before earlier ones: as many as the longest datagram has of the
/// shortest fragments that are believed.
const MAX_PIECES: usize = 256;

/// Datagrams of which parts came.
pub(crate) struct Fragments {
    waiting: HashMap<Datagram, Partial, RandomState>,
    /// In the order they began: until when each is waited for. Those that are whole by then are skipped.
    order: VecDeque<(PacketTime, Datagram, u64)>,
    /// Bytes of all pieces.
    stored: usize,
    limit: usize,
    /// Datagrams begun.
    begun: u64,
    /// Fragments of datagrams that waited in vain.
    pub(crate) lost: u64,
    /// Fragments that brought other data for a place than one before.
    pub(crate) conflicts: u64,
    recent: Recent,
    /// Fragments that were captured before.
    pub(crate) duplicates: u64,
}

/// A datagram in parts.
struct Partial {
    /// Tells it from others with the same identification.
    number: u64,
    /// In order, never overlapping.
    pieces: Vec<(usize, Vec<u8>)>,
    /// Fragments taken.
    count: u64,
    /// Its length, once the last fragment came.
    length: Option<usize>,
}

impl Partial {
    /// Memory of a piece beside its bytes: fragments of one byte take far more than that.
    const PIECE: usize = 64;

    /// Memory of one without pieces.
    const EMPTY: usize = 256;

    fn stored(&self) -> usize {
        Self::EMPTY + self.pieces.iter().map(|(_, bytes)| bytes.capacity() + Self::PIECE).sum::<usize>()
    }

    /// Takes the bytes of a fragment; answers whether some were there before and different. The first ones count.
    fn insert(&mut self, start: usize, bytes: &[u8]) -> bool {
        let mut conflict = false;
        let mut at = start;
        let end = start + bytes.len();
        let part = |from: usize, to: usize| bytes.get(from - start..to - start).unwrap_or_default();
        let mut index = self.pieces.partition_point(|(known, piece)| known + piece.len() <= start);
        while let Some((known_start, known)) = self.pieces.get(index).filter(|(known_start, _)| *known_start < end) {
            let (known_start, to) = (*known_start, (known_start + known.len()).min(end));
            if at < known_start {
                index += self.place(index, at, part(at, known_start));
                at = known_start;
                continue;
            }
            conflict |= known.get(at - known_start..to - known_start) != Some(part(at, to));
            at = to;
            index += 1;
        }
        self.place(index, at, part(at, end.max(at)));
        conflict
    }

    /// Puts bytes before piece `index`, to the one before where they follow it; answers how many pieces that makes more.
    fn place(&mut self, index: usize, start: usize, bytes: &[u8]) -> usize {
        if bytes.is_empty() {
            return 0;
        }
        let before = index.checked_sub(1).and_then(|before| self.pieces.get_mut(before));
        if let Some((known, piece)) = before.filter(|(known, piece)| known + piece.len() == start) {
            debug_assert!(*known < start, "pieces are in order");
            piece.extend_from_slice(bytes);
            return 0;
        }
        self.pieces.insert(index, (start, bytes.to_vec()));
        1
    }

    /// The datagram, if it is whole.
    fn whole(&self) -> Option<Vec<u8>> {
        let length = self.length?;
        let mut whole = Vec::with_capacity(length);
        for (start, bytes) in &self.pieces {
            if *start != whole.len() {
                return None;
            }
            whole.extend_from_slice(bytes);
        }
        (whole.len() >= length).then(|| {
            whole.truncate(length);
            whole
        })
    }
}

impl Fragments {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            waiting: HashMap::default(),
            order: VecDeque::new(),
            stored: 0,
            limit: limits.fragment_bytes(),
            begun: 0,
            lost: 0,
            conflicts: 0,
            recent: Recent::default(),
            duplicates: 0,
        }
    }

    /// Takes a fragment; answers the payload of its datagram where that is whole now.
    pub(crate) fn take(&mut self, fragment: &Fragment<'_>, at: PacketTime) -> Option<Vec<u8>> {
        while self.order.front().is_some_and(|(until, ..)| *until <= at) {
            self.give_up_oldest();
        }
        let key = fragment.datagram;
        let is_again = self.recent.is_again(Stamp::of_fragment(fragment), at);
        self.duplicates += u64::from(is_again);
        // Of a datagram that waits it may be a part after all: where an identification is used again at once.
        if is_again && !self.waiting.contains_key(&key) {
            return None;
        }
        let start = usize::try_from(fragment.offset).unwrap_or(usize::MAX);
        let end = start.saturating_add(fragment.payload.len());
        // A receiver drops these, too: beyond the longest datagram, or a piece in the middle whose length is no multiple
        // of 8. What the capture cut off will not come.
        if end > LONGEST || fragment.is_cut || (fragment.more && !fragment.payload.len().is_multiple_of(8)) {
            self.lost += u64::from(!is_again);
            return None;
        }
        if !self.waiting.contains_key(&key) {
            self.begin(key, at);
        }
        let partial = self.waiting.get_mut(&key)?;
        let before = partial.stored();
        partial.count += u64::from(!is_again);
        if !fragment.more {
            partial.length.get_or_insert(end);
        }
        let conflict = partial.insert(start, fragment.payload);
        self.conflicts += u64::from(conflict);
        self.stored = (self.stored + partial.stored()).saturating_sub(before);
        // Overlapping fragments of IPv6 are an attack, and their datagram is dropped by its receiver (RFC 5722).
        if partial.pieces.len() > MAX_PIECES || (conflict && key.source.is_ipv6()) {
            self.give_up(&key);
            return None;
        }
        if let Some(whole) = partial.whole() {
            self.stored = self.stored.saturating_sub(partial.stored());
            self.waiting.remove(&key);
            return Some(whole);
        }
        while self.stored > self.limit && !self.order.is_empty() {
            self.give_up_oldest();
        }
        None
    }

    /// Fragments that wait.
    pub(crate) fn pending(&self) -> u64 {
        self.waiting.values().map(|partial| partial.count).sum()
    }

    fn begin(&mut self, key: Datagram, at: PacketTime) {
        self.begun += 1;
        let partial = Partial { number: self.begun, pieces: Vec::new(), count: 0, length: None };
        self.stored += partial.stored();
        self.waiting.insert(key, partial);
        self.order.push_back((PacketTime(at.0.saturating_add(PATIENCE)), key, self.begun));
        // Most datagrams are whole at once, and then their places in the order are not needed any more.
        if self.order.len() > 2 * self.waiting.len() + MAX_PIECES {
            let waiting = &self.waiting;
            self.order.retain(|(_, key, number)| waiting.get(key).is_some_and(|partial| partial.number == *number));
        }
    }

    fn give_up_oldest(&mut self) {
        if let Some((_, key, number)) = self.order.pop_front()
            && self.waiting.get(&key).is_some_and(|partial| partial.number == number)
        {
            self.give_up(&key);
        }
    }

    fn give_up(&mut self, key: &Datagram) {
        if let Some(partial) = self.waiting.remove(key) {
            self.stored = self.stored.saturating_sub(partial.stored());
            self.lost += partial.count;
        }
    }
}

#[cfg(test)]
mod tests;
