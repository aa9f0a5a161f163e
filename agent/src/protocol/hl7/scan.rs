//! Looking for separators and control characters, eight bytes at a time: fields are short, and what is not wanted is
//! only counted.

/// The first character that is no control character.
const BLANK: u8 = 0x20;

const ONES: u64 = u64::MAX / 0xff;
const HIGH: u64 = ONES * 0x80;
const LOW: u64 = !HIGH;

/// Marks, in its highest bit, each byte that equals `byte`. No carry leaves a byte, so every mark is true.
fn equal(word: u64, byte: u8) -> u64 {
    let difference = word ^ (ONES * u64::from(byte));
    !(((difference & LOW) + LOW) | difference) & HIGH
}

/// Marks, in its highest bit, each byte below [`BLANK`].
fn controls(word: u64) -> u64 {
    !(((word & LOW) + ONES * u64::from(0x80 - BLANK)) | word) & HIGH
}

/// How many bytes are marked. A multiplication adds them up in the highest byte; counting ones takes longer where the
/// processor has no instruction for it.
fn count(marks: u64) -> u64 {
    (marks >> 7).wrapping_mul(ONES) >> 56
}

/// Position of the lowest marked byte.
fn lowest(marks: u64) -> usize {
    (marks.trailing_zeros() / 8) as usize
}

/// How many bytes come before the first one of a kind, which is marked in words and told by itself.
#[inline]
fn first(bytes: &[u8], marks: impl Fn(u64) -> u64, is_one: impl Fn(u8) -> bool) -> usize {
    let (words, tail) = bytes.as_chunks::<8>();
    let mut before = 0;
    for word in words {
        let marks = marks(u64::from_le_bytes(*word));
        if marks != 0 {
            return before + lowest(marks);
        }
        before += 8;
    }
    before + tail.iter().position(|b| is_one(*b)).unwrap_or(tail.len())
}

/// How many bytes come before the first `separator` or control character.
#[inline]
pub(super) fn plain(bytes: &[u8], separator: u8) -> usize {
    first(bytes, |word| equal(word, separator) | controls(word), |byte| byte == separator || byte < BLANK)
}

/// How many bytes come before the first control character.
pub(super) fn content(bytes: &[u8]) -> usize {
    const BLOCK: usize = 32;
    let (blocks, _) = bytes.as_chunks::<BLOCK>();
    let is_bare = |block: &&[u8; BLOCK]| !block.iter().fold(false, |any, byte| any | (*byte < BLANK));
    let bare = BLOCK * blocks.iter().take_while(is_bare).count();
    bare + first(bytes.get(bare..).unwrap_or_default(), controls, |byte| byte < BLANK)
}

/// Whether a byte is among others.
pub(super) fn has(bytes: &[u8], byte: u8) -> bool {
    first(bytes, |word| equal(word, byte), |other| other == byte) < bytes.len()
}

/// What is to be known of a line whose end is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Census {
    pub(super) separators: u32,
    pub(super) is_ascii: bool,
}

impl Census {
    /// In sums of single bytes, so that the processor does many at once: none of them can overflow.
    pub(super) fn of(line: &[u8], separator: u8) -> Self {
        const LANES: usize = 16;
        let mut census = Self { separators: 0, is_ascii: true };
        for part in line.chunks(usize::from(u8::MAX)) {
            let (mut sums, mut all) = ([0_u8; LANES], [0_u8; LANES]);
            let mut add = |block: &[u8; LANES]| {
                for ((sum, all), byte) in sums.iter_mut().zip(&mut all).zip(block) {
                    *sum = sum.wrapping_add(u8::from(*byte == separator));
                    *all |= byte;
                }
            };
            let (blocks, tail) = part.as_chunks::<LANES>();
            blocks.iter().for_each(&mut add);
            // Filled up with what is neither a separator nor beyond ASCII.
            let mut last = [(separator ^ 1) & 0x7f; LANES];
            last.iter_mut().zip(tail).for_each(|(slot, byte)| *slot = *byte);
            add(&last);
            census.separators += u32::from(sums.iter().fold(0_u8, |sum, lane| sum.wrapping_add(*lane)));
            census.is_ascii &= all.iter().fold(0, |all, lane| all | lane).is_ascii();
        }
        census
    }
}

/// How many bytes come before the first block that has a separator or control character in it. Blocks are long, for
/// content without any structure.
fn bare(bytes: &[u8], separator: u8) -> usize {
    const BLOCK: usize = 32;
    let (blocks, _) = bytes.as_chunks::<BLOCK>();
    let is_bare =
        |block: &&[u8; BLOCK]| !block.iter().fold(false, |any, byte| any | (*byte == separator) | (*byte < BLANK));
    BLOCK * blocks.iter().take_while(is_bare).count()
}

/// Passes at most `most` separators and stops after the last of them, at a control character or at the end. How many
/// bytes were passed, and how many separators.
pub(super) fn pass(bytes: &[u8], separator: u8, most: u8) -> (usize, u8) {
    /// So many words without a mark, and content seems to have no structure.
    const MANY: u32 = 8;
    let mut before = 0;
    let mut left = u64::from(most);
    let mut bare_words = 0;
    let mut rest = bytes;
    while let Some((word, after)) = rest.split_first_chunk::<8>() {
        let word = u64::from_le_bytes(*word);
        let (separators, controls) = (equal(word, separator), controls(word));
        let mut marks = separators | controls;
        rest = after;
        if marks == 0 {
            before += 8;
            bare_words += 1;
            if bare_words == MANY {
                bare_words = 0;
                let length = bare(rest, separator);
                before += length;
                rest = rest.get(length..).unwrap_or_default();
            }
            continue;
        }
        bare_words = 0;
        let here = count(separators);
        if controls == 0 && here < left {
            left -= here;
            before += 8;
            continue;
        }
        while marks != 0 {
            let mark = marks & marks.wrapping_neg();
            let at = before + lowest(marks);
            if controls & mark != 0 {
                return (at, passed(most, left));
            }
            left -= 1;
            if left == 0 {
                return (at + 1, most);
            }
            marks ^= mark;
        }
        before += 8;
    }
    for (at, byte) in rest.iter().enumerate() {
        if *byte < BLANK {
            return (before + at, passed(most, left));
        }
        if *byte == separator {
            left -= 1;
            if left == 0 {
                return (before + at + 1, most);
            }
        }
    }
    (bytes.len(), passed(most, left))
}

/// A line taken apart where it stands: where its first fields end, up to `N` of them, and how many bytes come before its
/// first control character.
pub(super) struct Split<const N: usize> {
    ends: [u16; N],
    /// How many separators there are; <= N.
    pub(super) separators: usize,
    pub(super) length: usize,
}

impl<const N: usize> Split<N> {
    /// `None` where there are more separators than `N`, one beyond 65,535 bytes, or no control character.
    pub(super) fn of(bytes: &[u8], separator: u8) -> Option<Self> {
        let mut split = Self { ends: [0; N], separators: 0, length: 0 };
        let (words, tail) = bytes.as_chunks::<8>();
        for word in words {
            let word = u64::from_le_bytes(*word);
            let (separators, controls) = (equal(word, separator), controls(word));
            let mut marks = separators | controls;
            while marks != 0 {
                let mark = marks & marks.wrapping_neg();
                if split.mark(split.length + lowest(marks), controls & mark != 0)? {
                    return Some(split);
                }
                marks ^= mark;
            }
            split.length += 8;
        }
        let before = split.length;
        for (at, byte) in tail.iter().enumerate() {
            if (*byte == separator || *byte < BLANK) && split.mark(before + at, *byte < BLANK)? {
                return Some(split);
            }
        }
        None
    }

    /// Notes a separator or the end; whether it is the end. `None` where there is no room.
    fn mark(&mut self, at: usize, ends: bool) -> Option<bool> {
        if ends {
            self.length = at;
        } else {
            *self.ends.get_mut(self.separators)? = u16::try_from(at).ok()?;
            self.separators += 1;
        }
        Some(ends)
    }

    /// The bytes of the fields from the `first` to the `last`, counted from 0, with the separators between them. The last
    /// field ends where the line does.
    pub(super) fn fields<'a>(&self, bytes: &'a [u8], first: usize, last: usize) -> &'a [u8] {
        let end = |field: usize| self.ends.get(field).map(|end| usize::from(*end)).filter(|_| field < self.separators);
        let from = first.checked_sub(1).map_or(0, |before| end(before).map_or(self.length, |end| end + 1));
        bytes.get(from..end(last).unwrap_or(self.length)).unwrap_or_default()
    }
}

fn passed(most: u8, left: u64) -> u8 {
    most.saturating_sub(u8::try_from(left).unwrap_or(u8::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn slow_pass(bytes: &[u8], separator: u8, most: u8) -> (usize, u8) {
        let mut count = 0;
        for (at, byte) in bytes.iter().enumerate() {
            if *byte < BLANK {
                return (at, count);
            }
            count += u8::from(*byte == separator);
            if count == most {
                return (at + 1, count);
            }
        }
        (bytes.len(), count)
    }

    proptest! {
        #[test]
        fn words_find_what_bytes_find(
            head in prop::collection::vec(prop_oneof![4 => 0x20u8..=0xff, 3 => Just(b'|'), 1 => 0u8..0x20], 0..60),
            bare in 0usize..300,
            tail in prop::collection::vec(prop_oneof![4 => 0x20u8..=0xff, 3 => Just(b'|'), 1 => 0u8..0x20], 0..60),
            most in 1u8..12,
        ) {
            let bytes = [head, vec![b'x'; bare], tail].concat();
            let first = bytes.iter().position(|b| *b == b'|' || *b < BLANK).unwrap_or(bytes.len());
            prop_assert_eq!(plain(&bytes, b'|'), first);
            prop_assert_eq!(has(&bytes, b'|'), bytes.contains(&b'|'));
            prop_assert_eq!(content(&bytes), bytes.iter().position(|b| *b < BLANK).unwrap_or(bytes.len()));
            prop_assert_eq!(pass(&bytes, b'|', most), slow_pass(&bytes, b'|', most));
        }

        #[test]
        fn a_line_is_counted(bytes in prop::collection::vec(prop_oneof![3 => 0x20u8..0x80, 1 => Just(b'|'), 1 => any::<u8>()], 0..600)) {
            let separators = bytes.iter().map(|b| u32::from(*b == b'|')).sum();
            prop_assert_eq!(Census::of(&bytes, b'|'), Census { separators, is_ascii: bytes.is_ascii() });
        }

        #[test]
        fn a_line_is_split_at_its_separators_up_to_its_end(line in "[ -~]{0,60}", rest in "[ -~]{0,20}") {
            let bytes = format!("{line}\r{rest}").into_bytes();
            let fields: Vec<&str> = line.split('|').collect();
            let Some(split) = Split::<8>::of(&bytes, b'|') else {
                prop_assert!(fields.len() > 9);
                return Ok(());
            };
            prop_assert_eq!((split.length, split.separators + 1), (line.len(), fields.len()));
            for (number, field) in fields.iter().enumerate() {
                prop_assert_eq!(split.fields(&bytes, number, number), field.as_bytes());
            }
            prop_assert_eq!(split.fields(&bytes, fields.len(), fields.len()), b"");
            prop_assert_eq!(split.fields(&bytes, 0, fields.len()), line.as_bytes());
            prop_assert!(Split::<8>::of(line.as_bytes(), b'|').is_none());
        }
    }
}
