//! A map that cannot grow without end.

use serde::{Deserialize, Serialize};

/// A map that keeps its first [`Self::MAX`] keys and counts what found no room.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bounded<K: Ord, V> {
    /// What found room, by key. Most have one entry or two, for which the node of a tree would be too much.
    pub entries: Vec<(K, V)>,
    /// How many insertions did not.
    pub dropped: u64,
}

impl<K: Ord, V> Default for Bounded<K, V> {
    fn default() -> Self {
        Self { entries: Vec::new(), dropped: 0 }
    }
}

impl<K: Ord, V: Default> Bounded<K, V> {
    /// Most entries kept.
    pub const MAX: usize = 256;

    /// As many as there are of nearly all.
    const FEW: usize = 4;

    /// The value of `key`, made anew where there is room.
    pub fn entry(&mut self, key: K) -> Option<&mut V> {
        let position = match self.entries.binary_search_by(|(known, _)| known.cmp(&key)) {
            Ok(position) => position,
            Err(_) if self.entries.len() >= Self::MAX => {
                self.dropped += 1;
                return None;
            }
            Err(position) => {
                // A list that begins with room for several would mostly hold one.
                if self.entries.len() < Self::FEW {
                    self.entries.reserve_exact(1);
                }
                self.entries.insert(position, (key, V::default()));
                position
            }
        };
        self.entries.get_mut(position).map(|(_, value)| value)
    }

    /// Gives up every entry; answers how many there were.
    pub fn leave_out(&mut self) -> u64 {
        let left_out = std::mem::take(&mut self.entries).len() as u64;
        self.dropped += left_out;
        left_out
    }

    /// Takes in another map, merging the values of equal keys.
    pub fn merge(&mut self, other: Self, merge: impl Fn(&mut V, &V)) {
        self.dropped += other.dropped;
        for (key, value) in other.entries {
            if let Some(mine) = self.entry(key) {
                merge(mine, &value);
            }
        }
    }
}
