//! D4, what the capture lacks: messages of which all bytes came are told, others are missed by a counter.

use super::{endpoint::*, *};
use proptest::{collection::vec, prelude::*};

/// Five messages, acknowledged by the server after each one.
fn exchange() -> Vec<Captured> {
    let (client, server) = ends();
    let stream = messages(5);
    let mut frames = handshake(client, server, 0);
    for (n, at) in (0..5).zip(10..) {
        let (from, to) = (messages(n).len(), messages(n + 1).len());
        frames.push(sent(from, &stream[from..from + 40]).at(at));
        frames.push(sent(from + 40, &stream[from + 40..to]).at(at));
        frames.push(tcp(server, client, ANSWER).ack(FIRST + u32::try_from(to).unwrap()).at(at));
    }
    frames
}

#[test]
fn without_the_syn_its_answer_or_the_whole_handshake() {
    for lost in [0..1, 1..2, 2..3, 0..2, 1..3] {
        let mut frames = exchange();
        frames.drain(lost);
        assert_eq!(told(&run(&frames)), 5);
    }
    let facts = run(&exchange()[3..]);
    assert_eq!((told(&facts), condition(&facts, "joined_flows"), is_missing(&facts)), (5, 1, false));
}

#[test]
fn joined_at_every_byte_of_a_message_the_next_ones_are_told() {
    // A header without the start block in front of it is one of a sender that leaves it out.
    let stream = messages(3);
    for at in 0..message(0).len() {
        let parts = [sent(at, &stream[at..]).at(1), sent(stream.len(), &message(3)).at(2)];
        let facts = run(&parts);
        assert_eq!((told(&facts), condition(&facts, "joined_flows")), (if at <= 1 { 4 } else { 3 }, 1), "{at}");
    }
}

#[test]
fn a_gap_in_the_header_in_the_body_at_the_end_twice_and_in_front() {
    let stream = messages(5);
    let gaps: [&[(usize, usize)]; 6] =
        [&[(0, 30)], &[(5, 40)], &[(45, 70)], &[(60, 90)], &[(10, 30), (150, 160)], &[(0, 300)]];
    for lost in gaps {
        let mut parts = Vec::new();
        let mut from = 0;
        for (start, end) in lost {
            parts.push(sent(from, &stream[from..*start]).at(1));
            from = *end;
        }
        parts.push(sent(from, &stream[from..]).at(2));
        // Time goes on, so that nobody waits for what was lost.
        parts.push(sent(stream.len(), &message(5)).at(9_000));
        let facts = assert_honest(&opened(parts), 6);
        let missing: usize = lost.iter().map(|(start, end)| end - start).sum();
        assert_eq!(loss(&facts, "stream_gap_bytes"), missing as u64, "{lost:?}");
        assert!(told(&facts) >= 1, "{lost:?}");
        let part = facts.capture.estimated_loss().unwrap();
        let all = (stream.len() + message(5).len()) as f64;
        assert!((part - missing as f64 / all).abs() < 1e-9, "{part}");
    }
}

#[test]
fn the_end_of_the_last_message_never_comes() {
    let (client, server) = ends();
    let stream = messages(2);
    let end_of = FIRST + u32::try_from(stream.len()).unwrap();
    let fin = tcp(client, server, end_of).fin().ack(ANSWER).at(2);
    let facts = assert_honest(&opened([sent(0, &stream[..stream.len() - 9]).at(1), fin]), 2);
    // Its header was sent and is told; that its end is missing, too.
    assert_eq!((told(&facts), loss(&facts, "stream_gap_bytes")), (2, 9));
}

#[test]
fn cut_at_common_snapshot_lengths() {
    for snaplen in [60, 96, 128, 256] {
        let frames: Vec<_> = exchange().into_iter().map(|frame| frame.cut(snaplen)).collect();
        let facts = assert_honest(&frames, 5);
        let cut = frames.iter().filter(|frame| frame.wire_len as usize > snaplen).count();
        assert_eq!(loss(&facts, "truncated_frames"), cut as u64);
        assert_eq!(only(&facts).1.bytes_to_server, messages(5).len() as u64);
    }
}

#[test]
fn one_direction_only_is_told_and_counted() {
    let (client, _) = ends();
    let is_from_client = |frame: &Captured| frame.bytes[6..12] == client.mac;
    let (from_client, from_server): (Vec<_>, Vec<_>) = exchange().into_iter().partition(is_from_client);
    let facts = run(&from_client);
    assert_eq!((told(&facts), condition(&facts, "one_sided_flows"), is_missing(&facts)), (5, 1, false));
    assert_eq!(told(&run(&from_server)), 0);
    assert_eq!(condition(&run(&exchange()), "one_sided_flows"), 0);
}

#[test]
fn the_direction_of_the_server_only_is_told_and_counted() {
    let (client, server) = ends();
    let answer = |n: usize| {
        let text = format!("\x0bMSH|^~\\&|EHR|HOSP|MON|ICU|2026||ACK|{n}|P|2.5\rMSA|AA|{n}\r\x1c\r");
        tcp(server, client, ANSWER + u32::try_from(n * text.len()).unwrap()).ack(FIRST).data(text).at(1 + n as u64)
    };
    let syn = tcp(server, client, ANSWER - 1).syn().ack(FIRST).at(0);
    for frames in [vec![syn, answer(0), answer(1), answer(2)], vec![answer(0), answer(1), answer(2)]] {
        let facts = run(&frames);
        assert_eq!((told(&facts), condition(&facts, "one_sided_flows"), is_missing(&facts)), (3, 1, false));
        assert_eq!((only(&facts).0.client, only(&facts).0.server), (client.ip, server.ip));
    }
}

#[test]
fn both_directions_on_different_vlans_are_one_connection() {
    let (client, _) = ends();
    let tag = |frame: &Captured| frame.tagged(if frame.bytes[6..12] == client.mac { 10 } else { 20 });
    let frames: Vec<_> = exchange().iter().map(tag).collect();
    let facts = run(&frames);
    assert_eq!((told(&facts), facts.capture.flows, only(&facts).1.vlans.iter().count()), (5, 1, 2));
}

#[test]
fn the_directions_come_by_different_queues_one_after_the_other() {
    let (client, _) = ends();
    let is_from_client = |frame: &Captured| frame.bytes[6..12] == client.mac;
    let (one, other): (Vec<_>, Vec<_>) = exchange().into_iter().partition(is_from_client);
    for frames in [[one.clone(), other.clone()].concat(), [other, one].concat()] {
        let facts = run(&frames);
        assert_eq!((told(&facts), facts.capture.flows, is_missing(&facts)), (5, 1, false));
    }
}

#[test]
fn both_sides_of_an_address_translation_are_two_connections_with_all_messages_each() {
    let (client, server) = ends();
    let outside = End { ip: [203, 0, 113, 7].into(), ..client };
    let translated = |frame: &Captured| {
        let mut copy = frame.clone();
        let place = if frame.bytes[6..12] == client.mac { 26..30 } else { 30..34 };
        copy.bytes[place].copy_from_slice(&[203, 0, 113, 7]);
        copy
    };
    let frames: Vec<_> = exchange().iter().flat_map(|frame| [frame.clone(), translated(frame)]).collect();
    let facts = run(&frames);
    let clients: Vec<_> = facts.conversations.iter().map(|(key, entry)| (key.client, entry.messages)).collect();
    assert_eq!(clients, [(client.ip, 5), (outside.ip, 5)]);
    assert_eq!((condition(&facts, "duplicate_packets"), server.port), (0, 2575));
}

#[test]
fn timestamps_that_go_backwards() {
    let mut frames = exchange();
    let count = u64::try_from(frames.len()).unwrap();
    frames.iter_mut().zip(0..count).for_each(|(frame, n)| frame.at = PacketTime((count - n) * 7_000_000_000));
    let facts = run(&frames);
    assert_eq!((told(&facts), facts.capture.flows, is_missing(&facts)), (5, 1, false));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn random_and_burst_loss(lost in vec(0usize..18, 0..6), burst in 0usize..5) {
        let mut frames = exchange();
        for at in lost.iter().copied().chain(lost.first().into_iter().flat_map(|at| *at..at + burst)) {
            // Lost packets leave the others where they are.
            if let Some(frame) = frames.get_mut(at) {
                frame.bytes.clear();
            }
        }
        frames.retain(|frame| !frame.bytes.is_empty());
        assert_honest_or_nothing(&frames);
    }
}

/// As [`assert_honest`], where it may be that nothing came at all.
fn assert_honest_or_nothing(frames: &[Captured]) {
    let facts = run(frames);
    let seen: u64 = facts.conversations.values().map(|conversation| conversation.bytes_to_server).sum();
    let all = messages(5).len() as u64;
    assert!(told(&facts) <= 5);
    // A message that is not told was cut by a gap, or at the beginning or the end of what was seen.
    assert!(seen == all || told(&facts) < 5);
    assert!(seen + loss(&facts, "stream_gap_bytes") <= all);
    assert!(seen < all || told(&facts) == 5);
}
