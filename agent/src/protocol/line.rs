//! Lines of protocols that are text. Pure.

/// The first line of some bytes.
pub(super) enum Line<'a> {
    /// Without its end, and how many bytes there are with it.
    Whole(&'a [u8], u64),
    /// Its end is not there yet.
    Unfinished,
    /// It is longer than any that is read.
    TooLong,
}

/// The first line, which ends with a line feed.
pub(super) fn line(bytes: &[u8], longest: usize) -> Line<'_> {
    match memchr::memchr(b'\n', bytes.get(..longest).unwrap_or(bytes)) {
        Some(end) => {
            let line = bytes.get(..end).unwrap_or_default();
            Line::Whole(line.strip_suffix(b"\r").unwrap_or(line), end as u64 + 1)
        }
        None if bytes.len() < longest => Line::Unfinished,
        None => Line::TooLong,
    }
}
