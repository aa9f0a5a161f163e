//! Brings bytes to the parser as the engine does: in order, each once, with what it wants kept or skipped, and holds it
//! to the rules of [`StreamParser`].

use super::build::Connection;
use crate::protocol::{Outcome, PerSide, Probe, Side, Step, StreamParser, WINDOW, dicom::Dicom};
use wardwatch_model::{Attribute, Detail, DeviceText, PacketTime, dicom::*};

/// Bytes of a search for the first message that are looked at again.
const OVERLAP: usize = 64;

pub(super) struct Driver {
    pub(super) parser: Option<Dicom>,
    sides: PerSide<Intake>,
    pub(super) at: PacketTime,
}

#[derive(Default)]
struct Intake {
    carry: Vec<u8>,
    skip: u64,
    joined: bool,
    scanned: bool,
}

impl Driver {
    /// `joined`: the start of the connection was missed.
    pub(super) fn new(joined: bool) -> Self {
        let mut sides = PerSide::<Intake>::default();
        Side::BOTH.iter().for_each(|side| sides.get_mut(*side).joined = joined);
        Self { parser: None, sides, at: PacketTime(1) }
    }

    pub(super) fn data(&mut self, side: Side, bytes: &[u8]) {
        let intake = self.sides.get_mut(side);
        let skipped = usize::try_from(intake.skip).unwrap_or(usize::MAX).min(bytes.len());
        intake.skip -= skipped as u64;
        let mut whole = std::mem::take(&mut intake.carry);
        whole.extend(&bytes[skipped..]);
        if self.parser.is_some() {
            return self.parse(side, &whole);
        }
        if !intake.joined || !intake.scanned {
            match Dicom::probe(&whole) {
                Probe::Certain => return self.begin(side, &whole),
                Probe::NeedMore if !intake.joined => {
                    intake.carry = whole;
                    return;
                }
                _ => {}
            }
        }
        match Dicom::find_start(&whole) {
            Some(start) => self.begin(side, &whole[start..]),
            None => {
                intake.scanned = true;
                intake.carry = whole[whole.len().saturating_sub(OVERLAP)..].to_vec();
            }
        }
    }

    pub(super) fn gap(&mut self, side: Side, missing: u64) {
        let intake = self.sides.get_mut(side);
        if intake.skip >= missing {
            intake.skip -= missing;
            return;
        }
        intake.skip = 0;
        intake.carry.clear();
        intake.joined = true;
        if let Some(parser) = &mut self.parser {
            parser.gap(side);
        }
    }

    fn begin(&mut self, side: Side, bytes: &[u8]) {
        let parser = self.parser.insert(Dicom::default());
        Side::BOTH.iter().filter(|side| self.sides.get(**side).joined).for_each(|side| parser.joined(*side));
        let other = self.sides.get_mut(side.other());
        if other.scanned {
            parser.gap(side.other());
        }
        let waiting = std::mem::take(&mut other.carry);
        self.parse(side.other(), &waiting);
        self.parse(side, bytes);
    }

    fn parse(&mut self, side: Side, mut bytes: &[u8]) {
        let (parser, intake) = (self.parser.as_mut().unwrap(), self.sides.get_mut(side));
        while !bytes.is_empty() {
            match parser.feed(side, self.at, bytes) {
                Step::Advance(count) => {
                    assert!(count > 0, "a parser must move on");
                    let here = usize::try_from(count).unwrap_or(usize::MAX).min(bytes.len());
                    intake.skip = count - here as u64;
                    bytes = &bytes[here..];
                }
                Step::NeedMore => {
                    assert!(bytes.len() <= WINDOW, "no more than the window may be asked for");
                    intake.carry = bytes.to_vec();
                    return;
                }
                Step::Opaque => panic!("DICOM is never opaque"),
            }
        }
    }

    pub(super) fn finish(self) -> Outcome {
        self.parser.map(StreamParser::finish).unwrap_or_default()
    }
}

/// The outcome of a connection, each of its parts a portion.
pub(super) fn outcome(connection: &Connection) -> Outcome {
    let mut driver = Driver::new(false);
    connection.iter().for_each(|(side, bytes)| driver.data(*side, bytes));
    driver.finish()
}

/// The same, joined after its start.
pub(super) fn joined(connection: &Connection) -> Outcome {
    let mut driver = Driver::new(true);
    connection.iter().for_each(|(side, bytes)| driver.data(*side, bytes));
    driver.finish()
}

pub(super) fn associations(outcome: &Outcome) -> Vec<(Association, AssociationActivity)> {
    match &outcome.detail {
        Detail::Dicom(bounded) => bounded.entries.clone().into_iter().collect(),
        other => panic!("{other:?}"),
    }
}

/// The only association of a connection.
pub(super) fn association(connection: &Connection) -> (Association, AssociationActivity) {
    let all = associations(&outcome(connection));
    assert_eq!(all.len(), 1, "{all:#?}");
    all.into_iter().next().unwrap()
}

/// What is counted of a service, over all associations.
pub(super) fn operations(outcome: &Outcome, service: Dimse) -> Operations {
    let mut sum = Operations::default();
    for (_, activity) in associations(outcome) {
        activity.operations.0.get(&service).into_iter().for_each(|counts| sum.merge(counts));
    }
    sum
}

/// All that was said about devices.
pub(super) fn said(outcome: &Outcome) -> Vec<(Attribute, String)> {
    let attributes = outcome.descriptions.iter().flat_map(|spoken| &spoken.attributes);
    attributes.map(|(attribute, text)| (*attribute, text.to_string())).collect()
}

pub(super) fn text(text: &str) -> DeviceText {
    DeviceText::new(text).unwrap()
}
