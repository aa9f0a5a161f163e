//! How long nothing must be seen of a finding until it is over.

use wardwatch_model::Name;

const HOUR: u64 = 3_600_000_000_000;

/// After this a thing that happens is over.
const EVENT: u64 = 24 * HOUR;

/// After this a way that things are is over: devices that are used on weekdays show it again within a week.
const STATE: u64 = 7 * 24 * HOUR;

/// Rules that find how things are; all others find what happens.
const STATES: [&str; 13] = ["D06", "D19", "D23", "D25", "H10", "N07", "N08", "N09", "N10", "N14", "N15", "N16", "S01"];

/// Nanoseconds of packet time.
pub(super) fn quiet(rule: Name) -> u64 {
    // Rules of the life cycle are about devices as they are.
    if STATES.contains(&rule.as_str()) || rule.starts_with('L') { STATE } else { EVENT }
}
