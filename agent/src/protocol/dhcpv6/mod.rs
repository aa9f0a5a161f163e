//! DHCPv6 (RFC 8415): what clients say of themselves, and who answers them.
//!
//! A client speaks from its own address, so its words are its sender's. What a relay agent passes on is counted and not opened:
//! nothing outside would tell whose it is. Of the identifier the kind and the hardware address are told, or whose number it has.

mod message;

use super::{Datagram, DatagramParser, Reading, Remark, words::Words};
use message::{Message, Options, Role};
use std::fmt::Write;
use wardwatch_model::{Attribute, Detail, DeviceText, Mac, Source, dhcp::Dhcp as Activity};

/// Ports of client and server (RFC 8415, 7.2).
const CLIENT: u16 = 546;
const SERVER: u16 = 547;

/// Hardware type of Ethernet (RFC 8415, 11.2: the numbers of ARP).
const ETHERNET: [u8; 2] = [0, 1];

/// The parser.
pub(crate) struct Dhcpv6;

impl DatagramParser for Dhcpv6 {
    fn recognise(datagram: &Datagram<'_>) -> bool {
        matches!(datagram.destination.1, CLIENT | SERVER) && message::parse(datagram.payload).is_some()
    }

    fn read(datagram: &Datagram<'_>) -> Option<Reading> {
        let Message { role, options, is_malformed } = message::parse(datagram.payload)?;
        let attributes = if role == Role::Client { words(&options).told() } else { Vec::new() };
        Some(Reading {
            is_from_client: matches!(role, Role::Client | Role::RelayForward),
            is_malformed,
            detail: Detail::Dhcp(match role {
                Role::Client | Role::RelayForward => Activity { requests: 1, ..Activity::default() },
                // An answer to a client in a message of its own is from the server or from a relay agent next to it.
                Role::Server => Activity { relayed_replies: 1, ..Activity::default() },
                Role::RelayReply => Activity { replies: 1, ..Activity::default() },
            }),
            claim: None,
            remark: Remark::of_sender(Source::Dhcpv6, attributes),
        })
    }

    #[cfg(test)]
    fn samples() -> Vec<super::battery::DatagramSample> {
        tests::samples()
    }
}

fn words(options: &Options<'_>) -> Words {
    let mut words = Words::default();
    if let Some(text) = options.client.and_then(identifier) {
        words.add(Attribute::DhcpIdentifier, text);
    }
    if let Some(text) = options.requested.and_then(list) {
        words.add(Attribute::Dhcpv6OptionList, text);
    }
    if let Some((enterprise, classes)) = options.vendor_class.and_then(|class| class.split_first_chunk()) {
        if let Some(text) = number(u32::from_be_bytes(*enterprise)) {
            words.add(Attribute::EnterpriseNumber, text);
        }
        // Each class behind its length; the first one tells.
        if let Some((length, rest)) = classes.split_first_chunk()
            && let Some(class) = rest.get(..usize::from(u16::from_be_bytes(*length)))
        {
            words.say(Attribute::DhcpVendorClass, class);
        }
    }
    if let Some([_, name @ ..]) = options.fqdn {
        words.say(Attribute::Hostname, &super::dhcp::labels(name).join(&b'.'));
    }
    words
}

/// A DUID (RFC 8415, 11): hardware address with or without a time, number of an enterprise, UUID. What follows an
/// enterprise's number, and a UUID, stays untold: only their owners know what is in them.
fn identifier(duid: &[u8]) -> Option<DeviceText> {
    let mac = |address: &[u8]| Mac::known(*address.first_chunk()?);
    let text = match duid {
        // Type 1: hardware type, time, address; type 3: without time.
        [0, 1, h1, h2, _, _, _, _, address @ ..] if [*h1, *h2] == ETHERNET => format!("llt {}", mac(address)?),
        [0, 3, h1, h2, address @ ..] if [*h1, *h2] == ETHERNET => format!("ll {}", mac(address)?),
        [0, 2, a, b, c, d, ..] => format!("en {}", u32::from_be_bytes([*a, *b, *c, *d])),
        [0, 4, _, ..] => "uuid".to_owned(),
        _ => return None,
    };
    DeviceText::new(&text)
}

fn number(number: u32) -> Option<DeviceText> {
    // 0 is reserved.
    (number > 0).then(|| DeviceText::new(&number.to_string())).flatten()
}

/// Numbers with commas between them, as many as a text holds.
fn list(codes: &[u8]) -> Option<DeviceText> {
    let mut list = String::new();
    for code in codes.as_chunks().0 {
        let before = list.len();
        let comma = if list.is_empty() { "" } else { "," };
        // Writing to a string does not fail.
        let _ = write!(list, "{comma}{}", u16::from_be_bytes(*code));
        if list.len() > DeviceText::MAX_CHARS {
            list.truncate(before);
            break;
        }
    }
    DeviceText::new(&list)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::battery::{DatagramSample, MARK};
    use std::net::{IpAddr, Ipv6Addr};

    const HOST: Ipv6Addr = Ipv6Addr::new(0xfe80, 0, 0, 0, 0x200, 0x5eff, 0xfe00, 0x5307);
    const ALL_SERVERS: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 1, 2);
    const BY_MAC: &[u8] = &[0, 1, 0, 1, 0x1c, 0x39, 0xcf, 0x88, 0, 0, 0x5e, 0, 0x53, 7];

    fn option(code: u8, value: &[u8]) -> Vec<u8> {
        [&[0, code][..], &u16::try_from(value.len()).unwrap().to_be_bytes(), value].concat()
    }

    fn message(kind: u8, options: &[Vec<u8>]) -> Vec<u8> {
        [&[kind, 1, 2, 3][..], &options.concat()].concat()
    }

    fn sent(payload: Vec<u8>) -> DatagramSample {
        let at = |ip: Ipv6Addr, port| (IpAddr::V6(ip), port);
        DatagramSample { source: at(HOST, CLIENT), destination: at(ALL_SERVERS, SERVER), payload }
    }

    fn words_of_a_client() -> Vec<Vec<u8>> {
        vec![
            option(1, BY_MAC),
            option(6, &[0, 24, 0, 23, 0, 17, 0, 39]),
            option(8, &[0, 0]),
            option(15, MARK.as_bytes()),
            option(16, b"\0\0\x01\x37\0\x08MSFT 5.0"),
            option(39, b"\x01\x04ct-1\x07example\0"),
        ]
    }

    pub(super) fn samples() -> Vec<DatagramSample> {
        let reply = message(7, &[option(1, BY_MAC), option(2, MARK.as_bytes()), option(24, MARK.as_bytes())]);
        let relayed = [&[12, 0][..], &[0x20; 32], &option(9, &message(1, &words_of_a_client()))].concat();
        let passed_back = [&[13, 0][..], &[0x20; 32], &option(9, &reply)].concat();
        let to = |ports: (u16, u16), payload| {
            let DatagramSample { source, destination, .. } = sent(Vec::new());
            DatagramSample { source: (source.0, ports.0), destination: (destination.0, ports.1), payload }
        };
        vec![
            sent(message(1, &words_of_a_client())),
            to((SERVER, CLIENT), reply),
            to((SERVER, SERVER), relayed),
            to((SERVER, SERVER), passed_back),
        ]
    }

    fn told(payload: Vec<u8>) -> Vec<(Attribute, String)> {
        let sample = sent(payload);
        let remark = Dhcpv6::read(&sample.datagram()).and_then(|reading| reading.remark);
        let words = remark.into_iter().flat_map(|remark| remark.attributes);
        words.map(|(attribute, text)| (attribute, text.to_string())).collect()
    }

    #[test]
    fn a_client_tells_its_name_its_class_what_it_asks_for_and_its_hardware_address() {
        let expected = [
            (Attribute::DhcpIdentifier, "llt 00:00:5e:00:53:07"),
            (Attribute::DhcpVendorClass, "MSFT 5.0"),
            (Attribute::Dhcpv6OptionList, "24,23,17,39"),
            (Attribute::EnterpriseNumber, "311"),
            (Attribute::Hostname, "ct-1.example"),
        ];
        assert_eq!(told(message(1, &words_of_a_client())), expected.map(|(what, text)| (what, text.to_owned())));
    }

    #[test]
    fn servers_and_relay_agents_tell_nothing_of_themselves_or_of_clients() {
        for sample in &samples()[1..] {
            assert!(Dhcpv6::read(&sample.datagram()).unwrap().remark.is_none());
        }
    }

    #[test]
    fn identifiers_tell_their_kind_and_never_what_only_their_owner_knows() {
        let identifier = |duid: &[u8]| told(message(1, &[option(1, duid)])).into_iter().map(|(_, text)| text).next();
        assert_eq!(identifier(&[0, 3, 0, 1, 0, 0, 0x5e, 0, 0x53, 7]).as_deref(), Some("ll 00:00:5e:00:53:07"));
        assert_eq!(identifier(b"\0\x02\0\0\0\x09SN-1").as_deref(), Some("en 9"));
        assert_eq!(identifier(&[&[0, 4][..], &[7; 16]].concat()).as_deref(), Some("uuid"));
        for other in [&[][..], &[0], &[0, 1, 0, 1], &[0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 7, 8], &[0, 9, 1, 2, 3]] {
            assert_eq!(identifier(other), None);
        }
    }

    #[test]
    fn an_option_longer_than_the_message_is_malformed_and_those_before_it_are_read() {
        let mut payload = message(1, &words_of_a_client());
        payload.pop();
        let sample = sent(payload);
        let reading = Dhcpv6::read(&sample.datagram()).unwrap();
        assert!(reading.is_malformed);
        assert_eq!(reading.remark.unwrap().attributes.len(), 4, "all but the name");
    }
}
