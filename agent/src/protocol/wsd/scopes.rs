//! The scopes that tell what a device is. All others (location, patient, ensemble, workflow, operator) are passed over.

use crate::protocol::words::Words;
use wardwatch_model::Attribute;

/// Kinds of the device and its parts (IEEE 11073-20701): coding system, version, code.
const COMPONENT: &str = "sdc.cdc.type:/";

/// The nomenclature of IEEE 11073-10101, which is meant where no coding system is named.
const NOMENCLATURE: [&str; 3] = ["", "urn%3Aoid%3A1.2.840.10004.1.1.1.0.0.1", "urn:oid:1.2.840.10004.1.1.1.0.0.1"];

/// What a device takes part in (IEEE 11073-20701).
const PARTICIPANT: &str = "sdc.mds.pkp:";

/// Model and name of a camera (ONVIF core specification, 7.3.2.2).
const HARDWARE: &str = "onvif://www.onvif.org/hardware/";
const NAME: &str = "onvif://www.onvif.org/name/";

pub(super) fn say(scopes: &str, words: &mut Words) {
    for scope in scopes.split_ascii_whitespace() {
        if let Some(component) = scope.strip_prefix(COMPONENT) {
            let mut parts = component.split('/');
            let code = (parts.next(), parts.next(), parts.next());
            if let (Some(system), Some(_), Some(code)) = code
                && NOMENCLATURE.contains(&system)
                && code.bytes().all(|byte| byte.is_ascii_digit())
            {
                words.say(Attribute::DeviceType, code.as_bytes());
            }
        } else if let Some(participant) = scope.strip_prefix(PARTICIPANT) {
            if participant.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
                words.say(Attribute::Profile, participant.as_bytes());
            }
        } else if let Some(hardware) = scope.strip_prefix(HARDWARE) {
            words.say(Attribute::Model, &decoded(hardware));
        } else if let Some(name) = scope.strip_prefix(NAME) {
            words.say(Attribute::DeviceName, &decoded(name));
        }
    }
}

/// Without the escapes of addresses (RFC 3986, 2.1).
fn decoded(text: &str) -> Vec<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (mut decoded, mut rest) = (Vec::new(), text.as_bytes());
    while let [first, tail @ ..] = rest {
        match rest {
            [b'%', high, low, after @ ..] if digit(*high).is_some() && digit(*low).is_some() => {
                decoded.push(digit(*high).unwrap_or_default() << 4 | digit(*low).unwrap_or_default());
                rest = after;
            }
            _ => {
                decoded.push(*first);
                rest = tail;
            }
        }
    }
    decoded
}
