//! A small set that cannot grow without end.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use smallvec::SmallVec;

/// The lowest [`Self::MAX`] of the values that were put in, sorted: which ones are kept does not depend on their order. The
/// first `FEW` take no memory of their own, as nearly all such sets have no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lowest<T, const FEW: usize>(SmallVec<[T; FEW]>);

impl<T, const FEW: usize> Default for Lowest<T, FEW> {
    fn default() -> Self {
        Self(SmallVec::new())
    }
}

impl<T: Ord, const FEW: usize> Lowest<T, FEW> {
    /// Most values kept.
    pub const MAX: usize = 16;

    /// Puts a value in, if it is among the lowest and not there yet.
    pub fn insert(&mut self, value: T) {
        if let Err(place) = self.0.binary_search(&value) {
            if place >= Self::MAX {
                return;
            }
            self.0.truncate(Self::MAX - 1);
            self.0.insert(place, value);
        }
    }

    /// The values, lowest first.
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.0.iter()
    }

    /// Bytes that it takes beyond itself.
    pub fn heap_bytes(&self) -> usize {
        if self.0.spilled() { self.0.capacity() * size_of::<T>() } else { 0 }
    }
}

impl<T: Ord, const FEW: usize> Extend<T> for Lowest<T, FEW> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, values: I) {
        values.into_iter().for_each(|value| self.insert(value));
    }
}

impl<T: Ord, const FEW: usize> FromIterator<T> for Lowest<T, FEW> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let mut lowest = Self::default();
        lowest.extend(values);
        lowest
    }
}

impl<T: Ord, const N: usize, const FEW: usize> From<[T; N]> for Lowest<T, FEW> {
    fn from(values: [T; N]) -> Self {
        values.into_iter().collect()
    }
}

impl<T, const FEW: usize> IntoIterator for Lowest<T, FEW> {
    type Item = T;
    type IntoIter = smallvec::IntoIter<[T; FEW]>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<T: Serialize, const FEW: usize> Serialize for Lowest<T, FEW> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(&self.0)
    }
}

impl<'de, T: Deserialize<'de> + Ord, const FEW: usize> Deserialize<'de> for Lowest<T, FEW> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer).map(Self::from_iter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn it_holds_the_lowest_of_a_set_in_whatever_order_they_come(values in prop::collection::vec(any::<u16>(), 0..60)) {
            let lowest: Lowest<u16, 4> = values.iter().copied().collect();
            let set: BTreeSet<u16> = values.into_iter().collect();
            prop_assert!(lowest.iter().eq(set.iter().take(Lowest::<u16, 4>::MAX)));
            let read: Lowest<u16, 4> = serde::Deserialize::deserialize(
                serde::de::value::SeqDeserializer::<_, serde::de::value::Error>::new(lowest.clone().into_iter()),
            )
            .unwrap();
            prop_assert_eq!(read, lowest);
        }
    }
}
