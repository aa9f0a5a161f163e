//! Packet time: the only clock of the engine.

use serde::{Serialize, Serializer};
use std::fmt;

/// Nanoseconds since 1970-01-01T00:00:00Z, as the capture states them.
///
/// 0 <= value < 2^64, so the last moment that can be told is in the year 2554; a capture that claims a later one is
/// clamped by its reader. Shown as RFC 3339 in UTC with nine digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PacketTime(pub u64);

impl PacketTime {
    /// The latest moment that can be told.
    pub const MAX: Self = Self(u64::MAX);

    /// Whole seconds and nanoseconds, as most capture formats carry them. Saturates.
    pub const fn from_parts(seconds: u64, nanos: u64) -> Self {
        Self(seconds.saturating_mul(1_000_000_000).saturating_add(nanos))
    }

    /// Nanoseconds from `earlier` to here; 0 where time went backwards.
    pub const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl fmt::Display for PacketTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_nanosecond(i128::from(self.0)) {
            Ok(time) => write!(f, "{time:.9}"),
            Err(_) => f.write_str("9999-12-31T23:59:59.999999999Z"),
        }
    }
}

impl Serialize for PacketTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// First and last sight of something and how often it was seen. Merging two is commutative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Earliest packet that showed it.
    pub first: PacketTime,
    /// Latest packet that showed it; first <= last.
    pub last: PacketTime,
    /// How many times; at least 1.
    pub count: u64,
}

impl Seen {
    /// Seen once.
    pub const fn once(at: PacketTime) -> Self {
        Self { first: at, last: at, count: 1 }
    }

    /// Takes in what another observer saw of the same thing.
    pub fn merge(&mut self, other: &Self) {
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        self.count = self.count.saturating_add(other.count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_written_in_utc_with_nine_digits() {
        assert_eq!(PacketTime(0).to_string(), "1970-01-01T00:00:00.000000000Z");
        assert_eq!(PacketTime::from_parts(1_795_478_400, 7).to_string(), "2026-11-24T00:00:00.000000007Z");
        assert_eq!(PacketTime::MAX.to_string(), "2554-07-21T23:34:33.709551615Z");
    }

    #[test]
    fn merging_sights_keeps_the_widest_window_and_adds_the_counts() {
        let mut a = Seen { first: PacketTime(5), last: PacketTime(9), count: 2 };
        a.merge(&Seen { first: PacketTime(1), last: PacketTime(7), count: 3 });
        assert_eq!(a, Seen { first: PacketTime(1), last: PacketTime(9), count: 5 });
    }
}
