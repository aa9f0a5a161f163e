//! Where a shard's observations come together: merged by key, bounded, every refusal counted.

use crate::{limits::Limits, tally::Tally};
use foldhash::fast::RandomState;
use hashbrown::{HashMap, hash_map::Entry};
use std::hash::Hash;
use wardwatch_model::{Conversation, ConversationKey, Description, Facts, Place, Seen, Sighting};

/// The observations of one shard.
pub(crate) struct Ledger {
    sightings: Bounded<Place, Sighting>,
    conversations: Bounded<ConversationKey, Box<Conversation>>,
    descriptions: Bounded<Description, Seen>,
    /// Of what conversations take beyond themselves: associations and links above all.
    details: Memory,
    /// Of the words of descriptions.
    words: Memory,
}

/// Memory that is not the same for each entry, bytes.
struct Memory {
    taken: usize,
    limit: usize,
}

impl Memory {
    const fn up_to(limit: usize) -> Self {
        Self { taken: 0, limit }
    }

    const fn has_room_for(&self, more: usize) -> bool {
        more == 0 || self.taken.saturating_add(more) <= self.limit
    }
}

impl Ledger {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            sightings: Bounded::new(limits.devices.saturating_mul(Limits::PLACES_PER_DEVICE)),
            conversations: Bounded::new(limits.conversations),
            descriptions: Bounded::new(limits.descriptions),
            details: Memory::up_to(limits.details_of_a_shard()),
            words: Memory::up_to(limits.words_of_a_shard()),
        }
    }

    pub(crate) fn sighting(&mut self, place: Place, sighting: Sighting, tally: &mut Tally) {
        if place.ip.is_unspecified() {
            return;
        }
        tally.places_dropped += self.sightings.add(place, sighting, |mine, other| mine.merge(&other));
    }

    /// A conversation, or more of one. Where its associations or links find no room, it is told without them.
    pub(crate) fn conversation(
        &mut self,
        key: ConversationKey,
        mut conversation: Box<Conversation>,
        tally: &mut Tally,
    ) {
        let Self { conversations, details, .. } = self;
        let mut more = conversation.heap_bytes();
        if !details.has_room_for(more) {
            tally.details_dropped += conversation.detail.leave_out();
            more = conversation.heap_bytes();
        }
        if !details.has_room_for(more) {
            tally.conversations_dropped += 1;
            return;
        }
        let refused = conversations.add(key, conversation, |mine, other| {
            // What takes no memory of its own adds none.
            let before = if more > 0 { mine.heap_bytes() } else { 0 };
            mine.merge(*other);
            more = if more > 0 { mine.heap_bytes().saturating_sub(before) } else { 0 };
        });
        tally.conversations_dropped += refused;
        details.taken += if refused == 0 { more } else { 0 };
    }

    pub(crate) fn description(&mut self, description: Description, seen: Seen, tally: &mut Tally) {
        let Self { descriptions, words, .. } = self;
        let mut more = description.heap_bytes();
        if !words.has_room_for(more) && !descriptions.entries.contains_key(&description) {
            tally.descriptions_dropped += 1;
            return;
        }
        let refused = descriptions.add(description, seen, |mine, other| {
            mine.merge(&other);
            more = 0;
        });
        tally.descriptions_dropped += refused;
        words.taken += if refused == 0 { more } else { 0 };
    }

    /// Adds this shard's observations to facts.
    pub(crate) fn add_to(self, facts: &mut Facts) {
        let Self { sightings, conversations, descriptions, .. } = self;
        sightings.entries.into_iter().for_each(|(place, sighting)| facts.add_sighting(place, &sighting));
        conversations.entries.into_iter().for_each(|(key, conversation)| facts.add_conversation(key, conversation));
        descriptions.entries.into_iter().for_each(|(description, seen)| facts.add_description(description, &seen));
    }
}

/// A map with a limit. The order of its entries never shows: a report sorts them.
struct Bounded<K, V> {
    entries: HashMap<K, V, RandomState>,
    limit: usize,
}

impl<K: Eq + Hash, V> Bounded<K, V> {
    fn new(limit: usize) -> Self {
        Self { entries: HashMap::default(), limit: Limits::share(limit) }
    }

    /// Adds or merges; answers 1 where there was no room.
    fn add(&mut self, key: K, value: V, merge: impl FnOnce(&mut V, V)) -> u64 {
        let full = self.entries.len() >= self.limit;
        match self.entries.entry(key) {
            Entry::Occupied(mut entry) => merge(entry.get_mut(), value),
            Entry::Vacant(_) if full => return 1,
            Entry::Vacant(entry) => {
                entry.insert(value);
            }
        }
        0
    }
}
