//! One end of a conversation, as its packets look where they are captured.

use crate::{
    capture::Packet,
    frame::{Ip, Mac, UDP, ethernet, udp},
};
use std::net::SocketAddr;

/// An address, and the link it is seen on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// Address and port.
    pub address: SocketAddr,
    /// Link-layer source of its packets: its own, or that of the router they came through.
    pub source: Mac,
    /// Link-layer destination of its packets: the other end, or the router.
    pub next_hop: Mac,
    /// Tags of its packets, outermost first.
    pub vlans: Vec<u16>,
    /// Time to live that is left where its packets are seen.
    pub ttl: u8,
}

impl End {
    /// A packet of this end.
    pub fn packet(&self, at: u64, to: SocketAddr, protocol: u8, identification: u16, payload: &[u8]) -> Packet {
        let ip = Ip { source: self.address.ip(), destination: to.ip(), ttl: self.ttl, identification };
        let (ether_type, bytes) = ip.packet(protocol, payload);
        Packet::new(at, ethernet(self.source, self.next_hop, &self.vlans, ether_type, &bytes))
    }

    /// A datagram of this end.
    pub fn datagram(&self, at: u64, to: SocketAddr, identification: u16, payload: &[u8]) -> Packet {
        self.packet(at, to, UDP, identification, &udp(self.address, to, payload))
    }
}
