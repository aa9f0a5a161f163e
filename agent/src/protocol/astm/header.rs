//! The header record (LIS2-A2, 6): `H`, the delimiters, and the sender in the fifth field.

use crate::{protocol::Probe, text::Charset};
use wardwatch_model::DeviceText;

/// Longest sender that is told.
const LONGEST_SENDER: usize = 64;

/// Letter, delimiters of fields, repetitions, components and escapes (LIS2-A2, 6.2), and the end of that field.
const LENGTH: usize = 6;

/// Whether a record is a header.
pub(super) fn is_header(record: &[u8]) -> bool {
    probe(record) == Probe::Certain
}

/// Whether a text begins with a header, as far as it is there.
pub(super) fn probe(text: &[u8]) -> Probe {
    let begin = text.get(..LENGTH).unwrap_or(text);
    let fits = |(at, byte): (usize, &u8)| match at {
        0 => *byte == b'H',
        1..=4 => byte.is_ascii_punctuation() && begin.get(1..at).is_some_and(|before| !before.contains(byte)),
        _ => begin.get(1) == Some(byte),
    };
    if !begin.iter().enumerate().all(fits) {
        Probe::No
    } else if begin.len() < LENGTH {
        Probe::NeedMore
    } else {
        Probe::Certain
    }
}

/// The sender's name or identifier (LIS2-A2, 6.5), with `^` between its components. The fields before it are a number and a
/// password.
pub(super) fn sender(record: &[u8]) -> Option<DeviceText> {
    let [_, field, _, component, ..] = *record else { return None };
    let sender = record.split(|byte| *byte == field).nth(4)?;
    let sender = sender.get(..LONGEST_SENDER).unwrap_or(sender);
    let plain: Vec<u8> = sender.iter().map(|byte| if *byte == component { b'^' } else { *byte }).collect();
    Charset::Undeclared.decode(&plain)
}
