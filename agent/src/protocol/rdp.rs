//! RDP (MS-RDPBCGR) up to where it is encrypted: how server and client secure it, and where that is TLS, what TLS tells. The cookie of a
//! client is a user's name and never kept; that it crossed the network in clear is noted.

use super::{Outcome, Probe, Side, Spoken, Step, StreamParser, tls::Tls, words::Words};
use crate::text::Charset;
use wardwatch_model::{Attribute, Detail, Note, Notes, PacketTime, Seen, Source};

/// TPKT version and reserved byte (RFC 1006, 6), and bytes of its header.
const TPKT: [u8; 2] = [3, 0];
const TPKT_HEADER: usize = 4;

/// Connection request and confirm, and data (ISO 8073, 13.3, 13.4, 13.7), in what follows a length indicator.
const REQUEST: u8 = 0xe0;
const CONFIRM: u8 = 0xd0;
const DATA: [u8; 3] = [2, 0xf0, 0x80];

/// Where the variable part of request and confirm begins.
const VARIABLE: usize = 11;

/// Connect-Initial and Connect-Response of MCS (T.125, 7): application tags 101 and 102.
const CONNECT: [[u8; 2]; 2] = [[0x7f, 0x65], [0x7f, 0x66]];

/// Longest request or confirm, and longest Connect-Initial, that are read.
const LONGEST_REQUEST: usize = 1024;
const LONGEST_CONNECT: usize = 8 * 1024;

/// Begin of the cookie with a user's name (MS-RDPBCGR 2.2.1.1).
const COOKIE: &[u8] = b"Cookie: mstshash=";

/// Types of negotiations (MS-RDPBCGR 2.2.1.1.1, 2.2.1.2.1, 2.2.1.2.2), and their length.
const NEGOTIATION_REQUEST: u8 = 1;
const NEGOTIATION_RESPONSE: u8 = 2;
const NEGOTIATION_FAILURE: u8 = 3;
const NEGOTIATION: usize = 8;

/// Ways to secure it that a server may choose (MS-RDPBCGR 2.2.1.2.1).
const PROTOCOLS: [(u32, &str); 6] = [
    (0, "standard"),
    (1, "TLS"),
    (2, "CredSSP"),
    (4, "RDSTLS"),
    (8, "CredSSP with early authorization"),
    (16, "RDS-AAD-Auth"),
];

/// Header of the client core data: type 0xC001, little endian (MS-RDPBCGR 2.2.1.3.2).
const CORE: [u8; 2] = [0x01, 0xc0];

/// In the core data, from its header on: major version, build, name in UTF-16.
const CORE_MAJOR: std::ops::Range<usize> = 6..8;
const CORE_BUILD: std::ops::Range<usize> = 20..24;
const CORE_NAME: std::ops::Range<usize> = 24..56;

/// Major version of RDP 4 and later.
const MAJOR: [u8; 2] = [8, 0];

/// An RDP connection.
#[derive(Clone, Default)]
pub(crate) struct Rdp {
    client: Option<Side>,
    server: Option<(Words, Seen)>,
    asker: Option<(Words, Seen)>,
    /// The server chose what needs no TLS: its client goes on in clear once more.
    is_standard: bool,
    is_over: bool,
    notes: Notes,
    messages: u64,
    faults: u64,
    tls: Option<Box<Tls>>,
}

impl StreamParser for Rdp {
    fn probe(head: &[u8]) -> Probe {
        let Some(frame) = Frame::begin(head) else {
            let is_beginning = TPKT.iter().zip(head).all(|(a, b)| a == b);
            return if is_beginning && head.len() < 6 { Probe::NeedMore } else { Probe::No };
        };
        let of = |start: &[u8]| frame.variable.iter().zip(start).all(|(a, b)| a == b);
        match frame.kind {
            REQUEST if !frame.is_empty => match frame.variable.len() >= 4 {
                true if of(b"Cook") || of(&[NEGOTIATION_REQUEST]) && frame.is_negotiation() => Probe::Certain,
                false if of(b"Cook") || of(&[NEGOTIATION_REQUEST]) => Probe::NeedMore,
                _ => Probe::No,
            },
            CONFIRM if !frame.is_empty => match frame.variable.len() >= 4 {
                true if frame.is_negotiation() => Probe::Certain,
                false if of(&[NEGOTIATION_RESPONSE]) || of(&[NEGOTIATION_FAILURE]) => Probe::NeedMore,
                _ => Probe::No,
            },
            // Of the first versions: what follows must tell.
            REQUEST | CONFIRM => match head.get(VARIABLE..).unwrap_or_default() {
                [3, 0, _, _, a, b, c, d, e, ..] => {
                    let is_connect = [*a, *b, *c] == DATA && CONNECT.contains(&[*d, *e]);
                    if is_connect { Probe::Certain } else { Probe::No }
                }
                rest if TPKT.iter().zip(rest).all(|(a, b)| a == b) => Probe::NeedMore,
                _ => Probe::No,
            },
            _ => Probe::No,
        }
    }

    /// What comes later is encrypted.
    fn find_start(_: &[u8]) -> Option<usize> {
        None
    }

    fn feed(&mut self, side: Side, at: PacketTime, bytes: &[u8]) -> Step {
        if let Some(tls) = &mut self.tls {
            return tls.feed(side, at, bytes);
        }
        if self.is_over {
            return Step::Opaque;
        }
        let Some(header) = bytes.first_chunk::<TPKT_HEADER>() else { return Step::NeedMore };
        let [v, r, l1, l2] = *header;
        let length = usize::from(u16::from_be_bytes([l1, l2]));
        let longest = if self.is_standard { LONGEST_CONNECT } else { LONGEST_REQUEST };
        if [v, r] != TPKT || !(7..=longest).contains(&length) {
            self.faults += 1;
            return self.over();
        }
        let Some(message) = bytes.get(..length) else { return Step::NeedMore };
        self.messages += 1;
        match Frame::begin(message) {
            Some(frame) if frame.kind == REQUEST => self.request(side, &frame),
            Some(frame) if frame.kind == CONFIRM => self.confirm(side, at, &frame),
            _ => {
                if self.client == Some(side) {
                    self.asker = core(message).map(|words| (words, Seen::once(at)));
                }
                // What follows belongs to the session.
                self.is_over = self.client == Some(side);
            }
        }
        Step::Advance(length as u64)
    }

    fn gap(&mut self, side: Side) {
        match &mut self.tls {
            Some(tls) => tls.gap(side),
            None => self.is_over = true,
        }
    }

    fn held(&self) -> usize {
        let words = [&self.server, &self.asker].into_iter().flatten().map(|(words, _)| words.held()).sum::<usize>();
        words + self.notes.heap_bytes() + self.tls.as_ref().map_or(0, |tls| size_of::<Tls>() + tls.held())
    }

    fn client(&self) -> Option<Side> {
        self.client
    }

    fn so_far(&self) -> Outcome {
        let tls = self.tls.as_ref().map(|tls| tls.so_far()).unwrap_or_default();
        let spoken = |side: Option<Side>, said: &Option<(Words, Seen)>| {
            let (side, (words, seen)) = side.zip(said.clone())?;
            Some(Spoken { side, source: Source::Rdp, speaks_as: None, attributes: words.told(), seen })
                .filter(|spoken| !spoken.attributes.is_empty())
        };
        let own = [spoken(self.client.map(Side::other), &self.server), spoken(self.client, &self.asker)];
        Outcome {
            messages: self.messages,
            faults: self.faults + tls.faults,
            encrypted: self.tls.is_some(),
            detail: if self.notes.is_empty() { Detail::None } else { Detail::Notes(self.notes.clone()) },
            descriptions: own.into_iter().flatten().chain(tls.descriptions).collect(),
            ..Outcome::default()
        }
    }

    #[cfg(test)]
    fn samples() -> Vec<super::battery::Sample> {
        tests::samples()
    }
}

impl Rdp {
    fn over(&mut self) -> Step {
        self.is_over = true;
        Step::Opaque
    }

    fn request(&mut self, side: Side, frame: &Frame<'_>) {
        self.client = Some(side);
        if frame.variable.starts_with(COOKIE) {
            self.notes.note(Note::UserNameInClear);
        }
    }

    fn confirm(&mut self, side: Side, at: PacketTime, frame: &Frame<'_>) {
        self.client = Some(side.other());
        let chosen = match frame.variable {
            [] => Some(0),
            [NEGOTIATION_RESPONSE, _, _, _, a, b, c, d, ..] => Some(u32::from_le_bytes([*a, *b, *c, *d])),
            _ => None,
        };
        let known = PROTOCOLS.iter().find(|(number, _)| Some(*number) == chosen);
        let Some((number, name)) = known else {
            self.is_over = true;
            return;
        };
        let mut words = Words::default();
        words.say(Attribute::RdpSecurity, name.as_bytes());
        self.server = Some((words, Seen::once(at)));
        if *number == 0 {
            self.is_standard = true;
        } else {
            self.tls = Some(Box::default());
        }
    }
}

/// A request or confirm in its TPKT, as far as it is there.
struct Frame<'a> {
    kind: u8,
    /// It has no variable part.
    is_empty: bool,
    variable: &'a [u8],
}

impl<'a> Frame<'a> {
    /// Length and length indicator must fit each other.
    fn begin(bytes: &'a [u8]) -> Option<Self> {
        let [v, r, l1, l2, indicator, kind, ..] = *bytes else { return None };
        let length = usize::from(u16::from_be_bytes([l1, l2]));
        let is_sound = [v, r] == TPKT
            && usize::from(indicator) + TPKT_HEADER + 1 == length
            && length >= VARIABLE
            && matches!(kind, REQUEST | CONFIRM);
        let end = length.min(bytes.len());
        is_sound.then(|| Self {
            kind,
            is_empty: length == VARIABLE,
            variable: bytes.get(VARIABLE..end).unwrap_or_default(),
        })
    }

    /// Type, flags, and a length that is always the same, little endian.
    fn is_negotiation(&self) -> bool {
        matches!(self.variable, [1..=3, _, l, 0, ..] if usize::from(*l) == NEGOTIATION)
    }
}

/// Name and build of a client that goes on in clear, in its Connect-Initial.
fn core(message: &[u8]) -> Option<Words> {
    let data = message.get(TPKT_HEADER..)?.strip_prefix(&DATA)?;
    let core = memchr::memmem::find_iter(data, &CORE)
        .filter_map(|at| data.get(at..))
        .find(|core| core.get(CORE_MAJOR) == Some(&MAJOR))?;
    let mut words = Words::default();
    let build = u32::from_le_bytes(*core.get(CORE_BUILD)?.first_chunk()?);
    words.say(Attribute::RdpClientBuild, build.to_string().as_bytes());
    // Filled up with NUL.
    let units = core.get(CORE_NAME)?.as_chunks::<2>().0;
    let length = units.iter().position(|unit| *unit == [0, 0]).unwrap_or(units.len());
    let name = units.get(..length).unwrap_or_default().as_flattened();
    if let Some(name) = Charset::Declared(encoding_rs::UTF_16LE).decode(name) {
        words.add(Attribute::Hostname, name);
    }
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::battery::{MARK, Sample, told_by};

    fn frame(kind: u8, variable: &[u8]) -> Vec<u8> {
        let length = u8::try_from(VARIABLE + variable.len()).unwrap();
        [&[3, 0, 0, length, length - 5, kind, 0, 0, 0, 0, 0][..], variable].concat()
    }

    fn asks(requested: u8) -> (Side, Vec<u8>) {
        let cookie = [COOKIE, MARK.as_bytes(), b"\r\n"].concat();
        (Side::B, frame(REQUEST, &[&cookie[..], &[NEGOTIATION_REQUEST, 0, 8, 0, requested, 0, 0, 0]].concat()))
    }

    fn chooses(chosen: u8) -> (Side, Vec<u8>) {
        (Side::A, frame(CONFIRM, &[NEGOTIATION_RESPONSE, 0x1f, 8, 0, chosen, 0, 0, 0]))
    }

    fn connects() -> (Side, Vec<u8>) {
        let name: Vec<u8> = "CT-CONSOLE".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let mut core = [&CORE[..], &[0xd8, 0, 4, 0, 8, 0], &[0; 12], &2600_u32.to_le_bytes(), &name].concat();
        core.resize(0xd8, 0);
        let body = [&DATA[..], &CONNECT[0], &[0x82, 1, 0, 4, 1, 1], &core, MARK.as_bytes()].concat();
        let length = u16::try_from(body.len() + 4).unwrap().to_be_bytes();
        (Side::B, [&TPKT[..], &length, &body].concat())
    }

    pub(super) fn samples() -> Vec<Sample> {
        let refused = (Side::A, frame(CONFIRM, &[NEGOTIATION_FAILURE, 0, 8, 0, 5, 0, 0, 0]));
        let old = vec![(Side::B, frame(REQUEST, &[])), (Side::A, frame(CONFIRM, &[])), connects()];
        vec![vec![asks(3), chooses(2)], vec![asks(0), chooses(0), connects()], vec![asks(1), refused], old]
    }

    fn words(sample: &Sample) -> Vec<(Side, Attribute, String)> {
        let spoken = told_by::<Rdp>(sample).descriptions.into_iter();
        let each = |spoken: Spoken| {
            spoken.attributes.into_iter().map(move |(what, text)| (spoken.side, what, text.to_string()))
        };
        spoken.flat_map(each).collect()
    }

    #[test]
    fn the_server_tells_how_it_secures_and_a_client_in_clear_its_name_and_build() {
        let secure = |name: &str| (Side::A, Attribute::RdpSecurity, name.to_owned());
        assert_eq!(words(&samples()[0]), [secure("CredSSP")]);
        let client = [
            (Side::B, Attribute::Hostname, "CT-CONSOLE".to_owned()),
            (Side::B, Attribute::RdpClientBuild, "2600".to_owned()),
        ];
        for sample in [&samples()[1], &samples()[3]] {
            assert_eq!(words(sample), [&[secure("standard")][..], &client].concat());
        }
        assert_eq!(words(&samples()[2]), []);
    }

    #[test]
    fn a_cookie_is_noted_and_its_name_is_not_kept() {
        let outcome = told_by::<Rdp>(&samples()[0]);
        let Detail::Notes(notes) = outcome.detail else { panic!("{outcome:?}") };
        assert_eq!(notes.count(Note::UserNameInClear), 1);
    }

    #[test]
    fn behind_the_choice_tls_is_read() {
        let hello = Tls::samples().remove(0).into_iter();
        // Whose hello it is follows from its kind.
        let sample = [asks(1), chooses(1)].into_iter().chain(hello).collect();
        let outcome = told_by::<Rdp>(&sample);
        assert!(outcome.encrypted);
        assert!(outcome.descriptions.iter().any(|spoken| spoken.source == Source::Tls));
    }

    #[test]
    fn other_protocols_in_the_same_frames_are_not_rdp() {
        // S7: a request with the size of its units and two selectors (RFC 1006, ISO 8073).
        let s7 = frame(REQUEST, &[0xc0, 1, 10, 0xc1, 2, 1, 0, 0xc2, 2, 1, 2]);
        let other = [frame(REQUEST, &[]), frame(0xf0, b"x")].concat();
        for head in [&s7[..], &other, b"\x03\x00\x00\x16\x11\xf0", b"\x03\x00\x00\x04\x00\xe0", b"\x03\x01"] {
            assert_eq!(Rdp::probe(head), Probe::No, "{}", head.escape_ascii());
        }
        assert_eq!(Rdp::probe(&frame(REQUEST, &[])), Probe::NeedMore);
        assert_eq!(Rdp::probe(b"\x03"), Probe::NeedMore);
    }
}
