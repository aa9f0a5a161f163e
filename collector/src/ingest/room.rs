//! How much is kept of a kind of facts, and what goes when there is more: what was not seen for the longest time.

use super::{
    shelf::{Fact, Facts},
    weight::Weight,
};
use std::collections::BTreeMap;
use wardwatch_model::PacketTime;

/// A number of facts, and the bytes of memory they take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Room {
    pub(crate) entries: usize,
    pub(crate) bytes: usize,
}

/// When there is no room, this part of it is made free at once, so that the oldest need not be looked for again and again.
const SHARE: usize = 8;

/// Why a fact was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// There is no room for more.
    Limit,
    /// It was not seen for longer than facts are kept.
    Retention,
}

/// What is given up, and why.
pub(super) type Gone<K> = BTreeMap<K, Reason>;

impl Room {
    /// With more facts.
    pub(super) fn plus<K: Weight, V: Weight>(self, facts: &Facts<K, V>) -> Self {
        let bytes: usize = facts.iter().map(|(key, fact)| key.weight() + fact.weight()).sum();
        Self { entries: self.entries + facts.len(), bytes: self.bytes + bytes }
    }

    /// Whether this much finds room.
    pub(super) const fn holds(&self, other: &Self) -> bool {
        other.entries <= self.entries && other.bytes <= self.bytes
    }

    /// Chooses what goes, so that `known` with the new values of `changed` finds room. `bytes` is what all of it weighs.
    pub(super) fn give_up<K: Ord + Clone + Weight, V: Fact>(
        &self,
        known: &Facts<K, V>,
        changed: &Facts<K, V>,
        bytes: &mut usize,
        oldest: Option<PacketTime>,
    ) -> Gone<K> {
        let mut gone = Gone::new();
        let mut entries = known.len() + changed.keys().filter(|key| !known.contains_key(key)).count();
        let all = || known.iter().filter(|(key, _)| !changed.contains_key(key)).chain(changed);
        let mut give_up = |key: &K, fact: &V, reason, entries: &mut usize, bytes: &mut usize| {
            *bytes = bytes.saturating_sub(key.weight() + fact.weight());
            *entries = entries.saturating_sub(1);
            gone.insert(key.clone(), reason);
        };
        if let Some(oldest) = oldest {
            for (key, fact) in all().filter(|(_, fact)| fact.last() < oldest) {
                give_up(key, fact, Reason::Retention, &mut entries, bytes);
            }
        }
        if !self.holds(&Self { entries, bytes: *bytes }) {
            let goal = Self { entries: self.entries - self.entries / SHARE, bytes: self.bytes - self.bytes / SHARE };
            let mut by_age: Vec<_> =
                all().filter(|(_, fact)| oldest.is_none_or(|oldest| fact.last() >= oldest)).collect();
            by_age.sort_by(|(a, old), (b, young)| (old.last(), a).cmp(&(young.last(), b)));
            for (key, fact) in by_age {
                if goal.holds(&Self { entries, bytes: *bytes }) {
                    break;
                }
                give_up(key, fact, Reason::Limit, &mut entries, bytes);
            }
        }
        gone
    }
}
