//! The packets of the last moments, to know one that is captured twice: by both mirror ports of a switch, on two interfaces,
//! on both sides of a router.

use super::key::{FlowKey, low};
use crate::{
    decode::{Arp, Fragment, Of, TcpSegment, UdpDatagram},
    protocol::Side,
};
use std::net::IpAddr;
use wardwatch_model::{PacketTime, Tunnels};
use wardwatch_ring::prefetch;

/// Tells packets from each other by what a mirror port, a VLAN tag or a router leaves as it is: addresses, ports, numbers,
/// payload and the identification of the IP packet. A device that sends the same bytes once more gives them another
/// identification; where there is none, only copies that follow at once are believed to be copies.
#[derive(Clone, Copy, Default)]
pub(crate) struct Stamp(u64);

/// Stamps of the last packets, as many as there is room for. Unseeded, so that the same packets are known again in every run.
#[derive(Default)]
pub(crate) struct Recent {
    /// Empty or of [`Self::SETS`].
    sets: Vec<[Entry; Recent::WAYS]>,
}

/// The half of a stamp that its place does not tell, and when it was seen, in ticks.
#[derive(Clone, Copy, Default)]
struct Entry {
    stamp: u32,
    at: u32,
}

/// Nanoseconds of a tick, as a power of two. Ticks come round again after 73 minutes.
const TICK: u32 = 10;

impl Recent {
    /// Packets remembered of each set; the oldest makes room.
    const WAYS: usize = 4;
    const SETS: usize = 512;

    /// How much later a copy may come, packet time. A copy comes within milliseconds, and a device that keeps the identification
    /// when it sends again (RFC 1122, 3.2.1.5) waits for 200 ms at least.
    const PATIENCE: u64 = 100_000_000;
    /// The same of packets without identification, which a device may send alike in a short time.
    const LITTLE_PATIENCE: u64 = 5_000_000;

    /// Has loaded what [`Self::is_again`] will need.
    #[inline(always)]
    pub(super) fn prefetch(&self, stamp: Stamp) {
        if let Some(set) = self.sets.get(stamp.set()) {
            prefetch(set);
        }
    }

    /// Whether a packet was seen a moment ago; it is remembered if not.
    #[inline(always)]
    pub(crate) fn is_again(&mut self, stamp: Stamp, at: PacketTime) -> bool {
        if stamp.is_none() {
            return false;
        }
        if self.sets.is_empty() {
            self.sets.resize(Self::SETS, Default::default());
        }
        let Some(set) = self.sets.get_mut(stamp.set()) else { return false };
        let patience = if stamp.is_named() { Self::PATIENCE } else { Self::LITTLE_PATIENCE };
        let new = Entry { stamp: stamp.rest(), at: ticks(at.0) };
        let is_same = |known: &Entry| known.stamp == new.stamp && known.since(new.at) <= ticks(patience);
        if set.iter().any(is_same) {
            return true;
        }
        let [first, second, third, _] = *set;
        *set = [new, first, second, third];
        false
    }
}

impl Entry {
    /// Ticks between two moments, whichever came first: clocks of two captures differ.
    fn since(self, at: u32) -> u32 {
        at.wrapping_sub(self.at).cast_signed().unsigned_abs()
    }
}

fn ticks(nanos: u64) -> u32 {
    u32::try_from(nanos >> TICK & u64::from(u32::MAX)).unwrap_or(0)
}

impl Stamp {
    /// Set where the packet has an identification.
    const NAMED: u64 = 1;

    /// `id`: identification, 0 where there is none. An acknowledgement without one has no stamp: a receiver sends several that
    /// are alike, and they tell nothing.
    #[inline(always)]
    pub(crate) fn of_segment(key: &FlowKey, side: Side, id: u32, segment: &TcpSegment<'_>) -> Self {
        let is_event = segment.syn || segment.fin || segment.rst || !segment.payload.is_empty() || segment.missing > 0;
        if id == 0 && !is_event {
            return Self::default();
        }
        let numbers = u64::from(segment.sequence) << 32 | u64::from(segment.acknowledgement.unwrap_or(0));
        let flags = [segment.syn, segment.fin, segment.rst, segment.acknowledgement.is_some(), side == Side::A];
        let flags = flags.into_iter().fold(0, |bits, flag| bits << 1 | u64::from(flag));
        // Without identification, the checksum covers the time stamp option, which goes on before a segment is sent again.
        let name = if id == 0 { u32::from(segment.checksum) } else { id };
        let length = segment.payload.len() as u64 + u64::from(segment.missing);
        let rest = u64::from(name) << 32 | u64::from(segment.window) << 16 | flags;
        Self::new(fold(fold(key.digest(), numbers) ^ length, rest), id)
    }

    /// `id`: as of a segment.
    pub(crate) fn of_datagram(key: &FlowKey, side: Side, id: u32, datagram: &UdpDatagram<'_>) -> Self {
        let rest = u64::from(id) << 32 | u64::from(datagram.missing) << 1 | u64::from(side == Side::A);
        Self::new(fold(fold(key.digest(), rest), digest(datagram.payload)), id)
    }

    /// Of a part of an IP packet.
    pub(crate) fn of_fragment(fragment: &Fragment<'_>) -> Self {
        let datagram = &fragment.datagram;
        let ends = fold(address(datagram.source), address(datagram.destination));
        let place = u64::from(fragment.offset) << 2 | u64::from(fragment.more) << 1 | u64::from(fragment.is_cut);
        let of = match datagram.of {
            Of::Ip(number) => number.into(),
            Of::Wifi => 0x100,
            Of::Ethernet => 0x200,
        };
        let rest = (u64::from(datagram.id) << 32 | place << 8) ^ of;
        Self::new(fold(fold(ends ^ datagram.tunnels.fingerprint(), rest), digest(fragment.payload)), datagram.id)
    }

    /// Of an ARP message; of one that says nothing of IPv4 there is none.
    pub(crate) fn of_arp(arp: &Arp, tunnels: &Tunnels) -> Self {
        if arp.operation == 0 {
            return Self::default();
        }
        let [a, b, c, d, e, f] = arp.mac.unwrap_or_default().0;
        let [high, low] = arp.operation.to_be_bytes();
        let sender = u64::from_be_bytes([high, low, a, b, c, d, e, f]) ^ tunnels.fingerprint();
        let ends = [arp.ip, arp.target].map(|ip| u64::from(ip.map_or(0, |ip| ip.to_bits())));
        let [ip, target] = ends;
        Self::new(fold(sender, ip << 32 | target), 0)
    }

    /// The same at a place of its own.
    pub(super) fn at(self, place: u64) -> Self {
        let bits = if self.is_none() { 0 } else { fold(self.0, place) };
        Self(bits & !Self::NAMED | self.0 & Self::NAMED)
    }

    fn new(bits: u64, id: u32) -> Self {
        Self(bits & !Self::NAMED | u64::from(id != 0))
    }

    const fn is_none(self) -> bool {
        self.0 == 0
    }

    const fn is_named(self) -> bool {
        self.0 & Self::NAMED != 0
    }

    fn set(self) -> usize {
        usize::try_from(self.0 >> 32).unwrap_or(0) % Recent::SETS
    }

    fn rest(self) -> u32 {
        u32::try_from(self.0 & u64::from(u32::MAX)).unwrap_or(0)
    }
}

/// Both numbers in one, every bit of which depends on all of theirs.
#[inline(always)]
pub(super) fn fold(a: u64, b: u64) -> u64 {
    const A: u64 = 0x9e37_79b9_7f4a_7c15;
    const B: u64 = 0xd1b5_4a32_d192_ed03;
    let product = u128::from(a ^ A) * u128::from(b ^ B);
    low(product) ^ low(product >> 64)
}

/// Bytes in one number, the same on every machine.
fn digest(bytes: &[u8]) -> u64 {
    let (chunks, rest) = bytes.as_chunks::<16>();
    let mut last = [0; 16];
    last.iter_mut().zip(rest).for_each(|(place, byte)| *place = *byte);
    chunks.iter().chain([&last]).fold(bytes.len() as u64, |digest, chunk| {
        let chunk = u128::from_le_bytes(*chunk);
        fold(digest ^ low(chunk), low(chunk >> 64))
    })
}

fn address(ip: IpAddr) -> u64 {
    let bits = match ip {
        IpAddr::V4(ip) => ip.to_bits().into(),
        IpAddr::V6(ip) => ip.to_bits(),
    };
    fold(low(bits), low(bits >> 64))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    fn stamp(n: u64, id: u32) -> Stamp {
        Stamp::new(fold(n, 7), id)
    }

    #[test]
    fn a_packet_is_known_again_for_a_moment_whichever_copy_has_the_earlier_time() {
        for (id, patience) in [(5, Recent::PATIENCE), (0, Recent::LITTLE_PATIENCE)] {
            for start in [0, 10 * SECOND, (1 << 42) - 500_000, 3 * (1 << 42)] {
                for (later, is_again) in [(0, true), (patience - 2000, true), (patience + 2000, false)] {
                    let mut recent = Recent::default();
                    assert!(!recent.is_again(stamp(1, id), PacketTime(start + SECOND)));
                    let at = |nanos: u64| PacketTime(nanos);
                    assert_eq!(recent.is_again(stamp(1, id), at(start + SECOND + later)), is_again, "{id} {later}");
                    let mut recent = Recent::default();
                    assert!(!recent.is_again(stamp(1, id), PacketTime(start + SECOND)));
                    assert_eq!(recent.is_again(stamp(1, id), at(start + SECOND - later)), is_again, "{id} -{later}");
                }
            }
        }
    }

    #[test]
    fn hundreds_of_packets_may_lie_between_two_copies() {
        let mut recent = Recent::default();
        for n in 0..10_000 {
            assert!(!recent.is_again(stamp(n, 1), PacketTime(n)));
            if let Some(before) = n.checked_sub(400) {
                assert!(recent.is_again(stamp(before, 1), PacketTime(n)), "{before}");
            }
        }
        assert_eq!(recent.sets.len(), Recent::SETS);
    }

    #[test]
    fn every_byte_and_every_length_makes_another_digest() {
        let bytes: Vec<u8> = (0..=200).collect();
        let mut digests: Vec<u64> = (0..=200).map(|length| digest(bytes.get(..length).unwrap())).collect();
        for n in 0..200 {
            let mut other = bytes.clone();
            *other.get_mut(n).unwrap() ^= 1;
            digests.push(digest(&other));
        }
        digests.extend([digest(&[0; 16]), digest(&[0; 17])]);
        let count = digests.len();
        digests.sort_unstable();
        digests.dedup();
        assert_eq!(digests.len(), count);
    }
}
