//! What counters of losses mean, and what to do about them.

use super::{Check, Verdict};
use crate::LOSS_REASONS;
use std::borrow::Cow;

/// Explains a counter of what was lost after capture, by its name in documents and metrics.
pub fn explain_loss(reason: &str, count: u64, packets: u64) -> Check {
    let known = LOSS_REASONS.iter().find(|(name, _)| *name == reason);
    let (what, meaning) = known.map_or(("loss", reason), |(name, meaning)| (*name, *meaning));
    let check = Check::new(what, Verdict::Warning, format!("{count}, in {packets} frames. {meaning}"));
    remedy(reason).into_iter().fold(check, |check, line| check.advise(line))
}

/// Explains a counter of frames that an interface lost before they were read.
pub fn explain_drop(interface: &str, reason: &str, count: u64) -> Check {
    let (meaning, remedy): (_, Cow<'_, str>) = match reason {
        "kernel" => ("the ring had no room", "raise capture.ring_mib or capture.workers".into()),
        "interface" => ("the network card had no room", format!("ethtool -G {interface} rx 4096").into()),
        "queue" => ("the worker had no room", "set capture.backend to \"ring\"".into()),
        _ => ("they were dropped before they were read", "".into()),
    };
    let check = Check::new("dropped", Verdict::Warning, format!("{count} frames ({reason}): {meaning}"));
    if remedy.is_empty() { check } else { check.advise(remedy) }
}

/// What to do, line by line; nothing where it is in the traffic and nothing here can be changed.
fn remedy(reason: &str) -> Vec<&'static str> {
    const SOURCE: &str = "look at the switch: is the mirror port slower than what it mirrors? count its drops";
    match reason {
        "truncated_frames" => {
            vec!["capture whole frames: tcpdump -s 0", "see that the mirror, tunnel or broker does not cut frames"]
        }
        "link_type_unknown" => vec!["capture on one interface and not on \"any\" of a kind that is not Ethernet or IP"],
        "link_header_malformed" | "ip_header_malformed" | "transport_header_malformed" | "arp_malformed" => {
            vec!["ethtool -S IF   # damaged frames; else they were sent like this"]
        }
        "ip_fragments" => vec![SOURCE, "wardwatch watch --workers 1   # where IPv6 fragments matter"],
        "stream_gap_bytes" => vec![SOURCE, "look at the drops of the interface: ethtool -S IF"],
        "flows_evicted" => vec!["raise limits.flows"],
        "reassembly_evicted" => vec!["raise limits.reassembly_mib"],
        "places_dropped" | "conversations_dropped" | "descriptions_dropped" => vec!["raise limits.devices"],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loss_is_explained_by_its_meaning_and_what_can_be_changed_is_told() {
        let check = explain_loss("flows_evicted", 7, 100);
        assert_eq!(check.what, "flows_evicted");
        assert_eq!(check.found, "7, in 100 frames. Flows given up to make room for others.");
        assert_eq!(check.advice, ["raise limits.flows"]);
    }

    #[test]
    fn every_reason_has_its_meaning() {
        for (reason, meaning) in LOSS_REASONS {
            assert!(explain_loss(reason, 1, 1).found.ends_with(meaning), "{reason}");
        }
    }

    #[test]
    fn no_remedy_is_for_a_reason_that_is_gone() {
        let text = include_str!("losses.rs");
        let remedies = text.split("fn remedy").nth(1).unwrap().split("#[cfg").next().unwrap();
        for name in remedies.split('"').skip(1).step_by(2).filter(|word| word.contains('_') && !word.contains(' ')) {
            assert!(LOSS_REASONS.iter().any(|(reason, _)| *reason == name), "{name}");
        }
    }

    #[test]
    fn a_drop_names_the_interface_where_that_helps() {
        assert_eq!(explain_drop("eth1", "interface", 3).advice, ["ethtool -G eth1 rx 4096"]);
        assert!(explain_drop("eth1", "rate_limit", 3).advice.is_empty());
    }
}
