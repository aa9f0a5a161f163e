//! Which packets belong together.

use crate::{limits::SHARDS, protocol::Side};
use std::{
    hash::{Hash, Hasher},
    net::{IpAddr, Ipv4Addr},
};
use wardwatch_model::Transport;

/// An address and a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Endpoint {
    pub(crate) ip: IpAddr,
    pub(crate) port: u16,
}

/// The two ends of a flow, the smaller one first, so that both directions have the same key. VLAN tags are no part of
/// it: mirror ports often tag one direction only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FlowKey {
    pub(crate) a: Endpoint,
    pub(crate) b: Endpoint,
    pub(crate) transport: Transport,
}

/// The same as derived, in fewer and larger pieces: this is done for each packet.
impl Hash for FlowKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let tcp = u64::from(self.transport == Transport::Tcp);
        if let (IpAddr::V4(a), IpAddr::V4(b)) = (self.a.ip, self.b.ip) {
            let end = |ip: Ipv4Addr, port: u16| u64::from(ip.to_bits()) << 16 | u64::from(port);
            return state
                .write_u128(u128::from(tcp << 48 | end(a, self.a.port)) << 64 | u128::from(end(b, self.b.port)));
        }
        for end in [self.a, self.b] {
            match end.ip {
                IpAddr::V4(ip) => state.write_u64(u64::from(ip.to_bits()) << 16 | u64::from(end.port)),
                IpAddr::V6(ip) => {
                    state.write_u128(ip.to_bits());
                    state.write_u16(end.port);
                }
            }
        }
        state.write_u64(tcp);
    }
}

impl FlowKey {
    /// The key of a packet and the side that sent it.
    pub(crate) fn new(source: Endpoint, destination: Endpoint, transport: Transport) -> (Self, Side) {
        // Addresses of one kind are compared as numbers, which is what their order means.
        let in_order = match (source.ip, destination.ip) {
            (IpAddr::V4(a), IpAddr::V4(b)) => (a.to_bits(), source.port) <= (b.to_bits(), destination.port),
            _ => source <= destination,
        };
        if in_order {
            (Self { a: source, b: destination, transport }, Side::A)
        } else {
            (Self { a: destination, b: source, transport }, Side::B)
        }
    }

    /// An end.
    pub(crate) const fn end(&self, side: Side) -> Endpoint {
        match side {
            Side::A => self.a,
            Side::B => self.b,
        }
    }

    /// The shard the flow lives in: the same on every machine and with every number of workers.
    pub(crate) fn shard(&self) -> usize {
        const MIX: u64 = 0x9e37_79b9_7f4a_7c15;
        let word = |end: Endpoint| match end.ip {
            IpAddr::V4(ip) => u64::from(ip.to_bits()) << 16 | u64::from(end.port),
            IpAddr::V6(ip) => {
                let [a, b, c, d, e, f, g, h] = ip.segments().map(u64::from);
                let [high, low] = [a << 48 | b << 32 | c << 16 | d, e << 48 | f << 32 | g << 16 | h];
                high.wrapping_mul(MIX).rotate_left(29) ^ low ^ (u64::from(end.port) << 48)
            }
        };
        let mixed = word(self.a).wrapping_mul(MIX).rotate_left(31) ^ word(self.b);
        let mixed = (mixed ^ (mixed >> 32)).wrapping_mul(MIX);
        (mixed >> 32) as usize % SHARDS
    }
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
