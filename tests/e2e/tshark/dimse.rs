//! DIMSE commands: from tshark's data elements, or from the bytes where it lost its place.
//!
//! tshark 4.0 carries an unfinished data element of one message into the next one of the same presentation context,
//! whatever its direction: after an encapsulated image (whose frames it takes for data elements) it shows the
//! C-STORE response as one private tag. There the PDV's own bytes are read: a command is always implicit VR little
//! endian (PS3.7 section 6.3.1).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::dissect::{Endpoint, Unit};
use super::pdml::Node;

const COMMAND_FIELD: u32 = 0x0000_0100;
const STATUS: u32 = 0x0000_0900;
/// Set in the command field of a response.
const ANSWER: u16 = 0x8000;

/// Length, presentation context id and control header stand before a fragment.
const PDV_HEADER: usize = 6;

#[derive(Debug)]
pub(super) struct Command {
    field: u16,
    status: Option<u16>,
}

/// The commands of one stream, put together from their fragments.
#[derive(Debug, Default)]
pub(super) struct Commands {
    open: BTreeMap<(Endpoint, Option<u64>), Vec<u8>>,
}

impl Commands {
    /// The commands whose last fragment lies in this PDU.
    pub(super) fn ended_in(&mut self, unit: &Unit) -> Vec<Command> {
        let values = unit.node.children.iter().filter(|child| child.first("dicom.pdv.len").is_some());
        let mut ended = Vec::new();
        for value in values {
            let key = (unit.from.clone(), value.number_of("dicom.pdv.ctx"));
            let flags = value.number_of("dicom.pdv.flags").unwrap_or_default();
            if flags & 1 == 0 {
                continue;
            }
            let bytes = self.open.entry(key.clone()).or_default();
            bytes.extend(value.value.get(PDV_HEADER..).unwrap_or_default());
            if flags & 2 != 0 {
                let bytes = self.open.remove(&key).unwrap_or_default();
                ended.extend(Command::shown(value).or_else(|| Command::read(&bytes)));
            }
        }
        ended
    }
}

impl Command {
    fn shown(value: &Node) -> Option<Self> {
        let number = |tag: u32| {
            let element = value.children.iter().find(|one| one.number_of("dicom.tag") == Some(tag.into()))?;
            u16::try_from(element.number_of("dicom.tag.value.16u")?).ok()
        };
        Some(Self { field: number(COMMAND_FIELD)?, status: number(STATUS) })
    }

    fn read(mut bytes: &[u8]) -> Option<Self> {
        let (mut field, mut status) = (None, None);
        while let Some((header, rest)) = bytes.split_first_chunk::<8>() {
            let [g0, g1, e0, e1, length @ ..] = *header;
            let tag = u32::from(u16::from_le_bytes([g0, g1])) << 16 | u32::from(u16::from_le_bytes([e0, e1]));
            let (value, rest) = rest.split_at_checked(usize::try_from(u32::from_le_bytes(length)).ok()?)?;
            let number = || value.try_into().ok().map(u16::from_le_bytes);
            match tag {
                COMMAND_FIELD => field = number(),
                STATUS => status = number(),
                _ => {}
            }
            bytes = rest;
        }
        Some(Self { field: field?, status })
    }

    pub(super) fn is_answer(&self) -> bool {
        self.field & ANSWER != 0
    }

    /// Adds itself to `operations` of an association.
    pub(super) fn count(&self, operations: &mut Value) {
        let counter = if self.is_answer() { self.outcome() } else { "requests" };
        let counts = &mut operations[name(self.field & !ANSWER)];
        if counts.is_null() {
            *counts = json!({"requests": 0, "success": 0, "warning": 0, "failure": 0, "pending": 0});
        }
        counts[counter] = json!(counts[counter].as_u64().unwrap_or(0) + 1);
    }

    /// PS3.7 Annex C: status classes.
    fn outcome(&self) -> &'static str {
        match self.status {
            Some(0x0000) => "success",
            Some(0xFF00 | 0xFF01) => "pending",
            Some(0x0001 | 0x0107 | 0x0116 | 0xB000..=0xBFFF) => "warning",
            _ => "failure",
        }
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
