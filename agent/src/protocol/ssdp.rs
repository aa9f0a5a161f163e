//! SSDP, by which UPnP devices announce and look for one another (UPnP Device Architecture 2.0, 1).
//!
//! What is said counts for the sender only where the address of its description is its own. That address itself, whose page may
//! name a person, is never told; nor is what is looked for.

use super::{
    Datagram, DatagramParser, Reading, Remark,
    fields::{fields, first_line},
    words::Words,
};
use std::net::IpAddr;
use wardwatch_model::{Attribute, Detail, Source};

/// First lines: an announcement, a search, an answer to one (UPnP Device Architecture 2.0, 1.2 and 1.3).
const NOTIFY: &[u8] = b"NOTIFY * HTTP/1.1";
const SEARCH: &[u8] = b"M-SEARCH * HTTP/1.1";
const ANSWER: &[u8] = b"HTTP/1.1 200 OK";

/// What a device is in a name of a type, between the domain of whoever defined it and the name of the type (1.1.4).
const DEVICE: &[u8] = b":device:";

/// Length of a UUID as text (1.1.4).
const UUID: usize = 36;

/// The parser.
pub(crate) struct Ssdp;

impl DatagramParser for Ssdp {
    fn recognise(datagram: &Datagram<'_>) -> bool {
        matches!(datagram.payload, [b'N' | b'M' | b'H', ..]) && kind(datagram.payload).is_some()
    }

    fn read(datagram: &Datagram<'_>) -> Option<Reading> {
        let kind = kind(datagram.payload)?;
        let attributes = words(kind, datagram.payload, datagram.source.0).told();
        Some(Reading {
            // Announcements go to all who listen, as searches do.
            is_from_client: kind != Kind::Answer,
            is_malformed: false,
            detail: Detail::None,
            claim: None,
            remark: Remark::of_sender(Source::Ssdp, attributes),
        })
    }

    #[cfg(test)]
    fn samples() -> Vec<super::battery::DatagramSample> {
        tests::samples()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Announcement,
    Search,
    Answer,
}

#[inline(never)]
fn kind(payload: &[u8]) -> Option<Kind> {
    match first_line(payload) {
        NOTIFY => Some(Kind::Announcement),
        SEARCH => Some(Kind::Search),
        // Whatever else answers in this form over UDP has no name of a service.
        ANSWER => fields(payload).any(|(name, _)| name.eq_ignore_ascii_case(b"usn")).then_some(Kind::Answer),
        _ => None,
    }
}

fn words(kind: Kind, payload: &[u8], source: IpAddr) -> Words {
    let mut words = Words::default();
    for (name, value) in fields(payload) {
        let is = |wanted: &[u8]| name.eq_ignore_ascii_case(wanted);
        if kind == Kind::Search {
            // What is searched tells nothing of who searches.
            if is(b"user-agent") {
                words.say(Attribute::UpnpSoftware, value);
            }
        } else if is(b"location") && host(value).is_some_and(|host| host != source) {
            // Passed on for another.
            return Words::default();
        } else if is(b"server") {
            words.say(Attribute::UpnpSoftware, value);
        } else if is(b"nt") || is(b"st") {
            if value.starts_with(b"urn:") && memchr::memmem::find(value, DEVICE).is_some() {
                words.say(Attribute::UpnpType, value);
            }
        } else if is(b"usn")
            && let Some(uuid) = value.strip_prefix(b"uuid:").and_then(|rest| rest.get(..UUID))
            && uuid.iter().all(|byte| byte.is_ascii_hexdigit() || *byte == b'-')
        {
            words.say(Attribute::UpnpUuid, &uuid.to_ascii_lowercase());
        }
    }
    words
}

/// The address in a location, where it is no name (RFC 3986, 3.2.2).
fn host(location: &[u8]) -> Option<IpAddr> {
    let after = location.get(memchr::memmem::find(location, b"://")? + 3..)?;
    let text = std::str::from_utf8(after).ok()?;
    let authority = text.split(['/', '?', '#']).next()?;
    match authority.strip_prefix('[') {
        Some(rest) => rest.split([']', '%']).next()?.parse().ok(),
        None => authority.split(':').next()?.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::battery::{DatagramSample, MARK};
    use std::net::Ipv4Addr;

    const DEVICE: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 7);
    const GROUP: Ipv4Addr = Ipv4Addr::new(239, 255, 255, 250);

    fn sent(to: Ipv4Addr, ports: (u16, u16), message: &str) -> DatagramSample {
        let payload = message.replace('\n', "\r\n").into_bytes();
        DatagramSample { source: (DEVICE.into(), ports.0), destination: (to.into(), ports.1), payload }
    }

    fn announcement(location: &str) -> DatagramSample {
        sent(
            GROUP,
            (1900, 1900),
            &format!(
                "NOTIFY * HTTP/1.1\nHOST: 239.255.255.250:1900\nCACHE-CONTROL: max-age=1800\nLOCATION: {location}\n\
                 NT: urn:schemas-upnp-org:device:MediaRenderer:1\nNTS: ssdp:alive\nSERVER: Linux/4.9 UPnP/1.0 Example/2.1\n\
                 USN: uuid:4D696E69-444C-164E-9D41-00005E005307::urn:schemas-upnp-org:device:MediaRenderer:1\n\
                 X-Name: {MARK}\n\n"
            ),
        )
    }

    pub(super) fn samples() -> Vec<DatagramSample> {
        let answer = format!(
            "HTTP/1.1 200 OK\nST: upnp:rootdevice\nLOCATION: http://192.0.2.7:80/{MARK}.xml\nEXT:\n\
             server: Windows NT/10.0 UPnP/1.0 UPnP-Device-Host/1.0\nUSN: uuid:{MARK}::upnp:rootdevice\n\n"
        );
        let search = format!(
            "M-SEARCH * HTTP/1.1\nHOST: 239.255.255.250:1900\nMAN: \"ssdp:discover\"\nMX: 1\nST: urn:{MARK}:device:x:1\n\
             USER-AGENT: Google Chrome/99.0.4844.74 Mac OS X\n\n"
        );
        vec![
            announcement(&format!("http://192.0.2.7:49152/{MARK}.xml")),
            sent(Ipv4Addr::new(192, 0, 2, 99), (49_152, 50_000), &answer),
            sent(GROUP, (50_000, 1900), &search),
        ]
    }

    fn told(sample: &DatagramSample) -> Vec<(Attribute, String)> {
        let remark = Ssdp::read(&sample.datagram()).and_then(|reading| reading.remark);
        let words = remark.into_iter().flat_map(|remark| remark.attributes);
        words.map(|(attribute, text)| (attribute, text.to_string())).collect()
    }

    #[test]
    fn a_device_tells_software_kind_and_identifier() {
        let expected = [
            (Attribute::UpnpSoftware, "Linux/4.9 UPnP/1.0 Example/2.1"),
            (Attribute::UpnpType, "urn:schemas-upnp-org:device:MediaRenderer:1"),
            (Attribute::UpnpUuid, "4d696e69-444c-164e-9d41-00005e005307"),
        ];
        assert_eq!(told(&samples()[0]), expected.map(|(what, text)| (what, text.to_owned())));
    }

    #[test]
    fn an_answer_is_a_servers_and_a_search_is_a_clients() {
        let is_from_client = |sample: &DatagramSample| Ssdp::read(&sample.datagram()).unwrap().is_from_client;
        assert_eq!(samples().iter().map(is_from_client).collect::<Vec<_>>(), [true, false, true]);
        let software = |text: &str| [(Attribute::UpnpSoftware, text.to_owned())];
        assert_eq!(told(&samples()[1]), software("Windows NT/10.0 UPnP/1.0 UPnP-Device-Host/1.0"));
        assert_eq!(told(&samples()[2]), software("Google Chrome/99.0.4844.74 Mac OS X"));
    }

    #[test]
    fn whoever_passes_on_an_announcement_is_not_taken_for_its_device() {
        assert_eq!(told(&announcement("http://192.0.2.8:80/")), []);
        assert_eq!(told(&announcement("http://[fe80::1%25eth0]:80/")), []);
        assert_eq!(told(&announcement("http://a-name/")).len(), 3, "of a name nobody can tell");
        assert_eq!(told(&announcement("")).len(), 3);
    }

    #[test]
    fn other_messages_in_the_form_of_http_are_not_ssdp() {
        for other in ["HTTP/1.1 200 OK\nServer: x\n\n", "NOTIFY sip:x SIP/2.0\n\n", "M-SEARCH", ""] {
            assert!(!Ssdp::recognise(&sent(DEVICE, (1900, 1900), other).datagram()), "{other}");
        }
    }
}
