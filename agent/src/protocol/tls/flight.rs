//! The handshake messages at the beginning of a direction, in whatever records they come (RFC 8446, 5.1). Nothing is copied
//! but a message that stands in several records.

use arrayvec::ArrayVec;
use std::borrow::Cow;

/// Content types (RFC 8446, 5.1).
const ALERT: u8 = 21;
pub(super) const HANDSHAKE: u8 = 22;
pub(super) const APPLICATION_DATA: u8 = 23;

/// An alert that need not end anything, such as one about the name that was asked for (RFC 5246, 7.2).
const WARNING: u8 = 1;

/// Longest record: 2^14 bytes of plain text and what encryption may add (RFC 5246, 6.2.3).
pub(super) const MAX_RECORD: u16 = 16_384 + 2_048;

/// Bytes before a message: its kind and its length (RFC 8446, 4).
pub(super) const HEAD: usize = 4;

/// Most records that are put together.
const MAX_RECORDS: usize = 32;

/// What is there of a direction's first handshake messages.
pub(super) struct Flight<'a> {
    fragments: ArrayVec<&'a [u8], MAX_RECORDS>,
    /// More of them may follow.
    pub(super) is_open: bool,
}

impl<'a> Flight<'a> {
    /// Of the bytes of a direction from its first on.
    pub(super) fn of(mut bytes: &'a [u8]) -> Self {
        let mut fragments = ArrayVec::new();
        let is_open = loop {
            match bytes {
                [HANDSHAKE, 3, 0..=4, high, low, body @ ..] => {
                    let length = usize::from(u16::from_be_bytes([*high, *low]));
                    let is_sound = (1..=usize::from(MAX_RECORD)).contains(&length);
                    let (body, rest, is_whole) = match body.split_at_checked(length) {
                        Some((body, rest)) => (body, rest, true),
                        None => (body, &[][..], false),
                    };
                    if !is_sound || fragments.try_push(body).is_err() {
                        break false;
                    }
                    if !is_whole {
                        break true;
                    }
                    bytes = rest;
                }
                [ALERT, 3, 0..=4, 0, 2, WARNING, _, rest @ ..] => bytes = rest,
                [] | [HANDSHAKE, _, _, _] | [HANDSHAKE, _, _] | [HANDSHAKE, _] | [HANDSHAKE] => break true,
                [ALERT, ..] => break bytes.len() < 7,
                _ => break false,
            }
        };
        Self { fragments, is_open }
    }

    /// Kind and length of the message that begins at an offset.
    pub(super) fn head(&self, at: usize) -> Option<(u8, usize)> {
        let [kind, l1, l2, l3] = *self.bytes(at, HEAD)? else { return None };
        Some((kind, usize::try_from(u32::from_be_bytes([0, l1, l2, l3])).ok()?))
    }

    /// Bytes from an offset on; none where they are not all there.
    pub(super) fn bytes(&self, mut from: usize, count: usize) -> Option<Cow<'a, [u8]>> {
        let mut gathered = Vec::new();
        for fragment in &self.fragments {
            let Some(rest) = fragment.get(from..) else {
                from -= fragment.len();
                continue;
            };
            from = 0;
            if let Some(whole) = rest.get(..count).filter(|_| gathered.is_empty()) {
                return Some(Cow::Borrowed(whole));
            }
            gathered.extend(rest.iter().take(count - gathered.len()));
            if gathered.len() == count {
                return Some(Cow::Owned(gathered));
            }
        }
        None
    }
}
