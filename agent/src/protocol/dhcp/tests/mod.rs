//! The parser held against the standards, message by message.

mod build;

use self::build::*;
use super::{Dhcp, message as read};
use crate::{
    limits::Limits,
    protocol::{Claim, DatagramParser, Reading, Speaker, battery::DatagramSample},
    testing::{Captured, report},
};
use std::net::{IpAddr, Ipv4Addr};
use wardwatch_model::{Attribute, Detail, Facts, Mac, Source, dhcp::Dhcp as Activity};

pub(crate) use build::samples;

fn reading(sample: &DatagramSample) -> Reading {
    assert!(Dhcp::recognise(&sample.datagram()));
    Dhcp::read(&sample.datagram()).unwrap()
}

/// What a broadcast of a client says.
fn said(payload: Vec<u8>) -> Vec<(Attribute, String)> {
    let remark = reading(&broadcast(payload)).remark;
    remark
        .map(|remark| remark.attributes)
        .unwrap_or_default()
        .into_iter()
        .map(|(a, text)| (a, text.to_string()))
        .collect()
}

fn one(attribute: Attribute, value: &str) -> Vec<(Attribute, String)> {
    vec![(attribute, value.to_owned())]
}

fn told(frames: &[Captured]) -> Facts {
    report(frames, &Limits::default(), 1)
}

#[test]
fn a_client_names_itself_its_vendor_class_and_what_it_asks_for() {
    let expected = [
        (Attribute::Hostname, "CT-ROOM-1"),
        (Attribute::DhcpParameterList, "1,3,6,15,119,252"),
        (Attribute::DhcpVendorClass, "MSFT 5.0"),
        (Attribute::Hostname, "CT-ROOM-1.example.org"),
    ];
    let said = said(with_words(message(1).option(53, &[DISCOVER])).end());
    assert_eq!(said, expected.map(|(attribute, value)| (attribute, value.to_owned())));
}

#[test]
fn words_are_bound_to_the_hardware_address_whatever_the_frame_came_from() {
    let words = || with_words(message(1).option(53, &[REQUEST]));
    for (sample, speaker) in [
        (broadcast(words().option(50, &LEASED.octets()).end()), Ipv4Addr::UNSPECIFIED),
        (sent(LEASED, SERVER, (68, 67), words().ciaddr(LEASED).end()), LEASED),
        (sent(RELAY, SERVER, (67, 67), words().giaddr(RELAY).end()), Ipv4Addr::UNSPECIFIED),
    ] {
        let facts = told(&[sample.captured()]);
        let (description, _) = facts.descriptions.first_key_value().unwrap();
        assert_eq!((description.speaker, description.speaker_mac), (IpAddr::from(speaker), Some(Mac(CLIENT_MAC))));
        assert_eq!((description.source, &description.speaks_as), (Source::Dhcp, &None));
    }
}

#[test]
fn clients_that_share_a_flow_keep_their_words_apart() {
    let of = |last: u8, name: &[u8]| {
        broadcast(message(1).put(33, &[last]).option(53, &[DISCOVER]).option(12, name).end()).captured()
    };
    let facts = told(&[of(1, b"ONE"), of(2, b"TWO"), of(1, b"ONE").at(1000)]);
    let said: Vec<_> = facts
        .descriptions
        .iter()
        .map(|(d, seen)| (d.speaker_mac.unwrap().0[5], d.attributes[0].1.as_str(), seen.count))
        .collect();
    assert_eq!(said, [(1, "ONE", 2), (2, "TWO", 1)]);
    let (key, conversation) = facts.conversations.first_key_value().unwrap();
    assert_eq!((facts.conversations.len(), key.client_mac, conversation.messages), (1, None, 3));
    assert_eq!((key.client, key.port), (IpAddr::from(Ipv4Addr::UNSPECIFIED), 67));
}

#[test]
fn an_acknowledgement_gives_an_address_and_an_offer_does_not() {
    let answer = |kind, giaddr| {
        let bytes = message(2).yiaddr(LEASED).giaddr(giaddr).option(53, &[kind]).end();
        reading(&sent(SERVER, Ipv4Addr::BROADCAST, (67, 68), bytes)).claim
    };
    let claim = |is_here| Some(Claim { ip: LEASED.into(), mac: Mac(CLIENT_MAC), is_here });
    assert_eq!(answer(ACK, Ipv4Addr::UNSPECIFIED), claim(true));
    assert_eq!(answer(ACK, RELAY), claim(false));
    assert_eq!(answer(OFFER, Ipv4Addr::UNSPECIFIED), None);
}

#[test]
fn a_client_has_the_address_it_renews_or_informs_with() {
    let asks = |kind, address| {
        let message = message(1).ciaddr(address).option(53, &[kind]).option(50, &[192, 0, 2, 99]).end();
        reading(&sent(LEASED, SERVER, (68, 67), message)).claim.map(|claim| claim.ip)
    };
    assert_eq!(asks(REQUEST, LEASED), Some(LEASED.into()));
    assert_eq!(asks(INFORM, LEASED), Some(LEASED.into()));
    assert_eq!(asks(RELEASE, LEASED), None, "it gives it up");
    assert_eq!(asks(REQUEST, Ipv4Addr::UNSPECIFIED), None, "what is asked for is not had");
}

#[test]
fn a_hardware_address_that_is_none_claims_nothing() {
    for (at, bytes) in [(1, &[6][..]), (2, &[16]), (2, &[0]), (28, &[0; 6]), (28, &[0xff; 6])] {
        let message = message(2).put(at, bytes).yiaddr(LEASED).option(53, &[ACK]).end();
        assert_eq!(reading(&sent(SERVER, LEASED, (67, 68), message)).claim, None, "{at} {bytes:?}");
    }
}

#[test]
fn words_that_lead_to_no_one_are_left_out() {
    let infiniband = message(1).put(1, &[32, 0]).option(53, &[DISCOVER]).option(12, b"NODE");
    assert_eq!(reading(&broadcast(infiniband.clone().end())).remark, None);
    let with_address = reading(&broadcast(infiniband.ciaddr(LEASED).end())).remark.unwrap();
    assert_eq!(with_address.speaker, Speaker::Host { ip: LEASED.into(), mac: None });
}

#[test]
fn claims_are_sightings_in_the_vlan_of_the_frame_unless_a_relay_stands_between() {
    let answer = |giaddr| {
        let bytes = message(2).yiaddr(LEASED).giaddr(giaddr).option(53, &[ACK]).end();
        let mut frame = sent(SERVER, RELAY, (67, 67), bytes).captured();
        // An 802.1Q tag behind the addresses.
        frame.bytes.splice(12..12, [0x81, 0, 0, 120]);
        frame.wire_len += 4;
        let facts = told(&[frame]);
        let (place, sighting) =
            facts.sightings.iter().find(|(place, _)| place.ip == IpAddr::from(LEASED)).map(|(p, s)| (*p, *s)).unwrap();
        assert!(sighting.claimed && !sighting.payload);
        assert_eq!(place.mac, Some(Mac(CLIENT_MAC)));
        place.vlans.iter().collect::<Vec<_>>()
    };
    assert_eq!(answer(Ipv4Addr::UNSPECIFIED), [120]);
    assert!(answer(RELAY).is_empty());
}

#[test]
fn whoever_passes_answers_on_is_no_server() {
    let answer = |from, giaddr, server: Option<Ipv4Addr>| {
        let message = message(2).yiaddr(LEASED).giaddr(giaddr).option(53, &[ACK]);
        let message = server.into_iter().fold(message, |message, server| message.option(54, &server.octets()));
        let Detail::Dhcp(told) = reading(&sent(from, LEASED, (67, 68), message.end())).detail else { panic!() };
        told
    };
    let own = Activity { replies: 1, ..Activity::default() };
    let passed_on = Activity { relayed_replies: 1, ..Activity::default() };
    assert_eq!(answer(SERVER, Ipv4Addr::UNSPECIFIED, None), own);
    assert_eq!(answer(SERVER, RELAY, Some(SERVER)), own);
    assert_eq!(answer(RELAY, RELAY, Some(SERVER)), passed_on);
    assert_eq!(answer(RELAY, RELAY, None), passed_on);
}

#[test]
fn options_may_go_on_in_the_fields_of_file_and_server_name() {
    for (overload, expected) in [(0, None), (1, Some("file")), (2, Some("sname")), (3, Some("file"))] {
        let message = message(1)
            .put(108, &[option(12, b"file"), vec![255]].concat())
            .put(44, &[option(12, b"sname"), vec![255]].concat())
            .option(53, &[DISCOVER])
            .option(52, &[overload]);
        let expected = expected.map(|name| one(Attribute::Hostname, name)).unwrap_or_default();
        assert_eq!(said(message.end()), expected, "{overload}");
    }
}

#[test]
fn an_overload_within_an_overload_is_not_followed() {
    // `file` says that `file` and `sname` hold options; that was for the options themselves to say.
    let message = message(1)
        .put(108, &[option(52, &[3]), option(60, b"in file"), vec![255]].concat())
        .put(44, &[option(12, b"sname"), vec![255]].concat())
        .option(52, &[1]);
    assert_eq!(said(message.end()), one(Attribute::DhcpVendorClass, "in file"));
}

#[test]
fn what_stands_before_a_malformed_option_is_kept() {
    let start = || message(1).option(53, &[DISCOVER]).option(12, b"PUMP-7");
    for tail in [&[60, 200, b'x'][..], &[60], &[53, 0], &[54, 3, 1, 2, 3], &[52, 0], &[81, 2, 0, 0]] {
        let reading = reading(&broadcast(start().raw(tail).0));
        assert!(reading.is_malformed, "{tail:?}");
        assert_eq!(reading.remark.unwrap().attributes.len(), 1, "{tail:?}");
        let facts = told(&[broadcast(start().raw(tail).0).captured()]);
        assert_eq!(facts.capture.protocols["dhcp"].parse_failures, 1);
    }
    for tail in [&[][..], &[255], &[0, 0, 0], &[255, 60, 200]] {
        assert!(!reading(&broadcast(start().raw(tail).0)).is_malformed, "{tail:?}");
    }
}

#[test]
fn of_options_that_come_twice_the_first_counts() {
    let said = said(message(1).option(12, b"FIRST").option(12, b"SECOND").end());
    assert_eq!(said, one(Attribute::Hostname, "FIRST"));
}

#[test]
fn a_full_name_is_read_as_text_or_as_labels() {
    for (value, expected) in [
        (&b"\0\0\0PC7.example.org"[..], Some("PC7.example.org")),
        (b"\x04\0\0\x03PC7\x07example\0", Some("PC7.example")),
        (b"\x04\0\0\x03PC7", Some("PC7")),
        (b"\x04\0\0\x03PC7\x40", Some("PC7")),
        (b"\x04\0\0\x03PC7\xc0\x00", Some("PC7")),
        (b"\x04\0\0", None),
        (b"\0\0\0", None),
    ] {
        let expected = expected.map(|name| one(Attribute::Hostname, name)).unwrap_or_default();
        assert_eq!(said(message(1).option(81, value).end()), expected, "{}", value.escape_ascii());
    }
}

#[test]
fn a_long_parameter_list_ends_with_a_whole_number() {
    let said = said(message(1).option(55, &[222; 255]).end());
    assert_eq!(said[0].1.split(',').filter(|code| *code == "222").count(), 64);
    assert_eq!(said[0].1.len(), 255);
}

#[test]
fn a_servers_words_are_about_no_one() {
    let answer = with_words(message(2).yiaddr(LEASED).option(53, &[ACK])).end();
    assert_eq!(reading(&sent(SERVER, LEASED, (67, 68), answer)).remark, None);
}

#[test]
fn what_is_not_on_the_list_is_nowhere_in_what_is_told() {
    const PLANTED: &[u8] = b"NAMESAKE";
    let mut plain = message(1).put(44, PLANTED).put(108, PLANTED).option(53, &[REQUEST]).ciaddr(LEASED);
    for code in (1..=254).filter(|code| ![12, 52, 53, 54, 55, 60, 81].contains(code)) {
        plain = plain.option(code, PLANTED);
    }
    let facts = told(&[sent(LEASED, SERVER, (68, 67), plain.raw(&[255]).raw(PLANTED).0).captured()]);
    assert_eq!(facts.capture.protocols["dhcp"].messages, 1);
    assert!(facts.sightings.values().any(|sighting| sighting.claimed));
    assert!(!format!("{facts:?}").contains("NAMESAKE"));
}

#[test]
fn only_what_goes_to_a_port_of_dhcp_and_has_the_cookie_is_dhcp() {
    let bytes = message(1).option(53, &[DISCOVER]).end();
    let recognised = |ports, bytes| Dhcp::recognise(&sent(LEASED, SERVER, ports, bytes).datagram());
    assert!(recognised((68, 67), bytes.clone()));
    assert!(recognised((1067, 67), bytes.clone()), "relay agents may send from any port");
    assert!(!recognised((67, 69), bytes.clone()));
    for at in [0, 2, 236, 239] {
        let mut other = bytes.clone();
        other[at] = 0x77;
        assert!(!recognised((68, 67), other), "{at}");
    }
    assert_eq!(read::parse(&bytes[..239]), None);
}
