//! The objects that tell what an agent is: the system group (RFC 3418), the chassis among the physical entities (RFC 6933), the
//! serial number of a printer (RFC 3805), the engine of version 3 (RFC 3411, 5).

use super::message::{Kind, Message};
use crate::protocol::{
    ber::{INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE, arcs, dotted, elements, expect},
    words::Words,
};
use std::{fmt::Write, net::IpAddr};
use wardwatch_model::{Attribute, DeviceText};

/// Objects that are texts, as they are encoded. sysContact (4) and sysLocation (6) name persons and places.
const TEXTS: [(&[u8], Attribute); 9] = [
    // 1.3.6.1.2.1.1.1.0 sysDescr, 1.5.0 sysName
    (&[0x2b, 6, 1, 2, 1, 1, 1, 0], Attribute::SystemDescription),
    (&[0x2b, 6, 1, 2, 1, 1, 5, 0], Attribute::Hostname),
    // 1.3.6.1.2.1.43.5.1.1.17.1 prtGeneralSerialNumber
    (&[0x2b, 6, 1, 2, 1, 43, 5, 1, 1, 17, 1], Attribute::SerialNumber),
    // 1.3.6.1.2.1.47.1.1.1.1: entPhysicalHardwareRev, FirmwareRev, SoftwareRev, SerialNum, MfgName, ModelName of the first
    // entity, which contains the others
    (&[0x2b, 6, 1, 2, 1, 47, 1, 1, 1, 1, 8, 1], Attribute::HardwareVersion),
    (&[0x2b, 6, 1, 2, 1, 47, 1, 1, 1, 1, 9, 1], Attribute::FirmwareVersion),
    (&[0x2b, 6, 1, 2, 1, 47, 1, 1, 1, 1, 10, 1], Attribute::SoftwareVersion),
    (&[0x2b, 6, 1, 2, 1, 47, 1, 1, 1, 1, 11, 1], Attribute::SerialNumber),
    (&[0x2b, 6, 1, 2, 1, 47, 1, 1, 1, 1, 12, 1], Attribute::Manufacturer),
    (&[0x2b, 6, 1, 2, 1, 47, 1, 1, 1, 1, 13, 1], Attribute::Model),
];

/// 1.3.6.1.2.1.1.2.0 sysObjectID.
const SYSTEM_OBJECT_ID: &[u8] = &[0x2b, 6, 1, 2, 1, 1, 2, 0];

/// 1.3.6.1.4.1: what comes next is the number of an enterprise.
const ENTERPRISES: [u64; 6] = [1, 3, 6, 1, 4, 1];

/// Generic trap (RFC 1157, 4.1.6) whose enterprise is not the agent's sysObjectID but whatever defines the trap.
const ENTERPRISE_SPECIFIC: &[u8] = &[6];

/// An address in a trap (RFC 1155, 3.2.3.2).
const IP_ADDRESS: u8 = 0x40;

/// Bit of an engine's first byte: the format is told by the fifth (RFC 3411, 5, SnmpEngineID).
const HAS_FORMAT: u8 = 0x80;

/// That format: a text that an administrator chose.
const CHOSEN_TEXT: u8 = 4;

/// Longest engine (RFC 3411, 5).
const LONGEST_ENGINE: usize = 32;

/// What an agent says of itself, and whether all of the message could be read.
pub(super) fn words(message: &Message<'_>, sender: IpAddr) -> (Words, bool) {
    let mut words = Words::default();
    if let Some(engine) = message.engine.filter(|_| message.is_of_engine()) {
        of_engine(engine, &mut words);
    }
    let told = match message.kind {
        Some(Kind::Answer | Kind::Notification) => objects(message.pdu),
        Some(Kind::TrapV1) => trap(message.pdu, sender, &mut words),
        Some(Kind::Request) | None => return (words, true),
    };
    let Some(told) = told else { return (words, false) };
    for (_, binding) in elements(told) {
        let Some((name, rest)) = expect(OBJECT_IDENTIFIER, binding) else { return (words, false) };
        if name == SYSTEM_OBJECT_ID {
            if let Some((value, _)) = expect(OBJECT_IDENTIFIER, rest) {
                of_object(value, &mut words);
            }
        } else if let Some((_, attribute)) = TEXTS.iter().find(|(known, _)| *known == name)
            && let Some((value, _)) = expect(OCTET_STRING, rest)
        {
            words.say(*attribute, value);
        }
    }
    (words, true)
}

/// The variable bindings, behind request id, error status and error index (RFC 3416, 3).
fn objects(pdu: &[u8]) -> Option<&[u8]> {
    let (_, rest) = expect(INTEGER, pdu)?;
    let (_, rest) = expect(INTEGER, rest)?;
    let (_, rest) = expect(INTEGER, rest)?;
    expect(SEQUENCE, rest).map(|(bindings, _)| bindings)
}

/// The variable bindings, behind enterprise, address, generic and specific trap, time (RFC 1157, 4.1.6). A proxy's trap has
/// the address of who it speaks for.
fn trap<'a>(pdu: &'a [u8], sender: IpAddr, words: &mut Words) -> Option<&'a [u8]> {
    let (enterprise, rest) = expect(OBJECT_IDENTIFIER, pdu)?;
    let (address, rest) = expect(IP_ADDRESS, rest)?;
    let (generic, rest) = expect(INTEGER, rest)?;
    let (_, rest) = expect(INTEGER, rest)?;
    let (_, _, rest) = crate::protocol::ber::element(rest)?;
    let (bindings, _) = expect(SEQUENCE, rest)?;
    let is_own = <[u8; 4]>::try_from(address).is_ok_and(|octets| IpAddr::from(octets) == sender);
    if !is_own {
        return Some(&[]);
    }
    if generic != ENTERPRISE_SPECIFIC {
        of_object(enterprise, words);
    }
    Some(bindings)
}

/// A sysObjectID, and whose it is.
fn of_object(value: &[u8], words: &mut Words) {
    if let Some(text) = dotted(value) {
        words.add(Attribute::SystemObjectId, text);
    }
    let mut numbers = arcs(value);
    if numbers.by_ref().take(ENTERPRISES.len()).eq(ENTERPRISES)
        && let Some(enterprise) = numbers.next()
    {
        of_enterprise(enterprise, words);
    }
}

fn of_engine(engine: &[u8], words: &mut Words) {
    let [first, second, third, fourth, rest @ ..] = engine else { return };
    let enterprise = u32::from_be_bytes([first & !HAS_FORMAT, *second, *third, *fourth]);
    of_enterprise(enterprise.into(), words);
    if first & HAS_FORMAT != 0 && rest.first() == Some(&CHOSEN_TEXT) {
        return;
    }
    let mut text = String::new();
    for byte in engine.iter().take(LONGEST_ENGINE) {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    if let Some(text) = DeviceText::new(&text) {
        words.add(Attribute::SnmpEngineId, text);
    }
}

fn of_enterprise(number: u64, words: &mut Words) {
    // 0 is reserved.
    if number > 0
        && let Some(text) = DeviceText::new(&number.to_string())
    {
        words.add(Attribute::EnterpriseNumber, text);
    }
}
