//! Days, and what stands where a day may stand.

use serde::{Deserialize, Deserializer, de::Error};
use std::fmt;

/// A day of the calendar, as `YYYY-MM-DD`; days compare as they follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day {
    year: u16,
    month: u8,
    day: u8,
}

impl Day {
    /// Reads `YYYY-MM-DD`; none where there is no such day.
    pub fn parse(text: &str) -> Option<Self> {
        let is_form = |(index, byte): (usize, u8)| match index {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        };
        if text.len() != 10 || !text.bytes().enumerate().all(is_form) {
            return None;
        }
        let day = Self {
            year: text.get(..4)?.parse().ok()?,
            month: text.get(5..7)?.parse().ok()?,
            day: text.get(8..)?.parse().ok()?,
        };
        let divides = |years| day.year.is_multiple_of(years);
        let is_leap = divides(4) && (!divides(100) || divides(400));
        let last = match day.month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if is_leap => 29,
            2 => 28,
            _ => return None,
        };
        (1..=last).contains(&day.day).then_some(day)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom(format!("{text:?} is no day, YYYY-MM-DD")))
    }
}

/// When something ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// After this day.
    After(Day),
    /// On a day that is not told yet.
    ToBeAnnounced,
}

impl End {
    /// The last day, where it is told.
    pub fn day(self) -> Option<Day> {
        match self {
            Self::After(day) => Some(day),
            Self::ToBeAnnounced => None,
        }
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::After(day) => day.fmt(f),
            Self::ToBeAnnounced => f.write_str("tba"),
        }
    }
}

impl<'de> Deserialize<'de> for End {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.as_str() {
            "tba" => Ok(Self::ToBeAnnounced),
            _ => Day::parse(&text)
                .map(Self::After)
                .ok_or_else(|| D::Error::custom(format!("{text:?} is neither a day, YYYY-MM-DD, nor tba"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_days_of_the_calendar_are_read() {
        for text in ["2024-02-29", "2000-02-29", "2026-11-24", "2025-12-31"] {
            assert_eq!(Day::parse(text).map(|day| day.to_string()).as_deref(), Some(text));
        }
        for text in ["2023-02-29", "1900-02-29", "2026-11-31", "2026-13-01", "2026-00-10", "2026-1-1", "+026-11-24", ""]
        {
            assert_eq!(Day::parse(text), None, "{text}");
        }
    }
}
