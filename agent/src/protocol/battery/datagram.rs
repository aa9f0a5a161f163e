//! What every protocol of datagrams must survive.

use crate::{
    limits::Limits,
    protocol::{Datagram, Protocol},
    testing::{Captured, End, end, report, udp},
};
use proptest::prelude::*;
use std::{collections::BTreeSet, net::IpAddr};
use wardwatch_model::{DeviceText, Facts};

/// A datagram: from where, to where, and what it says.
#[derive(Clone, Debug)]
pub(crate) struct DatagramSample {
    pub(crate) source: (IpAddr, u16),
    pub(crate) destination: (IpAddr, u16),
    pub(crate) payload: Vec<u8>,
}

impl DatagramSample {
    pub(crate) fn datagram(&self) -> Datagram<'_> {
        Datagram { source: self.source, destination: self.destination, payload: &self.payload, is_cut: false }
    }

    /// The frame, from host 7.
    pub(crate) fn captured(&self) -> Captured {
        let at = |(ip, port): (IpAddr, u16)| End { ip, port, ..end(7, 0) };
        udp(at(self.source), at(self.destination), &self.payload)
    }
}

fn told(frames: &[Captured]) -> Facts {
    report(frames, &Limits::default(), 1)
}

/// What stands in the samples where a person's words may be: nothing that holds it may be told.
pub(crate) const MARK: &str = "ZQXVPH";

fn failures(facts: &Facts, protocol: Protocol) -> u64 {
    facts.capture.protocols[protocol.name()].parse_failures
}

#[test]
fn every_datagram_is_known_and_counted_under_its_protocol() {
    for (protocol, sample) in Protocol::datagram_samples() {
        assert_eq!(Protocol::of_datagram(&sample.datagram()), Some(protocol), "{sample:?}");
        let facts = told(&[sample.captured()]);
        let counted = facts.capture.protocols[protocol.name()];
        assert_eq!((counted.flows, counted.messages, counted.parse_failures), (1, 1, 0), "{sample:?}");
        assert_eq!(counted.bytes, sample.payload.len() as u64);
        assert!(facts.conversations.keys().all(|key| key.protocol == protocol.name()));
    }
}

#[test]
fn a_datagram_that_ends_at_any_byte_does_no_harm_and_a_cut_capture_is_no_failure() {
    for (protocol, sample) in Protocol::datagram_samples() {
        let frame = sample.captured();
        let headers = frame.bytes.len() - sample.payload.len();
        let lengths = 0..sample.payload.len();
        let short = |length| DatagramSample { payload: sample.payload[..length].to_vec(), ..sample.clone() }.captured();
        told(&lengths.clone().map(short).collect::<Vec<_>>());
        let cut = lengths.map(|length| frame.clone().cut(headers + length));
        let facts = told(&[frame.clone()].into_iter().chain(cut).collect::<Vec<_>>());
        assert_eq!(failures(&facts, protocol), 0, "{sample:?}");
    }
}

#[test]
fn any_byte_changed_does_no_harm() {
    for (_, sample) in Protocol::datagram_samples() {
        let changes = (0..sample.payload.len()).flat_map(|at| [0x01, 0x10, 0x80, 0xff].map(|mask| (at, mask)));
        let changed = changes.map(|(at, mask)| {
            let mut changed = sample.clone();
            changed.payload[at] ^= mask;
            changed.captured()
        });
        let facts = told(&changed.collect::<Vec<_>>());
        let mut texts = facts.descriptions.keys().flat_map(|description| &description.attributes);
        assert!(texts.all(|(_, text)| text.chars().count() <= DeviceText::MAX_CHARS));
    }
}

#[test]
fn datagrams_in_any_order_and_twice_say_the_same() {
    let frames: Vec<_> = Protocol::datagram_samples().iter().map(|(_, sample)| sample.captured()).collect();
    let backwards: Vec<_> = frames.iter().rev().cloned().collect();
    let (told_forwards, told_backwards) = (told(&frames), told(&backwards));
    assert_eq!(told_forwards.descriptions, told_backwards.descriptions);
    assert_eq!(told_forwards.sightings, told_backwards.sightings);
    assert_eq!(told_forwards.capture, told_backwards.capture);
    let twice = told(&[frames, backwards].concat());
    assert!(twice.descriptions.keys().eq(told_forwards.descriptions.keys()));
}

/// The mark as it is, and as some protocols write names: a letter for each half of a byte, two bytes for each letter.
pub(super) fn has_mark(payload: &[u8]) -> bool {
    let letters = MARK.bytes().flat_map(|byte| [b'A' + (byte >> 4), b'A' + (byte & 0xf)]);
    let wide = MARK.bytes().flat_map(|byte| [byte, 0]);
    [MARK.bytes().collect(), letters.collect(), wide.collect()]
        .iter()
        .any(|mark: &Vec<u8>| payload.windows(mark.len()).any(|window| window == mark))
}

#[test]
fn what_may_be_of_a_person_stands_in_samples_of_every_protocol_and_is_never_told() {
    let samples = Protocol::datagram_samples();
    let planted = samples.iter().filter(|(_, sample)| has_mark(&sample.payload));
    let planted: BTreeSet<_> = planted.map(|(protocol, _)| *protocol).collect();
    assert_eq!(planted, samples.iter().map(|(protocol, _)| *protocol).collect());
    let facts = told(&samples.iter().map(|(_, sample)| sample.captured()).collect::<Vec<_>>());
    let shown = format!("{facts:?}");
    assert!(!shown.contains(MARK), "{shown}");
}

proptest! {
    #[test]
    fn noise_is_no_datagram_of_any(payload in proptest::collection::vec(any::<u8>(), 0..600), port in any::<u16>()) {
        let at = |port| (IpAddr::from([192, 0, 2, 1]), port);
        let known = Protocol::datagram_samples().into_iter().map(|(_, sample)| sample.destination.1);
        let known: BTreeSet<_> = known.chain([port]).collect();
        for port in known {
            let sample = DatagramSample { source: at(port), destination: at(port), payload: payload.clone() };
            prop_assert_eq!(Protocol::of_datagram(&sample.datagram()), None);
        }
    }

    #[test]
    fn any_tail_does_no_harm(
        at in 0usize..600, tail in proptest::collection::vec(any::<u8>(), 0..400), pick in any::<prop::sample::Index>(),
    ) {
        let samples = Protocol::datagram_samples();
        let (_, sample) = &samples[pick.index(samples.len())];
        let payload = [&sample.payload[..at.min(sample.payload.len())], &tail[..]].concat();
        let changed = DatagramSample { payload, ..sample.clone() };
        if let Some(protocol) = Protocol::of_datagram(&changed.datagram()) {
            protocol.read_datagram(&changed.datagram());
        }
    }
}
