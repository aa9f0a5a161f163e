//! Whether an interface is up, may be listened on, and what it lost since it is there.

use super::{Check, Verdict};
use std::fs;
use wardwatch_ring::{Device, Ring, Settings};

/// What the system counts of frames that it did not take, what that means, and what may help; IF stands for the interface.
const COUNTERS: [(&str, &str, Option<&str>); 4] = [
    ("rx_missed_errors", "found no room in the card", Some("ethtool -G IF rx 4096")),
    ("rx_crc_errors", "came damaged: look at cable, transceiver and port", None),
    ("rx_length_errors", "were longer than the card takes", Some("ip link set dev IF mtu 9216")),
    ("rx_over_errors", "were longer than the buffers of the card", Some("ip link set dev IF mtu 9216")),
];

pub(super) fn checks(name: &str) -> Vec<Check> {
    let mut checks = vec![state(name), right(name)];
    checks.extend(COUNTERS.iter().filter_map(|(counter, meaning, advice)| {
        let frames: u64 = read(name, &format!("statistics/{counter}"))?.parse().ok().filter(|frames| *frames > 0)?;
        let check = Check::new("lost", Verdict::Warning, format!("{frames} frames {meaning} ({counter})"));
        Some(match advice {
            Some(line) => check.advise(line.replace("IF", name)),
            None => check,
        })
    }));
    checks
}

fn state(name: &str) -> Check {
    const WHAT: &str = "link";
    if !Device::new(name).and_then(|device| device.is_set_up()).unwrap_or(false) {
        return Check::new(WHAT, Verdict::Bad, "down").advise(format!("ip link set dev {name} up"));
    }
    // It can be read only of an interface that is up.
    match read(name, "carrier").as_deref() {
        Some("0") => Check::new(WHAT, Verdict::Bad, "up, but nothing is at the other end: look at cable and switch"),
        _ => Check::new(WHAT, Verdict::Good, "up"),
    }
}

/// Listens for a moment, which is the only way to know that one may.
fn right(name: &str) -> Check {
    const WHAT: &str = "capture";
    match Ring::open(name, &Settings { bytes: Settings::LEAST, rings: 1, outgoing: true }) {
        Ok(_) => Check::new(WHAT, Verdict::Good, "by a ring that is shared with the kernel"),
        Err(error) => Check::new(WHAT, Verdict::Bad, crate::live::ring_error(name, error).to_string()),
    }
}

fn read(name: &str, what: &str) -> Option<String> {
    fs::read_to_string(format!("/sys/class/net/{name}/{what}")).ok().map(|text| text.trim().to_owned())
}
