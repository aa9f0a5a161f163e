//! Tests of the parser as a whole, by concern.

mod devices;
mod framing;
mod interfaces;
mod privacy;
mod robustness;
mod rules;

use super::Hl7;
use crate::protocol::{Outcome, Side, Step, StreamParser};
use wardwatch_model::{
    Attribute, Detail, DeviceText, PacketTime, Source,
    hl7::{Link, LinkActivity},
};

/// Runs a parser over portions; the time is the number of the portion.
fn run(portions: &[(Side, &[u8])]) -> Outcome {
    feed(portions).finish()
}

fn feed(portions: &[(Side, &[u8])]) -> Hl7 {
    let mut parser = Hl7::default();
    for (time, (side, bytes)) in (1..).zip(portions) {
        if !bytes.is_empty() {
            let step = parser.feed(*side, PacketTime(time), bytes);
            assert_eq!(step, Step::Advance(u64::try_from(bytes.len()).unwrap()));
        }
    }
    parser
}

/// Runs a parser over the bytes of one side.
fn one(bytes: &[u8]) -> Outcome {
    run(&[(Side::A, bytes)])
}

fn links(outcome: &Outcome) -> Vec<(&Link, &LinkActivity)> {
    let Detail::Hl7(links) = &outcome.detail else { panic!("no HL7") };
    links.entries.iter().map(|(link, activity)| (link, activity)).collect()
}

/// The only link.
fn link(outcome: &Outcome) -> (&Link, &LinkActivity) {
    let all = links(outcome);
    assert_eq!(all.len(), 1, "{all:?}");
    all[0]
}

fn counts(counts: &wardwatch_model::hl7::Counts) -> Vec<(&str, u64)> {
    counts.iter().map(|(kind, count)| (kind.as_str(), count)).collect()
}

/// Message types on all links together.
fn types(outcome: &Outcome) -> Vec<(&str, u64)> {
    links(outcome).into_iter().flat_map(|(_, activity)| counts(&activity.message_types)).collect()
}

/// Descriptions from `source`.
fn said(outcome: &Outcome, source: Source) -> Vec<Vec<(Attribute, &str)>> {
    let of_source = outcome.descriptions.iter().filter(|spoken| spoken.source == source);
    of_source.map(|spoken| spoken.attributes.iter().map(|(name, value)| (*name, value.as_str())).collect()).collect()
}

fn text(text: &str) -> Option<DeviceText> {
    DeviceText::new(text)
}
