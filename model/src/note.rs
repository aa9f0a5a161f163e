//! What is worth noting on a conversation whose protocol has no detail of its own.

use crate::attribute::closed_list;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;

closed_list! {
    /// Something that was seen on a conversation.
    Note {
        /// A login that needs no password (FTP as anonymous, RFC 1635).
        AnonymousLogin = "anonymous-login",
        /// A device was told to start anew, to fall silent, or to test itself (BACnet, Modbus).
        DeviceControlled = "device-controlled",
        /// A screen was shown to whoever came, without a password (VNC, RFC 6143 7.2.1).
        NoPassword = "no-password",
        /// A password crossed the network in clear, or in an encoding that anyone can undo.
        PasswordInClear = "password-in-clear",
        /// From here on it was encrypted, as one end asked for and the other allowed (STARTTLS, AUTH TLS).
        UpgradedToTls = "upgraded-to-tls",
        /// A user's name crossed the network in clear (RDP, MS-RDPBCGR 2.2.1.1).
        UserNameInClear = "user-name-in-clear",
        /// Values of a device were read (BACnet, Modbus).
        ValueRead = "value-read",
        /// Values of a device were written (BACnet, Modbus).
        ValueWritten = "value-written",
    }
}

/// How often what was noted. Merging is commutative.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notes {
    /// Sorted, each once: so few that a list is best.
    counts: Vec<(Note, u64)>,
}

impl Notes {
    /// Notes something.
    pub fn note(&mut self, note: Note) {
        self.add(note, 1);
    }

    /// Whether nothing was noted.
    pub const fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// What was noted how often, in order.
    pub fn iter(&self) -> impl Iterator<Item = (Note, u64)> {
        self.counts.iter().copied()
    }

    /// How often it was noted.
    pub fn count(&self, note: Note) -> u64 {
        self.counts.iter().find_map(|(known, count)| (*known == note).then_some(*count)).unwrap_or(0)
    }

    /// Memory beside the value itself, bytes.
    pub const fn heap_bytes(&self) -> usize {
        self.counts.capacity() * size_of::<(Note, u64)>()
    }

    /// Adds what was noted elsewhere.
    pub fn merge(&mut self, other: &Self) {
        other.counts.iter().for_each(|(note, count)| self.add(*note, *count));
    }

    fn add(&mut self, note: Note, times: u64) {
        match self.counts.binary_search_by_key(&note, |(known, _)| *known) {
            Ok(place) => {
                if let Some((_, count)) = self.counts.get_mut(place) {
                    *count += times;
                }
            }
            Err(place) => self.counts.insert(place, (note, times)),
        }
    }
}

impl Serialize for Notes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.counts.iter().map(|(note, count)| (note, count)))
    }
}

impl<'de> Deserialize<'de> for Notes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let counts = BTreeMap::<Note, u64>::deserialize(deserializer)?;
        Ok(Self { counts: counts.into_iter().collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_add_up_in_any_order_and_survive_writing() {
        let noted = |all: &[Note]| {
            let mut notes = Notes::default();
            all.iter().for_each(|note| notes.note(*note));
            notes
        };
        let (first, second) = (noted(&[Note::PasswordInClear]), noted(&[Note::AnonymousLogin, Note::PasswordInClear]));
        let (mut one, mut other) = (first.clone(), second.clone());
        one.merge(&second);
        other.merge(&first);
        assert_eq!(one, other);
        assert_eq!((one.count(Note::PasswordInClear), one.count(Note::UpgradedToTls)), (2, 0));
        let written = serde_json::to_string(&one).unwrap();
        assert_eq!(written, r#"{"anonymous-login":1,"password-in-clear":2}"#);
        assert_eq!(serde_json::from_str::<Notes>(&written).unwrap(), one);
    }
}
