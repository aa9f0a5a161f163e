//! Messages as hosts send them, and as others pass them on.

use super::{Browser, Llmnr, Mdns, Nbns};
use crate::protocol::{
    DatagramParser, Reading,
    battery::{DatagramSample, MARK},
};
use std::net::{IpAddr, Ipv4Addr};
use wardwatch_model::Attribute;

const HOST: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 7);
const OTHER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 99);
const ALL: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 255);

const RESPONSE: u16 = 0x8400;
/// With a broadcast flag; 5 is the operation.
const REGISTRATION: u16 = 5 << 11 | 0x0110;

/// A message in the making: questions, answers, authorities, additional records.
#[derive(Clone)]
struct Building {
    flags: u16,
    sections: [Vec<Vec<u8>>; 4],
}

fn message(flags: u16) -> Building {
    Building { flags, sections: Default::default() }
}

fn name(labels: &[&str]) -> Vec<u8> {
    let labels = labels.iter().flat_map(|label| [&[u8::try_from(label.len()).unwrap()], label.as_bytes()].concat());
    labels.chain([0]).collect()
}

impl Building {
    fn question(mut self, labels: &[&str], kind: u16) -> Self {
        self.sections[0].push([&name(labels)[..], &kind.to_be_bytes(), &[0, 1]].concat());
        self
    }

    fn record(mut self, section: usize, labels: &[&str], kind: u16, data: &[u8]) -> Self {
        let length = u16::try_from(data.len()).unwrap().to_be_bytes();
        let head = [&name(labels)[..], &kind.to_be_bytes(), &[0, 1, 0, 0, 0, 120], &length];
        self.sections[section].push([&head.concat()[..], data].concat());
        self
    }

    fn answer(self, labels: &[&str], kind: u16, data: &[u8]) -> Self {
        self.record(1, labels, kind, data)
    }

    fn bytes(&self) -> Vec<u8> {
        let counts = self.sections.iter().flat_map(|section| u16::try_from(section.len()).unwrap().to_be_bytes());
        let head = [0, 0].into_iter().chain(self.flags.to_be_bytes()).chain(counts);
        head.chain(self.sections.iter().flatten().flatten().copied()).collect()
    }

    fn sample(&self, destination: Ipv4Addr, port: u16) -> DatagramSample {
        let at = |ip: Ipv4Addr| (IpAddr::V4(ip), port);
        DatagramSample { source: at(HOST), destination: at(destination), payload: self.bytes() }
    }
}

fn text(pairs: &[&str]) -> Vec<u8> {
    let mut strings = name(pairs);
    strings.pop();
    strings
}

fn words(reading: Option<Reading>) -> Vec<(Attribute, String)> {
    let remark = reading.and_then(|reading| reading.remark);
    remark.into_iter().flat_map(|remark| remark.attributes).map(|(what, text)| (what, text.to_string())).collect()
}

fn said(words: &[(Attribute, &str)]) -> Vec<(Attribute, String)> {
    words.iter().map(|(attribute, text)| (*attribute, (*text).to_owned())).collect()
}

const GROUP: Ipv4Addr = Ipv4Addr::new(224, 0, 0, 251);

fn printer(address: Ipv4Addr) -> Building {
    let instance = format!("{MARK} printer");
    let printing = [instance.as_str(), "_ipp", "_tcp", "local"];
    let note = format!("note=room of {MARK}");
    message(RESPONSE)
        .answer(&["_ipp", "_tcp", "local"], 12, &name(&printing))
        .answer(&printing, 33, &[&[0, 0, 0, 0, 2, 119][..], &name(&["PRN-4711", "local"])].concat())
        .answer(&printing, 16, &text(&["txtvers=1", &note, "ty=Example Laser 12", "usb_MFG=Example"]))
        .record(3, &["PRN-4711", "local"], 1, &address.octets())
}

pub(super) fn mdns_samples() -> Vec<DatagramSample> {
    let all_types = message(RESPONSE)
        .answer(&["_services", "_dns-sd", "_udp", "local"], 12, &name(&["_ssh", "_tcp", "local"]))
        .answer(&["CART-3", "local"], 1, &HOST.octets());
    let query = message(0).question(&[MARK, "_ipp", "_tcp", "local"], 12);
    [printer(HOST), all_types, query].map(|message| message.sample(GROUP, 5353)).into()
}

pub(super) fn llmnr_samples() -> Vec<DatagramSample> {
    let answer = message(0x8000).question(&["CT-01"], 1).answer(&["CT-01"], 1, &HOST.octets());
    let claim = message(0).question(&["CT-01"], 255);
    let query = message(0).question(&[MARK], 1);
    vec![
        answer.sample(OTHER, 5355),
        claim.sample(Ipv4Addr::new(224, 0, 0, 252), 5355),
        query.sample(Ipv4Addr::new(224, 0, 0, 252), 5355),
    ]
}

/// A name with its purpose.
fn netbios(name: &str, purpose: u8) -> [u8; 16] {
    let mut bytes = [b' '; 16];
    bytes[..name.len()].copy_from_slice(name.as_bytes());
    bytes[15] = purpose;
    bytes
}

fn encoded(name: [u8; 16]) -> String {
    name.iter().flat_map(|byte| [char::from(b'A' + (byte >> 4)), char::from(b'A' + (byte & 0xf))]).collect()
}

fn owner(flags: u8, address: Ipv4Addr) -> Vec<u8> {
    [&[flags, 0][..], &address.octets()].concat()
}

fn registration(name: [u8; 16], flags: u8, address: Ipv4Addr) -> Building {
    let label = encoded(name);
    message(REGISTRATION).question(&[&label], 32).record(3, &[&label], 32, &owner(flags, address))
}

fn status() -> Building {
    let names = [
        (netbios("XA-LAB", 0), 0x04),
        (netbios("RADIOLOGY", 0), 0x84),
        (netbios("XA-LAB", 0x20), 0x04),
        (netbios(MARK, 0x03), 0x04),
    ];
    let list = names.iter().flat_map(|(name, flags)| [&name[..], &[*flags, 0]].concat());
    let data: Vec<u8> = [4].into_iter().chain(list).chain([0; 46]).collect();
    message(RESPONSE).answer(&[&encoded(netbios("*", 0))], 33, &data)
}

pub(super) fn nbns_samples() -> Vec<DatagramSample> {
    vec![
        registration(netbios("XA-LAB", 0), 0, HOST).sample(ALL, 137),
        registration(netbios("RADIOLOGY", 0x1c), 0x80, HOST).sample(ALL, 137),
        registration(netbios(MARK, 0x03), 0, HOST).sample(ALL, 137),
        status().sample(OTHER, 137),
        message(0x0110).question(&[&encoded(netbios(MARK, 0))], 32).sample(ALL, 137),
    ]
}

/// An announcement of a host in a NetBIOS datagram of `origin`.
fn announcement(command: u8, version: [u8; 2], server_type: u32, origin: Ipv4Addr) -> DatagramSample {
    let mut browse = vec![command, 0, 0x80, 0xfc, 0x0a, 0];
    browse.extend(netbios("US-ROOM2\0", 0));
    browse.extend(version);
    browse.extend(server_type.to_le_bytes());
    browse.extend([15, 1, 0x55, 0xaa]);
    browse.extend(format!("desk of {MARK}\0").bytes());
    let length = u16::try_from(browse.len()).unwrap().to_le_bytes();
    let mut smb = b"\xffSMB\x25".to_vec();
    smb.resize(32, 0);
    let words = [[0; 2], length, [0; 2], [0; 2], [0; 2], [0; 2], [0; 2], [0; 2], [0; 2], [0; 2], [0; 2], length];
    smb.push(17);
    smb.extend(words.concat());
    smb.extend([86, 0, 3, 0, 1, 0, 0, 0, 2, 0]);
    smb.extend([0; 2]);
    smb.extend(b"\\MAILSLOT\\BROWSE\0");
    assert_eq!(smb.len(), 86);
    smb.extend(browse);
    let label = |name| [&[32][..], encoded(name).as_bytes(), &[0]].concat();
    let head = [&[0x11, 0x02, 0, 1][..], &origin.octets(), &[0, 138, 0, 0, 0, 0]].concat();
    let payload = [head, label(netbios("US-ROOM2", 0x20)), label(netbios(MARK, 0x1d)), smb].concat();
    DatagramSample { source: (HOST.into(), 138), destination: (ALL.into(), 138), payload }
}

pub(super) fn browser_samples() -> Vec<DatagramSample> {
    vec![announcement(0x01, [6, 1], 0x9003, HOST), announcement(0x0f, [4, 9], 0x9a03, HOST)]
}

#[test]
fn a_printer_tells_its_name_what_it_is_and_what_it_offers() {
    let told = words(Mdns::read(&printer(HOST).sample(GROUP, 5353).datagram()));
    let expected = [
        (Attribute::Hostname, "PRN-4711"),
        (Attribute::Manufacturer, "Example"),
        (Attribute::Model, "Example Laser 12"),
        (Attribute::Service, "_ipp._tcp"),
    ];
    assert_eq!(told, said(&expected));
}

#[test]
fn what_a_reflector_passes_on_is_not_its_own() {
    assert_eq!(words(Mdns::read(&printer(OTHER).sample(GROUP, 5353).datagram())), []);
    let relayed = registration(netbios("XA-LAB", 0), 0, OTHER).sample(ALL, 137);
    assert_eq!(words(Nbns::read(&relayed.datagram())), []);
    assert!(!Browser::recognise(&announcement(0x01, [6, 1], 3, OTHER).datagram()));
    let answer = message(0x8000).question(&["CT-01"], 1).answer(&["CT-01"], 1, &OTHER.octets());
    assert_eq!(words(Llmnr::read(&answer.sample(OTHER, 5355).datagram())), []);
}

#[test]
fn a_computer_that_shares_a_printer_is_not_one() {
    let shared = text(&["ty=Example Laser 12", "rp=printers/upstairs"]);
    let sample = message(RESPONSE)
        .answer(&["upstairs", "_ipp", "_tcp", "local"], 16, &shared)
        .answer(&["desk", "local"], 1, &HOST.octets())
        .sample(GROUP, 5353);
    let told = words(Mdns::read(&sample.datagram()));
    assert_eq!(told, said(&[(Attribute::Hostname, "desk"), (Attribute::Service, "_ipp._tcp")]));
}

#[test]
fn a_pointer_in_a_name_leads_back_and_never_around() {
    let mut bytes = printer(HOST).bytes();
    // The first name, "_ipp._tcp.local", stands at 12; a record more has a pointer to it.
    bytes[7] += 1;
    let additional = bytes.len() - name(&["PRN-4711", "local"]).len() - 14;
    let mut pointing = bytes[..additional].to_vec();
    pointing.extend([0xc0, 12, 0, 12, 0, 1, 0, 0, 0, 1, 0, 2, 0xc0, 12]);
    pointing.extend(&bytes[additional..]);
    let sample = |payload: Vec<u8>| DatagramSample { payload, ..printer(HOST).sample(GROUP, 5353) };
    let well = sample(pointing.clone());
    assert!(!Mdns::read(&well.datagram()).unwrap().is_malformed);
    // To itself, and to what comes after it.
    for target in [additional, additional + 20] {
        let mut around = pointing.clone();
        let [high, low] = (0xc000 | u16::try_from(target).unwrap()).to_be_bytes();
        around[additional..additional + 2].copy_from_slice(&[high, low]);
        assert!(Mdns::read(&sample(around).datagram()).unwrap().is_malformed, "{target}");
    }
}

#[test]
fn a_name_is_told_when_it_is_answered_for_or_claimed_and_not_when_it_is_asked_for() {
    let told: Vec<_> = llmnr_samples().iter().map(|sample| words(Llmnr::read(&sample.datagram()))).collect();
    let own = said(&[(Attribute::Hostname, "CT-01")]);
    assert_eq!(told, [own.clone(), own, Vec::new()]);
}

#[test]
fn names_of_computers_and_domains_are_told_and_those_of_users_never() {
    let told: Vec<_> = nbns_samples().iter().map(|sample| words(Nbns::read(&sample.datagram()))).collect();
    let (computer, domain) = ((Attribute::Hostname, "XA-LAB"), (Attribute::Domain, "RADIOLOGY"));
    let expected = [said(&[computer]), said(&[domain]), Vec::new(), said(&[domain, computer]), Vec::new()];
    assert_eq!(told, expected);
}

#[test]
fn windows_tells_its_version_and_samba_one_that_is_made_up() {
    let told: Vec<_> = browser_samples().iter().map(|sample| words(Browser::read(&sample.datagram()))).collect();
    let windows = said(&[(Attribute::Hostname, "US-ROOM2"), (Attribute::OsBuild, "6.1")]);
    assert_eq!(told, [windows, said(&[(Attribute::Hostname, "US-ROOM2")])]);
}
