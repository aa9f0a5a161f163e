//! HTTP/1 (RFC 9112) in clear: what software servers and clients say they are, and nothing else. Targets, cookies, credentials,
//! bodies and all other fields are passed over line by line.

use super::{Outcome, PerSide, Probe, Side, Spoken, Step, StreamParser, words::Words};
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
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Stage {
    /// A request or status line.
    #[default]
    First,
    /// Fields, up to the empty line.
    Fields(Kind),
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
        match line(head) {
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
        let (line, end) = match line(bytes) {
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
            Stage::Fields(_) if line.is_empty() || sender.lines > MAX_LINES => return self.over(side),
            Stage::Fields(kind) => sender.field(kind, at, line),
            Stage::Over => {}
        }
        Step::Advance(end)
    }

    fn gap(&mut self, side: Side) {
        self.sides.get_mut(side).stage = Stage::Over;
    }

    fn client(&self) -> Option<Side> {
        self.client
    }

    fn so_far(&self) -> Outcome {
        let spoken = |side| {
            let Sender { words, seen, .. } = self.sides.get(side).clone();
            Some(Spoken { side, source: Source::Http, speaks_as: None, attributes: words.told(), seen: seen? })
        };
        Outcome {
            messages: self.messages,
            detail: Detail::None,
            descriptions: Side::BOTH.into_iter().filter_map(spoken).collect(),
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
}

/// The first line of some bytes.
enum Line<'a> {
    /// Without its end, and how many bytes there are with it.
    Whole(&'a [u8], u64),
    /// Its end is not there yet.
    Unfinished,
    /// It is longer than any that is read.
    TooLong,
}

fn line(bytes: &[u8]) -> Line<'_> {
    match memchr::memchr(b'\n', bytes.get(..LONGEST_LINE).unwrap_or(bytes)) {
        Some(end) => {
            let line = bytes.get(..end).unwrap_or_default();
            Line::Whole(line.strip_suffix(b"\r").unwrap_or(line), end as u64 + 1)
        }
        None if bytes.len() < LONGEST_LINE => Line::Unfinished,
        None => Line::TooLong,
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

    pub(super) fn samples() -> Vec<Sample> {
        vec![vec![(Side::B, request()), (Side::A, answer())]]
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
