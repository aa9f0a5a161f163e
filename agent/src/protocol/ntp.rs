//! NTP, versions 1 to 4 (RFC 5905, RFC 4330): who gives the time, how far from its source, and what a server's control messages
//! tell of its software (RFC 9327). References and times are not read.

use super::{Datagram, DatagramParser, Reading, Remark, words::Words};
use wardwatch_model::{Attribute, Detail, Source};

/// The port on which it is defined (RFC 5905, 7.2).
const PORT: u16 = 123;

/// Bytes of a message without extensions (RFC 5905, 7.3), and of a control message's header (RFC 9327, 2).
const MESSAGE: usize = 48;
const CONTROL: usize = 12;

/// Lengths of what authenticates a message: key identifier with MD5 or SHA-1; none; a crypto-NAK (RFC 5905, 7.3).
const AUTHENTICATION: [usize; 4] = [0, 4, 20, 24];

/// Shortest extension field (RFC 7822, 3).
const SHORTEST_EXTENSION: usize = 16;

/// Modes (RFC 5905, figure 10).
const SYMMETRIC_ACTIVE: u8 = 1;
const CLIENT: u8 = 3;
const SERVER: u8 = 4;
const BROADCAST: u8 = 5;
const OF_CONTROL: u8 = 6;

/// Most distant stratum of a server; 16 is one that is not synchronised (RFC 5905, figure 11).
const UNSYNCHRONISED: u8 = 16;

/// Read variables, as an answer without error (RFC 9327, 2): bits response, error, more; five bits of the operation.
const VARIABLES_READ: u8 = 0x82;
const RESPONSE: u8 = 0x80;
const MORE: u8 = 0x20;

/// Operations there are (RFC 9327, 2.1).
const LAST_OPERATION: u8 = 12;

/// The parser.
pub(crate) struct Ntp;

impl DatagramParser for Ntp {
    fn recognise(datagram: &Datagram<'_>) -> bool {
        (datagram.destination.1 == PORT || datagram.source.1 == PORT) && Message::read(datagram.payload).is_some()
    }

    fn read(datagram: &Datagram<'_>) -> Option<Reading> {
        let message = Message::read(datagram.payload)?;
        let attributes = message.words().told();
        Some(Reading {
            is_from_client: message.is_from_client(),
            is_malformed: false,
            detail: Detail::None,
            claim: None,
            remark: Remark::of_sender(Source::Ntp, attributes),
        })
    }

    #[cfg(test)]
    fn samples() -> Vec<super::battery::DatagramSample> {
        tests::samples()
    }
}

/// What is read of a message.
enum Message<'a> {
    /// Of the time.
    Time { version: u8, mode: u8, stratum: u8 },
    /// Of the program.
    Control { operation: u8, offset: u16, data: &'a [u8] },
}

impl<'a> Message<'a> {
    fn read(payload: &'a [u8]) -> Option<Self> {
        // Leap indicator, version, mode (RFC 5905, figure 8).
        let (version, mode) = (payload.first()? >> 3 & 7, payload.first()? & 7);
        match mode {
            _ if !(1..=4).contains(&version) => None,
            SYMMETRIC_ACTIVE..=BROADCAST => {
                let [_, stratum, poll, precision, ..] = *payload.first_chunk::<MESSAGE>()?;
                // Both are powers of two of seconds; some clients hide theirs.
                let is_sound = stratum <= UNSYNCHRONISED
                    && poll.cast_signed() <= 17
                    && poll.cast_signed() >= -7
                    && (-32..=32).contains(&precision.cast_signed())
                    && is_end(payload.get(MESSAGE..)?);
                is_sound.then_some(Self::Time { version, mode, stratum })
            }
            OF_CONTROL => {
                // 1 operation, 2 sequence, 4 status, 6 association, 8 offset, 10 count
                let [_, operation, _, _, _, _, _, _, o1, o2, c1, c2] = *payload.first_chunk::<CONTROL>()?;
                let count = usize::from(u16::from_be_bytes([c1, c2]));
                let rest = payload.get(CONTROL..)?;
                let data = rest.get(..count)?;
                // Filled up to four bytes, then what authenticates it.
                let end = rest.get(count.next_multiple_of(4)..).unwrap_or_default();
                let is_sound = operation & 0x1f <= LAST_OPERATION && AUTHENTICATION.contains(&end.len());
                is_sound.then_some(Self::Control { operation, offset: u16::from_be_bytes([o1, o2]), data })
            }
            _ => None,
        }
    }

    fn is_from_client(&self) -> bool {
        match self {
            Self::Time { mode, .. } => !matches!(*mode, SERVER),
            Self::Control { operation, .. } => operation & RESPONSE == 0,
        }
    }

    fn words(&self) -> Words {
        let mut words = Words::default();
        match *self {
            Self::Time { version, mode, stratum } => {
                words.say(Attribute::NtpVersion, version.to_string().as_bytes());
                // 0 is that of a kiss of death, and of whoever only asks.
                if mode != CLIENT && (1..UNSYNCHRONISED).contains(&stratum) {
                    words.say(Attribute::NtpStratum, stratum.to_string().as_bytes());
                }
            }
            // The beginning of what the system answers of itself.
            Self::Control { operation, offset: 0, data } if operation & !MORE == VARIABLES_READ => {
                for (name, value) in variables(data) {
                    match name {
                        b"version" => words.say(Attribute::NtpSoftware, value),
                        b"system" => words.say(Attribute::NtpSystem, value),
                        _ => {}
                    }
                }
            }
            Self::Control { .. } => {}
        }
        words
    }
}

/// Whether what follows a message are extensions (RFC 7822, 3) and what authenticates it.
fn is_end(mut rest: &[u8]) -> bool {
    loop {
        if AUTHENTICATION.contains(&rest.len()) {
            return true;
        }
        // Type, length with both.
        let [_, _, l1, l2, ..] = *rest else { return false };
        let length = usize::from(u16::from_be_bytes([l1, l2]));
        if length < SHORTEST_EXTENSION || !length.is_multiple_of(4) {
            return false;
        }
        match rest.get(length..) {
            Some(after) => rest = after,
            None => return false,
        }
    }
}

/// Names and values, these mostly in quotation marks, with commas between them (RFC 9327, 2.3).
fn variables(data: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut rest = data;
    std::iter::from_fn(move || {
        let (name, value) = rest.split_at_checked(memchr::memchr(b'=', rest)?)?;
        let value = value.get(1..)?;
        let (value, after) = match value {
            [b'"', quoted @ ..] => quoted.split_at_checked(memchr::memchr(b'"', quoted)?)?,
            plain => plain.split_at_checked(memchr::memchr(b',', plain).unwrap_or(plain.len()))?,
        };
        rest = after.get(memchr::memchr(b',', after).map_or(after.len(), |comma| comma + 1)..)?;
        Some((name.trim_ascii(), value.trim_ascii()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::battery::{DatagramSample, MARK};
    use std::net::Ipv4Addr;

    const SERVER_AT: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
    const CLIENT_AT: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 7);

    fn message(version: u8, mode: u8, stratum: u8) -> Vec<u8> {
        let mut message = vec![0; MESSAGE];
        message[..4].copy_from_slice(&[version << 3 | mode, stratum, 6, 0xec]);
        message[12..18].copy_from_slice(MARK.as_bytes());
        message
    }

    fn control(operation: u8, data: &str) -> Vec<u8> {
        let count = u16::try_from(data.len()).unwrap().to_be_bytes();
        let mut message =
            [&[2 << 3 | OF_CONTROL, operation, 0, 1, 6, 0x18, 0, 0, 0, 0][..], &count, data.as_bytes()].concat();
        message.resize(message.len().next_multiple_of(4), 0);
        message
    }

    fn from_server(payload: Vec<u8>) -> DatagramSample {
        DatagramSample { source: (SERVER_AT.into(), PORT), destination: (CLIENT_AT.into(), 50_000), payload }
    }

    pub(super) fn samples() -> Vec<DatagramSample> {
        let answer = format!(
            "version=\"ntpd 4.2.8p10@1.3728-o Fri May 26 14:07:29 UTC 2017 (1)\", processor=\"x86_64\", \
             system=\"Linux/4.9.0\", leap=0, refid={MARK}"
        );
        vec![
            DatagramSample {
                source: (CLIENT_AT.into(), 50_000),
                destination: (SERVER_AT.into(), PORT),
                payload: message(4, CLIENT, 0),
            },
            from_server(message(4, SERVER, 2)),
            from_server([message(3, SERVER, 1), vec![7; 20]].concat()),
            from_server(control(VARIABLES_READ, &answer)),
        ]
    }

    fn told(payload: Vec<u8>) -> Vec<(Attribute, String)> {
        let sample = from_server(payload);
        let remark = Ntp::read(&sample.datagram()).and_then(|reading| reading.remark);
        let words = remark.into_iter().flat_map(|remark| remark.attributes);
        words.map(|(attribute, text)| (attribute, text.to_string())).collect()
    }

    fn said(words: &[(Attribute, &str)]) -> Vec<(Attribute, String)> {
        words.iter().map(|(attribute, text)| (*attribute, (*text).to_owned())).collect()
    }

    #[test]
    fn a_server_tells_its_stratum_and_both_their_version() {
        let both = said(&[(Attribute::NtpStratum, "2"), (Attribute::NtpVersion, "4")]);
        assert_eq!(told(message(4, SERVER, 2)), both);
        assert_eq!(told(message(3, CLIENT, 3)), said(&[(Attribute::NtpVersion, "3")]), "a client's is no offer");
        for stratum in [0, UNSYNCHRONISED] {
            assert_eq!(told(message(4, SERVER, stratum)), said(&[(Attribute::NtpVersion, "4")]));
        }
    }

    #[test]
    fn a_control_message_tells_software_and_system() {
        let expected = [
            (Attribute::NtpSoftware, "ntpd 4.2.8p10@1.3728-o Fri May 26 14:07:29 UTC 2017 (1)"),
            (Attribute::NtpSystem, "Linux/4.9.0"),
        ];
        assert_eq!(told(samples().pop().unwrap().payload), said(&expected));
        assert_eq!(told(control(2, "version=\"x\"")), [], "a question");
        assert_eq!(told(control(VARIABLES_READ | 0x40, "version=\"x\"")), [], "an error");
    }

    #[test]
    fn messages_end_where_they_say() {
        let extension = [&[0, 4, 0, 16][..], &[0; 12]].concat();
        for (end, is_one) in
            [(vec![0; 24], true), (extension.clone(), true), (extension[..12].to_vec(), false), (vec![0; 8], false)]
        {
            let sample = from_server([message(4, SERVER, 2), end].concat());
            assert_eq!(Ntp::recognise(&sample.datagram()), is_one);
        }
        for other in [message(5, SERVER, 2), message(4, 0, 2), message(4, SERVER, 17), vec![0x24; 47]] {
            assert!(!Ntp::recognise(&from_server(other).datagram()));
        }
    }
}
