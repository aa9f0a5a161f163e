//! SMB 2 and 3 (MS-SMB2).

use super::Message;
use crate::protocol::words::Words;
use wardwatch_model::{Attribute, DeviceText};

/// Bytes of the header (2.2.1).
const HEADER: usize = 64;

/// Commands (2.2.1).
const NEGOTIATE: u16 = 0;
const SESSION_SETUP: u16 = 1;

/// Flag: an answer (2.2.1).
const ANSWER: u8 = 0x01;

/// Dialects (2.2.4). 02FF says that there will be another negotiation.
const DIALECTS: [(u16, &str); 5] =
    [(0x0202, "2.0.2"), (0x0210, "2.1"), (0x0300, "3.0"), (0x0302, "3.0.2"), (0x0311, "3.1.1")];

/// Reads a message: 12 command, 16 flags.
pub(super) fn read(bytes: &[u8], words: &mut Words) -> Option<Message> {
    let command = u16::from_le_bytes(*bytes.get(12..)?.first_chunk()?);
    let is_answer = bytes.get(16)? & ANSWER != 0;
    if command == NEGOTIATE && is_answer {
        // 4 dialect (2.2.4)
        let dialect = u16::from_le_bytes(*bytes.get(HEADER + 4..)?.first_chunk()?);
        if let Some((_, name)) = DIALECTS.iter().find(|(known, _)| *known == dialect)
            && let Some(name) = DeviceText::new(name)
        {
            words.add(Attribute::SmbDialect, name);
        }
    }
    Some(Message { is_answer, is_setup: matches!(command, NEGOTIATE | SESSION_SETUP) })
}
