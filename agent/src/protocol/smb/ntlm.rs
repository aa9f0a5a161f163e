//! NTLM (MS-NLMP, 2.2.1), wherever in a message it stands: the version of Windows of both ends, the names of the server, and the
//! name of the client's computer. The user, and whatever is computed from a password, are never read.

use crate::protocol::words::Words;
use crate::text::Charset;
use wardwatch_model::{Attribute, DeviceText};

/// What its messages begin with.
const SIGNATURE: &[u8] = b"NTLMSSP\0";

/// Flags (2.2.2.5): texts are in UTF-16; the version is told.
const UNICODE: u32 = 0x0000_0001;
const VERSION: u32 = 0x0200_0000;

/// Names in a challenge (2.2.2.1).
const END: u16 = 0;
const COMPUTER: u16 = 1;
const DOMAIN: u16 = 2;
const DNS_COMPUTER: u16 = 3;

/// Reads the first message that stands in some bytes.
pub(super) fn read(bytes: &[u8], words: &mut Words) {
    let Some(at) = memchr::memmem::find(bytes, SIGNATURE) else { return };
    let Some(message) = bytes.get(at..) else { return };
    // 8 type, 32-bit; then fields of length, most length and offset (2.2.1).
    let _ = match message.get(8) {
        Some(1) => negotiate(message, words),
        Some(2) => challenge(message, words),
        Some(3) => authenticate(message, words),
        _ => None,
    };
}

/// 12 flags, 32 version (2.2.1.1).
fn negotiate(message: &[u8], words: &mut Words) -> Option<()> {
    version(message, number(message, 12)?, 32, words)
}

/// 20 flags, 40 target information, 48 version (2.2.1.2).
fn challenge(message: &[u8], words: &mut Words) -> Option<()> {
    let _ = version(message, number(message, 20)?, 48, words);
    let mut rest = field(message, 40)?;
    // Id and length of each (2.2.2.1).
    while let Some(([i1, i2, l1, l2], after)) = rest.split_first_chunk() {
        let (value, after) = after.split_at_checked(usize::from(u16::from_le_bytes([*l1, *l2])))?;
        match u16::from_le_bytes([*i1, *i2]) {
            END => return Some(()),
            COMPUTER | DNS_COMPUTER => say(Attribute::Hostname, value, words),
            DOMAIN => say(Attribute::Domain, value, words),
            _ => {}
        }
        rest = after;
    }
    Some(())
}

/// 28 domain, 36 user, 44 workstation, 60 flags, 64 version (2.2.1.3).
fn authenticate(message: &[u8], words: &mut Words) -> Option<()> {
    let flags = number(message, 60)?;
    let _ = version(message, flags, 64, words);
    let workstation = field(message, 44)?;
    if flags & UNICODE != 0 {
        say(Attribute::Hostname, workstation, words);
    }
    Some(())
}

/// Major, minor, build, three bytes of nothing, revision (2.2.2.10). Samba tells no build.
fn version(message: &[u8], flags: u32, at: usize, words: &mut Words) -> Option<()> {
    let [major, minor, b1, b2, _, _, _, 15] = *message.get(at..)?.first_chunk()? else { return None };
    let build = u16::from_le_bytes([b1, b2]);
    if flags & VERSION != 0 && build > 0 {
        words.add(Attribute::OsBuild, DeviceText::new(&format!("{major}.{minor}.{build}"))?);
    }
    Some(())
}

fn number(message: &[u8], at: usize) -> Option<u32> {
    message.get(at..)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes))
}

/// The bytes that a field at a place stands for.
fn field(message: &[u8], at: usize) -> Option<&[u8]> {
    let length: [u8; 2] = *message.get(at..)?.first_chunk()?;
    let offset = usize::try_from(number(message, at + 4)?).ok()?;
    message.get(offset..offset.checked_add(usize::from(u16::from_le_bytes(length)))?)
}

fn say(attribute: Attribute, wide: &[u8], words: &mut Words) {
    if let Some(text) = Charset::Declared(encoding_rs::UTF_16LE).decode(wide) {
        words.add(attribute, text);
    }
}
