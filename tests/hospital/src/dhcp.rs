//! DHCP (RFC 2131, options of RFC 2132): the messages of clients, relay agents and servers.

use crate::{frame::Mac, length};
use std::net::Ipv4Addr;

/// Port of servers and relay agents.
pub const SERVER: u16 = 67;
/// Port of clients.
pub const CLIENT: u16 = 68;

/// DHCP message type, option 53.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names of the standard")]
pub enum Kind {
    Discover = 1,
    Offer = 2,
    Request = 3,
    Ack = 5,
    Release = 7,
}

/// A message under construction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// What it is.
    pub kind: Kind,
    /// Transaction id.
    pub transaction: u32,
    /// Hardware address of the client.
    pub client: Mac,
    /// Address the client has.
    pub ciaddr: Ipv4Addr,
    /// Address the client gets.
    pub yiaddr: Ipv4Addr,
    /// Relay agent that passed it on; 0.0.0.0 without one.
    pub giaddr: Ipv4Addr,
    /// Options behind the message type, each with code and length.
    pub options: Vec<u8>,
}

impl Message {
    /// Shortest message, that of BOOTP (RFC 951, 3).
    const SHORTEST: usize = 300;
    const COOKIE: [u8; 4] = [0x63, 0x82, 0x53, 0x63];
    const END: u8 = 255;

    /// A message without addresses.
    pub const fn new(kind: Kind, transaction: u32, client: Mac) -> Self {
        let none = Ipv4Addr::UNSPECIFIED;
        Self { kind, transaction, client, ciaddr: none, yiaddr: none, giaddr: none, options: Vec::new() }
    }

    /// Adds an option. They are written in this order, behind the message type.
    #[must_use]
    pub fn option(mut self, code: u8, value: &[u8]) -> Self {
        self.options.extend([&[code, length(value.len())][..], value].concat());
        self
    }

    /// Adds an address as option.
    #[must_use]
    pub fn address(self, code: u8, address: Ipv4Addr) -> Self {
        self.option(code, &address.octets())
    }

    /// The bytes.
    pub fn bytes(&self) -> Vec<u8> {
        let operation = if matches!(self.kind, Kind::Offer | Kind::Ack) { 2 } else { 1 };
        let hops = u8::from(!self.giaddr.is_unspecified());
        // Ethernet; no seconds, no flags; no next server.
        let mut bytes = vec![operation, 1, 6, hops];
        bytes.extend(self.transaction.to_be_bytes());
        bytes.extend([0; 4]);
        for address in [self.ciaddr, self.yiaddr, Ipv4Addr::UNSPECIFIED, self.giaddr] {
            bytes.extend(address.octets());
        }
        bytes.extend(self.client);
        // Rest of the hardware address, server name, boot file.
        bytes.extend([0; 10 + 64 + 128]);
        bytes.extend(Self::COOKIE);
        bytes.extend([53, 1, self.kind as u8]);
        bytes.extend(&self.options);
        bytes.push(Self::END);
        let shortest = Self::SHORTEST.max(bytes.len());
        bytes.resize(shortest, 0);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_has_its_fields_where_the_standard_puts_them() {
        let message = Message::new(Kind::Ack, 0x0102_0304, [2, 0, 0, 0, 0, 9]);
        let message = Message { yiaddr: Ipv4Addr::new(10, 0, 0, 9), ..message }.option(12, b"host");
        let bytes = message.bytes();
        assert_eq!(bytes.len(), 300);
        assert_eq!(bytes[..8], [2, 1, 6, 0, 1, 2, 3, 4]);
        assert_eq!(bytes[16..20], [10, 0, 0, 9]);
        assert_eq!(bytes[28..34], [2, 0, 0, 0, 0, 9]);
        assert_eq!(bytes[236..250], *b"\x63\x82\x53\x63\x35\x01\x05\x0c\x04host\xff");
    }
}
