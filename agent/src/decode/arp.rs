//! ARP (RFC 826) for IPv4 over Ethernet.

use super::Undecodable;
use etherparse::{ArpHardwareId, ArpPacketSlice, EtherType};
use std::net::Ipv4Addr;
use wardwatch_model::Mac;

/// What an ARP message claims about its sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arp {
    /// Sender hardware address; none where it is all zeros.
    pub(crate) mac: Option<Mac>,
    /// Sender protocol address; none in a probe (RFC 5227, 1.1), which claims nothing yet.
    pub(crate) ip: Option<Ipv4Addr>,
}

pub(super) fn decode(bytes: &[u8]) -> Result<Arp, Undecodable> {
    let arp = ArpPacketSlice::from_slice(bytes).map_err(|_| Undecodable::Arp)?;
    let other = Arp { mac: None, ip: None };
    if arp.hw_addr_type() != ArpHardwareId::ETHERNET || arp.proto_addr_type() != EtherType::IPV4 {
        return Ok(other);
    }
    let (Ok(mac), Ok(ip)) =
        (<[u8; 6]>::try_from(arp.sender_hw_addr()), <[u8; 4]>::try_from(arp.sender_protocol_addr()))
    else {
        return Err(Undecodable::Arp);
    };
    let ip = Ipv4Addr::from(ip);
    Ok(Arp { mac: Mac::known(mac), ip: (!ip.is_unspecified()).then_some(ip) })
}
