//! BACnet/IP (ASHRAE 135, annex J): what devices of a building say they are, and whether values are written.
//!
//! What came through a router of BACnet is another's words and not told. Of a device object maker, model and versions are read; its
//! name, its place and whatever else people write into it are not, nor are any values.

use super::{Datagram, DatagramParser, Reading, Remark, words::Words};
use std::net::{IpAddr, Ipv4Addr};
use wardwatch_model::{Attribute, Detail, Note, Notes, Source};

/// Type of BACnet/IP, and its functions (ASHRAE 135, J.2): the last, and those that carry a network message.
const TYPE: u8 = 0x81;
const LAST_FUNCTION: u8 = 0x0b;
const FORWARDED: u8 = 0x04;
const DISTRIBUTED: u8 = 0x09;
const UNICAST: u8 = 0x0a;
const BROADCAST: u8 = 0x0b;

/// Version of the network layer, and bits of its control byte (6.2): a message of that layer, a destination, a source.
const VERSION: u8 = 1;
const NETWORK_MESSAGE: u8 = 0x80;
const DESTINATION: u8 = 0x20;
const ORIGIN: u8 = 0x08;

/// Kinds of messages of the application layer (20.1).
const CONFIRMED_REQUEST: u8 = 0;
const UNCONFIRMED_REQUEST: u8 = 1;
const COMPLEX_ACK: u8 = 3;
/// Bit of the first byte: in segments.
const SEGMENTED: u8 = 0x08;

/// Services (21): announce oneself; read one and several properties; write one and several; control the device, start it anew.
const I_AM: u8 = 0;
const READ: u8 = 12;
const READ_SEVERAL: u8 = 14;
const WRITE: [u8; 2] = [15, 16];
const CONTROL: [u8; 2] = [17, 20];

/// Type of a device object, in the upper ten bits of an identifier (20.2.14).
const DEVICE: u32 = 8;

/// Properties of a device object (21, BACnetPropertyIdentifier).
const PROPERTIES: [(u32, Attribute); 5] = [
    (12, Attribute::SoftwareVersion),
    (44, Attribute::FirmwareVersion),
    (70, Attribute::Model),
    (121, Attribute::Manufacturer),
    (372, Attribute::SerialNumber),
];

/// Application tags (20.2.1.4): unsigned, character string, enumerated, object identifier.
const UNSIGNED: u8 = 2;
const CHARACTER_STRING: u8 = 7;
const OBJECT_IDENTIFIER: u8 = 12;

/// Most tags of a message that are looked at.
const MAX_TAGS: usize = 256;

/// The parser.
pub(crate) struct Bacnet;

impl DatagramParser for Bacnet {
    fn recognise(datagram: &Datagram<'_>) -> bool {
        let [TYPE, 0..=LAST_FUNCTION, ..] = datagram.payload else { return false };
        // Some count a length that is not theirs; then the network message must begin as all do.
        has_its_length(datagram.payload)
            || matches!(datagram.payload, [_, UNICAST | BROADCAST | DISTRIBUTED, _, _, VERSION, ..])
    }

    fn read(datagram: &Datagram<'_>) -> Option<Reading> {
        let message = network_message(datagram);
        let (words, note, is_answer) = message.map(application).unwrap_or_default();
        let mut notes = Notes::default();
        if let Some(note) = note {
            notes.note(note);
        }
        // A router passes on the words of others.
        let is_own = message.is_some_and(|message| message.is_own);
        let attributes = if is_own { words.told() } else { Vec::new() };
        Some(Reading {
            is_from_client: !is_answer,
            is_malformed: !has_its_length(datagram.payload),
            detail: if notes.is_empty() { Detail::None } else { Detail::Notes(notes) },
            claim: None,
            remark: Remark::of_sender(Source::Bacnet, attributes),
        })
    }

    #[cfg(test)]
    fn samples() -> Vec<super::battery::DatagramSample> {
        tests::samples()
    }
}

/// Whether a datagram is as long as it says (J.2.1).
fn has_its_length(payload: &[u8]) -> bool {
    matches!(payload, [_, _, l1, l2, ..] if usize::from(u16::from_be_bytes([*l1, *l2])) == payload.len())
}

/// A message of the application layer.
#[derive(Clone, Copy)]
struct Message<'a> {
    bytes: &'a [u8],
    /// Its sender is the sender of the datagram.
    is_own: bool,
}

fn network_message<'a>(datagram: &Datagram<'a>) -> Option<Message<'a>> {
    let (mut is_own, network) = match datagram.payload {
        [_, UNICAST | BROADCAST | DISTRIBUTED, _, _, rest @ ..] => (true, rest),
        // Address and port of the origin (J.2.5).
        [_, FORWARDED, _, _, a, b, c, d, _, _, rest @ ..] => {
            (datagram.source.0 == IpAddr::V4(Ipv4Addr::new(*a, *b, *c, *d)), rest)
        }
        _ => return None,
    };
    let [VERSION, control, after @ ..] = network else { return None };
    let mut rest = after;
    if control & NETWORK_MESSAGE != 0 {
        return None;
    }
    // Network, length of the address, address.
    for bit in [DESTINATION, ORIGIN] {
        if control & bit != 0 {
            let [_, _, length, after @ ..] = rest else { return None };
            rest = after.get(usize::from(*length)..)?;
        }
    }
    if control & DESTINATION != 0 {
        // Hops left.
        rest = rest.get(1..)?;
    }
    is_own &= control & ORIGIN == 0;
    Some(Message { bytes: rest, is_own })
}

/// What a message tells, what is worth noting, and whether it answers.
fn application(message: Message<'_>) -> (Words, Option<Note>, bool) {
    let kind = message.bytes.first().map_or(CONFIRMED_REQUEST, |first| first >> 4);
    let (words, note) = match *message.bytes {
        [first, I_AM, ref rest @ ..] if first >> 4 == UNCONFIRMED_REQUEST => (i_am(rest), None),
        // Invocation, service; segments of a long answer are not put together.
        [first, _, service @ (READ | READ_SEVERAL), ref rest @ ..]
            if first >> 4 == COMPLEX_ACK && first & SEGMENTED == 0 =>
        {
            (properties(service, rest), Some(Note::ValueRead))
        }
        // Sizes, invocation, service.
        [first, _, _, service, ..] if first >> 4 == CONFIRMED_REQUEST && first & SEGMENTED == 0 => {
            let note = match service {
                service if WRITE.contains(&service) => Some(Note::ValueWritten),
                service if CONTROL.contains(&service) => Some(Note::DeviceControlled),
                _ => None,
            };
            (Words::default(), note)
        }
        _ => (Words::default(), None),
    };
    // Requests are 0 and 1; all others answer (20.1).
    (words, note, kind > UNCONFIRMED_REQUEST)
}

/// Device, longest message, segmentation, maker's number (21, I-Am-Request).
fn i_am(bytes: &[u8]) -> Words {
    let mut words = Words::default();
    let tags: Vec<Tag<'_>> = tags(bytes).take(4).collect();
    let [device, _, _, vendor] = tags.as_slice() else { return words };
    if let (Some(instance), true) = (device.device(OBJECT_IDENTIFIER, false), vendor.is(UNSIGNED, false)) {
        words.say(Attribute::BacnetInstance, instance.to_string().as_bytes());
        words.say(Attribute::BacnetVendorId, vendor.number().to_string().as_bytes());
    }
    words
}

/// Object, property, perhaps an index, then the value between an opening and a closing tag (21, ReadProperty-ACK); of several
/// each with its own tags, within those of the object (21, ReadPropertyMultiple-ACK).
fn properties(service: u8, bytes: &[u8]) -> Words {
    let mut words = Words::default();
    // Context tags: of an object, of a property, and of what opens a value.
    let (property_tag, value_tag) = if service == READ { (1, 3) } else { (2, 4) };
    let (mut is_device, mut property, mut is_value) = (false, None, false);
    for tag in tags(bytes).take(MAX_TAGS) {
        match tag {
            Tag { edge: Edge::Opening, number, .. } if number == value_tag && !is_value => is_value = true,
            Tag { edge: Edge::Closing, number, .. } if number == value_tag => (property, is_value) = (None, false),
            _ if is_value => {
                let known = PROPERTIES.iter().find(|(number, _)| is_device && Some(*number) == property);
                if let (Some((_, attribute)), true) = (known, tag.is(CHARACTER_STRING, false))
                    // Encoding 0 is UTF-8 (20.2.9).
                    && let [0, text @ ..] = tag.value
                {
                    words.say(*attribute, text);
                }
                property = None;
            }
            _ if tag.is(0, true) => is_device = tag.device(0, true).is_some(),
            _ if tag.is(property_tag, true) => property = Some(tag.number()),
            _ => {}
        }
    }
    words
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Edge {
    None,
    Opening,
    Closing,
}

/// A tag with its value (20.2.1).
#[derive(Clone, Copy)]
struct Tag<'a> {
    number: u8,
    is_context: bool,
    edge: Edge,
    value: &'a [u8],
}

impl Tag<'_> {
    fn is(&self, number: u8, is_context: bool) -> bool {
        self.edge == Edge::None && (self.number, self.is_context) == (number, is_context)
    }

    fn number(&self) -> u32 {
        self.value.iter().take(4).fold(0, |number, byte| number << 8 | u32::from(*byte))
    }

    /// The instance of a device, in the lower 22 bits.
    fn device(&self, number: u8, is_context: bool) -> Option<u32> {
        let is_one = self.is(number, is_context) && self.value.len() == 4 && self.number() >> 22 == DEVICE;
        is_one.then(|| self.number() & 0x003f_ffff)
    }
}

fn tags(bytes: &[u8]) -> impl Iterator<Item = Tag<'_>> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let (first, mut after) = rest.split_first()?;
        let (mut number, is_context, length) = (first >> 4, first & 8 != 0, first & 7);
        if number == 15 {
            (number, after) = after.split_first().map(|(number, after)| (*number, after))?;
        }
        let edge = match (is_context, length) {
            (true, 6) => Edge::Opening,
            (true, 7) => Edge::Closing,
            _ => Edge::None,
        };
        let length = match length {
            _ if edge != Edge::None => 0,
            // A truth is its own length.
            _ if !is_context && number == 1 => 0,
            5 => {
                let (length, behind) = after.split_first()?;
                after = behind;
                match length {
                    254 => {
                        let (length, behind) = after.split_first_chunk()?;
                        after = behind;
                        usize::from(u16::from_be_bytes(*length))
                    }
                    // Four bytes of length do not fit in a datagram.
                    255 => return None,
                    length => usize::from(*length),
                }
            }
            length => usize::from(length),
        };
        let (value, behind) = after.split_at_checked(length)?;
        rest = behind;
        Some(Tag { number, is_context, edge, value })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::battery::{DatagramSample, MARK};

    const DEVICE_AT: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 7);
    const MANAGER_AT: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 99);

    fn packet(function: u8, rest: &[u8]) -> Vec<u8> {
        let length = u16::try_from(rest.len() + 4).unwrap().to_be_bytes();
        [&[TYPE, function][..], &length, rest].concat()
    }

    fn from_device(payload: Vec<u8>) -> DatagramSample {
        DatagramSample { source: (DEVICE_AT.into(), 47_808), destination: (MANAGER_AT.into(), 47_808), payload }
    }

    /// Device 4711 of maker 260.
    const I_AM_4711: &[u8] = &[0x10, I_AM, 0xc4, 2, 0, 0x12, 0x67, 0x22, 5, 0xc4, 0x91, 0, 0x22, 1, 4];

    fn string(text: &str) -> Vec<u8> {
        [&[0x75, u8::try_from(text.len() + 1).unwrap(), 0][..], text.as_bytes()].concat()
    }

    /// One property of the object with these upper bits.
    fn answer(object: u8, property: u8, text: &str) -> Vec<u8> {
        let head = [1, 0, 0x30, 1, READ, 0x0c, object, 0, 0x12, 0x67, 0x19, property, 0x3e];
        packet(UNICAST, &[&head[..], &string(text), &[0x3f]].concat())
    }

    fn several() -> Vec<u8> {
        let mut body = vec![1, 0, 0x30, 2, READ_SEVERAL, 0x0c, 2, 0, 0x12, 0x67, 0x1e];
        for (property, text) in
            [(121, "Example Controls"), (77, MARK), (70, "AHU-7"), (44, "4.2"), (12, "9.1"), (58, MARK)]
        {
            body.extend([&[0x29, property, 0x4e][..], &string(text), &[0x4f]].concat());
        }
        body.extend([0x2a, 1, 0x74, 0x4e]);
        body.extend([&string("SN-12")[..], &[0x4f, 0x1f]].concat());
        packet(UNICAST, &body)
    }

    fn write() -> Vec<u8> {
        let body = [&[1, 4, 0, 5, 1, 15, 0x0c, 0, 0x80, 0, 1, 0x19, 85, 0x3e][..], &string(MARK), &[0x3f]].concat();
        packet(UNICAST, &body)
    }

    pub(super) fn samples() -> Vec<DatagramSample> {
        let network = packet(BROADCAST, &[1, 0x80, 0]);
        let register = packet(5, &[0, 60]);
        let all = [packet(BROADCAST, &[&[1, 0][..], I_AM_4711].concat()), answer(2, 70, "AHU-7"), several(), write()];
        all.into_iter().chain([network, register, answer(2, 77, MARK)]).map(from_device).collect()
    }

    fn told(payload: Vec<u8>) -> Vec<(Attribute, String)> {
        let sample = from_device(payload);
        let remark = Bacnet::read(&sample.datagram()).and_then(|reading| reading.remark);
        let words = remark.into_iter().flat_map(|remark| remark.attributes);
        words.map(|(attribute, text)| (attribute, text.to_string())).collect()
    }

    fn said(words: &[(Attribute, &str)]) -> Vec<(Attribute, String)> {
        words.iter().map(|(attribute, text)| (*attribute, (*text).to_owned())).collect()
    }

    #[test]
    fn a_device_tells_its_number_its_maker_and_what_is_read_of_it() {
        let numbers = said(&[(Attribute::BacnetInstance, "4711"), (Attribute::BacnetVendorId, "260")]);
        assert_eq!(told(packet(BROADCAST, &[&[1, 0][..], I_AM_4711].concat())), numbers);
        let expected = [
            (Attribute::FirmwareVersion, "4.2"),
            (Attribute::Manufacturer, "Example Controls"),
            (Attribute::Model, "AHU-7"),
            (Attribute::SerialNumber, "SN-12"),
            (Attribute::SoftwareVersion, "9.1"),
        ];
        assert_eq!(told(several()), said(&expected));
        assert_eq!(told(answer(2, 70, "AHU-7")), said(&[(Attribute::Model, "AHU-7")]));
        assert_eq!(told(answer(0, 70, "AHU-7")), [], "not of a device");
    }

    #[test]
    fn what_a_router_passes_on_is_not_told_of_it() {
        let routed = [&[1, ORIGIN, 0, 5, 1, 12][..], I_AM_4711].concat();
        assert_eq!(told(packet(UNICAST, &routed)), []);
        let forwarded = |last| packet(FORWARDED, &[&[192, 0, 2, last, 0xba, 0xc0, 1, 0][..], I_AM_4711].concat());
        assert_eq!((told(forwarded(8)).len(), told(forwarded(7)).len()), (0, 2));
        let to_a_network = [&[1, DESTINATION, 0xff, 0xff, 0, 255][..], I_AM_4711].concat();
        assert_eq!(told(packet(BROADCAST, &to_a_network)).len(), 2);
    }

    #[test]
    fn values_written_are_noted_and_answers_are_a_servers() {
        let reading = |payload| Bacnet::read(&from_device(payload).datagram()).unwrap();
        let Detail::Notes(notes) = reading(write()).detail else { panic!() };
        assert_eq!(notes.count(Note::ValueWritten), 1);
        assert!(reading(write()).is_from_client && !reading(several()).is_from_client);
    }

    #[test]
    fn of_what_has_a_wrong_length_a_network_message_alone_is_known_as_malformed() {
        let longer = |payload: Vec<u8>| from_device([payload, vec![0]].concat());
        assert!(Bacnet::read(&longer(write()).datagram()).unwrap().is_malformed);
        assert!(Bacnet::recognise(&longer(write()).datagram()));
        assert!(!Bacnet::recognise(&longer(packet(5, &[0, 60])).datagram()));
    }
}
