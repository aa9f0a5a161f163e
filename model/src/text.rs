//! Text that came from the wire, bounded and cleaned.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use smol_str::SmolStr;
use std::fmt;

/// A short text from an allow-listed field: 1 to 256 characters, no control characters, no blanks at the ends.
///
/// The only text type of observations, so nothing longer and nothing unprintable can reach a log, a metric or a page.
///
/// Nearly all are names and codes of a few letters, and there are very many: up to 23 bytes need no memory of their own.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeviceText(SmolStr);

impl DeviceText {
    /// Longest text kept, in characters; the rest is cut off.
    pub const MAX_CHARS: usize = 256;

    /// Cleans `raw`; `None` where nothing printable is left.
    pub fn new(raw: &str) -> Option<Self> {
        // Nearly all text is printable ASCII: then there is nothing to clean.
        if raw.len() <= Self::MAX_CHARS && raw.bytes().all(|b| matches!(b, b' '..=b'~')) {
            let trimmed = raw.trim_matches(' ');
            return (!trimmed.is_empty()).then(|| Self(trimmed.into()));
        }
        let blank = |c: char| c.is_whitespace() || c.is_control();
        let trimmed = raw.trim_matches(blank);
        if trimmed.is_empty() {
            return None;
        }
        let clean: String = trimmed
            .chars()
            .take(Self::MAX_CHARS)
            .map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c })
            .collect();
        Some(Self(clean.trim_end_matches(blank).into()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Serialize for DeviceText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for DeviceText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::new(&text)
            .filter(|clean| **clean == *text)
            .ok_or_else(|| serde::de::Error::custom("not a short printable text"))
    }
}

impl std::ops::Deref for DeviceText {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DeviceText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for DeviceText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn blanks_at_the_ends_go_and_controls_inside_are_marked() {
        assert_eq!(DeviceText::new(" \0 CT 01\u{1b}[31m \r").unwrap().as_str(), "CT 01\u{fffd}[31m");
        assert_eq!(DeviceText::new(" \0\n"), None);
    }

    proptest! {
        #[test]
        fn every_text_is_short_printable_and_stable(raw in ".{0,400}") {
            if let Some(text) = DeviceText::new(&raw) {
                prop_assert!(!text.is_empty() && text.chars().count() <= DeviceText::MAX_CHARS);
                prop_assert!(!text.chars().any(char::is_control));
                prop_assert_eq!(DeviceText::new(&text), Some(text.clone()));
            }
        }
    }
}
