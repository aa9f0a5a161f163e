//! Bytes, each once, and what is lost of them.

use super::*;

fn connection(segments: &[(u32, &str)]) -> Vec<Captured> {
    let (client, server) = (end(1, 50_000), end(2, 9000));
    let mut frames = handshake(client, server, 0);
    frames.extend(
        segments.iter().zip(1..).map(|((sequence, text), at)| tcp(client, server, *sequence).data(text).at(at)),
    );
    frames
}

#[test]
fn each_byte_counts_once_in_any_order_and_however_often_it_comes() {
    let text = "some payload that no parser knows";
    for frames in [
        connection(&[(100, text)]),
        connection(&[(100, text), (100, text)]),
        connection(&[(110, &text[10..]), (100, &text[..15])]),
        connection(&[(120, &text[20..]), (105, &text[5..25]), (100, &text[..10]), (100, text)]),
    ] {
        let report = run(&frames);
        let (_, conversation) = only(&report);
        assert_eq!((conversation.bytes_to_server, conversation.bytes_to_client), (33, 0));
        assert_eq!(report.capture.protocols["unknown"].bytes, 33);
        assert_eq!((loss(&report, "stream_gap_bytes"), loss(&report, "overlap_conflicts")), (0, 0));
    }
}

#[test]
fn holes_count_in_connections_that_no_parser_knows() {
    let report = run(&connection(&[(100, "unknown"), (117, "more"), (131, "end")]));
    assert_eq!((only(&report).1.bytes_to_server, loss(&report, "stream_gap_bytes")), (14, 20));
}

#[test]
fn bytes_after_the_snapshot_length_are_seen_and_lost_unless_nobody_reads_them() {
    let (client, server) = (end(1, 50_000), end(2, 9000));
    let mut frames = handshake(client, server, 0);
    frames.push(tcp(client, server, 100).data([b'z'; 1000]).at(1).cut(54 + 10));
    frames.push(tcp(client, server, 1100).data([b'z'; 1000]).at(2).cut(54 + 10));
    let report = run(&frames);
    assert_eq!((only(&report).1.bytes_to_server, loss(&report, "truncated_frames")), (2000, 2));
    // The first bytes told that no parser knows this.
    assert_eq!(loss(&report, "stream_gap_bytes"), 0);
}

#[test]
fn other_data_under_the_same_numbers_is_a_conflict_before_and_after_it_was_read() {
    // A TLS hello, cut in the middle, so that the bytes are still waited for.
    let hello = "\u{16}\u{3}\u{1}\0\u{7f}";
    let read = run(&connection(&[(100, &hello[..3]), (100, "\u{16}\u{3}X"), (100, &hello[..3])]));
    assert_eq!(loss(&read, "overlap_conflicts"), 1);
    let waiting = run(&connection(&[(103, &hello[3..]), (103, "XX"), (100, &hello[..3])]));
    assert_eq!(loss(&waiting, "overlap_conflicts"), 1);
    let twice = run(&connection(&[(103, "XX"), (100, hello)]));
    assert_eq!(loss(&twice, "overlap_conflicts"), 1);
}

#[test]
fn a_device_that_restarts_with_the_same_numbers_contradicts_nobody() {
    let (client, server) = (end(1, 50_000), end(2, 9000));
    let mut frames = Vec::new();
    for (n, text) in (0..).zip(["\u{16}\u{3}\u{1}", "\u{16}\u{3}\u{3}"]) {
        let at = n * 60_000;
        frames.extend(handshake(client, server, at));
        frames.push(tcp(client, server, 100).data(text).at(at + 1));
        frames.push(tcp(client, server, 100).data(text).at(at + 2));
        frames.push(tcp(server, client, 500).rst().at(at + 3));
    }
    let report = run(&frames);
    assert_eq!((report.capture.flows, loss(&report, "overlap_conflicts")), (2, 0));
}

#[test]
fn data_after_a_reset_belongs_to_the_same_connection() {
    let mut frames = connection(&[(100, "before")]);
    let (client, server) = (end(1, 50_000), end(2, 9000));
    frames.push(tcp(client, server, 106).rst().at(10));
    frames.push(tcp(client, server, 106).data("after").at(4000));
    frames.push(tcp(client, server, 111).data("much later").at(100_000));
    let report = run(&frames);
    assert_eq!((report.capture.flows, only(&report).1.bytes_to_server), (1, 21));
}

#[test]
fn what_comes_late_for_a_closed_connection_belongs_to_it_for_a_while() {
    let (client, server) = (end(1, 50_000), end(2, 9000));
    let closed = || {
        let mut frames = connection(&[(100, "bytes")]);
        frames.push(tcp(client, server, 105).fin().ack(500).at(10));
        frames.push(tcp(server, client, 500).fin().ack(106).at(11));
        frames
    };
    for (late, flows) in [(1000, 1), (5000, 1), (5011, 2), (60_000, 2)] {
        let mut frames = closed();
        frames.push(tcp(client, server, 106).ack(501).at(late));
        assert_eq!(run(&frames).capture.flows, flows, "{late}");
    }
    let mut frames = closed();
    frames.extend(handshake(client, server, 100));
    assert_eq!(run(&frames).capture.flows, 2);
}

#[test]
fn one_side_is_enough() {
    let (client, server) = (end(1, 50_000), end(2, 9000));
    let frames: Vec<_> = (0..50).map(|n| tcp(client, server, n * 10).ack(7).data([b'q'; 10]).at(n.into())).collect();
    let report = run(&frames);
    let (key, conversation) = only(&report);
    assert_eq!((key.client, conversation.bytes_to_server, conversation.bytes_to_client), (client.ip, 500, 0));
    assert_eq!(loss(&report, "stream_gap_bytes"), 0);
}

#[test]
fn a_packet_to_oneself_with_the_same_ports_is_survived() {
    let host = end(1, 139);
    let frames = [tcp(host, host, 99).syn().at(0), tcp(host, host, 100).syn().ack(100).data("land").at(1)];
    assert_eq!(run(&frames).capture.packets, 2);
}

#[test]
fn what_told_that_no_parser_knows_a_connection_is_compared_when_it_comes_again() {
    let report = run(&connection(&[(100, "GOOD"), (100, "EVIL")]));
    assert_eq!((only(&report).1.bytes_to_server, loss(&report, "overlap_conflicts")), (4, 1));
}
