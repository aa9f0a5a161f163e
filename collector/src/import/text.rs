//! The text of a file: lines, and the few forms in which programs write characters.

use std::borrow::Cow;
use wardwatch_model::{DeviceText, Mac};

/// Longest line that is read, bytes.
const MAX_LINE: usize = 64 << 10;

/// A file as UTF-8 without a byte order mark: PowerShell writes UTF-16, too (RFC 2781 3.2). What is wrong in a line stays wrong.
pub(super) fn utf8(bytes: &[u8]) -> Cow<'_, [u8]> {
    let pair: fn([u8; 2]) -> u16 = match bytes {
        [0xff, 0xfe, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] => u16::from_be_bytes,
        [0xef, 0xbb, 0xbf, rest @ ..] => return Cow::Borrowed(rest),
        _ => return Cow::Borrowed(bytes),
    };
    let units = bytes.as_chunks().0.iter().skip(1).map(|unit| pair(*unit));
    let text: String = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    Cow::Owned(text.into_bytes())
}

/// Lines with their numbers, without what ends them; what is wrong with one that is no text.
pub(super) fn lines(bytes: &[u8]) -> impl Iterator<Item = (u64, Result<&str, &'static str>)> + Clone {
    (1..).zip(bytes.split(|byte| *byte == b'\n').map(line))
}

fn line(line: &[u8]) -> Result<&str, &'static str> {
    if line.len() > MAX_LINE {
        return Err("longer than 64 KiB");
    }
    std::str::from_utf8(line).map(|line| line.trim_end_matches('\r')).map_err(|_| "not UTF-8")
}

/// Whether it is one of the words by which programs say that there is nothing.
pub(super) fn is_none(cell: &str) -> bool {
    ["", "-", "*", "n/a", "none", "null", "unknown", "(empty)"]
        .iter()
        .any(|none| cell.trim().eq_ignore_ascii_case(none))
}

/// A name, where it is one.
pub(super) fn name(raw: &str) -> Option<DeviceText> {
    if is_none(raw) { None } else { DeviceText::new(raw) }
}

/// A host name: without the dot at its end that stands for the root (RFC 1034 3.1).
pub(super) fn hostname(raw: &str) -> Option<DeviceText> {
    name(raw.trim().trim_end_matches('.'))
}

/// A MAC address in any of the forms in use: `00:00:5e:00:53:01`, `00-00-5E-00-53-01`, `0000.5e00.5301`, `00005e005301`; of an
/// Ethernet client identifier, which has the hardware type 1 in front (RFC 2132 9.14), the address. `Err`: no MAC address;
/// `Ok(None)`: one that is no device's own.
pub(super) fn mac(text: &str) -> Result<Option<Mac>, &'static str> {
    let mut digits = text.trim().bytes().filter(|byte| !matches!(byte, b':' | b'-' | b'.'));
    let mut octets = [0u8; 7];
    let mut length = 0;
    for octet in &mut octets {
        let Some(high) = digits.next() else { break };
        let (Some(high), Some(low)) = (hex(high), digits.next().and_then(hex)) else { return Err(NO_MAC) };
        *octet = high << 4 | low;
        length += 1;
    }
    match (length, octets, digits.next()) {
        (6, [a, b, c, d, e, f, _], None) | (7, [1, a, b, c, d, e, f], None) => Ok(Mac::known([a, b, c, d, e, f])),
        _ => Err(NO_MAC),
    }
}

const NO_MAC: &str = "not a MAC address";

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}
