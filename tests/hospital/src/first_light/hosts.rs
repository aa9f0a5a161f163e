//! Who is in the hospital. The mirror shows what the hosts of VLAN 20 (imaging) and VLAN 30 (wards) send, and what the
//! router sends into these two from elsewhere.

use crate::{
    capture::Packet,
    end::End,
    frame::{ArpKind, BROADCAST, ETHER_ARP, Mac, arp, ethernet},
};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// A host.
#[derive(Debug, PartialEq, Eq)]
pub struct Host {
    /// Its own link-layer address.
    pub mac: Mac,
    /// Its address.
    pub ip: Ipv4Addr,
    /// Its network; none of the two that are mirrored where elsewhere.
    pub vlan: Option<u16>,
    /// Time to live its system begins with.
    pub ttl: u8,
}

const fn host(vlan: Option<u16>, ip: [u8; 4], mac: Mac, ttl: u8) -> Host {
    let [a, b, c, d] = ip;
    Host { mac, ip: Ipv4Addr::new(a, b, c, d), vlan, ttl }
}

/// Imaging.
pub const IMAGING: u16 = 20;
/// Wards.
pub const WARDS: u16 = 30;

/// The router's one MAC address, with an address in each network.
pub const ROUTER_IMAGING: Host = host(Some(IMAGING), [10, 20, 0, 1], [2, 0, 0, 0, 0, 1], 255);
/// Its address in the wards.
pub const ROUTER_WARDS: Host = host(Some(WARDS), [10, 30, 0, 1], [2, 0, 0, 0, 0, 1], 255);

/// The archive.
pub const PACS: Host = host(Some(IMAGING), [10, 20, 0, 2], [2, 0, 0, 20, 0, 2], 64);
/// The radiology information system, with its worklist.
pub const RIS: Host = host(Some(IMAGING), [10, 20, 0, 5], [2, 0, 0, 20, 0, 5], 128);
/// A CT scanner.
pub const CT: Host = host(Some(IMAGING), [10, 20, 0, 11], [2, 0, 0, 20, 0, 0x11], 128);
/// An ultrasound device; its MAC address is of a block of GE Healthcare.
pub const ULTRASOUND: Host = host(Some(IMAGING), [10, 20, 0, 12], [0x44, 0x4b, 0x5d, 0x99, 0x02, 0x04], 128);

/// The interface engine.
pub const ENGINE: Host = host(Some(WARDS), [10, 30, 0, 6], [2, 0, 0, 30, 0, 6], 64);
/// The laboratory system.
pub const LAB: Host = host(Some(WARDS), [10, 30, 0, 7], [2, 0, 0, 30, 0, 7], 128);
/// The hospital information system.
pub const HIS: Host = host(Some(WARDS), [10, 30, 0, 8], [2, 0, 0, 30, 0, 8], 64);
/// The gateway of the patient monitors; its MAC address is of a block of Philips Patient Monitoring.
pub const GATEWAY: Host = host(Some(WARDS), [10, 30, 0, 9], [0x00, 0x09, 0xfb, 0x99, 0x00, 0x09], 128);
/// An infusion pump; its MAC address is of a block of B. Braun.
pub const PUMP: Host = host(Some(WARDS), [10, 30, 0, 21], [0x00, 0x12, 0x21, 0x99, 0x02, 0x01], 64);
/// A reading workstation.
pub const WORKSTATION: Host = host(Some(WARDS), [10, 30, 0, 40], [2, 0, 0, 30, 0, 0x40], 128);
/// A workstation that still calls an archive of the past.
pub const STRAY_WORKSTATION: Host = host(Some(WARDS), [10, 30, 0, 41], [2, 0, 0, 30, 0, 0x41], 128);
/// A printer that only announces itself.
pub const PRINTER: Host = host(Some(WARDS), [10, 30, 0, 60], [2, 0, 0, 30, 0, 0x60], 64);

/// An office computer in another network.
pub const OFFICE: Host = host(None, [10, 40, 0, 77], [2, 0, 0, 40, 0, 0x77], 64);
/// The time server, in another network.
pub const TIME_SERVER: Host = host(None, [10, 40, 0, 53], [2, 0, 0, 40, 0, 0x53], 64);

impl Host {
    /// One end of a conversation with a peer.
    pub fn end(&self, port: u16, peer: &Self) -> End {
        let (source, vlan, ttl) = match self.vlan {
            Some(vlan) => (self.mac, vlan, self.ttl),
            None => (ROUTER_IMAGING.mac, peer.vlan.unwrap_or(IMAGING), self.ttl - 1),
        };
        let is_near = self.vlan.is_none() || self.vlan == peer.vlan;
        let next_hop = if is_near { peer.mac } else { ROUTER_IMAGING.mac };
        End { address: SocketAddr::new(IpAddr::V4(self.ip), port), source, next_hop, vlans: vec![vlan], ttl }
    }

    /// Asks for the MAC address of a neighbour and is answered.
    pub fn resolve(&self, neighbour: &Self, at: u64) -> Vec<Packet> {
        let (me, other) = ((self.mac, self.ip), (neighbour.mac, neighbour.ip));
        let request = arp(ArpKind::Request, me, ([0; 6], neighbour.ip));
        let reply = arp(ArpKind::Reply, other, me);
        vec![self.arp(at, BROADCAST, &request), neighbour.arp(at + 120_000, self.mac, &reply)]
    }

    /// Announces its own address (RFC 5227, 3).
    pub fn announce(&self, at: u64) -> Vec<Packet> {
        let request = arp(ArpKind::Request, (self.mac, self.ip), ([0; 6], self.ip));
        vec![self.arp(at, BROADCAST, &request)]
    }

    fn arp(&self, at: u64, to: Mac, message: &[u8]) -> Packet {
        let vlans: Vec<u16> = self.vlan.into_iter().collect();
        Packet::new(at, ethernet(self.mac, to, &vlans, ETHER_ARP, message))
    }
}
