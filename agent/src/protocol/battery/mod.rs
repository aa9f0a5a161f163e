//! What every stream protocol must survive, run on the samples it gives: the same bytes in other portions tell the same,
//! and no damage does harm.

mod datagram;
mod link;
mod wire;

pub(crate) use datagram::{DatagramSample, MARK};

use super::{Outcome, Protocol, Side, Step, StreamParser};
use crate::{
    flow::Inspection,
    protocol::{PerSide, StreamParsers},
    stream::SKIP_ALL,
};
use proptest::prelude::*;
use wardwatch_model::{PacketTime, Violation};

/// A connection: who says what, in order.
pub(crate) type Sample = Vec<(Side, Vec<u8>)>;

/// What a parser makes of a connection of its own protocol.
pub(crate) fn told_by<P: StreamParser>(sample: &Sample) -> Outcome {
    let mut parser = P::default();
    for (side, bytes) in sample {
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let Step::Advance(count) = parser.feed(*side, PacketTime(0), rest) else { break };
            rest = rest.get(usize::try_from(count).unwrap()..).unwrap_or_default();
        }
    }
    parser.finish()
}

/// Brings bytes to an inspection as the flow does: what is skipped is never shown.
struct Line {
    inspection: Inspection,
    skip: PerSide<u64>,
    joined: bool,
}

impl Line {
    fn new(joined: bool) -> Self {
        Self { inspection: Inspection::default(), skip: PerSide::default(), joined }
    }

    fn say(&mut self, side: Side, bytes: &[u8]) {
        let skip = self.skip.get_mut(side);
        let unwanted = usize::try_from(*skip).unwrap_or(usize::MAX).min(bytes.len());
        if *skip != SKIP_ALL {
            *skip -= unwanted as u64;
        }
        if unwanted < bytes.len() {
            *skip = self.inspection.data(side, PacketTime(1), &bytes[unwanted..], self.joined);
        }
        for side in Side::BOTH {
            if let Some(wish) = self.inspection.take_wish(side) {
                *self.skip.get_mut(side) = wish;
            }
        }
    }

    /// Loses bytes, which matters only as far as they are not skipped.
    fn lose(&mut self, side: Side, count: usize) {
        let skip = self.skip.get_mut(side);
        let unwanted = u64::min(*skip, count as u64);
        if *skip != SKIP_ALL {
            *skip -= unwanted;
        }
        if unwanted < count as u64 {
            self.inspection.gap(side);
        }
    }

    fn end(self) -> Option<(Protocol, Outcome)> {
        self.inspection.finish()
    }
}

fn whole(sample: &Sample) -> Option<(Protocol, Outcome)> {
    let mut line = Line::new(false);
    sample.iter().for_each(|(side, bytes)| line.say(*side, bytes));
    line.end()
}

/// Whether both sides keep the rules.
fn is_sound(sample: &Sample) -> bool {
    accuses_no_one(whole(sample))
}

fn accuses_no_one(told: Option<(Protocol, Outcome)>) -> bool {
    told.is_none_or(|(_, outcome)| outcome.violations.is_empty())
}

/// Every sample with each of its bytes in turn: portion and offset.
fn each_byte() -> impl Iterator<Item = (Sample, usize, usize)> {
    StreamParsers::samples().into_iter().flat_map(|(_, sample)| {
        let places: Vec<_> = (0..sample.len()).flat_map(|n| (0..sample[n].1.len()).map(move |at| (n, at))).collect();
        places.into_iter().map(move |(portion, at)| (sample.clone(), portion, at))
    })
}

#[test]
fn every_protocol_has_samples_and_knows_them() {
    for (protocol, sample) in StreamParsers::samples() {
        let (found, outcome) = whole(&sample).unwrap_or_else(|| panic!("{}: not recognised", protocol.name()));
        assert_eq!(found, protocol);
        assert_eq!(outcome.faults, 0, "{}: {sample:02x?}", protocol.name());
        // Senders that leave out frames are common, and among the samples.
        let broken: Vec<_> = outcome.violations.iter().filter(|(_, what, _)| *what != Violation::MllpStart).collect();
        assert!(broken.is_empty(), "{}: {broken:?}", protocol.name());
    }
    for protocol in Protocol::ALL {
        let sampled = StreamParsers::samples().iter().any(|(known, _)| known == protocol)
            || Protocol::datagram_samples().iter().any(|(known, _)| known == protocol)
            || Protocol::link_samples().iter().any(|(known, ..)| known == protocol);
        let is_parsed = !matches!(protocol, Protocol::Arp | Protocol::Unknown) && !Protocol::TUNNELS.contains(protocol);
        assert!(sampled || !is_parsed, "{}: no samples", protocol.name());
    }
}

/// DICOM and HL7 have tests of their own, with each field there is.
#[test]
fn what_may_be_of_a_person_stands_in_samples_and_is_never_told() {
    for (protocol, sample) in StreamParsers::samples() {
        let is_planted = sample.iter().any(|(_, bytes)| datagram::has_mark(bytes));
        assert!(is_planted || matches!(protocol, Protocol::Dicom | Protocol::Hl7), "{protocol:?}");
        assert!(!format!("{:?}", whole(&sample)).contains(MARK), "{protocol:?}");
    }
}

#[test]
fn one_byte_at_a_time_tells_the_same() {
    for (protocol, sample) in StreamParsers::samples() {
        let mut line = Line::new(false);
        for (side, bytes) in &sample {
            bytes.iter().for_each(|byte| line.say(*side, &[*byte]));
        }
        assert_eq!(line.end(), whole(&sample), "{}", protocol.name());
    }
}

#[test]
fn a_connection_cut_at_any_byte_does_no_harm() {
    for (sample, portion, at) in each_byte() {
        let is_sound = is_sound(&sample);
        let mut line = Line::new(false);
        sample[..portion].iter().for_each(|(side, bytes)| line.say(*side, bytes));
        line.say(sample[portion].0, &sample[portion].1[..at]);
        assert!(!is_sound || accuses_no_one(line.end()));
    }
}

#[test]
fn any_byte_changed_does_no_harm() {
    for (mut sample, portion, at) in each_byte() {
        for mask in [0x01, 0x80, 0xff] {
            sample[portion].1[at] ^= mask;
            whole(&sample);
            sample[portion].1[at] ^= mask;
        }
    }
}

#[test]
fn a_hole_anywhere_does_no_harm_and_the_protocol_stays_known() {
    for (sample, portion, at) in each_byte() {
        let known = whole(&sample).map(|(protocol, _)| protocol);
        let mut line = Line::new(false);
        for (n, (side, bytes)) in sample.iter().enumerate() {
            if n == portion {
                let end = bytes.len().min(at + 7);
                line.say(*side, &bytes[..at]);
                line.lose(*side, end - at);
                line.say(*side, &bytes[end..]);
            } else {
                line.say(*side, bytes);
            }
        }
        let told = line.end();
        if let Some((found, _)) = &told {
            assert_eq!(Some(*found), known);
        }
        assert!(!is_sound(&sample) || accuses_no_one(told), "what is lost is nobody's fault: {portion} {at}");
    }
}

#[test]
fn a_connection_joined_at_any_byte_is_never_taken_for_another_protocol() {
    for (sample, portion, at) in each_byte() {
        let known = whole(&sample).map(|(protocol, _)| protocol);
        let mut line = Line::new(true);
        line.say(sample[portion].0, &sample[portion].1[at..]);
        sample[portion + 1..].iter().for_each(|(side, bytes)| line.say(*side, bytes));
        let told = line.end();
        if let Some((found, _)) = &told {
            assert_eq!(Some(*found), known);
        }
        assert!(!is_sound(&sample) || accuses_no_one(told), "what was missed is nobody's fault: {portion} {at}");
    }
}

proptest! {
    #[test]
    fn any_portions_tell_the_same(seed in any::<u64>(), longest in 1usize..400) {
        for (_, sample) in StreamParsers::samples() {
            let mut state = seed;
            let mut line = Line::new(false);
            for (side, bytes) in &sample {
                let mut rest = &bytes[..];
                while !rest.is_empty() {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    let length = ((state >> 33) as usize % longest + 1).min(rest.len());
                    line.say(*side, &rest[..length]);
                    rest = &rest[length..];
                }
            }
            prop_assert_eq!(line.end(), whole(&sample));
        }
    }

    #[test]
    fn noise_is_no_protocol(bytes in proptest::collection::vec(any::<u8>(), 1..2000), joined in any::<bool>()) {
        let mut line = Line::new(joined);
        line.say(Side::A, &bytes);
        line.say(Side::B, &bytes);
        prop_assert!(line.end().is_none());
    }
}
