//! The flows of one shard: found by key, bounded, the stalest given up first.

use super::{bare::Bare, connection::Flow, index::Index, key::FlowKey, shard::Envelope};
use crate::{decode::TcpSegment, protocol::Side};
use foldhash::fast::RandomState;
use std::hash::BuildHasher;
use wardwatch_ring::prefetch;

/// Flows by key. Slots are handed out and given up in an order that depends on the packets alone, never on the seed of
/// the hash.
pub(crate) struct FlowTable {
    index: Index,
    slots: Vec<Slot>,
    free: Vec<u32>,
    /// Seeded, as attackers choose addresses and ports.
    hasher: RandomState,
    limit: usize,
    /// Where the search for a flow to give up goes on.
    hand: usize,
    /// Where the search for memory goes on.
    hungry_hand: usize,
    generation: u32,
}

/// A place for a flow. A flow that carried a payload, or anything out of the ordinary, has memory of its own.
pub(super) enum Slot {
    Free,
    Bare(Bare),
    Full(Box<Flow>),
}

impl Slot {
    fn is(&self, key: &FlowKey) -> bool {
        match self {
            Self::Free => false,
            Self::Bare(bare) => bare.is(key),
            Self::Full(flow) => flow.key == *key,
        }
    }

    fn key(&self) -> Option<FlowKey> {
        match self {
            Self::Free => None,
            Self::Bare(bare) => Some(bare.key()),
            Self::Full(flow) => Some(flow.key),
        }
    }
}

/// How many flows are compared to find one to give up.
const SAMPLE: usize = 16;

impl FlowTable {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            index: Index::default(),
            slots: Vec::new(),
            free: Vec::new(),
            hasher: RandomState::default(),
            limit: limit.max(1),
            hand: 0,
            hungry_hand: 0,
            generation: 0,
        }
    }

    /// The hash of a key, by which it is found.
    #[inline(always)]
    pub(crate) fn hash(&self, key: &FlowKey) -> u32 {
        u32::try_from(self.hasher.hash_one(key) >> 32).unwrap_or(0)
    }

    /// Has loaded what [`Self::candidate`] will need.
    #[inline(always)]
    pub(crate) fn prefetch(&self, hash: u32) {
        self.index.prefetch(hash);
    }

    /// Where the flow is, if it is there; whether it is that one shows [`Self::is_at`]. Has its slot loaded.
    #[inline(always)]
    pub(crate) fn candidate(&self, hash: u32) -> Option<u32> {
        let id = self.index.candidate(hash)?;
        if let Some(slot) = self.slots.get(id as usize) {
            prefetch(slot);
        }
        Some(id)
    }

    /// The flow that was found, unless it is bare.
    #[inline(always)]
    pub(crate) fn full(&self, id: u32) -> Option<&Flow> {
        match self.slots.get(id as usize)? {
            Slot::Full(flow) => Some(flow),
            _ => None,
        }
    }

    pub(crate) fn find(&self, key: &FlowKey, hash: u32) -> Option<u32> {
        self.index.find(hash, |id| self.is_at(id, key))
    }

    /// Whether a flow is still where it was found a moment ago.
    pub(crate) fn is_at(&self, id: u32, key: &FlowKey) -> bool {
        self.slots.get(id as usize).is_some_and(|slot| slot.is(key))
    }

    /// Takes a packet that only goes on opening a connection.
    pub(crate) fn opens(&mut self, id: u32, side: Side, packet: &Envelope, segment: &TcpSegment<'_>) -> bool {
        match self.slots.get_mut(id as usize) {
            Some(Slot::Bare(bare)) => bare.take(side, packet, segment),
            _ => false,
        }
    }

    /// The flow, unless it is bare.
    pub(crate) fn full_mut(&mut self, id: u32) -> Option<&mut Flow> {
        match self.slots.get_mut(id as usize)? {
            Slot::Full(flow) => Some(flow),
            _ => None,
        }
    }

    /// The flow, with all that can be known of it.
    pub(crate) fn get_mut(&mut self, id: u32) -> Option<&mut Flow> {
        let slot = self.slots.get_mut(id as usize)?;
        if let Slot::Bare(bare) = slot {
            self.generation = self.generation.wrapping_add(1);
            *slot = Slot::Full(Box::new(bare.grow(self.generation)));
        }
        match slot {
            Slot::Full(flow) => Some(flow),
            _ => None,
        }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.index.len()
    }

    /// Whether another flow needs one to be given up.
    pub(crate) fn is_full(&self) -> bool {
        self.index.len() >= self.limit
    }

    /// Adds a flow that is not there yet, whose first packet is this, sent by a side.
    pub(crate) fn insert(
        &mut self,
        key: FlowKey,
        hash: u32,
        (side, packet): (Side, &Envelope),
        bare: Option<Bare>,
    ) -> u32 {
        self.generation = self.generation.wrapping_add(1);
        let slot = match bare {
            Some(bare) => Slot::Bare(bare),
            None => Slot::Full(Box::new(Flow::new(key, packet.tunnels, side, self.generation))),
        };
        let id = match self.free.pop() {
            Some(id) => {
                if let Some(free) = self.slots.get_mut(id as usize) {
                    *free = slot;
                }
                id
            }
            None => {
                self.slots.push(slot);
                u32::try_from(self.slots.len() - 1).unwrap_or(u32::MAX)
            }
        };
        self.index.insert(hash, id);
        id
    }

    /// Takes a flow out.
    pub(super) fn remove(&mut self, id: u32) -> Slot {
        let Some(slot) = self.slots.get_mut(id as usize) else { return Slot::Free };
        let slot = std::mem::replace(slot, Slot::Free);
        if let Some(key) = slot.key() {
            self.index.remove(self.hash(&key), id);
            self.free.push(id);
        }
        slot
    }

    /// The flow to give up: of the next few, a closed one, else one without payload, else the one that was silent the
    /// longest.
    pub(crate) fn stalest(&mut self) -> Option<u32> {
        let total = self.slots.len();
        let mut best = None;
        let mut looked_at = 0;
        for _ in 0..total {
            let id = self.hand;
            self.hand = (self.hand + 1) % total;
            let rank = match self.slots.get(id) {
                None | Some(Slot::Free) => continue,
                Some(Slot::Bare(bare)) => (true, false, bare.last()),
                Some(Slot::Full(flow)) => {
                    (!flow.closed, flow.has_payload(), flow.halves.a.last.max(flow.halves.b.last))
                }
            };
            if best.is_none_or(|(known, _)| rank < known) {
                best = Some((rank, id));
            }
            looked_at += 1;
            if looked_at == SAMPLE {
                break;
            }
        }
        best.and_then(|(_, id)| u32::try_from(id).ok())
    }

    /// A flow to give up for its memory: of the next few that keep bytes, the one that keeps most. Looking at all of
    /// them would take too long, as this may be asked for with each packet.
    pub(crate) fn hungry(&mut self) -> Option<u32> {
        let total = self.slots.len();
        let mut best = None;
        let mut looked_at = 0;
        for _ in 0..total {
            let id = self.hungry_hand % total;
            self.hungry_hand = id + 1;
            let stored = match self.slots.get(id) {
                Some(Slot::Full(flow)) => flow.stored(),
                _ => 0,
            };
            if stored == 0 {
                continue;
            }
            if best.is_none_or(|(most, _)| stored > most) {
                best = Some((stored, id));
            }
            looked_at += 1;
            if looked_at == SAMPLE {
                break;
            }
        }
        best.and_then(|(_, id)| u32::try_from(id).ok())
    }

    /// How many flows there may be.
    pub(crate) const fn limit(&self) -> usize {
        self.limit
    }

    /// Every flow.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Slot> {
        self.slots.iter()
    }

    /// Every slot that was ever used.
    pub(crate) fn ids(&self) -> impl Iterator<Item = u32> + use<> {
        0..u32::try_from(self.slots.len()).unwrap_or(u32::MAX)
    }
}
