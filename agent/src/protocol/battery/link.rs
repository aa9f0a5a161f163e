//! What every protocol of announcements on a link must survive.

use super::MARK;
use crate::{
    limits::Limits,
    protocol::{LinkFrame, LinkKind, Protocol},
    source::LinkType,
    testing::{Captured, report},
};
use proptest::prelude::*;
use std::collections::BTreeSet;
use wardwatch_model::{DeviceText, Facts};

const SENDER: [u8; 6] = [0, 0, 0x5e, 0, 0x53, 7];

/// The frame that carries an announcement.
fn captured(kind: LinkKind, payload: &[u8]) -> Captured {
    let snap = [&[0xaa, 0xaa, 3, 0, 0, 0x0c, 0x20, 0][..], payload].concat();
    let length = u16::try_from(snap.len()).unwrap().to_be_bytes();
    let body = match kind {
        LinkKind::Lldp => [&[0x88, 0xcc][..], payload].concat(),
        LinkKind::Cdp => [&length[..], &snap, &[0; 12]].concat(),
    };
    Captured::new(LinkType::Ethernet, [&[1, 0x80, 0xc2, 0, 0, 0x0e][..], &SENDER, &body].concat())
}

fn samples() -> impl Iterator<Item = (Protocol, LinkKind, Vec<u8>)> {
    Protocol::link_samples().into_iter()
}

fn told(frames: &[Captured]) -> Facts {
    report(frames, &Limits::default(), 1)
}

#[test]
fn every_announcement_is_known_counted_and_told() {
    for (protocol, kind, payload) in samples() {
        let facts = told(&[captured(kind, &payload)]);
        let counted = facts.capture.protocols[protocol.name()];
        assert_eq!((counted.messages, counted.parse_failures), (1, 0), "{payload:02x?}");
        assert_eq!(facts.descriptions.len(), 1);
    }
}

#[test]
fn an_announcement_that_ends_at_any_byte_does_no_harm_and_a_cut_capture_is_no_failure() {
    for (protocol, kind, payload) in samples() {
        let lengths = 0..payload.len();
        told(&lengths.clone().map(|length| captured(kind, &payload[..length])).collect::<Vec<_>>());
        let whole = captured(kind, &payload);
        let padding = if kind == LinkKind::Cdp { 12 } else { 0 };
        let headers = whole.bytes.len() - payload.len() - padding;
        let cut: Vec<_> = lengths.map(|length| whole.clone().cut(headers + length)).collect();
        assert_eq!(told(&cut).capture.protocols[protocol.name()].parse_failures, 0);
    }
}

#[test]
fn any_byte_changed_does_no_harm() {
    for (_, kind, payload) in samples() {
        let changes = (0..payload.len()).flat_map(|at| [0x01, 0x10, 0x80, 0xff].map(|mask| (at, mask)));
        let changed = changes.map(|(at, mask)| {
            let mut changed = payload.clone();
            changed[at] ^= mask;
            captured(kind, &changed)
        });
        let facts = told(&changed.collect::<Vec<_>>());
        let mut texts = facts.descriptions.keys().flat_map(|description| &description.attributes);
        assert!(texts.all(|(_, text)| text.chars().count() <= DeviceText::MAX_CHARS));
    }
}

#[test]
fn what_may_be_of_a_person_stands_in_announcements_of_every_protocol_and_is_never_told() {
    let has_mark = |payload: &[u8]| payload.windows(MARK.len()).any(|window| window == MARK.as_bytes());
    let planted: BTreeSet<_> = samples().filter(|(.., payload)| has_mark(payload)).map(|(known, ..)| known).collect();
    assert_eq!(planted, samples().map(|(known, ..)| known).collect());
    let frames: Vec<_> = samples().map(|(_, kind, payload)| captured(kind, &payload)).collect();
    assert!(!format!("{:?}", told(&frames)).contains(MARK));
}

proptest! {
    #[test]
    fn any_bytes_do_no_harm(payload in proptest::collection::vec(any::<u8>(), 0..600)) {
        for kind in [LinkKind::Lldp, LinkKind::Cdp] {
            Protocol::read_link(&LinkFrame { kind, payload: &payload });
        }
    }
}
