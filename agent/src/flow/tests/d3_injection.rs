//! D3, packets that the ends did not send, or would not believe: what they say is told, and what was forged is counted.

use super::{endpoint::*, *};

/// Two messages, with something in the middle of the first one.
fn around(middle: impl IntoIterator<Item = Captured>) -> Vec<Captured> {
    let stream = messages(2);
    let mut parts = vec![sent(0, &stream[..50]).at(1)];
    parts.extend(middle);
    parts.push(sent(50, &stream[50..]).at(100));
    opened(parts)
}

#[test]
fn a_fake_fin_before_the_data_does_not_end_it() {
    let (client, server) = ends();
    for (side, sequence) in [(client, FIRST + 50), (client, FIRST + 20), (server, ANSWER), (server, ANSWER + 9)] {
        let peer = if side.ip == client.ip { server } else { client };
        let fin = tcp(side, peer, sequence).fin().ack(1).at(2);
        let facts = run(&around([fin]));
        assert_eq!(told(&facts), 2, "{sequence}");
    }
}

#[test]
fn a_reset_with_a_wrong_number_is_counted_and_ends_nothing_however_long_the_silence_after_it() {
    let (client, server) = ends();
    for sequence in [FIRST + 0x6000_0000, FIRST.wrapping_sub(0x3000_0000), FIRST.wrapping_add(0x9000_0000)] {
        let stream = messages(2);
        let reset = tcp(client, server, sequence).rst().at(2);
        let facts = assert_whole(&opened([sent(0, &stream[..50]).at(1), reset, sent(50, &stream[50..]).at(60_000)]), 2);
        assert_eq!(condition(&facts, "stray_resets"), 1);
    }
}

#[test]
fn a_reset_with_a_wrong_acknowledgement_checksum_or_time_after_which_data_goes_on_was_not_believed() {
    let (client, server) = ends();
    let reset = || tcp(client, server, FIRST + 50).rst();
    for forged in
        [reset(), reset().ack(7), reset().checksum(0xbad), reset().options(&[1, 1, 8, 10, 0, 0, 0, 0, 0, 0, 0, 0])]
    {
        assert_eq!(assert_whole(&around([forged.at(2)]), 2).capture.flows, 1);
    }
    let mut dying = reset().at(2);
    dying.bytes[14 + 8] = 1;
    assert_whole(&around([dying]), 2);
}

#[test]
fn a_syn_in_the_middle_with_another_number_is_counted_and_splits_nothing() {
    let (client, server) = ends();
    for forged in [0, FIRST + 20, FIRST + 49, FIRST + 1000, 0x7fff_0000, 0xf000_0000] {
        for (from, to) in [(client, server), (server, client)] {
            let syn = tcp(from, to, forged).syn();
            let facts = assert_whole(&around([syn.at(2), syn.at(3), syn.at(4)]), 2);
            let is_seen = from.ip == server.ip || condition(&facts, "stray_syns") == 1;
            assert!(is_seen && facts.capture.flows_without_payload + condition(&facts, "stray_syns") <= 1, "{forged}");
        }
    }
}

#[test]
fn several_answers_to_a_syn_with_different_numbers() {
    let (client, server) = ends();
    let mut frames = vec![tcp(client, server, FIRST - 1).syn().at(0)];
    frames.extend((0..6).map(|n| tcp(server, client, ANSWER - 1 + 50_000 * n).syn().ack(FIRST).at(1)));
    frames.push(sent(0, &messages(2)).at(2));
    assert_eq!(assert_whole(&frames, 2).capture.flows, 1);
}

#[test]
fn an_answer_to_a_syn_in_the_wrong_direction_or_in_the_middle() {
    let (client, server) = ends();
    for number in [FIRST + 7, 0x7000_0000] {
        assert_whole(&around([tcp(client, server, number).syn().ack(9).at(2)]), 2);
        assert_whole(&around([tcp(server, client, number).syn().ack(9).at(2)]), 2);
    }
}

#[test]
fn acknowledgements_of_what_was_never_sent() {
    let (client, server) = ends();
    for number in [0, FIRST + 9_000, 0x8000_0000, u32::MAX] {
        assert_whole(&around([tcp(server, client, ANSWER).ack(number).at(2)]), 2);
    }
}

#[test]
fn data_before_the_handshake_ends() {
    let (client, server) = ends();
    let stream = messages(2);
    let frames = [
        tcp(client, server, FIRST - 1).syn().at(0),
        sent(0, &stream[..70]).at(0),
        tcp(server, client, ANSWER - 1).syn().ack(FIRST).at(1),
        sent(70, &stream[70..]).at(2),
    ];
    assert_whole(&frames, 2);
}

#[test]
fn old_or_missing_time_stamps_and_signatures_with_other_data_are_conflicts() {
    // A receiver drops these and takes the ones after them (RFC 7323, 5; RFC 2385): other data than was told, so it is counted.
    let times = |value: u8| [1, 1, 8, 10, 0, 0, 0, value, 0, 0, 0, 0];
    let stream = messages(2);
    let evil = vec![b'9'; 20];
    for forged in [sent(50, &evil).options(&times(1)), sent(50, &evil), sent(50, &evil).checksum(0xbad)] {
        let parts = [sent(0, &stream[..50]).options(&times(9)).at(1), forged.at(2).id(1)];
        let facts = run(&opened(parts.into_iter().chain([sent(50, &stream[50..]).options(&times(10)).at(3).id(2)])));
        assert_eq!(loss(&facts, "overlap_conflicts"), 1);
        assert!(told(&facts) <= 2);
    }
}

#[test]
fn segments_whose_checksum_was_left_to_a_network_card_are_read_and_counted() {
    let mut frames = around([]);
    let facts = assert_whole(&frames, 2);
    assert_eq!(condition(&facts, "zero_checksums"), frames.len() as u64);
    for frame in &mut frames {
        frame.bytes[14 + 10..14 + 12].copy_from_slice(&[0x12, 0x34]);
        frame.bytes[34 + 16..34 + 18].copy_from_slice(&[0x56, 0x78]);
    }
    assert_eq!(condition(&assert_whole(&frames, 2), "zero_checksums"), 0);
}

#[test]
fn a_segment_that_dies_on_the_way_is_a_conflict_with_the_one_that_arrives() {
    let mut dying = sent(50, &[b'9'; 20]).at(2).id(1);
    dying.bytes[14 + 8] = 2;
    let facts = run(&around([dying]));
    assert_eq!(loss(&facts, "overlap_conflicts"), 1);
}

#[test]
fn data_outside_of_every_window_is_counted_and_left_out() {
    for far in [0x5000_0000, 0x9000_0000, 0xd000_0000] {
        let facts = run(&around([sent(far, b"forged").at(2)]));
        assert_eq!((told(&facts), loss(&facts, "stray_bytes"), facts.capture.flows), (2, 6, 1));
    }
}

#[test]
fn urgent_data_is_read_in_line_and_nothing_is_lost_by_it() {
    let stream = messages(2);
    for pointer in [0, 1, 2, 5, 0xffff] {
        let parts = [sent(0, &stream[..50]).urgent(pointer).at(1), sent(50, &stream[50..]).urgent(pointer).at(2)];
        assert_whole(&opened(parts), 2);
    }
}

#[test]
fn data_after_a_fin_and_after_a_reset() {
    let (client, server) = ends();
    let one = message(0).len();
    let end_of = FIRST + u32::try_from(one).unwrap();
    for last in [tcp(client, server, end_of).fin().ack(ANSWER), tcp(client, server, end_of).rst()] {
        let frames = opened([sent(0, &message(0)).at(1), last.at(2), sent(one, &message(1)).at(3)]);
        assert_eq!(assert_whole(&frames, 2).capture.flows, 1);
    }
}

#[test]
fn flags_that_nobody_sends() {
    let (client, server) = ends();
    // None, all, SYN and FIN, SYN and RST, FIN and RST.
    for flags in [0, 0x3f, 0x03, 0x06, 0x05] {
        for number in [FIRST + 50, 0x7000_0000] {
            let facts = run(&around([tcp(client, server, number).flag(flags).at(2)]));
            assert_eq!(told(&facts), 2, "{flags:#x} {number}");
        }
        assert_honest(&[tcp(client, server, 5).flag(flags).data(message(0)).at(0)], 1);
    }
}

#[test]
fn truncated_and_invalid_options() {
    for options in [[2, 0, 0, 0], [2, 1, 0, 0], [8, 200, 0, 0], [1, 1, 1, 8], [0, 9, 9, 9], [254, 255, 255, 255]] {
        let stream = messages(2);
        let parts = [sent(0, &stream[..50]).options(&options).at(1), sent(50, &stream[50..]).options(&options).at(2)];
        assert_whole(&opened(parts), 2);
    }
    // A header longer than the segment, or shorter than a header can be.
    for offset in [0xf0, 0x40, 0x00] {
        let mut broken = sent(50, b"x").at(2);
        broken.bytes[34 + 12] = offset;
        let facts = run(&around([broken]));
        assert_eq!((told(&facts), loss(&facts, "transport_header_malformed")), (2, 1));
    }
}

#[test]
fn generated_sequences_of_forged_packets_never_make_a_message() {
    let (client, server) = ends();
    let mut seed = 7u64;
    let mut next = |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (seed >> 33) % below
    };
    for _ in 0..2000 {
        let forged = |at: u64, next: &mut dyn FnMut(u64) -> u64| {
            let near = u32::try_from(next(400)).unwrap();
            let (from, to, base) = if next(4) == 0 { (server, client, ANSWER) } else { (client, server, FIRST) };
            let number = if next(3) == 0 { u32::try_from(next(1 << 32)).unwrap() } else { base + near };
            let flags = [0x10, 0x11, 0x04, 0x14, 0x02, 0x12, 0x29, 0x00][usize::try_from(next(8)).unwrap()];
            let payload = vec![b'z'; usize::try_from(next(3) * next(60)).unwrap()];
            tcp(from, to, number).flag(flags).data(payload).at(at).id(u16::try_from(next(0xffff)).unwrap())
        };
        let count = next(5);
        let middle: Vec<_> = (0..count).map(|n| forged(2 + n, &mut next)).collect();
        assert_honest(&around(middle), 2);
    }
}
