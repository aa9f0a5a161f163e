//! Which acknowledgement answers which message. A control id is never kept, only its salted digest.

use super::scan;
use std::collections::VecDeque;
use wardwatch_ring::prefetch;

/// A digest of a control id, taken byte by byte as it passes. Blanks do not count: some answer with a trimmed id.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Digest {
    state: u64,
    /// The bytes since the last multiple of eight.
    word: u64,
    length: u64,
}

impl Digest {
    /// With a salt of the connection, so that a digest says nothing outside it.
    pub(super) const fn new(salt: u64) -> Self {
        Self { state: salt, word: 0, length: 0 }
    }

    /// Of an id that is at hand whole.
    pub(super) fn of(salt: u64, id: &[u8]) -> Option<u64> {
        let mut digest = Self::new(salt);
        digest.push(id);
        digest.value()
    }

    /// Takes in the next bytes of the id.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while self.length.is_multiple_of(8)
            && let Some((word, after)) = rest.split_first_chunk::<8>()
            && scan::is_solid(*word)
        {
            self.state = mix(self.state, u64::from_be_bytes(*word));
            self.length += 8;
            rest = after;
        }
        for byte in rest.iter().filter(|b| **b > b' ') {
            self.word = self.word << 8 | u64::from(*byte);
            self.length += 1;
            if self.length.is_multiple_of(8) {
                self.state = mix(self.state, self.word);
                self.word = 0;
            }
        }
    }

    /// The digest, never 0; none of an empty id.
    pub(super) fn value(&self) -> Option<u64> {
        (self.length > 0).then(|| mix(mix(self.state, self.word), self.length).max(1))
    }
}

/// Folds a word into a state: both halves of a 128-bit product, so that every bit reaches every other.
fn mix(state: u64, word: u64) -> u64 {
    const ODD: u128 = 0x9e37_79b9_7f4a_7c15;
    let product = u128::from(state ^ word) * ODD;
    let [low @ .., _, _, _, _, _, _, _, _] = product.to_le_bytes();
    let [_, _, _, _, _, _, _, _, high @ ..] = product.to_le_bytes();
    u64::from_le_bytes(low).rotate_left(29) ^ u64::from_le_bytes(high)
}

/// Messages of one side that were or may be acknowledged by the other.
#[derive(Clone, Debug, Default)]
pub(super) struct Pending {
    messages: VecDeque<Sent>,
}

#[derive(Clone, Debug)]
struct Sent {
    /// 0 of a message without an id.
    control: u64,
    header: u32,
    open: bool,
}

/// What an acknowledgement answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Answered {
    /// The header of the message.
    pub(super) header: usize,
    /// It is the message's first acknowledgement.
    pub(super) first: bool,
}

impl Pending {
    /// Has the latest message loaded.
    pub(super) fn prefetch(&self) {
        self.messages.back().into_iter().for_each(prefetch);
    }

    /// Most messages waited for; the oldest goes first.
    pub(super) const MAX: usize = 1024;
    /// How many of those already acknowledged are kept for a second acknowledgement, such as AA after CA.
    const ANSWERED: usize = 64;
    /// As many as most connections come to.
    const FEW: usize = 16;

    /// Memory beyond itself, bytes.
    pub(super) fn held(&self) -> usize {
        self.messages.capacity() * size_of::<Sent>()
    }

    /// A message was sent.
    pub(super) fn push(&mut self, control: Option<u64>, header: usize) {
        while self.messages.len() >= Self::MAX
            || self.messages.len() >= Self::ANSWERED && self.messages.front().is_some_and(|oldest| !oldest.open)
        {
            self.messages.pop_front();
        }
        if self.messages.capacity() == 0 {
            self.messages.reserve(Self::FEW);
        }
        let header = u32::try_from(header).unwrap_or(u32::MAX);
        self.messages.push_back(Sent { control: control.unwrap_or_default(), header, open: true });
    }

    /// The message sent last was an answer itself, and nobody answers it.
    pub(super) fn withdraw(&mut self) {
        self.messages.pop_back();
    }

    /// An acknowledgement came. Of several messages with its id (sent again) it answers the latest that is still open.
    pub(super) fn answer(&mut self, control: u64) -> Option<Answered> {
        // Nearly always it is the message sent last.
        if let Some(message) = self.messages.back_mut().filter(|message| message.control == control && message.open) {
            message.open = false;
            return Some(Answered { header: message.header as usize, first: true });
        }
        self.answer_earlier(control)
    }

    fn answer_earlier(&mut self, control: u64) -> Option<Answered> {
        let mut answered = None;
        for message in self.messages.iter_mut().rev().filter(|m| m.control == control) {
            let header = message.header as usize;
            if std::mem::take(&mut message.open) {
                return Some(Answered { header, first: true });
            }
            answered = answered.or(Some(Answered { header, first: false }));
        }
        answered
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(salt: u64, parts: &[&[u8]]) -> Option<u64> {
        let mut digest = Digest::new(salt);
        parts.iter().for_each(|part| digest.push(part));
        digest.value()
    }

    #[test]
    fn a_digest_does_not_depend_on_how_the_id_arrives() {
        let whole = digest(7, &[b"MSG-0123456789"]);
        for cut in 0..14 {
            assert_eq!(digest(7, &[&b"MSG-0123456789"[..cut], &b"MSG-0123456789"[cut..], b"  "]), whole);
        }
        assert_ne!(digest(8, &[b"MSG-0123456789"]), whole);
        assert_ne!(digest(7, &[b"MSG-0123456780"]), whole);
        assert_eq!(digest(7, &[b" "]), None);
    }

    #[test]
    fn digests_of_similar_ids_differ() {
        let all: std::collections::BTreeSet<_> =
            (0..100_000).map(|n| digest(7, &[format!("{n}").as_bytes()])).collect();
        assert_eq!(all.len(), 100_000);
    }

    #[test]
    fn a_message_is_acknowledged_once_and_a_repeat_is_told_as_such() {
        let mut pending = Pending::default();
        pending.push(Some(1), 10);
        pending.push(Some(2), 11);
        pending.push(None, 12);
        assert_eq!(pending.answer(1), Some(Answered { header: 10, first: true }));
        assert_eq!(pending.answer(1), Some(Answered { header: 10, first: false }));
        assert_eq!(pending.answer(3), None);
        pending.push(Some(1), 13);
        assert_eq!(pending.answer(1), Some(Answered { header: 13, first: true }));
    }

    #[test]
    fn what_waits_is_bounded() {
        let mut pending = Pending::default();
        for n in 0..10_000 {
            pending.push(Some(n), 0);
        }
        assert_eq!(pending.messages.len(), Pending::MAX);
        assert_eq!(pending.answer(10_000 - 1024 - 1), None);
        assert!(pending.answer(9_999).is_some());
        let mut prompt = Pending::default();
        for n in 0..10_000 {
            prompt.push(Some(n), 0);
            prompt.answer(n);
        }
        assert_eq!(prompt.messages.len(), Pending::ANSWERED);
    }
}
