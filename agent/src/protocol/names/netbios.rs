//! Names of NetBIOS (RFC 1001, 14 and 16): fifteen characters and a last byte that says what for.

use super::super::words::Words;
use arrayvec::ArrayVec;
use wardwatch_model::Attribute;

/// Bytes of a name, the last one its purpose.
const LENGTH: usize = 16;

/// Purposes that are read. Others name services and, above all, persons (03, messenger): those are never read.
const COMPUTER: u8 = 0x00;
const FILE_SERVER: u8 = 0x20;
const DOMAIN_CONTROLLERS: u8 = 0x1c;

/// A name.
pub(super) struct Name {
    characters: ArrayVec<u8, LENGTH>,
    purpose: u8,
}

impl Name {
    /// From sixteen bytes as they are, in a status or an announcement.
    pub(super) fn plain(bytes: &[u8; LENGTH]) -> Self {
        let [characters @ .., purpose] = bytes;
        let end = memchr::memchr(0, characters).unwrap_or(characters.len());
        let characters = characters.get(..end).unwrap_or_default().trim_ascii_end();
        Self { characters: characters.iter().copied().collect(), purpose: *purpose }
    }

    /// From a label of 32 letters, two for each byte (RFC 1001, 14.1).
    pub(super) fn encoded(label: &[u8]) -> Option<Self> {
        let mut bytes = [0; LENGTH];
        let (pairs, []) = label.as_chunks::<2>() else { return None };
        if pairs.len() != LENGTH {
            return None;
        }
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            let half = |letter: &u8| letter.checked_sub(b'A').filter(|half| *half < 16);
            *byte = half(high)? << 4 | half(low)?;
        }
        Some(Self::plain(&bytes))
    }

    /// What the owner of a name says of itself by it.
    pub(super) fn say(&self, is_group: bool, words: &mut Words) {
        let attribute = match (is_group, self.purpose) {
            (false, COMPUTER | FILE_SERVER) => Attribute::Hostname,
            (true, COMPUTER | DOMAIN_CONTROLLERS) => Attribute::Domain,
            _ => return,
        };
        // `*` asks for any; the name of the master browsers is no one's.
        if self.characters.iter().all(|byte| matches!(byte, b' '..=b'~' | 0x80..) && *byte != b'*') {
            words.say(attribute, &self.characters);
        }
    }
}
