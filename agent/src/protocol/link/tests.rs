//! Announcements of switches and telephones.

use super::{Cdp, Lldp};
use crate::protocol::{LinkFrame, LinkKind, LinkParser, LinkReading, battery::MARK};
use wardwatch_model::{Attribute, Mac};

const CHASSIS: [u8; 6] = [0, 0, 0x5e, 0, 0x53, 0x77];
const ADDRESS: [u8; 4] = [192, 0, 2, 40];

fn tlv(kind: u8, value: &[u8]) -> Vec<u8> {
    let head = u16::from(kind) << 9 | u16::try_from(value.len()).unwrap();
    [&head.to_be_bytes()[..], value].concat()
}

fn med(subtype: u8, value: &str) -> Vec<u8> {
    tlv(127, &[&[0x00, 0x12, 0xbb, subtype][..], value.as_bytes()].concat())
}

fn mandatory(chassis: &[u8]) -> Vec<u8> {
    [tlv(1, chassis), tlv(2, &[&[5][..], MARK.as_bytes()].concat()), tlv(3, &[0, 120])].concat()
}

fn switch() -> Vec<u8> {
    let management = [&[5, 1][..], &ADDRESS, &[2, 0, 0, 0, 1, 0]].concat();
    let body = [
        tlv(4, MARK.as_bytes()),
        tlv(5, b"sw-3.example"),
        tlv(6, b"Example switch 9, version 3.2"),
        tlv(7, &[0, 0x14, 0, 0x04]),
        tlv(8, &management),
        tlv(127, &[&[0x00, 0x12, 0xbb, 3][..], MARK.as_bytes()].concat()),
        tlv(0, &[]),
    ];
    [mandatory(&[&[4][..], &CHASSIS].concat()), body.concat()].concat()
}

fn telephone() -> Vec<u8> {
    let words = ["1.1", "2.2", "3.3", "SN-12345", "Example", "Phone 7", "A-99"];
    let inventory: Vec<u8> = (5..).zip(words).flat_map(|(subtype, word)| med(subtype, word)).collect();
    [mandatory(&[&[5, 1][..], &ADDRESS].concat()), tlv(7, &[0, 0x24, 0, 0x20]), inventory, tlv(0, &[])].concat()
}

fn field(kind: u16, value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(4 + value.len()).unwrap();
    [&kind.to_be_bytes()[..], &length.to_be_bytes(), value].concat()
}

fn cisco() -> Vec<u8> {
    let address = [&[0, 0, 0, 1, 1, 1, 0xcc, 0, 4][..], &ADDRESS].concat();
    let fields = [
        field(1, b"sw-3"),
        field(2, &address),
        field(3, MARK.as_bytes()),
        field(4, &[0, 0, 0, 0x28]),
        field(5, b"Example IOS, version 12"),
        field(6, b"cisco WS-C3560-24TS"),
        field(0x17, MARK.as_bytes()),
    ];
    [&[2, 180, 0, 0][..], &fields.concat()].concat()
}

pub(super) fn lldp_samples() -> Vec<Vec<u8>> {
    vec![switch(), telephone()]
}

pub(super) fn cdp_samples() -> Vec<Vec<u8>> {
    vec![cisco()]
}

fn lldp(payload: &[u8]) -> LinkReading {
    Lldp::read(&LinkFrame { kind: LinkKind::Lldp, payload })
}

fn words(reading: &LinkReading) -> Vec<(Attribute, &str)> {
    reading.attributes.iter().map(|(attribute, text)| (*attribute, text.as_str())).collect()
}

#[test]
fn a_switch_tells_what_it_is_and_where_it_is_managed() {
    let told = lldp(&switch());
    let expected = [
        (Attribute::Capability, "bridge"),
        (Attribute::Hostname, "sw-3.example"),
        (Attribute::SystemDescription, "Example switch 9, version 3.2"),
    ];
    assert_eq!(words(&told), expected);
    assert_eq!((told.address, told.mac), (Some(ADDRESS.into()), Some(Mac(CHASSIS))));
}

#[test]
fn a_telephone_tells_its_inventory() {
    let told = lldp(&telephone());
    let expected = [
        (Attribute::AssetId, "A-99"),
        (Attribute::Capability, "telephone"),
        (Attribute::FirmwareVersion, "2.2"),
        (Attribute::HardwareVersion, "1.1"),
        (Attribute::Manufacturer, "Example"),
        (Attribute::Model, "Phone 7"),
        (Attribute::SerialNumber, "SN-12345"),
        (Attribute::SoftwareVersion, "3.3"),
    ];
    assert_eq!(words(&told), expected);
    assert_eq!((told.address, told.mac), (Some(ADDRESS.into()), None));
}

#[test]
fn cdp_tells_the_same_in_other_fields() {
    let payload = cisco();
    let told = Cdp::read(&LinkFrame { kind: LinkKind::Cdp, payload: &payload });
    let expected = [
        (Attribute::Capability, "bridge"),
        (Attribute::Hostname, "sw-3"),
        (Attribute::Platform, "cisco WS-C3560-24TS"),
        (Attribute::SystemDescription, "Example IOS, version 12"),
    ];
    assert_eq!(words(&told), expected);
    assert_eq!(told.address, Some(ADDRESS.into()));
}

#[test]
fn an_announcement_without_its_chassis_or_its_end_is_malformed() {
    assert!(!lldp(&switch()).is_malformed);
    for broken in [tlv(5, b"sw"), [mandatory(&[4]), tlv(5, b"sw")].concat(), tlv(0, &[]), Vec::new()] {
        assert!(lldp(&broken).is_malformed, "{broken:02x?}");
    }
    let zeros = [&switch()[..], &[0; 20]].concat();
    assert!(!lldp(&zeros).is_malformed, "padding follows the end");
}
