//! SMB 1 (MS-CIFS, MS-SMB): what both ends call their systems.

use super::Message;
use crate::{protocol::words::Words, text::Charset};
use wardwatch_model::{Attribute, DeviceText};

/// Bytes of the header (MS-CIFS, 2.2.3.1).
const HEADER: usize = 32;

/// Commands (MS-CIFS, 2.2.2.1).
const NEGOTIATE: u8 = 0x72;
const SESSION_SETUP: u8 = 0x73;

/// Flag: an answer. Flag of the second set: texts are in UTF-16 (MS-CIFS, 2.2.3.1).
const ANSWER: u8 = 0x80;
const UNICODE: u16 = 0x8000;

/// No dialect that the server speaks (MS-CIFS, 2.2.4.52.2).
const NO_DIALECT: [u8; 2] = [0xff, 0xff];

/// Reads a message: 4 command, 9 flags, 10 second flags.
pub(super) fn read(bytes: &[u8], words: &mut Words) -> Option<Message> {
    let (command, is_answer) = (*bytes.get(4)?, bytes.get(9)? & ANSWER != 0);
    let is_unicode = u16::from_le_bytes(*bytes.get(10..)?.first_chunk()?) & UNICODE != 0;
    match (command, is_answer) {
        (NEGOTIATE, true) => {
            // A server that chose none goes on in version 2, or not at all.
            let chosen = bytes.get(HEADER + 1..HEADER + 3)?;
            if chosen != NO_DIALECT
                && let Some(name) = DeviceText::new("1.0")
            {
                words.add(Attribute::SmbDialect, name);
            }
        }
        (SESSION_SETUP, _) => _ = session_setup(bytes, is_answer, is_unicode, words),
        _ => {}
    }
    Some(Message { is_answer, is_setup: matches!(command, NEGOTIATE | SESSION_SETUP) })
}

/// Count of words, words, count of bytes, bytes: among them the texts, behind a security blob or passwords (MS-CIFS,
/// 2.2.4.53; MS-SMB, 2.2.4.6).
fn session_setup(bytes: &[u8], is_answer: bool, is_unicode: bool, words: &mut Words) -> Option<()> {
    let count = *bytes.get(HEADER)?;
    let word = |at: usize| {
        let at = HEADER + 1 + 2 * at;
        bytes.get(at..)?.first_chunk().map(|bytes| usize::from(u16::from_le_bytes(*bytes)))
    };
    // How many bytes come before the texts, and how many texts before the system: the account and its domain, which are
    // passed over.
    let (before, others) = match (is_answer, count) {
        (true, 3) => (0, 0),
        (true, 4) => (word(3)?, 0),
        (false, 12) => (word(7)?, 0),
        (false, 13) => (word(7)? + word(8)?, 2),
        _ => return None,
    };
    let texts_at = HEADER + 1 + 2 * usize::from(count) + 2 + before;
    // Texts in UTF-16 begin at an even offset from the header.
    let mut rest = bytes.get(texts_at + if is_unicode { texts_at % 2 } else { 0 }..)?;
    for _ in 0..others {
        (_, rest) = text(rest, is_unicode)?;
    }
    let (system, rest) = text(rest, is_unicode)?;
    say(Attribute::NativeOs, system, is_unicode, words);
    let (manager, _) = text(rest, is_unicode)?;
    say(Attribute::NativeLanManager, manager, is_unicode, words);
    Some(())
}

/// A text up to its NUL, and what comes after.
fn text(bytes: &[u8], is_unicode: bool) -> Option<(&[u8], &[u8])> {
    if !is_unicode {
        let end = memchr::memchr(0, bytes)?;
        return Some((bytes.get(..end)?, bytes.get(end + 1..)?));
    }
    let end = bytes.as_chunks::<2>().0.iter().position(|unit| *unit == [0, 0])? * 2;
    Some((bytes.get(..end)?, bytes.get(end + 2..)?))
}

fn say(attribute: Attribute, bytes: &[u8], is_unicode: bool, words: &mut Words) {
    let charset = if is_unicode { Charset::Declared(encoding_rs::UTF_16LE) } else { Charset::Undeclared };
    if let Some(text) = charset.decode(bytes) {
        words.add(attribute, text);
    }
}
