//! Who had an address when: addresses are given anew, and whoever has one next is another device.

use foldhash::HashMap;
use std::net::IpAddr;
use wardwatch_model::{Mac, PacketTime, Tunnels};

/// Devices, by position, and the addresses they had, in each tunnel for itself.
#[derive(Debug, Default)]
pub(super) struct Holders {
    by_ip: HashMap<(IpAddr, Tunnels), Vec<Holder>>,
    by_mac: HashMap<(Mac, Tunnels), usize>,
}

/// A device that had an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Holder {
    /// When it was first seen to have it.
    first: PacketTime,
    /// When it was last seen to have it; first <= last.
    last: PacketTime,
    device: usize,
}

impl Holders {
    /// A MAC address is a device's own.
    pub(super) fn own(&mut self, (mac, tunnels): (Mac, Tunnels), device: usize) {
        self.by_mac.insert((mac, tunnels), device);
    }

    /// A device was seen to have an address.
    pub(super) fn hold(
        &mut self,
        (ip, tunnels): (IpAddr, Tunnels),
        device: usize,
        first: PacketTime,
        last: PacketTime,
    ) {
        let holders = self.by_ip.entry((ip, tunnels)).or_default();
        match holders.iter_mut().find(|holder| holder.device == device) {
            Some(known) => (known.first, known.last) = (known.first.min(first), known.last.max(last)),
            None => holders.push(Holder { first, last, device }),
        }
        holders.sort_unstable();
    }

    /// The device whose own a MAC address is.
    pub(super) fn with_mac(&self, mac: Mac, tunnels: Tunnels) -> Option<usize> {
        self.by_mac.get(&(mac, tunnels)).copied()
    }

    /// The devices that had an address, in the order they came to it.
    pub(super) fn of(&self, ip: IpAddr, tunnels: Tunnels) -> impl Iterator<Item = usize> + '_ {
        self.by_ip.get(&(ip, tunnels)).into_iter().flatten().map(|holder| holder.device)
    }

    /// The device that sent from an address at a moment, in frames of a MAC address: the one whose own that is. Where it is
    /// a router's or not known, the one that had the address then; else the last one that came to it before; else the
    /// first. Whoever has no address yet is known by the MAC address alone.
    pub(super) fn owner(&self, (ip, tunnels): (IpAddr, Tunnels), mac: Option<Mac>, at: PacketTime) -> Option<usize> {
        let by_mac = mac.and_then(|mac| self.with_mac(mac, tunnels));
        if ip.is_unspecified() {
            return by_mac;
        }
        let holders = self.by_ip.get(&(ip, tunnels))?;
        let by_mac = by_mac.filter(|device| holders.iter().any(|holder| holder.device == *device));
        let before = || holders.iter().rev().filter(|holder| holder.first <= at);
        let by_time = || before().find(|holder| at <= holder.last).or_else(|| before().next()).or(holders.first());
        by_mac.or_else(|| by_time().map(|holder| holder.device))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IP: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 7));
    const HERE: Tunnels = Tunnels::none();
    const ROUTER: Mac = Mac([2, 0, 0, 0, 0, 9]);

    fn mac(device: usize) -> Mac {
        Mac([2, 0, 0, 0, 1, u8::try_from(device).unwrap()])
    }

    /// Devices 0, 1, … had the address in these times.
    fn holders(windows: &[(u64, u64)]) -> Holders {
        let mut holders = Holders::default();
        for (device, (first, last)) in windows.iter().enumerate() {
            holders.own((mac(device), HERE), device);
            holders.hold((IP, HERE), device, PacketTime(*first), PacketTime(*last));
        }
        holders.own((ROUTER, HERE), 99);
        holders
    }

    #[test]
    fn whoever_sends_from_its_own_mac_is_meant_at_any_time() {
        let holders = holders(&[(10, 20), (30, 40)]);
        for at in [0, 15, 25, 35, 99] {
            assert_eq!(holders.owner((IP, HERE), Some(mac(0)), PacketTime(at)), Some(0));
            assert_eq!(holders.owner((IP, HERE), Some(mac(1)), PacketTime(at)), Some(1));
        }
    }

    #[test]
    fn behind_a_router_the_time_tells() {
        let holders = holders(&[(10, 20), (30, 40)]);
        for (at, expected) in [(0, 0), (10, 0), (20, 0), (25, 0), (30, 1), (40, 1), (99, 1)] {
            for mac in [None, Some(ROUTER)] {
                assert_eq!(holders.owner((IP, HERE), mac, PacketTime(at)), Some(expected), "{at}");
            }
        }
        assert!(holders.of(IP, HERE).eq([0, 1]));
    }

    #[test]
    fn whoever_was_seen_to_have_it_before_and_after_had_it_in_between() {
        let holders = holders(&[(10, 90), (30, 40)]);
        for (at, expected) in [(20, 0), (35, 1), (50, 0), (95, 1)] {
            assert_eq!(holders.owner((IP, HERE), None, PacketTime(at)), Some(expected), "{at}");
        }
    }

    #[test]
    fn without_an_address_the_mac_alone_tells() {
        let holders = holders(&[(10, 20)]);
        let nowhere = IpAddr::from([0, 0, 0, 0]);
        assert_eq!(holders.owner((nowhere, HERE), Some(mac(0)), PacketTime(0)), Some(0));
        assert_eq!(holders.owner((nowhere, HERE), None, PacketTime(15)), None);
        assert_eq!(holders.owner((IpAddr::from([10, 0, 0, 8]), HERE), Some(mac(0)), PacketTime(15)), None);
    }
}
