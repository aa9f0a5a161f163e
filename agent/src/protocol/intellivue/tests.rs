//! Messages of monitors and of who asks them, with made-up serial numbers.

use super::{Intellivue, message::Message};
use crate::protocol::{
    DatagramParser,
    battery::{DatagramSample, MARK},
};
use std::net::{IpAddr, Ipv4Addr};
use wardwatch_model::Attribute;

const MONITOR: (Ipv4Addr, u16) = (Ipv4Addr::new(192, 0, 2, 7), 24_105);
const CLIENT: (Ipv4Addr, u16) = (Ipv4Addr::new(192, 0, 2, 99), 24_106);

fn sized(bytes: &[u8]) -> Vec<u8> {
    [&u16::try_from(bytes.len()).unwrap().to_be_bytes()[..], bytes].concat()
}

fn words(words: &[u16]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}

fn attribute(id: u16, value: &[u8]) -> Vec<u8> {
    [words(&[id]), sized(value)].concat()
}

fn list(attributes: &[Vec<u8>]) -> Vec<u8> {
    [words(&[u16::try_from(attributes.len()).unwrap()]), sized(&attributes.concat())].concat()
}

/// A text with what fills it up to its length, even if that is odd.
fn label(text: &[u8]) -> Vec<u8> {
    [sized(text), vec![0; text.len() % 2]].concat()
}

fn specification(kind: u16, component: u16, text: &[u8]) -> Vec<u8> {
    [words(&[kind, component]), label(text)].concat()
}

/// The production specification of a monitor, behind which stands what it does not count.
fn production() -> Vec<u8> {
    let known = [
        specification(1, 8, b"DE00000001\0\t"),
        specification(2, 8, b"M8007A\0\0\0\0\0\0\0\0"),
        specification(3, 8, b" B.00.05"),
        specification(5, 0x78, b"--------"),
        specification(2, 0x58, b"S-M0000-0001A "),
        specification(1, 0x50, b"BOARD-1"),
        specification(4, 0x58, b"G.01.78 "),
    ];
    let left = specification(1, 8, MARK.as_bytes());
    attribute(0x092d, &[list(&known), left].concat())
}

fn model() -> Vec<u8> {
    attribute(0x0928, &[label(b"Philips\0"), label(b"M8007A\0")].concat())
}

/// A text of two bytes for each character.
fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().chain([0]).flat_map(u16::to_be_bytes).collect()
}

fn operation(start: &[u8], kind: u16, body: &[u8]) -> Vec<u8> {
    [start, &words(&[kind]), &sized(body)].concat()
}

fn event(command: u16, kind: u16, told: &[u8]) -> Vec<u8> {
    let argument = [words(&[0x23, 0, 0, 0xd6, 0xd400, kind]), sized(told)].concat();
    [words(&[0, command]), sized(&argument)].concat()
}

fn announcement(attributes: &[Vec<u8>]) -> Vec<u8> {
    operation(&[0, 0, 1, 0], 1, &event(0, 0x0d17, &list(attributes)))
}

fn data(kind: u16, body: &[u8]) -> Vec<u8> {
    operation(&[0xe1, 0, 0, 2], kind, body)
}

fn created() -> Vec<u8> {
    let attributes = [
        attribute(0x0984, &label(&[0, 9, 0xfb, 0xff, 0xfe, 0, 0, 1])),
        model(),
        attribute(0x091e, &sized(&wide(MARK))),
        attribute(0x095c, &sized(&wide(MARK))),
        production(),
    ];
    data(1, &event(1, 0x0d06, &[words(&[0x21, 0, 0]), list(&attributes)].concat()))
}

fn control(kind: u8, rest: &[u8]) -> Vec<u8> {
    [&[kind, u8::try_from(rest.len()).unwrap()][..], rest].concat()
}

fn whole_announcement() -> Vec<u8> {
    announcement(&[
        attribute(0x0920, &[0, 3, 0, 0]),
        attribute(0x0986, &[0, 1, 0x11, 0x4d]),
        attribute(0xf100, &[0, 9, 0xfb, 0, 0, 1, 192, 0, 2, 7, 255, 255, 255, 0]),
        attribute(0xf135, &wide(MARK)),
        production(),
        model(),
    ])
}

fn sample((source, from): (Ipv4Addr, u16), (destination, to): (Ipv4Addr, u16), payload: Vec<u8>) -> DatagramSample {
    DatagramSample { source: (source.into(), from), destination: (destination.into(), to), payload }
}

pub(super) fn samples() -> Vec<DatagramSample> {
    let asks = |payload| sample(CLIENT, MONITOR, payload);
    let tells = |payload| sample(MONITOR, CLIENT, payload);
    let connect = [&[5, 8, 0x13, 1, 0, 0x16, 1, 2, 0x80, 0, 0x14, 2, 0, 2, 0xc1, 3][..], &[0x31, 0x80, 0xa0]].concat();
    let release = [&[0xc1, 6][..], &[0x61, 0x80, 0x30, 0x80, 2, 1]].concat();
    let poll = [words(&[8, 7]), sized(&words(&[0x21, 0, 0, 0, 0, 0x0c16]))].concat();
    let values = [words(&[8, 7]), sized(MARK.as_bytes())].concat();
    let part = [words(&[0x0101, 8, 7]), sized(MARK.as_bytes())].concat();
    vec![
        sample((MONITOR.0, 24_005), (Ipv4Addr::BROADCAST, 24_005), whole_announcement()),
        asks(control(0x0d, &connect)),
        tells([&[0x0e, 0xff, 0, 19][..], &connect].concat()),
        tells(control(0x0c, &[0x11, 1, 3])),
        tells(created()),
        asks(data(2, &[words(&[0, 1]), sized(&words(&[0x23, 0, 0, 0, 0, 0x0d06, 0]))].concat())),
        asks(data(1, &poll)),
        tells(data(2, &values)),
        tells(data(5, &part)),
        tells(data(3, &words(&[8, 2, 0]))),
        asks(control(0x09, &release)),
        tells(control(0x0a, &release)),
        tells(control(0x19, &[0x11, 1, 3, 0xc1, 2, 0xa0, 0x80])),
    ]
}

fn told(payload: Vec<u8>) -> Vec<(Attribute, String)> {
    let sample = sample(MONITOR, CLIENT, payload);
    let remark = Intellivue::read(&sample.datagram()).unwrap().remark;
    let words = remark.into_iter().flat_map(|remark| remark.attributes);
    words.map(|(attribute, text)| (attribute, text.to_string())).collect()
}

/// What the made-up monitor is.
const IDENTITY: [(Attribute, &str); 6] = [
    (Attribute::HardwareVersion, "B.00.05"),
    (Attribute::Manufacturer, "Philips"),
    (Attribute::Model, "M8007A"),
    (Attribute::PartNumber, "M8007A"),
    (Attribute::SerialNumber, "DE00000001"),
    (Attribute::SoftwareVersion, "G.01.78"),
];

#[test]
fn an_announcement_tells_what_a_monitor_is_and_not_where() {
    let mut identity = IDENTITY.map(|(attribute, text)| (attribute, text.to_owned())).to_vec();
    // MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS
    identity.insert(0, (Attribute::DeviceType, "69965".to_owned()));
    assert_eq!(told(whole_announcement()), identity);
}

#[test]
fn an_association_tells_the_same() {
    assert_eq!(told(created()), IDENTITY.map(|(attribute, text)| (attribute, text.to_owned())));
}

#[test]
fn measurements_are_not_opened() {
    let event = data(1, &event(1, 0x0d07, &[words(&[0x21, 0, 0]), list(&[model()])].concat()));
    assert_eq!(told(event), []);
}

#[test]
fn clients_ask_and_monitors_tell() {
    for sample in samples().iter().skip(1) {
        let asks = Intellivue::read(&sample.datagram()).unwrap().is_from_client;
        assert_eq!(asks, sample.source.0 == IpAddr::from(CLIENT.0), "{sample:?}");
    }
}

#[test]
fn a_list_that_does_not_fit_is_malformed_and_told_as_far_as_it_goes() {
    let mut payload = announcement(&[model(), attribute(0x0986, &[0, 1, 0x11, 0x4d])]);
    let length = payload.len();
    payload[length - 5] = 200;
    let sample = sample(MONITOR, CLIENT, payload);
    let reading = Intellivue::read(&sample.datagram()).unwrap();
    assert!(reading.is_malformed);
    assert_eq!(reading.remark.unwrap().attributes.len(), 2);
}

#[test]
fn lengths_tell_a_message_from_what_only_begins_like_one() {
    let longer = [whole_announcement(), vec![0]].concat();
    for payload in [longer, control(0x0d, &[5, 8, 0x13, 1]), vec![0x09, 0], vec![0x0c, 1, 0], vec![0xe1, 0, 0, 2]] {
        let other = sample(CLIENT, CLIENT, payload);
        assert_eq!(Message::read(&other.datagram()), None, "{other:?}");
    }
}
