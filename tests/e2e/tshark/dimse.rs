//! DIMSE messages: from tshark's data elements, or from the bytes where it lost its place.
//!
//! tshark 4.0 carries an unfinished data element of one message into the next one of the same presentation context,
//! whatever its direction: after an encapsulated image (whose frames it takes for data elements) it shows the
//! C-STORE response as one private tag. There the fragment's own bytes are read: a command is always implicit VR little
//! endian (PS3.7 section 6.3.1).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::dissect::{Endpoint, Unit};
use super::pdml::Node;

const COMMAND_FIELD: u32 = 0x0000_0100;
const MOVE_DESTINATION: u32 = 0x0000_0600;
const STATUS: u32 = 0x0000_0900;
const MOVE_ORIGINATOR: u32 = 0x0000_1030;

/// Set in the command field of a response.
const ANSWER: u16 = 0x8000;

/// Length, presentation context id and control header stand before a fragment.
const PDV_HEADER: usize = 6;

/// Direction and presentation context: what belongs together.
type Speaker = (Endpoint, Option<u64>);

/// A part of a message: its command, whole, or some of its data set.
#[derive(Debug)]
pub(super) enum Fragment {
    Command { field: u16, elements: BTreeMap<u32, Vec<u8>> },
    Data { operation: &'static str, bytes: usize },
}

/// One stream, its commands put together from their fragments.
#[derive(Debug, Default)]
pub(super) struct Dialogue {
    open: BTreeMap<Speaker, Vec<u8>>,
    current: BTreeMap<Speaker, &'static str>,
}

impl Dialogue {
    /// What of messages lies in this PDU.
    pub(super) fn fragments(&mut self, unit: &Unit) -> Vec<Fragment> {
        let values = unit.node.children.iter().filter(|child| child.first("dicom.pdv.len").is_some());
        values.filter_map(|value| self.fragment(unit, value)).collect()
    }

    fn fragment(&mut self, unit: &Unit, value: &Node) -> Option<Fragment> {
        let speaker = (unit.from.clone(), value.number_of("dicom.pdv.ctx"));
        let (command, last) = match value.number_of("dicom.pdv.flags")? {
            flags @ 0..=3 => (flags & 1 != 0, flags & 2 != 0),
            _ => return None,
        };
        let bytes = value.value.get(PDV_HEADER..).unwrap_or_default();
        if !command {
            return Some(Fragment::Data { operation: self.current.get(&speaker)?, bytes: bytes.len() });
        }
        self.open.entry(speaker.clone()).or_default().extend(bytes);
        if !last {
            return None;
        }
        let bytes = self.open.remove(&speaker)?;
        let elements = Some(shown(value)).filter(|all| all.contains_key(&COMMAND_FIELD)).or_else(|| read(&bytes))?;
        let field = number(elements.get(&COMMAND_FIELD)?)?;
        self.current.insert(speaker, name(field & !ANSWER));
        Some(Fragment::Command { field, elements })
    }
}

/// The elements tshark shows below a fragment.
fn shown(value: &Node) -> BTreeMap<u32, Vec<u8>> {
    let element = |node: &Node| {
        let tag = u32::try_from(node.number_of("dicom.tag")?).ok()?;
        let value = node.children.iter().find(|child| child.name.starts_with("dicom.tag.value."))?;
        Some((tag, value.value.clone()))
    };
    value.children.iter().filter_map(element).collect()
}

/// The elements of a command set.
fn read(mut bytes: &[u8]) -> Option<BTreeMap<u32, Vec<u8>>> {
    let mut elements = BTreeMap::new();
    while let Some((&[g0, g1, e0, e1, ref length @ ..], rest)) = bytes.split_first_chunk::<8>() {
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        let (value, rest) = rest.split_at_checked(length)?;
        elements.insert(u32::from_le_bytes([e0, e1, g0, g1]), value.to_vec());
        bytes = rest;
    }
    Some(elements)
}

fn number(value: &[u8]) -> Option<u16> {
    value.try_into().ok().map(u16::from_le_bytes)
}

impl Fragment {
    pub(super) fn is_answer(&self) -> bool {
        matches!(self, Self::Command { field, .. } if field & ANSWER != 0)
    }

    /// Adds itself to what was done on an association.
    pub(super) fn count(&self, association: &mut Value) {
        match self {
            Self::Data { operation, bytes } => add(&mut association["operations"], operation, "bytes", *bytes),
            Self::Command { field, elements } => {
                let status = elements.get(&STATUS).and_then(|value| number(value));
                let counter = if self.is_answer() { outcome(status) } else { "requests" };
                add(&mut association["operations"], name(field & !ANSWER), counter, 1);
                for (tag, list) in [(MOVE_DESTINATION, "move_destinations"), (MOVE_ORIGINATOR, "move_originators")] {
                    let title = elements.get(&tag).map(|value| json!(crate::support::process::text(value).trim()));
                    let titles = association[list].as_array_mut().unwrap();
                    titles.extend(title.filter(|title| !titles.contains(title)));
                }
            }
        }
    }
}

fn add(operations: &mut Value, operation: &str, counter: &str, more: usize) {
    let counts = &mut operations[operation];
    if counts.is_null() {
        *counts =
            json!({"requests": 0, "success": 0, "warning": 0, "failure": 0, "cancel": 0, "pending": 0, "bytes": 0});
    }
    counts[counter] = json!(counts[counter].as_u64().unwrap_or(0) + u64::try_from(more).unwrap());
}

/// PS3.7 Annex C: status classes.
fn outcome(status: Option<u16>) -> &'static str {
    match status {
        Some(0x0000) => "success",
        Some(0xFE00) => "cancel",
        Some(0xFF00 | 0xFF01) => "pending",
        Some(0x0001 | 0x0107 | 0x0116 | 0xB000..=0xBFFF) => "warning",
        _ => "failure",
    }
}

/// PS3.7 section E.1-1: command fields.
fn name(field: u16) -> &'static str {
    match field {
        0x0001 => "C-STORE",
        0x0010 => "C-GET",
        0x0020 => "C-FIND",
        0x0021 => "C-MOVE",
        0x0030 => "C-ECHO",
        0x0100 => "N-EVENT-REPORT",
        0x0110 => "N-GET",
        0x0120 => "N-SET",
        0x0130 => "N-ACTION",
        0x0140 => "N-CREATE",
        0x0150 => "N-DELETE",
        0x0FFF => "C-CANCEL",
        _ => "unknown",
    }
}
