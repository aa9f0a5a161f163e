//! Digests of what a client offers, by which implementations are known: JA3, and JA4 of TLS clients. Of the rest of the JA4
//! family nothing is here: its licence is another.

use super::hello::{ALPN, ClientHello, GROUPS, POINT_FORMATS, SERVER_NAME, SIGNATURES, TLS_1_3};
use crate::protocol::{
    digest::{digit, hex},
    words::list,
};
use md5::{Digest, Md5};
use sha2::Sha256;
use std::fmt::Write;
use wardwatch_model::DeviceText;

/// JA3: version, cipher suites, extensions, groups and point formats, in decimal digits.
///
/// None of a client that offers TLS 1.3: many of them send their extensions in another order on each connection, which would
/// be a fingerprint of each connection and not of the client.
pub(super) fn ja3(hello: &ClientHello<'_>) -> Option<DeviceText> {
    if hello.versions().any(|version| version >= TLS_1_3) {
        return None;
    }
    let formats = hello.extension(POINT_FORMATS).and_then(<[u8]>::split_first).map_or(&[][..], |(_, formats)| formats);
    let mut whole = String::new();
    list(&mut whole, '-', [hello.version]);
    for numbers in [
        &mut hello.suites() as &mut dyn Iterator<Item = u16>,
        &mut hello.extensions().map(|(kind, _)| kind),
        &mut hello.listed(GROUPS),
        &mut formats.iter().map(|format| u16::from(*format)),
    ] {
        whole.push(',');
        list(&mut whole, '-', numbers);
    }
    DeviceText::new(&hex(&Md5::digest(whole)))
}

/// JA4 of a client over TCP: how much it offers, and digests of the cipher suites and of the extensions, both sorted, so that
/// their order does not matter.
pub(super) fn ja4(hello: &ClientHello<'_>) -> Option<DeviceText> {
    let version = match hello.versions().max()? {
        0x0300 => "s3",
        0x0301 => "10",
        0x0302 => "11",
        0x0303 => "12",
        0x0304 => "13",
        _ => "00",
    };
    let named = if hello.extension(SERVER_NAME).is_some() { 'd' } else { 'i' };
    let mut suites: Vec<u16> = hello.suites().collect();
    let mut extensions: Vec<u16> = hello.extensions().map(|(kind, _)| kind).collect();
    let (suite_count, extension_count) = (suites.len().min(99), extensions.len().min(99));
    suites.sort_unstable();
    extensions.retain(|kind| ![SERVER_NAME, ALPN].contains(kind));
    extensions.sort_unstable();
    let mut offered = words(extensions);
    let signatures = words(hello.listed(SIGNATURES));
    if !offered.is_empty() && !signatures.is_empty() {
        offered = [offered, signatures].join("_");
    }
    let mut text = format!("t{version}{named}{suite_count:02}{extension_count:02}");
    text.extend(ends(hello.protocols().next().unwrap_or_default()));
    // Writing to a string does not fail.
    let _ = write!(text, "_{}_{}", short(&words(suites)), short(&offered));
    DeviceText::new(&text)
}

/// First and last letter of a name; where one is neither letter nor digit, of its hexadecimal digits.
fn ends(name: &[u8]) -> [char; 2] {
    match name {
        [] => ['0', '0'],
        [first, .., last] | [first @ last] if first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric() => {
            [char::from(*first), char::from(*last)]
        }
        [first, ..] => [digit(first >> 4), digit(name.last().unwrap_or(first) & 0xf)],
    }
}

/// Four hexadecimal digits for each number.
pub(super) fn words(numbers: impl IntoIterator<Item = u16>) -> String {
    let mut words = String::new();
    for number in numbers {
        if !words.is_empty() {
            words.push(',');
        }
        let [high, low] = number.to_be_bytes();
        words.extend([high >> 4, high & 0xf, low >> 4, low & 0xf].map(digit));
    }
    words
}

/// The first twelve digits of the digest; zeros where there is nothing.
fn short(words: &str) -> String {
    if words.is_empty() {
        return "0".repeat(12);
    }
    hex(Sha256::digest(words).get(..6).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_of_the_published_example() {
        let suites = "002f,0035,009c,009d,1301,1302,1303,c013,c014,c02b,c02c,c02f,c030,cca8,cca9";
        assert_eq!(short(suites), "8daaf6152771");
        let extensions = "0005,000a,000b,000d,0012,0015,0017,001b,0023,002b,002d,0033,4469,ff01_0403,0804,0401,0503,0805,0501,0806,0601";
        assert_eq!(short(extensions), "e5627efa2ab1");
        assert_eq!(short(""), "000000000000");
    }

    #[test]
    fn a_protocol_is_told_by_both_its_ends() {
        for (name, expected) in
            [(&b"h2"[..], ['h', '2']), (b"http/1.1", ['h', '1']), (b"x", ['x', 'x']), (b"", ['0', '0'])]
        {
            assert_eq!(ends(name), expected);
        }
        assert_eq!(ends(&[0xab, b'x', 0xcd]), ['a', 'd']);
        assert_eq!(ends(&[0xab]), ['a', 'b']);
    }
}
