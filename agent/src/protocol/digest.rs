//! Digests by which implementations are known, in the hexadecimal digits in which they are published.

/// Two digits for each byte.
pub(crate) fn hex(digest: &[u8]) -> String {
    digest.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]).collect()
}

/// A hexadecimal digit; 0 <= `half` < 16.
pub(crate) fn digit(half: u8) -> char {
    char::from_digit(half.into(), 16).unwrap_or('0')
}
