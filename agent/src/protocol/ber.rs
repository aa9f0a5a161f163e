//! The Basic Encoding Rules of ASN.1 (X.690), as far as SNMP and certificates need them. Pure, without a copy.

use std::fmt::Write;
use wardwatch_model::DeviceText;

/// Tags (X.690, 8.1.2) of one byte.
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(crate) const SEQUENCE: u8 = 0x30;

/// The first element: its tag, its contents, and what comes after it. Lengths are definite, of four bytes at most.
pub(crate) fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let [tag, length, rest @ ..] = bytes else { return None };
    let (length, rest) = match length {
        0..=0x7f => (usize::from(*length), rest),
        0x81..=0x84 => {
            let (digits, rest) = rest.split_at_checked(usize::from(length & 0x7f))?;
            (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
        }
        _ => return None,
    };
    let (contents, rest) = rest.split_at_checked(length)?;
    Some((*tag, contents, rest))
}

/// The contents of the first element, where it has this tag, and what comes after it.
pub(crate) fn expect(tag: u8, bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    element(bytes).filter(|(known, ..)| *known == tag).map(|(_, contents, rest)| (contents, rest))
}

/// The elements one after the other, up to the first that is none.
pub(crate) fn elements(mut bytes: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    std::iter::from_fn(move || {
        let (tag, contents, rest) = element(bytes)?;
        bytes = rest;
        Some((tag, contents))
    })
}

/// Numbers of an object identifier (X.690, 8.19), up to the first that is too long.
pub(crate) fn arcs(contents: &[u8]) -> impl Iterator<Item = u64> {
    let mut rest = contents;
    let mut split = None;
    std::iter::from_fn(move || {
        if let Some(second) = split.take() {
            return Some(second);
        }
        let is_first = rest.len() == contents.len();
        let end = rest.iter().take(9).position(|byte| byte & 0x80 == 0)?;
        let (digits, after) = rest.split_at_checked(end + 1)?;
        rest = after;
        let number = digits.iter().fold(0, |number: u64, digit| number << 7 | u64::from(digit & 0x7f));
        if is_first {
            // The first two arcs are one number; the first is 0, 1 or 2.
            let first = (number / 40).min(2);
            split = Some(number - first * 40);
            return Some(first);
        }
        Some(number)
    })
}

/// An object identifier in dots, as much of it as a text holds.
pub(crate) fn dotted(contents: &[u8]) -> Option<DeviceText> {
    let mut text = String::new();
    for arc in arcs(contents) {
        let dot = if text.is_empty() { "" } else { "." };
        if text.len() + 20 > DeviceText::MAX_CHARS {
            break;
        }
        // Writing to a string does not fail.
        let _ = write!(text, "{dot}{arc}");
    }
    DeviceText::new(&text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lengths_are_read_in_both_forms_and_never_beyond_the_end() {
        assert_eq!(element(&[0x04, 2, 7, 8, 9]), Some((OCTET_STRING, &[7, 8][..], &[9][..])));
        assert_eq!(element(&[0x04, 0x82, 0, 1, 7]), Some((OCTET_STRING, &[7][..], &[][..])));
        for bad in [&[0x04][..], &[0x04, 3, 1], &[0x04, 0x80, 0, 0], &[0x04, 0x85, 0, 0, 0, 0, 0], &[0x04, 0x81]] {
            assert_eq!(element(bad), None, "{bad:?}");
        }
        assert_eq!(expect(SEQUENCE, &[0x04, 0]), None);
    }

    #[test]
    fn object_identifiers_are_read_number_by_number() {
        let text = |bytes: &[u8]| dotted(bytes).map(|text| text.to_string());
        assert_eq!(text(&[0x2b, 6, 1, 4, 1, 0x8b, 0x3a]).as_deref(), Some("1.3.6.1.4.1.1466"));
        assert_eq!(text(&[0x88, 0x37]).as_deref(), Some("2.999"));
        assert_eq!(text(&[]), None);
        assert_eq!(text(&[0x2b, 0x80]).as_deref(), Some("1.3"), "left unfinished");
    }

    proptest! {
        #[test]
        fn any_bytes_do_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
            prop_assert!(elements(&bytes).count() <= bytes.len());
            dotted(&bytes);
        }
    }
}
