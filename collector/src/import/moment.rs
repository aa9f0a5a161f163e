//! Times as files write them, in UTC.

use wardwatch_model::PacketTime;

/// Seconds since 1970, with or without a fraction.
pub(super) fn epoch(text: &str) -> Option<PacketTime> {
    let (seconds, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let digits: String = fraction.chars().chain("000000000".chars()).take(9).collect();
    Some(PacketTime::from_parts(seconds.parse().ok()?, digits.parse().ok()?))
}

/// `2026-11-24T05:00:00Z`, also with a blank or nothing more than the date, with a fraction, with `/` between the parts of the
/// date. Another offset than UTC is not read: the time is not known then.
pub(super) fn civil(text: &str) -> Option<PacketTime> {
    let text = text.trim().trim_end_matches("UTC").trim_end().trim_end_matches('Z');
    let (date, time) = text.split_once(['T', ' ']).unwrap_or((text, "00:00:00"));
    let (time, fraction) = time.trim_start().split_once('.').unwrap_or((time.trim_start(), ""));
    let fraction: String = fraction.chars().chain("000000000".chars()).take(9).collect();
    let time = if time.len() == 5 { format!("{time}:00") } else { time.to_owned() };
    PacketTime::parse(&format!("{}T{time}.{fraction}Z", date.replace('/', "-")))
}

/// Either.
pub(super) fn any(text: &str) -> Option<PacketTime> {
    epoch(text).or_else(|| civil(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_in_each_form_that_files_have() {
        let at = PacketTime(1_795_496_400_000_000_000);
        for text in
            ["1795496400", "1795496400.000000", "2026-11-24T05:00:00Z", "2026/11/24 05:00:00", "2026-11-24 05:00"]
        {
            assert_eq!(any(text), Some(at), "{text}");
        }
        assert_eq!(any("1795496400.25"), Some(PacketTime(at.0 + 250_000_000)));
        assert_eq!(civil("2026-11-24").map(|at| at.to_string()).as_deref(), Some("2026-11-24T00:00:00.000000000Z"));
        for text in
            ["", "never", "24.11.2026 05:00", "11/24/2026 5:00:00 AM", "2026-11-24T05:00:00+01:00", "2026-13-01"]
        {
            assert_eq!(any(text), None, "{text}");
        }
    }
}
