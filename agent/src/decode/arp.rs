//! ARP (RFC 826) for IPv4 over Ethernet.

use super::Undecodable;
use etherparse::{ArpHardwareId, ArpPacketSlice, EtherType};
use std::net::Ipv4Addr;
use wardwatch_model::Mac;

/// What an ARP message claims about its sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arp {
    /// 1 for a request, 2 for a reply; 0 where it is not of IPv4 over Ethernet.
    pub(crate) operation: u16,
    /// Sender hardware address; none where it is all zeros.
    pub(crate) mac: Option<Mac>,
    /// Sender protocol address; none in a probe (RFC 5227, 1.1), which claims nothing yet.
    pub(crate) ip: Option<Ipv4Addr>,
    /// Target protocol address.
    pub(crate) target: Option<Ipv4Addr>,
}

pub(super) fn decode(bytes: &[u8]) -> Result<Arp, Undecodable> {
    let arp = ArpPacketSlice::from_slice(bytes).map_err(|_| Undecodable::Arp)?;
    let other = Arp { operation: 0, mac: None, ip: None, target: None };
    if arp.hw_addr_type() != ArpHardwareId::ETHERNET || arp.proto_addr_type() != EtherType::IPV4 {
        return Ok(other);
    }
    let ipv4 = |bytes: &[u8]| <[u8; 4]>::try_from(bytes).map(Ipv4Addr::from);
    let (Ok(mac), Ok(ip), Ok(target)) =
        (<[u8; 6]>::try_from(arp.sender_hw_addr()), ipv4(arp.sender_protocol_addr()), ipv4(arp.target_protocol_addr()))
    else {
        return Err(Undecodable::Arp);
    };
    let ip = (!ip.is_unspecified()).then_some(ip);
    Ok(Arp { operation: arp.operation().0, mac: Mac::known(mac), ip, target: Some(target) })
}
