//! Telnet (RFC 854) up to the password: what a server shows before it asks for a login, and that a password was sent in clear.
//! Neither names nor passwords are kept, nor what is shown behind them: it may be of patients.

use super::{Outcome, Probe, Side, Spoken, Step, StreamParser};
use crate::text::Charset;
use wardwatch_model::{Attribute, Detail, DeviceText, Note, Notes, PacketTime, Seen, Source, heap::texts};

/// Interpret as command, and what follows it (RFC 854): the end and the beginning of a subnegotiation, the four words of a
/// negotiation.
const IAC: u8 = 255;
const SE: u8 = 240;
const SB: u8 = 250;
const NEGOTIATION: std::ops::RangeInclusive<u8> = 251..=254;

/// Options that are in use: those of the registry (IANA, telnet options) up to 49, and a list of more.
const LAST_OPTION: u8 = 49;

/// Most text of a server that is looked at, and longest subnegotiation.
const MAX_TEXT: usize = 2048;
const LONGEST_SUBNEGOTIATION: usize = 1024;

/// Ends of lines that ask for a name, and for a password.
const LOGIN: [&[u8]; 4] = [b"login:", b"user:", b"username:", b"user name:"];
const PASSWORD: [&[u8]; 3] = [b"password:", b"passwort:", b"passcode:"];

/// A Telnet connection.
#[derive(Clone, Default)]
pub(crate) struct Telnet {
    server: Option<Side>,
    /// What the server showed since the client spoke last.
    shown: Vec<u8>,
    banner: Option<(DeviceText, Seen)>,
    client_spoke: bool,
    is_over: bool,
    notes: Notes,
    messages: u64,
}

impl StreamParser for Telnet {
    /// Two negotiations: one may be other bytes.
    fn probe(head: &[u8]) -> Probe {
        let mut rest = head;
        for _ in 0..2 {
            rest = match rest {
                [IAC, word, 0..=LAST_OPTION, rest @ ..] if NEGOTIATION.contains(word) => rest,
                [] | [IAC] => return Probe::NeedMore,
                [IAC, word] if NEGOTIATION.contains(word) => return Probe::NeedMore,
                _ => return Probe::No,
            };
        }
        Probe::Certain
    }

    /// A negotiation in the middle of a connection could be of other bytes.
    fn find_start(_: &[u8]) -> Option<usize> {
        None
    }

    fn feed(&mut self, side: Side, at: PacketTime, bytes: &[u8]) -> Step {
        if self.is_over {
            return Step::Opaque;
        }
        match bytes {
            [IAC] => Step::NeedMore,
            [IAC, IAC, ..] => self.text(side, at, &[IAC], 2),
            [IAC, SB, rest @ ..] => subnegotiation(rest),
            [IAC, word, ..] if NEGOTIATION.contains(word) => {
                if bytes.len() < 3 {
                    return Step::NeedMore;
                }
                self.messages += 1;
                Step::Advance(3)
            }
            [IAC, ..] => Step::Advance(2),
            _ => {
                let end = memchr::memchr(IAC, bytes).unwrap_or(bytes.len());
                self.text(side, at, bytes.get(..end).unwrap_or(bytes), end as u64)
            }
        }
    }

    fn gap(&mut self, _: Side) {
        self.is_over = true;
    }

    fn held(&self) -> usize {
        let banner = texts(self.banner.as_ref().map(|(banner, _)| banner));
        self.shown.capacity() + banner + self.notes.heap_bytes()
    }

    fn client(&self) -> Option<Side> {
        self.server.map(Side::other)
    }

    fn so_far(&self) -> Outcome {
        let spoken = self.banner.clone().zip(self.server).map(|((banner, seen), side)| Spoken {
            side,
            source: Source::Telnet,
            speaks_as: None,
            attributes: vec![(Attribute::TelnetBanner, banner)],
            seen,
        });
        Outcome {
            messages: self.messages,
            detail: if self.notes.is_empty() { Detail::None } else { Detail::Notes(self.notes.clone()) },
            descriptions: spoken.into_iter().collect(),
            ..Outcome::default()
        }
    }

    #[cfg(test)]
    fn samples() -> Vec<super::battery::Sample> {
        tests::samples()
    }
}

/// IAC SB option … IAC SE: passed over.
fn subnegotiation(rest: &[u8]) -> Step {
    match rest.windows(2).take(LONGEST_SUBNEGOTIATION).position(|pair| pair == [IAC, SE]) {
        Some(end) => Step::Advance(end as u64 + 4),
        None if rest.len() < LONGEST_SUBNEGOTIATION => Step::NeedMore,
        None => Step::Opaque,
    }
}

impl Telnet {
    /// Characters of a side. Whoever shows something first is the server.
    fn text(&mut self, side: Side, at: PacketTime, text: &[u8], count: u64) -> Step {
        let server = *self.server.get_or_insert(side);
        if side == server {
            self.shown.extend_from_slice(text);
            if self.shown.len() > MAX_TEXT {
                return self.over();
            }
            if !self.client_spoke && self.banner.is_none() {
                self.banner = banner(&self.shown).map(|text| (text, Seen::once(at)));
            }
        } else {
            self.client_spoke = true;
            if asks(&self.shown, &PASSWORD) {
                self.notes.note(Note::PasswordInClear);
                return self.over();
            }
            // An echo comes back behind the prompt; the next line matters.
            if text.iter().any(|byte| matches!(byte, b'\r' | b'\n')) {
                self.shown.clear();
            }
        }
        Step::Advance(count)
    }

    fn over(&mut self) -> Step {
        self.is_over = true;
        self.shown = Vec::new();
        Step::Opaque
    }
}

/// Whether the last line asks for one of these.
fn asks(shown: &[u8], prompts: &[&[u8]]) -> bool {
    let line = shown.trim_ascii_end().to_ascii_lowercase();
    prompts.iter().any(|prompt| line.ends_with(prompt))
}

/// The lines before a prompt for a login, in one; none where that is not there: then it is no banner, but the matter itself.
/// The line of the prompt often has the name of the host, which the rest may tell.
fn banner(shown: &[u8]) -> Option<DeviceText> {
    if !asks(shown, &LOGIN) && !asks(shown, &PASSWORD) {
        return None;
    }
    let before = shown.trim_ascii_end().rsplitn(2, |byte| matches!(byte, b'\r' | b'\n')).nth(1)?;
    // Sequences that move the cursor (ECMA-48, 5.4): escape, bracket, parameters, a letter.
    let (mut plain, mut rest) = (Vec::new(), before);
    while let [byte, after @ ..] = rest {
        rest = match (byte, after) {
            (0x1b, [b'[', sequence @ ..]) => {
                let end =
                    sequence.iter().position(|byte| (0x40..=0x7e).contains(byte)).map_or(sequence.len(), |at| at + 1);
                sequence.get(end..).unwrap_or_default()
            }
            _ => {
                plain.push(if byte.is_ascii_control() { b' ' } else { *byte });
                after
            }
        };
    }
    let words: Vec<&[u8]> = plain.split(|byte| *byte == b' ').filter(|word| !word.is_empty()).collect();
    Charset::Undeclared.decode(&words.join(&b' '))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::battery::{MARK, Sample, told_by};

    fn typed(text: &str) -> (Side, Vec<u8>) {
        (Side::A, text.as_bytes().to_vec())
    }

    fn shown(text: &str) -> (Side, Vec<u8>) {
        (Side::B, text.as_bytes().to_vec())
    }

    /// Will echo, will suppress go ahead; a terminal type.
    const OPTIONS: &[u8] = &[IAC, 251, 1, IAC, 251, 3];

    pub(super) fn samples() -> Vec<Sample> {
        let terminal = [&[IAC, 253, 1, IAC, 253, 3, IAC, SB, 24, 0][..], MARK.as_bytes(), &[IAC, SE]].concat();
        vec![vec![
            (Side::B, OPTIONS.to_vec()),
            (Side::A, terminal),
            shown("\x1b[2J\r\nExample OS 4.1 (pump-7)\r\n\r\nlogin: "),
            typed(&format!("{MARK}\r\n")),
            shown(&format!("{MARK}\r\nPassword:")),
            typed(&format!("{MARK}\r\n")),
            shown(&format!("\r\nWelcome {MARK}\r\nDoe, John\r\nlogin: ")),
        ]]
    }

    #[test]
    fn what_stands_before_the_login_is_told_and_that_a_password_was_sent() {
        let outcome = told_by::<Telnet>(&samples()[0]);
        assert_eq!(outcome.descriptions.len(), 1);
        let told = (outcome.descriptions[0].side, outcome.descriptions[0].attributes[0].1.as_str());
        assert_eq!(told, (Side::B, "Example OS 4.1 (pump-7)"));
        let Detail::Notes(notes) = outcome.detail else { panic!("{outcome:?}") };
        assert_eq!(notes.count(Note::PasswordInClear), 1);
    }

    #[test]
    fn what_is_shown_without_asking_for_a_login_is_not_told() {
        for text in ["Doe, John, ward 7\r\n", "Doe, John\r\npassword is: x", "login: "] {
            let outcome = told_by::<Telnet>(&vec![(Side::B, OPTIONS.to_vec()), shown(text)]);
            assert!(outcome.descriptions.is_empty(), "{text}");
        }
        let without_prompt =
            told_by::<Telnet>(&vec![(Side::B, OPTIONS.to_vec()), shown("x\r\n"), typed("q"), shown("\r\ny\r\nlogin:")]);
        assert!(without_prompt.descriptions.is_empty(), "the client spoke before");
    }

    #[test]
    fn other_first_bytes_are_not_telnet() {
        for (head, probe) in [
            (OPTIONS, Probe::Certain),
            (&[IAC, 251, 1], Probe::NeedMore),
            (&[IAC, 251, 1, b'x'], Probe::No),
            (&[IAC, 251, 200], Probe::No),
            (&[IAC, 0xd8], Probe::No),
            (b"login:", Probe::No),
        ] {
            assert_eq!(Telnet::probe(head), probe, "{head:?}");
        }
    }
}
