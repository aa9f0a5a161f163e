//! Announcements to the Windows browser service (MS-BRWS, 2.2), in a mailslot of SMB (MS-MAIL, 2.2), in NetBIOS datagrams
//! (RFC 1002, 4.4).

use super::{netbios::Name, reading};
use crate::protocol::{Datagram, DatagramParser, Reading, words::Words};
use std::net::{IpAddr, Ipv4Addr};
use wardwatch_model::{Attribute, Source};

/// The port on which NetBIOS datagrams are defined (RFC 1002, 6).
const PORT: u16 = 138;

/// Types of datagrams that carry data: direct unique, direct group, broadcast (RFC 1002, 4.4.1).
const WITH_DATA: std::ops::RangeInclusive<u8> = 0x10..=0x12;

/// Where the sender's name is: behind type, flags, id, source address and port, length, offset (RFC 1002, 4.4.2).
const SOURCE_NAME: usize = 14;

/// A name: a label of 32 letters, and no scope.
const NAME: usize = 34;

/// Where an SMB message begins.
const SMB: usize = SOURCE_NAME + 2 * NAME;

/// SMB_COM_TRANSACTION (MS-CIFS, 2.2.4.33).
const TRANSACTION: u8 = 0x25;

/// The mailslot of the service, with the NUL at its end.
const MAILSLOT: &[u8] = b"\\MAILSLOT\\BROWSE\0";

/// Commands by which a host tells of itself: announcement of a host, of a local master browser (MS-BRWS, 2.2.1, 2.2.6).
const ANNOUNCEMENTS: [u8; 2] = [0x01, 0x0f];

/// Bit of the server type: not Windows, and what it tells as its version is made up (MS-BRWS, 2.2.2; SV_TYPE_SERVER_UNIX).
const UNIX: u32 = 0x0000_0800;

/// The parser.
pub(crate) struct Browser;

impl DatagramParser for Browser {
    fn recognise(datagram: &Datagram<'_>) -> bool {
        let [a, b, c, d] = match datagram.payload {
            [kind, _, _, _, a, b, c, d, ..] if datagram.destination.1 == PORT && WITH_DATA.contains(kind) => {
                [*a, *b, *c, *d]
            }
            _ => return false,
        };
        // Whoever passes on a datagram leaves the address in it.
        datagram.source.0 == IpAddr::V4(Ipv4Addr::new(a, b, c, d)) && name(datagram.payload).is_some()
    }

    fn read(datagram: &Datagram<'_>) -> Option<Reading> {
        let mut words = Words::default();
        name(datagram.payload)?.say(false, &mut words);
        if let Some(announced) = datagram.payload.get(SMB..).and_then(announcement) {
            announced.name.say(false, &mut words);
            if let Some(version) = announced.version {
                words.say(Attribute::OsBuild, version.as_bytes());
            }
        }
        Some(reading(datagram, true, false, Source::Browser, words))
    }

    #[cfg(test)]
    fn samples() -> Vec<crate::protocol::battery::DatagramSample> {
        super::tests::browser_samples()
    }
}

fn name(datagram: &[u8]) -> Option<Name> {
    match datagram.get(SOURCE_NAME..SOURCE_NAME + NAME)? {
        [32, label @ .., 0] => Name::encoded(label),
        _ => None,
    }
}

/// What a host announces.
struct Announcement {
    name: Name,
    /// Of Windows, major and minor.
    version: Option<String>,
}

/// From an SMB message that carries one. The comment at its end is a person's words, and is not looked at.
fn announcement(smb: &[u8]) -> Option<Announcement> {
    // A header of 32 bytes, the count of words (17 with three of setup), the words.
    let [0xff, b'S', b'M', b'B', TRANSACTION, ..] = smb else { return None };
    let word = |at: usize| smb.get(33 + at..)?.first_chunk().map(|bytes| u16::from_le_bytes(*bytes));
    // DataCount, DataOffset; the latter counts from the header (MS-CIFS, 2.2.4.33.1).
    let (length, offset) = (usize::from(word(22)?), usize::from(word(24)?));
    let slot = smb.get(33 + 34 + 2..)?;
    if !slot.get(..MAILSLOT.len())?.eq_ignore_ascii_case(MAILSLOT) {
        return None;
    }
    let data = smb.get(offset..offset.checked_add(length)?)?;
    // 0 command, 1 update count, 2 periodicity, 6 server name, 22 version, 24 server type, 28 version of the browser, 30
    // signature
    if !ANNOUNCEMENTS.contains(data.first()?) || data.get(30..32)? != [0x55, 0xaa] {
        return None;
    }
    let mut name: [u8; 16] = *data.get(6..)?.first_chunk()?;
    // The last byte is the end of a text here, and no purpose.
    *name.last_mut()? = 0;
    let [major, minor] = *data.get(22..)?.first_chunk()?;
    let server_type = u32::from_le_bytes(*data.get(24..)?.first_chunk()?);
    let version = (server_type & UNIX == 0).then(|| format!("{major}.{minor}"));
    Some(Announcement { name: Name::plain(&name), version })
}
