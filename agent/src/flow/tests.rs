//! Tests of the engine from frames to the report.

mod bare;
mod bytes;
mod cases;
mod counters;
mod d1_basics;
mod d2_overlaps;
mod d3_injection;
mod d4_partial_view;
mod d5_ip;
mod d7_parsers;
mod d7_resources;
mod endpoint;
mod fragments;
mod inspection;
mod limits;
mod places;
mod seen_twice;
mod server_names;
mod spread;
mod tunnels;
mod workers;

use crate::{
    limits::Limits,
    testing::{Captured, End, Tcp, end, report, tcp, udp},
};
use std::net::IpAddr;
use wardwatch_model::{Conversation, ConversationKey, Facts, PacketTime};

fn run(frames: &[Captured]) -> Facts {
    report(frames, &Limits::default(), 1)
}

fn loss(report: &Facts, reason: &str) -> u64 {
    report.capture.losses[reason]
}

fn condition(report: &Facts, name: &str) -> u64 {
    report.capture.conditions[name]
}

/// The only conversation of a report.
fn only(report: &Facts) -> (&ConversationKey, &Conversation) {
    assert_eq!(report.conversations.len(), 1, "{:?}", report.conversations);
    report.conversations.first_key_value().map(|(key, conversation)| (key, &**conversation)).unwrap()
}

/// Client, server and port of the only conversation.
fn roles(frames: &[Captured]) -> (IpAddr, IpAddr, u16) {
    let report = run(frames);
    let (key, _) = only(&report);
    (key.client, key.server, key.port)
}

/// Three segments that open a connection.
fn handshake(client: End, server: End, at: u64) -> Vec<Captured> {
    let syn = tcp(client, server, 99).syn();
    let answer = tcp(server, client, 499).syn().ack(100);
    vec![syn.at(at), answer.at(at), tcp(client, server, 100).ack(500).at(at)]
}

#[test]
fn who_sends_the_syn_is_the_client_whatever_the_ports() {
    let (a, b) = (end(1, 50_000), end(2, 104));
    for (client, server) in [(a, b), (b, a)] {
        let mut frames = handshake(client, server, 0);
        frames.push(tcp(server, client, 500).data("banner").at(1));
        assert_eq!(roles(&frames), (client.ip, server.ip, server.port));
    }
}

#[test]
fn the_answer_to_a_syn_tells_the_client_too() {
    for (client, server) in [(end(1, 104), end(2, 50_000)), (end(2, 104), end(1, 50_000))] {
        let frames = [tcp(server, client, 499).syn().ack(100).at(0), tcp(server, client, 500).data("x").at(1)];
        assert_eq!(roles(&frames), (client.ip, server.ip, server.port));
    }
}

#[test]
fn a_late_syn_tells_the_client() {
    let (client, server) = (end(1, 104), end(2, 50_000));
    let frames = [tcp(client, server, 100).data("data").at(0), tcp(client, server, 99).syn().at(1)];
    assert_eq!(roles(&frames), (client.ip, server.ip, server.port));
}

#[test]
fn without_a_syn_the_ports_tell() {
    for (client, server) in [(40_000, 104), (104, 104), (50_000, 11_112), (1024, 1023), (40_001, 40_000)] {
        for (a, b) in [(end(1, client), end(2, server)), (end(2, client), end(1, server))] {
            let talk = [tcp(a, b, 0).data("x").at(0), tcp(b, a, 0).data("y").at(1)];
            let first = (a.ip, b.ip, server);
            assert_eq!(roles(&talk), first, "{client} {server}");
            if client != server {
                let talk = [tcp(b, a, 0).data("y").at(0), tcp(a, b, 0).data("x").at(1)];
                assert_eq!(roles(&talk), first, "{client} {server}");
            }
        }
    }
}

#[test]
fn the_first_to_send_a_datagram_is_the_client_unless_its_port_is_a_service() {
    let (a, b) = (end(1, 5000), end(2, 4000));
    assert_eq!(roles(&[udp(a, b, b"x"), udp(b, a, b"y")]), (a.ip, b.ip, 4000));
    assert_eq!(roles(&[udp(b, a, b"x"), udp(a, b, b"y")]), (b.ip, a.ip, 5000));
    let dns = end(2, 53);
    assert_eq!(roles(&[udp(dns, a, b"x")]), (a.ip, dns.ip, 53));
}

#[test]
fn flows_without_payload_are_counted_and_not_listed() {
    let (client, server) = (end(1, 50_000), end(2, 104));
    let mut frames = handshake(client, server, 0);
    frames.push(tcp(server, client, 500).rst().data("go away").at(2));
    frames.push(udp(client, server, b""));
    frames.push(tcp(end(3, 1), server, 0).syn().at(3));
    let report = run(&frames);
    assert_eq!((report.capture.flows, report.capture.flows_without_payload), (3, 3));
    assert!(report.conversations.is_empty());
    assert_eq!(loss(&report, "reset_payload_bytes"), 7);
    assert!(report.sightings.values().all(|sighting| !sighting.payload));
}

/// A connection of one byte, with initial sequence number `initial`.
fn one_byte(initial: u32, at: u64) -> [Captured; 2] {
    let (client, server) = (end(1, 50_000), end(2, 104));
    let data: Tcp = tcp(client, server, initial.wrapping_add(1)).data("x");
    [tcp(client, server, initial).syn().at(at), data.at(at + 1)]
}

#[test]
fn ports_used_again_make_another_flow() {
    let day = 86_400_000;
    let frames: Vec<_> = [one_byte(7, 0), one_byte(8_000_000, day), one_byte(7_000, 2 * day)].concat();
    let report = run(&frames);
    let (_, conversation) = only(&report);
    assert_eq!((report.capture.flows, conversation.seen.count, conversation.bytes_to_server), (3, 3, 3));
    // The same SYN again belongs to the same connection.
    let report = run(&[one_byte(7, 0), one_byte(7, 1000)].concat());
    assert_eq!((report.capture.flows, only(&report).1.bytes_to_server), (1, 1));
}

#[test]
fn a_flow_does_not_reach_to_the_syn_of_the_next_one() {
    let mut frames = one_byte(7, 0).to_vec();
    frames.push(tcp(end(1, 50_000), end(2, 104), 1 << 30).syn().at(1_000_000));
    let report = run(&frames);
    assert_eq!(report.capture.flows, 2);
    assert_eq!(only(&report).1.seen.last, PacketTime(1_000_000));
}

#[test]
fn ports_used_again_are_known_by_the_answer_where_only_the_server_is_seen() {
    let (client, server) = (end(1, 50_000), end(2, 104));
    let mut frames = Vec::new();
    for (initial, at) in [(100, 0), (0x7000_0000, 1000), (0xd000_0000, 2000)] {
        frames.push(tcp(server, client, initial).syn().ack(1).at(at));
        frames.push(tcp(server, client, initial + 1).data("answer").at(at + 1));
    }
    let report = run(&frames);
    let (_, conversation) = only(&report);
    assert_eq!((report.capture.flows, conversation.bytes_to_client), (3, 18));
    assert_eq!((loss(&report, "stream_gap_bytes"), loss(&report, "stray_bytes")), (0, 0));
}
