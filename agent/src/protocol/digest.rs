//! Digests by which implementations are known, in the hexadecimal digits in which they are published.

/// Two digits for each byte.
pub(crate) fn hex(digest: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(half.into(), 16).unwrap_or('0');
    digest.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]).collect()
}
