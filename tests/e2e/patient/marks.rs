//! Finding marks of patients in what we wrote, in whatever encoding.
//!
//! `peers/tokens.py` says what a mark looks like; its start alone betrays it, so that no list of marks is needed here.

use std::collections::BTreeSet;

/// What every mark of letters, and every mark of digits, begins with.
const STARTS: [&str; 2] = ["ZQXVPH", "191774"];
/// The digits that follow, one number for each field.
const NUMBER: usize = 5;

/// Where a mark stands in these bytes: its encoding, and the text around it.
pub(super) fn found_in(bytes: &[u8]) -> Vec<String> {
    let folded = bytes.to_ascii_lowercase();
    let mut found = Vec::new();
    for start in STARTS {
        for (encoding, pattern) in folding(start) {
            found.extend(find(&folded, &pattern.to_ascii_lowercase()).map(|at| shown(encoding, bytes, at)));
        }
        for shift in 0..3 {
            found.extend(find(bytes, base64(start, shift).as_bytes()).map(|at| shown("base64", bytes, at)));
        }
    }
    found.extend(dates(bytes).into_iter().map(|at| shown("date", bytes, at)));
    found
}

/// The marks that stand in these bytes as they were planted.
pub(super) fn planted_in(bytes: &[u8]) -> BTreeSet<String> {
    let mut marks = BTreeSet::new();
    for start in STARTS {
        let mut rest = bytes;
        while let Some(at) = find(rest, start.as_bytes()) {
            let mark = rest.get(at..at + start.len() + NUMBER).unwrap_or_default();
            marks.insert(mark.iter().map(|&byte| char::from(byte)).collect());
            rest = &rest[at + 1..];
        }
    }
    marks
}

/// Encodings that are searched without regard to case.
fn folding(start: &str) -> Vec<(&'static str, Vec<u8>)> {
    let each = |form: fn(u8) -> String| start.bytes().map(form).collect::<String>().into_bytes();
    // Of either byte order: the first zero or the last is left out.
    let wide = start.bytes().flat_map(|byte| [0, byte]).skip(1).collect();
    vec![
        ("as it stands", start.as_bytes().to_vec()),
        ("UTF-16", wide),
        ("hexadecimal", each(|byte| format!("{byte:02x}"))),
        (
            "hexadecimal, spaced",
            start.bytes().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ").into_bytes(),
        ),
        ("a list of numbers", start.bytes().map(|byte| byte.to_string()).collect::<Vec<_>>().join(", ").into_bytes()),
        ("percent-encoded", each(|byte| format!("%{byte:02x}"))),
        ("JSON escapes", each(|byte| format!("\\u{byte:04x}"))),
        ("backwards", start.bytes().rev().collect()),
    ]
}

/// The characters of a base64 text that depend on `start` alone, where `shift` bytes of a group stand before it.
fn base64(start: &str, shift: usize) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits: Vec<u8> =
        vec![0; shift].into_iter().chain(start.bytes()).flat_map(|b| (0..8).rev().map(move |i| b >> i & 1)).collect();
    let first = (shift * 8).div_ceil(6);
    bits.chunks_exact(6)
        .skip(first)
        .map(|six| char::from(ALPHABET[six.iter().fold(0, |value, bit| value << 1 | usize::from(*bit))]))
        .collect()
}

/// Dates of the years that marks have: eight digits alone, or with a sign between year, month and day.
fn dates(bytes: &[u8]) -> Vec<usize> {
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let run = |from: usize, to: usize| (from..to).all(digit);
    let year = |at: &usize| bytes[*at..].starts_with(b"177") && matches!(bytes.get(at + 3), Some(b'4'..=b'9'));
    let apart = |at: usize| at == 0 || !digit(at - 1);
    (0..bytes.len())
        .filter(year)
        .filter(|&at| apart(at))
        .filter(|&at| {
            (run(at, at + 8) && !digit(at + 8))
                || (!digit(at + 4) && run(at + 5, at + 7) && !digit(at + 7) && run(at + 8, at + 10))
        })
        .collect()
}

fn find(bytes: &[u8], pattern: &[u8]) -> Option<usize> {
    let first = *pattern.first()?;
    let mut from = 0;
    while let Some(step) = bytes[from..].iter().position(|&byte| byte == first) {
        if bytes[from + step..].starts_with(pattern) {
            return Some(from + step);
        }
        from += step + 1;
    }
    None
}

fn shown(encoding: &str, bytes: &[u8], at: usize) -> String {
    let around = &bytes[at.saturating_sub(60)..bytes.len().min(at + 60)];
    format!("{encoding}: …{}…", around.escape_ascii())
}

#[test]
fn a_mark_is_found_in_every_encoding() {
    let wide: Vec<u8> = "xZQXVPH00001".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for bytes in [
        b"name zqxvph00001".to_vec(),
        wide,
        b"5a5158565048".to_vec(),
        b"5A 51 58 56 50 48".to_vec(),
        b"[90, 81, 88, 86, 80, 72]".to_vec(),
        b"%5AQ 1.2.19177400001".to_vec(),
        // base64 of "ZQXVPH00001", "aZQXVPH00001" and "aaZQXVPH00001".
        b"WlFYVlBIMDAwMDE=".to_vec(),
        b"YVpRWFZQSDAwMDAx".to_vec(),
        b"YWFaUVhWUEgwMDAwMQ==".to_vec(),
        b"born 17740102".to_vec(),
        b"born 1779-12-28T00:00".to_vec(),
    ] {
        assert_eq!(found_in(&bytes).len(), 1, "{}", bytes.escape_ascii());
    }
    assert_eq!(found_in(b"2026-11-24T08:00:00.177412340Z 17741234567 bytes"), Vec::<String>::new());
}
