//! Messages of agents and of those who ask them.

use super::{Snmp, message::Message};
use crate::protocol::{
    DatagramParser,
    battery::{DatagramSample, MARK},
};
use std::net::{IpAddr, Ipv4Addr};
use wardwatch_model::{Attribute, Detail, snmp::Snmp as Activity};

const AGENT: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 7);
const MANAGER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 99);

fn element(tag: u8, contents: &[u8]) -> Vec<u8> {
    let length = u16::try_from(contents.len()).unwrap().to_be_bytes();
    [&[tag, 0x82][..], &length, contents].concat()
}

fn integer(value: u8) -> Vec<u8> {
    element(0x02, &[value])
}

fn text(value: &str) -> Vec<u8> {
    element(0x04, value.as_bytes())
}

/// 1.3.6.1.2.1 and what follows.
fn object(rest: &[u8], value: &[u8]) -> Vec<u8> {
    element(0x30, &[element(0x06, &[&[0x2b, 6, 1, 2, 1][..], rest].concat()), value.to_vec()].concat())
}

fn pdu(tag: u8, bindings: &[Vec<u8>]) -> Vec<u8> {
    let list = element(0x30, &bindings.concat());
    element(tag, &[integer(1), integer(0), integer(0), list].concat())
}

fn community(version: u8, community: &str, pdu: Vec<u8>) -> Vec<u8> {
    element(0x30, &[integer(version), text(community), pdu].concat())
}

fn v3(flags: u8, engine: &[u8], data: Vec<u8>) -> Vec<u8> {
    let header = element(0x30, &[integer(1), integer(100), element(0x04, &[flags]), integer(3)].concat());
    let user = [element(0x04, engine), integer(0), integer(0), text(MARK), text(""), text("")].concat();
    element(0x30, &[integer(3), header, element(0x04, &element(0x30, &user)), data].concat())
}

fn scoped(pdu: Vec<u8>) -> Vec<u8> {
    element(0x30, &[text(""), text(MARK), pdu].concat())
}

/// All that a printer answers, contact and location among it.
fn system() -> Vec<Vec<u8>> {
    vec![
        object(&[1, 1, 0], &text("Example Laser 12, firmware 3.4")),
        object(&[1, 2, 0], &element(0x06, &[0x2b, 6, 1, 4, 1, 11, 2, 3, 9, 1])),
        object(&[1, 4, 0], &text(MARK)),
        object(&[1, 5, 0], &text("prn-12")),
        object(&[1, 6, 0], &text(MARK)),
        object(&[43, 5, 1, 1, 17, 1], &text("SN4711X")),
        object(&[47, 1, 1, 1, 1, 13, 1], &text("Laser 12")),
        object(&[47, 1, 1, 1, 1, 13, 2], &text("a tray")),
    ]
}

fn trap(agent: Ipv4Addr) -> Vec<u8> {
    let bindings = element(0x30, &object(&[1, 5, 0], &text("prn-12")));
    let enterprise = element(0x06, &[0x2b, 6, 1, 4, 1, 11, 2]);
    let address = element(0x40, &agent.octets());
    let body = [enterprise, address, integer(0), integer(0), element(0x43, &[1]), bindings].concat();
    community(0, MARK, element(0xa4, &body))
}

fn from_agent(payload: Vec<u8>) -> DatagramSample {
    DatagramSample { source: (AGENT.into(), 161), destination: (MANAGER.into(), 40_000), payload }
}

const BY_MAC: &[u8] = &[0x80, 0, 0, 11, 3, 0, 0, 0x5e, 0, 0x53, 7];

pub(super) fn samples() -> Vec<DatagramSample> {
    let request = community(1, MARK, pdu(0xa0, &[object(&[1, 1, 0], &element(0x05, &[]))]));
    vec![
        from_agent(community(0, "public", pdu(0xa2, &system()))),
        DatagramSample { source: (MANAGER.into(), 40_000), destination: (AGENT.into(), 161), payload: request },
        DatagramSample { destination: (MANAGER.into(), 162), ..from_agent(trap(AGENT)) },
        from_agent(v3(0x00, BY_MAC, scoped(pdu(0xa8, &[])))),
        from_agent(v3(0x03, BY_MAC, element(0x04, &[0x5a; 40]))),
    ]
}

fn words(payload: Vec<u8>) -> Vec<(Attribute, String)> {
    let remark = Snmp::read(&from_agent(payload).datagram()).unwrap().remark;
    remark.into_iter().flat_map(|remark| remark.attributes).map(|(what, text)| (what, text.to_string())).collect()
}

fn said(words: &[(Attribute, &str)]) -> Vec<(Attribute, String)> {
    words.iter().map(|(attribute, text)| (*attribute, (*text).to_owned())).collect()
}

#[test]
fn an_agent_tells_what_it_is_and_nothing_of_people_and_places() {
    let expected = [
        (Attribute::EnterpriseNumber, "11"),
        (Attribute::Hostname, "prn-12"),
        (Attribute::Model, "Laser 12"),
        (Attribute::SerialNumber, "SN4711X"),
        (Attribute::SystemDescription, "Example Laser 12, firmware 3.4"),
        (Attribute::SystemObjectId, "1.3.6.1.4.1.11.2.3.9.1"),
    ];
    assert_eq!(words(community(1, MARK, pdu(0xa2, &system()))), said(&expected));
}

#[test]
fn what_is_asked_for_or_set_tells_nothing_of_who_asks() {
    assert_eq!(words(community(1, "x", pdu(0xa3, &system()))), []);
}

#[test]
fn a_trap_tells_of_its_sender_and_not_of_one_that_a_proxy_speaks_for() {
    let own = [
        (Attribute::EnterpriseNumber, "11"),
        (Attribute::Hostname, "prn-12"),
        (Attribute::SystemObjectId, "1.3.6.1.4.1.11.2"),
    ];
    assert_eq!(words(trap(AGENT)), said(&own));
    assert_eq!(words(trap(MANAGER)), []);
}

#[test]
fn an_engine_is_told_where_it_is_the_senders_and_no_one_chose_its_name() {
    let told = [(Attribute::EnterpriseNumber, "11"), (Attribute::SnmpEngineId, "8000000b0300005e005307")];
    assert_eq!(words(v3(0x00, BY_MAC, scoped(pdu(0xa2, &[])))), said(&told));
    assert_eq!(words(v3(0x03, BY_MAC, element(0x04, &[0; 8]))), said(&told), "encrypted");
    assert_eq!(words(v3(0x07, BY_MAC, element(0x04, &[0; 8]))), [], "of whom it asks");
    let chosen = [&[0x80, 0, 0, 11, 4][..], MARK.as_bytes()].concat();
    assert_eq!(words(v3(0x00, &chosen, scoped(pdu(0xa2, &[])))), said(&told[..1]));
}

#[test]
fn versions_and_default_communities_are_counted() {
    let told = |payload: &[u8]| Message::read(payload).unwrap().activity();
    let get = || pdu(0xa0, &[]);
    assert_eq!(told(&community(0, "public", get())), Activity { v1: 1, default_communities: 1, ..Activity::default() });
    assert_eq!(told(&community(1, "other", get())), Activity { v2c: 1, ..Activity::default() });
    assert_eq!(told(&v3(4, BY_MAC, scoped(get()))), Activity { v3: 1, ..Activity::default() });
    let reading = Snmp::read(&from_agent(community(1, "private", get())).datagram()).unwrap();
    assert_eq!(reading.detail, Detail::Snmp(Activity { v2c: 1, default_communities: 1, ..Activity::default() }));
}

#[test]
fn other_protocols_in_the_same_encoding_are_not_snmp() {
    // LDAP over UDP: a message id, then an application tag. And version 2, which nobody speaks.
    let ldap = element(0x30, &[integer(1), element(0x63, &[])].concat());
    for payload in [ldap, community(2, "x", pdu(0xa0, &[])), community(1, "x", element(0xab, &[]))] {
        let sample = DatagramSample { source: (IpAddr::from(AGENT), 389), ..from_agent(payload) };
        assert!(!Snmp::recognise(&sample.datagram()));
    }
}
