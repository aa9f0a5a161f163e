//! TLS (RFC 8446) as far as a listener without keys sees it: two hellos and noise.

use crate::{length, noise::noise};

const CHANGE_CIPHER_SPEC: u8 = 20;
const HANDSHAKE: u8 = 22;
const APPLICATION_DATA: u8 = 23;
const CLIENT_HELLO: u8 = 1;
const SERVER_HELLO: u8 = 2;

fn record(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind, 3, 3][..], &length::<u16>(body.len()).to_be_bytes(), body].concat()
}

fn prefixed(body: &[u8]) -> Vec<u8> {
    [&length::<u16>(body.len()).to_be_bytes()[..], body].concat()
}

fn extension(kind: u16, body: &[u8]) -> Vec<u8> {
    [&kind.to_be_bytes()[..], &prefixed(body)].concat()
}

/// A handshake record: version, random and session of the hello, then `rest`.
fn hello(kind: u8, seed: u64, rest: &[&[u8]]) -> Vec<u8> {
    let session = noise(seed, 32);
    let body = [&[3, 3][..], &noise(seed ^ u64::from(kind), 32), &[32], &session, &rest.concat()].concat();
    let [_, high, middle, low] = length::<u32>(body.len()).to_be_bytes();
    record(HANDSHAKE, &[&[kind, high, middle, low][..], &body].concat())
}

/// A client hello that offers TLS 1.3 and 1.2.
pub fn client_hello(server_name: &str, seed: u64) -> Vec<u8> {
    let name = [&[0][..], &prefixed(server_name.as_bytes())].concat();
    let share = [&[0, 29][..], &prefixed(&noise(seed ^ 7, 32))].concat();
    let extensions = [
        extension(0, &prefixed(&name)),
        // Supported groups, signature algorithms, key share, supported versions.
        extension(10, &prefixed(&[0, 29, 0, 23])),
        extension(13, &prefixed(&[4, 3, 8, 4, 4, 1])),
        extension(51, &prefixed(&share)),
        extension(43, &[4, 3, 4, 3, 3]),
    ];
    let suites = prefixed(&[0x13, 1, 0x13, 2, 0xc0, 0x2f]);
    hello(CLIENT_HELLO, seed, &[&suites, &[1, 0], &prefixed(&extensions.concat())])
}

/// A server hello that chooses TLS 1.3, and the encrypted rest of the server's handshake.
pub fn server_hello(seed: u64) -> Vec<u8> {
    let share = [&[0, 29][..], &prefixed(&noise(seed ^ 9, 32))].concat();
    let extensions = [extension(43, &[3, 4]), extension(51, &share)].concat();
    let hello = hello(SERVER_HELLO, seed, &[&[0x13, 1, 0], &prefixed(&extensions)]);
    [hello, change_cipher_spec(), application_data(seed ^ 11, 900)].concat()
}

/// The record that middleboxes want to see (RFC 8446, D.4).
pub fn change_cipher_spec() -> Vec<u8> {
    record(CHANGE_CIPHER_SPEC, &[1])
}

/// Encrypted payload.
pub fn application_data(seed: u64, bytes: usize) -> Vec<u8> {
    record(APPLICATION_DATA, &noise(seed, bytes))
}
