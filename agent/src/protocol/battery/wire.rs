//! The battery on the wire: the samples as packets, in disorder, twice, cut, and from one side only. And ARP, which is no
//! stream.

use super::Sample;
use crate::{
    limits::Limits,
    protocol::{Protocol, Side, StreamParsers},
    testing::{Captured, End, arp, end, report, tcp},
};
use proptest::prelude::*;
use wardwatch_model::{Conversation, Facts, Name};

const PORTS: (u16, u16) = (50_000, 4321);

/// A sample as segments of at most `longest` bytes, between a handshake and an end. The packets of one portion stand
/// together.
fn portions(sample: &Sample, longest: usize) -> Vec<Vec<Captured>> {
    let ends = [end(1, PORTS.0), end(2, PORTS.1)];
    let mut next = [1_000u32, u32::MAX - 100];
    let [client, server] = ends;
    let opening = vec![
        tcp(client, server, next[0]).syn().at(0),
        tcp(server, client, next[1]).syn().ack(next[0] + 1).at(1),
        tcp(client, server, next[0] + 1).ack(next[1].wrapping_add(1)).at(2),
    ];
    next = next.map(|number| number.wrapping_add(1));
    let mut portions = vec![opening];
    for (number, (side, bytes)) in sample.iter().enumerate() {
        let (from, to) = if *side == Side::A { (0, 1) } else { (1, 0) };
        let segments = bytes.chunks(longest).map(|chunk| {
            let segment = tcp(ends[from], ends[to], next[from]).ack(next[to]).data(chunk);
            next[from] = next[from].wrapping_add(u32::try_from(chunk.len()).unwrap());
            segment.at(10 + number as u64)
        });
        portions.push(segments.collect());
    }
    portions.push(vec![
        tcp(client, server, next[0]).fin().ack(next[1]).at(900),
        tcp(server, client, next[1]).fin().ack(next[0] + 1).at(901),
    ]);
    portions
}

fn told(frames: &[Captured]) -> Facts {
    report(frames, &Limits::default(), 1)
}

/// The conversation of a report, without what depends on the number of packets.
fn conversation(report: &Facts) -> Option<(Name, Box<Conversation>)> {
    report.conversations.iter().next().map(|(key, conversation)| (key.protocol, conversation.clone()))
}

fn samples() -> Vec<Sample> {
    StreamParsers::samples().into_iter().map(|(_, sample)| sample).collect()
}

/// The order that a seed makes of so many things.
fn shuffle<T>(things: &mut [T], seed: &mut u64) {
    for last in (1..things.len()).rev() {
        *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        things.swap(last, (*seed >> 33) as usize % (last + 1));
    }
}

/// Small segments in this order once left more holes open than were remembered.
#[test]
fn hellos_of_many_segments_out_of_order_count_each_byte() {
    let mut seed = 4_191_197_639_401_068_683;
    for (_, sample) in StreamParsers::samples().into_iter().filter(|(protocol, _)| *protocol == Protocol::Tls) {
        for _ in 0..64 {
            let mut portions = portions(&sample, 8);
            let ordered = told(&portions.concat());
            portions.iter_mut().skip(1).for_each(|portion| shuffle(portion, &mut seed));
            assert_eq!(conversation(&told(&portions.concat())), conversation(&ordered));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn segments_out_of_order_tell_the_same(mut seed in any::<u64>(), longest in 8usize..200) {
        for sample in samples() {
            let mut portions = portions(&sample, longest);
            let ordered = told(&portions.concat());
            portions.iter_mut().skip(1).for_each(|portion| shuffle(portion, &mut seed));
            let mut shuffled = told(&portions.concat());
            // That they were out of order is told, too.
            shuffled.capture.conditions.clone_from(&ordered.capture.conditions);
            prop_assert_eq!(conversation(&shuffled), conversation(&ordered));
            prop_assert_eq!(shuffled.descriptions, ordered.descriptions);
            prop_assert_eq!(shuffled.capture, ordered.capture);
        }
    }

    #[test]
    fn packets_seen_twice_tell_the_same(longest in 1usize..200) {
        for sample in samples() {
            let frames = portions(&sample, longest).concat();
            let twice: Vec<_> = frames.iter().flat_map(|frame| [frame.clone(), frame.clone()]).collect();
            let (once, twice) = (told(&frames), told(&twice));
            prop_assert_eq!(conversation(&twice), conversation(&once));
            prop_assert_eq!(&twice.capture.losses, &once.capture.losses);
            prop_assert_eq!(&twice.capture.protocols, &once.capture.protocols);
        }
    }

    #[test]
    fn cut_packets_do_no_harm(snaplen in 1usize..300, longest in 1usize..1400) {
        for sample in samples() {
            let frames: Vec<_> = portions(&sample, longest).concat().into_iter().map(|frame| frame.cut(snaplen)).collect();
            let told = told(&frames);
            prop_assert_eq!(told.capture.packets, frames.len() as u64);
        }
    }

    #[test]
    fn lost_packets_do_no_harm_and_are_never_silent(mut seed in any::<u64>(), longest in 1usize..200) {
        for sample in samples() {
            let mut frames = portions(&sample, longest).concat();
            let all = told(&frames);
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            frames.remove(3 + (seed >> 33) as usize % (frames.len() - 5));
            let told = told(&frames);
            let (whole, left) = (conversation(&all).unwrap().1, conversation(&told));
            let lost = told.capture.losses["stream_gap_bytes"];
            let bytes = |c: &Conversation| c.bytes_to_server + c.bytes_to_client;
            let seen = left.map_or(0, |(_, conversation)| bytes(&conversation));
            // What is not seen is a gap, unless a parser had no use for it.
            prop_assert!(seen + lost <= bytes(&whole));
            prop_assert!(seen < bytes(&whole));
        }
    }
}

#[test]
fn either_side_alone_is_known_or_unknown_but_never_another_protocol() {
    for (protocol, sample) in StreamParsers::samples() {
        for side in Side::BOTH {
            let frames: Vec<_> = portions(&sample, 100)
                .concat()
                .into_iter()
                .filter(|frame| frame.bytes[26..30] == [192, 0, 2, if side == Side::A { 1 } else { 2 }])
                .collect();
            let found = conversation(&told(&frames)).map(|(name, _)| name);
            assert!(found.is_none_or(|name| name == protocol.name() || name == "unknown"), "{found:?}");
        }
    }
}

#[test]
fn a_connection_without_its_handshake_is_still_known() {
    for (protocol, sample) in StreamParsers::samples() {
        let frames = portions(&sample, 1400)[1..].concat();
        let found = conversation(&told(&frames)).map(|(name, _)| name);
        assert_eq!(found, Some(protocol.name().into()));
    }
}

fn claim() -> (End, Captured) {
    let sender = end(7, 0);
    (sender, arp(1, sender, end(8, 0).ip))
}

#[test]
fn arp_cut_at_any_byte_claims_nothing_wrong() {
    let (sender, whole) = claim();
    for length in 0..whole.bytes.len() {
        let told = told(&[whole.clone().cut(length)]);
        assert_eq!(told.capture.packets, 1);
        assert!(told.sightings.keys().all(|place| place.ip == sender.ip), "{length}");
    }
}

#[test]
fn arp_with_any_byte_changed_does_no_harm() {
    let (_, whole) = claim();
    for at in 0..whole.bytes.len() {
        for mask in [0x01, 0x80, 0xff] {
            let mut changed = whole.clone();
            changed.bytes[at] ^= mask;
            assert_eq!(told(&[changed]).capture.packets, 1);
        }
    }
}
