//! TLS up to where it is encrypted (RFC 8446, RFC 5246, RFC 6101): what the client offers and which name it asks for, what the
//! server chooses, and up to TLS 1.2 the server's certificate. Nothing of a client's certificate is read: it may be a person's.

mod certificate;
mod fingerprint;
mod flight;
mod hello;
#[cfg(test)]
mod tests;
mod words;

use super::{Outcome, PerSide, Probe, Side, Spoken, Step, StreamParser, words::Words};
use flight::{APPLICATION_DATA, Flight, HANDSHAKE, HEAD, MAX_RECORD};
use hello::{ClientHello, ServerHello, TLS_1_3};
use wardwatch_model::{Attribute, Detail, DeviceText, PacketTime, Seen, Source, heap::texts};

/// Bytes of a record header.
const HEADER: usize = 5;

/// Kinds of handshake messages (RFC 8446, 4; RFC 5246, 7.4).
const CLIENT_HELLO: u8 = 1;
const SERVER_HELLO: u8 = 2;
const CERTIFICATE: u8 = 11;

/// Bytes before the first certificate of a list: lengths of the list and of the certificate (RFC 5246, 7.4.2).
const LIST_HEAD: usize = 6;

/// Longest hello and longest certificate that are read: two of them and their records fit in what a parser may ask to see.
const LONGEST: usize = 24 * 1024;

/// A TLS connection.
#[derive(Clone, Default)]
pub(crate) struct Tls {
    sides: PerSide<Sender>,
    client: Option<Side>,
    server_name: Option<DeviceText>,
    messages: u64,
    faults: u64,
}

/// What one side says.
#[derive(Clone, Default)]
struct Sender {
    is_over: bool,
    hello: Option<(Words, Seen)>,
    certificate: Option<(Words, Seen)>,
}

/// Why nothing more is read of a direction.
enum Stop {
    /// What matters is not here yet.
    Unfinished,
    /// It breaks the rules.
    Malformed,
}

impl StreamParser for Tls {
    /// A handshake record whose first message is a client hello or a server hello.
    fn probe(head: &[u8]) -> Probe {
        match head {
            [HANDSHAKE, 3, 0..=4, high, low, kind, ..] => {
                let length = u16::from_be_bytes([*high, *low]);
                let is_hello = matches!(*kind, CLIENT_HELLO | SERVER_HELLO);
                if is_hello && (4..=MAX_RECORD).contains(&length) { Probe::Certain } else { Probe::No }
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

    fn feed(&mut self, side: Side, at: PacketTime, bytes: &[u8]) -> Step {
        if self.sides.get(side).is_over {
            return Step::Opaque;
        }
        let flight = Flight::of(bytes);
        match self.read(side, at, &flight) {
            Err(Stop::Unfinished) if flight.is_open => return Step::NeedMore,
            Err(Stop::Malformed) => self.faults += 1,
            Ok(()) | Err(Stop::Unfinished) => {}
        }
        self.gap(side);
        Step::Opaque
    }

    fn gap(&mut self, side: Side) {
        self.sides.get_mut(side).is_over = true;
    }

    fn held(&self) -> usize {
        let words = |said: &Option<(Words, Seen)>| said.as_ref().map_or(0, |(words, _)| words.held());
        let held = |sender: &Sender| words(&sender.hello) + words(&sender.certificate);
        held(&self.sides.a) + held(&self.sides.b) + texts(&self.server_name)
    }

    fn client(&self) -> Option<Side> {
        self.client
    }

    fn so_far(&self) -> Outcome {
        Outcome {
            messages: self.messages,
            faults: self.faults,
            encrypted: true,
            detail: Detail::Tls { hint: None },
            descriptions: Side::BOTH.into_iter().flat_map(|side| self.spoken(side)).collect(),
            ..Outcome::default()
        }
    }

    #[cfg(test)]
    fn samples() -> Vec<super::battery::Sample> {
        tests::samples()
    }
}

impl Tls {
    /// Reads what is there of the first messages of a side; well where nothing more of it is of interest.
    fn read(&mut self, side: Side, at: PacketTime, flight: &Flight<'_>) -> Result<(), Stop> {
        let kind = flight.bytes(0, 1).ok_or(Stop::Unfinished)?;
        let client = match kind.first() {
            Some(&CLIENT_HELLO) => side,
            Some(&SERVER_HELLO) => side.other(),
            _ => return Ok(()),
        };
        // Two of the same kind are no TLS.
        if *self.client.get_or_insert(client) != client {
            return Err(Stop::Malformed);
        }
        let (kind, length) = flight.head(0).ok_or(Stop::Unfinished)?;
        if length > LONGEST {
            return Err(Stop::Malformed);
        }
        let body = flight.bytes(HEAD, length).ok_or(Stop::Unfinished)?;
        if kind == CLIENT_HELLO {
            let hello = ClientHello::read(&body).ok_or(Stop::Malformed)?;
            self.server_name = hello.server_name().and_then(words::host_name);
            self.hear_hello(side, at, || words::of_client(&hello));
            return Ok(());
        }
        let hello = ServerHello::read(&body).ok_or(Stop::Malformed)?;
        self.hear_hello(side, at, || words::of_server(&hello));
        if hello.version() >= TLS_1_3 {
            return Ok(());
        }
        self.certificate(side, at, flight, HEAD + length)
    }

    /// Keeps a hello, which is seen again each time until the certificate behind it is here.
    fn hear_hello(&mut self, side: Side, at: PacketTime, words: impl FnOnce() -> Words) {
        let sender = self.sides.get_mut(side);
        if sender.hello.is_none() {
            sender.hello = Some((words(), Seen::once(at)));
            self.messages += 1;
        }
    }

    /// The message behind a server hello: its certificate comes first, then those of who vouches for it.
    fn certificate(&mut self, side: Side, at: PacketTime, flight: &Flight<'_>, from: usize) -> Result<(), Stop> {
        let (kind, length) = flight.head(from).ok_or(Stop::Unfinished)?;
        // Of a session that is resumed there is none; nor of anonymous servers.
        if kind != CERTIFICATE || length < LIST_HEAD {
            return Ok(());
        }
        let head = flight.bytes(from + HEAD, LIST_HEAD).ok_or(Stop::Unfinished)?;
        let [_, _, _, l1, l2, l3] = *head else { return Err(Stop::Malformed) };
        let own = usize::try_from(u32::from_be_bytes([0, l1, l2, l3])).unwrap_or(usize::MAX);
        if own > LONGEST || own > length - LIST_HEAD {
            return Err(Stop::Malformed);
        }
        let bytes = flight.bytes(from + HEAD + LIST_HEAD, own).ok_or(Stop::Unfinished)?;
        self.messages += 1;
        let words = certificate::read(&bytes).ok_or(Stop::Malformed)?;
        self.sides.get_mut(side).certificate = Some((words, Seen::once(at)));
        Ok(())
    }

    fn spoken(&self, side: Side) -> impl Iterator<Item = Spoken> {
        let Sender { hello, certificate, .. } = self.sides.get(side).clone();
        // The name by which the client asks is the server's, as far as a server answered to it.
        let name = self.server_name.clone().filter(|_| self.client == Some(side.other())).zip(hello.as_ref());
        let name = name.map(|(name, (_, seen))| (vec![(Attribute::Hostname, name)], *seen));
        let told = |said: Option<(Words, Seen)>| said.map(|(words, seen)| (words.told(), seen));
        let all =
            [(Source::Tls, told(hello)), (Source::TlsCertificate, told(certificate)), (Source::TlsServerName, name)];
        all.into_iter().filter_map(move |(source, said)| {
            let (attributes, seen) = said.filter(|(attributes, _)| !attributes.is_empty())?;
            Some(Spoken { side, source, speaks_as: None, attributes, seen })
        })
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
