//! The number of workers and the seeds of hashes do not show.

use super::*;
use crate::{
    limits::SHARDS,
    testing::{arp, end_v6},
};
use proptest::{collection::vec, prelude::*};

/// A frame of a small network: few hosts and ports, so that flows meet, close, and are used again.
fn frames() -> impl Strategy<Value = Vec<Captured>> {
    let one = (0..12_u8, 0..12_u8, 0..3_u16, 0..10_u8, any::<u8>(), 0..3000_u32, 0..60_usize);
    vec((one, 0..2000_u64), 0..400).prop_map(|plans| {
        let mut now = 0;
        let frame = |((a, b, port, kind, flags, sequence, length), wait): (_, u64)| {
            now += wait;
            // Time goes backwards now and then.
            frame(a, b, port, kind, flags, sequence, length).at(now.saturating_sub(wait * 3 % 7))
        };
        plans.into_iter().map(frame).collect()
    })
}

fn frame(a: u8, b: u8, port: u16, kind: u8, flags: u8, sequence: u32, length: usize) -> Captured {
    let (mut from, mut to) =
        if kind < 7 { (end(a, 40_000 + port), end(b, 104)) } else { (end_v6(a, 104), end_v6(b, 40_000)) };
    if flags & 64 != 0 {
        std::mem::swap(&mut from, &mut to);
    }
    from.vlan = (flags & 128 != 0).then_some(port + 1);
    let payload = [0x16, 3, 1, 0, 200, 1, 7].repeat(10);
    match kind {
        0 => arp(1, end(a, 0), end(b, 0).ip),
        1 => udp(from, to, &payload[..length]),
        2 => Captured::new(crate::source::LinkType::Ethernet, payload[..length].to_vec()),
        _ => {
            let mut segment = tcp(from, to, sequence).data(&payload[..length]);
            for (bit, set) in (0..).zip([Tcp::syn, Tcp::fin, Tcp::rst]) {
                if flags & 7 == bit {
                    segment = set(segment);
                }
            }
            if flags & 8 != 0 { segment.ack(sequence / 2).at(0) } else { segment.at(0) }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn reports_are_equal_for_any_number_of_workers_and_any_seed(frames in frames(), tight in any::<bool>()) {
        let limits = if tight {
            Limits { flows: SHARDS, reassembly_bytes: SHARDS * 200, devices: SHARDS, ..Limits::default() }
        } else {
            Limits::default()
        };
        // Each run has its own hash seeds.
        let first = report(&frames, &limits, 1);
        prop_assert_eq!(first.capture.packets, frames.len() as u64);
        for workers in [1, 3, 64] {
            prop_assert_eq!(&report(&frames, &limits, workers), &first);
        }
    }
}
