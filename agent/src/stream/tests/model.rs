//! Random streams against a model that knows every byte.

use super::fixture::pattern;
use crate::stream::{Astray, Reader, Reassembly, Segment, ahead::Ahead, distance};
use proptest::{collection::vec, prelude::*};
use wardwatch_model::PacketTime;

/// What became of a byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Untold,
    Read,
    Skipped,
    Gap,
}

/// A reader that knows the stream: which bytes it wants, and what it must be told next.
struct Model {
    stream: Vec<u8>,
    wanted: Vec<bool>,
    fate: Vec<Fate>,
    /// Sequence number of the first byte.
    first: u32,
    /// Where the next byte must stand.
    at: usize,
}

impl Model {
    fn new(first: u32, runs: &[(bool, usize)], length: usize) -> Self {
        let mut wanted: Vec<bool> = runs.iter().flat_map(|(wanted, count)| vec![*wanted; *count]).collect();
        wanted.resize(length, true);
        Self { stream: pattern(length), wanted, fate: vec![Fate::Untold; length], first, at: 0 }
    }

    fn tell(&mut self, count: usize, fate: Fate) {
        for slot in self.fate.iter_mut().skip(self.at).take(count) {
            assert_eq!(*slot, Fate::Untold);
            *slot = fate;
        }
        self.at += count;
    }
}

impl Reader for Model {
    fn data(&mut self, sequence: u32, bytes: &[u8], _: bool) -> u64 {
        let offset = usize::try_from(distance(self.first, sequence)).expect("nothing lies before the stream");
        assert_eq!(offset, self.at, "bytes come in order");
        assert_eq!(bytes, &self.stream[offset..offset + bytes.len()]);
        self.tell(bytes.len(), Fate::Read);
        let skip = self.wanted[self.at..].iter().take_while(|wanted| !**wanted).count();
        self.tell(skip, Fate::Skipped);
        skip as u64
    }

    fn gap(&mut self, missing: u64) {
        self.tell(usize::try_from(missing).unwrap(), Fate::Gap);
    }

    fn repeated(&mut self, _: u32, _: &[u8]) {}

    fn conflict(&mut self) {
        panic!("every copy of a byte is the same");
    }

    fn astray(&mut self, _: Astray) {}

    fn stray(&mut self, _: u32) {
        panic!("nothing lies elsewhere");
    }
}

/// A segment to send: where, how long, how much of it was captured.
#[derive(Clone, Copy, Debug)]
struct Sent {
    from: usize,
    captured: usize,
    missing: usize,
}

const LENGTH: usize = 600;

/// A stream cut into segments, some of them lost, sent again, cut by the capture, or overlapping others; shuffled.
fn segments() -> impl Strategy<Value = Vec<Sent>> {
    let cuts = vec(1..LENGTH, 0..14);
    let lost = vec(prop::bool::weighted(0.2), 15);
    let extra = vec((0..LENGTH, 1..120_usize, prop_oneof![4 => Just(0), 1 => 1..50_usize]), 0..5);
    (cuts, lost, extra).prop_flat_map(|(mut cuts, lost, extra)| {
        cuts.extend([0, LENGTH]);
        cuts.sort_unstable();
        cuts.dedup();
        let whole = cuts.windows(2).map(|ends| Sent { from: ends[0], captured: ends[1] - ends[0], missing: 0 });
        let mut sent: Vec<_> = whole.zip(lost).filter_map(|(sent, lost)| (!lost).then_some(sent)).collect();
        sent.extend(extra.into_iter().map(|(from, captured, missing)| {
            let captured = captured.min(LENGTH - from);
            Sent { from, captured, missing: missing.min(LENGTH - from - captured) }
        }));
        Just(sent).prop_shuffle()
    })
}

/// Starts near the wrap, and anywhere.
fn starts() -> impl Strategy<Value = u32> {
    prop_oneof![(0..1200_u32).prop_map(|n| n.wrapping_sub(600)), any::<u32>()]
}

/// What of each byte came first: `Some(true)` captured, `Some(false)` cut off.
fn arrivals(sent: &[Sent]) -> Vec<Option<bool>> {
    let mut arrived = vec![None; LENGTH];
    for Sent { from, captured, missing } in sent {
        for (n, slot) in arrived.iter_mut().enumerate().skip(*from).take(captured + missing) {
            slot.get_or_insert(n < from + captured);
        }
    }
    arrived
}

/// Sends everything and checks every byte's fate; `syn`: the start was seen; `fin`: the end is told.
fn check(sent: &[Sent], runs: &[(bool, usize)], first: u32, syn: bool, fin: bool) {
    let arrived = arrivals(sent);
    let mut model = Model::new(first, runs, LENGTH);
    let mut stream = Reassembly::default();
    if syn {
        stream.syn(first.wrapping_sub(1), &mut model);
    } else {
        model.at = arrived.iter().position(Option::is_some).unwrap_or(LENGTH);
    }
    let begin = model.at;
    let sequence = |at: usize| first.wrapping_add(u32::try_from(at).unwrap());
    if fin && syn {
        stream.fin(sequence(LENGTH));
    }
    let bytes = pattern(LENGTH);
    for Sent { from, captured, missing } in sent {
        let payload = &bytes[*from..from + captured];
        let missing = u32::try_from(*missing).unwrap();
        let segment = Segment { sequence: sequence(*from), payload, missing, at: PacketTime(7) };
        stream.segment(segment, &mut model);
        assert!(stream.stored() <= Ahead::MAX_BYTES);
    }
    stream.finish(&mut model);
    let end =
        if fin && syn { LENGTH } else { arrived.iter().rposition(Option::is_some).map_or(begin, |last| last + 1) };
    for (at, (fate, arrived)) in model.fate.iter().zip(&arrived).enumerate().take(end).skip(begin) {
        let expected = match (fate, arrived) {
            (Fate::Skipped, _) => Fate::Skipped,
            (_, Some(true)) => Fate::Read,
            _ => Fate::Gap,
        };
        assert_eq!(*fate, expected, "byte {at} of {begin}..{end}");
    }
    assert!(model.fate[end..].iter().all(|fate| matches!(fate, Fate::Untold | Fate::Skipped)));
    assert_eq!(stream.seen(), arrived.iter().flatten().count() as u64);
    assert_eq!((stream.stored(), stream.unread_gaps()), (0, 0));
}

fn runs() -> impl Strategy<Value = Vec<(bool, usize)>> {
    vec((any::<bool>(), 1..150_usize), 0..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn every_byte_is_read_skipped_or_lost_once_where_the_start_is_known(
        sent in segments(), runs in runs(), first in starts(), fin in any::<bool>()
    ) {
        check(&sent, &runs, first, true, fin);
    }

    #[test]
    fn every_byte_is_read_skipped_or_lost_once_where_a_direction_is_joined(
        sent in segments(), runs in runs(), first in starts()
    ) {
        check(&sent, &runs, first, false, false);
    }

    #[test]
    fn anything_may_come(
        segments in vec((any::<u32>(), 0..2000_usize, any::<u8>(), any::<u64>(), any::<u32>()), 0..200)
    ) {
        let bytes = pattern(2000);
        let mut stream = Reassembly::default();
        let mut reader = Anything(0);
        for (sequence, length, kind, at, other) in segments {
            match kind {
                0..=9 => stream.syn(sequence, &mut reader),
                10..=19 => stream.fin(sequence),
                20..=29 => stream.acknowledged(sequence, &mut reader),
                30..=39 => stream.skip(at >> (other % 64)),
                _ => {
                    // Often near, sometimes anywhere.
                    let sequence = if kind < 220 { sequence >> 16 } else { sequence };
                    let missing = if kind < 100 { other >> 16 } else { 0 };
                    let at = PacketTime(at >> 30);
                    stream.segment(Segment { sequence, payload: &bytes[..length], missing, at }, &mut reader);
                }
            }
            assert!(stream.stored() <= Ahead::MAX_BYTES);
        }
        stream.finish(&mut reader);
        assert_eq!(stream.stored(), 0);
    }
}

/// Answers with skips that it makes up.
struct Anything(u64);

impl Reader for Anything {
    fn data(&mut self, sequence: u32, bytes: &[u8], _: bool) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(u64::from(sequence) + bytes.len() as u64);
        if self.0 >> 62 == 0 { self.0 >> (self.0 >> 56 & 63) } else { 0 }
    }
    fn gap(&mut self, _: u64) {}
    fn repeated(&mut self, _: u32, _: &[u8]) {}
    fn conflict(&mut self) {}
    fn astray(&mut self, _: Astray) {}
    fn stray(&mut self, _: u32) {}
}
