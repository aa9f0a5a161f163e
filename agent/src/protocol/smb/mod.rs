//! SMB 1, 2 and 3 (MS-CIFS, MS-SMB2) up to the end of the session setup: which dialect, which system, and what NTLM tells of
//! both ends. Names of users are never read.

mod first;
mod ntlm;
mod second;
#[cfg(test)]
mod tests;

use super::{Outcome, PerSide, Probe, Side, Spoken, Step, StreamParser, words::Words};
use wardwatch_model::{Detail, PacketTime, Seen, Source};

/// Bytes before a message: type and length of 24 bits (MS-SMB2, 2.1; RFC 1002, 4.3.1, where 17 bits count).
const FRAME: usize = 4;

/// Types of frames: a message; what opens a session over NetBIOS, and the answers (RFC 1002, 4.3.1).
const MESSAGE: u8 = 0x00;
const SESSION_REQUEST: u8 = 0x81;
const SESSION_ANSWERS: std::ops::RangeInclusive<u8> = 0x82..=0x85;

/// How messages of the versions begin; of an encrypted one nothing is read (MS-SMB2, 2.2.41).
const FIRST: &[u8] = b"\xffSMB";
const SECOND: &[u8] = b"\xfeSMB";

/// Most bytes of a message that are looked at: of longer ones the beginning.
const LONGEST: usize = 16 * 1024;

/// Most messages of a side that are looked at before its session is set up.
const MAX_MESSAGES: u8 = 16;

/// An SMB connection.
#[derive(Clone, Default)]
pub(crate) struct Smb {
    sides: PerSide<Sender>,
    client: Option<Side>,
    messages: u64,
    faults: u64,
}

/// What one side says.
#[derive(Clone, Default)]
struct Sender {
    messages: u8,
    is_over: bool,
    words: Words,
    ntlm: Words,
    seen: Option<Seen>,
}

/// What a message is to its connection.
struct Message {
    is_answer: bool,
    /// It belongs to the negotiation or the setup of a session; all others come after.
    is_setup: bool,
}

impl StreamParser for Smb {
    fn probe(head: &[u8]) -> Probe {
        match head {
            [MESSAGE, _, _, _, start @ ..] => {
                let begins = |word: &[u8]| start.len() < word.len() && word.starts_with(start);
                if start.starts_with(FIRST) || start.starts_with(SECOND) {
                    Probe::Certain
                } else if begins(FIRST) || begins(SECOND) {
                    Probe::NeedMore
                } else {
                    Probe::No
                }
            }
            // Two names of 34 bytes, each a label of 32 letters.
            [SESSION_REQUEST, 0, 0, 68, 32, b'A'..=b'P', b'A'..=b'P', ..] => Probe::Certain,
            [MESSAGE, ..] | [SESSION_REQUEST, 0, 0, 68, 32, ..] if head.len() < 7 => Probe::NeedMore,
            [SESSION_REQUEST] | [SESSION_REQUEST, 0] | [SESSION_REQUEST, 0, 0] | [SESSION_REQUEST, 0, 0, 68] => {
                Probe::NeedMore
            }
            _ => Probe::No,
        }
    }

    /// A frame with a message of a version in it is mistaken for nothing else.
    fn find_start(bytes: &[u8]) -> Option<usize> {
        let starts = |word: &[u8]| bytes.get(FRAME..).is_some_and(|message| message.starts_with(word));
        (bytes.first() == Some(&MESSAGE) && (starts(FIRST) || starts(SECOND))).then_some(0)
    }

    fn feed(&mut self, side: Side, at: PacketTime, bytes: &[u8]) -> Step {
        if self.sides.get(side).is_over {
            return Step::Opaque;
        }
        let [kind, l1, l2, l3, message @ ..] = bytes else { return Step::NeedMore };
        let length = usize::try_from(u32::from_be_bytes([0, *l1, *l2, *l3])).unwrap_or(usize::MAX);
        match *kind {
            SESSION_REQUEST => self.client = Some(side),
            kind if SESSION_ANSWERS.contains(&kind) => self.client = Some(side.other()),
            MESSAGE => {
                let Some(message) = message.get(..length.min(LONGEST)) else { return Step::NeedMore };
                if !self.message(side, at, message) {
                    self.sides.get_mut(side).is_over = true;
                    return Step::Opaque;
                }
            }
            _ => {
                self.faults += 1;
                self.sides.get_mut(side).is_over = true;
                return Step::Opaque;
            }
        }
        Step::Advance((FRAME + length) as u64)
    }

    fn gap(&mut self, side: Side) {
        self.sides.get_mut(side).is_over = true;
    }

    fn held(&self) -> usize {
        let held = |sender: &Sender| sender.words.held() + sender.ntlm.held();
        held(&self.sides.a) + held(&self.sides.b)
    }

    fn client(&self) -> Option<Side> {
        self.client
    }

    fn so_far(&self) -> Outcome {
        let spoken = |side: Side| {
            let Sender { words, ntlm, seen, .. } = self.sides.get(side).clone();
            [(Source::Smb, words), (Source::Ntlm, ntlm)].into_iter().filter_map(move |(source, words)| {
                let attributes = words.told();
                let seen = seen.filter(|_| !attributes.is_empty())?;
                Some(Spoken { side, source, speaks_as: None, attributes, seen })
            })
        };
        Outcome {
            messages: self.messages,
            faults: self.faults,
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

impl Smb {
    /// Looks at a message; answers whether the next one of its side is of interest, too.
    fn message(&mut self, side: Side, at: PacketTime, bytes: &[u8]) -> bool {
        let sender = self.sides.get_mut(side);
        let read = match bytes.get(..4) {
            Some(FIRST) => first::read(bytes, &mut sender.words),
            Some(SECOND) => second::read(bytes, &mut sender.words),
            _ => None,
        };
        let Some(Message { is_answer, is_setup }) = read else { return false };
        self.messages += 1;
        sender.messages += 1;
        sender.seen.get_or_insert(Seen::once(at));
        if is_setup {
            ntlm::read(bytes, &mut sender.ntlm);
        }
        let goes_on = is_setup && sender.messages < MAX_MESSAGES;
        self.client = Some(if is_answer { side.other() } else { side });
        goes_on
    }
}
