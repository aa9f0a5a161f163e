//! What happens when room runs out.

use super::*;
use crate::limits::SHARDS;

fn client(n: u32) -> End {
    End { ip: std::net::Ipv4Addr::from(0x0a00_0000 + n).into(), ..end(1, 40_000) }
}

#[test]
fn more_flows_than_fit_push_the_stalest_out_and_are_counted() {
    let limits = Limits { flows: SHARDS, ..Limits::default() };
    let server = end(2, 9000);
    let frames: Vec<_> = (0..1000).map(|n| udp(client(n), server, b"x").at(n.into())).collect();
    let first = report(&frames, &limits, 1);
    assert_eq!(first.capture.flows, 1000);
    assert_eq!(loss(&first, "flows_evicted"), 1000 - SHARDS as u64);
    // What was known of them is not lost.
    assert_eq!((first.conversations.len(), first.capture.protocols["unknown"].bytes), (1000, 1000));
    assert_eq!(report(&frames, &limits, 1), first);
    assert_eq!(report(&frames, &limits, 7), first);
}

#[test]
fn of_many_flows_those_without_payload_go_first() {
    let limits = Limits { flows: SHARDS * 8, ..Limits::default() };
    let server = end(2, 9000);
    // Connections that live on, then a flood of SYNs, then more of the connections.
    let mut frames: Vec<_> = (0..64).map(|n| tcp(client(n), server, 0).data("abc").at(n.into())).collect();
    frames.extend((1000..20_000).map(|n| tcp(client(n), server, n).syn().at(100)));
    frames.extend((0..64).map(|n| tcp(client(n), server, 3).data("def").at(200)));
    let report = report(&frames, &limits, 2);
    let kept = report.conversations.values().filter(|conversation| conversation.seen.count == 1).count();
    assert_eq!((report.conversations.len(), kept), (64, 64));
    assert!(loss(&report, "flows_evicted") > 18_000);
}

#[test]
fn memory_for_reassembly_is_bounded_and_what_is_given_up_is_counted() {
    let limits = Limits { reassembly_bytes: SHARDS * 20_000, ..Limits::default() };
    let server = end(2, 9000);
    // Each connection has a hole, and bytes behind it.
    let mut frames = Vec::new();
    for n in 0..2000 {
        frames.push(tcp(client(n), server, 0).syn().at(1));
        frames.push(tcp(client(n), server, 500).data([b'y'; 1000]).at(1));
    }
    let first = report(&frames, &limits, 1);
    // A piece of a thousand bytes takes a little more than that: fewer than twenty fit into a shard.
    assert!(loss(&first, "reassembly_evicted") > 2000 - 20 * SHARDS as u64);
    assert_eq!((first.conversations.len(), first.capture.protocols["unknown"].bytes), (2000, 2_000_000));
    assert_eq!(loss(&first, "stream_gap_bytes"), 2000 * 499);
    assert_eq!(report(&frames, &limits, 3), first);
}

#[test]
fn closed_flows_do_not_pile_up_where_time_stands_still() {
    let limits = Limits { flows: SHARDS * 4, ..Limits::default() };
    let server = end(2, 9000);
    let mut frames = Vec::new();
    for n in 0..5000_u32 {
        let ends = (client(n % 50), server);
        let first = n.wrapping_mul(1_000_000);
        frames.push(tcp(ends.0, ends.1, first).syn().at(0));
        frames.push(tcp(ends.0, ends.1, first + 1).data("x").at(0));
        frames.push(tcp(ends.0, ends.1, first + 2).rst().at(0));
        frames.push(tcp(ends.0, ends.1, first + 2).data("y").at(0));
        frames.push(tcp(ends.0, ends.1, first + 3).rst().at(0));
    }
    let first = report(&frames, &limits, 1);
    assert_eq!((first.capture.flows, first.capture.protocols["unknown"].bytes), (5000, 10_000));
    assert_eq!(report(&frames, &limits, 64), first);
}

#[test]
fn a_limit_of_nothing_still_leaves_room_for_one() {
    let limits = Limits { flows: 0, reassembly_bytes: 0, devices: 0, conversations: 0, descriptions: 0 };
    let frames: Vec<_> = (0..200).map(|n| tcp(client(n), end(2, 9000), 0).data("abc").at(n.into())).collect();
    let report = report(&frames, &limits, 1);
    assert_eq!(report.capture.flows, 200);
    assert_eq!(report.conversations.len() as u64 + loss(&report, "conversations_dropped"), 200);
    assert!((1..=SHARDS).contains(&report.conversations.len()), "one in each shard");
    assert!(!report.sightings.is_empty() && loss(&report, "places_dropped") > 0);
}
