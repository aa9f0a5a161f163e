//! Metadata of devices in SOAP over HTTP (DPWS 1.1, 5.1 and 5.2, and its edition of 2006): model and serial number, as a device
//! answers whoever asks for them.

use super::{
    words::Words,
    xml::{Element, Visitor, walk},
};
use flate2::read::GzDecoder;
use quick_xml::name::NamespaceResolver;
use std::io::Read;
use wardwatch_model::Attribute;

/// Both editions of DPWS.
const DEVICES: [&str; 2] =
    ["http://docs.oasis-open.org/ws-dd/ns/dpws/2009/01", "http://schemas.xmlsoap.org/ws/2006/02/devprof"];

/// Longest body once it is inflated, bytes; the rest is not read.
const LONGEST_INFLATED: u64 = 64 * 1024;

/// Elements of ThisModel and ThisDevice.
const ELEMENTS: [(&str, &str, Attribute); 5] = [
    ("ThisModel", "Manufacturer", Attribute::Manufacturer),
    ("ThisModel", "ModelName", Attribute::Model),
    ("ThisDevice", "FriendlyName", Attribute::DeviceName),
    ("ThisDevice", "FirmwareVersion", Attribute::FirmwareVersion),
    ("ThisDevice", "SerialNumber", Attribute::SerialNumber),
];

/// What a device says of itself in the body of an answer, which may be compressed (RFC 1952).
pub(super) fn words(body: &[u8], is_compressed: bool) -> Words {
    let mut metadata = Metadata::default();
    if is_compressed {
        let mut inflated = Vec::new();
        // What comes before damage counts.
        let _ = GzDecoder::new(body).take(LONGEST_INFLATED).read_to_end(&mut inflated);
        walk(&inflated, &DEVICES, &mut metadata);
    } else {
        walk(body, &DEVICES, &mut metadata);
    }
    metadata.0
}

#[derive(Default)]
struct Metadata(Words);

impl Visitor for Metadata {
    fn enter(&mut self, _: &[Element], _: &Element) {}

    fn leave(&mut self, path: &[Element], text: &str, _: &NamespaceResolver) {
        if let [.., of, element] = path
            && of.is_known
            && element.is_known
            && let Some((.., attribute)) =
                ELEMENTS.iter().find(|(parent, name, _)| (*parent, *name) == (of.name.as_str(), element.name.as_str()))
        {
            self.0.say(*attribute, text.as_bytes());
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::protocol::battery::MARK;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;

    /// An answer with the metadata of a device, and with what else may stand in one.
    pub(in crate::protocol) fn metadata() -> String {
        format!(
            "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" xmlns:d=\"{}\"><s:Header><x>{MARK}</x></s:Header>\
             <s:Body><m><d:ThisModel><d:Manufacturer xml:lang=\"en\">Example &amp; Co</d:Manufacturer><d:ModelName>Vent 5\
             </d:ModelName><d:ModelUrl>{MARK}</d:ModelUrl></d:ThisModel><d:ThisDevice><d:FriendlyName>Vent 5 a</d:FriendlyName>\
             <d:FirmwareVersion>2.1</d:FirmwareVersion><d:SerialNumber>S0000001</d:SerialNumber><d:Owner>{MARK}</d:Owner>\
             </d:ThisDevice><d:SerialNumber>{MARK}</d:SerialNumber><ThisDevice><SerialNumber>{MARK}</SerialNumber></ThisDevice>\
             </m></s:Body></s:Envelope>",
            DEVICES[0]
        )
    }

    pub(in crate::protocol) fn compressed(body: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(body).unwrap();
        encoder.finish().unwrap()
    }

    fn told(body: &[u8], is_compressed: bool) -> Vec<(Attribute, String)> {
        words(body, is_compressed).told().into_iter().map(|(attribute, text)| (attribute, text.to_string())).collect()
    }

    #[test]
    fn model_and_device_are_told_compressed_or_not() {
        let expected = [
            (Attribute::DeviceName, "Vent 5 a"),
            (Attribute::FirmwareVersion, "2.1"),
            (Attribute::Manufacturer, "Example & Co"),
            (Attribute::Model, "Vent 5"),
            (Attribute::SerialNumber, "S0000001"),
        ];
        let expected = expected.map(|(attribute, text)| (attribute, text.to_owned()));
        assert_eq!(told(metadata().as_bytes(), false), expected);
        assert_eq!(told(&compressed(metadata().as_bytes()), true), expected);
        let old = metadata().replace(DEVICES[0], DEVICES[1]);
        assert_eq!(told(old.as_bytes(), false), expected);
    }

    #[test]
    fn of_a_bomb_no_more_is_inflated_than_is_read() {
        let bomb = [metadata().as_bytes(), &vec![b' '; 50_000_000]].concat();
        assert_eq!(told(&compressed(&bomb), true).len(), 5);
        let late = [&b"<x>".repeat(30_000)[..], metadata().as_bytes()].concat();
        assert_eq!(told(&compressed(&late), true), []);
    }
}
