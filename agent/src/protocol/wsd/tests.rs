//! Messages of medical devices, cameras and printers, and of those who look for them.

use super::{Wsd, host, message::Message};
use crate::protocol::{
    DatagramParser,
    battery::{DatagramSample, MARK},
};
use std::net::Ipv4Addr;
use wardwatch_model::Attribute;

const DEVICE: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 7);
const ASKER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 99);
const GROUP: Ipv4Addr = Ipv4Addr::new(239, 255, 255, 250);

fn sample(from: Ipv4Addr, to: Ipv4Addr, payload: String) -> DatagramSample {
    DatagramSample { source: (from.into(), 3702), destination: (to.into(), 3702), payload: payload.into_bytes() }
}

fn envelope(discovery: &str, body: &str) -> String {
    format!(
        "<?xml version='1.0' encoding='UTF-8'?>\n<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" \
         xmlns:d=\"{discovery}\" xmlns:a=\"http://www.w3.org/2005/08/addressing\"><s:Header><a:To>{MARK}</a:To></s:Header>\
         <s:Body>{body}</s:Body></s:Envelope>"
    )
}

const NEW: &str = "http://docs.oasis-open.org/ws-dd/ns/discovery/2009/01";
const OLD: &str = "http://schemas.xmlsoap.org/ws/2005/04/discovery";

/// A medical device: where it stands and at whom stands beside what it is.
fn target(addresses: &str) -> String {
    format!(
        "<a:EndpointReference><a:Address>urn:uuid:00000000-0000-5000-8000-000000000001</a:Address></a:EndpointReference>\
         <d:Types xmlns:p=\"http://docs.oasis-open.org/ws-dd/ns/dpws/2009/01\" \
         xmlns:m=\"http://standards.ieee.org/downloads/11073/11073-20702-2016\" xmlns:x=\"urn:{MARK}\">p:Device \
         m:MedicalDevice x:{MARK} {MARK}</d:Types><d:Scopes>sdc.ctxt.loc:/sdc.ctxt.loc.detail/{MARK}?fac={MARK}&amp;bed={MARK} \
         sdc.ctxt.pat:/{MARK} sdc.cdc.type:/urn%3Aoid%3A1.2.840.10004.1.1.1.0.0.1//70001 sdc.cdc.type:///{MARK} \
         sdc.cdc.type:/{MARK}//1 sdc.mds.pkp:1.2.840.10004.20701.1.1</d:Scopes><d:XAddrs>{addresses}</d:XAddrs>"
    )
}

fn hello(addresses: &str) -> String {
    envelope(NEW, &format!("<d:Hello>{}<d:MetadataVersion>1</d:MetadataVersion></d:Hello>", target(addresses)))
}

fn matches(targets: &[String]) -> String {
    let all: String = targets.iter().map(|target| format!("<d:ProbeMatch>{target}</d:ProbeMatch>")).collect();
    envelope(NEW, &format!("<d:ProbeMatches>{all}</d:ProbeMatches>"))
}

fn camera() -> String {
    envelope(
        OLD,
        &format!(
            "<d:ProbeMatches><d:ProbeMatch><d:Types xmlns:n=\"http://www.onvif.org/ver10/network/wsdl\">\
             n:NetworkVideoTransmitter</d:Types><d:Scopes>onvif://www.onvif.org/name/EXAMPLE%20M1065 \
             onvif://www.onvif.org/hardware/M1065-L onvif://www.onvif.org/location/{MARK}</d:Scopes>\
             <d:XAddrs>http://[fe80::1%25eth0]/x http://192.0.2.7:2020/onvif</d:XAddrs></d:ProbeMatch></d:ProbeMatches>"
        ),
    )
}

fn probe() -> String {
    let types = "<d:Types xmlns:p=\"http://schemas.xmlsoap.org/ws/2006/02/devprof\">p:Device</d:Types>";
    envelope(OLD, &format!("<d:Probe>{types}<d:Scopes>{MARK}</d:Scopes></d:Probe>"))
}

pub(super) fn samples() -> Vec<DatagramSample> {
    vec![
        sample(DEVICE, GROUP, hello("http://192.0.2.7:4000/x")),
        sample(ASKER, GROUP, probe()),
        sample(DEVICE, ASKER, matches(&[target("https://192.0.2.7/x")])),
        sample(DEVICE, ASKER, camera()),
        sample(DEVICE, GROUP, envelope(NEW, &format!("<d:Bye>{}</d:Bye>", target("")))),
    ]
}

fn told(from: Ipv4Addr, payload: String) -> Vec<(Attribute, String)> {
    let sample = sample(from, GROUP, payload);
    assert!(Wsd::recognise(&sample.datagram()));
    let remark = Wsd::read(&sample.datagram()).unwrap().remark;
    let words = remark.into_iter().flat_map(|remark| remark.attributes);
    words.map(|(attribute, text)| (attribute, text.to_string())).collect()
}

fn owned(words: &[(Attribute, &str)]) -> Vec<(Attribute, String)> {
    words.iter().map(|(attribute, text)| (*attribute, (*text).to_owned())).collect()
}

const MEDICAL: [(Attribute, &str); 5] = [
    (Attribute::DeviceType, "70001"),
    (Attribute::DeviceUid, "urn:uuid:00000000-0000-5000-8000-000000000001"),
    (Attribute::Profile, "1.2.840.10004.20701.1.1"),
    (Attribute::Service, "dpws:Device"),
    (Attribute::Service, "mdpws:MedicalDevice"),
];

#[test]
fn a_medical_device_tells_what_it_is_and_neither_where_nor_at_whom() {
    assert_eq!(told(DEVICE, hello("http://192.0.2.7:4000/x")), owned(&MEDICAL));
    assert_eq!(told(DEVICE, hello("")), owned(&MEDICAL), "a greeting is always of oneself");
    assert_eq!(told(DEVICE, matches(&[target("http://host.example/ http://192.0.2.7/x")])), owned(&MEDICAL));
}

#[test]
fn what_a_proxy_tells_of_others_is_not_told() {
    assert_eq!(told(DEVICE, matches(&[target("http://192.0.2.8/x"), target("")])), []);
    assert_eq!(told(DEVICE, hello("http://192.0.2.8/x")), []);
}

#[test]
fn a_camera_tells_its_model_and_name() {
    let expected = [
        (Attribute::DeviceName, "EXAMPLE M1065"),
        (Attribute::Model, "M1065-L"),
        (Attribute::Service, "onvif:NetworkVideoTransmitter"),
    ];
    assert_eq!(told(DEVICE, camera()), owned(&expected));
}

#[test]
fn whoever_asks_or_leaves_tells_nothing() {
    for sample in [&samples()[1], &samples()[4]] {
        assert_eq!(Wsd::read(&sample.datagram()).unwrap().remark, None);
    }
}

#[test]
fn only_who_answers_is_no_client() {
    let asks: Vec<_> = samples().iter().map(|sample| Wsd::read(&sample.datagram()).unwrap().is_from_client).collect();
    assert_eq!(asks, [true, true, false, false, true]);
}

#[test]
fn broken_documents_are_malformed() {
    let broken = hello("").replace("</d:Hello>", "</d:Hallo>");
    assert!(!Message::read(broken.as_bytes()).is_whole);
    assert!(Message::read(hello("").as_bytes()).is_whole);
}

#[test]
fn whoever_answers_for_many_is_a_proxy() {
    assert_eq!(told(DEVICE, matches(&vec![target("http://192.0.2.7/"); 16])).len(), MEDICAL.len());
    assert_eq!(told(DEVICE, matches(&vec![target("http://192.0.2.7/"); 17])), []);
}

#[test]
fn addresses_are_found_in_addresses_of_services() {
    assert_eq!(host("http://192.0.2.7:80/x"), Some(DEVICE.into()));
    assert_eq!(host("https://[2001:db8::1]/"), Some("2001:db8::1".parse().unwrap()));
    assert_eq!(host("http://example/"), None);
    assert_eq!(host("192.0.2.7"), None);
}
