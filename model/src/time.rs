//! Packet time: the only clock of the engine.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
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

/// A moment as RFC 3339 has it, and two blanks: text of this length and at such an address is checked to be text in two
/// steps.
///
/// Written out here as a document of a large network holds a hundred thousand times, and a calendar library takes a tenth
/// of the time of writing it; a test holds this to such a library.
#[repr(align(16))]
struct Written([u8; 32]);

impl Written {
    /// What is not blank.
    const LENGTH: usize = 30;

    fn new(PacketTime(nanos): PacketTime) -> Self {
        // All of these are small, and small numbers are divided in fewer steps.
        let small = |number: u64| u32::try_from(number).unwrap_or(0);
        let (seconds, nanos) = (nanos / 1_000_000_000, small(nanos % 1_000_000_000));
        let (days, second) = (small(seconds / 86_400), small(seconds % 86_400));
        // Days are counted from 0000-03-01, so that a leap day ends its year; 146,097 days are 400 years.
        let shifted = days + 719_468;
        let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        let year = era * 400 + year_of_era + u32::from(month <= 2);

        // Of a number below 100.
        let two = |number: u32| {
            let [number, ..] = number.to_le_bytes();
            [b'0' + number / 10, b'0' + number % 10]
        };
        let ([a, b], [c, d], [e, f], [g, h]) = (two(year / 100), two(year % 100), two(month), two(day));
        let ([i, j], [k, l], [m, n]) = (two(second / 3_600), two(second / 60 % 60), two(second % 60));
        let ([o, p], [q, r], [s, t]) = (two(nanos / 10_000_000), two(nanos / 100_000 % 100), two(nanos / 1_000 % 100));
        let ([u, v], [_, w]) = (two(nanos / 10 % 100), two(nanos % 100));
        Self([
            a, b, c, d, b'-', e, f, b'-', g, h, b'T', i, j, b':', k, l, b':', m, n, b'.', o, p, q, r, s, t, u, v, w,
            b'Z', b' ', b' ',
        ])
    }

    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).ok().and_then(|text| text.get(..Self::LENGTH)).unwrap_or_default()
    }
}

impl fmt::Display for PacketTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Written::new(*self).as_str())
    }
}

impl Serialize for PacketTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(Written::new(*self).as_str())
    }
}

impl PacketTime {
    /// Reads back what [`PacketTime`] is written as; nothing else.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != Written::LENGTH {
            return None;
        }
        let number = |from: usize, digits: usize| text.get(from..from + digits)?.parse::<u64>().ok();
        let (year, month, day) = (number(0, 4)?, number(5, 2)?, number(8, 2)?);
        if year < 1970 || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
            return None;
        }
        // The days before a year that begins in March, as in the other direction.
        let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
        let days = year * 365 + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1;
        let seconds =
            days.checked_sub(719_468)? * 86_400 + number(11, 2)? * 3_600 + number(14, 2)? * 60 + number(17, 2)?;
        let time = Self(seconds.checked_mul(1_000_000_000)?.checked_add(number(20, 9)?)?);
        // Whatever is not written like this was not written by us.
        (Written::new(time).as_str() == text).then_some(time)
    }
}

impl<'de> Deserialize<'de> for PacketTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("not a time in UTC with nine digits"))
    }
}

/// Some of the moments at which something happened: the earliest and the latest. Merging is commutative.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Moments(Vec<PacketTime>);

impl Moments {
    /// How many of the earliest, and how many of the latest, are kept.
    pub const KEPT: usize = 16;

    /// One moment.
    pub fn once(at: PacketTime) -> Self {
        Self(vec![at])
    }

    /// The moments kept, earliest first.
    pub fn iter(&self) -> impl Iterator<Item = PacketTime> + '_ {
        self.0.iter().copied()
    }

    /// Takes in others.
    pub fn merge(&mut self, other: &Self) {
        self.0.extend(&other.0);
        self.0.sort_unstable();
        let latest = self.0.len().saturating_sub(Self::KEPT);
        if latest > Self::KEPT {
            self.0.drain(Self::KEPT..latest);
        }
    }
}

/// First and last sight of something and how often it was seen. Merging two is commutative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    use proptest::prelude::*;

    #[test]
    fn time_is_written_in_utc_with_nine_digits() {
        assert_eq!(PacketTime(0).to_string(), "1970-01-01T00:00:00.000000000Z");
        assert_eq!(PacketTime::from_parts(1_795_478_400, 7).to_string(), "2026-11-24T00:00:00.000000007Z");
        assert_eq!(PacketTime::MAX.to_string(), "2554-07-21T23:34:33.709551615Z");
    }

    proptest! {
        #[test]
        fn every_moment_is_written_as_a_calendar_library_writes_it(nanos in any::<u64>()) {
            let library = jiff::Timestamp::from_nanosecond(i128::from(nanos)).unwrap();
            prop_assert_eq!(PacketTime(nanos).to_string(), format!("{library:.9}"));
            prop_assert_eq!(PacketTime::parse(&PacketTime(nanos).to_string()), Some(PacketTime(nanos)));
        }

        #[test]
        fn what_is_no_time_is_not_read_as_one(text in "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}.[0-9]{9}Z|.{0,32}") {
            if let Some(time) = PacketTime::parse(&text) {
                prop_assert_eq!(time.to_string(), text);
            }
        }

        #[test]
        fn moments_are_the_same_in_whatever_order_they_are_merged(times in prop::collection::vec(0u64..500, 0..120), cut in 0usize..120) {
            let merged = |times: &mut dyn Iterator<Item = &u64>| {
                let mut all = Moments::default();
                times.for_each(|time| all.merge(&Moments::once(PacketTime(*time))));
                all
            };
            let forward = merged(&mut times.iter());
            let (first, second) = times.split_at(cut.min(times.len()));
            let mut halves = merged(&mut second.iter().rev());
            halves.merge(&merged(&mut first.iter()));
            prop_assert_eq!(&forward, &halves);
            prop_assert!(forward.iter().count() <= 2 * Moments::KEPT);
        }
    }

    #[test]
    fn merging_sights_keeps_the_widest_window_and_adds_the_counts() {
        let mut a = Seen { first: PacketTime(5), last: PacketTime(9), count: 2 };
        a.merge(&Seen { first: PacketTime(1), last: PacketTime(7), count: 3 });
        assert_eq!(a, Seen { first: PacketTime(1), last: PacketTime(9), count: 5 });
    }
}
