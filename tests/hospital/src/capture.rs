//! Captures: packets in the order of their time, and the pcap format
//! (draft-ietf-opsawg-pcap, "PCAP Capture File Format").

use crate::length;

/// A captured packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// Nanoseconds since 1970, UTC.
    pub at: u64,
    /// The frame as far as it was captured.
    pub bytes: Vec<u8>,
    /// Its length on the wire.
    pub wire_length: usize,
}

impl Packet {
    /// A frame captured in full.
    pub fn new(at: u64, bytes: Vec<u8>) -> Self {
        Self { at, wire_length: bytes.len(), bytes }
    }

    /// Of the frame only the first bytes are captured.
    pub fn cut(&mut self, snaplen: usize) {
        self.bytes.truncate(snaplen);
    }
}

/// Puts the packets of several conversations into one order. Of packets at the same time the earlier conversation's
/// come first.
pub fn merge(conversations: impl IntoIterator<Item = Vec<Packet>>) -> Vec<Packet> {
    let mut packets: Vec<Packet> = conversations.into_iter().flatten().collect();
    packets.sort_by_key(|packet| packet.at);
    packets
}

/// What a tick of a time stamp is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Resolution {
    Microseconds,
    Nanoseconds,
}

/// The order of the bytes in the file's own fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum ByteOrder {
    Little,
    Big,
}

/// How to write a pcap file of Ethernet frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pcap {
    /// Of the time stamps.
    pub resolution: Resolution,
    /// Of the headers.
    pub byte_order: ByteOrder,
    /// Longest packet; longer ones are cut.
    pub snaplen: u32,
}

impl Default for Pcap {
    fn default() -> Self {
        Self { resolution: Resolution::Microseconds, byte_order: ByteOrder::Little, snaplen: 262_144 }
    }
}

impl Pcap {
    const ETHERNET: u32 = 1;

    /// The file.
    pub fn file(&self, packets: &[Packet]) -> Vec<u8> {
        let (magic, tick) = match self.resolution {
            Resolution::Microseconds => (0xa1b2_c3d4, 1_000),
            Resolution::Nanoseconds => (0xa1b2_3c4d, 1),
        };
        let mut file = self.u32(magic).to_vec();
        file.extend(match self.byte_order {
            ByteOrder::Little => [2, 0, 4, 0],
            ByteOrder::Big => [0, 2, 0, 4],
        });
        for field in [0, 0, self.snaplen, Self::ETHERNET] {
            file.extend(self.u32(field));
        }
        for packet in packets {
            let snaplen = usize::try_from(self.snaplen).expect("a length");
            let kept: Vec<u8> = packet.bytes.iter().copied().take(snaplen).collect();
            let seconds = u32::try_from(packet.at / 1_000_000_000).expect("a time before 2106");
            let fraction = u32::try_from(packet.at % 1_000_000_000 / tick).expect("less than a second");
            for field in [seconds, fraction, length(kept.len()), length(packet.wire_length)] {
                file.extend(self.u32(field));
            }
            file.extend(kept);
        }
        file
    }

    fn u32(&self, value: u32) -> [u8; 4] {
        match self.byte_order {
            ByteOrder::Little => value.to_le_bytes(),
            ByteOrder::Big => value.to_be_bytes(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packets() -> Vec<Packet> {
        let late = Packet::new(1_700_000_001_000_002_003, vec![7; 70]);
        let early = Packet::new(1_700_000_000_000_000_000, vec![8; 60]);
        merge([vec![late], vec![early]])
    }

    #[test]
    fn packets_come_in_the_order_of_their_time() {
        assert!(packets().is_sorted_by_key(|packet| packet.at));
    }

    #[test]
    fn all_four_kinds_of_header_are_written() {
        let magic = |resolution, byte_order| {
            let file = Pcap { resolution, byte_order, ..Pcap::default() }.file(&packets());
            assert_eq!(file.len(), 24 + 2 * 16 + 60 + 70);
            <[u8; 4]>::try_from(&file[..4]).unwrap()
        };
        assert_eq!(magic(Resolution::Microseconds, ByteOrder::Little), [0xd4, 0xc3, 0xb2, 0xa1]);
        assert_eq!(magic(Resolution::Microseconds, ByteOrder::Big), [0xa1, 0xb2, 0xc3, 0xd4]);
        assert_eq!(magic(Resolution::Nanoseconds, ByteOrder::Little), [0x4d, 0x3c, 0xb2, 0xa1]);
        assert_eq!(magic(Resolution::Nanoseconds, ByteOrder::Big), [0xa1, 0xb2, 0x3c, 0x4d]);
    }

    #[test]
    fn a_long_packet_is_cut_and_its_length_kept() {
        let file = Pcap { snaplen: 64, ..Pcap::default() }.file(&packets());
        assert_eq!(file.len(), 24 + 2 * 16 + 60 + 64);
        assert_eq!(file[24 + 16 + 60 + 8..][..8], [64, 0, 0, 0, 70, 0, 0, 0]);
    }
}
