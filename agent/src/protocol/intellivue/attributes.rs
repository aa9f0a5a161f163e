//! The attributes that tell what a monitor is (Attribute Data Types). All others are passed over by their lengths: bed labels,
//! and whatever a person wrote.

use crate::protocol::words::Words;
use wardwatch_model::{Attribute, DeviceText};

/// NOM_ATTR_ID_MODEL, SystemModel: labels of the maker and the model number.
const MODEL: u16 = 0x0928;
/// NOM_ATTR_ID_PROD_SPECN, ProductionSpec: a list of what kind, of which component, label.
const PRODUCTION: u16 = 0x092d;
/// NOM_ATTR_SYS_TYPE: a partition of the nomenclature, a code in it.
const SYSTEM_TYPE: u16 = 0x0986;

/// The partition of objects, to which kinds of devices belong (IEEE 11073-10101).
const OBJECTS: u16 = 1;

/// Components of a monitor: the whole, and its application software.
const PRODUCT: u16 = 0x08;
const APPLICATION: u16 = 0x58;

/// Kinds of specifications: serial number, part number, hardware, software.
const SPECIFICATIONS: [(u16, u16, Attribute); 4] = [
    (1, PRODUCT, Attribute::SerialNumber),
    (2, PRODUCT, Attribute::PartNumber),
    (3, PRODUCT, Attribute::HardwareVersion),
    (4, APPLICATION, Attribute::SoftwareVersion),
];

/// The words of a list of attributes; whether all of it could be read. Count, length, then each attribute's id, length and
/// value.
pub(super) fn words(list: &[u8], words: &mut Words) -> bool {
    let Some((mut left, mut rest)) = counted(list) else { return false };
    while left > 0 {
        let Some((id, after)) = number(rest) else { return false };
        let Some((value, after)) = sized(after) else { return false };
        match id {
            MODEL => model(value, words),
            PRODUCTION => production(value, words),
            SYSTEM_TYPE => kind(value, words),
            _ => {}
        }
        (left, rest) = (left - 1, after);
    }
    true
}

fn model(value: &[u8], words: &mut Words) {
    let Some((maker, rest)) = label(value) else { return };
    words.say(Attribute::Manufacturer, maker);
    if let Some((model, _)) = label(rest) {
        words.say(Attribute::Model, model);
    }
}

/// What follows the list is left from what stood in the memory of the monitor before.
fn production(value: &[u8], words: &mut Words) {
    let Some((count, mut rest)) = counted(value) else { return };
    for _ in 0..count {
        let Some((kind, after)) = number(rest) else { return };
        let Some((component, after)) = number(after) else { return };
        let Some((text, after)) = label(after) else { return };
        let known = SPECIFICATIONS.iter().find(|(of, whose, _)| (*of, *whose) == (kind, component));
        // Dashes stand where nothing is known.
        if let Some((.., attribute)) = known.filter(|_| text.iter().any(u8::is_ascii_alphanumeric)) {
            words.say(*attribute, text);
        }
        rest = after;
    }
}

/// As the code without a context that HL7 messages have, too.
fn kind(value: &[u8], words: &mut Words) {
    if let Some((OBJECTS, rest)) = number(value)
        && let Some((code, _)) = number(rest)
        && let Some(text) = DeviceText::new(&(u32::from(OBJECTS) << 16 | u32::from(code)).to_string())
    {
        words.add(Attribute::DeviceType, text);
    }
}

/// The count of a list, and its elements.
fn counted(list: &[u8]) -> Option<(u16, &[u8])> {
    let (count, rest) = number(list)?;
    Some((count, sized(rest)?.0))
}

/// VariableLabel: a text, which is filled up to an even number of bytes.
fn label(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (text, rest) = sized(bytes)?;
    Some((text, rest.get(text.len() % 2..).unwrap_or_default()))
}

/// What stands behind its length, and what follows.
fn sized(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = number(bytes)?;
    rest.split_at_checked(length.into())
}

fn number(bytes: &[u8]) -> Option<(u16, &[u8])> {
    bytes.split_first_chunk().map(|(number, rest)| (u16::from_be_bytes(*number), rest))
}
