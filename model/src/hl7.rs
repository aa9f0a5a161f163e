//! What is told of HL7 v2 conversations.

use crate::DeviceText;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::{BTreeMap, BTreeSet};

/// An interface between two applications, in the terms of the message header (HL7 v2.5.1, 2.15.9). Components are
/// joined with `^`, whatever separator was used.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Link {
    /// MSH-3.
    pub sending_application: Option<DeviceText>,
    /// MSH-4.
    pub sending_facility: Option<DeviceText>,
    /// MSH-5.
    pub receiving_application: Option<DeviceText>,
    /// MSH-6.
    pub receiving_facility: Option<DeviceText>,
    /// MSH-12.1.
    pub version: Option<DeviceText>,
    /// MSH-18, repetitions joined with `~`.
    pub charset: Option<DeviceText>,
    /// MSH-11.
    pub processing_id: Option<DeviceText>,
    /// MSH-21, sorted.
    pub profiles: BTreeSet<DeviceText>,
}

/// What was said over a link. Merging is commutative.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkActivity {
    /// Messages by MSH-9 as sent.
    pub message_types: Counts,
    /// Acknowledgements by MSA-1, on the link of the message they answer.
    pub acknowledgements: Counts,
    /// Messages for which no acknowledgement was seen.
    pub unacknowledged: u64,
}

impl LinkActivity {
    /// Adds the activity of the same link.
    pub fn merge(&mut self, other: &Self) {
        self.message_types.merge(&other.message_types);
        self.acknowledgements.merge(&other.acknowledgements);
        self.unacknowledged += other.unacknowledged;
    }
}

/// How often each of a few kinds was seen: a map by name, of which most have one entry or two, for which the node of a tree
/// would be too much.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts(Vec<(DeviceText, u64)>);

impl Counts {
    /// Most kinds; one beyond is not counted.
    pub const MAX: usize = 64;

    /// Counts a kind so many times.
    pub fn add(&mut self, kind: &DeviceText, times: u64) {
        match self.0.binary_search_by(|(known, _)| known.cmp(kind)) {
            Ok(position) => {
                if let Some((_, count)) = self.0.get_mut(position) {
                    *count += times;
                }
            }
            Err(position) if self.0.len() < Self::MAX => {
                // A list that begins with room for several would mostly hold one.
                self.0.reserve_exact(usize::from(self.0.is_empty()));
                self.0.insert(position, (kind.clone(), times));
            }
            Err(_) => {}
        }
    }

    /// Adds what was counted elsewhere.
    pub fn merge(&mut self, other: &Self) {
        for (kind, times) in other.iter() {
            self.add(kind, times);
        }
    }

    /// Kinds in the order of their names, and how often each was seen.
    pub fn iter(&self) -> impl Iterator<Item = (&DeviceText, u64)> {
        self.0.iter().map(|(kind, count)| (kind, *count))
    }

    /// Kinds in the order of their names.
    pub fn kinds(&self) -> impl Iterator<Item = &DeviceText> {
        self.0.iter().map(|(kind, _)| kind)
    }

    /// How often any of them was seen.
    pub fn sum(&self) -> u64 {
        self.0.iter().map(|(_, count)| count).sum()
    }
}

impl FromIterator<(DeviceText, u64)> for Counts {
    fn from_iter<I: IntoIterator<Item = (DeviceText, u64)>>(all: I) -> Self {
        let mut counts = Self::default();
        all.into_iter().for_each(|(kind, times)| counts.add(&kind, times));
        counts
    }
}

impl Serialize for Counts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Counts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        BTreeMap::deserialize(deserializer).map(|map: BTreeMap<_, _>| map.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_counted_in_the_order_of_their_names_up_to_a_limit() {
        let text = |text: &str| DeviceText::new(text).unwrap();
        let mut counts = Counts::default();
        for (kind, times) in [("B", 1), ("A", 2), ("B", 3)] {
            counts.add(&text(kind), times);
        }
        assert_eq!(counts.iter().collect::<Vec<_>>(), [(&text("A"), 2), (&text("B"), 4)]);
        for n in 0..100 {
            counts.add(&text(&format!("C{n}")), 1);
        }
        let mut twice = counts.clone();
        twice.merge(&counts);
        assert_eq!((counts.iter().count(), twice.sum()), (Counts::MAX, 2 * 68));
    }
    #[test]
    fn counts_are_stored_as_a_map_and_read_back() {
        let text = |text: &str| DeviceText::new(text).unwrap();
        let activity = LinkActivity {
            message_types: [(text("ORU^R01"), 2), (text("ADT^A01"), 1)].into_iter().collect(),
            ..LinkActivity::default()
        };
        let stored = toml::to_string(&activity).unwrap();
        assert!(stored.contains("[message_types]\n\"ADT^A01\" = 1\n\"ORU^R01\" = 2\n"), "{stored}");
        assert_eq!(toml::from_str::<LinkActivity>(&stored).unwrap(), activity);
    }
}
