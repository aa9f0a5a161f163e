//! Commands and replies in lines, as FTP (RFC 959) and SMTP (RFC 5321) have them: what both parsers share.

use super::{
    Outcome, PerSide, Probe, Side, Spoken, Step, StreamParser,
    line::{Line, line},
    tls::Tls,
    words::said_bytes,
};
use wardwatch_model::{Attribute, Detail, DeviceText, Note, Notes, PacketTime, Seen, Source};

/// Longest line that is read (RFC 5321, 4.5.3.1.5 allows 512 bytes), and most lines of a side: a login needs a few.
const LONGEST_LINE: usize = 1024;
const MAX_LINES: u8 = 64;

/// How a greeting begins: its code.
const BEGIN: &[u8] = b"220";

/// A line of a server: three digits, then a blank, or a hyphen where more lines follow (RFC 959, 4.2; RFC 5321, 4.2.1).
pub(super) fn reply(line: &[u8]) -> Option<(u16, &[u8])> {
    let (code, rest) = line.split_at_checked(3)?;
    let is_code = code.iter().all(u8::is_ascii_digit) && matches!(code.first(), Some(b'1'..=b'6'));
    match rest {
        [] => is_code.then_some(&[][..]),
        [b' ' | b'-', text @ ..] => is_code.then_some(text),
        _ => None,
    }
    .map(|text| (code.iter().fold(0, |number, digit| number * 10 + u16::from(digit - b'0')), text))
}

/// Whether a line begins with a command, in any case.
pub(super) fn is_command(line: &[u8], command: &[u8]) -> bool {
    line.get(..command.len()).is_some_and(|start| start.eq_ignore_ascii_case(command))
        && matches!(line.get(command.len()), None | Some(b' '))
}

/// Whether the first bytes of a direction are, or can become, one of these commands, in any case.
pub(super) fn begins(head: &[u8], commands: &[&[u8]]) -> bool {
    commands.iter().any(|command| command.iter().zip(head).all(|(a, b)| a.eq_ignore_ascii_case(b)))
}

/// Judges the first bytes of a direction by the lines of a greeting, if they are or can become one: what `of` says of one that
/// tells.
pub(super) fn probe(head: &[u8], of: impl Fn(&[u8]) -> Option<Probe>) -> Probe {
    if !head.iter().zip(BEGIN).all(|(a, b)| a == b) {
        return Probe::No;
    }
    let mut rest = head;
    for _ in 0..MAX_LINES {
        let Line::Whole(one, end) = line(rest, LONGEST_LINE) else { break };
        if let Some(probe) = of(one) {
            return probe;
        }
        rest = rest.get(usize::try_from(end).unwrap_or(usize::MAX)..).unwrap_or_default();
    }
    match line(rest, LONGEST_LINE) {
        Line::TooLong => Probe::No,
        _ if head.len() > 8 * LONGEST_LINE => Probe::No,
        _ => Probe::NeedMore,
    }
}

/// What a dialogue wants next.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// More lines.
    Lines,
    /// Nothing: what comes is the matter itself, or secret.
    Nothing,
    /// TLS, on both sides.
    Tls,
}

/// What tells one of the protocols from the other.
pub(super) trait Dialogue: Default {
    /// Where its words stand.
    const SOURCE: Source;

    /// What the first line of a server tells.
    fn greet(text: &[u8]) -> Vec<(Attribute, DeviceText)>;

    /// A command of a client; it may hold secrets.
    fn command(&mut self, line: &[u8], notes: &mut Notes) -> Next;

    /// The code of a later reply.
    fn reply(&mut self, code: u16) -> Next;
}

/// A connection of such a protocol.
#[derive(Clone, Default)]
pub(super) struct Connection<D> {
    dialogue: D,
    lines: PerSide<u8>,
    is_over: PerSide<bool>,
    client: Option<Side>,
    greeting: Option<(Vec<(Attribute, DeviceText)>, Seen)>,
    notes: Notes,
    messages: u64,
    /// What follows the upgrade.
    tls: Option<Box<Tls>>,
}

impl<D: Dialogue> Connection<D> {
    pub(super) fn feed(&mut self, side: Side, at: PacketTime, bytes: &[u8]) -> Step {
        if let Some(tls) = &mut self.tls {
            return tls.feed(side, at, bytes);
        }
        if *self.is_over.get(side) {
            return Step::Opaque;
        }
        let (line, end) = match line(bytes, LONGEST_LINE) {
            Line::Whole(line, end) => (line, end),
            Line::Unfinished => return Step::NeedMore,
            Line::TooLong => return self.over(side),
        };
        let lines = self.lines.get_mut(side);
        *lines += 1;
        if *lines > MAX_LINES {
            return self.over(side);
        }
        match self.hear(side, at, line) {
            Next::Lines => {}
            Next::Nothing => Side::BOTH.iter().for_each(|side| *self.is_over.get_mut(*side) = true),
            Next::Tls => {
                self.notes.note(Note::UpgradedToTls);
                self.tls = Some(Box::default());
            }
        }
        Step::Advance(end)
    }

    fn hear(&mut self, side: Side, at: PacketTime, line: &[u8]) -> Next {
        let reply = reply(line);
        let client = *self.client.get_or_insert(if reply.is_some() { side.other() } else { side });
        if side == client {
            self.messages += 1;
            return self.dialogue.command(line, &mut self.notes);
        }
        // Lines between the first and the last of a reply may be anything.
        let Some((code, text)) = reply else { return Next::Lines };
        self.messages += 1;
        if *self.lines.get(side) == 1 {
            if code == GREETING {
                self.greeting = Some((D::greet(text), Seen::once(at)));
            }
            return Next::Lines;
        }
        self.dialogue.reply(code)
    }

    fn over(&mut self, side: Side) -> Step {
        *self.is_over.get_mut(side) = true;
        Step::Opaque
    }

    pub(super) fn gap(&mut self, side: Side) {
        match &mut self.tls {
            Some(tls) => tls.gap(side),
            None => *self.is_over.get_mut(side) = true,
        }
    }

    /// The beginning of a side was not seen: its first line is no greeting.
    pub(super) fn joined(&mut self, side: Side) {
        *self.lines.get_mut(side) += 1;
    }

    pub(super) fn held(&self) -> usize {
        let greeting = self.greeting.as_ref().map_or(0, |(words, _)| said_bytes(words));
        let tls = self.tls.as_ref().map_or(0, |tls| size_of::<Tls>() + tls.held());
        greeting + tls + self.notes.heap_bytes()
    }

    pub(super) const fn client(&self) -> Option<Side> {
        self.client
    }

    pub(super) fn so_far(&self) -> Outcome {
        let tls = self.tls.as_ref().map(|tls| tls.so_far()).unwrap_or_default();
        let greeting = self.greeting.clone().zip(self.client);
        let spoken = greeting.filter(|((words, _), _)| !words.is_empty()).map(|((attributes, seen), client)| Spoken {
            side: client.other(),
            source: D::SOURCE,
            speaks_as: None,
            attributes,
            seen,
        });
        Outcome {
            messages: self.messages,
            faults: tls.faults,
            encrypted: self.tls.is_some(),
            detail: if self.notes.is_empty() { Detail::None } else { Detail::Notes(self.notes.clone()) },
            descriptions: spoken.into_iter().chain(tls.descriptions).collect(),
            ..Outcome::default()
        }
    }
}

/// Service ready (RFC 959, 4.2.1; RFC 5321, 4.2.3).
const GREETING: u16 = 220;

/// Makes a parser of such a protocol.
macro_rules! dialogue_parser {
    ($(#[$doc:meta])* $parser:ident of $dialogue:ty, probed by $probe:path, sampled by $samples:path) => {
        $(#[$doc])*
        #[derive(Clone, Default)]
        pub(crate) struct $parser($crate::protocol::reply::Connection<$dialogue>);

        impl $crate::protocol::StreamParser for $parser {
            fn probe(head: &[u8]) -> $crate::protocol::Probe {
                $probe(head)
            }

            /// A line in the middle of a connection could be of many protocols.
            fn find_start(_: &[u8]) -> Option<usize> {
                None
            }

            fn feed(
                &mut self, side: $crate::protocol::Side, at: wardwatch_model::PacketTime, bytes: &[u8],
            ) -> $crate::protocol::Step {
                self.0.feed(side, at, bytes)
            }

            fn gap(&mut self, side: $crate::protocol::Side) {
                self.0.gap(side);
            }

            fn joined(&mut self, side: $crate::protocol::Side) {
                self.0.joined(side);
            }

            fn held(&self) -> usize {
                self.0.held()
            }

            fn client(&self) -> Option<$crate::protocol::Side> {
                self.0.client()
            }

            fn so_far(&self) -> $crate::protocol::Outcome {
                self.0.so_far()
            }

            #[cfg(test)]
            fn samples() -> Vec<$crate::protocol::battery::Sample> {
                $samples()
            }
        }
    };
}
pub(super) use dialogue_parser;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_are_three_digits_and_commands_whole_words() {
        assert_eq!(reply(b"220-ready"), Some((220, &b"ready"[..])));
        assert_eq!(reply(b"220"), Some((220, &b""[..])));
        for other in [&b""[..], b"22", b"2200", b"99 x", b"720 x", b"USER x", b"22a x"] {
            assert_eq!(reply(other), None);
        }
        assert!(is_command(b"user x", b"USER") && is_command(b"STARTTLS", b"STARTTLS"));
        assert!(!is_command(b"USERS", b"USER") && !is_command(b"US", b"USER"));
    }
}
