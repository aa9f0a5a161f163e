//! What counters mean, and what to do about them.

use super::{Check, Verdict};
use crate::{COUNTERS, Counter, Whole};
use std::borrow::Cow;
use wardwatch_model::{CaptureFacts, Facts, Transport};

/// What traffic tells of how well it was captured: how much of it is lost, as far as holes tell, and each counter of losses and
/// of conditions that is not 0.
pub fn explain_capture(facts: &Facts) -> Vec<Check> {
    let counted = COUNTERS.iter().filter_map(|counter| explain(counter, facts));
    [estimate(&facts.capture)].into_iter().chain(counted).collect()
}

/// How much is missing of what was sent.
fn estimate(capture: &CaptureFacts) -> Check {
    const WHAT: &str = "capture loss";
    match capture.estimated_loss() {
        None => Check::new(WHAT, Verdict::Unknown, "no TCP connection with payload, in which holes would tell"),
        Some(ratio) => {
            let verdict = if ratio > 0.0 { Verdict::Warning } else { Verdict::Good };
            let percent = 100.0 * ratio;
            Check::new(WHAT, verdict, format!("{percent:.2} % of the bytes of TCP connections, as far as holes tell"))
        }
    }
}

fn explain(counter: &Counter, facts: &Facts) -> Option<Check> {
    let Counter { name, meaning, whole, usual, advice, .. } = *counter;
    let capture = &facts.capture;
    let counts = if counter.kind == "losses" { &capture.losses } else { &capture.conditions };
    let count = counts.get(name).copied().filter(|count| *count > 0)?;
    let all = size(whole, facts);
    let is_usual = count.saturating_mul(100) <= all.saturating_mul(usual.into()) || usual == 100;
    let bound = match usual {
        0 | 100 => String::new(),
        percent => format!(", of which up to {percent} % are usual"),
    };
    let found = format!("{count}, in {all} {}{bound}. {meaning}", whole.name());
    Some(Check::new(name, if is_usual { Verdict::Good } else { Verdict::Warning }, found).advise(advice))
}

/// How much there was of what a counter happens to.
fn size(whole: Whole, facts: &Facts) -> u64 {
    let capture = &facts.capture;
    match whole {
        Whole::Frames => capture.packets,
        Whole::Flows => capture.flows,
        Whole::Connections => {
            let over_tcp = facts.conversations.iter().filter(|(key, _)| key.transport == Transport::Tcp);
            over_tcp.map(|(_, conversation)| conversation.seen.count).sum()
        }
        Whole::StreamBytes => {
            capture.stream_bytes.saturating_add(capture.losses.get("stream_gap_bytes").copied().unwrap_or(0))
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        limits::Limits,
        testing::{Captured, end, report, tcp},
    };
    use wardwatch_model::Name;

    /// A connection of so many bytes each way, to this server.
    fn connection(server: u8, bytes: usize) -> Vec<Captured> {
        let (client, server) = (end(1, 50_000), end(server, 2575));
        vec![
            tcp(client, server, 99).syn().at(0),
            tcp(server, client, 499).syn().ack(100).at(1),
            tcp(client, server, 100).ack(500).data(vec![b'q'; bytes]).at(2),
            tcp(server, client, 500).ack(100).data(vec![b'a'; bytes]).at(3),
        ]
    }

    fn checks(frames: &[Captured]) -> Vec<Check> {
        explain_capture(&report(frames, &Limits::default(), 1))
    }

    /// What is said of one thing.
    fn on(what: &str, frames: &[Captured]) -> Option<(Verdict, String)> {
        checks(frames).into_iter().find(|check| check.what == what).map(|check| (check.verdict, check.found))
    }

    #[test]
    fn a_counter_is_explained_by_its_meaning_and_by_what_can_be_done() {
        let mut facts = Facts::default();
        (facts.capture.packets, facts.capture.flows) = (100, 10);
        facts.capture.losses.insert(Name::new("flows_evicted"), 7);
        facts.capture.conditions.insert(Name::new("duplicate_packets"), 11);
        let [_, evicted, copies] = explain_capture(&facts).try_into().unwrap();
        assert_eq!((evicted.what, evicted.verdict), ("flows_evicted", Verdict::Warning));
        assert_eq!(evicted.found, "7, in 10 flows. Flows given up to make room for others.");
        assert!(evicted.advice[0].starts_with("Raise `limits.flows`"), "{:?}", evicted.advice);
        assert_eq!((copies.what, copies.verdict), ("duplicate_packets", Verdict::Warning));
        assert!(
            copies.found.starts_with("11, in 100 frames, of which up to 10 % are usual. Packets"),
            "{}",
            copies.found
        );
    }

    #[test]
    fn every_counter_is_explained_as_soon_as_it_moves() {
        for counter in COUNTERS {
            let mut facts = Facts::default();
            let counts = match counter.kind {
                "losses" => &mut facts.capture.losses,
                _ => &mut facts.capture.conditions,
            };
            counts.insert(Name::new(counter.name), 1);
            let check = explain(counter, &facts).unwrap_or_else(|| panic!("{} is not explained", counter.name));
            assert!(check.found.ends_with(counter.meaning) && check.advice == [counter.advice], "{check:?}");
            assert_eq!(check.verdict == Verdict::Good, counter.usual == 100, "{}", counter.name);
        }
    }

    #[test]
    fn a_little_of_what_every_network_has_is_good_and_more_is_not() {
        let again = |frames: &mut Vec<Captured>, millis: u64| {
            frames.push(frames[2].clone().id(9).later(millis * 1000));
        };
        let mut frames: Vec<Captured> = (2..52).flat_map(|server| connection(server, 10)).collect();
        assert_eq!(on("retransmitted_segments", &frames), None);
        again(&mut frames, 300);
        let (verdict, _) = on("retransmitted_segments", &frames).unwrap();
        assert_eq!(verdict, Verdict::Good, "one of 201");
        (2..6).for_each(|n| again(&mut frames, n * 300));
        let (verdict, found) = on("retransmitted_segments", &frames).unwrap();
        assert_eq!(verdict, Verdict::Warning, "five of 205: {found}");
    }

    #[test]
    fn connections_of_one_side_are_held_against_all_connections() {
        let mut frames: Vec<Captured> = (2..22).flat_map(|server| connection(server, 10)).collect();
        let one_sided = |server: u8| connection(server, 10).into_iter().step_by(2);
        frames.extend(one_sided(30));
        let (verdict, found) = on("one_sided_flows", &frames).unwrap();
        assert!(verdict == Verdict::Good && found.starts_with("1, in 21 TCP connections"), "{found}");
        frames.extend(one_sided(31));
        let (verdict, found) = on("one_sided_flows", &frames).unwrap();
        assert!(verdict == Verdict::Warning && found.starts_with("2, in 22 TCP connections"), "{found}");
    }

    #[test]
    fn what_a_capture_lost_is_estimated_by_the_holes_in_connections() {
        let whole = connection(2, 100);
        let expected = "0.00 % of the bytes of TCP connections, as far as holes tell".to_owned();
        assert_eq!(on("capture loss", &whole), Some((Verdict::Good, expected)));
        let behind = tcp(end(1, 50_000), end(2, 2575), 400).ack(600).data([b'q'; 100]).at(4);
        let expected = "40.00 % of the bytes of TCP connections, as far as holes tell".to_owned();
        assert_eq!(
            on("capture loss", &[&whole[..], &[behind]].concat()),
            Some((Verdict::Warning, expected)),
            "200 bytes of 500"
        );
        let (verdict, _) = on("capture loss", &whole[..2]).unwrap();
        assert_eq!(verdict, Verdict::Unknown, "nothing to go by");
    }

    #[test]
    fn a_drop_names_the_interface_where_that_helps() {
        assert_eq!(explain_drop("eth1", "interface", 3).advice, ["ethtool -G eth1 rx 4096"]);
        assert!(explain_drop("eth1", "rate_limit", 3).advice.is_empty());
    }
}
