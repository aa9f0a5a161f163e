//! Which packets belong together.

use super::recent::fold;
use crate::{limits::SHARDS, protocol::Side};
use std::{
    hash::{Hash, Hasher},
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};
use wardwatch_model::{Mac, Transport, Tunnels};

/// An address and a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Endpoint {
    pub(crate) ip: IpAddr,
    pub(crate) port: u16,
}

/// The two ends of a flow, the smaller one first, so that both directions have the same key. VLAN tags are no part of
/// it: mirror ports often tag one direction only; tunnels are, as two of them may have the same addresses. Flat, as it is made, compared and hashed for each packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FlowKey {
    /// Addresses: of IPv4 the number, which the kind tells from the same of IPv6; above the 32 bits of the unspecified address
    /// the MAC address of who sends from it.
    a: u128,
    b: u128,
    ports: [u16; 2],
    kind: Kind,
    /// Of the tunnels it is in; 0 for none.
    tunnels: u64,
}

/// What addresses and ports are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Tcp4,
    Udp4,
    Tcp6,
    Udp6,
    Ip4,
    Ip6,
}

impl Hash for FlowKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self.kind {
            Kind::Tcp4 | Kind::Udp4 | Kind::Ip4 => state.write_u128(self.a << 48 ^ self.b),
            Kind::Tcp6 | Kind::Udp6 | Kind::Ip6 => {
                state.write_u128(self.a);
                state.write_u128(self.b);
            }
        }
        state.write_u64(u64::from(self.ports()) << 8 | self.kind as u64);
        if self.tunnels != 0 {
            state.write_u64(self.tunnels);
        }
    }
}

impl FlowKey {
    /// The key of a packet and the side that sent it.
    #[inline(always)]
    pub(crate) fn new(source: Endpoint, destination: Endpoint, transport: Transport) -> (Self, Side) {
        let (from, to, is_v4) = match (source.ip, destination.ip) {
            (IpAddr::V4(from), IpAddr::V4(to)) => (from.to_bits().into(), to.to_bits().into(), true),
            (from, to) => (bits(from), bits(to), false),
        };
        let kind = match (transport, is_v4) {
            (Transport::Tcp, true) => Kind::Tcp4,
            (Transport::Udp, true) => Kind::Udp4,
            (Transport::Tcp, false) => Kind::Tcp6,
            (Transport::Udp, false) => Kind::Udp6,
            (Transport::Ip, true) => Kind::Ip4,
            (Transport::Ip, false) => Kind::Ip6,
        };
        if (from, source.port) <= (to, destination.port) {
            (Self { a: from, b: to, ports: [source.port, destination.port], kind, tunnels: 0 }, Side::A)
        } else {
            (Self { a: to, b: from, ports: [destination.port, source.port], kind, tunnels: 0 }, Side::B)
        }
    }

    /// The key of a datagram that came from the unspecified address: all who have no address yet send from it, so whose it
    /// is shows the MAC address.
    pub(crate) fn of_sender(mut self, sender: Side, mac: Option<Mac>) -> Self {
        let address = match sender {
            Side::A => &mut self.a,
            Side::B => &mut self.b,
        };
        if self.kind == Kind::Udp4 && *address == 0 {
            let [a, b, c, d, e, f] = mac.unwrap_or_default().0;
            *address = u128::from(u64::from_be_bytes([0, 0, a, b, c, d, e, f])) << 32;
        }
        self
    }

    /// The key of the same in tunnels.
    #[inline(always)]
    pub(crate) fn within(mut self, tunnels: &Tunnels) -> Self {
        self.tunnels = tunnels.fingerprint();
        self
    }

    /// An end.
    pub(crate) fn end(&self, side: Side) -> Endpoint {
        let [a, b] = self.ports;
        let (bits, port) = match side {
            Side::A => (self.a, a),
            Side::B => (self.b, b),
        };
        let ip = match (self.kind, u32::try_from(bits & u128::from(u32::MAX))) {
            (Kind::Tcp4 | Kind::Udp4 | Kind::Ip4, Ok(bits)) => Ipv4Addr::from_bits(bits).into(),
            _ => Ipv6Addr::from_bits(bits).into(),
        };
        Endpoint { ip, port }
    }

    /// TCP or UDP.
    pub(crate) const fn transport(&self) -> Transport {
        match self.kind {
            Kind::Tcp4 | Kind::Tcp6 => Transport::Tcp,
            Kind::Udp4 | Kind::Udp6 => Transport::Udp,
            Kind::Ip4 | Kind::Ip6 => Transport::Ip,
        }
    }

    /// The same in short, if it is of TCP between IPv4 addresses, in no tunnel.
    pub(super) fn short(&self) -> Option<ShortKey> {
        match (self.kind, u32::try_from(self.a), u32::try_from(self.b)) {
            (Kind::Tcp4, Ok(a), Ok(b)) if self.tunnels == 0 => Some(ShortKey { a, b, ports: self.ports }),
            _ => None,
        }
    }

    /// Most likely another number for another key, the same on every machine.
    #[inline(always)]
    pub(super) fn digest(&self) -> u64 {
        let ends =
            fold(low(self.a) ^ low(self.a >> 64).rotate_left(32), low(self.b) ^ low(self.b >> 64).rotate_left(32));
        ends ^ self.tunnels ^ (u64::from(self.ports()) << 8 | self.kind as u64)
    }

    fn ports(&self) -> u32 {
        let [a, b] = self.ports;
        u32::from(a) << 16 | u32::from(b)
    }

    /// The shard the flow lives in: the same on every machine and with every number of workers.
    #[inline(always)]
    pub(crate) fn shard(&self) -> usize {
        let word = |bits: u128, port: u16| match self.kind {
            Kind::Tcp4 | Kind::Udp4 | Kind::Ip4 => low(bits) << 16 | u64::from(port),
            Kind::Tcp6 | Kind::Udp6 | Kind::Ip6 => {
                low(bits >> 64).wrapping_mul(MIX).rotate_left(29) ^ low(bits) ^ (u64::from(port) << 48)
            }
        };
        let [a, b] = self.ports;
        shard(word(self.a, a).wrapping_mul(MIX).rotate_left(31) ^ word(self.b, b) ^ self.tunnels)
    }
}

/// The key of a connection between IPv4 addresses, in few bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ShortKey {
    a: u32,
    b: u32,
    ports: [u16; 2],
}

impl ShortKey {
    /// The key.
    pub(super) fn long(self) -> FlowKey {
        FlowKey { a: self.a.into(), b: self.b.into(), ports: self.ports, kind: Kind::Tcp4, tunnels: 0 }
    }

    /// Whether it is this one.
    pub(super) fn is(self, key: &FlowKey) -> bool {
        let is_plain = key.kind == Kind::Tcp4 && key.tunnels == 0;
        is_plain && u128::from(self.a) == key.a && u128::from(self.b) == key.b && self.ports == key.ports
    }
}

const MIX: u64 = 0x9e37_79b9_7f4a_7c15;

fn shard(bits: u64) -> usize {
    let mixed = (bits ^ (bits >> 32)).wrapping_mul(MIX);
    (mixed >> 32) as usize % SHARDS
}

/// The shard in which is told whose an address is, where no flow tells it.
pub(crate) fn shard_of(ip: IpAddr, tunnels: &Tunnels) -> usize {
    let bits = bits(ip);
    shard(low(bits >> 64).wrapping_mul(MIX).rotate_left(29) ^ low(bits).wrapping_mul(MIX) ^ tunnels.fingerprint())
}

/// The shard in which is told what is announced on a link.
pub(crate) fn shard_of_mac(mac: Option<Mac>) -> usize {
    let [a, b, c, d, e, f] = mac.unwrap_or_default().0;
    shard(u64::from_be_bytes([0, 0, a, b, c, d, e, f]).wrapping_mul(MIX))
}

fn bits(ip: IpAddr) -> u128 {
    match ip {
        IpAddr::V4(ip) => ip.to_ipv6_mapped().to_bits(),
        IpAddr::V6(ip) => ip.to_bits(),
    }
}

/// The lower half.
pub(super) fn low(bits: u128) -> u64 {
    u64::try_from(bits & u128::from(u64::MAX)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_directions_have_one_key_and_know_their_side() {
        let a = Endpoint { ip: Ipv4Addr::new(10, 0, 0, 1).into(), port: 104 };
        let b = Endpoint { ip: Ipv4Addr::new(10, 0, 0, 2).into(), port: 50_000 };
        let (forth, first) = FlowKey::new(a, b, Transport::Tcp);
        let (back, second) = FlowKey::new(b, a, Transport::Tcp);
        assert_eq!((forth, first, second), (back, Side::A, Side::B));
        assert_eq!(forth.end(Side::B), b);
    }

    #[test]
    fn addresses_of_both_kinds_come_back_as_they_were_and_are_told_apart() {
        let ends = |ip: &str, port| Endpoint { ip: ip.parse().unwrap(), port };
        let mut keys = Vec::new();
        for (a, b) in [("10.0.0.1", "10.0.0.2"), ("::a00:1", "::a00:2"), ("::ffff:10.0.0.1", "::ffff:10.0.0.2")] {
            for transport in [Transport::Tcp, Transport::Udp] {
                let (key, _) = FlowKey::new(ends(a, 1), ends(b, 2), transport);
                assert_eq!((key.end(Side::A), key.end(Side::B)), (ends(a, 1), ends(b, 2)));
                assert_eq!(key.transport(), transport);
                assert!(!keys.contains(&key));
                keys.push(key);
            }
        }
        assert_eq!(keys.iter().filter_map(FlowKey::short).map(ShortKey::long).collect::<Vec<_>>(), keys[..1]);
    }

    #[test]
    fn flows_spread_evenly_over_the_shards() {
        let mut count = [0u32; SHARDS];
        let server = Endpoint { ip: Ipv4Addr::new(10, 0, 0, 1).into(), port: 2575 };
        for host in 0..100u32 {
            for port in 0..640u16 {
                let client = Endpoint { ip: Ipv4Addr::from(0x0a00_0100 + host).into(), port: 40_000 + port };
                count[FlowKey::new(client, server, Transport::Tcp).0.shard()] += 1;
            }
        }
        assert!(count.iter().all(|n| (800..1200).contains(n)), "{count:?}");
    }
}
