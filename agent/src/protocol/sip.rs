//! SIP in datagrams (RFC 3261): what software telephones and registrars say they are. Who calls whom, and where they are, is never
//! read.
//!
//! Proxies pass on the words of others. So a request counts for its sender only where it is the first to handle it (a single `Via`,
//! RFC 3261, 18.1.1), and an answer only to a registration.

use super::{
    Datagram, DatagramParser, Reading, Remark,
    fields::{fields, first_line},
    words::Words,
};
use wardwatch_model::{Attribute, Detail, Source};

/// Version, at the end of a request line and at the begin of a status line (RFC 3261, 7.1 and 7.2).
const REQUEST_END: &[u8] = b" SIP/2.0";
const ANSWER_BEGIN: &[u8] = b"SIP/2.0 ";

/// Methods (RFC 3261, 7.1; RFC 3262, RFC 3265, RFC 3311, RFC 3428, RFC 3515, RFC 3903, RFC 6086), each with its blank.
const METHODS: [&[u8]; 14] = [
    b"ACK ",
    b"BYE ",
    b"CANCEL ",
    b"INFO ",
    b"INVITE ",
    b"MESSAGE ",
    b"NOTIFY ",
    b"OPTIONS ",
    b"PRACK ",
    b"PUBLISH ",
    b"REFER ",
    b"REGISTER ",
    b"SUBSCRIBE ",
    b"UPDATE ",
];

/// The parser.
pub(crate) struct Sip;

impl DatagramParser for Sip {
    fn recognise(datagram: &Datagram<'_>) -> bool {
        matches!(datagram.payload, [b'A'..=b'U', b'A'..=b'Z', b'A'..=b'Z', ..]) && kind(datagram.payload).is_some()
    }

    fn read(datagram: &Datagram<'_>) -> Option<Reading> {
        let kind = kind(datagram.payload)?;
        let attributes = words(kind, datagram.payload).told();
        Some(Reading {
            is_from_client: kind == Kind::Request,
            is_malformed: false,
            detail: Detail::None,
            claim: None,
            remark: Remark::of_sender(Source::Sip, attributes),
        })
    }

    #[cfg(test)]
    fn samples() -> Vec<super::battery::DatagramSample> {
        tests::samples()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Request,
    Answer,
}

#[inline(never)]
fn kind(payload: &[u8]) -> Option<Kind> {
    let line = first_line(payload);
    if line.starts_with(ANSWER_BEGIN) {
        return Some(Kind::Answer);
    }
    (line.ends_with(REQUEST_END) && METHODS.iter().any(|method| line.starts_with(method))).then_some(Kind::Request)
}

fn words(kind: Kind, payload: &[u8]) -> Words {
    let (mut words, mut hops, mut is_registration) = (Words::default(), 0, false);
    for (name, value) in fields(payload) {
        let is = |wanted: &[u8]| name.eq_ignore_ascii_case(wanted);
        if is(b"via") || is(b"v") {
            // Several may stand in one field.
            hops += 1 + value.iter().filter(|byte| **byte == b',').count();
        } else if is(b"cseq") {
            is_registration = value.ends_with(b" REGISTER");
        } else if is(b"user-agent") || (is(b"server") && kind == Kind::Answer) {
            words.say(Attribute::SipSoftware, value);
        }
    }
    let is_own = match kind {
        Kind::Request => hops == 1,
        Kind::Answer => is_registration,
    };
    if is_own { words } else { Words::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::battery::{DatagramSample, MARK};
    use std::net::Ipv4Addr;

    const PHONE: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 7);
    const REGISTRAR: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 99);

    fn sent(from: Ipv4Addr, to: Ipv4Addr, message: &str) -> DatagramSample {
        let payload = message.replace('\n', "\r\n").into_bytes();
        DatagramSample { source: (from.into(), 5060), destination: (to.into(), 5060), payload }
    }

    fn register(vias: &str) -> DatagramSample {
        let message = format!(
            "REGISTER sip:{MARK}@example.org SIP/2.0\n{vias}From: \"{MARK}\" <sip:{MARK}@example.org>\nTo: <sip:{MARK}@x>\n\
             Contact: <sip:{MARK}@192.0.2.7>\nAuthorization: Digest username=\"{MARK}\"\nCSeq: 1 REGISTER\n\
             User-Agent: Example-Phone/4.1\nServer: {MARK}\nContent-Length: 0\n\n"
        );
        sent(PHONE, REGISTRAR, &message)
    }

    fn answer(method: &str) -> DatagramSample {
        let message = format!(
            "SIP/2.0 200 OK\nVia: SIP/2.0/UDP 192.0.2.7\nFrom: <sip:{MARK}@x>\nCSeq: 1 {method}\nServer: Example-PBX/1.8\n\
             Content-Length: 0\n\n{MARK}"
        );
        sent(REGISTRAR, PHONE, &message)
    }

    pub(super) fn samples() -> Vec<DatagramSample> {
        vec![register("Via: SIP/2.0/UDP 192.0.2.7:5060\n"), answer("REGISTER")]
    }

    fn told(sample: &DatagramSample) -> Vec<String> {
        let remark = Sip::read(&sample.datagram()).and_then(|reading| reading.remark);
        let words = remark.into_iter().flat_map(|remark| remark.attributes);
        words.map(|(attribute, text)| format!("{} {text}", attribute.name())).collect()
    }

    #[test]
    fn a_telephone_and_its_registrar_tell_their_software() {
        assert_eq!(told(&samples()[0]), ["sip_software Example-Phone/4.1"]);
        assert_eq!(told(&samples()[1]), ["sip_software Example-PBX/1.8"]);
        let is_from_client = |sample: &DatagramSample| Sip::read(&sample.datagram()).unwrap().is_from_client;
        assert_eq!(samples().iter().map(is_from_client).collect::<Vec<_>>(), [true, false]);
    }

    #[test]
    fn what_a_proxy_passes_on_is_not_told_of_it() {
        let twice = "Via: SIP/2.0/UDP 192.0.2.99\nVia: SIP/2.0/UDP 192.0.2.7\n";
        for vias in [twice, "v: SIP/2.0/UDP 192.0.2.99, SIP/2.0/UDP 192.0.2.7\n", ""] {
            assert_eq!(told(&register(vias)), [""; 0]);
        }
        assert_eq!(told(&answer("INVITE")), [""; 0]);
    }

    #[test]
    fn other_messages_are_not_sip() {
        for other in
            ["NOTIFY * HTTP/1.1\n\n", "HELLO x SIP/2.0\n\n", "OPTIONS rtsp://x RTSP/1.0\n\n", "SIP/3.0 200 OK\n\n", ""]
        {
            assert!(!Sip::recognise(&sent(PHONE, REGISTRAR, other).datagram()), "{other}");
        }
    }
}
