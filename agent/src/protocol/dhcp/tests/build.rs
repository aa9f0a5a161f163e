//! Makes messages, well-formed or not.

use crate::protocol::battery::{DatagramSample, MARK};
use std::net::{IpAddr, Ipv4Addr};

pub(super) const CLIENT_MAC: [u8; 6] = [0, 0, 0x5e, 0, 0x53, 0x42];
pub(super) const SERVER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
pub(super) const RELAY: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 129);
pub(super) const LEASED: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 66);

/// Message types (RFC 2132, 9.6).
pub(super) const DISCOVER: u8 = 1;
pub(super) const OFFER: u8 = 2;
pub(super) const REQUEST: u8 = 3;
pub(super) const ACK: u8 = 5;
pub(super) const RELEASE: u8 = 7;
pub(super) const INFORM: u8 = 8;

/// A message in the making, without options.
#[derive(Clone)]
pub(super) struct Building(pub(super) Vec<u8>);

/// One of a client (1) or of a server (2).
pub(super) fn message(op: u8) -> Building {
    let mut bytes = vec![0; 236];
    bytes[..4].copy_from_slice(&[op, 1, 6, 0]);
    bytes[28..34].copy_from_slice(&CLIENT_MAC);
    bytes.extend([0x63, 0x82, 0x53, 0x63]);
    Building(bytes)
}

impl Building {
    pub(super) fn put(mut self, at: usize, bytes: &[u8]) -> Self {
        self.0[at..at + bytes.len()].copy_from_slice(bytes);
        self
    }

    pub(super) fn ciaddr(self, address: Ipv4Addr) -> Self {
        self.put(12, &address.octets())
    }

    pub(super) fn yiaddr(self, address: Ipv4Addr) -> Self {
        self.put(16, &address.octets())
    }

    pub(super) fn giaddr(self, address: Ipv4Addr) -> Self {
        self.put(24, &address.octets())
    }

    pub(super) fn option(mut self, code: u8, value: &[u8]) -> Self {
        self.0.extend(option(code, value));
        self
    }

    pub(super) fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.extend(bytes);
        self
    }

    pub(super) fn end(self) -> Vec<u8> {
        self.raw(&[255]).0
    }
}

pub(super) fn option(code: u8, value: &[u8]) -> Vec<u8> {
    [&[code, u8::try_from(value.len()).unwrap()][..], value].concat()
}

/// What a client without an address sends.
pub(super) fn broadcast(payload: Vec<u8>) -> DatagramSample {
    let at = |address: Ipv4Addr, port| (IpAddr::from(address), port);
    DatagramSample { source: at(Ipv4Addr::UNSPECIFIED, 68), destination: at(Ipv4Addr::BROADCAST, 67), payload }
}

pub(super) fn sent(from: Ipv4Addr, to: Ipv4Addr, ports: (u16, u16), payload: Vec<u8>) -> DatagramSample {
    DatagramSample { source: (from.into(), ports.0), destination: (to.into(), ports.1), payload }
}

/// What a client says of itself in every message.
pub(super) fn with_words(message: Building) -> Building {
    message
        .option(12, b"CT-ROOM-1\0")
        .option(60, b"MSFT 5.0")
        .option(61, &[1, 0, 0, 0x5e, 0, 0x53, 0x42])
        .option(55, &[1, 3, 6, 15, 119, 252])
        .option(81, b"\x04\0\0\x09CT-ROOM-1\x07example\x03org\0")
}

/// An exchange, a renewal, and the same by way of a relay agent.
pub(crate) fn samples() -> Vec<DatagramSample> {
    let of_client = |kind| with_words(message(1).option(53, &[kind]));
    let of_server = |kind| message(2).yiaddr(LEASED).option(53, &[kind]).option(54, &SERVER.octets());
    vec![
        broadcast(of_client(DISCOVER).option(50, &LEASED.octets()).end()),
        sent(SERVER, Ipv4Addr::BROADCAST, (67, 68), of_server(OFFER).option(51, &[0, 0, 14, 16]).end()),
        broadcast(of_client(REQUEST).option(50, &LEASED.octets()).option(54, &SERVER.octets()).end()),
        sent(SERVER, LEASED, (67, 68), of_server(ACK).option(12, b"given").raw(&[0; 30]).end()),
        sent(
            LEASED,
            SERVER,
            (68, 67),
            of_client(REQUEST).ciaddr(LEASED).option(61, MARK.as_bytes()).option(77, MARK.as_bytes()).end(),
        ),
        sent(RELAY, SERVER, (67, 67), of_client(DISCOVER).giaddr(RELAY).option(82, MARK.as_bytes()).end()),
        sent(SERVER, RELAY, (67, 67), of_server(ACK).giaddr(RELAY).option(82, b"\x01\x04port").end()),
        sent(RELAY, LEASED, (67, 68), of_server(ACK).giaddr(RELAY).end()),
        broadcast(message(1).put(108, &option(12, b"in-file")).option(53, &[DISCOVER]).option(52, &[1]).end()),
    ]
}
