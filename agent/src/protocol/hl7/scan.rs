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
    let (blocks, tail) = bytes.as_chunks::<16>();
    let mut before = 0;
    for block in blocks {
        if block.iter().fold(false, |any, byte| any | (*byte < BLANK)) {
            return before + first(block, controls, |byte| byte < BLANK);
        }
        before += block.len();
    }
    before + first(tail, controls, |byte| byte < BLANK)
}

/// How many bytes come before the first that is one of two.
pub(super) fn either(bytes: &[u8], one: u8, other: u8) -> usize {
    first(bytes, |word| equal(word, one) | equal(word, other), |byte| byte == one || byte == other)
}

/// Where a byte is first found among others.
pub(super) fn position(bytes: &[u8], byte: u8) -> Option<usize> {
    let before = first(bytes, |word| equal(word, byte), |other| other == byte);
    (before < bytes.len()).then_some(before)
}

/// Whether none of eight bytes is a blank or control character.
pub(super) fn is_solid(bytes: [u8; 8]) -> bool {
    let word = u64::from_le_bytes(bytes);
    (((word & LOW) + ONES * u64::from(0x80 - (BLANK + 1))) | word) & HIGH == HIGH
}

/// What is to be known of a line whose end is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Census {
    pub(super) separators: u64,
    pub(super) is_ascii: bool,
}

impl Census {
    /// In sums of single bytes, so that the processor does many at once, and in words what is left.
    pub(super) fn of(line: &[u8], separator: u8) -> Self {
        /// So many bytes at once.
        const AT_ONCE: usize = 32;
        /// Most bytes of which no sum can overflow.
        const MOST: usize = 7 * AT_ONCE;
        let mut separators = 0;
        let mut all = 0;
        for part in line.chunks(MOST) {
            let (head, rest) = part.split_at(part.len() / AT_ONCE * AT_ONCE);
            let add = |(sum, all): (u8, u8), byte: &u8| (sum.wrapping_add(u8::from(*byte == separator)), all | byte);
            let (sum, of_head) = head.iter().fold((0, 0), add);
            let (words, tail) = rest.as_chunks::<8>();
            for word in words.iter().map(|word| u64::from_le_bytes(*word)) {
                separators += count(equal(word, separator));
                all |= word;
            }
            let (last, of_tail) = tail.iter().fold((0, 0), add);
            separators += u64::from(sum) + u64::from(last);
            all |= u64::from(of_head | of_tail);
        }
        Self { separators, is_ascii: all & HIGH == 0 }
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
            prop_assert_eq!(position(&bytes, b'|'), bytes.iter().position(|b| *b == b'|'));
            let either = bytes.iter().position(|b| matches!(b, b'|' | b'x')).unwrap_or(bytes.len());
            prop_assert_eq!(super::either(&bytes, b'|', b'x'), either);
            let (words, _) = bytes.as_chunks::<8>();
            prop_assert!(words.iter().all(|word| is_solid(*word) == word.iter().all(|b| *b > BLANK)));
            prop_assert_eq!(content(&bytes), bytes.iter().position(|b| *b < BLANK).unwrap_or(bytes.len()));
            prop_assert_eq!(pass(&bytes, b'|', most), slow_pass(&bytes, b'|', most));
        }

        #[test]
        fn a_line_is_counted(bytes in prop::collection::vec(prop_oneof![3 => 0x20u8..0x80, 1 => Just(b'|'), 1 => any::<u8>()], 0..600)) {
            let separators = bytes.iter().map(|b| u64::from(*b == b'|')).sum();
            prop_assert_eq!(Census::of(&bytes, b'|'), Census { separators, is_ascii: bytes.is_ascii() });
        }
    }
}
