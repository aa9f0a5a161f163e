//! The flows of one shard: found by key, bounded, the stalest given up first.

use super::{connection::Flow, key::FlowKey};
use crate::protocol::Side;
use foldhash::fast::RandomState;
use hashbrown::HashTable;
use std::hash::BuildHasher;

/// Flows by key. Slots are handed out and given up in an order that depends on the packets alone, never on the seed of
/// the hash.
pub(crate) struct FlowTable {
    index: HashTable<u32>,
    slots: Vec<Option<Flow>>,
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

/// How many flows are compared to find one to give up.
const SAMPLE: usize = 16;

impl FlowTable {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            index: HashTable::new(),
            slots: Vec::new(),
            free: Vec::new(),
            hasher: RandomState::default(),
            limit: limit.max(1),
            hand: 0,
            hungry_hand: 0,
            generation: 0,
        }
    }

    pub(crate) fn find(&self, key: &FlowKey) -> Option<u32> {
        let is_it =
            |id: &u32| self.slots.get(*id as usize).and_then(Option::as_ref).is_some_and(|flow| flow.key == *key);
        self.index.find(self.hasher.hash_one(key), is_it).copied()
    }

    pub(crate) fn get_mut(&mut self, id: u32) -> Option<&mut Flow> {
        self.slots.get_mut(id as usize)?.as_mut()
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.index.len()
    }

    /// Whether another flow needs one to be given up.
    pub(crate) fn is_full(&self) -> bool {
        self.index.len() >= self.limit
    }

    /// Adds a flow that is not there yet.
    pub(crate) fn insert(&mut self, key: FlowKey, first: Side) -> u32 {
        self.generation = self.generation.wrapping_add(1);
        let flow = Some(Flow::new(key, first, self.generation));
        let id = match self.free.pop() {
            Some(id) => {
                if let Some(slot) = self.slots.get_mut(id as usize) {
                    *slot = flow;
                }
                id
            }
            None => {
                self.slots.push(flow);
                u32::try_from(self.slots.len() - 1).unwrap_or(u32::MAX)
            }
        };
        let Self { index, slots, hasher, .. } = self;
        let rehash =
            |id: &u32| slots.get(*id as usize).and_then(Option::as_ref).map_or(0, |flow| hasher.hash_one(flow.key));
        index.insert_unique(hasher.hash_one(key), id, rehash);
        id
    }

    /// Takes a flow out.
    pub(crate) fn remove(&mut self, id: u32) -> Option<Flow> {
        let flow = self.slots.get_mut(id as usize)?.take()?;
        if let Ok(entry) = self.index.find_entry(self.hasher.hash_one(flow.key), |other| *other == id) {
            entry.remove();
        }
        self.free.push(id);
        Some(flow)
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
            let Some(flow) = self.slots.get(id).and_then(Option::as_ref) else { continue };
            let last = flow.halves.a.last.max(flow.halves.b.last);
            let rank = (!flow.closed, flow.has_payload(), last);
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
            let stored = self.slots.get(id).and_then(Option::as_ref).map_or(0, Flow::stored);
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
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Flow> {
        self.slots.iter().flatten()
    }

    /// Every slot that was ever used.
    pub(crate) fn ids(&self) -> impl Iterator<Item = u32> + use<> {
        0..u32::try_from(self.slots.len()).unwrap_or(u32::MAX)
    }
}
