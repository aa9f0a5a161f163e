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
}

impl Ledger {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            sightings: Bounded::new(limits.devices.saturating_mul(Limits::PLACES_PER_DEVICE)),
            conversations: Bounded::new(limits.conversations),
            descriptions: Bounded::new(limits.descriptions),
        }
    }

    pub(crate) fn sighting(&mut self, place: Place, sighting: Sighting, tally: &mut Tally) {
        if place.ip.is_unspecified() {
            return;
        }
        tally.places_dropped += self.sightings.add(place, sighting, |mine, other| mine.merge(&other));
    }

    pub(crate) fn conversation(&mut self, key: ConversationKey, conversation: Box<Conversation>, tally: &mut Tally) {
        tally.conversations_dropped += self.conversations.add(key, conversation, |mine, other| mine.merge(*other));
    }

    pub(crate) fn description(&mut self, description: Description, seen: Seen, tally: &mut Tally) {
        tally.descriptions_dropped += self.descriptions.add(description, seen, |mine, other| mine.merge(&other));
    }

    /// Adds this shard's observations to facts.
    pub(crate) fn add_to(self, facts: &mut Facts) {
        let Self { sightings, conversations, descriptions } = self;
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
