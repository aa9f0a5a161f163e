//! TLS (RFC 8446, 5.1; RFC 5246, 6.2.1; RFC 6101): recognised by its record header and not looked into.

use super::{Outcome, Probe, Side, Step, StreamParser};
use wardwatch_model::{Detail, PacketTime};

/// Content type of a handshake record, and of application data.
const HANDSHAKE: u8 = 22;
const APPLICATION_DATA: u8 = 23;

/// Longest record: 2^14 bytes of plain text and what encryption may add (RFC 5246, 6.2.3).
const MAX_RECORD: u16 = 16_384 + 2_048;

/// Bytes of a record header.
const HEADER: usize = 5;

/// A TLS connection.
#[derive(Clone, Default)]
pub(crate) struct Tls {
    records: u64,
    client: Option<Side>,
}

impl StreamParser for Tls {
    /// A handshake record whose first message is a client hello (1) or a server hello (2).
    fn probe(head: &[u8]) -> Probe {
        match head {
            [HANDSHAKE, 3, 0..=4, high, low, kind, ..] => {
                let length = u16::from_be_bytes([*high, *low]);
                if matches!(kind, 1 | 2) && (4..=MAX_RECORD).contains(&length) { Probe::Certain } else { Probe::No }
            }
            [HANDSHAKE, 3, 0..=4, ..] | [HANDSHAKE, 3] | [HANDSHAKE] => Probe::NeedMore,
            _ => Probe::No,
        }
    }

    /// Application data records that follow one another: two headers at the distance the first one states, or one that
    /// fills the bytes at hand.
    fn find_start(bytes: &[u8]) -> Option<usize> {
        let length = record(bytes)?;
        let rest = bytes.get(HEADER + length..)?;
        (rest.is_empty() || record(rest).is_some()).then_some(0)
    }

    fn feed(&mut self, side: Side, _: PacketTime, bytes: &[u8]) -> Step {
        self.records += 1;
        if self.client.is_none() {
            self.client = match bytes.get(HEADER) {
                Some(1) if bytes.first() == Some(&HANDSHAKE) => Some(side),
                Some(2) if bytes.first() == Some(&HANDSHAKE) => Some(side.other()),
                _ => None,
            };
        }
        Step::Opaque
    }

    fn gap(&mut self, _: Side) {}

    fn client(&self) -> Option<Side> {
        self.client
    }

    fn finish(self) -> Outcome {
        Outcome { messages: self.records, encrypted: true, detail: Detail::Tls { hint: None }, ..Outcome::default() }
    }

    fn so_far(&self) -> Outcome {
        self.clone().finish()
    }

    #[cfg(test)]
    fn samples() -> Vec<super::battery::Sample> {
        let record = |kind: u8, length: u8, first: u8| {
            let mut bytes = vec![kind, 3, 3, 0, length, first];
            bytes.resize(5 + usize::from(length), 0x5a);
            bytes
        };
        let hello = [(Side::A, record(HANDSHAKE, 40, 1)), (Side::B, record(HANDSHAKE, 30, 2))];
        let data = [(Side::A, record(APPLICATION_DATA, 20, 9)), (Side::B, record(APPLICATION_DATA, 60, 9))];
        vec![hello.into_iter().chain(data).collect()]
    }
}

/// Length of the application data record at the start of `bytes`.
fn record(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [APPLICATION_DATA, 3, 1..=4, high, low, ..] => {
            let length = u16::from_be_bytes([*high, *low]);
            (1..=MAX_RECORD).contains(&length).then_some(usize::from(length))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_hello_is_certain_and_names_the_client() {
        let hello = [22, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3];
        assert_eq!(Tls::probe(&hello), Probe::Certain);
        assert_eq!(Tls::probe(&hello[..5]), Probe::NeedMore);
        let mut tls = Tls::default();
        assert_eq!(tls.feed(Side::B, PacketTime(0), &hello), Step::Opaque);
        assert_eq!(tls.client(), Some(Side::B));
        assert!(tls.finish().encrypted);
    }

    #[test]
    fn other_first_bytes_are_not_tls() {
        for other in [
            &b"GET / HTTP/1.1"[..],
            b"\x01\x00\x00\x00",
            &[22, 3, 1, 0, 200, 9],
            &[22, 2, 0],
            &[22, 3, 1, 0xff, 0xff, 1],
        ] {
            assert_eq!(Tls::probe(other), Probe::No, "{other:?}");
        }
    }

    #[test]
    fn a_connection_joined_later_is_known_by_its_records() {
        let record = [&[23, 3, 3, 0, 32][..], &[0xa5; 32]].concat();
        assert_eq!(Tls::find_start(&record), Some(0));
        assert_eq!(Tls::find_start(&[&record[..], &record[..7]].concat()), Some(0));
        assert_eq!(Tls::find_start(&record[..20]), None);
        assert_eq!(Tls::find_start(&[&record[..], b"GET / "].concat()), None);
    }
}
