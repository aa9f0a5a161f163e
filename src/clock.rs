//! The wall clock: used for today's date, for the time of live packets and for the pace of a replay, never for what is
//! found.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use wardwatch_model::PacketTime;

/// Now, as nanoseconds since 1970.
#[allow(clippy::disallowed_methods, reason = "this file owns the wall clock")]
pub(crate) fn now() -> PacketTime {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    PacketTime::from_parts(since.as_secs(), since.subsec_nanos().into())
}

/// A moment of the system, such as when a file was written.
pub(crate) fn of(moment: std::time::SystemTime) -> PacketTime {
    let since = moment.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    PacketTime::from_parts(since.as_secs(), since.subsec_nanos().into())
}

/// Today in UTC, `YYYY-MM-DD`.
#[allow(clippy::disallowed_methods, reason = "this file owns the wall clock")]
pub(crate) fn today() -> String {
    let now = Timestamp::try_from(std::time::SystemTime::now()).unwrap_or(Timestamp::UNIX_EPOCH);
    TimeZone::UTC.to_datetime(now).date().to_string()
}

/// Checks a date, `YYYY-MM-DD`.
pub(crate) fn parse_date(text: &str) -> Result<String, String> {
    let date: Result<Date, _> = text.parse();
    match date {
        Ok(date) if text.len() == 10 => Ok(date.to_string()),
        _ => Err("not a date such as 2026-11-24".to_owned()),
    }
}
