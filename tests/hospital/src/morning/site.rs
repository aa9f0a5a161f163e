//! The floor plan: networks, and what frames of their hosts look like at the core switch.
//!
//! The mirror shows what enters the core switch from the networks attached to it, and what the router sends into them
//! from elsewhere: the other houses of the hospital, and the Internet.

use crate::{
    capture::Packet,
    end::End,
    frame::{ArpKind, BROADCAST, ETHER_ARP, Mac, arp, ethernet},
};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Servers and services.
pub(super) const SERVERS: u16 = 10;
/// Imaging.
pub(super) const IMAGING: u16 = 20;
/// Wards.
pub(super) const WARDS: u16 = 30;
/// Laboratory.
pub(super) const LABORATORY: u16 = 40;
/// Offices and reading rooms.
pub(super) const OFFICE: u16 = 50;
/// Telephones.
pub(super) const VOICE: u16 = 60;
/// Cameras, doors, ventilation.
pub(super) const BUILDING: u16 = 70;

/// All that are attached to the core switch.
pub(super) const VLANS: [u16; 7] = [SERVERS, IMAGING, WARDS, LABORATORY, OFFICE, VOICE, BUILDING];

/// Where a host is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Network {
    /// Attached to the core switch.
    Vlan(u16),
    /// Somewhere behind the router.
    Elsewhere,
}

/// A host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Host {
    pub(super) mac: Mac,
    pub(super) ip: Ipv4Addr,
    pub(super) network: Network,
    /// Time to live its system begins with, less the routers passed where it is elsewhere.
    pub(super) ttl: u8,
}

impl Host {
    /// The VLAN it is attached to.
    pub(super) const fn vlan(&self) -> Option<u16> {
        match self.network {
            Network::Vlan(vlan) => Some(vlan),
            Network::Elsewhere => None,
        }
    }

    /// The VLAN in which its frames to a peer are seen.
    pub(super) fn seen_in(&self, peer: &Self) -> u16 {
        self.vlan().or(peer.vlan()).expect("one of two hosts must be attached")
    }

    /// Whom it resolves to reach a peer: the peer itself, or the router.
    pub(super) fn neighbour(&self, peer: &Self, router: Mac) -> Option<Self> {
        let vlan = self.vlan()?;
        Some(if peer.network == self.network { *peer } else { gateway(vlan, router) })
    }

    /// One end of a conversation with a peer.
    pub(super) fn end(&self, port: u16, peer: &Self, router: Mac) -> End {
        let is_near = self.network == peer.network;
        let (source, next_hop) = match (self.network, is_near) {
            (Network::Vlan(_), true) => (self.mac, peer.mac),
            (Network::Vlan(_), false) => (self.mac, router),
            (Network::Elsewhere, _) => (router, peer.mac),
        };
        let vlans = vec![self.seen_in(peer)];
        End { address: SocketAddr::new(IpAddr::V4(self.ip), port), source, next_hop, vlans, ttl: self.ttl }
    }

    /// An end that speaks to every host of its network.
    pub(super) fn broadcast(&self, port: u16) -> End {
        let vlans = self.vlan().into_iter().collect();
        let address = SocketAddr::new(IpAddr::V4(self.ip), port);
        End { address, source: self.mac, next_hop: BROADCAST, vlans, ttl: self.ttl }
    }

    /// Asks for the MAC address of a neighbour and is answered.
    pub(super) fn resolve(&self, neighbour: &Self, at: u64) -> Vec<Packet> {
        let (me, other) = ((self.mac, self.ip), (neighbour.mac, neighbour.ip));
        let request = arp(ArpKind::Request, me, ([0; 6], neighbour.ip));
        let reply = arp(ArpKind::Reply, other, me);
        vec![self.arp(at, BROADCAST, &request), neighbour.arp(at + 130_000, self.mac, &reply)]
    }

    /// Announces its own address (RFC 5227, 3).
    pub(super) fn announce(&self, at: u64) -> Vec<Packet> {
        vec![self.arp(at, BROADCAST, &arp(ArpKind::Request, (self.mac, self.ip), ([0; 6], self.ip)))]
    }

    fn arp(&self, at: u64, to: Mac, message: &[u8]) -> Packet {
        let vlans: Vec<u16> = self.vlan().into_iter().collect();
        Packet::new(at, ethernet(self.mac, to, &vlans, ETHER_ARP, message))
    }
}

/// The router in one of its networks.
pub(super) fn gateway(vlan: u16, mac: Mac) -> Host {
    Host { mac, ip: address(vlan, 1), network: Network::Vlan(vlan), ttl: 255 }
}

/// An address of a network: 10.vlan.0.tail.
pub(super) fn address(vlan: u16, tail: u8) -> Ipv4Addr {
    let vlan = u8::try_from(vlan).expect("a small VLAN number");
    Ipv4Addr::new(10, vlan, 0, tail)
}

/// A tagged IPv4 frame as the router sends it on into the network of its receiver.
pub(super) fn routed(packet: &Packet, to: &Host, router: Mac) -> Packet {
    /// Behind both addresses and the tag: ether type, then the header.
    const HEADER: usize = 18;
    let mut routed = packet.clone();
    routed.at += 24_000;
    let mut put = |at: usize, bytes: &[u8]| {
        routed.bytes.get_mut(at..at + bytes.len()).expect("a whole frame").copy_from_slice(bytes);
    };
    put(0, &to.mac);
    put(6, &router);
    put(14, &to.vlan().expect("an attached host").to_be_bytes());
    let header = packet.bytes.get(HEADER..HEADER + 20).expect("a whole header");
    let [.., ttl, protocol, high, low, _, _, _, _, _, _, _, _] = header else { panic!("a whole header") };
    // One less in the upper byte of a word is one more in the checksum's (RFC 1624).
    let (sum, carry) = u16::from_be_bytes([*high, *low]).overflowing_add(0x0100);
    let [high, low] = (sum + u16::from(carry)).to_be_bytes();
    put(HEADER + 8, &[ttl - 1, *protocol, high, low]);
    routed
}
