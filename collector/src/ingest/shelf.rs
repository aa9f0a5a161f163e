//! Facts of one kind: what is over, and what still goes on in each stream.

use super::{
    room::{Gone, Room},
    weight::Weight,
};
use crate::store::{Changes, StoreError, Table};
use serde::{Serialize, de::DeserializeOwned};
use std::collections::{BTreeMap, btree_map::Entry};
use wardwatch_model::{Conversation, ConversationKey, Description, PacketTime, Place, Seen, Sighting, StreamId};

/// What facts of a kind are known by.
pub(super) trait Key: Ord + Clone + Serialize + DeserializeOwned + Weight {
    /// Where they are kept.
    const TABLE: Table;
}

impl Key for Place {
    const TABLE: Table = Table::Places;
}

impl Key for Description {
    const TABLE: Table = Table::Descriptions;
}

impl Key for ConversationKey {
    const TABLE: Table = Table::Conversations;
}

/// What is known under a key.
pub(super) trait Fact: Clone + PartialEq + Serialize + DeserializeOwned + Weight {
    /// Takes in another part of it.
    fn merge(&mut self, other: Self);

    /// The latest packet that showed it.
    fn last(&self) -> PacketTime;
}

impl Fact for Sighting {
    fn merge(&mut self, other: Self) {
        Self::merge(self, &other);
    }

    fn last(&self) -> PacketTime {
        self.seen.last
    }
}

impl Fact for Seen {
    fn merge(&mut self, other: Self) {
        Self::merge(self, &other);
    }

    fn last(&self) -> PacketTime {
        self.last
    }
}

impl Fact for Box<Conversation> {
    fn merge(&mut self, other: Self) {
        Conversation::merge(self, *other);
    }

    fn last(&self) -> PacketTime {
        self.seen.last
    }
}

/// Facts by key.
pub(super) type Facts<K, V> = BTreeMap<K, V>;

/// Facts of a kind.
pub(super) struct Shelf<K, V> {
    /// What is over, of all streams.
    finished: Facts<K, V>,
    /// Bytes that takes.
    weight: usize,
    /// What goes on, by stream.
    open: BTreeMap<StreamId, Facts<K, V>>,
    room: Room,
}

/// What a report changes on a shelf.
pub(super) struct Staged<K, V> {
    stream: StreamId,
    /// The stream that this one takes the place of.
    over: Option<StreamId>,
    /// New values of what is over.
    changed: Facts<K, V>,
    /// What is given up.
    pub(super) gone: Gone<K>,
    weight: usize,
    open: Facts<K, V>,
}

impl<K: Key, V: Fact> Shelf<K, V> {
    pub(super) fn new(room: Room) -> Self {
        Self { finished: BTreeMap::new(), weight: 0, open: BTreeMap::new(), room }
    }

    /// Whether the facts of a report find room, beside what goes on in the other streams.
    pub(super) fn has_room(&self, stream: StreamId, finished: &Facts<K, V>, open: &Facts<K, V>) -> bool {
        let others = self.open.iter().filter(|(known, _)| **known != stream).map(|(_, facts)| facts);
        let open = others.chain([open]).fold(Room::default(), |sum, facts| sum.plus(facts));
        self.room.holds(&open) && self.room.holds(&Room::default().plus(finished))
    }

    /// Works out what a report changes. `oldest`: what was last seen before that is given up.
    pub(super) fn stage(
        &self,
        stream: StreamId,
        over: Option<StreamId>,
        (finished, open): (Facts<K, V>, Facts<K, V>),
        oldest: Option<PacketTime>,
    ) -> Staged<K, V> {
        let mut changed = Facts::new();
        let left = over.and_then(|over| self.open.get(&over)).cloned().unwrap_or_default();
        for (key, fact) in left.into_iter().chain(finished) {
            match changed.entry(key) {
                Entry::Occupied(mut known) => V::merge(known.get_mut(), fact),
                Entry::Vacant(place) => match self.finished.get(place.key()) {
                    Some(known) => place.insert(known.clone()).merge(fact),
                    None => drop(place.insert(fact)),
                },
            }
        }
        let mut weight = self.weight;
        for (key, fact) in &changed {
            let before = self.finished.get(key).map_or(0, |known| key.weight() + known.weight());
            weight = weight.saturating_sub(before) + key.weight() + fact.weight();
        }
        let gone = self.room.give_up(&self.finished, &changed, &mut weight, oldest);
        gone.keys().for_each(|key| drop(changed.remove(key)));
        Staged { stream, over, changed, gone, weight, open }
    }

    /// Makes the changes after they were written.
    pub(super) fn apply(&mut self, staged: Staged<K, V>) {
        staged.over.map(|over| self.open.remove(&over));
        self.finished.extend(staged.changed);
        staged.gone.keys().for_each(|key| drop(self.finished.remove(key)));
        self.weight = staged.weight;
        if staged.open.is_empty() {
            self.open.remove(&staged.stream);
        } else {
            self.open.insert(staged.stream, staged.open);
        }
    }

    /// Everything, over or not.
    pub(super) fn merged(&self) -> Facts<K, V> {
        let mut all = self.finished.clone();
        for (key, fact) in self.open.values().flatten() {
            match all.entry(key.clone()) {
                Entry::Occupied(mut known) => V::merge(known.get_mut(), fact.clone()),
                Entry::Vacant(place) => drop(place.insert(fact.clone())),
            }
        }
        all
    }

    /// Takes in a record of the store.
    pub(super) fn load(&mut self, stored: &[u8], value: &[u8]) -> Option<()> {
        let (stream, key) = unstored(stored)?;
        let (key, fact): (K, V) = (serde_json::from_slice(key).ok()?, serde_json::from_slice(value).ok()?);
        match stream {
            Some(stream) => self.open.entry(stream).or_default().insert(key, fact),
            None => {
                self.weight += key.weight() + fact.weight();
                self.finished.insert(key, fact)
            }
        };
        Some(())
    }

    /// Writes down what is to change.
    pub(super) fn write(&self, staged: &Staged<K, V>, changes: &mut Changes) -> Result<(), StoreError> {
        for (key, fact) in &staged.changed {
            changes.put(K::TABLE, stored(None, key)?, serde_json::to_vec(fact)?);
        }
        for key in staged.gone.keys().filter(|key| self.finished.contains_key(key)) {
            changes.remove(K::TABLE, stored(None, key)?);
        }
        for (stream, now) in
            staged.over.map(|over| (over, None)).into_iter().chain([(staged.stream, Some(&staged.open))])
        {
            let before = self.open.get(&stream);
            let is_there = |key: &K| now.is_some_and(|now| now.contains_key(key));
            for key in before.into_iter().flat_map(Facts::keys).filter(|key| !is_there(key)) {
                changes.remove(K::TABLE, stored(Some(stream), key)?);
            }
            for (key, fact) in now.into_iter().flatten() {
                if before.and_then(|before| before.get(key)) != Some(fact) {
                    changes.put(K::TABLE, stored(Some(stream), key)?, serde_json::to_vec(fact)?);
                }
            }
        }
        Ok(())
    }
}

/// Marks keys of what is over, and of what goes on in a stream, which follows.
const OVER: u8 = 0;
const GOES_ON: u8 = 1;

/// A key as it is stored.
pub(super) fn stored(stream: Option<StreamId>, key: &impl Serialize) -> Result<Vec<u8>, StoreError> {
    let mut bytes = match stream {
        None => vec![OVER],
        Some(StreamId(id)) => [&[GOES_ON][..], &id].concat(),
    };
    serde_json::to_writer(&mut bytes, key)?;
    Ok(bytes)
}

/// The stream and the key in a stored one.
pub(super) fn unstored(bytes: &[u8]) -> Option<(Option<StreamId>, &[u8])> {
    match bytes.split_first()? {
        (&OVER, key) => Some((None, key)),
        (&GOES_ON, rest) => rest.split_first_chunk().map(|(id, key)| (Some(StreamId(*id)), key)),
        _ => None,
    }
}
