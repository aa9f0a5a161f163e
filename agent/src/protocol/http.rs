//! HTTP/1 (RFC 9112) in clear: what software servers and clients say they are, and what a device answers in SOAP of itself.
//! Targets, cookies, credentials, all other bodies and fields are passed over, line by line.

use super::{
    Outcome, PerSide, Probe, Side, Spoken, Step, StreamParser, dpws,
    line::{Line, line},
    words::Words,
};
use wardwatch_model::{Attribute, Detail, PacketTime, Seen, Source};

/// Methods (RFC 9110, 9; RFC 4918, 9; RFC 5789) that a connection begins with, each with the blank behind it.
const METHODS: [&[u8]; 11] = [
    b"CONNECT ",
    b"DELETE ",
    b"GET ",
    b"HEAD ",
    b"OPTIONS ",
    b"PATCH ",
    b"POST ",
    b"PROPFIND ",
    b"PUT ",
    b"REPORT ",
    b"TRACE ",
];

/// How an answer begins (RFC 9112, 4), and how a request line ends (RFC 9112, 3), but for the minor version.
const STATUS: &[u8] = b"HTTP/1.";
const VERSION: &[u8] = b" HTTP/1.";

/// Longest line that is read, and most lines of a head.
const LONGEST_LINE: usize = 8 * 1024;
const MAX_LINES: u8 = 128;

/// Media type of SOAP 1.2 (RFC 3902), longest body of it that is read, and most answers with one: what is asked of a device
/// comes first.
const SOAP: &[u8] = b"application/soap+xml";
const LONGEST_BODY: usize = 32 * 1024;
const MAX_ANSWERS: u8 = 4;

/// How media types begin that tell what a server offers: FHIR (HL7 FHIR R5, 3.2.0.1.10, and before its release 3), DICOMweb
/// (PS3.18, 8.7.3).
const MEDIA: [(&[u8], &[u8]); 7] = [
    (b"application/dicom+json", b"dicomweb"),
    (b"application/dicom+xml", b"dicomweb"),
    (b"application/fhir+json", b"fhir"),
    (b"application/fhir+xml", b"fhir"),
    (b"application/json+fhir", b"fhir"),
    (b"application/xml+fhir", b"fhir"),
    (b"multipart/related; type=\"application/dicom", b"dicomweb"),
];

/// An HTTP connection.
#[derive(Clone, Default)]
pub(crate) struct Http {
    sides: PerSide<Sender>,
    client: Option<Side>,
    messages: u64,
}

/// What one side says.
#[derive(Clone, Default)]
struct Sender {
    stage: Stage,
    lines: u8,
    words: Words,
    seen: Option<Seen>,
    head: Head,
    /// Answers in SOAP, and what they said of the device.
    answers: u8,
    device: Option<Box<(Words, Seen)>>,
}

/// What the head of an answer says of its body.
#[derive(Clone, Copy, Default)]
struct Head {
    is_soap: bool,
    is_compressed: bool,
    /// In another coding, or in pieces.
    is_coded: bool,
    length: Option<usize>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Stage {
    /// A request or status line.
    #[default]
    First,
    /// Fields, up to the empty line.
    Fields(Kind),
    /// An answer in SOAP, so long.
    Body(usize),
    /// The rest of the connection is of no interest.
    Over,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Request,
    Answer,
    /// An answer that says that another will come (RFC 9110, 15.2).
    Interim,
}

impl Kind {
    /// By the first line.
    fn of(line: &[u8]) -> Option<Self> {
        if let Some(rest) = line.strip_prefix(STATUS) {
            // Minor version, blank, code.
            return Some(if matches!(rest, [_, b' ', b'1', ..]) { Self::Interim } else { Self::Answer });
        }
        let is_request = METHODS.iter().any(|method| line.starts_with(method))
            && line.len().checked_sub(VERSION.len() + 1).and_then(|at| line.get(at..)).is_some_and(is_version);
        is_request.then_some(Self::Request)
    }
}

fn is_version(end: &[u8]) -> bool {
    end.strip_prefix(VERSION).is_some_and(|minor| matches!(minor, [b'0' | b'1']))
}

impl StreamParser for Http {
    fn probe(head: &[u8]) -> Probe {
        let begins = |word: &&[u8]| {
            let length = head.len().min(word.len());
            head.get(..length) == word.get(..length)
        };
        if !METHODS.iter().any(begins) && !begins(&STATUS) {
            return Probe::No;
        }
        match line(head, LONGEST_LINE) {
            Line::Whole(line, _) if Kind::of(line).is_some() => Probe::Certain,
            Line::Unfinished => Probe::NeedMore,
            Line::Whole(..) | Line::TooLong => Probe::No,
        }
    }

    /// A request in the middle of a connection cannot be told from a body that holds one.
    fn find_start(_: &[u8]) -> Option<usize> {
        None
    }

    fn feed(&mut self, side: Side, at: PacketTime, bytes: &[u8]) -> Step {
        let stage = self.sides.get(side).stage;
        if stage == Stage::Over {
            return Step::Opaque;
        }
        if let Stage::Body(length) = stage {
            let Some(body) = bytes.get(..length) else { return Step::NeedMore };
            self.sides.get_mut(side).body(at, body);
            return Step::Advance(length as u64);
        }
        let (line, end) = match line(bytes, LONGEST_LINE) {
            Line::Whole(line, end) => (line, end),
            Line::Unfinished => return Step::NeedMore,
            Line::TooLong => return self.over(side),
        };
        let sender = self.sides.get_mut(side);
        sender.lines += 1;
        match stage {
            Stage::First => {
                let Some(kind) = Kind::of(line) else { return self.over(side) };
                self.client = Some(if kind == Kind::Request { side } else { side.other() });
                self.messages += 1;
                sender.stage = Stage::Fields(kind);
            }
            Stage::Fields(Kind::Interim) if line.is_empty() => sender.stage = Stage::First,
            Stage::Fields(Kind::Answer) if line.is_empty() && sender.has_readable_body() => {}
            Stage::Fields(_) if line.is_empty() || sender.lines > MAX_LINES => return self.over(side),
            Stage::Fields(kind) => sender.field(kind, at, line),
            Stage::Body(_) | Stage::Over => {}
        }
        Step::Advance(end)
    }

    fn gap(&mut self, side: Side) {
        self.sides.get_mut(side).stage = Stage::Over;
    }

    fn held(&self) -> usize {
        let held = |sender: &Sender| {
            let device = sender.device.as_ref();
            sender.words.held() + device.map_or(0, |device| size_of_val(&**device) + device.0.held())
        };
        held(&self.sides.a) + held(&self.sides.b)
    }

    fn client(&self) -> Option<Side> {
        self.client
    }

    fn so_far(&self) -> Outcome {
        let spoken = |side| {
            let Sender { words, seen, device, .. } = self.sides.get(side).clone();
            let software = seen.map(|seen| (Source::Http, words, seen));
            let device = device.map(|told| (Source::Dpws, told.0, told.1));
            let told = software.into_iter().chain(device);
            told.map(move |(source, words, seen)| Spoken {
                side,
                source,
                speaks_as: None,
                attributes: words.told(),
                seen,
            })
        };
        Outcome {
            messages: self.messages,
            detail: Detail::None,
            descriptions: Side::BOTH.into_iter().flat_map(spoken).collect(),
            ..Outcome::default()
        }
    }

    #[cfg(test)]
    fn samples() -> Vec<super::battery::Sample> {
        tests::samples()
    }
}

impl Http {
    fn over(&mut self, side: Side) -> Step {
        self.sides.get_mut(side).stage = Stage::Over;
        Step::Opaque
    }
}

impl Sender {
    /// Name, colon, value (RFC 9112, 5).
    fn field(&mut self, kind: Kind, at: PacketTime, line: &[u8]) {
        if kind == Kind::Answer
            && let Some(service) = self.head.field(line)
        {
            self.words.say(Attribute::Service, service);
            self.seen = Some(Seen::once(at));
        }
        let (name, attribute): (&[u8], _) = match kind {
            Kind::Request => (b"user-agent:", Attribute::HttpUserAgent),
            Kind::Answer | Kind::Interim => (b"server:", Attribute::HttpServer),
        };
        if let Some((start, value)) = line.split_at_checked(name.len())
            && start.eq_ignore_ascii_case(name)
            && !value.trim_ascii().is_empty()
        {
            self.words.say(attribute, value);
            self.seen = Some(Seen::once(at));
        }
    }

    /// Whether the body that comes now is SOAP, and short enough to be read; goes on to it.
    fn has_readable_body(&mut self) -> bool {
        let Head { is_soap, is_coded, length, .. } = self.head;
        let length = length.filter(|length| (1..=LONGEST_BODY).contains(length));
        match length.filter(|_| is_soap && !is_coded && self.answers < MAX_ANSWERS) {
            Some(length) => {
                self.stage = Stage::Body(length);
                true
            }
            None => false,
        }
    }

    #[cold]
    fn body(&mut self, at: PacketTime, body: &[u8]) {
        let told = dpws::words(body, self.head.is_compressed).told();
        if !told.is_empty() {
            let device = self.device.get_or_insert_with(|| Box::new((Words::default(), Seen::once(at))));
            told.into_iter().for_each(|(attribute, text)| device.0.add(attribute, text));
        }
        self.answers += 1;
        self.head = Head::default();
        (self.stage, self.lines) = (Stage::First, 0);
    }
}

impl Head {
    /// Takes a field; what kind of service it tells.
    fn field(&mut self, line: &[u8]) -> Option<&'static [u8]> {
        let colon = line.iter().position(|byte| *byte == b':')?;
        let (name, value) = line.split_at(colon);
        let value = value.get(1..).unwrap_or_default().trim_ascii();
        if name.eq_ignore_ascii_case(b"content-type") {
            let is = |kind: &[u8]| value.get(..kind.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(kind));
            self.is_soap = is(SOAP);
            return MEDIA.iter().find(|(kind, _)| is(kind)).map(|(_, service)| *service);
        }
        if name.eq_ignore_ascii_case(b"content-length") {
            self.length = std::str::from_utf8(value).ok().and_then(|length| length.parse().ok());
        } else if name.eq_ignore_ascii_case(b"content-encoding") {
            self.is_compressed = value.eq_ignore_ascii_case(b"gzip");
            self.is_coded |= !self.is_compressed && !value.eq_ignore_ascii_case(b"identity");
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            self.is_coded = true;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::battery::{MARK, Sample};

    fn request() -> Vec<u8> {
        format!(
            "GET /{MARK}?patient={MARK} HTTP/1.1\r\nHost: 192.0.2.1\r\nCookie: {MARK}\r\nUser-Agent: Example/1.0\r\n\
             Authorization: Basic {MARK}\r\n\r\n"
        )
        .into_bytes()
    }

    fn answer() -> Vec<u8> {
        format!(
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nserver: nginx/1.18.0\r\nSet-Cookie: {MARK}\r\nContent-Length: 40\r\n\r\nServer: {MARK}\r\n"
        )
        .into_bytes()
    }

    /// An answer in SOAP with the metadata of a device.
    fn metadata(is_compressed: bool) -> Vec<u8> {
        let body = dpws::tests::metadata().into_bytes();
        let (coding, body) = match is_compressed {
            true => ("Content-Encoding: gzip\r\n", dpws::tests::compressed(&body)),
            false => ("", body),
        };
        let length = body.len();
        let head = format!(
            "HTTP/1.1 200 OK\r\n{coding}Content-type: application/soap+xml; charset=utf-8\r\nContent-Length: {length}\r\n\r\n"
        );
        [head.into_bytes(), body].concat()
    }

    /// What a device answers whoever asks for its metadata twice, and then for a page.
    fn device() -> Sample {
        let answers = [metadata(false), metadata(true), answer()].concat();
        vec![(Side::A, request()), (Side::B, answers)]
    }

    pub(super) fn samples() -> Vec<Sample> {
        vec![vec![(Side::B, request()), (Side::A, answer())], device()]
    }

    #[test]
    fn a_device_that_answers_in_soap_tells_model_and_serial_number() {
        let mut http = Http::default();
        for (side, bytes) in device() {
            let mut rest = &bytes[..];
            while let Step::Advance(count) = http.feed(side, PacketTime(0), rest) {
                rest = &rest[usize::try_from(count).unwrap()..];
            }
        }
        let told = http.finish().descriptions;
        let of = |source| told.iter().filter(move |spoken| spoken.source == source && spoken.side == Side::B);
        assert_eq!(of(Source::Dpws).count(), 1);
        let device = &of(Source::Dpws).next().unwrap().attributes;
        assert!(device.iter().any(|(what, text)| (*what, text.as_str()) == (Attribute::SerialNumber, "S0000001")));
        let software = &of(Source::Http).next().unwrap().attributes;
        assert_eq!(software[0].1.as_str(), "nginx/1.18.0", "what comes behind them is read as ever");
    }

    #[test]
    fn a_server_tells_by_its_media_types_that_it_is_one_of_fhir_or_dicomweb() {
        for (media, service) in [
            ("application/fhir+json; charset=UTF-8", Some("fhir")),
            ("Application/XML+FHIR", Some("fhir")),
            ("multipart/related; type=\"application/dicom\"; boundary=x", Some("dicomweb")),
            ("application/dicom+json", Some("dicomweb")),
            ("application/json", None),
        ] {
            let mut http = Http::default();
            let head = format!("HTTP/1.1 200 OK\r\nContent-Type: {media}\r\n\r\n{{\"name\":\"{MARK}\"}}");
            let mut rest = head.as_bytes();
            while let Step::Advance(count) = http.feed(Side::A, PacketTime(0), rest) {
                rest = &rest[usize::try_from(count).unwrap()..];
            }
            let told = http.finish().descriptions.into_iter().flat_map(|spoken| spoken.attributes).next();
            assert_eq!(told.as_ref().map(|(_, text)| text.as_str()), service, "{media}");
        }
    }

    #[test]
    fn bodies_that_are_long_coded_or_of_another_kind_are_not_read() {
        let whole = std::str::from_utf8(&metadata(false)).unwrap().to_owned();
        let length = whole.split("Length: ").nth(1).unwrap().split('\r').next().unwrap();
        for (old, new) in [
            (&*format!("Length: {length}"), "Length: 32769"),
            ("Content-Length", "X-Length"),
            ("soap+xml", "xop+xml"),
            ("\r\nContent-type", "\r\nTransfer-Encoding: chunked\r\nContent-type"),
            ("\r\nContent-type", "\r\nContent-Encoding: br\r\nContent-type"),
        ] {
            let mut http = Http::default();
            let changed = whole.replace(old, new);
            let mut rest = changed.as_bytes();
            let step = loop {
                match http.feed(Side::A, PacketTime(0), rest) {
                    Step::Advance(count) => rest = &rest[usize::try_from(count).unwrap()..],
                    step => break step,
                }
            };
            assert_eq!(step, Step::Opaque, "{new}");
            assert_eq!(http.finish().descriptions, [], "{new}");
        }
    }

    #[test]
    fn server_and_client_tell_their_software_and_nothing_else_is_told() {
        let mut http = Http::default();
        for (side, bytes) in &samples()[0] {
            let mut rest = &bytes[..];
            while let Step::Advance(count) = http.feed(*side, PacketTime(0), rest) {
                rest = &rest[usize::try_from(count).unwrap()..];
            }
        }
        assert_eq!(http.client(), Some(Side::B));
        let told: Vec<_> = http.finish().descriptions.into_iter().flat_map(|spoken| spoken.attributes).collect();
        let told: Vec<_> = told.iter().map(|(attribute, text)| (*attribute, text.as_str())).collect();
        assert_eq!(told, [(Attribute::HttpServer, "nginx/1.18.0"), (Attribute::HttpUserAgent, "Example/1.0")]);
    }

    #[test]
    fn protocols_that_look_like_it_are_not_taken_for_it() {
        for other in [
            &b"OPTIONS rtsp://10.2.2.2/ RTSP/1.0\r\n"[..],
            b"OPTIONS sip:x SIP/2.0\r\n",
            b"GET / HTTP/3.0\r\n",
            b"GETS / HTTP/1.1\r\n",
            b"\x0bMSH|^~\\&|",
        ] {
            assert_eq!(Http::probe(other), Probe::No);
        }
        assert_eq!(Http::probe(b"GET / HT"), Probe::NeedMore);
        assert_eq!(Http::probe(b"POST /x HTTP/1.0\r\n"), Probe::Certain);
        assert_eq!(Http::probe(&[&b"GET /"[..], &[b'x'; LONGEST_LINE]].concat()), Probe::No, "too long");
    }

    #[test]
    fn what_comes_behind_the_head_is_not_looked_at() {
        let mut http = Http::default();
        let whole = answer();
        let mut rest = &whole[..];
        let step = loop {
            match http.feed(Side::A, PacketTime(0), rest) {
                Step::Advance(count) => rest = &rest[usize::try_from(count).unwrap()..],
                step => break step,
            }
        };
        assert_eq!(step, Step::Opaque);
    }
}
