//! VNC, the remote framebuffer protocol (RFC 6143), up to the choice of security: versions, and whether a screen is shown without a
//! password. Names of desktops, screens, keys and what is answered to a challenge are never read.

use super::{Outcome, PerSide, Probe, Side, Spoken, Step, StreamParser, words::Words};
use wardwatch_model::{Attribute, Detail, Note, Notes, PacketTime, Seen, Source};

/// `RFB 003.008` and a line feed (RFC 6143, 7.1.1): what it begins with, and its length.
const BEGIN: &[u8] = b"RFB ";
const VERSION: usize = 12;

/// Version from which on a client chooses among several ways (RFC 6143, 7.1.2).
const CHOOSES_FROM: u16 = 7;

/// Security type: none (RFC 6143, 7.2.1).
const NONE: u8 = 1;

/// A VNC connection.
#[derive(Clone, Default)]
pub(crate) struct Vnc {
    /// It speaks first (RFC 6143, 7.1.1).
    server: Option<Side>,
    versions: PerSide<Option<(Words, Seen)>>,
    /// Minor version of the server.
    minor: u16,
    has_offered: bool,
    is_over: bool,
    notes: Notes,
    messages: u64,
}

impl StreamParser for Vnc {
    fn probe(head: &[u8]) -> Probe {
        let is_form = head.iter().take(VERSION).enumerate().all(|(at, byte)| match at {
            0..4 => BEGIN.get(at) == Some(byte),
            7 => *byte == b'.',
            11 => *byte == b'\n',
            _ => byte.is_ascii_digit(),
        });
        match is_form {
            false => Probe::No,
            true if head.len() < VERSION => Probe::NeedMore,
            true => Probe::Certain,
        }
    }

    /// What comes later has no form of its own.
    fn find_start(_: &[u8]) -> Option<usize> {
        None
    }

    fn feed(&mut self, side: Side, at: PacketTime, bytes: &[u8]) -> Step {
        if self.is_over {
            return Step::Opaque;
        }
        if self.versions.get(side).is_none() {
            let Some(line) = bytes.get(..VERSION) else { return Step::NeedMore };
            if Self::probe(line) != Probe::Certain {
                return self.over();
            }
            return self.version(side, at, line);
        }
        if self.server == Some(side) { self.offer(bytes) } else { self.choose(bytes) }
    }

    fn gap(&mut self, _: Side) {
        self.is_over = true;
    }

    fn held(&self) -> usize {
        let versions = [&self.versions.a, &self.versions.b].into_iter().flatten();
        versions.map(|(words, _)| words.held()).sum::<usize>() + self.notes.heap_bytes()
    }

    fn client(&self) -> Option<Side> {
        self.server.map(Side::other)
    }

    fn so_far(&self) -> Outcome {
        let spoken = |side| {
            let (words, seen) = self.versions.get(side).clone()?;
            Some(Spoken { side, source: Source::Vnc, speaks_as: None, attributes: words.told(), seen })
        };
        Outcome {
            messages: self.messages,
            detail: if self.notes.is_empty() { Detail::None } else { Detail::Notes(self.notes.clone()) },
            descriptions: Side::BOTH.into_iter().filter_map(spoken).collect(),
            ..Outcome::default()
        }
    }

    #[cfg(test)]
    fn samples() -> Vec<super::battery::Sample> {
        tests::samples()
    }
}

impl Vnc {
    fn over(&mut self) -> Step {
        self.is_over = true;
        Step::Opaque
    }

    fn version(&mut self, side: Side, at: PacketTime, line: &[u8]) -> Step {
        let server = *self.server.get_or_insert(side);
        let digits = line.get(8..11).unwrap_or_default();
        let minor = digits.iter().fold(0, |number, digit| number * 10 + u16::from(digit & 0xf));
        if side == server {
            self.minor = minor;
        }
        let mut words = Words::default();
        let attribute = if side == server { Attribute::VncServerVersion } else { Attribute::VncClientVersion };
        words.say(attribute, line.get(4..11).unwrap_or_default());
        *self.versions.get_mut(side) = Some((words, Seen::once(at)));
        self.messages += 1;
        Step::Advance(VERSION as u64)
    }

    /// How many ways there are, and each; of the first versions the one that is used, in four bytes (RFC 6143, 7.1.2, A).
    fn offer(&mut self, bytes: &[u8]) -> Step {
        if self.has_offered {
            // What follows belongs to the way chosen.
            return self.over();
        }
        let length =
            if self.minor < CHOOSES_FROM { 4 } else { 1 + bytes.first().map_or(0, |count| usize::from(*count)) };
        let Some(offer) = bytes.get(..length) else { return Step::NeedMore };
        self.has_offered = true;
        self.messages += 1;
        if self.minor < CHOOSES_FROM {
            if offer == [0, 0, 0, NONE] {
                self.notes.note(Note::NoPassword);
            }
            return self.over();
        }
        // None: a reason follows.
        if length == 1 { self.over() } else { Step::Advance(length as u64) }
    }

    fn choose(&mut self, bytes: &[u8]) -> Step {
        self.messages += 1;
        if bytes.first() == Some(&NONE) {
            self.notes.note(Note::NoPassword);
        }
        self.over()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::battery::{MARK, Sample, told_by};

    fn version(side: Side, minor: &str) -> (Side, Vec<u8>) {
        (side, format!("RFB 003.{minor}\n").into_bytes())
    }

    fn session(minor: &str, offer: &[u8], chosen: &[u8]) -> Sample {
        vec![
            version(Side::A, minor),
            version(Side::B, minor),
            (Side::A, offer.to_vec()),
            (Side::B, chosen.to_vec()),
            (Side::A, format!("....{MARK}").into_bytes()),
        ]
    }

    pub(super) fn samples() -> Vec<Sample> {
        vec![session("008", &[2, 1, 2], &[1]), session("889", &[2, 30, 2], &[2])]
    }

    fn unlocked(sample: &Sample) -> u64 {
        match told_by::<Vnc>(sample).detail {
            Detail::Notes(notes) => notes.count(Note::NoPassword),
            _ => 0,
        }
    }

    #[test]
    fn both_tell_their_version_and_a_screen_without_a_password_is_noted() {
        let outcome = told_by::<Vnc>(&samples()[0]);
        let told: Vec<_> =
            outcome.descriptions.iter().map(|spoken| (spoken.side, spoken.attributes[0].clone())).collect();
        let expected =
            [(Side::A, Attribute::VncServerVersion, "003.008"), (Side::B, Attribute::VncClientVersion, "003.008")];
        for ((side, (what, text)), wanted) in told.iter().zip(expected) {
            assert_eq!((*side, *what, text.as_str()), wanted);
        }
        assert_eq!(samples().iter().map(unlocked).collect::<Vec<_>>(), [1, 0]);
        assert_eq!(unlocked(&session("003", &[0, 0, 0, 1], &[])), 1, "the server alone decides");
        assert_eq!(unlocked(&session("003", &[0, 0, 0, 2], &[1; 16])), 0);
    }

    #[test]
    fn other_first_bytes_are_not_vnc() {
        for (head, probe) in [
            (&b"RFB 003.008\n"[..], Probe::Certain),
            (b"RFB 00", Probe::NeedMore),
            (b"RFB 003x008\n", Probe::No),
            (b"RFC 003.008\n", Probe::No),
        ] {
            assert_eq!(Vnc::probe(head), probe, "{}", head.escape_ascii());
        }
    }
}
