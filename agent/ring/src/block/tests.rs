//! Blocks as the kernel lays them out, and blocks as nobody should.

use super::*;
use proptest::prelude::*;

/// A packet to lay out.
#[derive(Clone, Debug)]
struct Laid {
    nanos: u64,
    bytes: Vec<u8>,
    cut: u32,
    vlan: Option<(Option<u16>, u16)>,
    is_outgoing: bool,
}

impl Laid {
    fn header(&self, mac: u16, next: u32) -> Vec<u8> {
        let length = u32::try_from(self.bytes.len()).unwrap();
        let mut header = vec![0; usize::from(mac)];
        let mut put = |at: usize, field: &[u8]| header[at..at + field.len()].copy_from_slice(field);
        put(packet::NEXT, &next.to_ne_bytes());
        put(packet::SECONDS, &u32::try_from(self.nanos / 1_000_000_000).unwrap().to_ne_bytes());
        put(packet::NANOS, &u32::try_from(self.nanos % 1_000_000_000).unwrap().to_ne_bytes());
        put(packet::CAPTURED, &length.to_ne_bytes());
        put(packet::WIRE, &(length + self.cut).to_ne_bytes());
        put(packet::MAC, &mac.to_ne_bytes());
        if let Some((tpid, tci)) = self.vlan {
            put(packet::STATUS, &(VLAN_VALID | tpid.map_or(0, |_| VLAN_TPID_VALID)).to_ne_bytes());
            put(packet::VLAN_TCI, &u32::from(tci).to_ne_bytes());
            put(packet::VLAN_TPID, &tpid.unwrap_or_default().to_ne_bytes());
        }
        put(packet::KIND, &[if self.is_outgoing { OUTGOING } else { libc::PACKET_OTHERHOST }]);
        header
    }

    fn expected(&self) -> Packet<'_> {
        Packet {
            nanos: self.nanos,
            bytes: &self.bytes,
            wire_len: u32::try_from(self.bytes.len()).unwrap() + self.cut,
            vlan: self.vlan.map(|(tpid, tci)| VlanTag { tpid: tpid.unwrap_or(TPID), tci }),
            is_outgoing: self.is_outgoing,
        }
    }
}

/// A block with these packets: each header is at a multiple of 16, the network header too.
fn block(packets: &[Laid]) -> Vec<u8> {
    let mut bytes = vec![0; block::LENGTH];
    bytes[block::PACKETS..][..4].copy_from_slice(&u32::try_from(packets.len()).unwrap().to_ne_bytes());
    bytes[block::FIRST..][..4].copy_from_slice(&u32::try_from(block::LENGTH).unwrap().to_ne_bytes());
    for (number, laid) in packets.iter().enumerate() {
        let mac = 82;
        let whole = (usize::from(mac) + laid.bytes.len()).next_multiple_of(16);
        let next = if number + 1 == packets.len() { 0 } else { u32::try_from(whole).unwrap() };
        let end = bytes.len() + whole;
        bytes.extend(laid.header(mac, next));
        bytes.extend(&laid.bytes);
        bytes.resize(end, 0);
    }
    bytes
}

fn laid() -> impl Strategy<Value = Laid> {
    let nanos = 0..u64::from(u32::MAX) * 1_000_000_000;
    let bytes = prop::collection::vec(any::<u8>(), 0..200);
    let vlan = prop::option::of((prop::option::of(any::<u16>()), any::<u16>()));
    (nanos, bytes, 0..2000_u32, vlan, any::<bool>()).prop_map(|(nanos, bytes, cut, vlan, is_outgoing)| Laid {
        nanos,
        bytes,
        cut,
        vlan,
        is_outgoing,
    })
}

/// Where something lies in memory.
fn place(bytes: &[u8]) -> std::ops::Range<usize> {
    let range = bytes.as_ptr_range();
    range.start as usize..range.end as usize
}

proptest! {
    #[test]
    fn what_the_kernel_lays_out_is_found(packets in prop::collection::vec(laid(), 0..20)) {
        let bytes = block(&packets);
        let mut found = Packets::new(&bytes);
        for laid in &packets {
            prop_assert_eq!(found.next(), Some(laid.expected()));
        }
        prop_assert_eq!((found.next(), found.left()), (None, 0));
    }

    #[test]
    fn whatever_a_block_says_the_walk_stays_inside_and_ends(
        packets in prop::collection::vec(laid(), 1..8),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u32>()), 1..12),
        length in any::<prop::sample::Index>(),
    ) {
        let mut bytes = block(&packets);
        for (at, value) in damage {
            // A word of a header, or any other.
            let at = at.index(bytes.len() / 4) * 4;
            bytes[at..at + 4].copy_from_slice(&value.to_ne_bytes());
        }
        bytes.truncate(length.index(bytes.len() + 1));
        let whole = place(&bytes);
        let mut count = 0;
        for packet in Packets::new(&bytes) {
            count += 1;
            let packet = place(packet.bytes);
            prop_assert!(packet.is_empty() || whole.start <= packet.start && packet.end <= whole.end);
        }
        prop_assert!(count <= bytes.len() / packet::LENGTH);
    }

    #[test]
    fn noise_is_no_packet_beyond_the_block(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let count = Packets::new(&bytes).count();
        prop_assert!(count <= bytes.len() / packet::LENGTH);
    }
}

#[test]
fn a_block_that_announces_more_than_it_has_tells_how_many_are_left() {
    let one = Laid { nanos: 1, bytes: vec![1, 2, 3], cut: 0, vlan: None, is_outgoing: false };
    let mut bytes = block(&[one.clone(), one]);
    bytes[block::PACKETS..][..4].copy_from_slice(&u32::MAX.to_ne_bytes());
    let mut packets = Packets::new(&bytes);
    assert_eq!(packets.by_ref().count(), 2);
    assert_eq!(packets.left(), u32::MAX - 2);
}

#[test]
fn a_packet_that_says_it_is_its_own_successor_comes_once() {
    let one = Laid { nanos: 1, bytes: vec![7; 60], cut: 0, vlan: None, is_outgoing: false };
    let mut bytes = block(&[one.clone(), one]);
    // Back to itself by wrapping round, and to the block's own descriptor.
    for (at, value) in [(block::LENGTH + packet::NEXT, u32::MAX), (block::FIRST, 0)] {
        bytes[at..at + 4].copy_from_slice(&value.to_ne_bytes());
        assert!(Packets::new(&bytes).count() <= 1);
    }
}
