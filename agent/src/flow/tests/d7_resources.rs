//! D7, attacks on memory and time: nothing grows without bound, what is given up is counted, and others are still heard.
//! What single parsers do with lengths, depths and floods of their own stands with their tests.

use super::{endpoint::*, *};
use crate::limits::SHARDS;

fn small() -> Limits {
    Limits { flows: SHARDS * 16, reassembly_bytes: SHARDS * 32 * 1024, ..Limits::default() }
}

fn from(n: u32) -> End {
    End { ip: std::net::Ipv4Addr::from(0x0a00_0000 + n).into(), ..end(1, 40_000) }
}

/// What is told of two messages while `flood` goes on between them.
fn during(flood: impl IntoIterator<Item = Captured>) -> Facts {
    let stream = messages(2);
    let mut frames = opened([sent(0, &stream[..90]).at(1)]);
    frames.extend(flood);
    frames.push(sent(90, &stream[90..]).at(2_000));
    let facts = report(&frames, &small(), 1);
    assert_eq!(report(&frames, &small(), 3), facts);
    facts
}

#[test]
fn a_flood_of_syns_pushes_no_conversation_out() {
    let server = end(2, 2575);
    let facts = during((0..40_000).map(|n| tcp(from(n), server, n).syn().at(2)));
    assert_eq!((told(&facts), facts.conversations.len()), (2, 1));
    assert!(loss(&facts, "flows_evicted") > 30_000);
}

#[test]
fn more_flows_with_payload_than_there_may_be_are_evicted_and_counted() {
    let server = end(3, 9000);
    let facts = during((0..20_000).map(|n| tcp(from(n), server, n).data("x").at(2)));
    assert_eq!(facts.capture.flows, 20_000 + 1 + u64::from(told(&facts) < 2));
    assert!(loss(&facts, "flows_evicted") > 15_000);
}

#[test]
fn tuples_chosen_to_meet_in_one_shard_do_not_push_out_those_of_others() {
    let server = end(3, 9000);
    let key = |n: u32| {
        let ends = [from(n), server].map(|end| crate::flow::Endpoint { ip: end.ip, port: end.port });
        crate::flow::FlowKey::new(ends[0], ends[1], wardwatch_model::Transport::Tcp).0
    };
    let home = {
        let (client, server) = ends();
        let ends = [client, server].map(|end| crate::flow::Endpoint { ip: end.ip, port: end.port });
        crate::flow::FlowKey::new(ends[0], ends[1], wardwatch_model::Transport::Tcp).0.shard()
    };
    let colliding = (0..400_000).filter(|n| key(*n).shard() == (home + 1) % SHARDS);
    let facts = during(colliding.map(|n| tcp(from(n), server, n).data("x").at(2)));
    assert_eq!(told(&facts), 2);
    assert!(loss(&facts, "flows_evicted") > 5_000);
}

#[test]
fn a_huge_amount_out_of_order_is_bounded_and_counted() {
    let (client, server) = (end(7, 50_000), end(3, 2575));
    let mut flood = vec![tcp(client, server, 0).syn().at(2)];
    flood.extend((1..3_000).map(|n| tcp(client, server, n * 1_500).data(vec![b'z'; 1_400]).at(2)));
    let facts = during(flood);
    assert_eq!(told(&facts), 2);
    assert!(loss(&facts, "stream_gap_bytes") + loss(&facts, "reassembly_evicted") > 0);
}

#[test]
fn a_message_that_drips_in_byte_by_byte_is_told_when_it_is_whole() {
    let stream = messages(1);
    let drops = stream.iter().enumerate().map(|(n, byte)| sent(n, &[*byte]).at(u64::try_from(n).unwrap() * 20_000));
    assert_whole(&opened(drops), 1);
}

#[test]
fn a_message_that_never_ends_is_one_message_and_keeps_little() {
    let head = b"\x0bMSH|^~\\&|MON|ICU|EHR|HOSP|2026||ORU^R01|1|P|2.5\r";
    let line = b"NTE|1||and so on and so on\r".repeat(50);
    let mut parts = vec![sent(0, head).at(1)];
    parts.extend((0..10_000).map(|n| sent(head.len() + n * line.len(), &line).at(2)));
    let facts = report(&opened(parts), &small(), 1);
    assert_eq!((told(&facts), loss(&facts, "reassembly_evicted")), (1, 0));
}

#[test]
fn fragments_without_end_are_bounded_and_counted() {
    let (client, server) = ends();
    let fragment = |n: u32| {
        let mut frame = udp(from(n), server, &[b'f'; 64]);
        frame.bytes[14 + 4..14 + 6].copy_from_slice(&[1, u8::try_from(n % 256).unwrap()]);
        frame.bytes[14 + 6] = 0x20;
        frame.at(2)
    };
    let facts = during((0..30_000).map(fragment));
    assert_eq!((told(&facts), loss(&facts, "ip_fragments")), (2, 30_000));
    assert_eq!(client.port, 50_000);
}

#[test]
fn text_of_nul_utf_16_and_iso_2022_makes_no_message_of_its_own() {
    let utf_16: Vec<u8> = message(0).iter().flat_map(|byte| [*byte, 0]).collect();
    let nul = vec![0; 500];
    let iso_2022 =
        [&b"\x0bMSH|^~\\&|MON|ICU|EHR|HOSP|2026||ADT^A01|1|P|2.5\rPID|1||\x1b$B;3ED\x1b(B\r\x1c\r"[..]].concat();
    // The bytes in between are NUL, which is told as a violation.
    assert!(told(&run(&opened([sent(0, &utf_16).at(1)]))) <= 1);
    assert_eq!(told(&run(&opened([sent(0, &nul).at(1)]))), 0);
    assert_eq!(told(&run(&opened([sent(0, &iso_2022).at(1)]))), 1);
}
