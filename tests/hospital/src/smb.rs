//! SMB 3 (MS-SMB2) as far as a listener sees it: the negotiation, then encrypted messages.

use crate::{length, noise::noise};

/// Port of servers.
pub const PORT: u16 = 445;

/// Dialect 3.0.2, which needs no negotiate contexts.
const DIALECT: [u8; 2] = [0x02, 0x03];

/// In the frame of direct TCP transport (2.1).
fn framed(message: &[u8]) -> Vec<u8> {
    [&length::<u32>(message.len()).to_be_bytes()[..], message].concat()
}

/// Header of a NEGOTIATE message (2.2.1.2).
fn header(is_response: bool) -> Vec<u8> {
    let mut header = b"\xfeSMB\x40\0".to_vec();
    header.extend([0; 8]);
    header.extend([1, 0, u8::from(is_response)]);
    header.resize(64, 0);
    header
}

/// NEGOTIATE request (2.2.3).
pub fn negotiate_request(seed: u64) -> Vec<u8> {
    let body = [&[36, 0, 1, 0, 1, 0, 0, 0, 0x7f, 0, 0, 0][..], &noise(seed, 16), &[0; 8], &DIALECT].concat();
    framed(&[header(false), body].concat())
}

/// NEGOTIATE response (2.2.4) without a security token.
pub fn negotiate_response(seed: u64) -> Vec<u8> {
    let sizes = [&[0x2f, 0, 0, 0][..], &[0, 0, 0x80, 0], &[0, 0, 0x80, 0], &[0, 0, 0x80, 0]].concat();
    // Times of system and start, an empty token behind the header, no contexts.
    let body = [&[65, 0, 1, 0][..], &DIALECT, &[0, 0], &noise(seed, 16), &sizes, &[0; 16], &[128, 0, 0, 0, 0, 0, 0, 0]];
    framed(&[header(true), body.concat()].concat())
}

/// An encrypted message (2.2.41) of this many bytes.
pub fn encrypted(seed: u64, bytes: usize) -> Vec<u8> {
    let head = [b"\xfdSMB", &noise(seed, 32)[..], &length::<u32>(bytes).to_le_bytes(), &[0, 0, 1, 0]].concat();
    framed(&[head, noise(seed ^ 1, 8), noise(seed ^ 2, bytes)].concat())
}
