//! D1, TCP as it is: whatever the segments, their order and their options, the same messages are told.

use super::{endpoint::*, *};
use proptest::{collection::vec, prelude::*};

#[test]
fn in_order_and_several_messages_in_one_segment() {
    assert_whole(&opened(segments(&messages(5), &[])), 5);
    assert_whole(&opened(segments(&messages(5), &[1, 2, 100, 300])), 5);
}

#[test]
fn reversed() {
    let mut parts = segments(&messages(3), &[50, 100, 150, 180]);
    parts.reverse();
    assert_whole(&opened(parts), 3);
}

#[test]
fn one_byte_segments() {
    let stream = messages(2);
    let cuts: Vec<_> = (1..stream.len()).collect();
    assert_whole(&opened(segments(&stream, &cuts)), 2);
}

#[test]
fn every_split_point_of_a_message_in_both_orders() {
    let stream = messages(1);
    for split in 1..stream.len() {
        let mut parts = segments(&stream, &[split]);
        assert_whole(&opened(parts.clone()), 1);
        parts.reverse();
        assert_whole(&opened(parts), 1);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn random_shuffle(mut cuts in vec(1usize..300, 0..20), order in any::<u64>()) {
        let stream = messages(5);
        cuts.sort_unstable();
        cuts.dedup();
        let mut parts = segments(&stream, &cuts);
        let mut seed = order;
        for last in (1..parts.len()).rev() {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            parts.swap(last, (seed >> 33) as usize % (last + 1));
        }
        assert_whole(&opened(parts), 5);
    }
}

#[test]
fn sequence_numbers_wrap_at_every_byte_of_a_message() {
    let (client, server) = ends();
    let stream = messages(2);
    for before in 0..stream.len() {
        let initial = 0u32.wrapping_sub(u32::try_from(before).unwrap());
        let mut frames = vec![tcp(client, server, initial.wrapping_sub(1)).syn().at(0)];
        for (n, part) in stream.chunks(60).enumerate() {
            frames.push(tcp(client, server, initial.wrapping_add(u32::try_from(n * 60).unwrap())).data(part).at(1));
        }
        assert_whole(&frames, 2);
    }
}

#[test]
fn options_of_the_handshake_and_of_segments_are_stepped_over() {
    let (client, server) = ends();
    // Maximum segment size; window scale 14; SACK permitted; time stamps; an empty SACK; MD5 (RFC 9293, 7323, 2018, 2385).
    let window_scale: &[u8] = &[2, 4, 5, 0xb4, 1, 3, 3, 14];
    let times: &[u8] = &[4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0];
    let empty_sack: &[u8] = &[1, 1, 5, 2];
    let sack: &[u8] = &[1, 1, 5, 10, 0, 0, 1, 0, 0, 0, 2, 0];
    let md5: &[u8] = &[19, 18, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 1, 1];
    for options in [window_scale, times, empty_sack, sack, md5] {
        let mut frames = vec![
            tcp(client, server, FIRST - 1).syn().options(options).at(0),
            tcp(server, client, ANSWER - 1).syn().ack(FIRST).options(options).at(0),
        ];
        frames.extend(messages(3).chunks(40).enumerate().map(|(n, part)| sent(n * 40, part).options(options).at(1)));
        assert_whole(&frames, 3);
    }
}

#[test]
fn a_delayed_duplicate_and_a_retransmission_with_the_same_data_change_nothing() {
    let stream = messages(4);
    let mut parts = segments(&stream, &[70, 140, 210]);
    let late = parts[1].clone().id(9).at(900);
    parts.extend([late.clone(), late.id(10).at(1200)]);
    let facts = assert_whole(&opened(parts), 4);
    assert_eq!(condition(&facts, "retransmitted_segments"), 2);
}

#[test]
fn keep_alives_and_zero_window_probes() {
    let stream = messages(2);
    let (one, two) = stream.split_at(message(0).len());
    let next = one.len();
    let mut parts = vec![sent(0, one).at(1)];
    // The byte before the next one, made up or left out; then a probe that brings the next byte, twice.
    parts.extend([sent(next - 1, b"?").at(30_000), sent(next - 1, b"").at(60_000)]);
    parts.extend([sent(next, &two[..1]).at(61_000), sent(next, &two[..1]).at(62_000), sent(next, two).at(63_000)]);
    assert_whole(&opened(parts), 2);
}

#[test]
fn fast_open_with_data_in_the_syn_accepted_ignored_or_rejected() {
    let (client, server) = ends();
    let stream = messages(2);
    let (early, rest) = stream.split_at(60);
    let syn = tcp(client, server, FIRST - 1).syn().data(early).at(0);
    let accepted = tcp(server, client, ANSWER - 1).syn().ack(FIRST + 60).at(1);
    assert_whole(&[syn.clone(), accepted, sent(60, rest).at(2)], 2);
    // Ignored: all of it comes again.
    let ignored = tcp(server, client, ANSWER - 1).syn().ack(FIRST).at(1);
    assert_whole(&[syn.clone(), ignored.clone(), sent(0, &stream).at(2)], 2);
    // Ignored, and sent again in other portions.
    let parts = stream.chunks(50).enumerate().map(|(n, part)| sent(n * 50, part).at(2));
    assert_whole(&[syn.clone(), ignored.clone()].into_iter().chain(parts).collect::<Vec<_>>(), 2);
    // Rejected: the client begins again without data, by the same ports and another number.
    let reset = tcp(server, client, 0).rst().ack(FIRST + 60).at(1);
    let again = tcp(client, server, 7_000_000).syn().at(2);
    let answer = tcp(server, client, ANSWER - 1).syn().ack(7_000_001).at(2);
    let data = tcp(client, server, 7_000_001).ack(ANSWER).data(&stream).at(3);
    let facts = run(&[syn, reset, again, answer, data]);
    assert_eq!((told(&facts), only(&facts).1.messages, is_missing(&facts)), (3, 3, false), "the first came twice");
}

#[test]
fn congestion_flags_say_nothing() {
    let (client, server) = ends();
    let ecn = 0x40 | 0x80;
    let frames = [
        tcp(client, server, FIRST - 1).syn().flag(ecn).at(0),
        tcp(server, client, ANSWER - 1).syn().ack(FIRST).flag(0x40).at(0),
        sent(0, &messages(2)).flag(ecn).at(1),
    ];
    assert_whole(&frames, 2);
}

#[test]
fn data_on_the_answer_to_the_syn() {
    let (client, server) = ends();
    let answer = b"\x0bMSH|^~\\&|EHR|HOSP|MON|ICU|2026||ADT^A01|77|P|2.5\rPID|1\r\x1c\r";
    let frames = [
        tcp(client, server, FIRST - 1).syn().at(0),
        tcp(server, client, ANSWER - 1).syn().ack(FIRST).data(answer).at(0),
        sent(0, &messages(1)).at(1),
    ];
    let facts = run(&frames);
    assert_eq!((told(&facts), only(&facts).1.bytes_to_client, is_missing(&facts)), (2, answer.len() as u64, false));
}

#[test]
fn data_with_a_fin_in_order_and_before_what_it_follows() {
    let stream = messages(2);
    let (one, two) = stream.split_at(80);
    assert_whole(&opened([sent(0, one).at(1), sent(80, two).fin().at(2)]), 2);
    assert_whole(&opened([sent(80, two).fin().at(1), sent(0, one).at(2)]), 2);
}

#[test]
fn data_in_a_reset_is_counted_and_no_message() {
    let frames = opened([sent(0, &message(0)).at(1), sent(message(0).len(), &message(1)).rst().at(2)]);
    let facts = assert_honest(&frames, 1);
    assert_eq!((told(&facts), loss(&facts, "reset_payload_bytes")), (1, message(1).len() as u64));
}

#[test]
fn half_closed_the_other_side_goes_on() {
    let (client, server) = ends();
    let fin = tcp(server, client, ANSWER).ack(FIRST).fin();
    let mut frames = opened([fin.at(1)]);
    frames.extend((0..3).map(|n| {
        let at = 10_000 * u64::try_from(n + 1).unwrap();
        sent(messages(n).len(), &message(n)).at(at)
    }));
    frames
        .push(tcp(client, server, FIRST + u32::try_from(messages(3).len()).unwrap()).fin().ack(ANSWER + 1).at(40_000));
    assert_whole(&frames, 3);
}

#[test]
fn simultaneous_open_and_close() {
    let (client, server) = ends();
    let end_of = FIRST + u32::try_from(messages(2).len()).unwrap();
    let frames = [
        tcp(client, server, FIRST - 1).syn().at(0),
        tcp(server, client, ANSWER - 1).syn().at(0),
        tcp(client, server, FIRST - 1).syn().ack(ANSWER).at(1),
        tcp(server, client, ANSWER - 1).syn().ack(FIRST).at(1),
        sent(0, &messages(2)).at(2),
        tcp(client, server, end_of).fin().ack(ANSWER).at(3),
        tcp(server, client, ANSWER).fin().ack(end_of).at(3),
        tcp(client, server, end_of + 1).ack(ANSWER + 1).at(4),
    ];
    assert_eq!(assert_whole(&frames, 2).capture.flows, 1);
}

#[test]
fn split_handshakes_of_four_and_five_packets() {
    let (client, server) = ends();
    let four = [
        tcp(client, server, FIRST - 1).syn().at(0),
        tcp(server, client, 0).ack(FIRST).at(0),
        tcp(server, client, ANSWER - 1).syn().at(1),
        tcp(client, server, FIRST).ack(ANSWER).at(1),
        sent(0, &messages(2)).at(2),
    ];
    assert_eq!(assert_whole(&four, 2).capture.flows, 1);
    let five = [
        tcp(client, server, FIRST - 1).syn().at(0),
        tcp(server, client, 0).ack(FIRST).at(0),
        tcp(server, client, ANSWER - 1).syn().at(1),
        tcp(client, server, FIRST - 1).syn().ack(ANSWER).at(1),
        tcp(server, client, ANSWER).ack(FIRST).at(1),
        sent(0, &messages(2)).at(2),
    ];
    assert_eq!(assert_whole(&five, 2).capture.flows, 1);
}

#[test]
fn ports_used_again_before_any_timeout_are_another_connection() {
    let (client, server) = ends();
    for (initial, last) in [(7_000_000, "fin"), (7_000_000, "rst"), (7_000_000, "nothing"), (900, "nothing")] {
        let end_of = FIRST + u32::try_from(message(0).len()).unwrap();
        let mut frames = opened([sent(0, &message(0)).at(1)]);
        match last {
            "fin" => frames.extend([
                tcp(client, server, end_of).fin().ack(ANSWER).at(2),
                tcp(server, client, ANSWER).fin().ack(end_of + 1).at(2),
            ]),
            "rst" => frames.push(tcp(client, server, end_of).rst().at(2)),
            _ => {}
        }
        frames.extend([
            tcp(client, server, initial).syn().at(3),
            tcp(server, client, initial).syn().ack(initial + 1).at(3),
            tcp(client, server, initial + 1).ack(initial + 1).data(message(1)).at(4),
        ]);
        let facts = run(&frames);
        assert_eq!((told(&facts), facts.capture.flows), (2, 2), "{initial} after {last}");
        assert!(!is_missing(&facts) && condition(&facts, "stray_syns") == 0, "{initial} after {last}");
    }
}

#[test]
fn a_long_silence_and_then_on() {
    let day = 86_400_000;
    let parts = (0..3).map(|n| sent(messages(n).len(), &message(n)).at(u64::try_from(n).unwrap() * 9 * day));
    assert_whole(&opened(parts), 3);
}
