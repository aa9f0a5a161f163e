//! DNS (RFC 1035): a question for an address, and its answer.

use crate::length;
use std::net::Ipv4Addr;

/// Port of servers.
pub const PORT: u16 = 53;

/// A question for the IPv4 address of a name.
pub fn question(id: u16, name: &str) -> Vec<u8> {
    message(id, 0x0100, 0, name, &[])
}

/// The answer to it, good for an hour.
pub fn answer(id: u16, name: &str, address: Ipv4Addr) -> Vec<u8> {
    // The name by a pointer to the question, type A, class IN.
    let record = [&[0xc0, 12, 0, 1, 0, 1, 0, 0, 0x0e, 0x10, 0, 4][..], &address.octets()].concat();
    message(id, 0x8180, 1, name, &record)
}

fn message(id: u16, flags: u16, answers: u8, name: &str, records: &[u8]) -> Vec<u8> {
    let mut bytes = [id.to_be_bytes(), flags.to_be_bytes()].concat();
    bytes.extend([0, 1, 0, answers, 0, 0, 0, 0]);
    for label in name.split('.') {
        bytes.push(length(label.len()));
        bytes.extend(label.bytes());
    }
    bytes.extend([0, 0, 1, 0, 1]);
    bytes.extend(records);
    bytes
}
